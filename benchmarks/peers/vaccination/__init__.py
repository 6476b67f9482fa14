"""The Django application of the Morango contender."""
