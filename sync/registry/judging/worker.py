"""Judges what is held: a piece of an epoch at a time, as often as it is asked.

Several of these may run at once. A piece is settled once, whoever comes first. What a piece makes
known is looked up after it was settled, and what it lacks too: of two workers that settle a child
and its parent at the same moment, the later one sees both. ``sweep`` looks again at everything
held, for what a worker that was stopped in between left behind.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sync.protocol.errors import DatabaseError
from sync.protocol.instants import instant, read_instant
from sync.registry.judging.bounds import BIRTH
from sync.registry.judging.facts import (
    Facts,
    JudgingCase,
    campaign_keys,
    corrected_by,
    facts_about,
    read_entry,
    target_of,
)
from sync.registry.judging.own_merges import day_keys
from sync.registry.judging.recording import id_of, letter_on, verdict_on
from sync.registry.judging.references import DOSES, References, spoken
from sync.registry.judging.rules import Finding, judge
from sync.registry.judging.schemas import OTHER, Schemas
from sync.registry.judging.telling import told_of_merges
from sync.registry.judging.vouchers import payment_keys, told_of_vouchers
from sync.registry.store.interface import Store
from sync.registry.store.records import Letter, Mention, PendingStretch, Place, StoredEntry, Verdict

_PIECE = 500
"""Entries settled in one transaction, or looked at again at once."""
_SIZE = 8 * 1024 * 1024
"""Characters of entries in one piece, after which no other is taken."""
_STRETCHES = 8
"""Stretches claimed at once."""
_LONGEST_STRETCH = 2000
"""Entries of a stretch judged under one claim; the rest of it anybody may take."""
_CLAIM = timedelta(minutes=1)
"""How long a claim holds that is not ended: so long the work of a worker that died waits."""
_HELD = 1000

_log = logging.getLogger("divoc_registry.judging")


@dataclass(frozen=True, slots=True)
class SettleReport:
    """How often a worker settled a piece, and how often it was the one to do so."""

    tried: int = 0
    won: int = 0

    def after(self, *, won: bool) -> SettleReport:
        """Count another try."""
        return SettleReport(self.tried + 1, self.won + won)


class Judging:
    """Judges a store's entries by a set of schemas."""

    def __init__(self, store: Store, schemas: Schemas, now: Callable[[], str]) -> None:
        self._store = store
        self._schemas = schemas
        self._now = now
        self.tally = SettleReport()

    def run(self) -> int:
        """Claim some of what is not judged, and judge it; give how many entries that were."""
        judged = 0
        for claimed in self._store.claim(_STRETCHES, self._now(), self._claimed_until()):
            stretch = replace(
                claimed, through=min(claimed.through, claimed.after + _LONGEST_STRETCH)
            )
            after = stretch.after
            while after < stretch.through:
                through = self._settled(replace(stretch, after=after), _PIECE)
                if through is None:  # the claim ran out, and another worker has it
                    break
                judged += through - after
                after = through
        return judged

    def _claimed_until(self) -> str:
        return instant(read_instant(self._now()) + _CLAIM)

    def sweep(self) -> int:
        """Look again at everything that is held; give how many are held no more."""
        released, after = 0, ""
        while page := self._store.nodes(after):
            for node in page:
                place = ("", 0)
                while held := self._store.verdicts(node.node, "held", _HELD, place):
                    released += sum(self._looked_at(verdict) for verdict in held)
                    place = (held[-1].epoch, held[-1].number)
            after = page[-1].node
        return released

    def _looked_at(self, held: Verdict) -> int:
        try:
            return self._release(self._store.entries(held.node, held.epoch, held.number - 1, 1))
        except DatabaseError:
            raise
        except Exception as error:
            _log.error("%s/%s/%d held: %s", held.node, held.epoch, held.number, where(error))
            return 0

    def _settled(self, stretch: PendingStretch, most: int) -> int | None:
        """Settle a piece, or less of it where that fails: no entry may keep others from a verdict.

        The one at which it fails by itself is rejected.
        """
        try:
            return self._piece(stretch, most)
        except DatabaseError:  # nothing to do with the entries
            raise
        except Exception as error:
            _log.error("%s/%s behind %d: %s", *_place(stretch), where(error))
        return self._settled(stretch, most // 2) if most > 1 else self._set_aside(stretch)

    def _set_aside(self, stretch: PendingStretch) -> int | None:
        (entry,) = self._store.entries(stretch.node, stretch.epoch, stretch.after, 1)
        case = JudgingCase(entry, read_entry(entry.content), References(), "")
        finding, now = Finding("rejected", "body", OTHER), self._now()
        verdict, letter = verdict_on(case, finding), letter_on(case, finding, id_of(case), now)
        settled = self._settle(stretch, entry.number, [verdict], [], [letter])
        return entry.number if settled else None

    def _settle(
        self,
        stretch: PendingStretch,
        through: int,
        verdicts: Sequence[Verdict],
        mentions: Sequence[Mention],
        letters: Sequence[Letter],
    ) -> bool:
        """Settle a stretch through a number; the claim holds as long as there is more of it."""
        until = self._claimed_until() if through < stretch.through else ""
        piece = replace(stretch, through=through)
        won = self._store.settle(piece, verdicts, mentions, letters, self._now(), until)
        self.tally = self.tally.after(won=won)
        return won

    def _piece(self, stretch: PendingStretch, most: int) -> int | None:
        node = stretch.node
        most = min(most, stretch.through - stretch.after)
        cases = self._cases(self._store.entries(node, stretch.epoch, stretch.after, most, _SIZE))
        through = cases[-1].entry.number
        ids, facts = self._known_ids(cases), facts_about(self._store, cases)
        verdicts, mentions, letters = [], [], []
        for case in cases:
            finding = self._finding(case, ids, facts, cases)
            keys = case.spoken.keys() | campaign_keys(case) | day_keys(case.entry)
            keys |= payment_keys(self._store, case, cases)
            if finding is not None:
                keys |= {f"waits:{text}" for text in finding.missing}
                verdicts.append(verdict_on(case, finding))
                letters.append(letter_on(case, finding, id_of(case), self._now()))
            if finding is None:
                letters += told_of_merges(self._store, case, cases, self._now())
            mentions += [
                Mention(key, node, stretch.epoch, case.entry.number) for key in sorted(keys)
            ]
        for case, finding, cause in self._corrected(cases, ids):
            verdicts.append(verdict_on(case, finding))
            letters.append(letter_on(case, finding, cause, self._now()))
        letters += told_of_vouchers(self._store, cases, self._now())
        if not self._settle(stretch, through, verdicts, mentions, letters):
            return None
        for letter in told_of_vouchers(self._store, cases, self._now()):  # with what others settled
            self._store.post(letter.feed, letter.kind, letter.id, letter.body, letter.at)
        made = [f"waits:{make}" for case in cases for make in case.spoken.makes]
        for waiting in self._pages(made):
            self._release(waiting)
        held = {(verdict.epoch, verdict.number) for verdict in verdicts if verdict.state == "held"}
        self._release(
            [case.entry for case in cases if (case.entry.epoch, case.entry.number) in held]
        )
        return through

    def _pages(self, keys: Sequence[str]) -> Iterator[list[StoredEntry]]:
        """Give what speaks of any of the keys, as much at once as fits in memory."""
        place: Place = ("", "", 0)
        while page := self._store.mentions(keys, _PIECE, place, _SIZE):
            yield page
            place = (page[-1].node, page[-1].epoch, page[-1].number)

    def _finding(
        self, case: JudgingCase, ids: set[str], facts: Facts, others: Sequence[JudgingCase] = ()
    ) -> Finding | None:
        """Judge one entry; corrections are looked for only where something is wrong."""
        known = replace(facts.known(case, ids), target=target_of(self._store, case, others))
        finding = judge(case.document, known, self._schemas)
        if finding is None or finding.state != "rejected":
            return finding
        known = corrected_by(known, self._corrections(case, others))
        return judge(case.document, known, self._schemas)

    def _corrections(self, case: JudgingCase, others: Sequence[JudgingCase]) -> list[JudgingCase]:
        """Give the sound corrections of an entry by the same node, oldest first."""
        found = {}
        stored = self._pages([f"corrects:{make}" for make in case.spoken.makes])
        for some in (*map(self._cases, stored), others):
            for other in some:
                if (
                    other.spoken.corrects in case.spoken.makes
                    and other.entry.node == case.entry.node
                    and self._schemas.mistake(other.document) is None
                ):
                    place = (other.entry.received_at, other.entry.epoch, other.entry.number)
                    found[place] = other
        return [found[place] for place in sorted(found)]

    def _corrected(
        self, cases: Sequence[JudgingCase], ids: set[str]
    ) -> Iterable[tuple[JudgingCase, Finding, str]]:
        """Judge anew what these entries correct and was rejected before them."""
        own = {id_ for case in cases for id_ in case.spoken.makes}
        for target in dict.fromkeys(case.spoken.corrects for case in cases):
            if not target or target in own:
                continue
            entry = self._store.locate(cases[0].entry.node, target)
            if entry is None:
                continue
            (case,) = self._cases([entry])
            facts = facts_about(self._store, [case, *cases])
            finding = self._finding(case, ids | self._known_ids([case]), facts, cases)
            if finding is not None and finding.state in ("rejected", "superseded"):
                cause = [id_of(case) for case in cases if case.spoken.corrects == target][-1]
                yield case, finding, cause
        for case in cases:
            if case.type == "PersonCorrected" and case.changes.keys() & set(BIRTH):
                yield from self._after_birth(case, cases, ids)

    def _after_birth(
        self, correction: JudgingCase, cases: Sequence[JudgingCase], ids: set[str]
    ) -> Iterable[tuple[JudgingCase, Finding, str]]:
        """Judge anew the doses of somebody that were rejected before the birth was put right."""
        for page in self._pages([f"person:{correction.spoken.corrects}"]):
            own = [
                entry
                for entry in page
                if entry.node == correction.entry.node and entry.type in DOSES
            ]
            rejected = self._store.rejected(
                [(entry.node, entry.epoch, entry.number) for entry in own]
            )
            again = [entry for entry in own if (entry.node, entry.epoch, entry.number) in rejected]
            found = self._cases(again)
            facts = facts_about(self._store, [*found, *cases])
            known = ids | self._known_ids(found)
            for case in found:
                finding = self._finding(case, known, facts, cases)
                if finding is None or finding.state != "rejected":
                    yield case, finding or Finding("superseded", "on"), id_of(correction)

    def _release(self, entries: Sequence[StoredEntry]) -> int:
        """Judge held entries again; those that are held no more are told of."""
        cases = self._cases(entries)
        ids, facts = self._known_ids(cases), facts_about(self._store, cases)
        released = 0
        for case in cases:
            finding = self._finding(case, ids, facts) or Finding("stored")
            verdict, now = verdict_on(case, finding), self._now()
            letters = [letter_on(case, finding, f"{id_of(case)} again", now)]
            if finding.state == "stored":
                letters += told_of_merges(self._store, case, (), now)
            if self._store.revise(verdict, "held", letters, now) and finding.state != "held":
                released += 1
                self._take_up(case)
        return released

    def _take_up(self, correction: JudgingCase) -> None:
        """Let a correction that was held do its work on what it corrects."""
        for case, finding, cause in self._corrected([correction], set()):
            now = self._now()
            letters = [letter_on(case, finding, cause, now)]
            self._store.revise(verdict_on(case, finding), "rejected", letters, now)

    def _cases(self, entries: Sequence[StoredEntry]) -> list[JudgingCase]:
        facilities = {}
        for node in {entry.node for entry in entries}:
            record = self._store.node(node)
            facilities[node] = record.facility if record else ""
        cases = []
        for entry in entries:
            document = json.loads(entry.content)
            cases.append(JudgingCase(entry, document, spoken(document), facilities[entry.node]))
        return cases

    def _known_ids(self, cases: Sequence[JudgingCase]) -> set[str]:
        """Give the ids that these need and that are known: made by one of them, or before."""
        made = {id_ for case in cases for id_ in case.spoken.makes}
        needed = {id_ for case in cases for _, id_ in case.spoken.needs} - made
        found = self._store.mentioned([f"entry:{text}" for text in sorted(needed)])
        return made | {key.removeprefix("entry:") for key in found}


def _place(stretch: PendingStretch) -> tuple[str, str, int]:
    return stretch.node, stretch.epoch, stretch.after


def where(error: Exception) -> str:
    """Say what failed and where, never its text: it may hold somebody's data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.name}, line {frame.lineno}"
