"""Fetches what an identity provider says: bounded in time and size, without following anybody."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from sync.protocol.errors import ProtocolError
from sync.timed_session import TimedSession

_MOST = 256 * 1024
_CHUNK = 16 * 1024


class BoundedFetch:
    """Gets and posts by HTTPS; all that one question takes together ends after ``seconds``.

    ``authority`` is a PEM file of the only authority to believe, or empty for the system's.
    """

    def __init__(self, seconds: float, authority: str = "") -> None:
        self._seconds = seconds
        self._verify: bool | str = authority or True

    def __call__(self, address: str, form: Mapping[str, str] | None) -> tuple[int, bytes]:
        """Give status and body; raises ``openid.line`` where there is no answer in time."""
        try:
            with TimedSession(self._seconds) as session:
                response = session.request(
                    "GET" if form is None else "POST",
                    address,
                    data=form,
                    headers={"Accept": "application/json"},
                    timeout=self._seconds,
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                )
                body = b""
                for chunk in response.iter_content(_CHUNK):
                    body += chunk
                    if len(body) > _MOST:
                        raise _away()
        except (requests.RequestException, OSError, ValueError):
            raise _away() from None
        if session.over or response.status_code >= 500:
            raise _away()
        return response.status_code, body


def _away() -> ProtocolError:
    return ProtocolError("openid.line", "The identity provider cannot be reached.", temporary=True)
