"""What a vaccination is, and the decisions about it: pure, no clock, no database, no network."""
