"""The pages of the site's everyday: who is new, what was given today, how the site stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import redirect, request

from edge.domain.approval import recall_of
from edge.domain.errors import EdgeError
from edge.domain.likeness import Likeness
from edge.domain.lots import LONGEST_LABEL
from edge.domain.numbers import typed_number
from edge.domain.people import Person
from edge.journal import pin_tries, views
from edge.services import commands
from edge.services.doses.report_doses import check_holder
from edge.services.people.births import told_birth
from edge.services.people.register_person import MOST_ALIKE, asked_person
from edge.web import calls, serializers
from edge.web.birth_form import birth_typed
from edge.web.certificate_pages import carried_certificate, prefilled
from edge.web.contact_form import channels_of, contact_document, languages_of
from edge.web.guardian_form import guardian_document, guardian_fields
from edge.web.identity_form import check_typed, identity_typed, offered_identities
from edge.web.identity_scans import filled_by, shown_card
from edge.web.noting import showed
from edge.web.office import registrable
from edge.web.people_api import registration
from edge.web.visit import Answer, Visit, form_expiry, form_missing, page_or_refusal
from sync.protocol.instants import instant

ALIKE_WORDS: Mapping[str, str] = {
    "name": "Name",
    "born": "Date of birth",
    "gender": "Gender",
    "phone": "Phone",
    "village": "Village or district",
    "guardian": "Mother, father or guardian",
    "identity": "Identity number",
}
"""What the fields are called in which two people agree or do not."""


def register(visit: Visit) -> Answer:
    """Register somebody new."""
    problem, known, form = None, None, visit.form
    alike: list[tuple[Person, Likeness]] = []
    told, card, checked = carried_certificate(visit), None, None
    if request.method == "POST" and form.get("do") == "scan":
        form, told = prefilled(visit)
    elif form.get("do") in ("card", "check"):
        try:
            if form["do"] == "card":
                card = shown_card(visit)
                form = {**form, **{name: text for name, text in filled_by(card).items() if text}}
            checked = check_typed(replace(visit, form=form))
            known = checked.holder
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
        showed([known.id] if known else [])
    elif request.method == "POST":
        try:
            document = _registration(visit)
            if told is not None and told["doses"]:
                _check_holder(document, told, visit.backend.site.clock.today())
            id_ = visit.take(document)
            if told is not None and told["doses"]:
                visit.take_next("evidence", _evidence(visit, id_))
            if form.get("consent") in ("yes", "no"):
                visit.take_next("contact", contact_document(visit, id_))
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
            known, alike = _perhaps_known(visit, error)
            showed(person.id for person in (known, *(found for found, _ in alike)) if person)
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
    programmes, plan = catalogue.programmes, catalogue.distribution
    drawn = visit.page(
        "register.html",
        plan=plan,
        channels=channels_of(plan),
        languages=languages_of(catalogue, form.get("language", "")),
        problem=problem,
        programmes=programmes,
        known=known,
        alike=alike,
        field_words=ALIKE_WORDS,
        filled=form,
        told=told,
        guardian=guardian_fields(visit),
        identities=offered_identities(visit),
        card=card,
        checked=checked,
        today=visit.backend.site.clock.today(),
    )
    return page_or_refusal(problem, drawn)


def _check_holder(document: Mapping[str, Any], told: Mapping[str, Any], today: date) -> None:
    """Refuse to register somebody with a certificate of another, before anything is written."""
    asked = calls.convert(document, commands.RegisterPerson)
    born = told_birth(asked, today)
    if not born:
        return  # the registration is refused for that
    person = Person(id="", code="", name=asked.name, gender=asked.gender, **born)
    check_holder(person, told["verdict"].claims, told["doses"])


def _evidence(visit: Visit, person: str) -> dict[str, Any]:
    certificate = visit.form.get("certificate", "")
    return {"type": "ReportDoses", "person": person, "certificate": certificate}


def _registration(visit: Visit) -> dict[str, Any]:
    form = visit.form
    document: dict[str, Any] = {"type": "RegisterPerson", "name": form.get("name", "")}
    document["gender"] = form.get("gender") or form_missing("gender")
    document |= birth_typed(form)
    for name in ("phone", "passportName", "programme"):
        document[name] = form.get(name, "")[:200]
    document["identity"] = identity_typed(visit)
    document["address"] = {"district": form.get("district", "")[:120]}
    if form.get("differentPerson") == "yes":
        looked_at = form.get("alike", "").split()
        document |= {"differentFrom": looked_at[:20]} if looked_at else {"differentPerson": True}
    return document | guardian_document(visit)


def _perhaps_known(
    visit: Visit, error: EdgeError
) -> tuple[Person | None, list[tuple[Person, Likeness]]]:
    """Give who has the identity that was written, or else those who look like the person."""
    if error.code not in ("person.already-registered", "person.perhaps-known"):
        return None, []
    site = visit.backend.site
    command = site.identities.kept_in(registration(_registration(visit)))
    with visit.backend.journal.reading() as db:
        if error.code == "person.already-registered":
            return views.person_by_identity(db, command.identity), []
        asked = asked_person(command, site.clock.today())
        return None, views.look_alikes(db, asked, MOST_ALIKE)


def records(visit: Visit) -> Answer:
    """List the doses of today."""
    today = visit.backend.site.clock.today()
    with visit.backend.journal.reading() as db:
        found = views.recorded_on(db, today)
        catalogue = visit.backend.site.catalogues.current(db)
        priced = catalogue.payments is not None or views.is_money_open(db)
    showed(record.person.id for record in found)
    return visit.page(
        "records.html",
        records=found,
        today=today,
        vaccines=catalogue.ever.vaccines,
        recalls=len(catalogue.lot_recalls),
        priced=priced,
    )


def site(visit: Visit) -> Answer:
    """Show how the site, its printers and its line are."""
    since = visit.backend.site.clock.now() - timedelta(days=1)
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        wrong = pin_tries.tries_a_device(db, instant(since))
    return visit.page(
        "site.html",
        sign_in_methods=registrable(visit.backend),
        wrong_pins=sum(count for _, count, _ in wrong),
        lacks_key=visit.backend.site.identities.lacks_key(),
        foreign_pins=visit.backend.authenticator.of_another_node(),
        catalogue=catalogue,
        step=visit.backend.site.clock.step,
        signing=visit.backend.signing(),
        tls=visit.backend.tls.state() if visit.backend.tls else None,
        unnamed=bool(visit.backend.announcer and visit.backend.announcer.trouble),
        sources=visit.backend.list_sources(),
        stick=visit.backend.stick_state(),
        facility_code=visit.backend.site.facility,
        journal=visit.backend.health.state(),
        backup=visit.backend.backup(),
        today=visit.backend.site.clock.today(),
    )


def _expiry(form: Mapping[str, str]) -> dict[str, Any]:
    """Give the expiry date of a delivery as it was typed, and whether it is to replace another."""
    typed = form.get("expiry", "").strip()
    told = {"expiry": form_expiry(typed)} if typed else {}
    words = {name: form.get(name) == "yes" for name in ("newExpiry", "otherVaccine")}
    return {**told, **words}


def stock(visit: Visit) -> Answer:
    """Show the lots, and take in a delivery."""
    problem = None
    if request.method == "POST":
        try:
            quantity = typed_number(visit.form.get("quantity", "").strip())
            visit.take(
                {
                    "type": "ReceiveStock",
                    "vaccine": visit.form.get("vaccine") or form_missing("vaccine"),
                    "lot": visit.form.get("lot", "").strip()[:LONGEST_LABEL] or form_missing("lot"),
                    **_expiry(visit.form),
                    "quantity": quantity
                    if quantity is not None and 0 < quantity <= 100_000
                    else form_missing("quantity"),
                    "document": visit.form.get("document", "").strip()[:60],
                    "another": visit.form.get("another") == "yes",
                }
            )
            return redirect("/stock", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        lots = views.lots(db)
        catalogue = visit.backend.site.catalogues.current(db)
    drawn = visit.page(
        "stock.html",
        lots=lots,
        recalled={
            (lot.vaccine, lot.lot)
            for lot in lots
            if recall_of(catalogue.lot_recalls, lot.vaccine, lot.lot)
        },
        recalls=len(catalogue.lot_recalls),
        vaccines=catalogue.vaccines,
        known=catalogue.ever.vaccines,
        today=visit.backend.site.clock.today(),
        problem=problem,
    )
    return page_or_refusal(problem, drawn)
