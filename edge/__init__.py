"""The node: a vaccination site's own server."""
