"""A dose that was not given as it is recorded is taken back, with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.domain.errors import BadInput, Refusal
from edge.domain.numbering import renumbered
from edge.domain.people import Person
from edge.domain.scheduled import Case
from edge.journal import views
from edge.journal.entries import entry as entry_by_id
from edge.journal.unit import Unit
from edge.services.certificates.renewal import renew_histories, revoke
from edge.services.commands import TakeBackDose
from edge.services.corrections.guards import check_clock, nothing_changed, standing_dose
from edge.services.corrections.replacement import (
    GivenDose,
    ReplacingDose,
    judge_replacement,
    record_replacement,
)
from edge.services.doses.coming_back import gone_again
from edge.services.doses.following import follow
from edge.services.doses.judging import case_of
from edge.services.doses.overriding import decided, overridden, own_word
from edge.services.lookups import shown_id
from edge.services.payments.recording import return_with_dose
from edge.services.request import Request
from edge.services.seen import check_seen
from edge.services.site import Site
from sync.protocol.instants import local_day

NOT_GIVEN, OTHER_PERSON, OTHER_DOSE, DISBELIEVED = (
    "not-given",
    "other-person",
    "other-dose",
    "disbelieved",
)
SEEN = ("lot", "expiry", "on", "vaccinator", "number")
"""What somebody has seen of a dose who takes it back."""


def take_back(unit: Unit, request: Request[TakeBackDose], site: Site) -> None:
    """Write ``DoseWithdrawn``, the dose that was given instead, and what follows from both."""
    command = request.command
    check_clock(unit, site)
    record = standing_dose(unit, site, command.dose, told=True)
    check_seen(unit, command.seen, "DoseCorrected", {"dose": record.dose.id}, SEEN)
    if record.dose.reported != (command.kind == DISBELIEVED):
        raise BadInput(
            "dose.take-back-kind",
            "What others told of is believed or not; what was given here was given or not.",
            hint="Choose another of the reasons.",
            field="kind",
        )
    wanted = GivenDose(
        shown_id(unit, command.person),
        command.programme,
        command.vaccine,
        command.lot,
        command.expiry,
        beyond_stock=command.beyond_stock,
    )
    if command.kind in (NOT_GIVEN, DISBELIEVED):
        _withdraw(unit, request, site, record, command.kind, None)
        return
    if command.kind == OTHER_PERSON and wanted.person in ("", record.person.id):
        raise BadInput(
            "dose.take-back-person",
            "Who was given the dose is not said.",
            hint="Search for the person, or scan the card.",
            field="person",
        )
    if not wanted.is_another(record.dose):
        raise nothing_changed()
    if command.returned_to:
        raise BadInput(
            "payment.goes-with-dose",
            "What was paid goes with the dose that was really given: no cash is given back.",
            hint="Leave out to whom it was given back; on the page of the payment it can be.",
            field="returnedTo",
        )
    replace_dose(unit, request, site, record, wanted)


def replace_dose(
    unit: Unit, request: Request[Any], site: Site, record: views.DoseRecord, wanted: GivenDose
) -> None:
    """Take a dose back and record what was given instead: to whom, of what."""
    moved = wanted.person not in ("", record.person.id)
    kind = OTHER_PERSON if moved else OTHER_DOSE
    _withdraw(unit, request, site, record, kind, judge_replacement(unit, site, record, wanted))


def _withdraw(
    unit: Unit,
    request: Request[Any],
    site: Site,
    record: views.DoseRecord,
    kind: str,
    right: ReplacingDose | None,
) -> None:
    objections = [*_who_may(unit, record, request, site), *(right.objections if right else ())]
    found = _agreed(unit, request, site, objections)
    cases = _cases(unit, site, record.person, right)
    papers = [
        paper
        for paper in views.certificates_of(unit.db, record.person.id)
        if paper.dose == record.dose.id and not paper.revoked_at
    ]
    id_ = site.ids.new() if right else ""
    body = {"dose": record.dose.id, "kind": kind, "reason": request.command.reason}
    if id_:
        body["replacedBy"] = id_
    told = decided(found, request.command.reason)
    unit.append(
        "DoseWithdrawn",
        {**body, **told},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    if right is None:  # the payment of a dose that another stands for goes with that one
        reason = request.command.reason
        return_with_dose(unit, request, site, record.dose.id, reason, signed=bool(found))
    if right is None or right.person.id != record.person.id:
        gone_again(unit, request, record, site)
    number = record_replacement(unit, request, site, right, id_, record, found) if right else ""
    renewed = [*([number] if number and kind == OTHER_DOSE else [])]
    since = min(record.dose.on, right.dose.on) if right else record.dose.on
    for person, before in cases:
        moved = renumbered(before, _case(unit, site, person), since)
        renewed += follow(unit, request, site, moved)
    renewed += renew_histories(
        unit, request, site, record.dose.id, record.person.id, request.command.reason
    )
    _revoke(unit, request, site, papers, next(iter(renewed), ""))


def _cases(
    unit: Unit, site: Site, person: Person, right: ReplacingDose | None
) -> list[tuple[Person, Case]]:
    """Give whoever's doses may stand elsewhere afterwards, as they stand now."""
    people = [person]
    if right and right.person.id != person.id:
        people.append(right.person)
    return [(who, _case(unit, site, who)) for who in people]


def _case(unit: Unit, site: Site, person: Person) -> Case:
    return case_of(unit, site, person, views.history(unit.db, person.id))


def _who_may(
    unit: Unit, record: views.DoseRecord, request: Request[Any], site: Site
) -> Sequence[Refusal]:
    """Ask for a supervisor, but for whoever recorded the dose today."""
    recorded = entry_by_id(unit.db, record.dose.id)
    if recorded is not None and recorded.document["by"] == request.actor.code:
        day = local_day(recorded.document["at"], site.clock.zone)
        if day == site.clock.today():
            return ()
    return (
        Refusal(
            "dose.take-back",
            "Only who recorded this dose may take it back, and only on the same day.",
            hint="Ask a supervisor to sign.",
            field="override",
            overridable=True,
        ),
    )


def _agreed(
    unit: Unit, request: Request[Any], site: Site, objections: Sequence[Refusal]
) -> list[dict[str, str]]:
    command = request.command
    override = command.override or own_word(objections, request.actor, site, command.reason)
    catalogue = site.catalogues.current(unit.db)
    return overridden(objections, override, request.actor, catalogue, site)


def _revoke(
    unit: Unit,
    request: Request[Any],
    site: Site,
    papers: Sequence[views.IssuedCertificate],
    replaced_by: str,
) -> None:
    """Revoke the certificates of a dose that was taken back; one that remains stands for them."""
    for paper in papers:
        revoke(unit, request, site, paper, request.command.reason, replaced_by)
