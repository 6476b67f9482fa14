"""Numbers and papers that say who somebody is."""
