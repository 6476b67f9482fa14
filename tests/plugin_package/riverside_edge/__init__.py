# riverside_edge/__init__.py
"""What the Riverside clinic adds to its DIVOC Edge."""
