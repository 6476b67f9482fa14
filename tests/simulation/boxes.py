"""A site's computer: the real journal over a real file, the real link, and what befalls them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from centre import CODE
from clockwork import Clockwork, Violation
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from roads import PowerCut, Road
from watchers import WatchedInbox, WatchedJournal

from edge.adapters.clock import BUILT
from edge.journal import journal as journals
from edge.journal.entries import entries_of, latest_instant
from edge.journal.entry import Entry
from edge.journal.unit import Stamp, Tip, Unit
from edge.services.certificates.issue import certificate_number
from edge.services.registry.introduction import Introduction
from edge.services.registry.link import LinkEnvironment, RegistryLink
from edge.services.registry.sticks import SiteSticks
from sync.protocol.keys import fingerprint, node_id

if TYPE_CHECKING:
    from country import Country
    from tablets import Ask

KEY = bytes(range(32))
_BACKUPS = 3
_CLOCKS = (-1_796_000_000.0, 345_000_000.0, 3600.0, -3600.0, 94_608_000.0, 0.0, 0.0)
"""Seconds a clock can be wrong by: 1970, 2038, an hour, three years; or right again."""


class _Blackout(Exception):
    """The power goes before a commit."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose card it is: every copy of a card has the same."""

    key: Ed25519PrivateKey
    facility: str

    @property
    def node(self) -> str:
        return node_id(self.key.public_key())


