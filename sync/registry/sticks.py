"""The registry's end of a stick: every site's bundles taken, and an answer written for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

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
from sync.registry.carried_questions import answer_carried
from sync.registry.feeds import LetterQuery
from sync.registry.registry import Registry
from sync.registry.sealed_pieces import bundles_for

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
    judge: Callable[[], object] = lambda: None,
) -> list[StickResult]:
    """Take in every bundle in a folder, site by site, and write each site's answer into ``out``.

    One bad bundle holds up no other. ``judge`` judges what came, before anybody is told histories:
    the same stick may have brought what is asked for. Raises
    :class:`~sync.protocol.bundles.files.StickError` only if the folder itself cannot be read.
    """
    found = files.outward_parts(source)
    report, asking = [], []
    for node, parts in groupby(found, key=lambda part: part.node):
        one = StickResult(node)
        header = _take_site(registry, identities, list(parts), one, progress)
        known = registry.store.node(node)
        one.facility = known.facility if known else ""
        report.append(one)
        if header is not None:
            asking.append((one, header))
    if asking:
        judge()
    for one, header in asking:
        _answer_site(registry, header, out, one)
    return report


def _take_site(
    registry: Registry,
    identities: Sequence[str],
    parts: list[files.BundlePart],
    done: StickResult,
    progress: Callable[[str], None],
) -> Outward | None:
    """Take in a site's parts; give the header of the one that reached furthest, to be answered."""
    headers: list[tuple[Outward, files.BundlePart]] = []
    for part in parts:
        try:
            headers.append((_open(part, identities)[0], part))
        except Exception as error:
            _refuse(done, part.path.name, error)
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
            _refuse(done, part.path.name, error)
            if registry.store.node(done.node) is None:  # its other parts bring the same code
                return None
    return answer_to


def _answer_site(registry: Registry, header: Outward, out: Path, done: StickResult) -> None:
    try:
        told = _histories(registry, header, done)
        files.write(out / files.inward_name(done.node), answer(registry, header, told))
        done.answered = True
        _write_pieces(registry, header, out)
    except Exception as error:
        _refuse(done, files.outward_name(header.node, header.part), error)


def _write_pieces(registry: Registry, header: Outward, out: Path) -> None:
    """Write what lists of people have for a site and it has not said to have; each file is whole.

    What lay there for it before is replaced, or removed once the new ones are on the disk.
    """
    written = set()
    for number, data in enumerate(bundles_for(registry, header.node, header.recipient), 1):
        path = out / files.pieces_name(header.node, number)
        files.write(path, data)
        written.add(path)
    for path in files.pieces(out, header.node):
        if path not in written:
            files.remove(path)


def _histories(registry: Registry, header: Outward, done: StickResult) -> dict[str, Any] | None:
    """Answer what a site asks of people; where that cannot be, it gets the rest of its answer."""
    if header.history is None:
        return None
    try:
        return answer_carried(registry, header.node, header.history)
    except Exception as error:
        _refuse(done, files.outward_name(header.node, header.part), error)
        return None


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


def answer(
    registry: Registry, header: Outward, histories: Mapping[str, Any] | None = None
) -> bytes:
    """Make the sealed answer to a site's header: state, letters it has not taken, and histories."""
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
        history=histories is not None,
    )
    first = frames.pack(sign_inward(inward, registry.key), coding)
    if histories is not None:
        pages.append(frames.pack(histories, coding))
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


def _refuse(done: StickResult, file: str, error: Exception) -> None:
    """Note what was wrong; what nobody has thought of, too: the next site's is still to be taken.

    Of such an error only its kind is said, for its text may hold somebody's data.
    """
    if not isinstance(error, SyncError):
        kind = type(error).__name__
        refused = RejectedFile(file, "bundle.failed", f"The registry failed at it: {kind}.")
    elif error.code in ("batch.gap", "batch.parent"):
        sentence = "It goes on behind entries that are not held yet; the next stick brings them."
        refused = RejectedFile(file, error.code, sentence)
    else:
        refused = RejectedFile(file, error.code, str(error))
    if refused not in done.refused:
        done.refused.append(refused)
