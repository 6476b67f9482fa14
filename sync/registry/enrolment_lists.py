"""Lists of people who are expected: published, withdrawn, and told to the sites they concern."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any
from uuid import uuid4

import msgspec

from sync.protocol import enrolment_lists as protocol
from sync.protocol.enrolment_lists import Piece, PieceName
from sync.protocol.entries import canonical
from sync.protocol.errors import SyncError
from sync.registry.enrolment_tables import facility_key, read_table
from sync.registry.judging.facts import as_mapping, read_entry, told_campaign, told_key
from sync.registry.nodes import all_nodes
from sync.registry.store.interface import Store
from sync.registry.store.records import ListPiece, NodeRecord, Place, PublishedList

_NAMED = 20
"""Programmes that a refusal names."""
_READ = 500
"""Entries of a site in one question to the store."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A table as an officer hands it in, to be published under a name for a programme."""

    name: str
    programme: str
    text: str
    file: str


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What publishing came to: people by facility, the nodes that were told, and who has none."""

    edition: str
    people: Mapping[str, int]
    nodes: Sequence[str]
    without_site: Sequence[str]


@dataclass(slots=True)
class SiteProgress:
    """How far one site is with a list; ``held`` are lines that it did not take, each with why."""

    node: str
    facility: str
    people: int
    taken: int = 0
    held: list[tuple[int, str]] = field(default_factory=list)


def publish(
    store: Store, table: ListFile, recipient: str, now: str, random: Callable[[int], bytes]
) -> PublishReport:
    """Cut a table by facility into pieces, keep them sealed, and tell the sites.

    Raises :class:`SyncError` for a table or a name that cannot be published, and for a programme
    that no campaign of the sites concerned has; then nothing was.
    """
    _check_names(table)
    read = read_table(table.text, table.file)
    _check_programme(store, table.programme, read.rows)
    pieces: list[ListPiece] = []
    for facility, rows in read.rows.items():
        if len(rows) > protocol.PEOPLE * protocol.MOST_PIECES:
            raise SyncError(
                "enrolments.too-many-of-one",
                "{count} people of one facility are more than one list holds ({most}). Publish"
                " several lists.",
                count=len(rows),
                most=protocol.PEOPLE * protocol.MOST_PIECES,
            )
        for place, cut in enumerate(protocol.cut(rows), 1):
            piece = Piece(
                list=table.name,
                edition=now,
                facility=facility,
                programme=table.programme,
                rows=read.header + "".join(text for _, text in cut),
                lines=tuple(line for line, _ in cut),
                salt=protocol.new_salt(random),
            )
            pieces.append(_kept(piece, place, recipient))
    done = _replaced(store, PublishedList(table.name, now, table.programme), pieces, now)
    return replace(
        done,
        people={
            read.written.get(facility, facility): count for facility, count in done.people.items()
        },
        without_site=[read.written.get(facility, facility) for facility in done.without_site],
    )


def withdraw(store: Store, name: str, now: str) -> PublishReport:
    """Take a list back: sites let go of whom they have never seen.

    Raises :class:`SyncError` ``enrolments.unknown``.
    """
    return _replaced(store, PublishedList(name, now, found(store, name).programme), [], now)


def found(store: Store, name: str) -> PublishedList:
    """Find a list; raises :class:`SyncError` ``enrolments.unknown``."""
    published = store.published_list(name)
    if published is None:
        raise SyncError(
            "enrolments.unknown",
            "There is no list {name}. divoc-registry enrolments status names those there are.",
            name=name,
        )
    return published


def tell_newcomer(store: Store, node: str, facility: str, now: str) -> None:
    """Tell a node that is new at a facility of the lists with people for it."""
    pieces = store.pieces_of_facility(facility_key(facility))
    for name, own in groupby(pieces, key=lambda piece: piece.list):
        published = store.published_list(name)
        if published is not None:
            _tell(store, node, published, own, now)


def tell_moved(store: Store, node: NodeRecord, facility: str, now: str) -> None:
    """Tell a node that goes to another facility: the lists of the old one are not its own."""
    stays = {piece.list for piece in store.pieces_of_facility(facility_key(facility))}
    before = {piece.list for piece in store.pieces_of_facility(facility_key(node.facility))}
    for name in sorted(before - stays):
        published = store.published_list(name)
        if published is not None:
            _tell(store, node.node, published, (), now)
    tell_newcomer(store, node.node, facility, now)


def progress(store: Store, name: str) -> list[SiteProgress]:
    """Give how far each site is with a list, by what it said in its own entries, by facility."""
    sizes: dict[str, dict[str, int]] = {}
    for piece in store.pieces_of_list(name):
        sizes.setdefault(piece.facility, {})[piece.hash] = piece.people
    sites = []
    for node in all_nodes(store):
        own = sizes.get(facility_key(node.facility))
        if own is None:
            continue
        told = {hash_: held for hash_, held in taken_pieces(store, node.node) if hash_ in own}
        site = SiteProgress(node.node, node.facility, sum(own.values()))
        site.taken = sum(own[hash_] for hash_ in told)
        site.held = sorted(line for held in told.values() for line in held)
        sites.append(site)
    return sorted(sites, key=lambda site: (site.facility, site.node))


def taken_pieces(store: Store, node: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Give each piece that a site says that it took: the hash, and which lines it did not take."""
    after: Place = ("", "", 0)
    while stored := store.mentions([told_key("pieces", node)], _READ, after):
        for entry in stored:
            body = as_mapping(read_entry(entry.content).get("body"))
            held = body.get("held")
            told = [
                (row["line"], str(row.get("code", ""))[:100])
                for row in (held if isinstance(held, list) else ())
                if isinstance(row, dict) and type(row.get("line")) is int
            ]
            yield str(body.get("piece", "")), told
        last = stored[-1]
        after = (last.node, last.epoch, last.number)


