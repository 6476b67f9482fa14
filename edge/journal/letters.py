"""How far the nation's letters were read, and those that are kept aside to be tried again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sync.protocol.letters import Letter
from sync.protocol.states import FeedHead

if TYPE_CHECKING:
    from sqlite_utils import Database


def cursor(db: Database, feed: str) -> FeedHead:
    """Give the last letter taken of a feed."""
    row = db.execute("SELECT number, id FROM mail WHERE feed = ?", (feed,)).fetchone()
    return FeedHead(*row) if row else FeedHead()


def move_cursor(db: Database, letter: Letter) -> None:
    """Remember a letter as the last one taken of its feed."""
    db.table("mail").upsert(
        {"feed": letter.feed, "number": letter.number, "id": letter.id}, pk="feed"
    )


def kept_letters(db: Database) -> list[Letter]:
    """Give the letters that are kept aside, oldest first."""
    return _letters(db, "TRUE")


def kept_under(db: Database, feed: str, id_: str) -> Letter | None:
    """Give a letter that is kept aside, by its id."""
    return next(iter(_letters(db, "feed = ? AND id = ?", feed, id_)), None)


def _letters(db: Database, which: str, *values: str) -> list[Letter]:
    found = f"SELECT feed, number, id, kind, body, at FROM letter WHERE {which}"  # noqa: S608
    sql = f"{found} ORDER BY at, feed, number"
    return [
        Letter(feed, number, id_, kind, json.loads(body), at)
        for feed, number, id_, kind, body, at in db.execute(sql, values).fetchall()
    ]


def is_kept(db: Database, letter: Letter) -> bool:
    """Say whether a letter is kept aside."""
    sql = "SELECT 1 FROM letter WHERE feed = ? AND number = ?"
    return db.execute(sql, (letter.feed, letter.number)).fetchone() is not None


def keep_letter(db: Database, letter: Letter) -> None:
    """Keep a letter aside."""
    db.table("letter").upsert(
        {
            "feed": letter.feed,
            "number": letter.number,
            "id": letter.id,
            "kind": letter.kind,
            "body": json.dumps(letter.body, ensure_ascii=False),
            "at": letter.at,
        },
        pk=("feed", "number"),
    )


def let_go(db: Database, letter: Letter, *, older: bool) -> bool:
    """Keep a letter aside no longer; ``older``: nor those of its name in front of it.

    Says whether others of its kind are still kept.
    """
    db.table("letter").delete_where(
        "feed = ? AND kind = ? AND (number = ? OR ? AND number < ?"
        " AND ifnull(json_extract(body, '$.name'), '') = ?)",
        [
            *(letter.feed, letter.kind, letter.number, older, letter.number),
            str(letter.body.get("name", "")),
        ],
    )
    return db.table("letter").count_where("kind = ?", [letter.kind]) > 0
