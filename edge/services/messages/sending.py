"""Hands a channel its messages: one at a time, never twice, and says what became of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Literal

from edge.domain.errors import EdgeError
from edge.domain.messages import CUT_OFF, TRIED_OFTEN, Cause, MessageState
from edge.followers.backoff import Backoff
from edge.followers.runner import FollowerEnvironment
from edge.journal import outbox
from edge.journal.journal import Journal
from edge.journal.outbox import Message, PutBack
from edge.journal.unit import Unit
from edge.plugins.contract import READY, Health
from edge.plugins.distribution.contract import (
    Channel,
    Document,
    Handed,
    OutgoingMessage,
    Report,
)
from edge.plugins.guard import UNAVAILABLE, Guard
from edge.services.messages.channel_states import keep_channel_trouble, keep_details
from edge.services.messages.composing import Stopped, composed
from edge.services.messages.recipients import ChannelAddresses, plan_in_force, typed_address
from edge.services.messages.replying import take_reply
from edge.services.site import Site
from sync.protocol.instants import instant, read_instant
from sync.site.pacing import wait_after

_HOUR = timedelta(hours=1)
_SETTLE_EVERY = 60.0
_TEST = "This is a test of DIVOC Edge."
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(hours=6)
"""How long what the other end has deferred waits: half as long as it has waited already."""
_SPELL = 10.0
"""Seconds a channel goes on at a stretch: a node that is stopped waits no longer."""


DrawCertificate = Callable[[str, str], bytes]
"""Draws a certificate of a number in a language as PDF; raises ``EdgeError``."""
_PDF = ("application/pdf", "certificate.pdf")


class MessageSender:
    """The outbox of one channel: what was queued for it goes through it, in order.

    A message is recorded as being handed over before the channel sees it. What is not known of it
    then, be it a fault, an overrun or the end of the process, is ``unknown`` for good.
    """

    def __init__(
        self,
        name: str,
        channel: Channel,
        guard: Guard,
        journal: Journal,
        site: Site,
        channels: ChannelAddresses,
        ports: FollowerEnvironment,
        pdf: DrawCertificate,
    ) -> None:
        self.name = name
        self._pdf = pdf
        self._channel = channel
        self._guard = guard
        self._journal = journal
        self._site = site
        self._channels = channels
        self._ports = ports
        self._backoff = Backoff(ports.elapsed, ports.chance)
        self._busy = threading.Lock()
        self._settle_at = ports.elapsed()
        self._told: EdgeError | Literal["unknown"] | None = "unknown"
        self._details: Mapping[str, str] = {}

    def run(self) -> int:
        """Take what was reported and answered, then hand over for a spell; count what was."""
        with self._busy:
            self._settle()
            if self._guard.health.state == "off" or not self._backoff.due():
                return 0
            try:
                self._listen()
                count = self._hand_over()
            except EdgeError as error:
                if self._guard.stopped:
                    return 0
                if error.code != UNAVAILABLE:  # of that the guard has told
                    told = Health("trouble", error.code, error.sentence, error.values)
                    self._guard.tell(told)
                self._backoff.failed()
                self._tell(error)
                return 0
            self._guard.tell(READY)
            self._tell(None)
            self._backoff.went_well()
            return count

    def _tell(self, error: EdgeError | None) -> None:
        """Keep what is wrong where pages and commands see it, written only when it changes."""
        if str(error) == str(self._told):
            return
        self._told = error
        now = instant(self._ports.now())
        self._journal.run(lambda unit: keep_channel_trouble(unit.db, self.name, error, now))

    def stop(self) -> None:
        """Wait for the channel no longer: a message it has in hand may have arrived."""
        self._guard.stop()

    def retry(self) -> int:
        """Try everything that waits now; count it."""
        self._backoff.went_well()
        return self._journal.run(lambda unit: outbox.let_wait_no_longer(unit.db, self.name))

    def send_test(self, address: str) -> Handed:
        """Hand over one message that is nobody's, past the outbox; raises what the channel says.

        Raises :class:`BadInput` for an address that is none of the channel's kind.
        """
        found = typed_address(address, self._channel.address)
        written = OutgoingMessage(self._site.ids.new(), found, _TEST, "en")
        with self._busy:
            return self._guard.call(lambda: self._channel.send(written))

    def _settle(self) -> None:
        """Let what nobody saw the end of be unknown, and drop what waits too long, now and then."""
        if self._ports.elapsed() < self._settle_at:
            return
        self._settle_at = self._ports.elapsed() + _SETTLE_EVERY
        now = instant(self._ports.now())

        def drop(unit: Unit) -> bool:
            most = plan_in_force(self._site, unit.db).waiting
            return outbox.drop_old(unit.db, self.name, now, most)

        self._journal.run(lambda unit: outbox.settle_handing(unit.db, self.name, now))
        while self._journal.run(drop):
            pass  # a unit of work of its own for each lot: doses are given in between

    def _listen(self) -> None:
        """Take reports and replies; each may come twice."""
        for report in self._guard.call(self._channel.reports):
            self._journal.run(partial(self._reported, report))
        for reply in self._guard.call(self._channel.replies):
            self._journal.run(partial(take_reply, self._site, self.name, reply))
        details = dict(self._channel.details())
        if details != self._details:
            self._details = details
            self._journal.run(lambda unit: keep_details(unit.db, self.name, details))

    def _reported(self, report: Report, unit: Unit) -> None:
        cause = Cause(report.code, report.sentence, tuple(report.values.items()))
        now, state = instant(self._ports.now()), MessageState(report.state)
        outbox.report_part(unit.db, self.name, report.receipt, state, cause, now)

    def _hand_over(self) -> int:
        until, count = self._ports.elapsed() + _SPELL, 0
        while self._ports.elapsed() < until and self._room():
            drawn = self._drawn()
            found = self._journal.run(partial(self._next, drawn))
            if found is None:
                break
            message, written = found
            if isinstance(written, OutgoingMessage):
                count += 1
                self._hand(message, written)
        return count

    def _room(self) -> bool:
        """Say whether it is no quiet hour, and the channel takes another message now."""
        clock, limits = self._site.clock, self._channel.limits
        now = self._ports.now()
        with self._journal.reading() as db:
            plan = plan_in_force(self._site, db)
            spans = ((limits.per_minute, timedelta(minutes=1)), (limits.per_hour, _HOUR))
            full = any(
                most
                and outbox.handed_since(db, self.name, instant(now - span), instant(now)) >= most
                for most, span in spans
            )
        return not full and not plan.quiet.holds(now.astimezone(clock.zone).time())

    def _drawn(self) -> _Drawn | None:
        """Draw what goes with the next message, outside of any unit of work: no dose waits for it.

        None where nothing goes with it.
        """
        with self._journal.reading() as db:
            message = outbox.next_due(db, self.name, instant(self._ports.now()))
            if message is None or not self._carries(message):
                return None
            written = composed(db, message, self._site, self._channels)
        if isinstance(written, Stopped):
            return None
        try:
            data = self._pdf(message.subject, written.language)
        except EdgeError as error:
            cause = Cause(error.code, error.sentence, tuple(error.values.items()))
            return _Drawn(message.id, Stopped(MessageState.BOUNCED, cause))
        return _Drawn(message.id, Document(data, *_PDF))

    def _carries(self, message: Message) -> bool:
        return self._channel.limits.documents and message.event == "certificate"

    def _next(
        self, drawn: _Drawn | None, unit: Unit
    ) -> tuple[Message, OutgoingMessage | Stopped] | None:
        """Take the next message, and record that it is being handed over, or why it is not.

        None where there is none, or its certificate has to be drawn first: another one came before.
        """
        now = instant(self._ports.now())
        message = outbox.next_due(unit.db, self.name, now)
        if message is None:
            return None
        written = composed(unit.db, message, self._site, self._channels)
        if self._carries(message) and isinstance(written, OutgoingMessage):
            if drawn is None or drawn.message != message.id:
                return None
            written = (
                drawn.found
                if isinstance(drawn.found, Stopped)
                else replace(written, document=drawn.found)
            )
        if isinstance(written, Stopped):
            outbox.end_waiting(unit.db, message.id, written.state, now, written.cause)
        else:
            outbox.begin_handing(unit.db, message.id, written.address, now)
        return message, written

    def _hand(self, message: Message, written: OutgoingMessage) -> None:
        """Give a message to the channel; raises what speaks against giving it the next."""
        try:
            handed = self._guard.call(lambda: self._channel.send(written))
        except EdgeError as error:
            self._failed(message, error)
            if error.temporary:
                raise
            return
        self._journal.run(lambda unit: self._handed(unit, message, handed))

    def _handed(self, unit: Unit, message: Message, handed: Handed) -> None:
        cause = Cause(handed.code, handed.sentence, tuple(handed.values.items()))
        if handed.state in ("later", "again"):
            self._later(unit, message, cause, unclear=handed.state == "again")
            return
        if handed.state == "deferred":
            self._deferred(unit, message, cause)
            return
        now = instant(self._ports.now())
        outbox.keep_parts(unit.db, message.id, self.name, handed.receipts)
        outbox.move_message(unit.db, message.id, MessageState(handed.state), now, cause)

    def _failed(self, message: Message, error: EdgeError) -> None:
        now = self._ports.now()
        cause = Cause(error.code, error.sentence, tuple(error.values.items()))
        if error.temporary and error.code != UNAVAILABLE:
            again = instant(now + timedelta(seconds=wait_after(1, self._ports.chance())))
            why = PutBack(again, cause, tried=False)
            self._journal.run(lambda unit: self._put_back(unit, message, why))
            return
        # after a fault or an overrun of the plug-in's nobody knows what became of it
        state = MessageState.UNKNOWN if error.temporary else MessageState.BOUNCED
        cause = CUT_OFF if error.temporary and self._guard.stopped else cause
        self._journal.run(
            lambda unit: outbox.move_message(unit.db, message.id, state, instant(now), cause)
        )

    def _deferred(self, unit: Unit, message: Message, cause: Cause) -> None:
        """Let one message wait for another end that asks to come again: it may do so for days."""
        now = self._ports.now()
        waited = (now - read_instant(message.queued_at)) / 2
        again = instant(now + min(max(waited, _SOONEST), _LATEST))
        self._put_back(unit, message, PutBack(again, cause, tried=False))

    def _put_back(self, unit: Unit, message: Message, why: PutBack) -> None:
        """Let a message wait; once it may have been taken, no later answer makes that untrue."""
        why = replace(why, handed_at=why.handed_at or message.handed_at)
        outbox.put_back(unit.db, message.id, instant(self._ports.now()), why)

    def _later(self, unit: Unit, message: Message, cause: Cause, *, unclear: bool) -> None:
        """Let one message wait, longer each time, and drop it once it was tried often enough."""
        now, tries = self._ports.now(), message.tries + 1
        again = instant(now + timedelta(seconds=wait_after(tries, self._ports.chance())))
        taken = instant(now) if unclear else ""
        self._put_back(unit, message, PutBack(again, cause, handed_at=taken))
        if tries >= plan_in_force(self._site, unit.db).attempts:
            spent = replace(TRIED_OFTEN, values=(("count", tries),))
            outbox.end_waiting(unit.db, message.id, MessageState.DROPPED, instant(now), spent)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What goes with one message: its certificate, or why there is none to be had."""

    message: str
    found: Document | Stopped
