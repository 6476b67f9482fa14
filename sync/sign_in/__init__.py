"""What both ends know of signing in: passkeys (WebAuthn), identity providers (OpenID Connect)."""
