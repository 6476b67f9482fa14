"""Heads of answers, as h11 takes them."""

from __future__ import annotations

from email.utils import formatdate

import h11

from sync.web.serving.refusals import ServerRefusal
from sync.web.serving.wsgi import Piece
from sync.web.unkept import UNKEPT

BODILESS = (204, 304)
_REASONS = {
    400: b"Bad Request",
    405: b"Method Not Allowed",
    413: b"Content Too Large",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
    503: b"Service Unavailable",
}


def head_of_answer(piece: Piece) -> h11.Response:
    """Make the head of an application's answer: nothing is added but what HTTP asks for."""
    status, reason = piece.status or (500, b"")
    headers = list(piece.headers)
    names = {name.lower() for name, _ in headers}
    if b"date" not in names:
        headers.append((b"Date", _now()))
    if b"content-length" not in names and piece.last and status not in BODILESS:
        headers.append((b"Content-Length", str(len(piece.data)).encode()))
    return h11.Response(status_code=status, reason=reason, headers=headers)


def head_of_refusal(refusal: ServerRefusal, media: str, size: int) -> h11.Response:
    """Make the head of a refusal, behind which the connection ends."""
    headers = [
        (b"Content-Type", media.encode()),
        (b"Content-Length", str(size).encode()),
        (b"Date", _now()),
        (b"Connection", b"close"),
        *((name.encode(), value.encode()) for name, value in UNKEPT.items()),
    ]
    if refusal.retry_after:
        headers.append((b"Retry-After", str(refusal.retry_after).encode()))
    return h11.Response(
        status_code=refusal.status, reason=_REASONS[refusal.status], headers=headers
    )


def _now() -> bytes:
    return formatdate(usegmt=True).encode()
