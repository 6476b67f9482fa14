"""The registry itself, without a web server: what a node's messages come to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.protocol import frames, keys
from sync.protocol.batches import check_batch, decode_batch, on_branch
from sync.protocol.bundles.headers import sign_recipient
from sync.protocol.entries import Head
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import PersonQuery, answer
from sync.protocol.histories import read_question as read_history_question
from sync.protocol.instants import instant, read_instant
from sync.protocol.questions import again, check_question
from sync.protocol.receipts import Receipt, sign_receipt
from sync.protocol.states import Question, State, make_tag, read_question, sign_state
from sync.protocol.urgent import check_urgent
from sync.registry.enrolment_lists import tell_newcomer
from sync.registry.enrolments import open_enrolment, read_enrolment
from sync.registry.feeds import LetterQuery, feed_head, next_page, read_wanted
from sync.registry.histories import histories
from sync.registry.rate_limits import Attempts, Limits, Load, Rates, come_back
from sync.registry.requests import keys_of, read_request
from sync.registry.store.interface import Store
from sync.registry.store.records import (
    NATION,
    AuditLine,
    ForkError,
    GapError,
    NodeRecord,
    ParentError,
    SigningRequest,
)

_FRESH = timedelta(days=1)
"""For how long an instant may be asked with that no question has named."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Answers nodes. ``codes`` enrol any number of nodes; one-time codes are in the store.

    ``recipient`` is the age recipient that bundles on sticks and enrolments are sealed to, or
    empty, and ``identities`` open them; ``address`` is the URL that sites reach it at, or empty;
    ``campaign_root`` gives the ministry's root that sites are told of, or nothing.
    """

    store: Store
    key: Ed25519PrivateKey
    codes: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    recipient: str = ""
    identities: Sequence[str] = field(default=(), repr=False)
    address: str = ""
    campaign_root: Callable[[], str] = str
    attempts: Attempts = field(default_factory=Attempts)
    rates: Rates = field(default_factory=Rates)
    load: Load = field(default_factory=Load)

    def introduction(self) -> dict[str, Any]:
        """Give the registry's key, and where things for it are sealed to, signed with that key."""
        told: dict[str, Any] = {"key": keys.public_text(self.key.public_key())}
        if self.recipient:
            told["recipient"] = sign_recipient(self.recipient, self.instant(), self.key)
        return told

    def enrol(
        self, document: Mapping[str, Any], sender: str = "", *, proven: bool = False
    ) -> dict[str, Any]:
        """Let a node in that proves its key and knows a code; give it the key to believe.

        One that is in already needs no code, stays at its facility, and changes its name or sends
        a ``csr`` (PKCS#10, PEM), which is kept for the authority, only with the latest instant, as
        a question. ``sender`` is an address: whoever guesses codes there has to wait. ``proven``:
        the node has signed the whole that this came in.
        """
        document = open_enrolment(document, self.identities)
        asked = read_enrolment(document)
        key = keys.public_key(asked.key)
        node = keys.node_id(key)
        if not proven:
            check_question(document, "enrol", node, key)
        request = read_request(document)
        known = self.store.node(node)
        if known is None:
            self._check_code(asked.code, asked.facility, node, sender)
        elif known.state != "active":
            raise _stopped()
        elif known.facility == asked.facility and request:
            self._only_once(node, document)
        if known is None or (known.facility == asked.facility and request):
            new, now = known is None, self.instant()
            known = self.store.enrol(node, asked.key, asked.facility, asked.name, now)
            if new:
                tell_newcomer(self.store, node, known.facility, now)
        if known.facility != asked.facility:
            raise ProtocolError(
                "enrol.facility",
                "The registry knows this site at another facility. Only the registry's office moves"
                " a site: tell it where the site is now.",
            )
        kept = self.store.asked_certificate(node) if request else None
        if request and (kept is None or keys_of(kept.pem) != keys_of(request)):
            self.store.ask_certificate(SigningRequest(node, request, self.instant()))
        return {"node": node, **self.introduction()}

    def state(self, node: str, data: bytes) -> dict[str, Any]:
        """Answer what is held of a node, and what there is for it."""
        document = self.asked(node, data, "state")
        question = read_question(document)
        self._paced(node)  # who has proven nothing uses up nothing of what the node may ask
        return self.answer(node, question)

    def answer(self, node: str, question: Question) -> dict[str, Any]:
        """Give the signed answer to a node's question; what it says of the node is kept."""
        heads = {head.epoch: head for head in self.store.heads(node)}
        held = None
        for epoch, number in question.tips:
            head = heads.get(epoch)
            held = self._at(node, head, number) if head is not None else None
            if held is not None:
                break
        now = self.instant()
        count = self.store.count(node)
        self.store.note(node, max(0, question.waiting - count), question.software, now)
        state = State(
            node=node,
            nonce=question.nonce,
            at=now,
            receipt=self._receipt(node, held, count) if held else None,
            nation=feed_head(self.store, NATION),
            own=feed_head(self.store, node),
            tag=self.tag(node),
            come_back=come_back(node, self.limits.morning_window, self.load.pressure()),
        )
        return sign_state(state, self.key)

    def batch(self, node: str, data: bytes) -> dict[str, Any]:
        """Take a batch in, and give a receipt for all that is held now."""
        known = self.known(node)
        self._within_quota(known)
        batch = decode_batch(data, node)
        links = check_batch(
            batch,
            keys.public_key(known.key),
            lambda epoch, number: self.store.hash_at(node, epoch, number),
        )
        if batch.branch:
            links = on_branch(links, batch.branch)
        try:
            accepted = self.store.accept(links, self.instant())
        except ForkError as fork:
            raise _fork(fork.number) from None
        except GapError as gap:
            raise ProtocolError(
                "batch.gap",
                "The batch does not follow entry {held}, the last one held.",
                held=gap.held,
            ) from None
        except ParentError:
            raise ProtocolError(
                "batch.parent", "The batch follows an epoch that is not held."
            ) from None
        if accepted.head is None:
            raise ProtocolError("batch.field", "The field {field} is wrong.", field="entries")
        receipt = self._receipt(node, accepted.head, accepted.count)
        return {
            "receipt": receipt.short(),
            "stored": accepted.new,
            "alreadyHad": len(links) - accepted.new,
            "tag": self.tag(node),
        }

    def urgent(self, node: str, data: bytes) -> dict[str, Any]:
        """Take entries that were sent ahead of a backlog, to act on them at once."""
        known = self.known(node)
        self._within_quota(known)
        links = check_urgent(data, node, keys.public_key(known.key))
        try:
            return {"new": self.store.advance(links, self.instant())}
        except ForkError as fork:
            raise _fork(fork.number) from None

    def letters(self, node: str, data: bytes) -> dict[str, Any]:
        """Give the next page of what the nation tells a node: one feed after the other."""
        return self.page(node, read_wanted(self.asked(node, data, "letters")))

    def page(self, node: str, wanted: LetterQuery) -> dict[str, Any]:
        """Give a node that has proven itself a signed page of letters."""
        page = next_page(self.store, node, wanted, self.instant())
        return {**page, "signature": keys.sign(self.key, page)}

    def history(self, node: str, data: bytes) -> dict[str, Any]:
        """Tell a node what other sites recorded of people; who asked for whom is written down."""
        return self.told(node, *read_history_question(self.asked(node, data, "history")))

    def told(
        self, node: str, nonce: str, people: Sequence[PersonQuery], *, again: bool = False
    ) -> dict[str, Any]:
        """Give the signed answer to a question for histories that a node has proven.

        ``again``: it came by stick, and its tries were counted when it came first.
        """
        now = self.instant()
        if not self.store.try_once(f"history:{node}", now[:10], self.limits.histories_a_day):
            raise ProtocolError(
                "history.quota",
                "This site has asked for as many histories today as one site may.",
                temporary=True,
            )
        whom = " ".join(f"{who.id}:{msgspec.to_builtins(who.proof)['kind']}" for who in people)
        self.store.audit(AuditLine(now, node, "history", whom))
        found = histories(self.store, node, people, now, self.limits, again=again)
        return answer(node, nonce, found, lambda document: keys.sign(self.key, document))

    def tag(self, node: str) -> str:
        """Write down how everything stands for a node in twelve letters."""
        heads = sorted((head.epoch, head.number, head.hash) for head in self.store.heads(node))
        return make_tag(heads, [feed_head(self.store, NATION), feed_head(self.store, node)])

    def instant(self) -> str:
        """Write the moment as ISO 8601 in UTC with milliseconds."""
        return instant(self.now())

    def known(self, node: str) -> NodeRecord:
        """Find a node that may deliver; raises ``node.unknown`` or ``node.stopped``."""
        known = self.store.node(node)
        if known is None:
            raise ProtocolError("node.unknown", "This node is not enrolled here.")
        if known.state != "active":
            raise _stopped()
        return known

    def asked(self, node: str, data: bytes, kind: str) -> dict[str, Any]:
        """Let through a question that a node asks now, and that nobody has asked before."""
        known = self.known(node)
        if kind == "state":
            self._not_overloaded(node)
        document = frames.unpack(data, frames.SMALL)
        check_question(document, kind, node, keys.public_key(known.key))
        self._only_once(node, document)
        return document

    def _only_once(self, node: str, document: Mapping[str, Any]) -> None:
        """Refuse what names no instant of the registry's, or one that was named before."""
        latest, now = self.store.asked(node), self.instant()
        next_ = max(now, _following(latest)) if latest else now
        try:
            after = instant(read_instant(str(document.get("after", ""))))
        except ValueError:
            after = ""
        fresh = latest < after <= next_ and read_instant(after) >= self.now() - _FRESH
        if not (fresh and self.store.ask_once(node, after)):
            raise again(document, node, next_, self.key)

    def _within_quota(self, known: NodeRecord) -> None:
        if known.day == self.instant()[:10] and known.today >= self.limits.entries_a_day:
            raise ProtocolError(
                "node.quota",
                "This site has sent as much today as one site may.",
                temporary=True,
                retry_after=86400 - self.now().timestamp() % 86400,
            )

    def _not_overloaded(self, node: str) -> None:
        if self.load.pressure() >= self.limits.refuse_at:
            raise ProtocolError(
                "registry.load",
                "The registry has too much to do. Come again later.",
                temporary=True,
                retry_after=come_back(node, 0, self.load.pressure()),
            )

    def _paced(self, asker: str) -> None:
        wait = self.rates.wait(asker, self.limits.passes_a_minute, self.now().timestamp())
        if wait:
            raise ProtocolError(
                "node.pace", "This site asks too often.", temporary=True, retry_after=wait
            )

    def _count(self, sender: str) -> None:
        wait = self.attempts.begin(sender, self.now().timestamp())
        if wait > 0:
            raise ProtocolError(
                "enrol.slow",
                "Too many wrong codes came from here. Try again in {seconds} seconds.",
                temporary=True,
                retry_after=wait,
                seconds=int(wait) + 1,
            )

    def _check_code(self, code: str, facility: str, node: str, sender: str) -> None:
        """Let through who knows a code; only who does not has to wait for the next guess.

        Behind one address are the right ones too, and a one-time code is too long to be guessed.
        """
        digest = hashlib.sha256(code.encode()).hexdigest()
        if self.store.take_code(digest, facility, node, self.instant()):
            return
        self._count(sender)
        if any(hmac.compare_digest(code.encode(), text.encode()) for text in self.codes):
            self.attempts.take_back(sender)
            return
        self.store.audit(AuditLine(self.instant(), "?", "a wrong code", f"{sender} {facility}"))
        raise ProtocolError("enrol.code", "The enrolment code is not valid.")

    def _at(self, node: str, head: Head, number: int) -> Head | None:
        """Give what is held at the lower of two numbers: nothing, below a branch's first entry."""
        if number >= head.number:
            return head
        hash_ = self.store.hash_at(node, head.epoch, number)
        return Head(head.epoch, number, hash_) if hash_ is not None else None

    def _receipt(self, node: str, head: Head, count: int) -> Receipt:
        unsigned = Receipt(node, head.epoch, head.number, head.hash, count, self.instant())
        return sign_receipt(unsigned, self.key)


def _fork(number: int) -> ProtocolError:
    return ProtocolError(
        "batch.fork",
        "Entry {number} of this node is held with another content.",
        number=number,
    )


def _stopped() -> ProtocolError:
    return ProtocolError("node.stopped", "The registry has stopped this site.")


def _following(at: str) -> str:
    """Give the instant a millisecond later: one that no question has named yet."""
    return instant(read_instant(at) + timedelta(milliseconds=1))
