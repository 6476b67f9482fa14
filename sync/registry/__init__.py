"""The national end: what nodes deliver to."""
