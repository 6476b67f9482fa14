"""The catalogue in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import LIST_KEYS, ONCE_KEYS

if TYPE_CHECKING:
    from sqlite_utils import Database


def catalogue_body(db: Database) -> dict[str, Any]:
    """Give the catalogue in force in the form of a campaign's body, lists in order of code.

    ``once`` has the same lists of everything that was ever in force.
    """
    body: dict[str, Any] = {kind: [] for kind in LIST_KEYS}
    for kind, text in db.execute("SELECT kind, body FROM catalogue ORDER BY kind, code"):
        item = json.loads(text)
        if kind == "general":
            body.update(item)
        else:
            body[kind].append(item)
    body["once"] = _once(db)
    return body


def catalogue_item(db: Database, kind: str, code: str) -> dict[str, Any] | None:
    """Give one item of the catalogue in force by its kind and code, as a campaign has it."""
    row = db.execute(
        "SELECT body FROM catalogue WHERE kind = ? AND code = ?", (kind, code)
    ).fetchone()
    return json.loads(row[0]) if row else None


def vaccine_names(db: Database) -> list[tuple[str, str]]:
    """Give every name that a vaccine has or had here, each with the vaccine's code."""
    return [
        (name, code)
        for name, code in db.execute("SELECT name, code FROM vaccine_name ORDER BY name, code")
    ]


def credentials_by_context(db: Database) -> dict[str, dict[str, Any]]:
    """Give what types of documents certify, by the address of the context, as each was last."""
    rows = db.execute(
        "SELECT body FROM catalogue_once WHERE kind = 'documents' AND code LIKE 'context:%'"
    )
    found = [json.loads(text)["body"]["credential"] for (text,) in rows]
    return {credential["context"]: credential for credential in found}


def _once(db: Database) -> dict[str, list[Any]]:
    """Give everything that was ever in force, each as it was last."""
    found: dict[str, list[Any]] = {kind: [] for kind in (*ONCE_KEYS, "documents")}
    for kind, text in db.execute("SELECT kind, body FROM catalogue_once ORDER BY kind, code"):
        found[kind].append(json.loads(text))
    return found
