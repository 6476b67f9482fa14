"""What a site and its registry agree on: how they speak, and where the registry stands.

The registry's word is a signed receipt that names a number and a hash. It is believed where that
entry is ours; where the registry holds another one under the number, two machines have written one
epoch, and ours goes on beside the other as a branch (docs/decisions/0012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import frames
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.counted import Counted
from sync.protocol.entries import branch_name, own_epoch
from sync.protocol.errors import DivergedError, ProtocolError, SyncError
from sync.protocol.receipts import Receipt
from sync.protocol.states import TIPS, Question, State, check_state
from sync.protocol.versions import ONCE, agreed_version
from sync.site.asking import Asker
from sync.site.source import Branch, Source, Tip
from sync.site.transports import Transport

_DAY = 86_400.0
_HEARD = 6 * 3600.0
"""Seconds after which the registry is asked in full: the idle question does not prove who asks,
so it must not count as having heard from the site."""


@dataclass(frozen=True, slots=True)
class HandshakeEnvironment:
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

    def asker(self) -> Asker:
        """Give what asks in this name."""
        return Asker(self.node, self.key, self.registry_key)


class Handshake:
    """Asks one registry where it stands; keeps between passes only what it may forget."""

    def __init__(
        self, source: Source, transport: Transport, identity: Identity, ports: HandshakeEnvironment
    ) -> None:
        self._source = source
        self._transport = transport
        self._identity = identity
        self._ports = ports
        self.asker = identity.asker()
        self._spoken: tuple[int, frames.Coding] | None = None
        self._since = self._asked = 0.0
        self._shown = False

    def forget(self) -> None:
        """Forget how the other end spoke: perhaps it is not what it was."""
        self._spoken = None

    def speak_plainly(self) -> None:
        """Use the coding that every end knows from now on."""
        self._spoken = self.speak()[0], frames.FLOOR

    def speak(self) -> tuple[int, frames.Coding]:
        """Agree on a version and a coding, for a day: the other end may be brought up to date."""
        if self._spoken is None or self._ports.elapsed() - self._since > _DAY:
            theirs = self._transport.ask("", None)
            self._spoken = agreed_version(theirs, ONCE), frames.agreed(theirs)
            self._since = self._ports.elapsed()
        return self._spoken

    def heard(self) -> bool:
        """Say whether the registry has heard a proven question of ours not long ago."""
        return self._ports.elapsed() - self._asked < _HEARD

    def find(self) -> tuple[State, int]:
        """Find where the registry stands on our own line: its word now, not our memory.

        Raises :class:`DivergedError` if it holds another history that cannot be kept beside ours.
        """
        last = before = self._source.last()
        while True:
            tips = self._source.tips(before, TIPS // 2)
            state = self._ask(self._named(tips), last)
            if state.receipt is not None:
                try:
                    return state, self.confirm(state.receipt)
                except DivergedError:
                    self._part(state.receipt)
            elif len(tips) < TIPS // 2:
                self._source.keep(None)
                return state, 0
            else:
                before = tips[-1].position - tips[-1].number

    def confirm(self, receipt: Receipt) -> int:
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
                Counted(
                    "The registry counts {count} entry of this site and vouches for {position}.",
                    "The registry counts {count} entries of this site and vouches for {position}.",
                ),
                count=receipt.count,
                position=position,
            )
        self._source.keep(receipt)
        return position

    def show(self, epoch: str, number: int) -> None:
        """Show the registry the entry that it holds otherwise, so that it raises its alarm too.

        It refuses the entry. Once is enough: as both histories grow, each pass would show another.
        """
        ours = self._source.find(epoch, number)
        if ours is None or self._shown:
            return
        (entry,) = self._source.after(ours[0] - 1, 1)
        version, coding = self.speak()
        batch = make_batch([entry.document()], entry.hash, self._identity.key, version)
        data = encode_batch(batch, coding, short=False)
        with suppress(SyncError):
            self._transport.ask(f"nodes/{self._identity.node}/batches", data)
            self._shown = True

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
        where that does not help: the parting is known already.
        """
        epoch, differs, same = receipt.epoch, receipt.number, 0
        if epoch in self._source.branches() or own_epoch(epoch) != epoch:
            self.show(own_epoch(epoch), receipt.number)
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
        version, coding = self.speak()
        question = Question(
            nonce=self._ports.nonce(),
            tips=tuple(tips),
            waiting=last,
            software=identity.software,
            protocol=version,
        )
        answer = self.asker.ask(self._transport, "state", question.document(), coding)
        self._asked = self._ports.elapsed()
        state = check_state(answer, question, identity.node, identity.registry_key)
        self.asker.heard(state.at)
        return state
