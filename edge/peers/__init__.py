"""The systems of a country in software, which behave or misbehave: for demonstrations and tests.

None of them is part of a site.
"""
