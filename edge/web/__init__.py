"""The site's web application: pages for tablets, and the JSON API."""
