"""Doses: given here, told by others, called back for; and the vaccine they are taken from."""
