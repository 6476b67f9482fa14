"""What every answer says of itself, for the sites' and the registry's applications and server."""

from __future__ import annotations

from collections.abc import Mapping

UNKEPT: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Nothing is taken for another type than it says (https://fetch.spec.whatwg.org/#nosniff), and no
browser or proxy keeps it (RFC 9111, section 5.2.2.5)."""
