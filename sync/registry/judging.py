"""Judges what is held: a piece of an epoch at a time, as often as it is asked.

Several of these may run at once. A piece is settled once, whoever comes first. What a piece makes
known is looked up after it was settled, and what it lacks too: of two workers that settle a child
and its parent at the same moment, the later one sees both. ``sweep`` looks again at everything
held, for what a worker that was stopped in between left behind.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.entries import canonical
from sync.errors import SyncError
from sync.registry.judge import Finding, Known, Spoken, judge, spoken
from sync.registry.records import Letter, Mention, StoredEntry, Unjudged, Verdict
from sync.registry.schemas import Schemas
from sync.registry.store import Store

_PIECE = 500
"""Entries settled in one transaction."""
_STRETCHES = 100
_ALL = 1_000_000
_SWEEP_EVERY = 600
"""Rounds between looks at everything that is held."""

_log = logging.getLogger("divoc_registry.judging")


@dataclass(frozen=True, slots=True)
class _Case:
    entry: StoredEntry
    document: Mapping[str, Any]
    spoken: Spoken
    facility: str

    @property
    def id(self) -> str:
        return str(self.document.get("id", ""))

    @property
    def changes(self) -> Mapping[str, Any]:
        body = self.document.get("body")
        changes = body.get("changes") if isinstance(body, Mapping) else None
        return changes if isinstance(changes, Mapping) else {}


class Judging:
    """Judges a store's entries by a set of schemas."""

    def __init__(self, store: Store, schemas: Schemas, now: Callable[[], str]) -> None:
        self._store = store
        self._schemas = schemas
        self._now = now

    def run(self) -> int:
        """Judge what is not judged; give how many entries that were."""
        judged = 0
        for stretch in self._store.to_judge(_STRETCHES):
            after = stretch.after
            while after < stretch.through:
                piece = Unjudged(stretch.node, stretch.epoch, after, stretch.through)
                through = self._piece(piece)
                if through is None:  # another worker has it
                    break
                judged += through - after
                after = through
        return judged

    def sweep(self) -> int:
        """Look again at everything that is held; give how many are held no more."""
        released, after = 0, ""
        while page := self._store.nodes(after):
            for node in page:
                held = self._store.verdicts(node.node, "held")
                entries = [
                    one
                    for verdict in held
                    for one in self._store.entries(node.node, verdict.epoch, verdict.number - 1, 1)
                ]
                released += self._release(entries)
            after = page[-1].node
        return released

    def _piece(self, stretch: Unjudged) -> int | None:
        node = stretch.node
        most = min(_PIECE, stretch.through - stretch.after)
        cases = self._cases(self._store.entries(node, stretch.epoch, stretch.after, most))
        through = cases[-1].entry.number
        ids = self._known_ids(cases)
        verdicts, mentions, letters = [], [], []
        for case in cases:
            finding = self._finding(case, ids, cases)
            keys = case.spoken.keys()
            if finding is not None:
                keys |= {f"waits:{one}" for one in finding.missing}
                verdicts.append(_verdict(case, finding))
                letters.append(_letter(case, finding, case.id, self._now()))
            mentions += [
                Mention(key, node, stretch.epoch, case.entry.number) for key in sorted(keys)
            ]
        for case, finding, cause in self._corrected(cases, ids):
            verdicts.append(_verdict(case, finding))
            letters.append(_letter(case, finding, cause, self._now()))
        piece = Unjudged(node, stretch.epoch, stretch.after, through)
        if not self._store.settle(piece, verdicts, mentions, letters, self._now()):
            return None
        made = [f"waits:{one}" for case in cases for one in case.spoken.makes]
        held = {(one.epoch, one.number) for one in verdicts if one.state == "held"}
        self._release(
            [
                *self._store.mentions(made, _ALL),
                *(one.entry for one in cases if (one.entry.epoch, one.entry.number) in held),
            ]
        )
        return through

    def _finding(self, case: _Case, ids: set[str], others: Sequence[_Case] = ()) -> Finding | None:
        """Judge one entry; corrections are looked for only where something is wrong."""
        known = Known(case.facility, case.entry.received_at, ids)
        finding = judge(case.document, known, self._schemas)
        if finding is None or finding.state != "rejected":
            return finding
        known = replace(known, corrections=self._corrections(case, others))
        return judge(case.document, known, self._schemas)

    def _corrections(self, case: _Case, others: Sequence[_Case]) -> list[Mapping[str, Any]]:
        """Give what sound corrections of the same node change of an entry, oldest first."""
        stored = self._store.mentions([f"corrects:{one}" for one in case.spoken.makes], _ALL)
        found = {
            (one.entry.received_at, one.entry.epoch, one.entry.number): one.changes
            for one in [*self._cases(stored), *others]
            if one.spoken.corrects in case.spoken.makes
            and one.entry.node == case.entry.node
            and self._schemas.mistake(one.document) is None
        }
        return [found[place] for place in sorted(found)]

    def _corrected(
        self, cases: Sequence[_Case], ids: set[str]
    ) -> Iterable[tuple[_Case, Finding, str]]:
        """Judge anew what these entries correct and was rejected before them."""
        own = {id_ for case in cases for id_ in case.spoken.makes}
        for target in dict.fromkeys(one.spoken.corrects for one in cases):
            if not target or target in own:
                continue
            entry = self._store.locate(cases[0].entry.node, target)
            if entry is None:
                continue
            (case,) = self._cases([entry])
            finding = self._finding(case, ids | self._known_ids([case]), cases)
            if finding is not None and finding.state in ("rejected", "superseded"):
                cause = [one.id for one in cases if one.spoken.corrects == target][-1]
                yield case, finding, cause

    def _release(self, entries: Sequence[StoredEntry]) -> int:
        """Judge held entries again; those that are held no more are told of."""
        cases = self._cases(entries)
        ids = self._known_ids(cases)
        released = 0
        for case in cases:
            finding = self._finding(case, ids) or Finding("stored")
            verdict, now = _verdict(case, finding), self._now()
            letters = [_letter(case, finding, f"{case.id} again", now)]
            if self._store.revise(verdict, "held", letters, now) and finding.state != "held":
                released += 1
                self._take_up(case)
        return released

    def _take_up(self, correction: _Case) -> None:
        """Let a correction that was held do its work on what it corrects."""
        for case, finding, cause in self._corrected([correction], set()):
            now = self._now()
            letters = [_letter(case, finding, cause, now)]
            self._store.revise(_verdict(case, finding), "rejected", letters, now)

    def _cases(self, entries: Sequence[StoredEntry]) -> list[_Case]:
        facilities = {}
        for node in {one.node for one in entries}:
            record = self._store.node(node)
            facilities[node] = record.facility if record else ""
        cases = []
        for one in entries:
            document = json.loads(one.content)
            cases.append(_Case(one, document, spoken(document), facilities[one.node]))
        return cases

    def _known_ids(self, cases: Sequence[_Case]) -> set[str]:
        """Give the ids that these need and that are known: made by one of them, or before."""
        made = {id_ for case in cases for id_ in case.spoken.makes}
        needed = {id_ for case in cases for _, id_ in case.spoken.needs} - made
        found = self._store.mentioned([f"entry:{one}" for one in sorted(needed)])
        return made | {key.removeprefix("entry:") for key in found}


