"""Ways in which staff say who they are."""