def _kept(piece: Piece, place: int, recipient: str) -> ListPiece:
    frame = protocol.pack_piece(piece)
    sealed = base64.b64encode(protocol.seal_pieces([frame], recipient)).decode()
    hash_ = protocol.hash_of(frame)
    return ListPiece(piece.list, piece.facility, place, hash_, len(piece.lines), sealed)


def _replaced(
    store: Store, published: PublishedList, pieces: Sequence[ListPiece], now: str
) -> PublishReport:
    before = {piece.facility for piece in store.pieces_of_list(published.name)}
    if not store.publish_list(published, pieces):
        raise SyncError(
            "enrolments.edition",
            "The list {name} was published with a later instant than now. Set the clock of this"
            " machine right.",
            name=published.name,
        )
    own: dict[str, list[ListPiece]] = {facility: [] for facility in before}
    for piece in pieces:
        own.setdefault(piece.facility, []).append(piece)
    told, reached = [], set()
    for node in all_nodes(store):
        facility = facility_key(node.facility)
        if facility in own:
            _tell(store, node.node, published, own[facility], now)
            told.append(node.node)
            reached.add(facility)
    people = {facility: sum(piece.people for piece in part) for facility, part in own.items()}
    missing = [facility for facility in sorted(people) if facility not in reached]
    return PublishReport(published.edition, people, told, missing)


def _tell(
    store: Store, node: str, published: PublishedList, pieces: Iterable[ListPiece], now: str
) -> None:
    named = (PieceName(piece.hash, piece.people) for piece in pieces)
    body = protocol.letter_of(published.name, published.edition, published.programme, named)
    store.post(node, protocol.LETTER, str(uuid4()), canonical(body).decode(), now)


def _check_names(table: ListFile) -> None:
    if not _fits(table.name, protocol.Name):
        raise SyncError(
            "enrolments.name",
            "A list's name has small letters, digits and dashes, at most 40, and says nothing of"
            " anybody's health.",
        )
    if not _fits(table.programme, protocol.Text):
        raise SyncError("enrolments.programme", "Name the programme by its id, as in the campaign.")


def _check_programme(store: Store, programme: str, facilities: Collection[str]) -> None:
    """Refuse a programme that every site concerned would refuse; who told of no campaign may know.

    ``facilities`` are keys of facilities.
    """
    known: set[str] = set()
    for node in all_nodes(store):
        if facility_key(node.facility) not in facilities:
            continue
        campaign = told_campaign(store, node.node)
        if campaign is None:
            return
        items = campaign.get("programmes")
        ids = (as_mapping(item).get("id") for item in (items if isinstance(items, list) else ()))
        known |= {id_ for id_ in ids if isinstance(id_, str)}
        if programme in known:
            return
    if known:
        raise SyncError(
            "enrolments.no-programme",
            "The sites of these facilities have no programme {programme}. Their campaigns have:"
            " {known}.",
            programme=programme,
            known=", ".join(sorted(known)[:_NAMED]),
        )


def _fits(value: str, shape: Any) -> bool:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError:
        return False
    return True
