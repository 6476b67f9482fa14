"""Writes a copy of a site's tables that any tool can read: plain SQLite, not encrypted.

What names or describes a person is left out unless it is asked for. Keys, sessions, verifiers of
PINs and the node's own settings are never in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class _Copied:
    """Columns of a table that are copied; ``people`` are those that tell of a person."""

    columns: tuple[str, ...]
    people: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()


_PERSON = (
    *("code", "name", "gender", "birth_date", "birth_year", "birth_earliest", "birth_latest"),
    *("identity", "nationality", "passport_name"),
    *("phone", "email", "address", "guardian", "status", "status_on", "status_place"),
)
_DOSE = (
    *("id", "person", "programme", "vaccine", "number", "total", "lot", "expiry", "given_on"),
    *("given_at", "clock", "facility", "vaccinator", "reported", "effective_until", "next_due"),
    *("overrides", "position", "withdrawn_at", "withdrawn_kind", "replaces", "replaced_by"),
    "stated_number",
)
_JOB = ("id", "slip", "copy", "printer", "state", "cause", "missing_letters", "sha256")
_TABLES = {
    "entry": _Copied(
        ("position", "epoch", "number", "id", "type", "cause", "hash"), ("content",), ("type",)
    ),
    "person": _Copied(("id", "kept", "source", "programme", "registered_at", "position"), _PERSON),
    "merge": _Copied(
        ("id", "kept", "merged", "merged_at", "merged_by", "undone_at", "undone_by", "position"),
        ("reason", "undone_for"),
    ),
    "dose": _Copied(_DOSE, ("evidence", "withdrawn_reason", "answers"), ("person", "given_on")),
    "certificate": _Copied(
        (
            "id",
            "dose",
            "person",
            "document",
            "issued_at",
            "replaces",
            "replaced_by",
            "revoked_at",
            "position",
        ),
        ("reason",),
        ("dose",),
    ),
    "document": _Copied(
        ("id", "type", "recorded_at", "recorded_by", "changed_at", "revoked_at", "position"),
        ("contents", "reason"),
        ("type",),
    ),
    "stock": _Copied(("vaccine", "lot", "expiry", "received", "given")),
    "queue": _Copied(("person", "programme", "arrived_at", "waits", "position")),
    "appointment": _Copied(
        (
            *("id", "person", "programme", "facility", "on_day", "hours", "source", "booked_at"),
            *("booked_by", "changed_at", "cancelled_at", "freed", "position"),
        ),
        ("reason",),
        ("on_day",),
    ),
    "arrival": _Copied(("position", "person", "at")),
    "observation": _Copied((), ("person", "code", "seen_on", "until", "present", "position")),
    "print_job": _Copied((*_JOB, "queued_at", "changed_at"), ("subject",), ("state",)),
    "delivery": _Copied(("target", "epoch", "number", "hash")),
    "mail": _Copied(("feed", "number", "id")),
    "letter": _Copied(("feed", "number", "id", "kind", "at")),
    "attention": _Copied(("entry", "state", "field", "sentence", "waits", "at")),
    "history_age": _Copied(("person", "as_of")),
    "migration": _Copied(("number", "name", "digest", "applied_at")),
}
_WITHOUT_VERIFIERS = (
    "CASE WHEN type IN ('CampaignApplied', 'CatalogueRecorded', 'PinSet', 'StaffInvited',"
    " 'StaffInvitationTaken', 'SignInMethodAdded') THEN '' ELSE content END"
)
"""Entries of these types hold verifiers of PINs, and tell nothing of the people of a site."""


def write_plain_copy(db: Database, path: Path, *, people: bool) -> dict[str, int]:
    """Copy the tables into an empty file; count the rows of each.

    With ``people`` names are found by full-text search (``person_fts``).
    """
    from sqlite_utils import Database as Plain

    copy = Plain(path, execute_plugins=False)
    try:
        with db.atomic(), copy.atomic():
            counts = {
                name: _copy_table(db, copy, name, (*one.columns, *(one.people if people else ())))
                for name, one in _TABLES.items()
                if one.columns or people
            }
            for name in counts:
                for column in _TABLES[name].indexes:
                    copy.table(name).create_index([column])
            if people:
                copy.table("person").enable_fts(["name"], tokenize="unicode61 remove_diacritics 2")
            copy.create_view(
                "doses_a_day",
                "SELECT given_on, vaccine, count(*) AS doses FROM dose"
                " WHERE reported = 0 AND withdrawn_at = ''"
                " GROUP BY given_on, vaccine",
            )
    finally:
        copy.close()
    return counts


def _copy_table(db: Database, copy: Database, name: str, columns: tuple[str, ...]) -> int:
    source = db.table(name)
    types = source.columns_dict
    copy.table(name).create({column: types[column] for column in columns}, pk=source.pks)
    copy.table(name).insert_all(_rows(db, name, columns))
    return int(copy.table(name).count)


def _rows(db: Database, name: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    told = ", ".join(_WITHOUT_VERIFIERS if column == "content" else column for column in columns)
    for row in db.execute(f"SELECT {told} FROM {name}"):  # noqa: S608  (our own names)
        yield dict(zip(columns, row, strict=True))
