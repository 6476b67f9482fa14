"""Revocation lists as the world publishes them: DCC batches, SHC card lists, DIVOC rows, ours."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.credentials.revocation import ROW
from edge.credentials.revocation_entries import (
    Entries,
    RevocationKeys,
    batch_entries,
    batch_scope,
    card_entries,
    card_scope,
    row_entry,
)
from edge.domain.errors import BadInput
from sync.bounded_files import read_bounded_text
from sync.protocol.instants import in_utc
from sync.protocol.list_keys import KEY_BYTES

OURS = "divoc-edge revocations"
_LONGEST_LINE = 4096
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a list that stands in memory whole; ours is read line by line."""
_KINDS = frozenset({"hashType", "rids", ROW[0]})


@dataclass(frozen=True, slots=True)
class RevocationFile:
    """A list: whose certificates it is about (``scopes``), of which moment, and its entries.

    ``issued_at`` None: the file does not say; the moment of its import counts. ``entries`` of a
    list of ours are read while they are gone through; a cut file raises :class:`BadInput` then.
    ``left_out``: a sentence for each way in which others' entries are wrong, with how many are.
    """

    scopes: tuple[str, ...]
    issued_at: datetime | None
    entries: Iterable[RevocationKeys]
    left_out: tuple[str, ...] = ()


def read_revocations(path: Path, issuer: str = "") -> RevocationFile:
    """Read a revocation list; ``issuer`` is a DID, for DIVOC's rows, which do not say whose.

    Raises :class:`BadInput` naming what is wrong.
    """
    ours = _ours(path)
    if ours is not None:
        return ours
    try:
        text = read_bounded_text(path, LARGEST_FILE).lstrip("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        large = isinstance(error, OSError) and error.errno == errno.EFBIG
        raise _wrong(path, "is larger than 64 MB" if large else "cannot be read as text") from None
    if text.lstrip()[:1] not in ("{", "["):
        return _gathered(path, _table(path, text), issuer)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong(path, "is not valid JSON") from None
    items = document if isinstance(document, list) else [document]
    return _gathered(path, [inner for item in items for inner in _lists_in(item)], issuer)


def is_revocations(document: Any) -> bool:
    """Say whether a JSON document holds entries of a revocation list, perhaps among wrong ones."""
    items = document if isinstance(document, list) else [document]
    return any(isinstance(item, Mapping) and _KINDS & item.keys() for item in items)


def is_table(text: str) -> bool:
    """Say whether a text is a table of DIVOC's rows, by its first line."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    return set(ROW) <= {name.strip().strip('"') for name in re.split("[,;\t]", first)}


def _table(path: Path, text: str) -> list[Any]:
    if not is_table(text):  # else any text would be an empty list
        raise _wrong(path, "lacks one of the columns " + ", ".join(ROW))
    first = text.partition("\n")[0]
    between = max(",;\t", key=first.count)
    try:
        return list(csv.DictReader(io.StringIO(text), delimiter=between, skipinitialspace=True))
    except csv.Error:
        raise _wrong(path, "has an entry that cannot be read") from None


def _lists_in(item: Any) -> list[Any]:
    """Give the card lists of a VCI snapshot, and of anything else itself."""
    infos = item.get("issuerInfo") if isinstance(item, Mapping) else None
    if not isinstance(infos, list):
        return [item]
    carried = [info.get("crls") for info in infos if isinstance(info, Mapping)]
    return [listed for crls in carried if isinstance(crls, list) for listed in crls]


def _gathered(path: Path, items: Sequence[Any], issuer: str) -> RevocationFile:
    """Read each entry by itself; raises :class:`BadInput` where none can be read."""
    scopes, entries, wrong = set(), [], Counter[str]()
    for item in items:
        try:
            scope, found = _read(item, issuer)
        except ValueError as error:
            wrong[str(error)] += 1
            continue
        scopes.add(scope)
        for entry in found:
            if isinstance(entry, str):
                wrong[entry] += 1
            else:
                entries.append(entry)
    if wrong and not entries:
        raise _wrong(path, f"has an entry that cannot be read: {next(iter(wrong))}")
    if not items and issuer:
        scopes.add(f"divoc:{issuer}")
    if not scopes:
        raise _wrong(path, "does not say whose certificates it is about")
    told = tuple(f"has {count} that cannot be read: {what}" for what, count in wrong.items())
    return RevocationFile(tuple(sorted(scopes)), None, tuple(entries), told)


def _read(item: Any, issuer: str) -> tuple[str, Entries]:
    if not isinstance(item, Mapping):
        raise ValueError("an entry that is no object")
    if "hashType" in item:
        return batch_scope(item), batch_entries(item)
    if "rids" in item:
        return card_scope(item), card_entries(item)
    return f"divoc:{issuer}", iter([row_entry(item)])


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
