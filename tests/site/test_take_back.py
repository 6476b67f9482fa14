"""A dose that was not given as it is recorded is taken back, with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
import pytest
from desks import named

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal
from edge.domain.scheduled import judge
from edge.domain.tally import Tally, tally
from edge.journal import maintenance, print_jobs, tallies, views
from edge.journal.entries import entries
from edge.journal.entry import Entry
from edge.journal.projections import TABLES, project
from edge.node import Node
from edge.services.commands import (
    Arrive,
    CardDose,
    Command,
    CorrectDose,
    GiveDose,
    IssueCertificate,
    NumberDoses,
    Override,
    PrintCopy,
    PrintSlip,
    ReceiveStock,
    ReportCard,
    RevokeCertificate,
    TakeBackDose,
)
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest
from edge.web.serializers import case_of
from printers.document import Qr
from printers.jobs import PrintState

FindStaff = Callable[[str], Staff]
Make = Callable[..., GiveDose]
C = TypeVar("C", TakeBackDose, GiveDose, ReceiveStock)


def take(node: Node, command: Command, by: Staff) -> tuple[Entry, ...]:
    return node.desk.take(node.site.ids.new(), command, by).entries


def history(node: Node, person: str) -> list[tuple[str, int, int]]:
    with node.journal.reading() as db:
        return [(one.vaccine, one.number, one.total) for one in views.history(db, person)]


def stock(node: Node) -> dict[str, int]:
    with node.journal.reading() as db:
        return {f"{one.vaccine} {one.lot}": one.quantity for one in views.lots(db)}


def counted(node: Node) -> Tally:
    with node.journal.reading() as db:
        return tally(tallies.counted_on(db, node.clock.today()))


def verdicts(node: Node, person: str) -> dict[str, tuple[int, str]]:
    today = node.clock.today()
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        found = views.person(db, person)
        doses, seen = views.history(db, person), views.observations(db, person)
    assert found
    case = case_of(found, doses, seen, catalogue, node.clock)
    return {
        f"{programme.id} {code}": (judged.number, judged.status)
        for programme in catalogue.programmes.values()
        for code in programme.vaccines
        for judged in [judge(case, programme, catalogue.vaccines[code], today)]
    }


def rebuilt(node: Node) -> bool:
    """Say whether the tables are what the journal makes of them."""

    def work(unit: Any) -> tuple[str, str]:
        live = maintenance.fingerprint(unit.db)
        for table in TABLES:
            unit.db.execute(f"DELETE FROM {table}")
        for entry in list(entries(unit.db)):
            project(unit.db, entry)
        return live, maintenance.fingerprint(unit.db)

    live, again = node.journal.run(work)
    return live == again


def states(node: Node, person: str) -> list[tuple[str, bool, str]]:
    """Give a person's certificates: the number, whether revoked, what stands for it."""
    with node.journal.reading() as db:
        papers = views.certificates_of(db, person)
    return [(one.id, bool(one.revoked_at), one.replaced_by) for one in papers]


