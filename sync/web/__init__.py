"""What the site's and the registry's web applications share."""
