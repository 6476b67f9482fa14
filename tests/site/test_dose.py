"""A dose on its way through the desk: recorded once, judged by every rule, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from desks import named
from print_states import bring
from rebuilding import fill_every_table

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.domain.catalogue import Staff
from edge.domain.errors import (
    BadInput,
    Conflict,
    EdgeError,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
)
from edge.journal import database, maintenance, print_jobs, views
from edge.journal.entries import latest_instant
from edge.journal.entry import Entry
from edge.journal.projections import TABLES
from edge.node import Node
from edge.services import desk
from edge.services.commands import (
    Arrive,
    GiveDose,
    IssueCertificate,
    Leave,
    Override,
    PrintCopy,
    ReceiveStock,
    RegisterPerson,
    SettlePrint,
    command_document,
)

Make = Callable[..., GiveDose]


def credential(entry: Entry, format_: str = "divoc") -> str:
    found = {one["format"]: one["credential"] for one in entry.body["credentials"]}
    return str(found[format_])


FindStaff = Callable[[str], Staff]


def test_a_dose_is_recorded_with_its_certificate_its_stock_and_its_print_job(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    before = stock_left(node, "CP2611A")
    id_ = node.site.ids.new()
    outcome = node.desk.take(id_, dose(), staff("V1"))
    assert [entry.type for entry in outcome.entries] == ["DoseGiven", "CertificateIssued"]
    assert outcome.entries[0].id == id_
    with node.journal.reading() as db:
        record = views.recorded(db, id_)
        assert record is not None
        assert (record.dose.number, record.dose.total) == (1, 2)
        assert record.next_due == node.clock.today() + timedelta(days=28)
        certificate = views.certificate(db, record.certificate)
        assert certificate is not None
        (job,) = print_jobs.jobs_of(db, certificate.id)
        assert (job.state, job.copy, job.printer) == ("queued", 1, "desk")
    assert stock_left(node, "CP2611A") == before - 1
    verdict = node.verify(certificate.credentials["divoc"].encode())
    assert verdict.verdict == "valid"
    assert verdict.claims["lot"] == "CP2611A"


def test_sending_the_same_request_again_gives_the_first_answer_and_records_nothing(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    id_ = node.site.ids.new()
    first = node.desk.take(id_, dose(), staff("V1"))
    again = node.desk.take(id_, dose(), staff("V1"))
    assert again.repeated
    assert [entry.hash for entry in again.entries] == [entry.hash for entry in first.entries]
    assert count(node, "DoseGiven") == 1
    assert count(node, "CertificateIssued") == 1


def test_a_request_that_an_older_version_took_is_answered_again_by_a_newer_one(
    node: Node, staff: FindStaff, dose: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {
        "type": "GiveDose", "person": dose().person, "programme": "covid-19",
        "vaccine": "coviprotect", "lot": "CP2611A", "expiry": None, "on": None, "vaccinator": "",
        "override": None, "printer": "",
    }  # fmt: skip
    id_ = node.site.ids.new()
    with monkeypatch.context() as before:
        before.setattr(desk, "command_document", lambda _: older)
        first = node.desk.take(id_, dose(), staff("V1"))
    again = node.desk.take(id_, dose(), staff("V1"))
    assert (again.repeated, again.entries) == (True, first.entries)
    with pytest.raises(Conflict):
        node.desk.take(id_, dose(beyond_stock=True), staff("V1"))


def test_what_a_request_leaves_out_has_no_part_in_what_tells_it_from_another(dose: Make) -> None:
    asked = dose(override=Override(reason="outbreak"), on=date(2026, 1, 2))
    assert command_document(asked) == {
        "type": "GiveDose", "person": asked.person, "programme": "covid-19",
        "vaccine": "coviprotect", "lot": "CP2611A", "on": "2026-01-02",
        "override": {"reason": "outbreak"},
    }  # fmt: skip


def test_the_same_number_for_another_request_is_a_conflict(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    id_ = node.site.ids.new()
    node.desk.take(id_, dose(), staff("V1"))
    with pytest.raises(Conflict, match="used before for another request"):
        node.desk.take(id_, dose(lot="CP2610X"), staff("V1"))


def test_a_second_dose_too_early_is_refused_with_the_earliest_date(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    last = node.clock.today() - timedelta(days=9)
    node.desk.take(node.site.ids.new(), dose(on=last), staff("V1"))
    with pytest.raises(Refusal) as refused:
        node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    earliest = last + timedelta(days=28)
    assert refused.value.code == "dose.too-early"
    assert refused.value.earliest == earliest
    assert str(refused.value) == (
        f"Dose 2 is due on {earliest} at the earliest; the last was on {last}."
    )
    assert count(node, "DoseGiven") == 1


def test_a_second_dose_on_one_day_is_refused_with_who_gave_the_first_and_when(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    given = node.desk.take(node.site.ids.new(), dose(vaccinator="V2"), staff("V1"))
    at = datetime.fromisoformat(given.entries[0].document["at"])
    for vaccine, lot in (("coviprotect", "CP2610X"), ("adenovax", "AV4417")):
        with pytest.raises(Refusal) as refused:
            node.desk.take(node.site.ids.new(), dose(vaccine=vaccine, lot=lot), staff("V1"))
        assert (refused.value.code, refused.value.overridable) == ("dose.same-day", True)
        name = staff("V2").name
        assert str(refused.value) == (
            f"{name} gave CoviProtect on {node.clock.today()} at {at:%H:%M}:"
            " no second dose on one day."
        )
    assert count(node, "DoseGiven") == 1


def test_a_dose_entered_for_an_earlier_day_is_named_without_a_time(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    day = node.clock.today() - timedelta(days=3)
    node.desk.take(node.site.ids.new(), dose(on=day), staff("V1"))
    with pytest.raises(Refusal) as refused:
        node.desk.take(node.site.ids.new(), dose(on=day), staff("V1"))
    assert str(refused.value) == (
        f"{staff('V1').name} gave CoviProtect on {day}: no second dose on one day."
    )


def test_a_supervisor_overrides_with_a_reason_and_the_override_is_an_entry(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    override = Override(reason="Leaves the country", supervisor="S1")
    asked = named(node, dose(override=override), staff("V1"))
    outcome = node.desk.take(node.site.ids.new(), asked, staff("V1"))
    types = [entry.type for entry in outcome.entries]
    assert types == ["DoseGiven", "RuleOverridden", "RuleOverridden", "CertificateIssued"]
    for entry, rule in zip(outcome.entries[1:3], ("dose.same-day", "dose.too-early"), strict=True):
        body = entry.body
        assert (body["rule"], body["reason"], body["supervisor"]) == (
            rule,
            "Leaves the country",
            "S1",
        )
    assert outcome.entries[0].body["overrides"] == ["dose.same-day", "dose.too-early"]


@pytest.mark.parametrize("supervisor", ["V1", "V3", "nobody"])
def test_nobody_but_a_supervisor_of_the_facility_may_override(
    node: Node, staff: FindStaff, dose: Make, supervisor: str
) -> None:
    node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    override = Override(reason="Leaves the country", supervisor=supervisor)
    asked = named(node, dose(override=override), staff("V1"))
    with pytest.raises(NotAllowed, match="Only a supervisor"):
        node.desk.take(node.site.ids.new(), asked, staff("V1"))


def test_a_rule_that_cannot_be_overridden_stands_whoever_signs(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    override = Override(reason="Nothing else is here", supervisor="S1")
    with pytest.raises(Refusal, match="Lot CP2503Z expired on 2026-03-31"):
        node.desk.take(node.site.ids.new(), dose(lot="CP2503Z", override=override), staff("V1"))


REFUSED: list[tuple[dict[str, object], str, str]] = [
    ({"programme": "polio"}, "programme.unknown", "polio is not in the campaign"),
    ({"vaccine": "amarilia"}, "vaccine.not-in-programme", "Amarilia is not part of"),
    (
        {"vaccine": "nothing", "lot": "X", "expiry": date(2030, 1, 1)},
        "vaccine.not-in-programme",
        "nothing is not part",
    ),
    ({"vaccinator": "R1"}, "vaccinator.not-active", "Meseret Alemu is not an active vaccinator"),
    ({"vaccinator": "V3"}, "vaccinator.not-assigned", "Tomas Berg is not assigned to Riverside"),
    ({"vaccinator": "nobody"}, "vaccinator.not-active", "nobody is not an active vaccinator"),
    ({"lot": "UNSEEN"}, "lot.unknown", "Lot UNSEEN is not in this site's stock"),
    ({"expiry": date(2030, 1, 1)}, "lot.expiry-differs", "The stock has 2027-09-30"),
    (
        {"lot": "OTHER", "expiry": date(2020, 1, 1)},
        "lot.expired",
        "Lot OTHER expired on 2020-01-01",
    ),
    ({"on": date(2100, 1, 1)}, "dose.in-the-future", "after today"),
    ({"on": date(2025, 1, 1)}, "programme.not-running", "does not run on 2025-01-01"),
    ({"printer": "kitchen"}, "printer.unknown", "no printer kitchen"),
    ({"person": "nobody"}, "person.unknown", "not registered here"),
]


@pytest.mark.parametrize(
    ("fields", "code", "sentence"), REFUSED, ids=[row[1] + str(i) for i, row in enumerate(REFUSED)]
)
def test_a_dose_against_a_rule_is_refused_in_words_and_leaves_nothing(
    node: Node, staff: FindStaff, dose: Make, fields: dict[str, object], code: str, sentence: str
) -> None:
    before = count(node)
    command = dose(**{key: value for key, value in fields.items() if key != "person"})
    if "person" in fields:
        command = GiveDose(
            person="nobody", programme="covid-19", vaccine="coviprotect", lot="CP2611A"
        )
    with pytest.raises(EdgeError) as refused:
        node.desk.take(node.site.ids.new(), command, staff("V1"))
    assert refused.value.code == code
    assert sentence in str(refused.value)
    assert count(node) == before


def test_a_lot_that_stock_does_not_know_is_taken_with_its_expiry_date(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    outcome = node.desk.take(
        node.site.ids.new(), dose(lot="FROM-NEXT-DOOR", expiry=date(2030, 1, 1)), staff("V1")
    )
    assert outcome.entries[0].body["expiry"] == "2030-01-01"


def test_a_child_too_young_for_the_programme_needs_a_supervisor(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    with pytest.raises(Refusal, match="too young for this dose until") as refused:
        node.desk.take(node.site.ids.new(), dose("Amina Yusuf"), staff("V1"))
    assert refused.value.overridable


def test_an_earlier_dose_given_elsewhere_counts(node: Node, staff: FindStaff, dose: Make) -> None:
    outcome = node.desk.take(node.site.ids.new(), dose("प्रिया शर्मा"), staff("V1"))
    assert outcome.entries[0].body["number"] == 2


@pytest.mark.parametrize(
    ("code", "allowed"), [("R1", False), ("T1", False), ("V1", True), ("S1", True)]
)
def test_only_vaccinators_and_supervisors_give_doses(
    node: Node, staff: FindStaff, dose: Make, code: str, allowed: bool
) -> None:
    command = dose(vaccinator="V1")
    if allowed:
        node.desk.take(node.site.ids.new(), command, staff(code))
    else:
        with pytest.raises(NotAllowed, match="Your role does not allow this"):
            node.desk.take(node.site.ids.new(), command, staff(code))


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "1",
        "01935e5c-0000-4000-8000-000000000000",
        "01935E5C-0000-7000-8000-000000000000",
        "x" * 36,
    ],
)
def test_a_request_without_a_uuid7_is_refused(
    node: Node, staff: FindStaff, dose: Make, id_: str
) -> None:
    with pytest.raises(BadInput, match="not a UUIDv7"):
        node.desk.take(id_, dose(), staff("V1"))


def test_with_a_clock_that_is_not_believed_the_dose_is_saved_and_nothing_is_signed(
    site_folder: Path, node: Node, staff: FindStaff, dose: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.clock, "believed", lambda: False)
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    assert [entry.type for entry in outcome.entries] == ["DoseGiven"]
    assert outcome.entries[0].document["clock"] == "unsure"
    later = IssueCertificate(dose=outcome.id)
    with pytest.raises(Unavailable, match="set the date of the site computer"):
        node.desk.take(node.site.ids.new(), later, staff("V1"))
    monkeypatch.undo()
    signed = node.desk.take(node.site.ids.new(), later, staff("V1"))
    assert [entry.type for entry in signed.entries] == ["CertificateIssued"]
    assert node.verify(credential(signed.entries[0]).encode()).verdict == "valid"
    with pytest.raises(Conflict, match="has its certificate already"):
        node.desk.take(node.site.ids.new(), later, staff("V1"))
    with pytest.raises(NotFound, match="no such dose"):
        node.desk.take(node.site.ids.new(), IssueCertificate(dose="x"), staff("V1"))


def test_what_a_wrong_clock_wrote_does_not_make_it_right_after_a_restart(
    site_folder: Path, node: Node, staff: FindStaff, dose: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with node.journal.reading() as db:
        before = latest_instant(db)
    monkeypatch.setattr(type(node.clock), "now", lambda _: datetime(2026, 11, 2, tzinfo=UTC))
    monkeypatch.setattr(node.clock, "_floor", before)
    node.desk.take(node.site.ids.new(), dose(on=date(2026, 11, 2)), staff("V1"))
    with node.journal.reading() as db:
        assert latest_instant(db) == before


@pytest.mark.slow
def test_a_walk_in_is_registered_queued_and_found_by_name_phone_and_number(
    node: Node, staff: FindStaff
) -> None:
    command = RegisterPerson(
        name="  Zoé   D'Souza ", gender="Female", birth_year=1980, phone="+91 98765 43210",
        identity="did:in.gov.passport:Z1234567", programme="covid-19",
    )  # fmt: skip
    outcome = node.desk.take(node.site.ids.new(), command, staff("R1"))
    assert [entry.type for entry in outcome.entries] == ["PersonRegistered", "PersonArrived"]
    with node.journal.reading() as db:
        for text in ("zoe d so", "souza d", "+91 98765 43210", "z1234567", "ZOÉ D'SOUZA"):
            assert [one.name for one in views.find_people(db, text)] == ["Zoé D'Souza"], text
        assert [one.person.name for one in views.queue(db)] == ["Zoé D'Souza"]


def test_a_dose_takes_the_person_out_of_the_queue_and_so_does_leaving(
    node: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    for name in ("Grace Wanjiru", "Tendai Moyo"):
        node.desk.take(
            node.site.ids.new(), Arrive(person=person(name), programme="covid-19"), staff("R1")
        )
    node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    node.desk.take(
        node.site.ids.new(), Leave(person=person("Tendai Moyo"), reason="Ill"), staff("V1")
    )
    with node.journal.reading() as db:
        assert views.queue(db) == []


def test_somebody_with_the_same_identity_is_not_registered_twice(
    node: Node, staff: FindStaff
) -> None:
    def ask(**fields: object) -> None:
        command = RegisterPerson(name="Abebe Bekele", gender="Male", birth_year=1970, **fields)  # type: ignore[arg-type]
        node.desk.take(node.site.ids.new(), command, staff("R1"))

    ask(identity="did:et.gov.id:1")
    with pytest.raises(Refusal, match="identity number is already registered"):
        ask(identity="did:et.gov.id:1", different_person=True)
    with pytest.raises(Refusal, match="looks like this person"):
        ask(identity="did:et.gov.id:2")
    ask(identity="did:et.gov.id:2", different_person=True)


def test_a_copy_is_counted_and_recorded(node: Node, staff: FindStaff, dose: Make) -> None:
    given = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    number = given.entries[1].body["certificate"]
    for expected in (2, 3):
        outcome = node.desk.take(node.site.ids.new(), PrintCopy(certificate=number), staff("R1"))
        assert outcome.entries[0].body["copy"] == expected
    with pytest.raises(NotFound, match="no certificate with this number"):
        node.desk.take(node.site.ids.new(), PrintCopy(certificate="0"), staff("R1"))


def test_a_print_is_settled_by_a_person_once_and_only_when_it_is_unknown(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    given = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    number = given.entries[1].body["certificate"]
    with node.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, number)
    settle = SettlePrint(print_job=job.id, came_out=True)
    with pytest.raises(Conflict, match="already known"):
        node.desk.take(node.site.ids.new(), settle, staff("V1"))
    node.journal.run(lambda unit: bring(unit, job.id, "unknown"))
    node.desk.take(node.site.ids.new(), settle, staff("V1"))
    with node.journal.reading() as db:
        assert print_jobs.job(db, job.id).state == "printed"  # type: ignore[union-attr]
    assert count(node, "PrintSettled") == 1


def test_stock_is_taken_in_by_supervisor_or_technician(node: Node, staff: FindStaff) -> None:
    command = ReceiveStock(
        vaccine="coviprotect", lot="CP2611A", expiry=date(2027, 9, 30), quantity=50
    )
    before = stock_left(node, "CP2611A")
    with pytest.raises(NotAllowed):
        node.desk.take(node.site.ids.new(), command, staff("V1"))
    node.desk.take(node.site.ids.new(), command, staff("T1"))
    assert stock_left(node, "CP2611A") == before + 50


def test_rebuilding_the_tables_from_the_journal_gives_the_same_bytes(
    site_folder: Path, node: Node
) -> None:
    fill_every_table(node)
    node.close()
    db = database.open_writer(
        site_folder / "journal.db", FileKeys(site_folder / "keys", SystemEntropy()).journal_key()
    )
    live = maintenance.fingerprint(db)
    for table in TABLES:
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
    db.execute("UPDATE person SET name = 'somebody else'")
    assert maintenance.fingerprint(db) != live
    maintenance.rebuild(db)
    assert maintenance.fingerprint(db) == live
    db.conn.close()


def test_nobodys_name_is_readable_in_any_file_of_the_site(
    site_folder: Path, node: Node, staff: FindStaff, dose: Make
) -> None:
    node.desk.take(
        node.site.ids.new(),
        dose(
            "Almaz Tesfaye",
            vaccinator="V1",
            on=None,
            override=Override(reason="test it", supervisor="S1"),
        ),
        staff("V1"),
    )
    for path in site_folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in ("Tesfaye", "አልማዝ", "555010000"):
                assert secret.encode() not in content, path.name


def test_the_certificates_json_has_divocs_keys_in_divocs_order(
    node: Node, staff: FindStaff, dose: Make
) -> None:
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    document = json.loads(credential(outcome.entries[1]))
    assert list(document) == [
        "@context", "type", "credentialSubject", "issuer", "issuanceDate", "evidence",
        "nonTransferable", "proof",
    ]  # fmt: skip
    assert document["proof"]["verificationMethod"].startswith(
        "did:web:moh.demoland.example:DEMO01#"
    )


def stock_left(node: Node, lot: str) -> int:
    with node.journal.reading() as db:
        found = views.lot(db, "coviprotect", lot)
    assert found is not None
    return found.quantity


def count(node: Node, type_: str = "%") -> int:
    with node.journal.reading() as db:
        row = db.execute("SELECT count(*) FROM entry WHERE type LIKE ?", (type_,)).fetchone()
    return int(row[0])
