"""The registry over HTTP, through lines that are slow, cut, or not what they seem.

A request carries no more headers than HTTP/1.1 asks for: on a line of 4 kB/s they would weigh more
than a record.
"""

from __future__ import annotations

import io
import json
import socket
import ssl
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ProtocolError as ConnectionBroken
from urllib3.util import SKIP_HEADER

from sync.protocol import frames
from sync.protocol.errors import LineError, ProtocolError, TransportError

if TYPE_CHECKING:
    from sync.site.transports import LineOptions

_LARGEST_ANSWER = 8 * 1024 * 1024
_TIMED_OUT = 504
_BUSY = (429, 502, 503, _TIMED_OUT)
_CONNECT = 10.0
"""Seconds to be connected in: one that was lost is asked for again after 1, 3 and 7 of them."""
_UNSENT = 16 * 1024
"""Bytes that the kernel may hold and not have sent: what waits in there is not seen to move."""


class HttpTransport:
    """Speaks to one registry; keeps its connection open between calls."""

    def __init__(self, url: str, line: LineOptions) -> None:
        self._url = url.rstrip("/")
        self._line = line
        self._session = session = requests.Session()
        session.trust_env = False
        session.mount("http://", _Adapter())
        session.mount("https://", _Adapter())
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

    def unchanged(self, path: str) -> bool:
        """Ask in the fewest bytes whether everything stands as when the path's tag was given."""
        response, content = self._call(f"/v1/{path}", None)
        return response.status_code == 200 and content == b""

    def _call(self, path: str, body: bytes | None) -> tuple[requests.Response, bytes]:
        try:
            response = self._session.request(
                "GET" if body is None else "POST",
                self._url + path,
                # A file is sent block by block, so that the time-out is for a line that stands
                # still and not for a slow one.
                data=None if body is None else io.BytesIO(body),
                timeout=self._line.idle,
                allow_redirects=False,
                stream=True,
            )
            # As it came: no coding was asked for, and a bomb is not to be opened.
            content = response.raw.read(_LARGEST_ANSWER + 1, decode_content=False)
        except requests.exceptions.SSLError as error:
            raise _cut() if _ended(error) else _foreign() from None
        except requests.exceptions.ConnectTimeout:
            raise _unreachable() from None
        except requests.exceptions.ReadTimeout:
            raise _silent() from None
        except (requests.RequestException, OSError, ValueError) as error:
            raise _broken(error) from None
        except Exception as error:  # urllib3's own errors while the answer is read
            raise _cut() from error
        if len(content) > _LARGEST_ANSWER:
            response.close()  # else the rest of it, which has no end, stays on its way
            raise _intercepted()
        if response.status_code in _BUSY:
            raise TransportError(
                "registry.busy",
                "The national registry is busy.",
                retry_after=_seconds(response),
                too_much=response.status_code == _TIMED_OUT,
            )
        return response, content


class _Unhurried(HTTPConnection):
    """Is given as long for each block that it sends as for an answer.

    urllib3 would have it send in the time for connecting (psf/requests issue 5263), and cut off a
    batch that takes longer on a slow line.
    """

    def _new_conn(self) -> socket.socket:
        patience = self.timeout
        self.timeout = _CONNECT if patience is None else min(patience, _CONNECT)
        try:
            made = super()._new_conn()
        finally:
            self.timeout = patience
        made.settimeout(patience)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        return made


class _UnhurriedTls(_Unhurried, HTTPSConnection):
    """The same under TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Unhurried


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _UnhurriedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def _ended(error: requests.exceptions.SSLError) -> bool:
    """Say whether the line broke under TLS: that proves nothing of who is at its other end."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    cause = reason.args[0] if reason is not None and reason.args else None
    return isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)


def _foreign() -> LineError:
    return LineError(
        "registry.foreign-tls",
        "Something on the network answers in the place of the registry, with a"
        " certificate that is not the registry's. Nothing was sent.",
    )


def _broken(error: Exception) -> LineError:
    """Say how a line ended that had been there, or that none came about."""
    cause = error.args[0] if error.args else None
    if not isinstance(cause, ConnectionBroken):
        return _unreachable()
    return _silent() if isinstance(cause.args[-1], TimeoutError) else _cut()


def _unreachable() -> LineError:
    return LineError("registry.unreachable", "The national registry cannot be reached.")


def _silent() -> LineError:
    return LineError(
        "registry.silent", "The national registry was reached and then fell silent.", too_much=True
    )


def _cut() -> LineError:
    return LineError("registry.cut", "The line to the national registry broke.", too_much=True)


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
