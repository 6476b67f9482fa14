"""What the national record makes of an entry: decided from the entry and what is known, only.

Whatever a site delivers is stored, and its receipt says so. The verdict is another matter: whether
the record can be counted. An entry of a type that is not known here gets none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sync.protocol.identities import identity_digest
from sync.protocol.instants import read_instant
from sync.registry.judging.bounds import BIRTH, BORN_AFTER, CampaignFacts, out_of_bounds
from sync.registry.judging.schemas import Schemas

_EAST = timedelta(hours=14)
"""Where the day begins first, it is so many hours ahead of UTC."""

LATE = "The dose is dated after the day on which it reached the registry."
LATE_STATUS = "The status is dated after the day on which it reached the registry."
ELSEWHERE = "The dose names another facility than the one this site is enrolled for."
NO_PERSON = "The registry does not know the person of this record yet."
NO_DOSE = "The registry does not know the dose of this record yet."
NO_MERGE = "The registry does not know the merge of this record yet."
ONESELF = "A person cannot be merged with itself."
OTHERS = "Another site recorded this, and only that one can change its record."
NOT_SUCH = "What others told of is believed or not; what was given there was given or not."

_OF_A_PERSON = frozenset(
    {
        "PersonArrived",
        "PersonLeft",
        "PersonCorrected",
        "DoseGiven",
        "DoseReported",
        "CertificateIssued",
        "ObservationRecorded",
        "PersonStatusRecorded",
    }
)
_OF_TWO: Mapping[str, tuple[str, ...]] = {
    "PersonsMerged": ("kept", "merged"),
    "PersonsDistinguished": ("persons",),
}
"""Types of entries about two people, and the fields that name them."""
CHANGES_A_DOSE = frozenset({"DoseCorrected", "DoseWithdrawn"})
"""Types of entries that change a dose, and may change only one of their own node."""
_TARGETS: Mapping[str, str] = {**dict.fromkeys(CHANGES_A_DOSE, "dose"), "MergeUndone": "merge"}
"""The field that names what an entry changes, which is of its own node."""
CHANGES_ITS_OWN = frozenset(_TARGETS)
_OF_A_DOSE = CHANGES_A_DOSE | {"CertificateIssued", "RuleOverridden"}
_ECHOES = frozenset({"DoseReported", "ObservationRecorded", "PersonStatusRecorded"})
_NOT_KNOWN = {"person": NO_PERSON, "dose": NO_DOSE, "merge": NO_MERGE}
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
    this is not so.
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
            *([f"corrects:{self.corrects}"] if self.corrects else []),
        }


@dataclass(frozen=True, slots=True)
class CorrectedRecord:
    """The fields of a person or a dose: as first recorded, and ``now``, as corrected since."""

    first: Mapping[str, Any]
    now: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JudgingContext:
    """What is known when an entry is judged.

    ``facility`` is the one its node is enrolled for, ``received_at`` an instant in ISO 8601, UTC;
    ``ids`` the people and doses that are known; ``corrections`` the changes that later entries of
    its node make to it, oldest first; ``withdrawn``: one of them takes it back. ``target`` is the
    type of the entry of its own node that it changes, ``*`` where that was not looked up. ``born``
    is the first day on which its person may have been born, ``first_dose`` the first day of a dose
    of theirs (each empty: nobody knows); ``dose`` the dose that it corrects; ``campaigns`` what its
    site's campaign says.
    """

    facility: str
    received_at: str
    ids: Collection[str] = frozenset()
    corrections: Sequence[Mapping[str, Any]] = ()
    withdrawn: bool = False
    target: str = "*"
    born: str = ""
    first_dose: str = ""
    dose: CorrectedRecord | None = None
    campaigns: CampaignFacts = field(default_factory=CampaignFacts)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an entry came to when it is not plainly stored: see ``Verdict``."""

    state: str
    field: str = ""
    sentence: str = ""
    waits: str = ""
    missing: tuple[str, ...] = ()


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


def judge(document: Mapping[str, Any], known: JudgingContext, schemas: Schemas) -> Finding | None:
    """Decide what an entry comes to; None: stored, and nothing is to be said of it.

    ``rejected`` names the field and says why; ``superseded`` is what would be rejected if later
    entries had not put it right; ``held`` is sound but speaks of somebody who is not known.
    """
    if not schemas.knows(str(document.get("type"))):
        return None
    wrong = _mistake(document, known, schemas)
    if wrong is not None and known.withdrawn:
        return _held(document, known) or Finding("superseded", wrong[0])
    if wrong is not None and known.corrections:
        first, wrong = wrong, _mistake(_amended(document, known.corrections), known, schemas)
        if wrong is None:
            return _held(document, known) or Finding("superseded", first[0])
    if wrong is not None:
        return Finding("rejected", *wrong)
    return _held(document, known)


