"""Keeps campaigns that are being written: of each file what every revision of it says."""

from __future__ import annotations

from collections.abc import Mapping

from sync.registry.store.drafts import Draft, DraftFile, Revision
from sync.registry.store.sql.database import Session, StoreComponent

_DRAFT = "id, name, made_at, made_by, revision, put_away_at"
_WRITTEN = "INSERT INTO draft_file (draft, path, number, content) VALUES (?, ?, ?, ?)"


class Drafts(StoreComponent):
    """Keeps drafts of campaigns; nothing that was saved is ever written over."""

    def begin_draft(self, draft: Draft, why: str, files: Mapping[str, bytes]) -> None:
        """Keep a new draft; its files are revision 1."""

        def work(session: Session) -> None:
            session.run(
                "INSERT INTO draft (id, name, made_at, made_by, revision) VALUES (?, ?, ?, ?, 1)",
                *(draft.id, draft.name, draft.made_at, draft.made_by),
            )
            first = Revision(1, draft.made_at, draft.made_by, why)
            _write(session, draft.id, first, files)

        self._database.write(work)

    def drafts(self, *, put_away: bool = False, limit: int = 200) -> list[Draft]:
        """Give the drafts that are written on, or those put away; the newest first."""
        rows = self._rows(
            f"SELECT {_DRAFT} FROM draft WHERE put_away_at {'<>' if put_away else '='} ''"
            " ORDER BY made_at DESC, id LIMIT ?",
            limit,
        )
        return [Draft(*row) for row in rows]

    def draft(self, id_: str) -> Draft | None:
        """Find a draft."""
        rows = self._rows(f"SELECT {_DRAFT} FROM draft WHERE id = ?", id_)
        return Draft(*rows[0]) if rows else None

    def put_draft_away(self, id_: str, at: str) -> None:
        """Have a draft in the list no more, from an instant on; an empty one: have it again."""
        self._run("UPDATE draft SET put_away_at = ? WHERE id = ?", at, id_)

    def draft_files(self, id_: str, revision: int) -> dict[str, DraftFile]:
        """Give every file of a draft as a revision has it, by path."""
        rows = self._rows(
            "SELECT path, content, number FROM draft_file AS one WHERE draft = ? AND number ="
            " (SELECT max(number) FROM draft_file AS other WHERE other.draft = one.draft"
            " AND other.path = one.path AND other.number <= ?) ORDER BY path",
            *(id_, revision),
        )
        return {
            path: DraftFile(bytes(content), number)
            for path, content, number in rows
            if content is not None
        }

    def save_revision(
        self,
        id_: str,
        revision: Revision,
        changes: Mapping[str, bytes | None],
        seen: Mapping[str, int],
    ) -> int:
        """Save changes, and give the revision's number; 0 where a file is another by now."""

        def work(session: Session) -> int:
            rows = session.rows(f"SELECT revision FROM draft WHERE id = ?{session.lock}", id_)
            if not rows:
                return 0
            for path in changes:
                last = session.rows(
                    "SELECT number, content IS NULL FROM draft_file WHERE draft = ? AND path = ?"
                    " ORDER BY number DESC LIMIT 1",
                    *(id_, path),
                )
                there = last[0][0] if last and not last[0][1] else 0
                if there != seen.get(path, 0):
                    return 0
            number = int(rows[0][0]) + 1
            session.run("UPDATE draft SET revision = ? WHERE id = ?", number, id_)
            made = Revision(number, revision.at, revision.who, revision.why)
            _write(session, id_, made, changes)
            return number

        return self._database.write(work)

    def revisions(self, id_: str, before: int, limit: int) -> list[Revision]:
        """Give the revisions below a number, the newest first."""

        def work(session: Session) -> list[Revision]:
            rows = session.rows(
                "SELECT number, at, who, why FROM draft_revision WHERE draft = ? AND number < ?"
                " ORDER BY number DESC LIMIT ?",
                *(id_, before, limit),
            )
            found = []
            for number, at, who, why in rows:
                paths = session.rows(
                    "SELECT path FROM draft_file WHERE draft = ? AND number = ? ORDER BY path",
                    *(id_, number),
                )
                found.append(Revision(number, at, who, why, tuple(row[0] for row in paths)))
            return found

        return self._database.read(work)


def _write(
    session: Session, draft: str, revision: Revision, files: Mapping[str, bytes | None]
) -> None:
    session.run(
        "INSERT INTO draft_revision (draft, number, at, who, why) VALUES (?, ?, ?, ?, ?)",
        *(draft, revision.number, revision.at, revision.who, revision.why),
    )
    session.many(
        _WRITTEN, [(draft, path, revision.number, content) for path, content in files.items()]
    )