class Box:
    """One computer with one disk; cards and running machines can be copied."""

    secure_share = 0.4
    tells_before_commit = False
    """A planted bug: the tablet is told before the disk is."""

    def __init__(
        self, country: Country, identity: Identity, name: str, image: dict[str, bytes] | None = None
    ) -> None:
        self.country = country
        self.work: Clockwork = country.work
        self.identity = identity
        self.name = name
        self.spent = 0.0
        self.offset = 0.0
        self.old = False
        self.heard = -1
        self.diverges = False
        self.on = False
        self.epoch = ""
        self.passing = False
        self.fooled = False
        self.backups: list[dict[str, bytes]] = []
        self.told: dict[str, str] = {}
        self.road = Road(self, secure=self.work.chance(self.secure_share))
        self._folder = Path(tempfile.mkdtemp(dir=country.folder, prefix=f"{name}-"))
        self._image: dict[str, bytes] = image if image is not None else country.blank()
        self.boot()

    # The machine.

    def boot(self, *, like: Box | None = None) -> None:
        """Start from the disk; ``like``: a running machine this one is a copy of."""
        for path in self._folder.iterdir():
            path.unlink()
        for ending, data in self._image.items():
            (self._folder / f"journal.db{ending}").write_bytes(data)
        self.epoch = like.epoch if like else self.work.hex(16)
        self.old = self.work.chance(self.country.faults.old_node)
        self._floor = BUILT
        self.journal = WatchedJournal(
            self._folder / "journal.db",
            KEY,
            node=self.identity.node,
            epoch=self.epoch,
            stamp=self.stamp,
            die=_die,
        )
        self.journal.box = self
        self.on = True
        with self.journal.reading() as db:
            last = latest_instant(db)
            self._floor = max(BUILT, last) if last else BUILT
            kept = db.execute("SELECT receipt FROM delivery").fetchall()
            said = self.country.nation.issued.get(
                json.loads(kept[0][0])["signature"] if kept else ""
            )
            self.heard = said[3] if said else -1
            if like:
                with like.journal.reading() as theirs:
                    self.journal._writer._tip = _running_tip(theirs, self.identity.node, self.epoch)
        inbox = WatchedInbox(self, self.journal)
        introduction = Introduction(
            self.identity.facility,
            CODE,
            lambda: self.name,
            software="simulated",
            fingerprint=fingerprint(self.country.nation.key.public_key()),
        )
        self.link = RegistryLink(
            self.journal,
            "http://registry.test",
            self.identity.key,
            introduction,
            LinkEnvironment(
                lambda: self.work.now + self.spent,
                lambda: self.work.random.random(),
                lambda: self.work.hex(16),
                lambda: self.work.moment(self.offset),
            ),
            inbox=inbox,
            connect=self.road.connect,
        )
        self.sticks = SiteSticks(
            self.journal,
            self.identity.key,
            inbox,
            introduction,
            lambda: self.work.moment(self.offset),
            lambda: self.work.hex(16),
        )
        self._check_told()

    def off(self) -> None:
        """Lose the power: what was committed is on the disk, nothing else is."""
        if self.on:
            self._image = self.image()
            self.journal.close()
            self.on = False

    def restart(self) -> None:
        """Switch off as one should, and start again."""
        self.journal.close()
        self._image, self.on = self._read(), False
        self.boot()

    def power_cut(self) -> None:
        """Lose the power and start again."""
        self.work.log(f"{self.name} power cut")
        self.country.ledger.counts["power cuts"] += 1
        self.off()
        self.boot()

    def image(self) -> dict[str, bytes]:
        """Give the disk as it is."""
        return self._read() if self.on else self._image

    def _read(self) -> dict[str, bytes]:
        found = {}
        for ending in ("", "-wal"):
            path = self._folder / f"journal.db{ending}"
            if path.exists():
                found[ending] = path.read_bytes()
        return found

    def journal_copy(self) -> Path:
        """Give a copy of the journal to take apart."""
        path = self._folder / "copy.db"
        for ending, data in self.image().items():
            path.with_name(f"copy.db{ending}").write_bytes(data)
        return path

    def back_up(self) -> None:
        """Keep an image of the disk elsewhere."""
        self.backups = [*self.backups[1 - _BACKUPS :], self.image()]

    def restore(self) -> bool:
        """Start from a backup; what it lacks is gone from this disk."""
        if not self.backups:
            return False
        self.country.ledger.counts["restores"] += 1
        before = self.told
        self.off()
        self._image = self.work.random.choice(self.backups)
        self.told = {}
        self.boot()
        self.told = self._doses()
        lost = [id_ for id_ in before if id_ not in self.told]
        self.country.note_removed(self.identity.node, lost)
        return True

    def step_clock(self) -> None:
        """Set the clock to something else."""
        self.offset = self.work.random.choice(_CLOCKS)

    # The tablets.

    def record(self, asks: Sequence[Ask]) -> list[Entry | None]:
        """Record the doses of some tablets, each once; they share a commit.

        Raises :class:`PowerCut` when the machine died before anything was saved.
        """
        dark = self.work.chance(self.country.faults.dark_commit)

        def work(unit: Unit) -> list[Entry | None]:
            answers: list[Entry | None] = [self._entry(unit, ask) for ask in asks]
            if self.tells_before_commit:
                self.tell(answers)
            if dark:
                raise _Blackout
            self._new = list(unit.entries)
            return answers

        try:
            answers = self.journal.run(work)
        except _Blackout:
            raise PowerCut from None
        for entry in self._new:
            self.country.ledger.write(self.identity.node, dict(entry.document), entry.hash)
        self.country.ledger.counts["entries"] += len(self._new)
        return answers

    def _entry(self, unit: Unit, ask: Ask) -> Entry:
        earlier = entries_of(unit.db, ask.id)
        if earlier:
            return earlier[0]
        place = unit.tip.link()
        entry = unit.append("DoseGiven", ask.body, id_=ask.id, by="V1")
        if ask.certificate and unit.stamp.believed:
            number = certificate_number(place)
            issued = {
                "certificate": number,
                "dose": ask.id,
                "person": ask.body["person"],
                "credentials": [],
                "text": ask.body["canary"],
            }
            unit.append("CertificateIssued", issued, id_=ask.certificate, by="V1", cause=ask.id)
            if ask.revocation:
                withdrawn = {
                    "certificate": number,
                    "reason": "a mistake",
                    "keys": [number],
                    "text": ask.body["canary"],
                }
                unit.append(
                    "CertificateRevoked", withdrawn, id_=ask.revocation, by="S1", cause=ask.id
                )
        return entry

    def tell(self, answers: Sequence[Entry | None]) -> None:
        """The tablets hear that their doses are safe; one that was refused hears nothing."""
        for entry in filter(None, answers):
            self.told[entry.id] = entry.hash
            self.country.ledger.acknowledge(self.identity.node, entry.id, entry.hash)

    # What must hold.

    def sync(self) -> None:
        """Make a pass if one is due; check what it claims."""
        nation = self.country.nation
        before, passes, tip = nation.generation, self.link._last, self._tip()
        self.road.begin()
        self.passing, self.fooled = True, False
        try:
            self.link.run_when_due()
        finally:
            self.passing = False
        last = self.link._last
        if last is passes or last is None:
            return
        self.country.ledger.counts["passes"] += 1
        self.look_at_the_screen()
        self.work.log(f"{self.name} {last.state} {last.sent} {last.letters} {last.code}")
        if last.state == "synced" and nation.generation == before and not self.fooled:
            self._check_tip("a pass", tip)
        self.country.ledger.counts["fooled"] += self.fooled
        if last.state == "diverged":
            if not self.diverges:
                raise Violation(f"{self.name} says that its history has diverged; it has not")
            self.country.ledger.counts["diverged"] += 1
        if self.link._follower is not None and self.link._follower._pace.size > 1000:
            raise Violation("a batch grows without end")

    def check(self) -> None:
        """What must hold after every step: ``synced`` is not said when it is not so."""
        if self.on and self.heard == self.country.nation.generation:
            tip = self._tip()
            if tip != self._seen:
                self._seen = tip
                if self.link.state().state == "synced":
                    self._check_tip("the screen", tip)

    _seen: tuple[Any, ...] | None = None

    def look_at_the_screen(self) -> str:
        """Give what the screen says, checked."""
        state = self.link.state().state
        if state == "synced" and self.heard == self.country.nation.generation:
            self._check_tip("the screen", self._tip())
        return state

    def _tip(self) -> tuple[Any, ...]:
        with self.journal.reading() as db:
            row = db.execute(
                "SELECT epoch, number, hash FROM entry ORDER BY position DESC LIMIT 1"
            ).fetchone()
        return tuple(row) if row else ()

    def _check_tip(self, who: str, tip: tuple[Any, ...]) -> None:
        if not tip:
            return
        epoch, number, hash_ = tip
        held = self.country.nation.look(
            "SELECT 1 FROM entry WHERE node = ? AND number = ? AND hash = ?"
            " AND (epoch = ? OR epoch LIKE ? || '~%')",
            *(self.identity.node, number, hash_, epoch, epoch),
        )
        if not held:
            raise Violation(
                f"{who} says synced at {self.name}; entry {number} of {epoch} is not held as it is"
            )

    def _check_told(self) -> None:
        if not self.told:
            return
        there = self._doses()
        for id_, hash_ in self.told.items():
            if there.get(id_) != hash_:
                raise Violation(
                    f"dose {id_} was acknowledged by {self.name} and is not on its disk"
                )

    def _doses(self) -> dict[str, str]:
        """Give the acknowledged doses on this disk, with their hashes."""
        known = self.country.ledger.doses
        with self.journal.reading() as db:
            rows = db.execute("SELECT id, hash FROM entry").fetchall()
        return {id_: hash_ for id_, hash_ in rows if id_ in known}

    def stamp(self) -> Stamp:
        """Give what the clock shows, and whether it can be right."""
        now = self.work.moment(self.offset)
        return Stamp(now, now >= self._floor)


def _running_tip(db: Any, node: str, epoch: str) -> Tip:
    """Give where a running machine stands in its epoch: what a copy of its memory holds."""
    row = db.execute(
        "SELECT position, epoch, number, hash FROM entry ORDER BY position DESC LIMIT 1"
    ).fetchone()
    if row is None or row[1] != epoch:
        return journals.last_tip(db, node, epoch)
    return Tip(node=node, epoch=epoch, position=row[0], number=row[2], hash=row[3])


def _die(error: BaseException) -> NoReturn:
    raise error
