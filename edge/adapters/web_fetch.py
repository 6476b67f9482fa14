"""Fetches a file from the web, bounded in size and time; no error names the address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edge.domain.errors import Unavailable
from sync.bounded_files import SMALL, read_bounded

if TYPE_CHECKING:
    import requests

_SECONDS = (10.0, 30.0)
"""To connect, and between two bytes."""
_IN_ALL = 120.0
"""Seconds for all of it, from connecting to the last byte."""
_LARGEST = 16 * 1024**2
_PIECE = 64 * 1024


def fetch(url: str, token_file: str = "") -> bytes:
    """Fetch a file; ``token_file`` holds the secret of ``Authorization: Bearer``, or there is none.

    Raises :class:`Unavailable` for no line, another answer than 200, and one that is too large.
    """
    import requests
    from urllib3.exceptions import HTTPError

    from sync.timed_session import TimedSession

    headers = {"Authorization": f"Bearer {_token(token_file)}"} if token_file else {}
    session = TimedSession(_IN_ALL)  # no secret of the machine's own goes along
    try:
        with session:
            answer = session.get(
                url, headers=headers, timeout=_SECONDS, stream=True, allow_redirects=False
            )
            if answer.status_code != requests.codes.ok:
                raise Unavailable(
                    "fetch.status",
                    "It answers with {status}.",
                    hint="Ask those who run it; 401 and 403 are about the token.",
                    status=answer.status_code,
                )
            found = _body(answer)
    except (requests.RequestException, HTTPError) as error:
        if session.over:
            raise _slow() from None
        raise Unavailable(
            "fetch.line",
            "It cannot be reached ({fault}).",
            hint="It is tried again by itself.",
            fault=type(error).__name__,
        ) from None
    if session.over:
        raise _slow()
    return found


def _body(answer: requests.Response) -> bytes:
    found = bytearray()
    while piece := answer.raw.read1(_PIECE, decode_content=True):  # as soon as anything is there
        found += piece
        if len(found) > _LARGEST:
            raise Unavailable(
                "fetch.large",
                "Its answer is larger than 16 MB.",
                hint="Ask for fewer days: the setting days.",
            )
    announced = answer.headers.get("Content-Length", "")
    if (
        announced.isdecimal()
        and "Content-Encoding" not in answer.headers
        and len(found) < int(announced)
    ):
        raise Unavailable("fetch.cut", "Its answer broke off.", hint="It is tried again by itself.")
    return bytes(found)


def _slow() -> Unavailable:
    return Unavailable(
        "fetch.slow", "Its answer takes too long.", hint="It is tried again by itself."
    )


def _token(path: str) -> str:
    try:
        return read_bounded(Path(path), SMALL).decode("ascii").strip()
    except (OSError, ValueError):
        raise Unavailable(
            "fetch.token",
            "The file of its token cannot be read.",
            hint="Look at token_file in site.toml.",
        ) from None
