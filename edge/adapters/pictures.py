"""Decodes pictures in a process of its own, which may die without harm to the site."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from edge.adapters.picture_worker import ANSWER, QUESTION
from edge.credentials.verdict import UnreadableError

_PATIENCE = 10
"""A machine with much to do takes so many times as long as the processor was used."""
_LARGEST_ANSWER = 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]


class PictureWorker:
    """Keeps one process that decodes (a :class:`edge.ports.PictureDecoder`), one picture at a time.

    The process starts with the first picture, ends by itself after some minutes without one, and
    is started again when there is a next. It is a new program and no copy of this one, so nothing
    of the site is in its memory.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def codes(self, picture: bytes, seconds: float) -> list[bytes]:
        """Give what the QR codes hold; :class:`UnreadableError` for none or if it dies."""
        with self._lock:
            found = self._ask(picture, seconds)
        if "problem" in found:
            raise UnreadableError(str(found["problem"]))
        return [base64.b64decode(code) for code in found["codes"]]

    def close(self) -> None:
        """End the process."""
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _ask(self, picture: bytes, seconds: float) -> Any:
        while True:
            fresh = self._process is None
            process = self._running()
            watch = threading.Timer(seconds * _PATIENCE, process.kill)
            watch.daemon = True
            watch.start()
            try:
                return _exchange(process, QUESTION.pack(seconds, len(picture)), picture)
            except (OSError, ValueError, EOFError):
                ended = self._end()
                # Without work for too long it ended of itself, just before this was asked.
                if fresh or ended != 0:
                    raise UnreadableError("The picture cannot be opened.") from None
            finally:
                watch.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "edge.adapters.picture_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": str(_ROOT)},
            )
        return self._process

    def _end(self) -> int:
        """Let go of the process; give what it ended with, 0: of itself."""
        process, self._process = self._process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _exchange(process: subprocess.Popen[bytes], head: bytes, picture: bytes) -> Any:
    """Ask and hear the answer; raises ``EOFError`` or ``OSError`` when the process has ended."""
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(head)
    process.stdin.write(picture)
    process.stdin.flush()
    (length,) = ANSWER.unpack(_read(process.stdout, ANSWER.size))
    if length > _LARGEST_ANSWER:
        process.kill()
        raise EOFError
    return json.loads(_read(process.stdout, length))


def _read(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
