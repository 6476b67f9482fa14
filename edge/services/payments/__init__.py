"""Who pays for a dose, and the cash that is taken: asked before, recorded with it, counted."""
