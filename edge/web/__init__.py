"""The tablet's door: pages and the JSON API."""