def _held(document: Mapping[str, Any], known: JudgingContext) -> Finding | None:
    missing = [(name, id_) for name, id_ in spoken(document).needs if id_ not in known.ids]
    if not missing:
        return None
    name, id_ = missing[0]
    return Finding("held", name, _NOT_KNOWN[name], id_, tuple(one for _, one in missing))


def _mistake(
    document: Mapping[str, Any], known: JudgingContext, schemas: Schemas
) -> tuple[str, str] | None:
    wrong = schemas.mistake(document)
    if wrong is None and document["type"] in CHANGES_ITS_OWN:
        wrong = _wrong_target(document, known)
    if wrong is None and document["type"] in ("PersonsMerged", "PersonStatusRecorded"):
        wrong = _wrong_of_people(document, known)
    if wrong is not None:
        return wrong
    body, type_ = document["body"], document["type"]
    if type_ == "PersonCorrected" and body["changes"].keys() & set(BIRTH):
        after = known.born and known.first_dose and known.first_dose < known.born
        return ("birthDate", BORN_AFTER) if after else None
    if type_ == "DoseCorrected" and known.dose is not None:
        touched = body["changes"].keys() & {"on", "vaccinator"}
        # of a dose that is rejected itself, it is the dose that is to be put right
        if not touched or _of_dose(known.dose.first, known, given_here=True):
            return None
        return _of_dose(known.dose.now, known, given_here=True)
    if type_ not in DOSES:
        return None
    return _of_dose(body, known, given_here=type_ == "DoseGiven")


def _of_dose(
    body: Mapping[str, Any], known: JudgingContext, *, given_here: bool
) -> tuple[str, str] | None:
    try:
        on = date.fromisoformat(str(body.get("on")))
    except ValueError:
        return None
    if on > (read_instant(known.received_at) + _EAST).date():
        return "on", LATE
    if given_here and body.get("facility") != known.facility:
        return "facility", ELSEWHERE
    return out_of_bounds(body, given_here=given_here, born=known.born, campaigns=known.campaigns)


def _wrong_of_people(document: Mapping[str, Any], known: JudgingContext) -> tuple[str, str] | None:
    body = document["body"]
    if document["type"] == "PersonsMerged":
        return ("merged", ONESELF) if body["kept"] == body["merged"] else None
    received = read_instant(known.received_at)
    if date.fromisoformat(body["on"]) > (received + _EAST).date():
        return "on", LATE_STATUS
    return None


def _wrong_target(document: Mapping[str, Any], known: JudgingContext) -> tuple[str, str] | None:
    """Refuse a change to another site's record, or one that is not for a dose of this kind."""
    field = _TARGETS[document["type"]]
    if document["body"][field] not in known.ids or known.target == "*":
        return None
    if not known.target:
        return field, OTHERS
    body = document["body"]
    if document["type"] != "DoseWithdrawn" or body.get("source") == "registry":
        return None  # a site that follows another says what that one said
    if (body["kind"] == "disbelieved") is not (known.target == "DoseReported"):
        return "kind", NOT_SUCH
    return None


def _amended(
    document: Mapping[str, Any], corrections: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Join the changes to a record: a person's stand in ``person``; one set to null goes."""
    body = dict(document["body"]) if isinstance(document.get("body"), Mapping) else {}
    inner = body.get("person") if document["type"] == "PersonRegistered" else body
    fields = dict(inner) if isinstance(inner, Mapping) else {}
    for changes in corrections:
        fields.update(changes)
    fields = {name: value for name, value in fields.items() if value is not None}
    whole = {**body, "person": fields} if document["type"] == "PersonRegistered" else fields
    return {**document, "body": whole}


def _texts(*values: Any) -> tuple[str, ...]:
    texts = (plain(value)[:100] for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(text for text in texts if text))


def _identities(person: Mapping[str, Any]) -> tuple[str, ...]:
    identity = person.get("identity")
    digest = identity_digest(identity) if isinstance(identity, str) else ""
    return (digest,) if digest else ()
