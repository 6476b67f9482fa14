"""The page on which a dose is taken back: what it was, what would follow, then the tap."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from edge.domain.catalogue import Catalogue, Lot
from edge.domain.errors import EdgeError, NotFound
from edge.domain.lots import LONGEST_LABEL
from edge.domain.money import Money
from edge.domain.people import Person
from edge.journal import views
from edge.journal.entries import last_position
from edge.services.commands import Command
from edge.services.seen import RecordChangedConflict
from edge.web import calls, rehearsals, serializers
from edge.web.dose_answers import RehearsalAnswer
from edge.web.payment_pages import RETURN_WORDS
from edge.web.problem_answers import ProblemAnswer
from edge.web.seen_forms import seen_field
from edge.web.visit import (
    Answer,
    Visit,
    form_expiry,
    form_missing,
    page_or_refusal,
    signed_override,
)

_ASKING = "what would follow"
"""Stands for the reason while somebody only looks at what would follow."""
_SHORTEST = 3


def take_back(visit: Visit, id_: str) -> Answer:
    """Take a dose back, or show what would follow from it."""
    record, catalogue, lots, seen = _known(visit, id_)
    if record is None:
        raise NotFound("dose.unknown", "There is no such dose here.")
    problem, follows, found = None, None, None
    asked = visit.form.get("do") == "take" or record.withdrawn is None
    if request.method == "POST" and asked:
        try:
            found = _people(visit)
            if found is None:
                if visit.form.get("do") == "take":
                    visit.take_print(_document(visit, id_, visit.form.get("reason", "").strip()))
                    return _after(visit, id_)
                follows = _rehearsed(visit, id_)
        except RecordChangedConflict as error:
            problem = serializers.problem(error, visit.language)
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
            follows = _rehearsed_all_the_same(visit, id_, problem)
    drawn = visit.page(
        "take_back.html",
        record=record,
        catalogue=catalogue,
        lots=lots,
        found=found,
        who=_chosen(visit),
        follows=follows,
        seen=seen,
        cash=_cash_for(visit, id_),
        to_whom=RETURN_WORDS,
        problem=problem,
        supervisors=visit.supervisors(problem),
        today=visit.backend.site.clock.today(),
    )
    return page_or_refusal(problem, drawn)


def _known(visit: Visit, id_: str) -> tuple[views.DoseRecord | None, Catalogue, list[Lot], int]:
    with visit.backend.journal.reading() as db:
        record = views.recorded(db, id_)
        catalogue = visit.backend.site.catalogues.current(db)
        lots = [lot for lot in views.lots(db) if lot.vaccine in catalogue.vaccines]
        return record, catalogue, lots, last_position(db)


def _cash_for(visit: Visit, dose: str) -> Money | None:
    """Give the cash that was taken for a dose and is still in a box."""
    with visit.backend.journal.reading() as db:
        found = views.payment_of(db, dose)
    return found.money if found and found.state == "paid" else None


def _people(visit: Visit) -> list[Person] | None:
    """Find who may have been given the dose; None: nobody is searched for, or one is chosen."""
    if visit.form.get("kind") != "other-person" or visit.form.get("person"):
        return None
    text = visit.form.get("q", "").strip() or form_missing("q")
    with visit.backend.journal.reading() as db:
        return views.find_people(db, text)


def _chosen(visit: Visit) -> Person | None:
    if visit.form.get("kind") != "other-person":
        return None
    with visit.backend.journal.reading() as db:
        return views.person(db, visit.form.get("person", ""))


def _document(visit: Visit, id_: str, reason: str) -> dict[str, Any]:
    form = visit.form
    kind = form.get("kind") or form_missing("kind")
    document: dict[str, Any] = {
        "type": "TakeBackDose",
        "dose": id_,
        "kind": kind,
        "reason": reason[:200] if len(reason) >= _SHORTEST else form_missing("reason"),
    }
    document |= seen_field(form)
    if form.get("returnedTo"):
        document["returnedTo"] = form["returnedTo"]
    if kind == "other-person":
        document["person"] = form.get("person", "")[:64]
    elif kind == "other-dose":
        programme, _, vaccine = form.get("given", "").partition("|")
        of_stock, _, lot = form.get("lot", "").partition("|")
        other = form.get("otherLot", "").strip()
        document |= {"programme": programme[:64], "vaccine": vaccine[:64]}
        document["lot"] = (other or (lot if of_stock == vaccine else ""))[:LONGEST_LABEL]
        document["beyondStock"] = form.get("beyondStock") == "yes"
        if form.get("expiry"):
            document["expiry"] = form_expiry(form["expiry"])
    if form.get("supervisor"):
        document |= signed_override(visit, reason)
    return document


def _rehearsed(visit: Visit, id_: str) -> RehearsalAnswer:
    return _rehearse(visit, _document(visit, id_, _ASKING))


def _rehearsed_all_the_same(
    visit: Visit, id_: str, problem: ProblemAnswer
) -> RehearsalAnswer | None:
    """Show what would follow once a supervisor has signed, as if one had."""
    if not problem.overridable:
        return None
    document = _document(visit, id_, _ASKING)
    seen = [{"id": objection.id} for objection in problem.objections]
    for supervisor in visit.supervisors(problem)[:1]:
        signed = {"reason": _ASKING, "supervisor": supervisor.code, "objections": seen}
        document["override"] = signed
        try:
            return _rehearse(visit, document)
        except EdgeError:
            return None
    return None


def _rehearse(visit: Visit, document: dict[str, Any]) -> RehearsalAnswer:
    command = calls.convert(document, Command)
    entries = visit.backend.desk.rehearse(command, visit.staff)
    with visit.backend.journal.reading() as db:
        return rehearsals.consequences(db, entries)


def _after(visit: Visit, id_: str) -> Answer:
    """Go on with the dose in its place, else with the person."""
    with visit.backend.journal.reading() as db:
        record = views.recorded(db, id_)
    if record is not None and record.withdrawn and record.withdrawn.replaced_by:
        return redirect(f"/doses/{record.withdrawn.replaced_by}", 303)  # type: ignore[return-value]
    where = f"/people/{record.person.id}" if record else "/records"
    return redirect(where, 303)  # type: ignore[return-value]
