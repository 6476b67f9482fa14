"""Pages of a supervisor: who is perhaps recorded twice, side by side, and what was made one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import redirect, request

from edge.domain.errors import BadInput, EdgeError, NotFound
from edge.domain.numbers import typed_number
from edge.domain.people import Person
from edge.journal import merges, views
from edge.services.duplicates import likely_doses, likely_pairs
from edge.web import calls, serializers
from edge.web.guardian_words import RELATION_WORDS
from edge.web.identity_words import seen_identity
from edge.web.noting import showed
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal

if TYPE_CHECKING:
    from sqlite_utils import Database

_NEWEST = 20


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field of two people as the page shows it side by side."""

    words: str
    one: str
    other: str
    translate: bool = False
    compared: bool = True

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same, of what is the same of one person."""
        return self.compared and bool(self.one and self.other) and self.one != self.other


def duplicates(visit: Visit) -> Answer:
    """List who is perhaps recorded twice, doses that are, and what was made one."""
    problem = None
    if request.method == "POST":
        try:
            visit.take(_about_doses(visit))
            return redirect("/duplicates", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    before = typed_number(request.args.get("before", "0")) or 0
    with visit.backend.journal.reading() as db:
        found = likely_pairs(db, before)
        doses = likely_doses(db)
        newest = merges.newest_merges(db, _NEWEST)
        records = _records(db, newest)
        vaccines = visit.backend.site.catalogues.current(db).vaccines
    showed(person.id for pair in found.pairs for person in (pair.one, pair.other))
    drawn = visit.page(
        "duplicates.html",
        problem=problem,
        pairs=found.pairs,
        before=found.before,
        doses=doses,
        vaccines=vaccines,
        merges=newest,
        records=records,
    )
    return page_or_refusal(problem, drawn)


def same_person(visit: Visit, id_: str, problem: Any = None) -> Answer:
    """Show somebody beside another, or who looks alike; make the two one, or say that they are two.

    ``problem``: why an undoing was refused.
    """
    other_id = visit.form.get("other") or request.args.get("other", "")
    if request.method == "POST" and problem is None:
        try:
            if visit.form.get("do") == "find":
                found = _by_code(visit, visit.form.get("code", ""))
                return redirect(f"/people/{id_}/same?other={found.id}", 303)  # type: ignore[return-value]
            visit.take(_about_people(visit.form, id_))
            return redirect("/duplicates", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        person = calls.known_person(db, id_)
        other = calls.known_person(db, other_id) if other_id else None
        showed([other.id] if other else [])
        if other is not None and other.id == person.id:
            other = None
        standing = merges.merges_of(db, person.id)
        drawn = visit.page(
            "same_person.html",
            problem=problem,
            person=person,
            other=other,
            rows=list(compared(person, other, visit)) if other else [],
            doses_one=views.history(db, person.id),
            doses_other=views.history(db, other.id) if other else [],
            alike=[] if other else [one for one, _ in views.look_alikes(db, person, 10)],
            vaccines=visit.backend.site.catalogues.current(db).vaccines,
            standing=standing,
            records=_records(db, standing),
        )
    return page_or_refusal(problem, drawn)


def undo(visit: Visit, id_: str) -> Answer:
    """Make two people of one again."""
    reason = visit.form.get("reason", "").strip()[:200]
    if len(reason) < 3:
        raise BadInput("override.reason", "The reason is too short.", field="reason")
    visit.take_print({"type": "UndoMerge", "merge": id_, "reason": reason})
    return redirect("/duplicates", 303)  # type: ignore[return-value]


def compared(person: Person, other: Person, visit: Visit) -> Iterator[ComparedField]:
    """Give the fields of two people side by side."""
    told = [_told(person, visit), _told(other, visit)]
    for words, value in told[0].items():
        yield ComparedField(
            words, value, told[1][words], translate=words == "Gender", compared=words != "Code"
        )


def _told(person: Person, visit: Visit) -> Mapping[str, str]:
    guardian = person.guardian
    relation = visit.language.gettext(RELATION_WORDS[guardian.relation]) if guardian else ""
    born = visit.language.day(person.birth_date) or str(person.birth_year or "")
    return {
        "Name": person.name,
        "Gender": person.gender,
        "Born": born,
        "Phone": person.phone,
        "Identity number": seen_identity(visit.backend.site.identities.rules(), person),
        "Village or district": person.address.district,
        "Mother, father or guardian": f"{relation}: {guardian.name}" if guardian else "",
        "Code": person.code,
    }


def _about_people(form: Mapping[str, str], id_: str) -> dict[str, Any]:
    other = form.get("other") or form_missing("other")
    document: dict[str, Any] = {"reason": form.get("reason", "").strip()[:200]}
    if len(document["reason"]) < 3:
        raise BadInput("override.reason", "The reason is too short.", field="reason")
    if form.get("do") == "distinguish":
        return {"type": "DistinguishPeople", "persons": [id_, other], **document}
    kept = other if form.get("kept") == other else id_
    return {
        "type": "MergePeople",
        "kept": kept,
        "merged": id_ if kept == other else other,
        "although": form.get("although") == "yes",
        **document,
    }


def _about_doses(visit: Visit) -> dict[str, Any]:
    """Say that both were given, or take back the one that was not."""
    form = visit.form
    one, other = (form.get(name) or form_missing(name) for name in ("one", "other"))
    reason = form.get("reason", "").strip()[:200]
    if len(reason) < 3:
        raise BadInput("override.reason", "The reason is too short.", field="reason")
    wrong = form.get("do", "").removeprefix("not-")
    if wrong not in (one, other):
        return {"type": "DistinguishDoses", "doses": [one, other], "reason": reason}
    with visit.backend.journal.reading() as db:
        record = views.recorded(db, wrong)
    kind = "disbelieved" if record and record.dose.reported else "not-given"
    document = {"type": "TakeBackDose", "dose": wrong, "kind": kind, "reason": reason}
    return {**document, "printer": visit.printer}


def _by_code(visit: Visit, code: str) -> Person:
    with visit.backend.journal.reading() as db:
        found = views.person_by_code(db, code.strip().upper())
    if found is None:
        raise NotFound(
            "person.unknown",
            "This person is not registered here.",
            hint="Search again, or register the person.",
            field="code",
        )
    return found


def _records(db: Database, found: Iterable[merges.Merge]) -> dict[str, Person]:
    ids = {id_ for merge in found for id_ in (merge.kept, merge.merged)}
    return {person.id: person for person in views.recorded_people(db, sorted(ids))}
