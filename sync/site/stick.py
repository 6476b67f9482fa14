"""The site's end of a stick: an export behind the latest receipt, and the registry's answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import frames, keys
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.bundles import files
from sync.protocol.bundles.headers import Outward, Recipient, check_inward, sign_outward
from sync.protocol.bundles.sealed import open_sealed, recipient_of, seal
from sync.protocol.entries import own_epoch
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import Histories, check_answer
from sync.protocol.letters import FEEDS, check_letters
from sync.protocol.receipts import Receipt
from sync.protocol.states import TIPS, FeedHead, Question, check_state
from sync.protocol.versions import agreed_version
from sync.site.inbox import Inbox
from sync.site.source import JournalEntry, Source, Tip
from sync.site.stick_receipts import fresh, judge

PART = 1024 * 1024
"""Bytes of batches after which a part ends: what a power cut while copying can spoil."""
_ENTRIES = 1000
_OPENED = 2 * 1024 * 1024
"""Entries, and bytes of them, in one batch at the most: well below what a frame may hold."""


class StickSource(Source, Protocol):
    """The journal as a follower sees it, with its memory of the receipt to read."""

    def kept(self) -> Receipt | None:
        """Give the latest receipt."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who exports: the node and its key, the registry's recipient, the site's own age identity.

    ``nonce`` and ``made`` (an instant by the site's clock) are drawn for this export;
    ``enrolment`` goes with it while the registry may not know the site, ``history`` (a signed
    question) where histories of people are asked for.
    """

    key: Ed25519PrivateKey
    recipient: Recipient
    identity: str
    nonce: str
    made: str
    software: str = ""
    enrolment: Mapping[str, Any] | None = None
    history: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """What was written: files, bytes, and the entries behind position ``after``."""

    parts: int
    bytes: int
    entries: int
    after: int


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """What an answer came to: ``moved`` is ``on``, ``back`` or empty; ``position`` is now proven.

    ``at`` is the instant of the answer by the registry's clock; ``histories`` those that were asked
    for, with the nonce of their question.
    """

    at: str
    moved: str
    position: int
    letters: int
    recipient: Mapping[str, Any]
    histories: tuple[str, Histories] | None = None


def export(
    folder: Path, source: StickSource, inbox: Inbox, sender: Sender, size: int = PART
) -> ExportResult:
    """Write everything behind the latest receipt into a folder, in parts, each whole by itself.

    Parts of an earlier export are replaced, or removed once the new ones are on the disk.
    """
    node = keys.node_id(sender.key.public_key())
    after = position = proven(source)[0]
    cursors = {feed: inbox.cursor(feed) for feed in FEEDS}
    number = written = 0
    batches = _batches(source, position, sender)
    waiting = source.last()
    ahead = next(batches, None)
    while number == 0 or ahead is not None:
        if number == files.MOST_PARTS:
            break  # the rest goes with the next stick
        number += 1
        held: list[bytes] = []
        start = position
        while ahead is not None and (not held or sum(map(len, held)) + len(ahead[0]) <= size):
            held.append(ahead[0])
            position = ahead[1]
            ahead = next(batches, None)
        question = Question(
            nonce=sender.nonce,
            tips=tuple((tip.epoch, tip.number) for tip in _tips(source, position, after)),
            waiting=waiting,
            software=sender.software,
            protocol=agreed_version(sender.recipient.document),
        )
        header = Outward(
            node=node,
            key=keys.public_text(sender.key.public_key()),
            made=sender.made,
            part=number,
            last=ahead is None,
            after=start,
            through=position,
            count=len(held),
            question=question,
            cursors=cursors,
            recipient=recipient_of(sender.identity),
            enrolment=sender.enrolment,
            history=sender.history,
        )
        first = frames.pack(sign_outward(header, sender.key), _coding(sender))
        sealed = seal([first, *held], sender.recipient.address)
        files.write(folder / files.outward_name(node, number), sealed)
        written += len(sealed)
    for old in files.outward_parts(folder):
        if old.node == node and old.number > number:
            files.remove(old.path)
    return ExportResult(parts=number, bytes=written, entries=position - after, after=after)


def take_answer(
    data: bytes,
    source: StickSource,
    inbox: Inbox,
    registry_key: Ed25519PublicKey,
    node: str,
    identities: Sequence[str],
) -> AnswerResult:
    """Believe the registry's answer as far as it is newer than what is known here.

    Everything is proven before anything is taken. Raises :class:`ProtocolError`; then nothing was.
    """
    first, *rest = open_sealed(data, identities)
    header = check_inward(frames.unpack(first), node, registry_key)
    if len(rest) != header.count + 1 + header.history:
        raise ProtocolError("bundle.form", "This is not a bundle.")
    histories = None
    if header.history:
        histories = _proven_histories(frames.unpack(rest.pop()), node, registry_key)
    question = Question(header.nonce, (), 0, "", 0)
    state = check_state(frames.unpack(rest[0]), question, node, registry_key)
    pages = [
        check_letters(frames.unpack(page), node, header.nonce, registry_key).letters
        for page in rest[1:]
    ]
    position, known = proven(source)
    move = judge(state, header.held, position, known, source.find)
    if move.keep:
        source.keep(state.receipt)
    behind = dict(header.cursors)
    taken = 0
    for letters in pages:
        if not letters or letters[0].feed not in behind:
            continue
        feed, last = letters[0].feed, letters[-1]
        new = fresh(letters, inbox.cursor(feed), behind[feed])
        if new:
            inbox.take(new)
            taken += len(new)
        behind[feed] = FeedHead(last.number, last.id)
    return AnswerResult(header.at, move.way, move.position, taken, header.recipient, histories)


def _proven_histories(
    document: Any, node: str, registry_key: Ed25519PublicKey
) -> tuple[str, Histories]:
    """Prove that histories are the registry's; whether they were asked for is for the caller."""
    nonce = str(document.get("nonce", "")) if isinstance(document, Mapping) else ""
    return nonce, check_answer(document, node, nonce, registry_key)


def proven(source: StickSource) -> tuple[int, Receipt | None]:
    """Give the position the latest receipt proves, and the receipt; one that is not ours: 0."""
    known = source.kept()
    ours = source.find(own_epoch(known.epoch), known.number) if known else None
    if known is None or ours is None or ours[1] != known.hash:
        return 0, None
    return ours[0], known


def _batches(source: StickSource, position: int, sender: Sender) -> Iterator[tuple[bytes, int]]:
    """Give the batches behind a position as the protocol has them, each with where it ends."""
    version = agreed_version(sender.recipient.document)
    end = source.last()
    while position < end:
        entries = _cut(source.after(position, min(_ENTRIES, end - position)))
        contents = [entry.document() for entry in entries]
        batch = make_batch(contents, entries[-1].hash, sender.key, version)
        position = entries[-1].position
        yield encode_batch(batch, _coding(sender), short=False), position


def _cut(entries: list[JournalEntry]) -> list[JournalEntry]:
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.content)
        if size > _OPENED and count:
            return entries[:count]
    return entries


def _tips(source: StickSource, through: int, after: int) -> list[Tip]:
    """Name the epochs a part ends in, and those the receipt is of: newest first, each once."""
    newest = source.tips(through, TIPS // 2)
    older = source.tips(after, TIPS // 2) if after else []
    lowest = newest[-1].position if newest else through + 1
    return [*newest, *(tip for tip in older if tip.position < lowest)]


def _coding(sender: Sender) -> frames.Coding:
    return replace(frames.agreed(sender.recipient.document), level=9)
