"""What tells tablets how to trust the site: the one thing that plain HTTP is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response, make_response, request

from edge.adapters.addresses import url
from edge.adapters.tls.profile import authority_der, authority_pem, authority_profile
from edge.adapters.tls.site_tls import SiteTls, fingerprint
from edge.domain.errors import NotFound
from edge.web.answers import ProblemAnswer
from edge.web.context import Context
from edge.web.visit import Answer, draw
from sync.web.translations import choose

_PLATFORMS: Mapping[str, str] = {
    "CrOS": "chromebook",
    "Android": "android",
    "iPad": "ipad",
    "iPhone": "ipad",
    "Macintosh": "ipad",  # what an iPad says of itself
    "Windows": "windows",
}
"""What browsers say of their system, and whose steps are open on the page at first."""


@dataclass(frozen=True, slots=True)
class TrustFile:
    """A form of the authority's certificate: its media type, and what makes it."""

    media: str
    make: Callable[..., bytes]


TRUST_FILES: Mapping[str, TrustFile] = {
    "site.crt": TrustFile("application/x-x509-ca-cert", authority_der),
    "site.pem": TrustFile("application/x-pem-file", authority_pem),
    "site.mobileconfig": TrustFile("application/x-apple-aspen-config", authority_profile),
}


def trust(context: Context) -> Answer:
    """Tell how a tablet comes to trust this site."""
    return trust_page(context)


def trust_page(context: Context, problem: ProblemAnswer | None = None) -> Response:
    """Draw that page, with what was wrong about a request that is none for it."""
    tls = _tls(context)
    agent = request.headers.get("User-Agent", "")
    language = choose(
        context.languages,
        request.args.get("language", ""),
        request.headers.get("Accept-Language", ""),
    )
    drawn = draw(
        "trust.html",
        language,
        context.backend,
        problem=problem,
        fingerprint=fingerprint(tls.authority()),
        host=tls.host,
        address=url("https", tls.host, context.backend.port),
        platform=next((its for sign, its in _PLATFORMS.items() if sign in agent), ""),
        languages=list(context.languages.values()),
    )
    return make_response(drawn)


def trust_file(context: Context, name: str) -> Answer:
    """Give the authority's certificate in one of its forms."""
    file = TRUST_FILES.get(name)
    if file is None:
        raise NotFound("page.unknown", "There is no such page.")
    tls = _tls(context)
    response = Response(file.make(tls.authority()), mimetype=file.media)
    bare = tls.host.removesuffix(".local")
    response.headers["Content-Disposition"] = f'attachment; filename="{bare}{name[4:]}"'
    return response


def _tls(context: Context) -> SiteTls:
    tls = context.backend.tls
    if tls is None:
        raise NotFound("page.unknown", "There is no such page.")
    return tls
