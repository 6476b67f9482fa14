"""The registry over HTTP, through lines that are slow, cut, or not what they seem."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from sync.errors import TransportError
from sync.protocol import MEDIA_TYPE

_CONNECT, _IDLE = 10.0, 60.0
"""Seconds to be connected, and without a byte: a slow line is not a dead one."""
_LARGEST_ANSWER = 4 * 1024 * 1024


class HttpTransport:
    """Speaks to one registry; keeps its connection open between calls."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def enrol(self, enrolment: Mapping[str, str]) -> Any:
        """Introduce the node."""
        return self._call(
            "POST", "/v1/enrol", json.dumps(dict(enrolment)).encode(), "application/json"
        )

    def deliver(self, node: str, batch: bytes) -> Any:
        """Hand over a batch."""
        return self._call("POST", f"/v1/nodes/{node}/batches", batch, MEDIA_TYPE)

    def heads(self, node: str) -> Any:
        """Ask what the registry holds of a node."""
        return self._call("GET", f"/v1/nodes/{node}/heads", None, None)

    def _call(self, method: str, path: str, body: bytes | None, media: str | None) -> Any:
        headers = {"Content-Type": media} if media else {}
        try:
            response = self._session.request(
                method,
                self._url + path,
                data=body,
                headers=headers,
                timeout=(_CONNECT, _IDLE),
                allow_redirects=False,
                stream=True,
            )
            content = response.raw.read(_LARGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, OSError, ValueError):
            raise TransportError(
                "registry.unreachable", "The national registry cannot be reached."
            ) from None
        except Exception as error:  # urllib3's own errors while the answer is read
            raise TransportError(
                "registry.cut", "The line broke while the registry was answering."
            ) from error
        return self._answer(response, content)

    def _answer(self, response: requests.Response, content: bytes) -> Any:
        media = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if response.status_code in (429, 502, 503, 504):
            raise TransportError(
                "registry.busy",
                "The national registry is busy.",
                retry_after=_seconds(response.headers.get("Retry-After", "")),
            )
        if media != "application/json" or len(content) > _LARGEST_ANSWER:
            raise TransportError(
                "registry.intercepted",
                "Something on the network answers in the place of the registry."
                " Perhaps a sign-in page: open a web page on this line.",
            )
        try:
            return json.loads(content)
        except ValueError:
            raise TransportError(
                "registry.cut", "The line broke while the registry was answering."
            ) from None


def _seconds(text: str) -> float | None:
    return min(float(text), 3600.0) if text.isdigit() else None
