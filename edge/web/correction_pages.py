"""Pages that put right what is recorded of a person or of a dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, request

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput, EdgeError, NotFound
from edge.domain.identities import IdentityRules, shown_number
from edge.domain.lots import LONGEST_LABEL
from edge.domain.numbers import typed_number
from edge.domain.people import Person
from edge.journal import views
from edge.journal.entries import last_position
from edge.web import serializers
from edge.web.birth_form import birth_typed
from edge.web.contact_form import (
    contact_document,
    contact_fields_of,
    contact_stands,
    contact_touched,
)
from edge.web.guardian_form import (
    GuardianFields,
    as_shown,
    guardian_document,
    guardian_fields,
    guardian_touched,
    known_fields,
)
from edge.web.identity_form import (
    REMOVE,
    identity_corrected,
    offered_identities,
)
from edge.web.identity_words import shown_identity
from edge.web.questions import ANSWERS, FIELD, correctable, corrected_answers, disputed_answers
from edge.web.seen_forms import (
    THEIRS,
    FieldChoice,
    choices,
    chose_theirs,
    first_seen,
    first_shown,
    seen_field,
    still_typed,
    touched,
)
from edge.web.visit import (
    Answer,
    Visit,
    form_date,
    form_expiry,
    page_or_refusal,
    signed_override,
)

_OF_PERSON = (
    *("name", "gender", "birthDate", "birthYear", "birthMonth", "ageCount"),
    *("phone", "identity", "passportName"),
)
_FIELDS_OF_PERSON = (*_OF_PERSON, *as_shown(GuardianFields()))
_OF_DOSE = ("lot", "expiry", "on", "vaccinator", "number", "given")


def correct_person(visit: Visit, id_: str) -> Answer:
    """Put right what is recorded of a person."""
    problem, both = None, list[FieldChoice]()
    rules = visit.backend.site.identities.rules()
    if request.method == "POST":
        try:
            if rules.types:
                visit = replace(visit, form={**visit.form, "identity": identity_corrected(visit)})
            _take_correction(visit, id_)
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
            with visit.backend.journal.reading() as db:
                now = views.person(db, id_)
            form = {**visit.form, "guardian": visit.form.get("guardianName", "")}
            both = choices(error, form, _recorded_now(now, rules)) if now else []
            if both:
                visit = replace(visit, form=still_typed(visit.form, _FIELDS_OF_PERSON))
    with visit.backend.journal.reading() as db:
        person, seen = views.person(db, id_), last_position(db)
        papers = [paper for paper in views.certificates_of(db, id_) if not paper.revoked_at]
    if person is None:
        raise NotFound("person.unknown", "This person is not registered here.")
    guardian, contact = known_fields(visit, person.guardian), contact_fields_of(visit, id_)
    fields = {
        **_person_fields(person, rules),
        **as_shown(guardian),
        **(contact.shown() if contact else {}),
    }
    drawn = visit.page(
        "correct_person.html",
        person=person,
        for_travel=request.args.get("for") == "travel",
        papers=papers,
        problem=problem,
        supervisors=visit.supervisors(problem),
        seen=first_seen(visit.form, seen, both),
        was=first_shown(visit.form, fields, both),
        both=both,
        guardian=guardian_fields(visit, person.guardian),
        identities=offered_identities(visit),
        shown=shown_identity(visit.language, rules, person),
        contact=contact,
    )
    return page_or_refusal(problem, drawn)


def _take_correction(visit: Visit, id_: str) -> None:
    """Hand over what was corrected, and then how the person wants to be told, if it was changed."""
    told_otherwise, taken = contact_touched(visit.form), False
    if not told_otherwise or touched(visit.form, _OF_PERSON) or guardian_touched(visit.form):
        document = _person_correction(visit, id_)
        if document is not None:
            visit.take_print(document)
            taken = True
    if told_otherwise and not (taken and contact_stands(visit, id_)):
        visit.take_next("contact", contact_document(visit, id_))


def _person_fields(person: Person, rules: IdentityRules) -> dict[str, str]:
    """Give a person as the form has them; an identity is typed anew where a campaign asks."""
    return {
        "name": person.name,
        "gender": person.gender,
        "birthDate": person.birth_date.isoformat() if person.birth_date else "",
        "birthYear": "" if person.birth_date else str(person.birth_year or ""),
        "birthMonth": "",
        "ageCount": "",
        "phone": person.phone,
        "passportName": person.passport_name,
        "identity": "" if rules.types else person.identity,
        "guardian": person.guardian.name if person.guardian else "",
    }


def _recorded_now(person: Person, rules: IdentityRules) -> dict[str, str]:
    """Give a person as a choice shows them: a birth of which a span is known, with both ends."""
    span = f"{person.birth_earliest} – {person.birth_latest}" if person.birth_earliest else ""
    born = person.birth_date or span or person.birth_year or ""
    told = shown_number(person.identity, rules) if rules.types else person.identity
    return {**_person_fields(person, rules), "birthDate": str(born), "identity": told}


def _person_correction(visit: Visit, id_: str) -> dict[str, Any] | None:
    """Give the request of a form; None: all of it was left as others have changed it."""
    form = visit.form
    document: dict[str, Any] = {
        "type": "CorrectPerson",
        "person": id_,
        "reason": _reason(form),
        **seen_field(form),
        **_override(visit),
    }
    fields = touched(form, _OF_PERSON)
    if guardian_touched(form):
        document |= guardian_document(visit)
    elif not fields and chose_theirs(form):
        return None
    for name in fields & {"name", "phone", "passportName"}:
        document[name] = form.get(name, "")[:200]
    if "identity" in fields:
        typed = form.get("identity", "")[:200]
        document["identity"] = "" if typed == REMOVE else typed
    if "gender" in fields and form.get("gender"):
        document["gender"] = form["gender"]
    births = {"birthDate", "birthYear", "birthMonth", "ageCount"}
    if form.get("choose.birthDate") == THEIRS:
        fields -= births  # what is known of a birth is one thing
    if fields & births:
        document |= birth_typed(form, filled=True)
    return document


def _override(visit: Visit) -> dict[str, Any]:
    """Give a supervisor's word on a correction, where there is one."""
    if not visit.form.get("supervisor"):
        return {}
    return signed_override(visit, _reason(visit.form))


