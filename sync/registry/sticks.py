"""The registry's end of a stick: every site's bundles taken, and an answer written for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from sync.protocol import frames
from sync.protocol.bundles import files
from sync.protocol.bundles.headers import (
    Inward,
    Outward,
    check_outward,
    sign_inward,
    sign_recipient,
)
from sync.protocol.bundles.sealed import open_sealed, seal
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.states import FeedHead
from sync.registry.feeds import LetterQuery
from sync.registry.registry import Registry

_PAGES = 2000
_LETTERS = 4 * 1024 * 1024
"""Pages, and bytes of them, in one answer at the most; the rest comes with the next stick."""


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that was not taken, or not whole, with the reason as a sentence."""

    file: str
    code: str
    sentence: str


@dataclass(slots=True)
class StickResult:
    """What a site's bundles came to: entries that were new, entries held already, and refusals."""

    node: str
    facility: str = ""
    enrolled: bool = False
    stored: int = 0
    had: int = 0
    answered: bool = False
    refused: list[RejectedFile] = field(default_factory=list)


def take(
    registry: Registry,
    identities: Sequence[str],
    source: Path,
    out: Path,
    progress: Callable[[str], None],
) -> list[StickResult]:
    """Take in every bundle in a folder, site by site, and write each site's answer into ``out``.

    One bad bundle holds up no other. Raises
    :class:`~sync.protocol.bundles.files.StickError` only if the folder itself cannot be read.
    """
    found = files.outward_parts(source)
    report = []
    for node, parts in groupby(found, key=lambda part: part.node):
        one = StickResult(node)
        _take_site(registry, identities, list(parts), out, one, progress)
        known = registry.store.node(node)
        one.facility = known.facility if known else ""
        report.append(one)
    return report


def _take_site(
    registry: Registry,
    identities: Sequence[str],
    parts: list[files.BundlePart],
    out: Path,
    done: StickResult,
    progress: Callable[[str], None],
) -> None:
    headers: list[tuple[Outward, files.BundlePart]] = []
    for part in parts:
        try:
            headers.append((_open(part, identities)[0], part))
        except Exception as error:
            _refuse(done, part, error)
    # Parts of an older export may lie among those of a newer one: they follow by their places.
    headers.sort(key=lambda one: (one[0].after, one[0].made, one[0].part))
    answer_to: Outward | None = None
    for header, part in headers:
        progress(part.path.name)
        if answer_to is None:
            answer_to = header
        try:
            _take_part(registry, part, identities, done)
            if header.through >= answer_to.through:
                answer_to = header
        except Exception as error:
            _refuse(done, part, error)
            if registry.store.node(done.node) is None:  # its other parts bring the same code
                return
    if answer_to is None:
        return
    try:
        files.write(out / files.inward_name(done.node), answer(registry, answer_to))
        done.answered = True
    except Exception as error:
        _refuse(done, headers[-1][1], error)


def _open(part: files.BundlePart, identities: Sequence[str]) -> tuple[Outward, list[bytes]]:
    first, *batches = open_sealed(files.read(part.path), identities)
    header = check_outward(frames.unpack(first))
    if header.node != part.node:
        raise ProtocolError("bundle.other", "It is for another site.")
    if len(batches) != header.count:
        raise ProtocolError("bundle.form", "This is not a bundle.")
    return header, batches


def _take_part(
    registry: Registry, part: files.BundlePart, identities: Sequence[str], done: StickResult
) -> None:
    header, batches = _open(part, identities)
    if header.enrolment is not None and registry.store.node(header.node) is None:
        if header.enrolment.get("key") != header.key:
            raise ProtocolError("bundle.signature", "It is not signed by the site it names.")
        # Whoever carries a stick carries many sites': a wrong code slows its own site only.
        registry.enrol(header.enrolment, f"a stick, {header.node}", proven=True)
        done.enrolled = True
    for batch in batches:
        answer = registry.batch(header.node, batch)
        done.stored += answer["stored"]
        done.had += answer["alreadyHad"]


def answer(registry: Registry, header: Outward) -> bytes:
    """Make the sealed answer to a site's header: the state, and the letters it has not taken."""
    coding = frames.Coding("zstd", 0, 9)
    registry.known(header.node)
    state = registry.answer(header.node, header.question)
    pages = list(_pages(registry, header, coding))
    inward = Inward(
        node=header.node,
        nonce=header.question.nonce,
        at=registry.instant(),
        held=registry.store.count(header.node),
        cursors=header.cursors,
        count=len(pages),
        recipient=sign_recipient(registry.recipient, registry.instant(), registry.key),
    )
    first = frames.pack(sign_inward(inward, registry.key), coding)
    return seal([first, frames.pack(state, coding), *pages], header.recipient)


def _pages(registry: Registry, header: Outward, coding: frames.Coding) -> Iterator[bytes]:
    behind = dict(header.cursors)
    size = 0
    for _ in range(_PAGES):
        cursors = {feed: [head.number, head.id] for feed, head in behind.items()}
        wanted = LetterQuery(header.question.nonce, cursors)
        page = registry.page(header.node, wanted)
        if not page["letters"]:
            return
        last = page["letters"][-1]
        behind[page["feed"]] = FeedHead(last["number"], last["id"])
        data = frames.pack(page, coding)
        size += len(data)
        if size > _LETTERS:
            return
        yield data
        if not page["more"]:
            return


def _refuse(done: StickResult, part: files.BundlePart, error: Exception) -> None:
    """Note what was wrong; what nobody has thought of, too: the next site's is still to be taken.

    Of such an error only its kind is said, for its text may hold somebody's data.
    """
    if not isinstance(error, SyncError):
        kind = type(error).__name__
        refused = RejectedFile(
            part.path.name, "bundle.failed", f"The registry failed at it: {kind}."
        )
    elif error.code in ("batch.gap", "batch.parent"):
        sentence = "It goes on behind entries that are not held yet; the next stick brings them."
        refused = RejectedFile(part.path.name, error.code, sentence)
    else:
        refused = RejectedFile(part.path.name, error.code, str(error))
    if refused not in done.refused:
        done.refused.append(refused)
