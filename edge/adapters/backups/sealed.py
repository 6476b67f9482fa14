"""A backup's bytes: a tar under age (age-encryption.org/v1), written and read as a stream.

Whoever has the right identity can open one without this program: ``age -d FILE | tar t``.
"""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import pyrage

from edge.adapters.backups.manifest import damaged
from edge.domain.errors import BadInput

_PIECE = 256 * 1024
_BLOCK = tarfile.BLOCKSIZE
Recipient: TypeAlias = pyrage.x25519.Recipient | pyrage.ssh.Recipient
Identity: TypeAlias = pyrage.x25519.Identity | pyrage.ssh.Identity


@dataclass(frozen=True, slots=True)
class Member:
    """A file that goes into a backup: its name there, and its content or where that lies."""

    name: str
    content: bytes | Path

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def pieces(self) -> Iterator[bytes]:
        """Read it piece by piece."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a stream that is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._left:
            try:
                self._left = next(self._pieces)
            except StopIteration:
                return 0
        taken = self._left[: len(target)]
        target[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)


def write_sealed(file: BinaryIO, members: list[Member], recipients: list[Recipient]) -> None:
    """Write members into a file, sealed to recipients, the first member first."""
    failed: list[OSError] = []  # pyrage tells of an error of ours by its text alone
    try:
        pyrage.encrypt_io(_Pieces(_told(_tar(members), failed)), _Watched(file, failed), recipients)
    except pyrage.EncryptError as error:
        raise (failed[0] if failed else OSError(str(error))) from error


class _Watched:
    """A file that remembers why it did not take something."""

    def __init__(self, file: BinaryIO, failed: list[OSError]) -> None:
        self._file, self._failed = file, failed

    def write(self, piece: bytes) -> int:
        try:
            return self._file.write(piece)
        except OSError as error:
            self._failed.append(error)
            raise

    def flush(self) -> None:
        self._file.flush()


def _told(pieces: Iterator[bytes], failed: list[OSError]) -> Iterator[bytes]:
    try:
        yield from pieces
    except OSError as error:
        failed.append(error)
        raise


def _tar(members: list[Member]) -> Iterator[bytes]:
    for member in members:
        about = tarfile.TarInfo(member.name)
        about.size, about.mode = member.size, 0o600
        yield about.tobuf(tarfile.PAX_FORMAT)
        written = 0
        for piece in member.pieces():
            written += len(piece)
            yield piece
        if written != about.size:
            raise OSError(f"{member.name} changed while it was copied")
        yield b"\0" * (-written % _BLOCK)
    yield b"\0" * (2 * _BLOCK)


def read_sealed(
    path: Path, identities: list[Identity], take: Callable[[str, BinaryIO], None]
) -> None:
    """Open a backup and hand over each member in turn; nothing of it is written on the way.

    Raises :class:`BadInput` for one that none of the identities opens, and :class:`EdgeError`
    ``backup.damaged`` for one that is not whole; ``take`` may have had some members by then.
    """
    with path.open("rb") as begun:
        if begun.read(len(_MAGIC)) != _MAGIC:
            raise damaged()
    inward, outward = os.pipe()
    failed: list[BaseException] = []

    def decrypt() -> None:
        with path.open("rb") as sealed, os.fdopen(outward, "wb") as opened:
            try:
                pyrage.decrypt_io(sealed, opened, identities)
            except BaseException as error:
                failed.append(error)
            with contextlib.suppress(OSError):
                opened.flush()

    thread = threading.Thread(target=decrypt, name="backup")
    thread.start()
    try:
        with os.fdopen(inward, "rb") as stream:
            try:
                _hand_over(stream, take)
            finally:
                while stream.read(_PIECE):
                    pass
    except (tarfile.TarError, EOFError):
        thread.join()
        raise _reason(failed) from None
    finally:
        thread.join()
    if failed:
        raise _reason(failed)


def _hand_over(stream: BinaryIO, take: Callable[[str, BinaryIO], None]) -> None:
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise damaged()
            take(member.name, content)  # type: ignore[arg-type]


def _reason(failed: list[BaseException]) -> Exception:
    if failed and "No matching keys" in str(failed[0]):
        return BadInput(
            "backup.other-key",
            "This key does not open this backup.",
            hint="Take the recovery key that the site had when the backup was made.",
        )
    return damaged()


_MAGIC = b"age-encryption.org/v1\n"