def _reason(form: Mapping[str, str]) -> str:
    reason = form.get("reason", "").strip()[:200]
    if len(reason) < 3:
        raise BadInput("override.reason", "The reason is too short.", field="reason")
    return reason


def correct_dose(visit: Visit, id_: str) -> Answer:
    """Put right what is recorded of a dose, or withdraw its certificate."""
    problem, both = None, list[FieldChoice]()
    record, catalogue, lots, seen = _known_dose(visit, id_)
    if record is None or record.dose.reported:
        raise NotFound("dose.unknown", "There is no such dose here.")
    if record.withdrawn:
        return redirect(f"/doses/{id_}", 303)  # type: ignore[return-value]
    if request.method == "POST":
        try:
            document = _dose_correction(visit, id_, record.certificate)
            if document is not None:
                visit.take(document)
            return _to_dose(visit, id_)
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
            record, catalogue, lots, seen = _known_dose(visit, id_)
            if record is None:
                raise
            fields = choices(error, visit.form, _dose_fields(record))
            both = [choice for choice in fields if choice.name != ANSWERS]
            both += disputed_answers(visit, error, catalogue.ever.questions, record.answers)
            if both:
                names = [*_OF_DOSE, *(name for name in visit.form if name.startswith(FIELD))]
                visit = replace(visit, form=still_typed(visit.form, names))
    drawn = visit.page(
        "correct_dose.html",
        record=record,
        catalogue=catalogue,
        lots=[lot for lot in lots if lot.vaccine == record.dose.vaccine],
        vaccinators=_vaccinators(visit, catalogue),
        today=visit.backend.site.clock.today(),
        may_revoke="supervisor" in visit.staff.roles and not record.revoked,
        problem=problem,
        supervisors=visit.supervisors(problem),
        seen=first_seen(visit.form, seen, both),
        was={**first_shown(visit.form, _dose_fields(record), both), "expiry": ""},
        both=both,
        questions=correctable(visit, catalogue.ever.questions, record.answers),
    )
    return page_or_refusal(problem, drawn)


def _known_dose(
    visit: Visit, id_: str
) -> tuple[views.DoseRecord | None, Catalogue, list[Any], int]:
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        return views.recorded(db, id_), catalogue, views.lots(db), last_position(db)


def _to_dose(visit: Visit, id_: str) -> Answer:
    """Go to the dose, or to the one that stands in its place now."""
    with visit.backend.journal.reading() as db:
        record = views.recorded(db, id_)
    other = record.withdrawn.replaced_by if record and record.withdrawn else ""
    return redirect(f"/doses/{other or id_}", 303)  # type: ignore[return-value]


def _vaccinators(visit: Visit, catalogue: Catalogue) -> list[Any]:
    return [
        staff
        for staff in catalogue.staff.values()
        if staff.active
        and "vaccinator" in staff.roles
        and visit.backend.site.facility in staff.facilities
    ]


def _dose_fields(record: views.DoseRecord) -> dict[str, str]:
    """Give a dose as the form has it."""
    dose = record.dose
    return {
        "lot": dose.lot,
        "expiry": record.expiry.isoformat() if record.expiry else "",
        "on": dose.on.isoformat(),
        "vaccinator": dose.vaccinator,
        "number": str(dose.number),
        "given": f"{dose.programme}|{dose.vaccine}",
    }


def _dose_correction(visit: Visit, id_: str, certificate: str) -> dict[str, Any] | None:
    form = visit.form
    reason = _reason(form)
    if form.get("do") == "revoke":
        return {"type": "RevokeCertificate", "certificate": certificate or "-", "reason": reason}
    document: dict[str, Any] = {
        "type": "CorrectDose",
        "dose": id_,
        "reason": reason,
        "printer": visit.printer,
        "beyondStock": form.get("beyondStock") == "yes",
        **seen_field(form),
        **_override(visit),
    }
    fields = touched(form, _OF_DOSE)
    answers = corrected_answers(form)
    if answers:
        document["answers"] = answers
    elif not fields and chose_theirs(form):
        return None
    if "lot" in fields:
        document["lot"] = form.get("lot", "").strip()[:LONGEST_LABEL]
    if "vaccinator" in fields:
        document["vaccinator"] = form.get("vaccinator", "")[:200]
    if "number" in fields and form.get("number", "").strip():
        document["number"] = typed_number(form["number"].strip(), 2) or 0
    if "given" in fields and form.get("given"):
        document["programme"], _, document["vaccine"] = form["given"][:128].partition("|")
    if "on" in fields and form.get("on"):
        document["on"] = form_date(form["on"], "on")
    if "expiry" in fields and form.get("expiry"):
        document["expiry"] = form_expiry(form["expiry"])
    return document
