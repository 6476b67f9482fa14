"""What other sites recorded of a person: a site's question, and the registry's answer.

The question is signed by the site's key, and holds for each person a proof that they were there.
The answer is signed by the registry over the question's own nonce.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from sync.protocol import keys
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import read_instant
from sync.protocol.proofs import OwnProof, Proof
from sync.protocol.shapes import Nonce, fit
from sync.protocol.versions import NEWEST

MOST = 50
"""People in one question at the most."""


@dataclass(frozen=True, slots=True)
class PersonQuery:
    """A person as a site asks for one: its own id, and the proof that the person was there."""

    id: str
    proof: Proof = field(default_factory=OwnProof)


class ForeignEntry(msgspec.Struct, frozen=True):
    """An entry of another site: its node, the facility that is enrolled for, and the document."""

    node: str
    facility: str
    entry: dict[str, Any]


class _Person(msgspec.Struct):
    id: Annotated[str, Meta(pattern=r"\A[!-~]{1,100}\Z")]  # it stands in the registry's audit
    proof: Proof


class _Question(msgspec.Struct):
    nonce: Nonce
    people: Annotated[list[_Person], Meta(min_length=1, max_length=MOST)]


class _Found(msgspec.Struct):
    id: str
    entries: tuple[ForeignEntry, ...]
    refused: str = ""


class _Answer(msgspec.Struct):
    at: str
    people: list[_Found]


@dataclass(frozen=True, slots=True)
class Histories:
    """Other sites' entries of each person by the id that was asked, in order of their arrival.

    ``at`` is the registry's instant. Somebody who is missing was not looked up: ask again.
    ``refused`` says by the id of whom nothing is told: ``wrong`` (the proof is of nobody) or
    ``limit`` (there were too many of its kind today).
    """

    at: str
    people: Mapping[str, tuple[ForeignEntry, ...]]
    refused: Mapping[str, str] = field(default_factory=dict)


def make_question(people: Sequence[PersonQuery], nonce: str) -> dict[str, Any]:
    """Make a question, to be signed."""
    return {
        "protocol": NEWEST,
        "nonce": nonce,
        "people": [
            {"id": person.id, "proof": msgspec.to_builtins(person.proof)} for person in people
        ],
    }


def read_question(document: Mapping[str, Any]) -> tuple[str, list[PersonQuery]]:
    """Read a question that is proven: its nonce, and whom it asks for.

    Raises :class:`ProtocolError` naming the field that is wrong.
    """
    question = fit(document, _Question, _wrong)
    return question.nonce, [PersonQuery(person.id, person.proof) for person in question.people]


def check_answer(document: Any, node: str, nonce: str, key: Ed25519PublicKey) -> Histories:
    """Prove that histories are the registry's answer to this very question."""
    if not isinstance(document, Mapping):
        raise _no_history()
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, unsigned, document.get("signature")):
        raise ProtocolError("told.signature", "The history is not signed by the registry.")
    if unsigned.get("nonce") != nonce or unsigned.get("node") != node:
        raise ProtocolError("told.other", "The history is an answer to another question.")
    said = fit(unsigned, _Answer, _no_history)
    try:
        read_instant(said.at)
    except ValueError:
        raise _no_history() from None
    return Histories(
        said.at,
        {person.id: person.entries for person in said.people},
        {person.id: person.refused for person in said.people if person.refused},
    )


def answer(
    node: str, nonce: str, histories: Histories, sign: Callable[[dict[str, Any]], str]
) -> dict[str, Any]:
    """Make the signed answer."""
    document: dict[str, Any] = {
        "node": node,
        "nonce": nonce,
        "at": histories.at,
        "people": [
            {
                "id": id_,
                "entries": [
                    {"node": entry.node, "facility": entry.facility, "entry": dict(entry.entry)}
                    for entry in told
                ],
                **({"refused": histories.refused[id_]} if id_ in histories.refused else {}),
            }
            for id_, told in histories.people.items()
        ],
    }
    return {**document, "signature": sign(document)}


def _no_history(_field: str = "") -> ProtocolError:
    return ProtocolError("told.form", "This is not a history.")


def _wrong(field: str) -> ProtocolError:
    return ProtocolError(
        "history.field", "The field {field} of the question is wrong.", field=field
    )
