"""Every fault at every stage of a job: the right state, nothing lost, nothing twice unmarked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
from _pytest.mark import ParameterSet
from printer_faults import CONFIRMATIONS, FAULTS, PAPER, STAGES, Hasty, out, place, untrue
from shares import PRINTED_DAYS, first_quick
from simulated import Clock, Line, Store

from printers.dialogues import begin
from printers.errors import ConnectionFailed
from printers.jobs import Job, RenderedSlip
from printers.profile import Profile
from printers.spooler import Spooler
from printers.virtual import Fault, Kind, Machine, Model


class Desk:
    """A printer, its spooler, and the person who loads paper and looks what came out."""

    def __init__(
        self,
        slip_bytes: Callable[[int], bytes],
        *,
        confirmation: str = "process-id",
        serial: bool = False,
        seed: int = 0,
        millimetres_per_second: float = 150,
    ) -> None:
        self.clock, self.store = Clock(), Store(lambda: self.machine.received)
        model = Model(
            serial=serial,
            process_id=confirmation == "process-id",
            transmit_status=confirmation != "real-time-status",
            automatic_status=confirmation != "real-time-status",
            millimetres_per_second=millimetres_per_second,
        )
        self.machine = Machine(model, seed=seed)
        self.profile: Profile = replace(PAPER, confirmation=confirmation)  # type: ignore[arg-type]
        self._slip = slip_bytes
        self.mended_at = 45.0
        self.spooler = self.started()

    def started(self) -> Spooler:
        return Spooler(
            self.profile,
            self.store,
            lambda job: RenderedSlip(self._slip(job.id)),
            lambda: Attended(self),
            patience=10,
            clock=self.clock,
        )

    def out(self, number: int) -> int:
        """Count the papers on which a job's closing line stands."""
        return out(number, self.machine.roll.lines)

    def run(self) -> None:
        """Let the spooler try again and again, until long after everything was put right."""
        while self.clock.now < self.mended_at + 60:
            self.spooler.run()
            self.clock.now += 5
            self.mend()

    def mend(self) -> None:
        """Put everything right when its time has come, as a person does who saw the tablet."""
        if self.clock.now >= self.mended_at:
            self.machine.clear_all(self.clock.now)


