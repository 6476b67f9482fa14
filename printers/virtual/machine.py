"""A printer as a pure machine: bytes and the time go in, paper and answers come out.

It knows no threads, sockets or clocks: the same bytes at the same times give the same paper, so
a test can print thousands of slips in simulated time. The endpoints give it real time.
"""

from __future__ import annotations

from collections.abc import Iterable

from printers.interpreter.commands import Commands
from printers.interpreter.drawing import SPACING, Band
from printers.interpreter.tables import Question
from printers.virtual.answer_queue import AnswerQueue
from printers.virtual.answers import answer_to
from printers.virtual.bridge import Bridge
from printers.virtual.buffer import Buffer
from printers.virtual.engine import CutHere, Engine, Reply
from printers.virtual.model import Fault, Kind, Model
from printers.virtual.realtime import ReceivedChunk, Scanner
from printers.virtual.roll import Roll
from printers.virtual.status import Condition
from printers.virtual.troubles import Troubles

_XON, _XOFF = b"\x11", b"\x13"
_SLOWLY = 64
"""Bytes that a slow printer reads together."""


class Machine:
    """One printer; ``seed`` makes its garbage, ``keep`` bounds the papers it remembers.

    ``roll`` has what came out. ``line`` is ``up``, or ``reset`` or ``hang-up`` when the printer has
    broken the connection; ``received`` counts the bytes that arrived while it was on.
    """

    def __init__(
        self, model: Model, faults: Iterable[Fault] = (), seed: int = 0, keep: int | None = None
    ) -> None:
        self.model = model
        self.roll = Roll(model.width, keep)
        self.condition = Condition()
        self.received = 0
        self.line = "up"
        self.on = True
        self._troubles = Troubles()
        self._speech = AnswerQueue(self._troubles, seed)
        self._engine = Engine(model, self.roll, self._speech.say)
        self._commands = Commands(model.width, self, model.abilities)
        self._scanner = Scanner()
        self._bridge = Bridge(model.bridge) if model.bridge else None
        self._power_up(0.0)
        for fault in faults:
            self.arm(fault, 0.0)

    @property
    def room(self) -> int:
        """Bytes it would take now; an endpoint that can wait reads no more than that."""
        if self._bridge is not None:
            return self._bridge.room
        return self._buffer.room if self.on and not self.stopped_reading else 0

    @property
    def stopped_reading(self) -> bool:
        """Whether it takes no byte off the line."""
        return self._troubles.holding("deaf", "half-open")

    @property
    def told_to_stop(self) -> bool:
        """Whether the last it said of the flow was ``XOFF``."""
        return self._buffer.stopped

    @property
    def idle(self) -> bool:
        """Whether everything received is on paper, and everything answered."""
        if self._bridge is not None and self._bridge.next_time is not None:
            return False
        return self.on and not self._buffer and self._engine.idle and self._speech.next_time is None

    def arm(self, fault: Fault, now: float) -> None:
        """Let something go wrong, now or at its byte or row."""
        if fault.at_byte is None and fault.at_row is None:
            self._strike(fault, now)
        else:
            self._troubles.arm(fault)
        self._engine.stop_at = self._troubles.next_row

    def clear(self, kind: Kind, now: float) -> None:
        """Put something right: a new roll, the cover closed, the paper freed from the cutter.

        An error of the cutter stays until ``DLE ENQ``, or until the cover was opened and closed.
        """
        self._troubles.end(kind)
        self._engine.stop_at = self._troubles.next_row
        if kind == "cutter":
            self._engine.cutter_blocked = False
        elif kind == "cover-open":
            self._engine.jammed &= self._engine.cutter_blocked
        elif kind == "power" and not self.on:
            self._power_up(now)
        self._sense(now)

    def clear_all(self, now: float) -> None:
        """Put everything right, as a person does who opens and closes the cover."""
        for kind in sorted(self._troubles.all()):
            self.clear(kind, now)
        self.clear("cutter", now)
        self.clear("cover-open", now)

    def connected(self) -> None:
        """A host has connected anew: what was said to the last one is gone."""
        self.line = "up"
        self._scanner = Scanner()
        self._speech.clear()

    def receive(self, data: bytes, now: float) -> bytes:
        """Take bytes off the line and give what is answered by now; beyond the buffer: lost."""
        if self._bridge is None:
            self._arrive(data, now)
        else:
            self._bridge.take(data, now)
        return self.advance(now)

    def _arrive(self, data: bytes, now: float) -> None:
        self._move(now)
        while data and self.on and self.line == "up" and not self.stopped_reading:
            left = self._troubles.bytes_left(self.received)
            size = len(data) if left is None else min(len(data), left)
            for part in self._scanner.scan(data[:size]):
                self._buffer.take(part)
                self._at_once(part, now)
                self._flow(now)
            self.received += size
            data = data[size:]
            self._strike_due(now)
            self._move(now)

    def _pass_on(self, now: float) -> None:
        """Let the printer have what has come through the bridge by now, as far as it has room."""
        while (bridge := self._bridge) and (when := bridge.next_time) is not None:
            room = _SLOWLY if not self.on else 0 if self.stopped_reading else self._buffer.room
            if when > now or not room:
                break
            self._arrive(bridge.pull(room), when)
            if not self._buffer.room:
                self._move(now)

    def advance(self, now: float) -> bytes:
        """Let time pass, and give what is answered by now."""
        self._pass_on(now)
        self._move(now)
        return self._speech.due(now)

    def next_time(self) -> float | None:
        """Give the time at which something happens by itself; none: it waits for someone."""
        times = [*self._troubles.timers.values()]
        if self._speech.next_time is not None:
            times.append(self._speech.next_time)
        if self._bridge is not None and self._bridge.next_time is not None and self._buffer.room:
            times.append(self._bridge.next_time)
        if self.on and not self.condition.offline:
            work = self._engine.next_time()
            if work is not None:
                times.append(work)
            if self._buffer and not self._engine.full:
                times.append(self._read_at if self._read_until is None else self._read_until)
        return min(times, default=None)

    # what the commands put out

    def print(self, band: Band) -> None:
        """Queue rows for the head."""
        self._engine.put(band)

    def cut(self) -> None:
        """Queue a cut, for a model that can."""
        if self.model.cutter:
            self._part(self.model.cut_seconds)

    def tear(self) -> None:
        """Let a person tear the paper off where there is no cutter."""
        if not self.model.cutter:
            self._part(0.0)

    def answer(self, question: Question) -> None:
        """Answer what stands in the stream, now that its turn has come."""
        model, data = self.model, question.data
        if question.name == "GS a":
            self._told_of = data[0] if model.automatic_status else 0
            if self._told_of:
                self._speech.say(self.condition.automatic(), self._read_at)
        elif question.name == "GS ( H":
            if not model.process_id:
                return
            if data[:2] == b"00" and len(data) == 6:
                self._engine.put(Reply(b"7\x22" + data[2:] + b"\x00"))
            elif data[:2] == b"10" and len(data) == 3:
                self._offline_wish = data[2] % 48
        elif said := answer_to(question, model, self.condition):
            self._speech.say(said, self._read_at)

    # inside

    def _part(self, seconds: float) -> None:
        self._engine.put(Band(SPACING))
        self._engine.put(CutHere(bytes(self._made), seconds))
        self._made.clear()

    def _power_up(self, now: float) -> None:
        self.on = True
        self._buffer = Buffer(self.model.buffer)
        self._made = bytearray()
        self._told_of = self._offline_wish = 0
        self._read_at: float = now
        self._read_until: float | None = None
        self._engine.clock = now
        self._commands.reset()
        self._scanner = Scanner()
        self._engine.clear()
        self._engine.jammed = False

    def _power_down(self, until: float) -> None:
        self._power_up(until)
        self.on = False
        self._speech.clear()
        self._troubles.power_cut(until)
        if not self.model.serial:
            self.line = "reset" if self._bridge is None else "up"
        elif self.model.xonxoff:
            self._speech.signal(_XON, until)

    def _at_once(self, arrived: ReceivedChunk, now: float) -> None:
        command = arrived.command
        if arrived.clears:
            self._forget()
            self._speech.say(b"7%\x00", now)
        elif command[1:2] == b"\x04":
            if self.model.real_time_status:
                self._speech.say(bytes([self.condition.real_time(command[2])]), now)
        elif command and self._engine.jammed and not self._engine.cutter_blocked:
            if command[2] == 2:
                self._forget()
            self._engine.jammed = False
            self._sense(now)

    def _forget(self) -> None:
        self._buffer.clear()
        self._made.clear()
        self._commands.reset()
        self._engine.clear()

    def _move(self, now: float) -> None:
        """Read and print what can be read and printed until now."""
        timers = self._troubles.timers
        while timers and (kind := min(timers, key=lambda one: timers[one])):
            until = timers[kind]
            if until > now:
                break
            self._work(until)
            self.clear(kind, until)
            timers = self._troubles.timers
        self._work(now)

    def _work(self, now: float) -> None:
        while self.on:
            if self.condition.offline:
                self._engine.clock = self._read_at = max(now, self._engine.clock)
                self._read_until = None
                break
            moved = self._read(now) | self._engine.step(now)
            self._strike_due(self._engine.clock)
            if self._engine.jammed != self.condition.cutter_error:
                self._sense(self._engine.clock)
            self._flow(self._engine.clock)
            if not moved:
                self._engine.wait_for(now)
                break

    def _read(self, now: float) -> bool:
        if not self._buffer or self._engine.full:
            return False
        size = min(self._commands.wants, len(self._buffer), _SLOWLY)
        if self._read_until is None:
            begun = max(self._read_at, min(now, self._engine.clock))
            self._read_until = begun + self._troubles.seconds("slow") * size / 1024
        if self._read_until > now:
            return False
        self._read_at, self._read_until = self._read_until, None
        self._engine.wait_for(self._read_at)
        piece = self._buffer.pull(size)
        self._made += piece
        self._commands.feed(piece)
        return True

    def _flow(self, now: float) -> None:
        if self.model.serial and self.model.xonxoff and self.on:
            stop = self._buffer.flow()
            if stop is not None:
                self._speech.signal(_XOFF if stop else _XON, now)

    def _strike_due(self, now: float) -> None:
        for fault in self._troubles.due(self.received, self.roll.rows):
            self._strike(fault, now)
        self._engine.stop_at = self._troubles.next_row

    def _strike(self, fault: Fault, now: float) -> None:
        if fault.kind == "power":
            self._power_down(now + fault.seconds)
        elif fault.kind in ("reset", "hang-up"):
            self.line = "up" if self.model.serial else fault.kind
        else:
            self._troubles.hold(fault, now)
            self._engine.cutter_blocked |= fault.kind == "cutter"
            self._sense(now)

    def _sense(self, now: float) -> None:
        before = self.condition
        self.condition = after = self._troubles.condition(cutter_error=self._engine.jammed)
        if before == after or not self.on:
            return
        if self._told_of and before.watched(self._told_of) != after.watched(self._told_of):
            self._speech.say(after.automatic(), now)
        if self._offline_wish and after.offline and not before.offline:
            self._speech.say(b"7#" + b"\x40" * (self._offline_wish == 2) + b"\x00", now)
