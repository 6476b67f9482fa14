"""What an entry of a site speaks of: people, doses, documents, certificates, by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol.identities import identity_digest

_OF_A_PERSON = frozenset(
    {
        "PersonArrived",
        "PersonLeft",
        "EnrolmentChanged",
        "PersonCorrected",
        "DoseGiven",
        "DoseReported",
        "CertificateIssued",
        "ObservationRecorded",
        "PersonStatusRecorded",
        "ContactPreferenceRecorded",
        "AppointmentBooked",
    }
)
_OF_TWO: Mapping[str, tuple[str, ...]] = {
    "PersonsMerged": ("kept", "merged"),
    "PersonsDistinguished": ("persons",),
}
"""Types of entries about two people, and the fields that name them."""
CHANGES_A_DOSE = frozenset({"DoseCorrected", "DoseWithdrawn"})
"""Types of entries that change a dose, and may change only one of their own node."""
OF_A_DOCUMENT = frozenset({"DocumentCertified", "DocumentCorrected", "DocumentRevoked"})
DOCUMENTS = OF_A_DOCUMENT | {"DocumentRecorded"}
"""Types of entries about documents of the kinds that campaigns describe."""
_OF_A_DOSE = CHANGES_A_DOSE | {"CertificateIssued", "RuleOverridden"}
_ECHOES = frozenset({"DoseReported", "ObservationRecorded", "PersonStatusRecorded"})
DOSES = frozenset({"DoseGiven", "DoseReported"})


def plain(text: str) -> str:
    """Leave out the one character (U+0000) that PostgreSQL keeps in no text."""
    return text.replace("\0", "")


@dataclass(frozen=True, slots=True)
class References:
    """What an entry speaks of.

    ``makes`` are the ids it makes known; ``needs`` the ids that must be known, each with the field
    that names it; ``corrects`` the id whose fields it changes, or which it takes back, or empty;
    ``people`` the ids and ``identities`` the digests of those it is about; ``issues`` the number of
    the certificate that was signed; ``codes`` those on people's paper; ``merges`` the ids of two
    people of whom it says that they are one, ``undoes`` those of the entries of which it says that
    this is not so; ``documents`` the ids of those it is about.
    """

    makes: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    corrects: str = ""
    people: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    merges: tuple[str, ...] = ()
    undoes: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def keys(self) -> set[str]:
        """Give the keys under which the entry is found again."""
        return {
            *(f"entry:{make}" for make in self.makes),
            *(f"person:{person}" for person in self.people),
            *(f"identity:{identity}" for identity in self.identities),
            *(f"certificate:{issue}" for issue in self.issues),
            *(f"code:{code}" for code in self.codes),
            *(f"merged:{person}" for person in self.merges),
            *(f"undoes:{merge}" for merge in self.undoes),
            *(f"document:{document}" for document in self.documents),
            *([f"corrects:{self.corrects}"] if self.corrects else []),
        }


def spoken(document: Mapping[str, Any]) -> References:
    """Read what an entry speaks of; whatever has another shape than it should is passed over."""
    type_, body = document.get("type"), document.get("body")
    if not isinstance(type_, str) or not isinstance(body, Mapping):
        return References()
    if type_ == "PersonRegistered":
        person = body.get("person")
        if not isinstance(person, Mapping):
            return References()
        ids = _texts(person.get("id"), document.get("id"))
        return References(
            ids,
            people=ids[:1],
            identities=_identities(person),
            codes=_texts(person.get("code")),
        )
    if type_ in DOCUMENTS:
        return _about_a_document(type_, document, body)
    if type_ in _OF_TWO or type_ == "MergeUndone":
        return _about_two(type_, document, body)
    people = _texts(body.get("person")) if type_ in _OF_A_PERSON else ()
    # A dose that a site took from a history is told of under the entry it came from.
    echo = type_ in _ECHOES and body.get("source") == "registry"
    doses = _texts(body.get("dose")) if type_ in _OF_A_DOSE else ()
    changes = body.get("changes")
    return References(
        makes=_texts(document.get("id")) if type_ in DOSES else (),
        needs=(
            *(("person", person) for person in people),
            *(("dose", dose) for dose in doses),
        ),
        corrects=next(iter(people + doses), "")
        if type_ == "PersonCorrected" or type_ in CHANGES_A_DOSE
        else "",
        people=() if echo else people,
        identities=_identities(changes)
        if type_ == "PersonCorrected" and isinstance(changes, Mapping)
        else (),
        issues=_texts(body.get("certificate")) if type_ == "CertificateIssued" else (),
    )


def _about_a_document(
    type_: str, document: Mapping[str, Any], body: Mapping[str, Any]
) -> References:
    if type_ == "DocumentRecorded":
        made = _texts(document.get("id"))
        return References(makes=made, documents=made)
    told = _texts(body.get("document"))
    return References(
        needs=tuple(("document", id_) for id_ in told),
        corrects=next(iter(told), ""),
        issues=_texts(body.get("certificate")) if type_ == "DocumentCertified" else (),
        documents=told,
    )


def _about_two(type_: str, document: Mapping[str, Any], body: Mapping[str, Any]) -> References:
    """Read an entry about two people; one that a site took from another is found by nobody."""
    echo = body.get("source") == "registry"
    if type_ == "MergeUndone":
        merge = _texts(body.get("merge"))
        return References(
            needs=tuple(("merge", id_) for id_ in merge),
            corrects=next(iter(merge), ""),
            undoes=() if echo else _texts(body.get("merge"), body.get("origin")),
        )
    told = [body.get(name) for name in _OF_TWO[type_]]
    people = _texts(*(told[0] if isinstance(told[0], list) else told))
    merged = people if type_ == "PersonsMerged" else ()
    return References(
        makes=_texts(document.get("id")) if merged else (),
        needs=tuple(("person", id_) for id_ in people),
        people=() if echo else people,
        merges=() if echo else merged,
    )


def _texts(*values: Any) -> tuple[str, ...]:
    texts = (plain(value)[:100] for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(text for text in texts if text))


def _identities(person: Mapping[str, Any]) -> tuple[str, ...]:
    identity = person.get("identity")
    digest = identity_digest(identity) if isinstance(identity, str) else ""
    return (digest,) if digest else ()
