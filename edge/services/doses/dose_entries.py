"""What the journal says of a dose that was given here, and of doses that others told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from edge.domain.dose import Dose
from edge.domain.doses import Decision
from edge.domain.numbering import NumberedDose
from edge.domain.questions import GivenAnswer
from edge.journal.unit import Unit
from edge.services.doses.answers import written_answers
from edge.services.request import Request
from edge.services.site import Site


def given_body(
    dose: Dose,
    expiry: date,
    place: NumberedDose | Decision,
    overrides: Sequence[Mapping[str, str]],
    answers: Sequence[GivenAnswer] = (),
) -> dict[str, Any]:
    """Give the body of ``DoseGiven``: the dose, where it stands, and the rules set aside for it.

    ``answers`` are to what was asked before it.
    """
    body: dict[str, Any] = {
        "person": dose.recorded_for or dose.person,  # a merge that is undone parts them again
        "programme": dose.programme,
        "vaccine": dose.vaccine,
        "number": place.number,
        "total": place.total,
        "lot": dose.lot,
        "expiry": expiry.isoformat(),
        "on": dose.on.isoformat(),
        "facility": dose.facility,
        "vaccinator": dose.vaccinator,
    }
    if place.effective_until:
        body["effectiveUntil"] = place.effective_until.isoformat()
    if place.next_due:
        body["nextDue"] = place.next_due.isoformat()
    if overrides:
        body["overrides"] = [override["rule"] for override in overrides]
    if answers:
        body["answers"] = written_answers(answers)
    return body


def append_given(
    unit: Unit,
    request: Request[Any],
    site: Site,
    id_: str,
    body: Mapping[str, Any],
    overrides: Sequence[Mapping[str, str]],
) -> None:
    """Write ``DoseGiven`` and a ``RuleOverridden`` for each rule that was set aside for it.

    ``id_`` is the dose's: the request's own number, or one of what else the request records.
    """
    asked = {"command": request.digest} if id_ == request.id else {"cause": request.id}
    unit.append("DoseGiven", dict(body), id_=id_, by=request.actor.code, **asked)
    for override in overrides:
        unit.append(
            "RuleOverridden",
            {"dose": id_, **override},
            id_=site.ids.new(),
            by=override["supervisor"],
            cause=request.id,
        )


def append_told(
    unit: Unit, request: Request[Any], site: Site, bodies: Sequence[Mapping[str, Any]]
) -> None:
    """Write a ``DoseReported`` for each body; the first answers to the request's number."""
    for index, body in enumerate(bodies):
        unit.append(
            "DoseReported",
            dict(body),
            id_=request.id if index == 0 else site.ids.new(),
            by=request.actor.code,
            cause=request.id,
            command=request.digest if index == 0 else "",
        )
