"""A country's systems: identity, payment, distribution and sign-in, a contract and a table each.

What is asked of a country's own package is what is asked of the project's own. Nothing here is
called inside a unit of work: a plug-in is asked before, and its answer is a value in the command,
or after, by what follows the journal.
"""
