"""A whole country in one process: sites, registry, network and people, from one seed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from unittest import mock

import strokes
from boxes import KEY, Box, Identity
from centre import Nation
from clockwork import DAY, Clockwork, Violation
from couriers import courier
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from deskside import open_desk
from invariants import check_everything
from ledger import Ledger
from roads import PowerCut
from strangers import JUDGED, VISITS, Strangers
from swarm import QUIET, Faults, draw
from tablets import Clinic
from watchers import watch

from edge.journal.database import open_writer
from edge.journal.schema import migrate
from sync.registry.judging.schemas import Schemas, schemas_folder

CALM = 4 * 3600.0
"""Virtual seconds without faults before everything must have healed."""
_CHAOS = 2 * DAY
"""The longest stretch between two calms."""
_POLL = 600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a country is simulated and for how long; ``faults`` None: drawn from the seed.

    ``doses`` is the mean of one site and day. With ``desk`` one more site runs the whole way of a
    dose, at a slower pace.
    """

    seed: int
    days: float = 2.0
    sites: int = 3
    doses: int = 250
    desk: bool = False
    faults: Faults | None = None


@dataclass
class Outcome:
    """What a run came to."""

    trace: str
    steps: int
    site_days: float
    counts: dict[str, int]
    lost: list[str] = field(default_factory=list)


