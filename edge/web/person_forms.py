"""What the forms on a person's page ask for, a route each."""

from __future__ import annotations

from typing import Any

from flask import redirect

from edge.domain.lots import LONGEST_LABEL
from edge.web.day_forms import check_proposed
from edge.web.override_form import decided_objections
from edge.web.payment_form import payment_typed
from edge.web.questions import answers_typed
from edge.web.seen_forms import seen_field
from edge.web.visit import Answer, Visit, form_date, form_expiry, form_missing, signed_override


def give(visit: Visit, id_: str) -> Answer:
    """Give the person a dose."""
    dose = visit.take_print(_dose(visit, id_))
    return redirect(f"/doses/{dose}", 303)  # type: ignore[return-value]


def leave(visit: Visit, id_: str) -> Answer:
    """Take the person out of the queue, with the reason why no dose was given."""
    visit.take({"type": "Leave", "person": id_, "reason": visit.form.get("reason", "")[:200]})
    return redirect("/", 303)  # type: ignore[return-value]


def arrive(visit: Visit, id_: str) -> Answer:
    """Put the person into the queue."""
    programme = visit.form.get("programme", "-")
    visit.take({"type": "Arrive", "person": id_, "programme": programme})
    return to_person(visit, id_)


def ask_history(visit: Visit, id_: str) -> Answer:
    """Ask the registry what other sites recorded of the person, by what they show."""
    visit.backend.ask_history(
        id_,
        visit.staff.code,
        visit.form.get("shown", ""),
        without_paper=visit.form.get("without") == "paper",
    )
    return to_person(visit, id_)


def number_anew(visit: Visit, id_: str) -> Answer:
    """Number the person's doses as the history has them, and replace their certificates."""
    visit.take_print({"type": "NumberDoses", "person": id_})
    return to_person(visit, id_)


def observe(visit: Visit, id_: str) -> Answer:
    """Note that something is so of the person."""
    return _observation(visit, id_, present=True)


def observe_no_more(visit: Visit, id_: str) -> Answer:
    """Note that something is so of the person no more."""
    return _observation(visit, id_, present=False)


def to_person(visit: Visit, id_: str) -> Answer:  # noqa: ARG001
    """Go to the person's page: also from a form's address, where one that was refused stands."""
    return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]


def _observation(visit: Visit, id_: str, *, present: bool) -> Answer:
    code = visit.form.get("code") or form_missing("code")
    told = {"person": id_, "code": code, "present": present, **seen_field(visit.form)}
    if present and visit.form.get("until"):
        told["until"] = form_date(visit.form["until"], "until")
    visit.take({"type": "RecordObservation", **told, **_decision(visit)})
    return to_person(visit, id_)


def _dose(visit: Visit, person: str) -> dict[str, Any]:
    form = visit.form
    vaccine, _, lot = form.get("lot", "").partition("|")
    vaccine = vaccine or form.get("vaccine", "")
    lot = form.get("otherLot", "").strip() or lot
    document: dict[str, Any] = {
        "type": "GiveDose",
        "person": person,
        "programme": form.get("programme") or form_missing("programme"),
        "vaccine": vaccine or form_missing("lot"),
        "lot": lot[:LONGEST_LABEL] or form_missing("lot"),
        "vaccinator": form.get("vaccinator", ""),
        "beyondStock": form.get("beyondStock") == "yes",
        "answers": answers_typed(form),
        **payment_typed(form),
    }
    if form.get("expiry"):
        document["expiry"] = form_expiry(form["expiry"])
    if form.get("on"):
        document["on"] = form_date(form["on"], "on")
        check_proposed(visit, document["on"])
    return document | _decision(visit)


def _decision(visit: Visit) -> dict[str, Any]:
    """Give a supervisor's word where one is typed: a reason, or a PIN."""
    form = visit.form
    reason = form.get("reason", "").strip()
    typed = [reason, form.get("pin"), *(told["reason"] for told in decided_objections(form))]
    return signed_override(visit, reason) if any(typed) else {}
