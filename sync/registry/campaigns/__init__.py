"""The ministry's side of a signed campaign: its keys, and the folder that they sign."""
