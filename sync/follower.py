"""The registry's follower: one pass delivers what the registry does not hold, and proves it.

The cursor is the registry's own latest receipt. It moves when a signed receipt names a number and
a hash that are also ours; it moves back when the registry holds less than before (it was restored
from a backup), and then the rest is sent again. An HTTP 200 moves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import frames
from sync.batches import encode_batch, make_batch
from sync.entries import branch_name, own_epoch
from sync.errors import DivergedError, ProtocolError, SyncError, TransportError, raise_refusal
from sync.letters import FEEDS, Mail, Reader, fetch
from sync.pacing import Pace
from sync.receipts import Receipt, check_receipt
from sync.source import Branch, Source, Stored, Tip
from sync.states import TIPS, FeedHead, Question, State, check_state, feeds_part
from sync.transports import Transport
from sync.urgent import MOST, URGENT, pack_urgent
from sync.versions import agreed_version

_STEPS = 1_000_000
"""Batches in one pass at the most: a bound for a registry that never says the same twice."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What a pass needs of the world: monotonic seconds, and numbers nobody can guess."""

    elapsed: Callable[[], float]
    nonce: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who delivers to whom: the node, its key, the registry's key, and the node's software."""

    node: str
    key: Ed25519PrivateKey
    registry_key: Ed25519PublicKey
    software: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass came to: ``state`` is ``synced``, ``unreachable``, ``refused`` or ``diverged``.

    ``synced`` only if a receipt covers every entry there was. ``trouble`` is a sentence template;
    ``come_back`` what the registry asked for, in seconds.
    """

    state: str
    sent: int = 0
    bytes: int = 0
    letters: int = 0
    trouble: str = ""
    code: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    come_back: float | None = None


