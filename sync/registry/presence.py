"""Who it is by the proof that a site shows; and who else is the same person.

What a site wrote itself proves nothing to it: it could have written anything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sync.protocol.histories import PersonQuery
from sync.protocol.identities import identity_digest
from sync.protocol.proofs import (
    CertificateProof,
    CodeProof,
    OwnProof,
    StatedProof,
    plain_code,
    signed_digest,
)
from sync.registry.judging.merges import same_people
from sync.registry.judging.own_merges import first_registrar
from sync.registry.registered_people import (
    birth_span,
    last_words,
    name_words,
    registrations,
    sound_entries,
)
from sync.registry.store.interface import Store

_MOST = 100
"""People who are taken for one at the most."""
_LONGEST_SPAN = 5
"""Years between the first and the last day of a birth that is stated; an age in years has one."""
_GUESSED = 3
"""Of so many words of a stated name one at least is the person's: names are written many ways."""


@dataclass(frozen=True, slots=True)
class IdentifiedPerson:
    """The ids of a person: ``proven`` those that the proof names, ``ids`` all of them."""

    proven: frozenset[str]
    ids: frozenset[str]


def identified(
    store: Store, node: str, asked: PersonQuery, apart: AbstractSet[str]
) -> IdentifiedPerson | None:
    """Find the person whom a node asks for; None: the proof is of nobody.

    ``apart`` are ids that are asked for by themselves.
    """
    proven = _proven(store, node, asked)
    if not proven:
        return None
    own = isinstance(asked.proof, OwnProof)
    ids, seen = set(proven), set[str]()
    while not seen.issuperset(ids) and len(ids) < _MOST:
        seen |= ids
        ids |= same_people(store, ids) - apart
        ids |= store.linked(ids) - apart
        if not own:
            ids |= _of_one_identity(store, node, ids) - apart
    # what others wrote under the id of one's own person they may have written for somebody else
    return IdentifiedPerson(frozenset(proven), frozenset(ids - proven if own else ids))


def link(store: Store, node: str, asked: PersonQuery, found: IdentifiedPerson, now: str) -> None:
    """Remember that a node's own person was present with the paper of others, so is the same."""
    strong = isinstance(asked.proof, CodeProof | CertificateProof)
    if strong and first_registrar(store, asked.id) == node:
        store.link(asked.id, sorted(found.proven - {asked.id}), node, now)


def _proven(store: Store, node: str, asked: PersonQuery) -> set[str]:
    match asked.proof:
        case CodeProof(code):
            return _by_code(store, node, plain_code(code))
        case CertificateProof() as proof:
            return _by_certificate(store, node, proof)
        case StatedProof() as proof:
            return _by_word(store, node, proof)
        case OwnProof():
            return {asked.id} if first_registrar(store, asked.id) == node else set()


def _by_code(store: Store, node: str, code: str) -> set[str]:
    """A code counts that others gave to whom their facility was the first to register."""
    return {
        id_
        for entry, person in registrations(store, [f"code:{code[:100]}"])
        if entry.node != node
        and plain_code(str(person.get("code"))) == code
        and (id_ := str(person.get("id")))
        and _facility(store, first_registrar(store, id_)) == _facility(store, entry.node)
    }


def _by_certificate(store: Store, node: str, proof: CertificateProof) -> set[str]:
    found = set()
    for entry in sound_entries(store, [f"certificate:{proof.number[:100]}"]):
        body = json.loads(entry.content)["body"]
        person = str(body.get("person"))
        if entry.type != "CertificateIssued" or entry.node == node:
            continue
        known = any(
            other.node == entry.node and told.get("id") == person
            for other, told in registrations(store, [f"entry:{person}"])
        )
        if known and proof.digest in map(signed_digest, _signed(body)):
            found.add(person)
    return found


def _signed(body: Mapping[str, Any]) -> Iterator[str]:
    for told in body.get("credentials") or ():
        if isinstance(told, Mapping) and isinstance(told.get("credential"), str):
            yield told["credential"]
    if isinstance(body.get("credential"), str):
        yield body["credential"]


def _by_word(store: Store, node: str, proof: StatedProof) -> set[str]:
    """Find whom a word is of: it is a statement, and no list of names or of years to be tried."""
    stated = {"name": proof.name, **_birth_of(proof.born)}
    born, words = birth_span(stated), name_words(stated)
    if born is None or int(born[1][:4]) - int(born[0][:4]) > _LONGEST_SPAN:
        return set()
    return {
        id_
        for id_, person in _current(store, node, {proof.identity})
        if _alike(person, stated) and len(words & name_words(person)) * _GUESSED >= len(words)
    }


def _of_one_identity(store: Store, node: str, ids: Collection[str]) -> set[str]:
    """Find who has the same identity number by other sites' word, a like name and birth."""
    known = [
        (told, person)
        for id_ in ids
        for entry, person in registrations(store, [f"entry:{id_}"])
        if entry.node != node and person.get("id") == id_
        for told in [last_words(store, entry, person)]
    ]
    digests = {
        digest for told, _ in known if (digest := identity_digest(str(told.get("identity") or "")))
    }
    if not digests:
        return set()
    return {
        id_
        for id_, person in _current(store, node, digests)
        if any(_alike(person, told) for told, _ in known)
    }


def _current(
    store: Store, node: str, digests: AbstractSet[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give whose identity has one of the digests, as the node that registered them says last."""
    keys = [f"identity:{digest}" for digest in sorted(digests)]
    ids = set()
    for entry in sound_entries(store, keys):
        body = json.loads(entry.content)["body"]
        person = body.get("person")
        ids.add(str(person.get("id")) if isinstance(person, Mapping) else str(person))
    for id_ in sorted(ids):
        for entry, person in registrations(store, [f"entry:{id_}"]):
            told = last_words(store, entry, person)
            if entry.node != node and identity_digest(str(told.get("identity") or "")) in digests:
                yield id_, told


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two may be one: a word of the name in common, and a day of birth."""
    first, second = birth_span(one), birth_span(other)
    return (
        first is not None
        and second is not None
        and first[0] <= second[1]
        and second[0] <= first[1]
        and bool(name_words(one) & name_words(other))
    )


def _birth_of(text: str) -> dict[str, Any]:
    first, mark, last = text.partition("/")
    if mark:
        return {"birthEarliest": first, "birthLatest": last}
    return {"birthYear": int(text)} if len(text) == 4 else {"birthDate": text}


def _facility(store: Store, node: str) -> str:
    record = store.node(node)
    return record.facility if record else ""
