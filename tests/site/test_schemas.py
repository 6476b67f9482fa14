"""Every type of entry has a published schema, and every entry keeps to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from desks import named
from documents import CARD, CARD_CONTENTS, describe_documents, record
from expected_people import letter_for, pieces_of, row
from inviting import NEWCOMER, Office, newcomer
from jsonschema import Draft202012Validator, FormatChecker
from paying import pay_and_count
from print_states import bring
from registering import add_badge, with_badges

from edge.campaign.divoc_csv import Enrolment
from edge.campaign.tables import ValidRow
from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput
from edge.domain.people import Person
from edge.journal import access, print_jobs, views
from edge.journal.access import Access
from edge.journal.entries import entries
from edge.journal.projections import _PROJECTIONS
from edge.node import Node
from edge.services.campaign_root import believed_root
from edge.services.commands import (
    Arrive,
    BookAppointment,
    CancelAppointment,
    Command,
    CorrectDocument,
    CorrectDose,
    CorrectPerson,
    DistinguishDoses,
    DistinguishPeople,
    GiveDose,
    Leave,
    MergePeople,
    MoveAppointment,
    PrintCopy,
    PrintSlip,
    ReceiveStock,
    RecordContactPreference,
    RecordObservation,
    RecordStatus,
    RevokeDocument,
    SettlePrint,
    TakeBackDose,
    UndoMerge,
)
from edge.services.guesses import PinAsker
from sync.protocol.instants import instant
from sync.protocol.letters import Letter
from sync.resources import resource

SCHEMAS = resource("config/schemas/entries")


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker(["date"]))


@pytest.mark.slow
def test_every_entry_of_a_busy_day_keeps_to_the_schema_of_its_type(
    node: Node,
    staff: Callable[[str], Staff],
    dose: Callable[..., GiveDose],
    person: Callable[[str], str],
    tmp_path: Path,
) -> None:
    def take(command: Command, by: str) -> list[str]:
        outcome = node.desk.take(node.site.ids.new(), command, staff(by))
        return [one.body.get("certificate", "") for one in outcome.entries]

    take(Arrive(person=person("Tendai"), programme="covid-19"), "R1")
    take(Leave(person=person("Tendai"), reason="Ill today"), "R1")
    visit = node.site.ids.new()
    day = node.clock.today() + timedelta(days=1)
    come = BookAppointment(person=person("Grace"), programme="covid-19", on=day)
    node.desk.take(visit, come, staff("R1"))
    later = MoveAppointment(appointment=visit, on=day + timedelta(days=1), reason="Travels")
    take(later, "R1")
    take(CancelAppointment(appointment=visit, reason="Comes today"), "R1")
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    given, number = outcome.id, outcome.entries[1].body["certificate"]
    take(named(node, dose(), staff("V1")), "V1")
    take(PrintCopy(certificate=number), "V1")
    take(PrintSlip(slip="tally", subject=node.clock.today().isoformat()), "T1")
    take(ReceiveStock(vaccine="coviprotect", lot="N1", expiry=date(2030, 1, 1), quantity=5), "T1")
    with node.journal.reading() as db:
        job = print_jobs.jobs_of(db, number)[0].id
    node.journal.run(lambda unit: bring(unit, job, "unknown"))
    take(SettlePrint(print_job=job, came_out=False), "V1")
    take(CorrectDose(dose=given, reason="Wrong lot", lot="N1"), "V1")
    take(CorrectPerson(person=person("Grace"), reason="Misspelt", name="Grace Wanjirũ"), "V1")
    take(RecordObservation(person=person("Grace"), code="pregnant"), "V1")
    pair = (person("Grace"), person("Tendai"))
    take(RecordStatus(person=pair[1], status="moved", place="Delta"), "R1")
    take(RecordContactPreference(person=pair[0], consent="yes", channel="sms"), "R1")
    take(DistinguishPeople(persons=pair, reason="Cousins"), "S1")
    merged = node.desk.take(
        node.site.ids.new(),
        MergePeople(kept=pair[0], merged=pair[1], reason="Same card", although=True),
        staff("S1"),
    )
    take(UndoMerge(merge=merged.id, reason="Two"), "S1")
    with node.journal.reading() as db:
        doses = tuple(dose.id for dose in views.history(db, pair[0]))[:2]
    take(DistinguishDoses(doses=doses, reason="Both given"), "S1")  # type: ignore[arg-type]
    take(TakeBackDose(dose=given, kind="not-given", reason="Another day"), "V1")
    node.authenticator.set_pin("V1", "1357", by="S1")
    yesterday = instant(node.clock.now() - timedelta(days=1))
    node.journal.run(lambda unit: access.append(unit.db, [Access(yesterday, "list", "V1")]))
    node.use_cases.access.settle()
    believed_root(node.journal, "ab" * 32, node.site.ids.new)
    mistaken = {"campaign": {"id": "x", "version": "1"}}
    node.inbox.take([Letter("*", 1, "a" * 32, "campaign", mistaken, yesterday)])
    spoilt = {"name": "unsigned.jwks", "text": "{}"}
    node.inbox.take([Letter("*", 2, "b" * 32, "list", spoilt, yesterday)])
    unsigned = {"unsigned.jwks": BadInput("list.unsigned", "It is not signed.")}
    node.journal.run(lambda unit: node.campaigns.tell_lists(unit, unsigned))
    facility = {"code": "X1", "name": "Another"}
    nia = Person(id="", code="", name="Nia Expected", gender="Female")
    expected = [ValidRow(2, Enrolment(nia, "DEMO01", 1))]
    node.importer.enrolments("e", expected, "covid-19", lambda rows: None)
    node.importer.withdrawn_enrolments("e", expected, "covid-19")
    node.importer.catalogue("f", "facilities", [ValidRow(2, facility)], lambda rows: None)
    describe_documents(node, tmp_path / "with-documents")
    card, _ = record(node, staff("S1"), CARD, CARD_CONTENTS)
    take(CorrectDocument(document=card, changes={"score": None}, reason="Mistyped"), "S1")
    take(RevokeDocument(document=card, reason="Left"), "S1")
    for edition, rows in (("2026-11-29", [row(1)]), ("2026-11-30", [])):
        pieces = pieces_of(rows, edition=f"{edition}T08:00:00.000Z")
        node.inbox.take([letter_for(pieces, edition=f"{edition}T08:00:00.000Z")])
        node.expected.take(pieces)
        node.expected.settle()
    pay_and_count(node, tmp_path / "paying")
    office = Office(node)
    newcomer(node)
    code = office.invite()
    node.use_cases.invitations.take(NEWCOMER, code, "8642", PinAsker("10.0.0.7"))
    office.withdraw()
    node.use_cases.clock_dates.confirm(node.clock.today(), staff("S1"))
    with_badges(node)
    add_badge(node, "R1")
    add_badge(node, "R1")
    whole, seen = validator("entry"), set()
    with node.journal.reading() as db:
        for entry in entries(db):
            whole.validate(entry.document)
            validator(entry.type).validate(entry.body)
            seen.add(entry.type)
    published = {path.name.split(".")[0] for path in SCHEMAS.iterdir()} - {"entry"}
    assert seen == published
    assert set(_PROJECTIONS) < published