class Country:
    """Everything there is; :meth:`run` lets it happen."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.work = Clockwork(plan.seed)
        self.ledger = Ledger()
        self.weather = plan.faults or draw(self.work.random)
        self.faults = self.weather
        self._blank = self._make_blank()
        key = Ed25519PrivateKey.from_private_bytes(self.work.random.randbytes(32))
        self.nation = Nation(self.work, self.ledger, folder, key, Schemas(schemas_folder()))
        self.strangers = Strangers(self, Random(f"strangers {plan.seed}"))
        self.boxes: list[Box] = []
        self.clinics: dict[str, Clinic] = {}
        for number in range(plan.sites):
            self._found(number)
        if plan.desk:
            self._open(open_desk(self))

    def run(self) -> Outcome:
        """Let days go by, calm now and then, and check everything in every calm."""
        lost: list[str] = []
        left = self.plan.days * DAY
        self._begin()
        while left > 0:
            self.faults = self.weather
            stretch = min(_CHAOS, left)
            self.work.run(self.work.now + stretch, self._check)
            left -= stretch
            self._calm()
            self.strangers.check()
            lost = check_everything(self)
        counts = dict(sorted(self.ledger.counts.items()))
        days = self.plan.days * len(self.clinics)
        return Outcome(self.work.trace(), self.work.steps, days, counts, lost)

    def close(self) -> None:
        """Switch everything off."""
        for box in self.boxes:
            box.off()
        self.nation.close()

    def blank(self) -> dict[str, bytes]:
        """Give the disk of a new machine."""
        return dict(self._blank)

    def boxes_of(self, node: str) -> list[Box]:
        """Give the computers of one identity."""
        return [box for box in self.boxes if box.identity.node == node]

    def note_removed(self, node: str, ids: list[str]) -> None:
        """Write down what a restore took from a disk."""
        rows = self.nation.look("SELECT id FROM entry WHERE node = ?", node)
        held = {str(row[0]) for row in rows}
        self.ledger.remove(ids, held, self.nation.generation)

    def meanwhile(self, box: Box) -> None:
        """Let something happen in the middle of a pass."""
        what = self.work.random.choice(("rewind", "restart", "doses", "twin"))
        self.work.log(f"meanwhile {what}")
        others = [one for one in self.boxes_of(box.identity.node) if not one.passing]
        if what == "rewind" and self.faults.rewinds:
            self._rewind()
        elif what == "restart":
            self.nation.restart()
        elif what == "twin" and others:
            self._sync(self.work.random.choice(others))
        else:
            self.clinics[box.identity.node].burst(box)

    # The making.

    def _found(self, number: int) -> None:
        random = self.work.random
        key = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        identity = Identity(key, f"SITE{number:02d}")
        bursts = 8 * 3600 / 600
        pace = self.plan.doses / bursts * random.uniform(0.4, 1.6)
        self._open(Clinic(self, identity, pace))

    def _open(self, clinic: Clinic) -> None:
        identity = clinic.identity
        self.clinics[identity.node] = clinic
        self.add(clinic.box(self, identity, f"box{len(self.boxes)}"))

    def add(self, box: Box) -> None:
        """Set up a computer; from now on it works, and what can befall it does."""
        self.boxes.append(box)
        self._often(f"poll {box.name}", _POLL, lambda: self._sync(box))
        for name, act in self._misfortunes(box).items():
            self._now_and_then(f"{name} {box.name}", name, act)

    def _make_blank(self) -> dict[str, bytes]:
        path = self.folder / "blank.db"
        db = open_writer(path, KEY)
        migrate(db, self.work.moment())
        db.conn.close()
        data = path.read_bytes()
        path.unlink()
        return {"": data}

    # The events.

    def _begin(self) -> None:
        for clinic in self.clinics.values():
            self._often("clinic", 600.0, partial(self._work, clinic))
        for name, act in self._strokes().items():
            self._now_and_then(name, name, act)
        self._visit()
        self._judge()

    def _visit(self) -> None:
        self.strangers.come()
        pause = self.strangers.random.expovariate(1 / VISITS)
        self.work.after(pause, "stranger", self._visit)

    def _judge(self) -> None:
        self.nation.judge(self.strangers.random.randrange(2))
        pause = self.strangers.random.expovariate(1 / JUDGED)
        self.work.after(pause, "judge", self._judge)

    def _often(self, name: str, mean: float, act: Callable[[], object]) -> None:
        def again() -> None:
            act()
            self.work.after(self.work.random.uniform(0.5, 1.5) * mean, name, again)

        self.work.after(self.work.random.uniform(0, mean), name, again)

    def _now_and_then(self, name: str, fault: str, act: Callable[[], object]) -> None:
        """Let a fault strike at its rate, while there is weather; one that is off never does."""
        rate = getattr(self.weather, fault)
        if not rate:
            return

        def again() -> None:
            if self.faults is not QUIET:
                act()
                self.ledger.counts[fault] += 1
            self.work.after(self.work.random.expovariate(rate / DAY), name, again)

        self.work.after(self.work.random.expovariate(rate / DAY), name, again)

    def _misfortunes(self, box: Box) -> dict[str, Callable[[], object]]:
        return {
            "power_cuts": box.power_cut,
            "restarts": box.restart,
            "backups": box.back_up,
            "restores": box.restore,
            "clock_steps": box.step_clock,
            "stops": lambda: strokes.stop(self, box),
        }

    def _strokes(self) -> dict[str, Callable[[], object]]:
        return {
            "clones": lambda: strokes.clone(self),
            "twins": lambda: strokes.twin(self),
            "snapshots": self.nation.snapshot,
            "rewinds": self._rewind,
            "registry_restarts": self.nation.restart,
            "registry_clocks": lambda: strokes.registry_clock(self),
            "old_registry": lambda: strokes.version(self),
            "quotas": lambda: strokes.quota(self),
            "letters": lambda: strokes.letter(self),
            "couriers": lambda: courier(self),
        }

    def _work(self, clinic: Clinic) -> None:
        hour = self.work.moment().hour
        open_ = 8 <= hour < 16 and self.faults is not QUIET
        box = self.work.random.choice(self.boxes_of(clinic.identity.node))
        try:
            if open_:
                clinic.burst(box)
            else:
                clinic.again(box)
        except PowerCut:
            box.power_cut()

    def _sync(self, box: Box) -> None:
        try:
            box.sync()
        except PowerCut:
            box.power_cut()

    def _rewind(self) -> None:
        if self.nation.rewind():
            self.ledger.counts["rewound"] += 1

    # The calm.

    def _calm(self) -> None:
        """Stop every fault, let operators do their part, and wait; an old version stays old."""
        self.faults = QUIET
        self.nation.offset = 0.0
        self.nation.limit()
        for node in self.clinics:
            self.nation.store.set_state(node, "active", "2026-11-24T12:00:00.000Z")
        for box in self.boxes:
            box.offset = 0.0
        self.work.log("calm")
        self.work.run(self.work.now + CALM, self._check)
        for clinic in self.clinics.values():
            if clinic.unheard:
                raise Violation("a tablet is not answered, and nothing stands in its way")

    def _check(self) -> None:
        for box in self.boxes:
            box.check()


def simulate(plan: Plan, *patches: tuple[object, str, object]) -> Outcome:
    """Run one country in a folder of its own, with bugs planted into the software if any."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="country-", dir=place))
    try:
        with ExitStack() as stack:
            for owner, name, value in (*watch(), *patches):
                stack.enter_context(mock.patch.object(owner, name, value))
            country = Country(plan, folder)
            try:
                return country.run()
            except BaseException as error:
                error.add_note(_story(country))
                raise
            finally:
                country.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _story(country: Country) -> str:
    plan = country.plan
    on = {
        name: round(value, 3)
        for name in Faults.__dataclass_fields__
        if (value := getattr(country.weather, name))
    }
    return "\n".join(
        (
            f"seed {plan.seed}, step {country.work.steps}, faults {on}; the last events:",
            *country.work.recent,
            f"python tests/simulation --seed {plan.seed} --days {plan.days:g}"
            f" --sites {plan.sites} --doses {plan.doses}{' --desk' if plan.desk else ''}",
        )
    )
