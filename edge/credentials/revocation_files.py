"""Revocation lists as the world publishes them: DCC batches, SHC card lists, DIVOC rows, ours."""

from __future__ import annotations

import base64
import csv
import errno
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.credentials.revocation import ROW
from edge.domain.errors import BadInput
from sync.bounded_files import read_bounded_text
from sync.protocol.instants import in_utc
from sync.protocol.list_keys import KEY_BYTES, dcc_key, divoc_key, shc_key

OURS = "divoc-edge revocations"
_LONGEST_LINE = 4096
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a list that stands in memory whole; ours is read line by line."""
_HASH_TYPES = ("UCI", "COUNTRYCODEUCI", "SIGNATURE")


@dataclass(frozen=True, slots=True)
class RevocationKeys:
    """One entry: its key, and before which moment a certificate must be issued to be meant."""

    key: bytes
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevocationFile:
    """A list: whose certificates it is about (``scopes``), of which moment, and its entries.

    ``issued_at`` None: the file does not say; the moment of its import counts. ``entries`` of a
    list of ours are read while they are gone through; a cut file raises :class:`BadInput` then.
    """

    scopes: tuple[str, ...]
    issued_at: datetime | None
    entries: Iterable[RevocationKeys]


def read_revocations(path: Path, issuer: str = "") -> RevocationFile:
    """Read a revocation list; ``issuer`` is a DID, for DIVOC's rows, which do not say whose.

    Raises :class:`BadInput` naming what is wrong.
    """
    ours = _ours(path)
    if ours is not None:
        return ours
    try:
        text = read_bounded_text(path, LARGEST_FILE)
    except (OSError, UnicodeDecodeError) as error:
        large = isinstance(error, OSError) and error.errno == errno.EFBIG
        raise _wrong(path, "is larger than 64 MB" if large else "cannot be read as text") from None
    if text.lstrip()[:1] not in ("{", "["):
        table = csv.DictReader(io.StringIO(text))
        if not set(ROW) <= set(table.fieldnames or ()):  # else any text would be an empty list
            raise _wrong(path, "lacks one of the columns " + ", ".join(ROW))
        try:
            return _file(path, [f"divoc:{issuer}"], None, _rows(path, table))
        except csv.Error:
            raise _wrong(path, "has an entry that cannot be read") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong(path, "is not valid JSON") from None
    try:
        return _json(path, document, issuer)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _wrong(path, "has an entry that cannot be read") from None


def _ours(path: Path) -> RevocationFile | None:
    """Read the list of an authority of ours: a line of JSON, then a key in hex on each line.

    Lines, because a nation's list may have millions: it never stands in memory whole.
    """
    try:
        with path.open(encoding="utf-8") as file:
            header = json.loads(file.readline(4096))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or header.get("type") != OURS:
        return None
    try:
        issued = in_utc(datetime.fromisoformat(header["issuedAt"]))
        scopes, count = [str(scope) for scope in header["scopes"]], int(header["count"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _wrong(path, "has an entry that cannot be read") from None
    return RevocationFile(tuple(scopes), issued, _lines(path, count))


def _lines(path: Path, count: int) -> Iterator[RevocationKeys]:
    seen = 0
    with path.open(encoding="utf-8") as file:
        file.readline(_LONGEST_LINE)
        while line := file.readline(_LONGEST_LINE):
            try:
                key = bytes.fromhex(line.strip())
            except ValueError:
                raise _wrong(path, "has an entry that cannot be read") from None
            if len(key) != KEY_BYTES:
                raise _wrong(path, "has an entry that cannot be read")
            seen += 1
            yield RevocationKeys(key)
    if seen != count:
        raise _wrong(path, f"is cut: it has {seen} of {count} entries")


def _json(path: Path, document: Any, issuer: str) -> RevocationFile:
    items = document if isinstance(document, list) else [document]
    if all("hashType" in item for item in items):
        scopes = {f"hcert:{item['country'].upper()}" for item in items}
        return _file(path, sorted(scopes), None, _batches(items))
    if all("issuerInfo" in item for item in items):
        items = [
            crl for item in items for info in item["issuerInfo"] for crl in info.get("crls", ())
        ]
    if all("rids" in item for item in items):
        scopes = {f"shc:{item['kid']}" for item in items}
        return _file(path, sorted(scopes), None, _cards(items))
    return _file(path, [f"divoc:{issuer}"], None, _rows(path, items))


def _batches(items: Iterable[Mapping[str, Any]]) -> Iterator[RevocationKeys]:
    for item in items:
        if item["hashType"] not in _HASH_TYPES:
            raise ValueError
        for entry in item["entries"]:
            hash_ = base64.b64decode(entry["hash"], validate=True)
            yield RevocationKeys(dcc_key(item["kid"], item["hashType"], hash_))


def _cards(items: Iterable[Mapping[str, Any]]) -> Iterator[RevocationKeys]:
    for item in items:
        if item.get("method") != "rid":
            raise ValueError
        for rid in item["rids"]:
            name, _, seconds = rid.partition(".")
            before = datetime.fromtimestamp(int(seconds), UTC) if seconds else None
            yield RevocationKeys(shc_key(item["kid"], name), before)


def _rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Iterator[RevocationKeys]:
    for row in rows:
        if any(row.get(name) in (None, "") for name in ROW):
            raise _wrong(path, "lacks one of the columns " + ", ".join(ROW))
        certificate, dose, code = (str(row[name]).strip() for name in ROW)
        yield RevocationKeys(divoc_key(certificate, dose, code))


def _file(
    path: Path, scopes: Iterable[str], issued_at: datetime | None, entries: Iterable[RevocationKeys]
) -> RevocationFile:
    found = RevocationFile(tuple(scopes), issued_at, tuple(entries))
    if not found.scopes:
        raise _wrong(path, "does not say whose certificates it is about")
    return found


def _wrong(path: Path, what: str) -> BadInput:
    return BadInput(
        "revocations.file",
        "The revocation list {file} {what}.",
        hint=(
            "Give DCC batches, a SMART Health Card list, DIVOC's rows, or what the registry's"
            " authority published."
        ),
        file=path.name,
        what=what,
    )
