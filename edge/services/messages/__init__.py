"""What people are told: which message is for whom, when it goes, and what became of it."""
