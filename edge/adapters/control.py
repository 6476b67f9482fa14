"""How a command asks the node that runs: over a socket in the data folder.

Only those who may read the folder reach it, and where the system tells who calls, only the node's
own user and root are heard. A question is a line of JSON with the files it speaks of, as open
descriptors; the answer is a line of JSON for each step of progress, and one at the end.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import socket
import struct
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from edge.domain.errors import BadInput, EdgeError, Unavailable

_FOLDER, _SOCKET = "control", "socket"
_LONGEST_PATH = 100
"""Bytes of a socket's path that every system takes."""
_LARGEST = 16 * 1024 * 1024
"""Bytes of a question: a campaign, and what stands around it."""
_MOST_FILES = 8
_AT_A_TIME = 4
_PATIENCE = 10.0
"""Seconds in which a question must be there."""
_PAUSE = 0.1
"""Seconds after a call that could not be taken."""

_log = logging.getLogger("divoc_edge.control")

Progress = Callable[[int], None]
Files = Sequence[tuple[str, Callable[[], BinaryIO]]]
"""Files by name, each with what opens it anew."""


Answering = Callable[[str, Mapping[str, Any], Files, Progress], dict[str, Any]]
"""Does what a command asks for: a task by its name, with its arguments; raises EdgeError."""


class Control:
    """Hears commands for a data folder whose lock this process holds, until it is closed."""

    def __init__(self, folder: Path, answering: Answering) -> None:
        self._answering = answering
        self._places = threading.Semaphore(_AT_A_TIME)
        inner = folder / _FOLDER
        inner.mkdir(mode=0o700, exist_ok=True)
        inner.chmod(0o700)
        self._path = inner / _SOCKET
        self._path.unlink(missing_ok=True)  # of a node that was killed
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _address(inner) as address:
            self._server.bind(address)
        self._server.listen(_AT_A_TIME)
        self._closed = threading.Event()
        threading.Thread(target=self._hear, name="control", daemon=True).start()

    def close(self) -> None:
        """Hear no more; what is being done is finished by whoever closes the journal."""
        self._closed.set()
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _hear(self) -> None:
        while not self._closed.is_set():
            try:
                line, _ = self._server.accept()
            except OSError:
                # no descriptor is free just now, or whoever called has gone: hear the next one
                self._closed.wait(_PAUSE)
                continue
            if not _trusted(line):
                line.close()
                continue
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, self._places, contextlib.suppress(OSError):
            line.settimeout(_PATIENCE)
            descriptors: list[int] = []
            try:
                question = _question(line, descriptors)
                line.settimeout(None)
                names = question.get("files", [])
                files = [
                    (str(name), partial(reopened, descriptor))
                    for name, descriptor in zip(names, descriptors, strict=True)
                ]
                done = self._answering(
                    question["task"], question["arguments"], files, partial(_tell, line)
                )
                _send(line, {"done": done})
            except EdgeError as error:
                _send(line, {"error": _error_document(error)})
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                _log.error(
                    "unexpected %s at %s:%s", type(error).__name__, place.filename, place.lineno
                )
                _send(line, {"error": _error_document(_broken())})
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)


@contextlib.contextmanager
def reached(folder: Path) -> Iterator[Caller | None]:
    """Call the node that runs over a data folder; None when none answers."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with line:
        try:
            with _address(folder / _FOLDER) as address:
                line.connect(address)
        except OSError:
            yield None
            return
        yield Caller(line)


class Caller:
    """A command's line to the node that runs."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def ask(
        self,
        task: str,
        arguments: Mapping[str, Any],
        files: Sequence[tuple[str, BinaryIO]] = (),
        progress: Progress = lambda _: None,
    ) -> dict[str, Any]:
        """Have a task done there and give its answer; raises what it was refused for."""
        question = {
            "task": task, "arguments": dict(arguments), "files": [name for name, _ in files],
        }  # fmt: skip
        text = json.dumps(question).encode() + b"\n"
        try:
            socket.send_fds(self._line, [text[:1]], [stream.fileno() for _, stream in files])
            self._line.sendall(text[1:])
            with self._line.makefile("rb") as answers:
                for answer in map(json.loads, answers):
                    if "done" in answer:
                        done: dict[str, Any] = answer["done"]
                        return done
                    if "error" in answer:
                        raise _error_of(answer["error"])
                    progress(answer["progress"])
        except (OSError, ValueError):
            pass
        raise Unavailable(
            "control.cut",
            "The site stopped while it did this.",
            hint="Start it, and try again: what was kept is not taken twice.",
        )


class _Shared(io.RawIOBase):
    """A descriptor that several read, each from a place of its own."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {
            io.SEEK_SET: 0,
            io.SEEK_CUR: self._place,
            io.SEEK_END: os.fstat(self._descriptor).st_size,
        }
        self._place = max(0, base[whence] + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        read = os.preadv(self._descriptor, [buffer], self._place)
        self._place += read
        return read


def reopened(descriptor: int) -> BinaryIO:
    """Read what a descriptor is open on, from its beginning, whoever else reads it."""
    return io.BufferedReader(_Shared(descriptor))


def _question(line: socket.socket, descriptors: list[int]) -> dict[str, Any]:
    text = b""
    while not text.endswith(b"\n"):
        piece, given, _, _ = socket.recv_fds(line, 65536, _MOST_FILES)
        descriptors += given
        text += piece
        if not piece or len(text) > _LARGEST:
            raise BadInput("control.question", "The question to the site cannot be read.")
    found: dict[str, Any] = json.loads(text)
    return found


def _tell(line: socket.socket, rows: int) -> None:
    # whoever asked may have gone: what was begun is finished all the same
    with contextlib.suppress(OSError):
        _send(line, {"progress": rows})


def _send(line: socket.socket, document: Mapping[str, Any]) -> None:
    line.sendall(json.dumps(document, default=str).encode() + b"\n")


def _trusted(line: socket.socket) -> bool:
    """Say whether who calls is the node's own user or root, where the system can tell."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, option, 12))
    return user in (0, os.geteuid())


@contextlib.contextmanager
def _address(inner: Path) -> Iterator[str]:
    """Give a socket's address in a folder, whose path may be longer than an address can be."""
    path = str(inner / _SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    descriptor = os.open(inner, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{_SOCKET}"
    finally:
        os.close(descriptor)


def _error_document(error: EdgeError) -> dict[str, Any]:
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "sentence": error.sentence,
        "hint": error.hint,
        "field": error.field,
        "values": {name: str(value) for name, value in error.values.items()},
    }


def _error_of(document: Mapping[str, Any]) -> EdgeError:
    kind = Unavailable if document["kind"] == "Unavailable" else BadInput
    return kind(
        document["code"],
        document["sentence"],
        hint=document["hint"],
        field=document["field"],
        **document["values"],
    )


def _broken() -> EdgeError:
    return EdgeError(
        "edge.unexpected",
        "Something went wrong on the site computer; nothing was saved.",
        hint="Try again, and call the technician if it happens again.",
    )
