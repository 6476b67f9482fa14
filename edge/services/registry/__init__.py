"""The registry: what is delivered to it, and what it tells this site."""
