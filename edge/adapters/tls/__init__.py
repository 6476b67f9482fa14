"""TLS on the LAN: the site's own authority, and the certificate that the site shows."""
