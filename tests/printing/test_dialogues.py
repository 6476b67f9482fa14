"""What printers of other languages are asked, and when their answer counts as paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from simulated import Clock, Store
from slips import profile

from printers.dialogues import begin
from printers.dialogues.base import Dialogue
from printers.errors import ConnectionFailed
from printers.jobs import RenderedSlip
from printers.languages import starprnt
from printers.profile import Profile
from printers.spooler import Spooler


class Scripted:
    """A printer that gives prepared answers to what it is sent."""

    answers = True

    def __init__(
        self, clock: Clock, answers: dict[bytes, list[bytes]], later: Sequence[bytes] = ()
    ) -> None:
        self._clock = clock
        self._later = list(later)
        self._answers = answers
        self._said: list[bytes] = []
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data
        for question, answers in self._answers.items():
            if question in data and answers:
                self._said.append(answers.pop(0))

    def read(self, seconds: float) -> bytes:
        if self._said:
            return self._said.pop(0)
        self._clock.now += seconds
        assert self._clock.now < 86_400, "it is waited for without end"
        if seconds and self._later and b"SLIP" in self.sent:
            return self._later.pop(0)
        return b""

    def close(self) -> None:
        pass


def host_status(
    *, paper_out: int = 0, head_open: int = 0, waiting: int = 0, left: int = 0
) -> bytes:
    lines = (
        f"030,{paper_out},0,0400,{waiting:03d},0,0,0,000,0,0,0",
        f"000,0,{head_open},0,1,2,6,0,{left:08d},1,000",
        "1234,0",
    )
    return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)


STAR = bytes([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0])
WELL = b"\x1b\x06\x01"
"""What a Star is asked for how it is, and its answer when it is well."""


def brother(phase: int = 0, error: int = 0) -> bytes:
    status = bytearray(32)
    status[:3] = b"\x80\x20B"
    status[8] = error
    status[18] = phase
    return bytes(status)


def printed(
    name: str,
    answers: dict[bytes, list[bytes]],
    slip: bytes = b"SLIP",
    clock: Clock | None = None,
    later: Sequence[bytes] = (),
) -> tuple[str, str, bytes]:
    """Print one slip; give its state, the printer's trouble, and what was sent."""
    clock, store = clock or Clock(), Store()
    store.queue(7)
    line = Scripted(clock, answers, later)
    spooler = Spooler(
        profile(name), store, lambda job: RenderedSlip(slip), lambda: line, patience=5, clock=clock
    )
    spooler.run()
    return store.states[7], spooler.health.code, line.sent


def test_a_zebra_label_is_printed_when_none_is_left_to_print() -> None:
    ready, busy = host_status(), [host_status(waiting=1), host_status(left=1)]
    assert printed("zebra-203", {b"~HS": [ready, *busy, ready, ready]})[:2] == ("printed", "")
    assert printed("zebra-203", {b"~HS": [ready, *busy, ready]})[0] == "unknown"
    assert printed("zebra-203", {b"~HS": [ready]})[0] == "unknown"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (host_status(paper_out=1), "printer.paper-out"),
        (host_status(head_open=1), "printer.cover-open"),
        (b"", "printer.silent"),
    ],
)
def test_a_zebra_that_is_not_ready_gets_nothing_but_the_question(status: bytes, code: str) -> None:
    state, trouble, sent = printed("zebra-203", {b"~HS": [status] * 9})
    assert (state, trouble, sent.replace(b"~HS", b"")) == ("queued", code, b"")


def test_a_zebra_that_was_switched_off_and_on_has_forgotten_its_label() -> None:
    ready, printing = host_status(), host_status(left=1)
    off = [printing, b"", b"", ready, ready, ready]
    assert printed("zebra-203", {b"~HS": [ready, *off]})[0] == "unknown"
    hiccup = [printing, b"", ready, ready, ready]
    assert printed("zebra-203", {b"~HS": [ready, *hiccup]})[0] == "printed"


LABELS = {"one": b"\x1b@g\x00\x02\x1a\x1aSLIP\x1a", "two": b"g\x00\x01\x0cSLIP\x0cg\x00\x01g\x1a"}
"""Rows that hold the bytes of the commands that end a label."""