class Attended(Line):
    """A line to a printer that somebody puts right also while the spooler waits."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.machine, desk.clock)
        self._desk = desk

    def read(self, seconds: float) -> bytes:
        self._desk.mend()
        return super().read(seconds)


def every_fault() -> Iterator[ParameterSet]:
    """Give every fault at every stage, by every confirmation, over both lines.

    Of these the quick tests play a sixth: each fault at each stage, and beside it each fault and
    each stage with every confirmation over both lines.
    """
    for number, (kind, seconds) in enumerate(FAULTS):
        for moment, stage in enumerate(STAGES):
            quick = ((number + moment) % 3, bool((number + moment // 3) % 2))
            for way in product(range(3), (False, True)):
                confirmation, line = CONFIRMATIONS[way[0]], "serial" if way[1] else "tcp"
                yield pytest.param(
                    kind, seconds, stage, confirmation, way[1],
                    marks=() if way == quick else pytest.mark.slow,
                    id=f"{kind}-{stage.replace(' ', '-')}-{confirmation}-{line}",
                )  # fmt: skip


def test_the_quick_share_has_every_two_of_fault_stage_confirmation_and_line_together() -> None:
    quick = [case.values for case in every_fault() if not case.marks]
    assert len(quick) == len(FAULTS) * len(STAGES)
    names, ways = [kind for kind, _ in FAULTS], set(product(CONFIRMATIONS, (False, True)))
    assert {(kind, stage) for kind, _, stage, *_ in quick} == set(product(names, STAGES))
    for kind in names:
        assert {(how, line) for one, _, _, how, line in quick if one == kind} == ways
    for stage in STAGES:
        assert {(how, line) for _, _, one, how, line in quick if one == stage} == ways


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "seconds", "stage", "confirmation", "serial"), list(every_fault())
)
def test_a_fault_leaves_the_job_in_a_state_that_is_true(
    slip_bytes: Callable[[int], bytes],
    kind: Kind,
    seconds: float,
    stage: str,
    confirmation: str,
    serial: bool,
) -> None:
    desk = Desk(slip_bytes, confirmation=confirmation, serial=serial)
    desk.machine.arm(place(stage, slip_bytes(1)).fault(kind, seconds), 0.0)
    desk.store.queue(1)
    desk.store.queue(2)
    desk.run()
    desk.machine.advance(desk.clock.now + 60)
    assert not list(untrue(desk.store.states, desk.machine.roll.lines, kind, confirmation)), (
        desk.store.history
    )


@pytest.mark.parametrize("serial", [False, True], ids=["tcp", "serial"])
@pytest.mark.parametrize("kind", ["paper-out", "cover-open"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_what_holds_a_job_up_is_told_while_it_is_held_and_it_goes_on_by_itself(
    slip_bytes: Callable[[int], bytes], kind: Kind, share: float, serial: bool
) -> None:
    desk = Desk(slip_bytes, serial=serial)
    desk.machine.arm(Fault(kind, at_byte=12 + int(share * len(slip_bytes(1)))), 0.0)
    desk.store.queue(1)
    told: list[str] = []

    class Watched(Attended):
        def read(self, seconds: float) -> bytes:
            told.append(desk.spooler.health.code)
            return super().read(seconds)

    desk.spooler._connect = lambda: Watched(desk)
    desk.spooler.run()
    assert f"printer.{kind}" in told
    assert (1, "held", f"printer.{kind}") in desk.store.history
    assert desk.store.states[1] == "printed"
    assert desk.out(1) == 1
    assert desk.spooler.health.code == ""


def test_a_printer_that_does_not_answer_at_all_gets_nothing(
    slip_bytes: Callable[[int], bytes],
) -> None:
    desk = Desk(slip_bytes)
    desk.machine.arm(Fault("silent"), 0.0)
    desk.store.queue(1)
    desk.spooler.run()
    assert (desk.store.states[1], desk.spooler.health.code) == ("queued", "printer.silent")
    assert desk.machine.roll.rows == 0
    desk.machine.clear("silent", desk.clock.now)
    desk.spooler.run()
    assert desk.store.states[1] == "printed"


@pytest.mark.parametrize("confirmation", ["process-id", "transmit-status"])
def test_the_answer_to_one_slip_is_never_taken_for_another(
    slip_bytes: Callable[[int], bytes], confirmation: str
) -> None:
    """The first is given up while it still waits in the printer; its answer comes much later."""
    desk = Desk(slip_bytes, confirmation=confirmation)
    desk.machine.arm(Fault("late", at_byte=100, seconds=25), 0.0)
    desk.store.queue(1)
    desk.store.queue(2)
    desk.spooler.run()
    assert desk.store.states[1] == "unknown"
    desk.machine.clear("late", desk.clock.now)
    power = desk.machine.received + len(slip_bytes(2)) // 2
    desk.machine.arm(Fault("power", at_byte=power + 3000, seconds=1), desk.clock.now)
    desk.run()
    assert desk.out(1) == 1
    if desk.store.states[2] == "printed":
        assert desk.out(2) == 1


def test_a_printer_that_is_lost_while_it_stands_still_has_what_it_took(
    slip_bytes: Callable[[int], bytes],
) -> None:
    desk = Desk(slip_bytes)
    desk.store.queue(1)

    class Stalling(Attended):
        pieces = 0

        def write(self, data: bytes) -> None:
            self.pieces += len(data) > 64
            if self.pieces > 1:
                desk.machine.line = "hang-up"
                raise ConnectionFailed("printer.stalled", "It takes nothing.", 0)
            super().write(data)

    desk.spooler._connect = lambda: Stalling(desk)
    desk.spooler.run()
    assert desk.store.states[1] == "unknown"


def test_a_slip_that_was_torn_does_not_spoil_the_next_one(
    slip_bytes: Callable[[int], bytes],
) -> None:
    desk = Desk(slip_bytes)
    desk.machine.arm(Fault("reset", at_byte=len(slip_bytes(1)) // 2), 0.0)
    desk.store.queue(1)
    desk.store.queue(2)
    desk.run()
    assert desk.store.states == {1: "unknown", 2: "printed"}
    torn, whole = desk.machine.roll.papers[0], desk.machine.roll.papers[-1]
    assert not any("END" in line for line in torn.lines)
    clean = Desk(slip_bytes)
    clean.store.queue(2)
    clean.spooler.run()
    assert whole.lines == clean.machine.roll.papers[0].lines
    assert whole.rows == clean.machine.roll.papers[0].rows


def test_a_node_that_was_stopped_in_the_middle_sends_nothing_again(
    slip_bytes: Callable[[int], bytes],
) -> None:
    desk = Desk(slip_bytes)
    desk.machine.arm(Fault("paper-out", at_byte=len(slip_bytes(1)) // 2), 0.0)
    desk.store.queue(1)
    desk.store.queue(2)

    class Stopped(Attended):
        def read(self, seconds: float) -> bytes:
            if desk.clock.now > 20:
                desk.spooler.stop()
            return super().read(seconds)

    desk.spooler._connect = lambda: Stopped(desk)
    desk.spooler.run()
    assert desk.store.states[1] in ("sending", "sent")
    assert desk.store.states[2] == "queued"
    desk.spooler = desk.started()
    desk.spooler.recover()
    assert desk.store.states[1] == "unknown"
    desk.run()
    assert desk.store.states == {1: "unknown", 2: "printed"}
    assert desk.out(1) <= 1
    assert desk.out(2) == 1


def test_a_printer_that_was_cut_off_is_brought_back_also_after_a_restart(
    slip_bytes: Callable[[int], bytes],
) -> None:
    desk = Desk(slip_bytes, serial=True)
    data = slip_bytes(1)
    left = 15 + data.index(b"1P0") + 100  # in the bytes of the code

    class Cut(Attended):
        def write(self, data: bytes) -> None:
            nonlocal left
            if left < len(data):
                super().write(data[:left])
                raise ConnectionFailed("printer.cut-off", "It was lost.", left)
            left -= len(data)
            super().write(data)

    desk.spooler._connect = lambda: Cut(desk)
    desk.store.queue(1)
    desk.spooler.run()
    assert desk.store.states[1] == "unknown"
    desk.spooler = desk.started()
    desk.spooler.recover()
    desk.store.queue(2)
    desk.run()
    assert desk.store.states == {1: "unknown", 2: "printed"}
    _torn, newest = desk.machine.roll.papers
    assert sum("Certificate" in line for line in newest.lines) == 1
    assert [len(code) for code in newest.codes] == [250]


def lived(slip_bytes: Callable[[int], bytes], seed: int, jobs: int) -> tuple[Desk, int]:
    """Print many slips through many faults, with a person who looks at what is unknown."""
    chance = random.Random(seed)
    desk = Desk(
        slip_bytes,
        confirmation=chance.choice(["process-id", "process-id", "transmit-status"]),
        serial=chance.random() < 0.4,
        seed=seed,
        millimetres_per_second=chance.choice([60, 150, 250]),
    )
    kinds = [kind for kind, _ in FAULTS if kind != "slow"]
    if desk.profile.confirmation == "transmit-status":
        # an answer of one byte can be guessed by noise; that is why GS ( H stands above it
        kinds.remove("garbage")
    struck, queued = 0, 0
    while queued < jobs or any(
        s in ("queued", "sending", "sent") for s in desk.store.states.values()
    ):
        for _ in range(chance.randint(0, 3) if queued < jobs else 0):
            queued += 1
            desk.store.queue(queued)
        if chance.random() < 0.5:
            struck += 1
            ahead = chance.randint(0, 2 * len(slip_bytes(1)))
            at = desk.machine.received + ahead if chance.random() < 0.8 else None
            kind = chance.choice(kinds)
            fault = Fault(kind, at_byte=at, seconds=chance.uniform(0.1, 15))
            desk.machine.arm(fault, desk.clock.now)
        desk.mend()
        if desk.clock.now >= desk.mended_at:
            desk.mended_at = chance.uniform(5, 60) + desk.clock.now
        if chance.random() < 0.05:
            desk.spooler = desk.started()
            desk.spooler.recover()
        desk.spooler.run()
        desk.clock.now += chance.uniform(0.1, 10)
        desk.machine.advance(desk.clock.now)
        for number, state in desk.store.states.items():
            assert desk.out(number) <= 1, f"seed {seed}: slip {number} came out twice"
            if state == "printed":
                assert desk.out(number) == 1, f"seed {seed}: slip {number} did not come out"
    return desk, struck


@pytest.mark.parametrize("seed", first_quick(PRINTED_DAYS, 10))
def test_through_any_faults_nothing_is_lost_and_nothing_printed_twice(
    slip_bytes: Callable[[int], bytes], seed: int
) -> None:
    desk, struck = lived(slip_bytes, seed, jobs=40)
    assert struck > 5
    assert set(desk.store.states.values()) <= {"printed", "unknown"}
    assert len(desk.store.states) >= 40
    assert list(desk.store.states.values()).count("printed") >= 10


class Doubled(Spooler):
    """The planted bug: what was cut off is sent again."""

    def _send(self, job: Job, made: RenderedSlip, dialogue: object) -> None:
        try:
            super()._send(job, made, dialogue)  # type: ignore[arg-type]
        finally:
            if self._store.states[job.id] == "unknown":  # type: ignore[attr-defined]
                self._store.states[job.id] = "queued"  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.parametrize("bug", [pytest.param(Doubled, marks=pytest.mark.slow), Hasty])
def test_the_random_run_finds_a_planted_bug(
    slip_bytes: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch, bug: type[Spooler]
) -> None:
    monkeypatch.setitem(globals(), "Spooler", bug)
    found = 0
    for seed in range(20):
        try:
            lived(slip_bytes, seed, jobs=30)
        except AssertionError:
            found += 1
    assert found


def test_a_failure_says_how_many_bytes_were_taken_over_all_pieces(
    slip_bytes: Callable[[int], bytes],
) -> None:
    desk = Desk(slip_bytes)
    desk.machine.arm(Fault("hang-up", at_byte=4000), 0.0)
    desk.store.queue(1)
    dialogue = begin(desk.profile, Line(desk.machine, desk.clock), desk.clock)
    with pytest.raises(ConnectionFailed) as lost:
        desk.spooler._sending(Job(1), dialogue).write(bytes(20_000))
    assert lost.value.accepted >= 3000
