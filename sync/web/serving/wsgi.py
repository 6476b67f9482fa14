"""Between HTTP and a WSGI application (PEP 3333): its environment, and its answer in pieces."""

from __future__ import annotations

import io
import ipaddress
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

_log = logging.getLogger("divoc.serving")
_PIECE = 256 * 1024
"""Bytes that are made of a long answer before what was made is sent."""
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "upgrade"}
"""Headers that are the server's to write."""


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BadForwarding(ValueError):
    """The proxy that is believed named no address."""


@dataclass(frozen=True, slots=True)
class Head:
    """A request's line and headers: names in lower case, each once; ``path`` and ``query`` raw."""

    method: str
    path: bytes
    query: str
    version: str
    headers: Mapping[str, str]


NO_HEAD = Head("", b"", "", "", {})
"""Of a request that has not come yet."""


def head_of(
    method: bytes, target: bytes, version: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> Head:
    """Read what the parser found. Names with ``_`` are left out: a proxy may not know them."""
    joined: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        if "_" not in name:
            between = "; " if name == "cookie" else ", "
            joined[name] = f"{joined[name]}{between}{text}" if name in joined else text
    if not target.startswith(b"/"):
        scheme, absolute, rest = target.partition(b"://")
        if absolute and scheme.lower() in (b"http", b"https"):
            target = b"/" + rest.partition(b"/")[2]
    path, _, query = target.partition(b"#")[0].partition(b"?")
    if path.startswith(b"//"):
        path = b"/" + path.lstrip(b"/")
    return Head(
        method.decode("latin-1"), path, query.decode("latin-1"), version.decode("latin-1"), joined
    )


def is_ambiguous(head: Head) -> bool:
    """Say whether a proxy may take something else for the request, or for the end of it.

    Two lengths at once, chunks before HTTP had them, another HTTP, a target that is no path
    (https://www.rfc-editor.org/rfc/rfc9112#section-6.1, #section-3.2).
    """
    chunked = "transfer-encoding" in head.headers
    return (
        (chunked and ("content-length" in head.headers or head.version == "1.0"))
        or not head.version.startswith("1.")
        or not (head.path.startswith(b"/") or (head.method == "OPTIONS" and head.path == b"*"))
    )


def sender(head: Head, peer: str, scheme: str, trusted: str) -> tuple[str, str]:
    """Say who asks and by which scheme: what the proxy says, if it is the one that is believed.

    Raises :class:`BadForwarding`.
    """
    if not trusted or peer != trusted:
        return peer, scheme
    forwarded = head.headers.get("x-forwarded-for", "").rpartition(",")[2].strip().strip('"')
    if forwarded:
        try:
            peer = str(ipaddress.ip_address(_without_port(forwarded)))
        except ValueError:
            raise BadForwarding from None
    told = head.headers.get("x-forwarded-proto", "").strip().lower()
    return peer, told if told in ("http", "https") else scheme


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def environ(
    head: Head, body: io.BytesIO, size: int, client: str, scheme: str, port: int
) -> dict[str, Any]:
    """Make the environment; ``size`` bytes of ``body`` are there, at its beginning."""
    made: dict[str, Any] = {
        "REMOTE_ADDR": client,
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1"),
        "QUERY_STRING": head.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{head.version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in head.headers.items():
        if name == "content-type":
            made["CONTENT_TYPE"] = value
        elif not name.startswith("x-forwarded-") and name not in (
            "content-length",
            "transfer-encoding",
        ):
            made["HTTP_" + name.upper().replace("-", "_")] = value
    if "content-length" in head.headers or "transfer-encoding" in head.headers:
        made["CONTENT_LENGTH"] = str(size)
    return made


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer; ``status`` and ``headers`` with the first, None if it failed."""

    data: bytes = b""
    last: bool = True
    status: tuple[int, bytes] | None = None
    headers: Sequence[tuple[bytes, bytes]] = ()
    failed: bool = False


class Exchange:
    """Has an application answer one request; each call belongs to a thread that may wait.

    A long answer is made as fast as it is taken: between two pieces it holds no thread, and the
    next may be made in another.
    """

    def __init__(self, application: Application, made: dict[str, Any]) -> None:
        self._application, self._environ = application, made
        self._found: Iterable[bytes] | None = None
        self._parts: Iterator[bytes] = iter(())
        self._written: list[bytes] = []
        self._status: tuple[int, bytes] | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._begun = self._told = self._cancelled = False

    def cancel(self) -> None:
        """Have nothing more made; from any thread."""
        self._cancelled = True

    @property
    def is_open(self) -> bool:
        """Say whether the application has something to put away; while no thread works on it."""
        return self._found is not None

    def go_on(self) -> Piece:
        """Make the next piece."""
        if self._cancelled:
            self.close()
            return Piece(failed=True)
        try:
            if not self._begun:
                self._begun = True
                self._found = self._application(self._environ, self._start)
                self._environ = {}
                self._parts = iter(self._found)
            data, last = self._gathered()
            if last:
                self.close()
            if self._told:
                return Piece(data, last)
            if self._status is None:
                raise RuntimeError("the application gave no status")
            self._told = True
            return Piece(data, last, self._status, self._headers)
        except BaseException as error:  # whatever it is, the thread is needed on
            self.close()
            _log.error("unexpected %s", where(error))
            return Piece(failed=True)

    def close(self) -> None:
        """Let the application put away what it answered from."""
        found, self._found, self._parts = self._found, None, iter(())
        close = getattr(found, "close", None)
        if close is not None:
            try:
                close()
            except Exception as error:
                _log.error("unexpected %s", where(error))

    def _gathered(self) -> tuple[bytes, bool]:
        """Take parts until they are enough; one more is looked for, so that the last is known."""
        size = sum(map(len, self._written))
        for part in self._parts:
            if size >= _PIECE:
                data = self._taken()
                self._written.append(part)
                return data, False
            self._written.append(part)
            size += len(part)
        return self._taken(), True

    def _taken(self) -> bytes:
        parts, self._written = self._written, []
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _start(
        self, status: str, headers: Sequence[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if self._told and exc_info is not None:
            raise exc_info[1]
        number, _, reason = status.partition(" ")
        self._status = int(number), reason.encode("latin-1")
        self._headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
            if name.lower() not in _OF_THE_CONNECTION
        ]
        return self._written.append


def where(error: BaseException) -> str:
    """Say of what kind an error is and where it arose; what it says may be personal."""
    found = traceback.extract_tb(error.__traceback__)
    place = f" at {found[-1].filename}:{found[-1].lineno}" if found else ""
    return type(error).__name__ + place
