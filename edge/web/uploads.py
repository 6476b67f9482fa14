"""How much of a request is read, and from whom: before any of it is in memory."""

from __future__ import annotations

from flask import Flask, g, request

from edge.services.admission import Asker
from edge.web.backend import Backend
from edge.web.device_key import staff_at_device
from edge.web.routes import ROUTES
from sync.web.serving import Limits
from sync.web.uploads import InMemoryRequest

LARGEST = 8 * 1024 * 1024
"""Bytes. A photograph of a certificate is the largest thing anybody sends."""
LIMITS = Limits(body=LARGEST, held=3 * LARGEST)
"""Of the site's server: a nurse's picture finds room beside two of guests."""
SMALL = 512 * 1024
"""Bytes of everything else: a form with a certificate has 64 kB, a frame of the camera 200."""
_WITH_PICTURES = frozenset(
    {
        "pages.verify",
        "pages.calibration",
        "pages.imports",
        *(f"api-{route.method}-{route.path}" for route in ROUTES if route.body is bytes),
    }
)
"""Endpoints that take pictures."""


def asker_of(backend: Backend) -> Asker:
    """Say who asks: the address, and whether somebody is signed in."""
    return Asker(request.remote_addr or "", staff_at_device(backend) is not None)


def limit_uploads(app: Flask, backend: Backend) -> None:
    """Refuse what is too large for its place; of large pictures a few are in memory at a time."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.request_class = InMemoryRequest

    @app.before_request
    def enter() -> None:
        length = request.content_length
        if request.endpoint not in _WITH_PICTURES or (length is not None and length <= SMALL):
            request.max_content_length = SMALL
            return
        asker = asker_of(backend)
        backend.pictures.uploads.take(asker)
        g.uploader = asker

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        asker = g.pop("uploader", None)
        if asker is not None:
            backend.pictures.uploads.give_back(asker)
