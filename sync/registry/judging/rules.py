"""What the national record makes of an entry: decided from the entry and what is known, only.

Whatever a site delivers is stored, and its receipt says so. The verdict is another matter: whether
the record can be counted. An entry of a type that is not known here gets none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sync.protocol.instants import read_instant
from sync.registry.judging.bounds import BIRTH, BORN_AFTER, CampaignFacts, out_of_bounds
from sync.registry.judging.references import CHANGES_A_DOSE, DOSES, OF_A_DOCUMENT, spoken
from sync.registry.judging.schemas import Schemas

_EAST = timedelta(hours=14)
"""Where the day begins first, it is so many hours ahead of UTC."""

LATE = "The dose is dated after the day on which it reached the registry."
LATE_STATUS = "The status is dated after the day on which it reached the registry."
ELSEWHERE = "The dose names another facility than the one this site is enrolled for."
NO_PERSON = "The registry does not know the person of this record yet."
NO_DOSE = "The registry does not know the dose of this record yet."
NO_MERGE = "The registry does not know the merge of this record yet."
NO_DOCUMENT = "The registry does not know the document of this record yet."
ONESELF = "A person cannot be merged with itself."
OTHERS = "Another site recorded this, and only that one can change its record."
NOT_SUCH = "What others told of is believed or not; what was given there was given or not."

_TARGETS: Mapping[str, str] = {
    **dict.fromkeys(CHANGES_A_DOSE, "dose"),
    **dict.fromkeys(OF_A_DOCUMENT, "document"),
    "MergeUndone": "merge",
}
"""The field that names what an entry changes, which is of its own node."""
CHANGES_ITS_OWN = frozenset(_TARGETS)
_FIELDS_IN: Mapping[str, str] = {"PersonRegistered": "person", "DocumentRecorded": "contents"}
"""The field of an entry in which the fields of its record stand."""
_NOT_KNOWN = {
    "person": NO_PERSON,
    "dose": NO_DOSE,
    "merge": NO_MERGE,
    "document": NO_DOCUMENT,
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
    """Join the changes to a record, whose fields may stand in one; one set to null goes."""
    body = dict(document["body"]) if isinstance(document.get("body"), Mapping) else {}
    place = _FIELDS_IN.get(document["type"])
    inner = body.get(place) if place else body
    fields = dict(inner) if isinstance(inner, Mapping) else {}
    for changes in corrections:
        fields.update(changes)
    fields = {name: value for name, value in fields.items() if value is not None}
    whole = {**body, place: fields} if place else fields
    return {**document, "body": whole}