def test_a_brother_label_is_printed_when_its_status_says_so_and_is_not_asked_meanwhile() -> None:
    out, receiving = brother(phase=1), brother(phase=6)
    for labels, told, state in (
        ("one", [out], "printed"),
        ("one", [receiving + out + receiving], "printed"),  # all of it in one read
        ("one", [out[:20], out[20:]], "printed"),
        ("one", [receiving], "unknown"),
        ("two", [out + receiving], "unknown"),
        ("two", [out + receiving + out + receiving], "printed"),
        ("two", [out + receiving, out], "printed"),
    ):
        clock = Clock()
        answers = {b"\x1biS": [brother()], b"SLIP": told[:1]}
        found, _, sent = printed("brother-ql-62", answers, LABELS[labels], clock, told[1:])
        assert found == state, (labels, told)
        assert sent.endswith(LABELS[labels])
    assert printed("brother-ql-62", {b"\x1biS": [brother()]})[0] == "unknown"
    assert printed("brother-ql-62", {b"\x1biS": [brother(error=1)]})[0] == "queued"


def test_a_brother_that_was_opened_is_asked_until_it_is_closed_and_then_a_person_is() -> None:
    clock = Clock()
    open_ = brother(phase=2, error=4)
    answers = {b"\x1biS": [brother(), *[open_] * 900, *[brother()] * 9], b"SLIP": [open_]}
    state, trouble, sent = printed("brother-ql-62", answers, LABELS["one"], clock)
    assert (state, trouble) == ("unknown", "")
    assert sent.count(b"\x1biS") > 900  # held for as long as it said so

    clock = Clock()
    answers = {b"\x1biS": [brother()], b"SLIP": [open_]}  # and was switched off
    state, trouble, _ = printed("brother-ql-62", answers, LABELS["one"], clock)
    assert (state, clock.now < 700) == ("unknown", True)


def test_a_star_slip_is_printed_at_the_end_of_its_own_document() -> None:
    def answers(number: int) -> dict[bytes, list[bytes]]:
        return {WELL: [STAR] * 99, b"SLIP": [starprnt.question(number) + b"\x05\x00"]}

    assert printed("star-mc-print3", answers(7))[0] == "printed"
    assert printed("star-mc-print3", answers(6))[0] == "unknown"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (STAR[:5] + b"\x08" + STAR[6:], "printer.paper-out"),
        (STAR[:2] + b"\x20" + STAR[3:], "printer.cover-open"),
        (b"", "printer.silent"),
    ],
)
def test_a_star_that_is_not_ready_gets_nothing_but_the_question(status: bytes, code: str) -> None:
    state, trouble, sent = printed("star-mc-print3", {WELL: [status] * 9})
    assert (state, trouble, sent.replace(WELL, b"")) == ("queued", code, b"")


def test_a_star_that_runs_out_of_paper_holds_the_slip_until_it_is_printed() -> None:
    clock, out = Clock(), STAR[:5] + b"\x08" + STAR[6:]
    end = starprnt.question(7) + b"\x05\x00"
    answers = {WELL: [STAR, *[out] * 40, STAR + end]}
    state, trouble, _ = printed("star-mc-print3", answers, clock=clock)
    assert (state, trouble) == ("printed", "")
    assert clock.now > 40


def _itself(line: Scripted) -> Scripted:
    return line


def test_a_star_that_was_cut_off_is_brought_back_before_the_next_slip() -> None:
    model = profile("star-mc-print3")
    barrier = starprnt.question(0xFFFF)

    class Cut(Scripted):
        cut = True

        def write(self, data: bytes) -> None:
            if self.cut and b"SLIP" in data:
                self.cut = False
                self.sent += data[:7]
                raise ConnectionFailed("printer.cut-off", "It was lost.", 7)
            super().write(data)

    ends = [starprnt.question(8) + b"\x05\x00"]
    for answer, states in ((barrier, ("unknown", "printed")), (b"", ("unknown", "queued"))):
        clock, store = Clock(), Store()
        store.queue(7)
        store.queue(8)
        known = {WELL: [STAR] * 99, barrier: [answer + b"\x04\x00"], b"SLIP": list(ends)}
        line = Cut(clock, known)
        spooler = Spooler(
            model,
            store,
            lambda job: RenderedSlip(b"\x1b\x1dS\x01SLIP"),
            partial(_itself, line),
            5,
            clock,
        )
        spooler.run()
        spooler.run()
        assert tuple(store.states.values()) == states
        between = line.sent.split(b"\x1b\x1dS\x01SLI", 1)[1].split(b"\x1b@")[0]
        assert between.count(b"\x00") >= starprnt.BAND * model.width // 8
    assert spooler.health.code == "printer.stuck"


