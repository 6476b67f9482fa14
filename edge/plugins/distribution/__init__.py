"""Ways to bring certificates and messages to a person."""
