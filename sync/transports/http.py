"""The registry over HTTP, through lines that are slow, cut, or not what they seem.

A request carries no more headers than HTTP/1.1 asks for: on a line of 4 kB/s they would weigh more
than a record.
"""

from __future__ import annotations

import io
import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from urllib3.util import SKIP_HEADER

from sync import frames
from sync.errors import LineError, ProtocolError, TransportError

if TYPE_CHECKING:
    from sync.transports import Line

_LARGEST_ANSWER = 8 * 1024 * 1024
_BUSY = (429, 502, 503, 504)


class HttpTransport:
    """Speaks to one registry; keeps its connection open between calls."""

    def __init__(self, url: str, line: Line) -> None:
        self._url = url.rstrip("/")
        self._line = line
        self._session = session = requests.Session()
        session.trust_env = False
        session.headers.clear()
        session.headers.update({"User-Agent": SKIP_HEADER, "Accept-Encoding": SKIP_HEADER})
        session.verify = line.authority or True
        self.authenticated = url.startswith("https://")

    def ask(self, path: str, body: bytes | None) -> Any:
        """Send a frame, or nothing, to a path below ``/v1``; the answer as JSON, opened."""
        response, content = self._call(f"/v1/{path}".rstrip("/"), body)
        if frames.is_frame(content):
            try:
                return frames.unpack(content)
            except ProtocolError as error:
                raise _cut() if error.code == "frame.cut" else _intercepted() from None
        media = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if media != "application/json":
            raise _intercepted()
        try:
            return json.loads(content)
        except ValueError:
            raise _cut() from None
        except RecursionError:
            raise _intercepted() from None

    def unchanged(self, node: str, tag: str) -> bool:
        """Ask in the fewest bytes whether everything stands as when the tag was given."""
        response, content = self._call(f"/v1/nodes/{node}?{tag}", None)
        return response.status_code == 200 and content == b""

    def _call(self, path: str, body: bytes | None) -> tuple[requests.Response, bytes]:
        try:
            response = self._session.request(
                "GET" if body is None else "POST",
                self._url + path,
                # A file is sent block by block, so that the time-out is for a line that stands
                # still and not for a slow one.
                data=None if body is None else io.BytesIO(body),
                timeout=(self._line.connect, self._line.idle),
                allow_redirects=False,
                stream=True,
            )
            # As it came: no coding was asked for, and a bomb is not to be opened.
            content = response.raw.read(_LARGEST_ANSWER + 1, decode_content=False)
        except requests.exceptions.SSLError:
            raise LineError(
                "registry.foreign-tls",
                "Something on the network answers in the place of the registry, with a"
                " certificate that is not the registry's. Nothing was sent.",
            ) from None
        except requests.exceptions.ConnectTimeout:
            raise _unreachable() from None
        except requests.exceptions.ReadTimeout:
            raise _silent() from None
        except (requests.RequestException, OSError, ValueError):
            raise _unreachable() from None
        except Exception as error:  # urllib3's own errors while the answer is read
            raise _cut() from error
        if response.status_code in _BUSY:
            raise TransportError(
                "registry.busy",
                "The national registry is busy.",
                retry_after=_seconds(response),
            )
        if len(content) > _LARGEST_ANSWER:
            raise _intercepted()
        return response, content


def _unreachable() -> LineError:
    return LineError("registry.unreachable", "The national registry cannot be reached.")


def _silent() -> LineError:
    return LineError("registry.silent", "The national registry was reached and then fell silent.")


def _cut() -> LineError:
    return LineError("registry.cut", "The line broke while the registry was answering.")


def _intercepted() -> LineError:
    return LineError(
        "registry.intercepted",
        "Something on the network answers in the place of the registry."
        " Perhaps a sign-in page: open a web page on this line.",
    )


def _seconds(response: requests.Response) -> float | None:
    """Read Retry-After (RFC 9110 section 10.2.3): seconds, or a date beside the answer's own."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return min(float(text), 3600.0)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        return min(max((until - now).total_seconds(), 0.0), 3600.0)
    except (ValueError, TypeError):
        return None
