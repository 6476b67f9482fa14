"""Who pays for a dose, and how."""
