"""The chain: numbers without gaps, hashes over canonical bytes, epochs that name their parent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import rfc8785

from edge.journal import database
from edge.journal.entries import entries
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.maintenance import check_chain
from edge.journal.unit import Unit

OpenJournal = Callable[..., Journal]
Append = Callable[..., Entry]


def test_entries_are_numbered_without_gaps_and_each_holds_the_hash_of_the_one_before(
    open_journal: OpenJournal, append: Append
) -> None:
    journal = open_journal()
    for index in range(5):
        append(journal, f"id-{index}")
    with journal.reading() as db:
        found = list(entries(db))
    assert [entry.number for entry in found] == [1, 2, 3, 4, 5]
    assert [entry.document["previous"] for entry in found[1:]] == [e.hash for e in found[:-1]]


def test_the_hash_is_sha256_of_what_another_rfc8785_writer_makes_of_the_entry(
    open_journal: OpenJournal, append: Append
) -> None:
    journal = open_journal()
    entry = append(journal, "id-1", body={"name": "ከበደ \u007f\u2028 é", "n": 3, "b": [True, None]})
    assert entry.hash == hashlib.sha256(rfc8785.dumps(dict(entry.document))).hexdigest()


def test_a_new_start_begins_a_new_epoch_that_names_its_parent(
    open_journal: OpenJournal, append: Append
) -> None:
    first = append(open_journal("00000000000000e1"), "id-1")
    second = append(open_journal("00000000000000e2"), "id-2")
    assert (second.epoch, second.number) == ("00000000000000e2", 1)
    assert second.document["parent"] == {"epoch": first.epoch, "number": 1, "hash": first.hash}
    assert second.document["previous"] == first.hash


def test_a_start_that_writes_nothing_leaves_no_epoch(
    open_journal: OpenJournal, append: Append
) -> None:
    first = append(open_journal("00000000000000e1"), "id-1")
    open_journal("00000000000000e2")
    third = append(open_journal("00000000000000e3"), "id-3")
    assert third.document["parent"]["epoch"] == first.epoch


def _execute(statement: str, unit: Unit) -> object:
    return unit.db.execute(statement)


def test_an_entry_can_be_neither_changed_nor_removed(
    open_journal: OpenJournal, append: Append
) -> None:
    journal = open_journal()
    append(journal, "id-1")
    for statement in ("UPDATE entry SET type = 'x'", "DELETE FROM entry"):
        with pytest.raises(database.DatabaseError, match="never"):
            journal.run(partial(_execute, statement))


@pytest.mark.parametrize(
    ("tamper", "position", "reason"),
    [
        (
            "UPDATE entry SET content = replace(content, 'first', 'other') WHERE position = 2",
            2,
            "its hash is not the hash of its content",
        ),
        ("UPDATE entry SET hash = 'ab' WHERE position = 3", 3, "its hash is not"),
        ("DELETE FROM entry WHERE position = 2", 3, "its position does not continue"),
        ("UPDATE entry SET type = 'Other' WHERE position = 4", 4, "its columns do not say"),
        ("UPDATE entry SET position = 9 WHERE position = 4", 9, "its position does not continue"),
    ],
)
def test_verify_names_the_first_broken_link(
    open_journal: OpenJournal,
    append: Append,
    key: bytes,
    tmp_path: Path,
    tamper: str,
    position: int,
    reason: str,
) -> None:
    journal = open_journal()
    for index in range(4):
        append(journal, f"id-{index}", body={"n": "first"})
    journal.close()
    db = database.open_writer(tmp_path / "journal.db", key)
    for trigger in ("entry_is_never_changed", "entry_is_never_removed"):
        db.execute(f"DROP TRIGGER {trigger}")
    assert check_chain(db).broken is None
    db.execute(tamper)
    broken = check_chain(db).broken
    assert broken is not None
    assert broken.position == position
    assert broken.reason.startswith(reason)


def _filed(content: bytes) -> str:
    return f"hash = '{hashlib.sha256(content).hexdigest()}', content = CAST(x'{content.hex()}' AS TEXT)"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b'{"id":"\xff"}', b"no JSON", b"[]", b"1", b"{}", b"[" * 100_000, b'{"a":1.5}'],
    ids=["no text", "half text", "no JSON", "a list", "a number", "nothing", "deep", "a fraction"],
)
def test_verify_names_an_entry_that_is_none_whatever_stands_in_it(
    open_journal: OpenJournal, append: Append, key: bytes, tmp_path: Path, content: bytes
) -> None:
    journal = open_journal()
    for index in range(4):
        append(journal, f"id-{index}")
    journal.close()
    db = database.open_writer(tmp_path / "journal.db", key)
    for trigger in ("entry_is_never_changed", "entry_is_never_removed"):
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(f"UPDATE entry SET {_filed(content)} WHERE position = 3")
    check = check_chain(db)
    assert check.entries == 2
    assert check.broken is not None
    assert check.broken.position == 3