@pytest.mark.parametrize("name", ["virtual-80", "zebra-203", "brother-ql-62", "star-mc-print3"])
def test_a_printer_is_asked_nothing_in_the_middle_of_a_slip(name: str) -> None:
    clock, store = Clock(), Store()
    store.queue(7)
    slip = bytes(range(1, 251)) * 20
    halts = [
        ConnectionFailed("printer.stalled", "It takes nothing.", one) for one in (100, 0, 0, 0)
    ]

    class Halting(Scripted):
        def write(self, data: bytes) -> None:
            if self.sent.find(slip[:100]) >= 0 and halts:
                halted = halts.pop(0)
                self.sent += data[: halted.accepted]
                raise halted
            super().write(data)

    answers = {b"\x10\x04": [b"\x12"] * 4, b"~HS": [host_status()], b"\x1biS": [brother()],
               WELL: [STAR]}  # fmt: skip
    line = Halting(clock, answers)
    Spooler(
        profile(name), store, lambda job: RenderedSlip(slip), lambda: line, patience=5, clock=clock
    ).run()
    assert not halts
    assert slip in line.sent.replace(b"\x1da\xff", b"")


def test_a_printer_that_can_only_be_written_to_is_never_asked() -> None:
    model: Profile = profile("virtual-80")
    line = Scripted(Clock(), {})
    line.answers = False
    dialogue = begin(model, line, Clock())
    assert type(dialogue) is Dialogue
    assert dialogue.dressed(b"SLIP", 1) == b"SLIP"


def ticket(answers: dict[bytes, list[bytes]]) -> tuple[str, str, bool]:
    """Print a slip on a usual ESC/POS printer; give state, trouble, and whether it was sent."""
    state, trouble, sent = printed("escpos-80", answers)
    return state, trouble, b"SLIP" in sent


TRANSMIT, ONLINE = b"\x1dr1", b"\x10\x04\x01"


def test_a_printer_that_answers_gs_r_only_prints() -> None:
    assert ticket({TRANSMIT: [b"\x00"] * 5}) == ("printed", "", True)
    near = ticket({TRANSMIT: [b"\x03"] * 5})
    assert near == ("printed", "printer.paper-near-end", True)
    assert ticket({TRANSMIT: [b"\x0f"] * 5}) == ("queued", "printer.paper-out", False)
    # read, and out of paper since
    assert ticket({TRANSMIT: [b"\x00"] * 3 + [b"\x0f"] * 9})[0] == "unknown"
    assert ticket({TRANSMIT: [b"\x00"] * 2})[0] == "unknown"
    assert ticket({TRANSMIT: [b"\x00"] * 3})[0] == "unknown"  # and silent since


@pytest.mark.parametrize(
    "noise", [b"\x00\x00", b"\x00\x80", b"\x12", b"\x90", b"_\x00", b"\x10\x00\x00\x00"]
)
def test_noise_is_no_answer_to_gs_r(noise: bytes) -> None:
    assert ticket({TRANSMIT: [noise] * 9}) == ("queued", "printer.silent", False)


def test_two_different_answers_to_gs_r_are_none() -> None:
    assert ticket({TRANSMIT: [b"\x00", b"\x03"] * 5}) == ("queued", "printer.silent", False)


def test_a_printer_that_answers_some_questions_of_dle_eot_prints() -> None:
    some = {ONLINE: [b"\x12"] * 5, b"\x10\x04\x04": [b"\x12"] * 5}
    assert ticket(some | {TRANSMIT: [b"\x00"] * 5}) == ("printed", "", True)
    assert ticket({ONLINE: [b"\x1a"] * 5}) == ("queued", "printer.offline", False)


def test_being_online_alone_is_no_proof_of_paper() -> None:
    clock = Clock()
    usual = replace(profile("escpos-80"), confirmation="real-time-status")
    line = Scripted(clock, {ONLINE: [b"\x12"] * 9})
    dialogue = begin(usual, line, clock)
    assert dialogue.look(4.0).heard
    assert not dialogue.printed(1, -1.0)
    line = Scripted(clock, {ONLINE: [b"\x12"] * 9, b"\x10\x04\x04": [b"\x12"] * 9})
    assert begin(usual, line, clock).printed(1, -1.0)