class Follower:
    """Follows the journal for one registry; keeps between passes only what it may forget."""

    def __init__(
        self,
        source: Source,
        transport: Transport,
        identity: Identity,
        ports: Ports,
        mail: Mail | None = None,
    ) -> None:
        self._source = source
        self._transport = transport
        self._identity = identity
        self._ports = ports
        self._mail = mail
        self._pace = Pace()
        self._spoken: tuple[int, frames.Coding] | None = None
        self._standing = _Standing()
        self._hurried = 0
        self._shown = False

    def run(self) -> Pass:
        """Deliver until the registry holds everything, take what it has for us, or say why not."""
        done = _Done()
        try:
            if self._nothing_changed():
                return Pass("synced")
            state, position = self._begin()
            self._hurry(position)
            while position < self._source.last() and done.batches < _STEPS:
                position = self._deliver(position, done)
            if state is None and self._told_all():
                return Pass("synced", done.sent, done.bytes)
            if state is None:  # the registry has something for us
                state, _ = self._agree()
            if self._mail is not None:
                done.letters = fetch(self._mail, self._reader(), state)
            self._standing = replace(
                self._standing, feeds=feeds_part(state.tag), cursors=self._cursors()
            )
        except TransportError as error:
            return done.failed("unreachable", error, error.retry_after)
        except DivergedError as error:
            return done.failed("diverged", error)
        except SyncError as error:
            self._spoken = None  # perhaps the other end is not what it was
            self._standing = _Standing()
            return done.failed("refused", error)
        came_back = float(state.come_back) if state.come_back else None
        return Pass(
            "synced", done.sent, done.bytes, done.letters, come_back=came_back, **self._parted()
        )

    def _parted(self) -> dict[str, Any]:
        """Say so for as long as the registry holds two histories of this site."""
        branches = self._source.branches()
        if not branches:
            return {}
        return {
            "code": "registry.parted",
            "trouble": (
                "The registry holds two histories of this site, which part behind entry {number}."
                " Both are kept. Perhaps a copy of this machine is at work: call the national"
                " help desk."
            ),
            "values": {"number": max(branch.after for branch in branches.values())},
        }

    def _nothing_changed(self) -> bool:
        """Ask in the fewest bytes; only a line that proves who answers may say that much."""
        standing = self._standing
        return (
            self._transport.authenticated
            and self._told_all()
            and standing.position == self._source.last()
            and self._transport.unchanged(self._identity.node, standing.tag)
        )

    def _told_all(self) -> bool:
        """Say whether there was no letter for us that we have not, when the registry last spoke."""
        standing = self._standing
        told = standing.feeds != "" and feeds_part(standing.tag) == standing.feeds
        return told and standing.cursors == self._cursors()

    def _cursors(self) -> tuple[FeedHead, ...]:
        return tuple(self._mail.cursor(feed) for feed in FEEDS) if self._mail else ()

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
        """Find where the registry stands on our own line: its word now, not our memory."""
        last = before = self._source.last()
        while True:
            tips = self._source.tips(before, TIPS // 2)
            state = self._ask(self._named(tips), last)
            receipt = state.receipt
            if receipt is not None:
                try:
                    position = self._agreed(receipt)
                except DivergedError:
                    self._part(receipt)
                    continue
                self._stand(position, state.tag)
                return state, position
            if len(tips) < TIPS // 2:
                self._source.keep(None)
                self._stand(0, state.tag)
                return state, 0
            before = tips[-1].position - 1

    def _named(self, tips: Sequence[Tip]) -> list[tuple[str, int]]:
        """Give tips under the names the registry keeps them under: a branch before its epoch."""
        branches, found = self._source.branches(), []
        for tip in tips:
            branch = branches.get(tip.epoch)
            if branch is not None and tip.number > branch.after:
                found.append((branch.name, tip.number))
            plain = tip.number if branch is None else min(tip.number, branch.after)
            if plain > 0:
                found.append((tip.epoch, plain))
        return found

    def _part(self, receipt: Receipt) -> None:
        """Find where two histories of an epoch part, and go on with ours as a branch.

        By halves: each question asks for the hash at one number. Raises :class:`DivergedError`
        where that does not help: the parting is known already, or the registry is too old.
        """
        epoch, differs, same = receipt.epoch, receipt.number, 0
        if epoch in self._source.branches() or own_epoch(epoch) != epoch or self._speak()[0] < 2:
            self._show(own_epoch(epoch), receipt.number)
            raise DivergedError(receipt.number)
        while differs - same > 1:
            middle = (same + differs) // 2
            held = self._ask([(epoch, middle)], self._source.last()).receipt
            ours = self._source.find(epoch, middle)
            if held is None or ours is None or (held.epoch, held.number) != (epoch, middle):
                raise DivergedError(receipt.number)
            same, differs = (middle, differs) if held.hash == ours[1] else (same, middle)
        first = self._source.find(epoch, differs)
        if first is None:
            raise DivergedError(receipt.number)
        self._source.keep_branch(epoch, Branch(same, branch_name(epoch, first[1])))

    def _ask(self, tips: Sequence[tuple[str, int]], last: int) -> State:
        identity = self._identity
        version, coding = self._speak()
        question = Question(
            nonce=self._ports.nonce(),
            tips=tuple(tips),
            waiting=last,
            software=identity.software,
            protocol=version,
        )
        answer = self._transport.ask(
            f"nodes/{identity.node}", frames.pack(question.document(), coding)
        )
        raise_refusal(answer)
        return check_state(answer, question, identity.node, identity.registry_key)

    def _speak(self) -> tuple[int, frames.Coding]:
        """Agree on a version and a coding, once for as long as the process runs."""
        if self._spoken is None:
            theirs = self._transport.ask("", None)
            self._spoken = agreed_version(theirs), frames.agreed(theirs)
        return self._spoken

    def _agreed(self, receipt: Receipt) -> int:
        """Compare a receipt with our own chain and keep it; give the position it proves."""
        ours = self._source.find(own_epoch(receipt.epoch), receipt.number)
        if receipt.node != self._identity.node or ours is None:
            raise ProtocolError("receipt.other", "The receipt is for another node's entries.")
        position, hash_ = ours
        if hash_ != receipt.hash:
            raise DivergedError(receipt.number)
        if receipt.count < position:
            raise ProtocolError(
                "receipt.count",
                "The registry counts {count} entries of this site and vouches for {position}.",
                count=receipt.count,
                position=position,
            )
        self._source.keep(receipt)
        return position

    def _show(self, epoch: str, number: int) -> None:
        """Show the registry the entry that it holds otherwise, so that it raises its alarm too.

        It refuses the entry. Once is enough: as both histories grow, each pass would show another.
        """
        ours = self._source.find(epoch, number)
        if ours is None or self._shown:
            return
        (entry,) = self._source.after(ours[0] - 1, 1)
        version, coding = self._speak()
        content = json.loads(entry.content)
        batch = make_batch([content], entry.hash, self._identity.key, version)
        data = encode_batch(batch, coding, short=False)
        with suppress(SyncError):
            self._transport.ask(f"nodes/{self._identity.node}/batches", data)
            self._shown = True

    def _hurry(self, position: int) -> None:
        """Send ahead what cannot wait until a backlog of more than a batch is through.

        A registry that does not know the message is none the worse: it all comes in its turn.
        """
        behind = max(self._hurried, position + self._pace.size)
        some = self._source.urgent(behind, URGENT, MOST)
        if not some:
            return
        identity = self._identity
        _, coding = self._speak()
        data = pack_urgent([one.content for one in some], identity.node, identity.key, coding)
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
        contents = [json.loads(entry.content) for entry in entries]
        version, agreed = self._speak()
        batch = make_batch(contents, entries[-1].hash, self._identity.key, version, name)
        short = version > 1 and not name
        coding = self._pace.coding(agreed)
        while True:
            data = encode_batch(batch, coding, short=short)
            start = self._ports.elapsed()
            try:
                answer = self._transport.ask(f"nodes/{self._identity.node}/batches", data)
            except TransportError:
                self._pace = self._pace.halved()
                raise
            code = _code(answer)
            if code == "batch.hashes" and short:
                short = False
            elif code in ("frame.dictionary", "frame.compression") and coding != frames.FLOOR:
                coding = frames.FLOOR
                self._spoken = version, coding
            elif code in ("frame.too-large", "batch.too-large") and len(entries) > 1:
                self._pace = replace(self._pace, size=len(entries)).halved()
                return position
            elif code == "batch.fork":
                raise DivergedError(int(answer.get("values", {}).get("number", entries[0].number)))
            elif code in ("batch.gap", "batch.parent"):  # it went back in the meantime
                found = self._agree()[1]
                if found < position:
                    return found
                break
            else:
                break
        raise_refusal(answer)
        self._pace = self._pace.grown(len(entries), len(data), self._ports.elapsed() - start)
        done.batches += 1
        done.sent += len(entries)
        done.bytes += len(data)
        return self._believed(answer, entries, name)

    def _believed(self, answer: Any, entries: list[Stored], name: str) -> int:
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
        position = self._agreed(receipt)
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
        identity = self._identity
        version, coding = self._speak()
        return Reader(
            self._transport,
            identity.node,
            identity.registry_key,
            version,
            coding,
            self._ports.nonce,
        )


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

    batches: int = 0
    sent: int = 0
    bytes: int = 0
    letters: int = 0

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
        )


def _code(answer: Any) -> str:
    return str(answer.get("code", "")) if isinstance(answer, Mapping) else ""