def test_giving_and_taking_back_leaves_verdict_stock_and_tally_as_before(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    grace = person("Grace")
    before = verdicts(vouched, grace), stock(vouched), counted(vouched)
    given = take(vouched, dose(), staff("V1"))
    assert (verdicts(vouched, grace), stock(vouched), counted(vouched)) != before
    back = TakeBackDose(dose=given[0].id, kind="not-given", reason="Went away before it")
    withdrawn, revoked = take(vouched, back, staff("V1"))
    assert (withdrawn.type, revoked.type) == ("DoseWithdrawn", "CertificateRevoked")
    assert withdrawn.body == {
        "dose": given[0].id,
        "kind": "not-given",
        "reason": "Went away before it",
    }
    assert "replacedBy" not in revoked.body
    assert (verdicts(vouched, grace), stock(vouched), counted(vouched)) == before
    assert history(vouched, grace) == []
    assert rebuilt(vouched)


def test_a_dose_taken_back_stays_in_the_days_records_with_the_reason(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    given = take(vouched, dose(), staff("V1"))
    take(
        vouched, TakeBackDose(dose=given[0].id, kind="not-given", reason="Typed twice"), staff("V1")
    )
    with vouched.journal.reading() as db:
        (record,) = views.recorded_on(db, vouched.clock.today())
        (same,) = views.taken_back(db, record.person.id)
    assert record.withdrawn
    assert (record.withdrawn.kind, record.withdrawn.reason) == ("not-given", "Typed twice")
    assert record.revoked
    assert same == record
    with pytest.raises(Conflict, match="taken back"):
        take(vouched, TakeBackDose(dose=given[0].id, kind="not-given", reason="Again"), staff("S1"))
    with pytest.raises(Conflict, match="taken back"):
        take(vouched, CorrectDose(dose=given[0].id, reason="Again", lot="CP2612B"), staff("S1"))


def test_only_the_recorder_takes_back_and_only_that_day_and_a_supervisor_later(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    given = take(vouched, dose(), staff("V1"))
    back = TakeBackDose(dose=given[0].id, kind="not-given", reason="Not given at all")
    with pytest.raises(Refusal) as refused:
        take(vouched, back, staff("V2"))
    assert refused.value.code == "dose.take-back"
    assert refused.value.overridable
    signed = with_(back, override=Override(reason="So it was", supervisor="V2"))
    with pytest.raises(NotAllowed):
        take(vouched, signed, staff("V2"))
    signed = with_(back, override=Override(reason="I saw it", supervisor="S1"))
    entries = take(vouched, signed, staff("V2"))
    assert entries[0].body["supervisor"] == "S1"
    assert entries[0].body["overrides"] == ["dose.take-back"]


def with_(command: C, **fields: object) -> C:
    return msgspec.structs.replace(command, **fields)


def test_a_dose_of_somebody_else_moves_to_the_right_person_and_is_judged_there(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    grace, kwame = person("Grace"), person("Kwame")
    before = stock(vouched)
    given = take(vouched, dose(), staff("V1"))
    moved = TakeBackDose(
        dose=given[0].id, kind="other-person", person=kwame, reason="The wrong card was open"
    )
    entries = take(vouched, moved, staff("V1"))
    assert [one.type for one in entries] == [
        "DoseWithdrawn",
        "DoseGiven",
        "CertificateIssued",
        "CertificateRevoked",
    ]
    assert entries[0].body["replacedBy"] == entries[1].id
    assert entries[1].body["replaces"] == given[0].id
    assert "replaces" not in entries[2].body, "a paper of Grace's is none of Kwame's"
    assert history(vouched, grace) == []
    assert history(vouched, kwame) == [("coviprotect", 1, 2)]
    assert states(vouched, grace) == [(given[1].body["certificate"], True, "")]
    assert stock(vouched)["coviprotect CP2611A"] == before["coviprotect CP2611A"] - 1
    with vouched.journal.reading() as db:
        new, old = (views.recorded(db, one) for one in (entries[1].id, given[0].id))
    assert new
    assert old
    assert new.given_at == old.given_at
    assert rebuilt(vouched)


@pytest.mark.slow
def test_a_dose_that_the_right_person_may_not_have_needs_a_supervisor(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    take(vouched, dose("Kwame"), staff("V1"))
    given = take(vouched, dose("Grace"), staff("V1"))
    moved = TakeBackDose(
        dose=given[0].id, kind="other-person", person=person("Kwame"), reason="The wrong card"
    )
    before = history(vouched, person("Grace"))
    with pytest.raises(Refusal) as refused:
        take(vouched, moved, staff("V1"))
    assert refused.value.code == "dose.same-day"
    assert history(vouched, person("Grace")) == before, "nothing was written"
    with pytest.raises(Refusal):
        take(vouched, moved, staff("S1"))
    entries = take(vouched, named(vouched, moved, staff("S1")), staff("S1"))
    assert [one.type for one in entries].count("RuleOverridden") == 2
    assert "dose.same-day" in entries[1].body["overrides"]


def test_another_vaccine_becomes_the_right_dose_with_its_own_lot_and_paper(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    before = stock(vouched)
    given = take(vouched, dose(), staff("V1"))
    right = TakeBackDose(
        dose=given[0].id,
        kind="other-dose",
        vaccine="adenovax",
        lot="AV4417",
        reason="The other vial",
    )
    with pytest.raises(BadInput, match="stock"):
        take(vouched, with_(right, lot=""), staff("V1"))
    entries = take(vouched, right, staff("V1"))
    assert history(vouched, person("Grace")) == [("adenovax", 1, 2)]
    after = stock(vouched)
    assert after["coviprotect CP2611A"] == before["coviprotect CP2611A"]
    assert after["adenovax AV4417"] == before["adenovax AV4417"] - 1
    old, new = given[1].body["certificate"], entries[2].body["certificate"]
    assert states(vouched, person("Grace")) == [(old, True, new), (new, False, "")]
    assert entries[2].body["replaces"] == old
    assert rebuilt(vouched)


def test_a_correction_of_person_or_vaccine_is_a_taking_back(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    given = take(vouched, dose(), staff("V1"))
    entries = take(
        vouched,
        CorrectDose(
            dose=given[0].id,
            person=person("Kwame"),
            vaccine="adenovax",
            lot="AV4417",
            on=vouched.clock.today() - timedelta(days=1),
            vaccinator="V2",
            reason="Another child, another vial",
        ),
        staff("V1"),
    )
    assert entries[0].body["kind"] == "other-person"
    told = entries[1].body
    assert (told["person"], told["vaccine"], told["lot"], told["vaccinator"]) == (
        person("Kwame"),
        "adenovax",
        "AV4417",
        "V2",
    )
    assert told["on"] == (vouched.clock.today() - timedelta(days=1)).isoformat()


def test_when_the_first_of_two_doses_is_taken_back_the_second_is_the_first_and_so_is_its_paper(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    grace, today = person("Grace"), vouched.clock.today()
    first = take(vouched, dose(on=today - timedelta(days=40)), staff("V1"))
    second = take(vouched, dose(), staff("V1"))
    assert history(vouched, grace) == [("coviprotect", 1, 2), ("coviprotect", 2, 2)]
    entries = take(
        vouched,
        TakeBackDose(dose=first[0].id, kind="not-given", reason="A namesake's"),
        staff("V1"),
    )
    assert history(vouched, grace) == [("coviprotect", 1, 2)]
    corrected = next(one for one in entries if one.type == "DoseCorrected")
    assert corrected.body["dose"] == second[0].id
    assert corrected.body["changes"]["number"] == 1
    papers = states(vouched, grace)
    (new,) = [number for number, revoked, _ in papers if not revoked]
    assert [replaced for _, revoked, replaced in papers if revoked] == [new, new]
    slip = vouched.print_room.slip(SlipRequest("certificate", new, 1, 1), NO_PRINTER)
    words = "".join(getattr(block, "text", "") for block in slip.blocks).replace(" ", "")
    assert all(number in words for number, _, _ in papers), "the new paper names both old ones"
    assert rebuilt(vouched)


def test_a_dose_entered_late_gets_its_number_and_the_later_one_a_new_number_and_paper(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    grace, today = person("Grace"), vouched.clock.today()
    now = take(vouched, dose(), staff("V1"))
    late = dose(on=today - timedelta(days=40))
    with pytest.raises(Refusal, match="later dose"):
        take(vouched, late, staff("V1"))
    signed = with_(late, override=Override(reason="Her card was found", supervisor="S1"))
    entries = take(vouched, signed, staff("V1"))
    assert history(vouched, grace) == [("coviprotect", 1, 2), ("coviprotect", 2, 2)]
    assert entries[0].body["number"] == 1
    assert entries[0].body["nextDue"] == (today - timedelta(days=12)).isoformat()
    papers = states(vouched, grace)
    assert [revoked for _, revoked, _ in papers] == [True, False, False]
    assert papers[0][2] == papers[-1][0] or papers[0][2] == papers[1][0]
    told = [
        str(verdict.claims.get("dose"))
        for number, revoked, _ in papers
        if not revoked
        for verdict in [vouched.verify(_payload(vouched, number))]
    ]
    assert sorted(told) == ["1", "2"]
    assert now[0].body["number"] == 1
    assert rebuilt(vouched)


def _payload(node: Node, number: str) -> bytes:
    with node.journal.reading() as db:
        issued = views.certificate(db, number)
    assert issued
    return node.certifier.payload("divoc", issued.credentials["divoc"])


def test_after_a_dose_that_does_not_count_no_number_is_held_twice(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    today = vouched.clock.today()
    take(vouched, dose(on=today - timedelta(days=60)), staff("V1"))
    early = dose(on=today - timedelta(days=50))
    override = Override(reason="She travels", supervisor="S1")
    take(vouched, with_(early, override=override), staff("V1"))
    take(vouched, dose(), staff("V1"))
    assert history(vouched, person("Grace")) == [
        ("coviprotect", 1, 2),
        ("coviprotect", 2, 2),
        ("coviprotect", 3, 3),
    ]


def test_a_corrected_day_that_changes_the_order_changes_the_numbers(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    today = vouched.clock.today()
    first = take(vouched, dose(on=today - timedelta(days=40)), staff("V1"))
    second = take(vouched, dose(on=today - timedelta(days=5)), staff("V1"))
    moved = CorrectDose(
        dose=first[0].id, on=today - timedelta(days=1), reason="Dates were mixed up"
    )
    take(vouched, named(vouched, moved, staff("S1")), staff("S1"))
    with vouched.journal.reading() as db:
        numbers = {one.id: one.number for one in views.history(db, person("Grace"))}
    assert numbers == {second[0].id: 1, first[0].id: 2}
    live = [one for one in states(vouched, person("Grace")) if not one[1]]
    assert len(live) == 2


def test_a_number_is_stated_where_the_history_leaves_it_free(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    today = vouched.clock.today()
    first = take(vouched, dose(on=today - timedelta(days=40)), staff("V1"))
    second = take(vouched, dose(), staff("V1"))
    with pytest.raises(Refusal) as refused:
        take(vouched, CorrectDose(dose=second[0].id, number=1, reason="Said so"), staff("V1"))
    assert refused.value.code == "dose.number"
    entries = take(
        vouched, CorrectDose(dose=first[0].id, number=2, reason="One before, no paper"), staff("S1")
    )
    assert entries[0].body["changes"]["number"] == 2
    assert entries[0].body["overrides"] == ["dose.number-stated"]
    assert [number for _, number, _ in history(vouched, person("Grace"))] == [2, 3]
    take(
        vouched, TakeBackDose(dose=second[0].id, kind="not-given", reason="Not given"), staff("V1")
    )
    assert [number for _, number, _ in history(vouched, person("Grace"))] == [2]
    assert rebuilt(vouched)


@pytest.mark.parametrize(
    ("override", "outcome"),
    [(None, "dose.number-stated"), ("V1", "override.not-a-supervisor"), ("S1", "")],
)
def test_a_number_that_the_doses_on_record_do_not_give_is_a_supervisors_word(
    vouched: Node, staff: FindStaff, dose: Make, override: str | None, outcome: str
) -> None:
    first = take(vouched, dose(), staff("V1"))
    said = Override(reason="The card was seen", supervisor=override) if override else None
    command = CorrectDose(dose=first[0].id, number=2, reason="The card was seen", override=said)
    if outcome:
        with pytest.raises((Refusal, NotAllowed)) as refused:
            take(vouched, command, staff("V1"))
        assert refused.value.code == outcome
        return
    (corrected, *_) = take(vouched, command, staff("V1"))
    assert corrected.body["supervisor"] == "S1"
    back = CorrectDose(dose=first[0].id, number=1, reason="It was another card")
    with pytest.raises(Refusal) as refused:
        take(vouched, back, staff("V1"))
    assert refused.value.code == "dose.number-stated"


def test_a_paper_that_waits_for_the_printer_is_not_printed_once_its_dose_is_taken_back(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    given = take(vouched, dose(), staff("V1"))
    number = given[1].body["certificate"]
    with vouched.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, number)
    assert job.state is PrintState.QUEUED
    take(vouched, TakeBackDose(dose=given[0].id, kind="not-given", reason="Not given"), staff("V1"))
    with vouched.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, number)
    assert (job.state, job.cause) == (PrintState.FAILED, print_jobs.REVOKED)


def test_a_rehearsal_says_what_would_be_written_and_keeps_nothing(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    given = take(vouched, dose(), staff("V1"))
    back = TakeBackDose(dose=given[0].id, kind="not-given", reason="Not given")

    def all_of_it() -> tuple[str, list[tuple[int, str]]]:
        with vouched.journal.reading() as db:
            jobs = db.execute("SELECT id, state FROM print_job ORDER BY id").fetchall()
            return maintenance.fingerprint(db), jobs

    before = all_of_it()
    would = vouched.desk.rehearse(back, staff("V1"))
    assert all_of_it() == before
    with pytest.raises(Refusal):
        vouched.desk.rehearse(back, staff("V2"))
    did = take(vouched, back, staff("V1"))
    assert [(one.type, one.number) for one in would] == [(one.type, one.number) for one in did]


def test_doses_that_others_told_of_later_are_numbered_with_one_tap(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    grace, today = person("Grace"), vouched.clock.today()
    given = take(vouched, dose(), staff("V1"))
    told = {
        "person": grace, "programme": "covid-19", "vaccine": "coviprotect", "number": 1,
        "total": 2, "lot": "E1", "on": (today - timedelta(days=60)).isoformat(),
        "facility": "DEMO02", "vaccinator": "", "source": "registry", "origin": given[0].id,
    }  # fmt: skip
    vouched.journal.run(
        lambda unit: unit.append("DoseReported", told, id_=vouched.site.ids.new(), by="registry")
    )
    assert [number for _, number, _ in history(vouched, grace)] == [1, 1]
    entries = take(vouched, NumberDoses(person=grace), staff("V1"))
    assert [one.type for one in entries] == [
        "DoseCorrected",
        "CertificateRevoked",
        "CertificateIssued",
    ]
    assert [number for _, number, _ in history(vouched, grace)] == [1, 2]
    with pytest.raises(Conflict, match="follow"):
        take(vouched, NumberDoses(person=grace), staff("V1"))
    assert rebuilt(vouched)


def test_a_dose_that_was_taken_back_gets_no_certificate_sticker_or_appointment(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    given = take(vouched, dose(), staff("V1"))
    take(vouched, TakeBackDose(dose=given[0].id, kind="not-given", reason="Not given"), staff("V1"))
    for command in (
        IssueCertificate(dose=given[0].id),
        PrintSlip(slip="sticker", subject=given[0].id),
        PrintSlip(slip="appointment", subject=given[0].id),
    ):
        with pytest.raises(NotFound):
            take(vouched, command, staff("V1"))
    with pytest.raises(Conflict, match="revoked"):
        take(vouched, PrintCopy(certificate=given[1].body["certificate"]), staff("V1"))


def test_a_revoked_paper_says_so_and_holds_no_code(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    number = take(vouched, dose(), staff("V1"))[1].body["certificate"]
    wanted = SlipRequest("certificate", number, 1, 1)
    before = vouched.print_room.slip(wanted, NO_PRINTER)
    assert any(isinstance(block, Qr) for block in before.blocks)
    take(vouched, RevokeCertificate(certificate=number, reason="Lost paper"), staff("S1"))
    after = vouched.print_room.slip(wanted, NO_PRINTER)
    assert not any(isinstance(block, Qr) for block in after.blocks)
    assert any("REVOKED" in getattr(block, "text", "") for block in after.blocks)


@pytest.mark.parametrize("later", [True, False])
def test_the_right_person_leaves_the_queue_but_for_who_came_since(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str], later: bool
) -> None:
    kwame = person("Kwame")
    arrive = Arrive(person=kwame, programme="yellow-fever")
    if not later:
        take(vouched, arrive, staff("R1"))
    given = take(vouched, dose(), staff("V1"))
    if later:
        take(vouched, arrive, staff("R1"))
    moved = TakeBackDose(dose=given[0].id, kind="other-person", person=kwame, reason="The card")
    take(vouched, moved, staff("V1"))
    with vouched.journal.reading() as db:
        waits = [row.person.id for row in views.queue(db)]
    assert (kwame in waits) is later


def test_a_lot_of_another_vaccine_is_refused_for_what_was_given_instead_too(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    given = take(vouched, dose(), staff("V1"))
    other = TakeBackDose(
        dose=given[0].id,
        kind="other-dose",
        vaccine="adenovax",
        lot="cp2611a",
        expiry=vouched.clock.today() + timedelta(days=200),
        reason="It was the other vaccine",
    )
    with pytest.raises(Refusal) as refused:
        take(vouched, other, staff("S1"))
    assert refused.value.code == "lot.other-vaccine"
    take(vouched, with_(other, lot="AV4417", expiry=None), staff("S1"))


def test_a_dose_given_before_its_delivery_was_recorded_comes_out_of_that_delivery(
    vouched: Node, staff: FindStaff, dose: Make
) -> None:
    expiry = vouched.clock.today() + timedelta(days=300)
    first = take(vouched, dose(lot="ZZ9", expiry=expiry), staff("V1"))
    take(vouched, dose("Kwame", lot="ZZ9", expiry=expiry), staff("V1"))
    box = ReceiveStock(vaccine="coviprotect", lot="zz9", expiry=expiry, quantity=10)
    take(vouched, box, staff("S1"))
    assert stock(vouched)["coviprotect ZZ9"] == 8
    take(vouched, TakeBackDose(dose=first[0].id, kind="not-given", reason="No"), staff("V1"))
    assert stock(vouched)["coviprotect ZZ9"] == 9
    take(vouched, with_(box, another=True), staff("S1"))
    assert stock(vouched)["coviprotect ZZ9"] == 19
    assert rebuilt(vouched)


def test_a_dose_that_a_card_told_of_already_is_numbered_as_the_one_dose_that_it_is(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    today, grace = vouched.clock.today(), person("Grace")
    days = [today - timedelta(days=days) for days in (40, 2)]
    told = tuple(
        CardDose(programme="covid-19", vaccine="coviprotect", on=day.isoformat()) for day in days
    )
    take(vouched, ReportCard(person=grace, doses=told), staff("V1"))
    word = Override(reason="Our own dose of that day", supervisor="S1")
    asked = named(vouched, dose(on=days[1], override=word), staff("V1"))
    take(vouched, asked, staff("V1"))
    assert history(vouched, grace) == [("coviprotect", 1, 2), ("coviprotect", 2, 2)]


def test_a_dose_that_is_moved_to_the_day_a_card_tells_of_is_numbered_as_that_one_dose(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    today, grace = vouched.clock.today(), person("Grace")
    told = today - timedelta(days=2)
    card = CardDose(programme="covid-19", vaccine="coviprotect", on=told.isoformat())
    take(vouched, ReportCard(person=grace, doses=(card,)), staff("V1"))
    word = Override(reason="Typed a day late", supervisor="S1")
    given = take(vouched, dose(override=word), staff("V1"))
    assert given[0].body["number"] == 2
    moved = CorrectDose(dose=given[0].id, on=told, reason="Typed late", override=word)
    take(vouched, moved, staff("V1"))
    assert [number for _, number, _ in history(vouched, grace)] == [1]
