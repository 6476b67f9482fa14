"""Whether a request comes from our own pages, for the sites' and the registry's applications."""

from __future__ import annotations

import re

from werkzeug.wrappers import Request

REFERRER_POLICY = "same-origin"
"""What our pages must be sent with. Under ``no-referrer`` a browser writes ``Origin: null`` on the
forms of our own pages, and over plain HTTP, where it sends no ``Sec-Fetch-Site``, nothing else."""

_SAFE = frozenset({"GET", "HEAD"})
_LAN_NAME = re.compile(r"[A-Za-z0-9_.-]+(:[0-9]{1,5})?")
_USUAL_PORTS = {"http": ":80", "https": ":443"}
_OWN_SITES = frozenset({"same-origin", "none"})
"""``none``: the person did it, not a page (https://www.w3.org/TR/fetch-metadata/)."""


def from_another_page(asked: Request) -> bool:
    """Say whether a change may have been asked for by another site's page with our cookie.

    ``Sec-Fetch-Site``, ``Origin`` and ``Referer`` must each be ours where they are there: scheme,
    host and port as the browser writes them (https://www.rfc-editor.org/rfc/rfc6454#section-6.2).
    A request with none of them is a program's: no browser of today sends a form without. A bearer
    token is never added by a browser itself, so with one the rest does not matter.
    """
    headers = asked.headers
    if asked.method in _SAFE or headers.get("Authorization", "").startswith("Bearer "):
        return False
    site, origin, page = (headers.get(name) for name in ("Sec-Fetch-Site", "Origin", "Referer"))
    own = _own_origin(asked)
    return (
        (site is not None and site not in _OWN_SITES)
        or (origin is not None and origin != own)
        or (page is not None and not f"{page}/".startswith(f"{own}/"))
    )


def _own_origin(asked: Request) -> str:
    """Write our origin as a browser does that asked for the ``Host`` it sent.

    A name that no DNS has, such as ``CLINIC_PC``, is one on a LAN, and werkzeug takes it for none.
    """
    host = asked.host
    if not host and _LAN_NAME.fullmatch(named := asked.headers.get("Host", "")):
        host = named.removesuffix(_USUAL_PORTS.get(asked.scheme, ""))
    return f"{asked.scheme}://{host}".lower()
