"""Keeps the folder that the ministry's keys sign, and what they are asked to sign."""

from __future__ import annotations

import dataclasses
import json

from sync.registry.store.signing import SigningState, SignRequest
from sync.registry.store.sql.database import Session, StoreComponent

_ID = "nation"


class Signing(StoreComponent):
    """Keeps the one folder that the ministry's keys sign, as it stands in the office."""

    def signing(self) -> SigningState:
        """Give how it stands."""
        rows = self._rows("SELECT turn, folder, request FROM signing WHERE id = ?", _ID)
        if not rows:
            return SigningState()
        turn, folder, request = rows[0]
        asked = SignRequest(**json.loads(request)) if request else None
        return SigningState(int(turn), bytes(folder), asked)

    def change_signing(self, state: SigningState) -> bool:
        """Keep another state, its turn one more; false where it is another turn by now."""
        asked = json.dumps(dataclasses.asdict(state.request)) if state.request else ""

        def work(session: Session) -> bool:
            rows = session.rows(f"SELECT turn FROM signing WHERE id = ?{session.lock}", _ID)
            if (int(rows[0][0]) if rows else 0) != state.turn:
                return False
            session.run("DELETE FROM signing WHERE id = ?", _ID)
            session.run(
                "INSERT INTO signing (id, turn, folder, request) VALUES (?, ?, ?, ?)",
                *(_ID, state.turn + 1, state.folder, asked),
            )
            return True

        return self._database.write(work)