class Bench:
    """A thread that judges every second until it is closed."""

    def __init__(self, judging: Judging, every: float = 1.0) -> None:
        self._judging = judging
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="judging", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Finish the piece at hand, and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _run(self) -> None:
        rounds = 0
        while True:
            try:
                if rounds % _SWEEP_EVERY == 0:
                    self._judging.sweep()
                self._judging.run()
            except SyncError as error:  # the database is away: the next round tries again
                _log.warning("judging waits: %s", error.code)
            except Exception as error:
                _log.exception("judging failed: %s", type(error).__name__)
            rounds += 1
            if self._stop.wait(self._every):
                return


def _verdict(case: _Case, finding: Finding) -> Verdict:
    entry = case.entry
    return Verdict(
        entry.node,
        entry.epoch,
        entry.number,
        finding.state,
        case.id,
        finding.field,
        finding.sentence,
        finding.waits,
    )


def _letter(case: _Case, finding: Finding, cause: str, now: str) -> Letter:
    """Write a verdict to the site; the same verdict for the same cause is one letter."""
    body = {
        "entry": case.id,
        "state": finding.state,
        "field": finding.field,
        "sentence": finding.sentence,
        "waits": finding.waits,
    }
    place = f"{case.entry.epoch}/{case.entry.number}/{cause}\n".encode()
    id_ = hashlib.sha256(place + canonical(body)).hexdigest()[:32]
    return Letter(case.entry.node, 0, id_, "verdict", canonical(body).decode(), now)
