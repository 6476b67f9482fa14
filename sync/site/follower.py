"""The registry's follower: one pass delivers what the registry does not hold, and proves it.

The cursor is the registry's own latest receipt. It moves when a signed receipt names a number and
a hash that are also ours; it moves back when the registry holds less than before (it was restored
from a backup), and then the rest is sent again. An HTTP 200 moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sync.protocol import frames
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.counted import Counted
from sync.protocol.errors import (
    DivergedError,
    LineError,
    ProtocolError,
    SyncError,
    TransportError,
    raise_refusal,
)
from sync.protocol.letters import FEEDS
from sync.protocol.receipts import check_receipt
from sync.protocol.states import FeedHead, State, brief, feeds_part
from sync.protocol.urgent import MOST, URGENT, pack_urgent
from sync.site.handshake import Handshake, HandshakeEnvironment, Identity
from sync.site.inbox import Inbox, Reader, fetch
from sync.site.pacing import Pace
from sync.site.source import JournalEntry, Source
from sync.site.transports import Transport

_ELSEWHERE = ("batch.fork", "batch.gap", "batch.parent")
"""Answers of a registry that does not stand where it stood."""
_UNSTEADY = Counted(
    "The registry said {count} time that it holds something else than it had just said. Nothing is"
    " lost; the next pass asks again.",
    "The registry said {count} times that it holds something else than it had just said. Nothing is"
    " lost; the next pass asks again.",
)
_SETBACKS = 16
"""Times in one pass that the registry may stand elsewhere than it said: each is asked for anew."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass came to: ``state`` is ``synced``, ``unreachable``, ``refused`` or ``diverged``.

    ``synced`` only if a receipt covers every entry there was. ``sent`` counts entries that a
    receipt covers. ``trouble`` is a sentence template; ``come_back`` what the registry asked for,
    in seconds; ``away``: it was the line that failed.
    """

    state: str
    sent: int = 0
    bytes: int = 0
    letters: int = 0
    trouble: str = ""
    code: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    come_back: float | None = None
    away: bool = False


class Follower:
    """Follows the journal for one registry; keeps between passes only what it may forget."""

    def __init__(
        self,
        source: Source,
        transport: Transport,
        identity: Identity,
        ports: HandshakeEnvironment,
        inbox: Inbox | None = None,
    ) -> None:
        self._source = source
        self._transport = transport
        self._identity = identity
        self._ports = ports
        self._inbox = inbox
        self._handshake = Handshake(source, transport, identity, ports)
        self._pace = Pace()
        self._standing = _Standing()
        self._hurried = 0

    @property
    def told_at(self) -> str:
        """Give the instant that the registry's clock showed in its last proven answer, or empty."""
        return self._handshake.asker.told()

    def run(self) -> Pass:
        """Deliver until the registry holds everything, take what it has for us, or say why not."""
        done = _Done()
        try:
            if self._nothing_changed():
                return self._synced(done)
            state, position = self._begin()
            self._hurry(position)
            while position < self._source.last():
                position = self._deliver(position, done)
            if state is None and self._told_all():
                return self._synced(done)
            if state is None:  # the registry has something for us
                state, _ = self._agree()
            if self._inbox is not None:
                done.letters = fetch(self._inbox, self._reader(), state)
            self._standing = replace(
                self._standing, feeds=feeds_part(state.tag), cursors=self._cursors()
            )
        except TransportError as error:
            return done.failed("unreachable", error, error.retry_after)
        except DivergedError as error:
            self._handshake.forget()  # a registry that is brought up to date can keep both
            return done.failed("diverged", error)
        except SyncError as error:
            self._handshake.forget()
            self._standing = _Standing()
            return done.failed("refused", error)
        return self._synced(done, float(state.come_back) if state.come_back else None)

    def _synced(self, done: _Done, come_back: float | None = None) -> Pass:
        """Say so, and for as long as the registry holds two histories of this site say that."""
        synced = Pass("synced", done.sent, done.bytes, done.letters, come_back=come_back)
        branches = self._source.branches()
        if not branches:
            return synced
        return replace(
            synced,
            code="registry.parted",
            trouble=(
                "The registry holds two histories of this site, which part behind entry {number}."
                " Both are kept. Perhaps a copy of this machine is at work: call the national"
                " help desk."
            ),
            values={"number": max(branch.after for branch in branches.values())},
        )

    def _nothing_changed(self) -> bool:
        """Ask in the fewest bytes; only a line that proves who answers may say that much."""
        standing = self._standing
        return (
            self._transport.authenticated
            and self._told_all()
            and self._handshake.heard()
            and standing.position == self._source.last()
            and self._transport.unchanged(self._idle_question())
        )

    def _idle_question(self) -> str:
        return f"{self._identity.node}?{brief(self._standing.tag)}"

    def _told_all(self) -> bool:
        """Say whether there was no letter for us that we have not, when the registry last spoke."""
        standing = self._standing
        told = standing.feeds != "" and feeds_part(standing.tag) == standing.feeds
        return told and standing.cursors == self._cursors()

    def _cursors(self) -> tuple[FeedHead, ...]:
        return tuple(self._inbox.cursor(feed) for feed in FEEDS) if self._inbox else ()

    def _begin(self) -> tuple[State | None, int]:
        """Ask where the registry stands; not if the line proves who answers and we know.

        If it has gone back in the meantime it refuses what does not follow, and is asked then.
        """
        standing = self._standing
        known = self._transport.authenticated and self._told_all()
        if known and 0 < standing.position < self._source.last():
            return None, standing.position
        return self._agree()

    def _agree(self) -> tuple[State, int]:
        state, position = self._handshake.find()
        self._stand(position, state.tag)
        return state, position

    def _hurry(self, position: int) -> None:
        """Send ahead what cannot wait until a backlog of more than a batch is through.

        A registry that does not know the message is none the worse: it all comes in its turn.
        """
        behind = max(self._hurried, position + self._pace.size)
        some = self._source.urgent(behind, URGENT, MOST)
        if not some:
            return
        identity = self._identity
        _, coding = self._handshake.speak()
        data = pack_urgent([entry.content for entry in some], identity.node, identity.key, coding)
        answer = self._transport.ask(f"nodes/{identity.node}/urgent", data)
        if isinstance(answer, Mapping) and "new" in answer:
            self._hurried = some[-1].position

    def _deliver(self, position: int, done: _Done) -> int:
        entries = self._source.after(position, self._pace.size)
        branch = self._source.branches().get(entries[0].epoch)
        name = ""
        if branch is not None and entries[0].number > branch.after:
            name = branch.name
        elif branch is not None:
            entries = [entry for entry in entries if entry.number <= branch.after]
        contents = [entry.document() for entry in entries]
        version, agreed = self._handshake.speak()
        batch = make_batch(contents, entries[-1].hash, self._identity.key, version, name)
        short = not name
        coding = self._pace.coding(agreed)
        while True:
            data = encode_batch(batch, coding, short=short)
            start = self._ports.elapsed()
            try:
                answer = self._transport.ask(f"nodes/{self._identity.node}/batches", data)
            except TransportError as error:
                if error.too_much:
                    self._pace = self._pace.halved()
                raise
            code = _code(answer)
            if code == "batch.hashes" and short:
                short = False
            elif code in ("frame.dictionary", "frame.compression") and coding != frames.FLOOR:
                coding = frames.FLOOR
                self._handshake.speak_plainly()
            elif code in ("frame.too-large", "batch.too-large") and len(entries) > 1:
                self._pace = replace(self._pace, size=len(entries)).halved()
                return position
            elif code in _ELSEWHERE:
                return self._set_back(position, answer, entries, done)
            else:
                break
        raise_refusal(answer)
        self._pace = self._pace.grown(len(entries), len(data), self._ports.elapsed() - start)
        position = self._believed(answer, entries, name)
        done.sent += len(entries)
        done.bytes += len(data)
        return position

    def _set_back(
        self, position: int, answer: Mapping[str, Any], entries: list[JournalEntry], done: _Done
    ) -> int:
        """Ask where the registry stands now that what should follow does not, and go on there.

        It was restored from a backup, or took another history. Asking helps where it stands
        behind us, or where our entries are a branch from here on.
        """
        done.setbacks += 1
        if done.setbacks > _SETBACKS:
            raise ProtocolError(
                "registry.unsteady",
                _UNSTEADY,
                temporary=True,
                count=_SETBACKS,
            )
        branches = dict(self._source.branches())
        _, found = self._agree()
        if found >= position and branches == self._source.branches():
            if answer["code"] == "batch.fork":
                raise DivergedError(_number(answer, entries))
            raise_refusal(answer)
        return found

    def _believed(self, answer: Any, entries: list[JournalEntry], name: str) -> int:
        if not isinstance(answer, Mapping) or "receipt" not in answer:
            raise ProtocolError("receipt.none", "The registry gave no receipt.")
        last, said = entries[-1], answer["receipt"]
        number = said.get("number") if isinstance(said, Mapping) else None
        ours = self._source.find(last.epoch, number) if type(number) is int else None
        receipt = check_receipt(
            said,
            self._identity.registry_key,
            node=self._identity.node,
            epoch=name or last.epoch,
            hash=ours[1] if ours else "",
        )
        position = self._handshake.confirm(receipt)
        if position < last.position:
            raise ProtocolError(
                "receipt.behind", "The registry vouches for less than it was just given."
            )
        self._stand(position, str(answer.get("tag", "")))
        return position

    def _stand(self, position: int, tag: str) -> None:
        if position < self._standing.position:  # what was sent ahead may be gone, too
            self._hurried = 0
        self._standing = replace(self._standing, position=position, tag=tag)

    def _reader(self) -> Reader:
        version, coding = self._handshake.speak()
        asker = self._handshake.asker
        return Reader(self._transport, asker, version, coding, self._ports.nonce)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where the registry stood when it last spoke, in this process.

    ``feeds`` is of the tag under which its letters were last all taken, and ``cursors`` where
    that left the site's own: a stick may have moved them since.
    """

    position: int = 0
    tag: str = ""
    feeds: str = ""
    cursors: tuple[FeedHead, ...] = ()


@dataclass(slots=True)
class _Done:
    """What a pass has done so far."""

    sent: int = 0
    bytes: int = 0
    letters: int = 0
    setbacks: int = 0

    def failed(self, state: str, error: SyncError, come_back: float | None = None) -> Pass:
        return Pass(
            state,
            self.sent,
            self.bytes,
            self.letters,
            error.sentence,
            error.code,
            error.values,
            come_back,
            away=isinstance(error, LineError),
        )


def _number(answer: Mapping[str, Any], entries: list[JournalEntry]) -> int:
    """Give the number that the registry holds otherwise, if it is one of ours."""
    values = answer.get("values")
    said = values.get("number") if isinstance(values, Mapping) else None
    return next((entry.number for entry in entries if entry.number == said), entries[0].number)


def _code(answer: Any) -> str:
    return str(answer.get("code", "")) if isinstance(answer, Mapping) else ""
