"""Takes in what others wrote: DIVOC's tables, deliveries of vaccine.

Each row becomes its own entry, and is found again by what it says, so importing a file again, or a
longer edition of it, adds only what is new, however the file is called.
"""
