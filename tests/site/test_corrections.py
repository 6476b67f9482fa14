"""What was wrong is put right: record, certificate and paper in one step, the old one revoked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from desks import named

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal, Unavailable
from edge.journal import maintenance, print_jobs, views
from edge.journal.entry import Entry
from edge.node import Node
from edge.services.commands import (
    Command,
    CorrectDose,
    CorrectPerson,
    GiveDose,
    IssueCertificate,
    Override,
    PrintCopy,
    RevokeCertificate,
)
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest

FindStaff = Callable[[str], Staff]
Make = Callable[..., GiveDose]


@pytest.fixture
def given(vouched: Node, staff: FindStaff, dose: Make) -> tuple[str, str]:
    """A dose that was given and certified; its id and its certificate's number."""
    outcome = vouched.desk.take(vouched.site.ids.new(), dose(), staff("V1"))
    return outcome.id, outcome.entries[1].body["certificate"]


def payloads(node: Node, number: str) -> dict[str, bytes]:
    with node.journal.reading() as db:
        issued = views.certificate(db, number)
    assert issued
    return {name: node.certifier.payload(name, text) for name, text in issued.credentials.items()}


def take(node: Node, command: Command, by: Staff) -> tuple[Entry, ...]:
    return node.desk.take(node.site.ids.new(), command, by).entries


def test_a_misspelt_name_revokes_and_replaces_the_certificate_in_one_step(
    vouched: Node, staff: FindStaff, person: Callable[[str], str], given: tuple[str, str]
) -> None:
    old = payloads(vouched, given[1])
    assert set(old) == {"dcc-1.3", "divoc"}
    assert {vouched.verify(one).verdict for one in old.values()} == {"valid"}
    command = CorrectPerson(person=person("Grace"), reason="Misspelt", name="Grace  Wanjirũ")
    corrected, revoked, issued = take(vouched, command, staff("V1"))
    assert (corrected.type, revoked.type, issued.type) == (
        "PersonCorrected",
        "CertificateRevoked",
        "CertificateIssued",
    )
    assert corrected.body["changes"] == {"name": "Grace Wanjirũ"}
    number = issued.body["certificate"]
    assert (revoked.body["certificate"], revoked.body["replacedBy"]) == (given[1], number)
    assert issued.body["replaces"] == given[1]
    assert {vouched.verify(one).verdict for one in old.values()} == {"revoked"}
    for one in payloads(vouched, number).values():
        verdict = vouched.verify(one)
        assert verdict.verdict == "valid"
        assert "Grace Wanjirũ" in (verdict.claims.get("name"), verdict.claims.get("familyName"))


def test_the_new_paper_names_the_certificate_it_replaces(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    entries = take(vouched, CorrectDose(dose=given[0], reason="Wrong lot", lot="CP2612B",
                                        expiry=date(2030, 1, 1)), staff("V1"))  # fmt: skip
    number = entries[2].body["certificate"]
    with vouched.journal.reading() as db:
        issued = views.certificate(db, number)
        (job,) = print_jobs.jobs_of(db, number)
    assert issued
    slip = vouched.print_room.slip(SlipRequest("certificate", issued.id, 1, job.id), NO_PRINTER)
    texts = [getattr(block, "text", "") for block in slip.blocks]
    assert any(text.startswith("REPLACES") for text in texts)
    joined = "".join(texts).replace(" ", "")
    assert given[1] in joined
    assert number in joined


def test_a_corrected_day_moves_the_dates_that_follow_from_it(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    today = vouched.clock.today()
    command = CorrectDose(dose=given[0], reason="Was yesterday", on=today - timedelta(days=1))
    (corrected, *_) = take(vouched, command, staff("V1"))
    assert corrected.body["changes"]["nextDue"] == (today + timedelta(days=27)).isoformat()
    with vouched.journal.reading() as db:
        record = views.recorded(db, given[0])
    assert record
    assert (record.dose.on, record.next_due) == (
        today - timedelta(days=1),
        today + timedelta(days=27),
    )


def test_a_corrected_lot_moves_the_dose_in_the_stock(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    def left(lot: str) -> int:
        with vouched.journal.reading() as db:
            found = views.lot(db, "coviprotect", lot)
        assert found
        return found.quantity

    with vouched.journal.reading() as db:
        other = next(
            one.lot
            for one in views.lots(db)
            if one.vaccine == "coviprotect"
            and one.lot != "CP2611A"
            and one.expiry > vouched.clock.today()
        )
    before = left("CP2611A"), left(other)
    take(vouched, CorrectDose(dose=given[0], reason="Wrong lot", lot=other), staff("V1"))
    assert (left("CP2611A"), left(other)) == (before[0] + 1, before[1] - 1)


def test_a_supervisor_withdraws_a_certificate_without_a_new_one(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    old = payloads(vouched, given[1])
    command = RevokeCertificate(certificate=given[1], reason="Given to another person")
    with pytest.raises(NotAllowed):
        take(vouched, command, staff("V1"))
    (revoked,) = take(vouched, command, staff("S1"))
    assert "replacedBy" not in revoked.body
    assert {vouched.verify(one).verdict for one in old.values()} == {"revoked"}
    with pytest.raises(Conflict, match="revoked already"):
        take(vouched, command, staff("S1"))
    with pytest.raises(Conflict, match="is revoked; its replacement is -"):
        take(vouched, PrintCopy(certificate=given[1]), staff("V1"))


def test_the_revocation_has_what_every_kind_of_list_needs(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    command = RevokeCertificate(certificate=given[1], reason="A trial")
    (revoked,) = take(vouched, command, staff("S1"))
    assert revoked.body["divoc"]["previousCertificateId"] == given[1]
    (batch,) = revoked.body["dcc"]
    assert {"kid", "UCI", "COUNTRYCODEUCI", "SIGNATURE"} == set(batch)
    assert revoked.body["scopes"][0] == "hcert:XD"


def test_corrections_survive_a_rebuild_byte_for_byte(
    vouched: Node, staff: FindStaff, person: Callable[[str], str], given: tuple[str, str]
) -> None:
    command = CorrectPerson(person=person("Grace"), reason="Year only", birth_year=1958)
    take(vouched, command, staff("V1"))
    take(vouched, CorrectDose(dose=given[0], reason="Wrong hand", vaccinator="S1"), staff("V1"))
    with vouched.journal.reading() as db:
        assert maintenance.check_chain(db).broken is None
        found = views.person(db, person("Grace"))
    assert found
    assert (found.birth_date, found.birth_year) == (None, 1958)


WRONG = [
    (lambda p, d: CorrectPerson(person=p, reason="Same", name="Grace Wanjiru"), BadInput,
     "recorded already"),
    (lambda p, d: CorrectPerson(person=p, reason="Empty", name=" "), BadInput, "name is empty"),
    (lambda p, d: CorrectPerson(person="nobody", reason="None", name="X"), NotFound, "registered"),
    (lambda p, d: CorrectPerson(person=p, reason="Old", birth_year=1700), BadInput, "year of birth"),
    (lambda p, d: CorrectDose(dose=d, reason="Same"), BadInput, "recorded already"),
    (lambda p, d: CorrectDose(dose=d, reason="Later", on=date(2999, 1, 1)), Refusal, "after today"),
    (lambda p, d: CorrectDose(dose=d, reason="Lot", lot="NOSUCH"), BadInput, "not in this site's"),
    (lambda p, d: CorrectDose(dose=d, reason="Old", lot="X", expiry=date(2020, 1, 1)), Refusal,
     "expired"),
    (lambda p, d: CorrectDose(dose=d, reason="Hand", vaccinator="R1"), Refusal, "not an active"),
    (lambda p, d: CorrectDose(dose=d, reason="Hand", vaccinator="V3"), Refusal, "not assigned"),
    (lambda p, d: CorrectDose(dose=d, reason="Early", on=date(2025, 12, 31)), Refusal, "not run on"),
    (lambda p, d: CorrectDose(dose=d, reason="Early", on=date(1950, 1, 1)), Refusal, "the person's birth"),
    (lambda p, d: CorrectDose(dose=d, reason="None", vaccinator="nobody"), Refusal, "not an active"),
    (lambda p, d: CorrectDose(dose=p, reason="None", lot="X"), NotFound, "no such dose"),
    (lambda p, d: RevokeCertificate(certificate="0000", reason="None"), NotFound, "this number"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "sentence"), WRONG)
def test_a_correction_that_cannot_be_is_refused_and_nothing_changes(
    vouched: Node,
    staff: FindStaff,
    person: Callable[[str], str],
    given: tuple[str, str],
    make: Callable[[str, str], Command],
    kind: type[Exception],
    sentence: str,
) -> None:
    with vouched.journal.reading() as db:
        before = maintenance.fingerprint(db)
    with pytest.raises(kind, match=sentence):
        take(vouched, make(person("Grace"), given[0]), staff("S1"))
    with vouched.journal.reading() as db:
        assert maintenance.fingerprint(db) == before


def test_under_a_clock_nobody_believes_nothing_is_corrected(
    vouched: Node,
    staff: FindStaff,
    person: Callable[[str], str],
    given: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vouched.clock, "believed", lambda: False)
    command = CorrectPerson(person=person("Grace"), reason="Misspelt", name="Grace")
    with pytest.raises(Unavailable, match="clock is wrong"):
        take(vouched, command, staff("V1"))
    assert vouched.verify(payloads(vouched, given[1])["divoc"]).verdict == "valid"


def test_an_entry_of_the_first_version_is_read_as_one_format(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    """Journals written before certificates had several formats are read by the same code."""
    from edge.journal.projections import project

    def work(unit: object) -> None:
        db = unit.db  # type: ignore[attr-defined]
        body = {"certificate": "OLD1", "dose": given[0], "person": "p", "format": "divoc",
                "credential": "{}"}  # fmt: skip
        document = {"at": datetime.now(UTC).isoformat(), "body": body}
        project(db, Entry(position=10**6, epoch="e", number=1, id="x", type="CertificateIssued",
                          cause="x", hash="h", content=json.dumps(document), document=document))  # fmt: skip

    vouched.journal.run(work)
    with vouched.journal.reading() as db:
        old = views.certificate(db, "OLD1")
    assert old
    assert (old.format, dict(old.credentials)) == ("divoc", {"divoc": "{}"})


def test_a_field_that_should_never_have_been_filled_is_emptied(
    vouched: Node, staff: FindStaff, person: Callable[[str], str], given: tuple[str, str]
) -> None:
    command = CorrectPerson(person=person("Grace"), reason="Not hers", phone="", identity="")
    (corrected, *_) = take(vouched, command, staff("V1"))
    assert corrected.body["changes"] == {"phone": None, "identity": None}
    with vouched.journal.reading() as db:
        found = views.person(db, person("Grace"))
        assert maintenance.check_chain(db).broken is None
    assert found
    assert (found.phone, found.identity) == ("", "")


OVERRIDE = Override(reason="Seen on the card", supervisor="S1")


def test_moving_a_dose_so_that_the_next_is_due_needs_a_supervisor_as_does_moving_it_forward_again(
    vouched: Node, staff: FindStaff, dose: Make, given: tuple[str, str]
) -> None:
    today = vouched.clock.today()
    back = CorrectDose(dose=given[0], reason="Was in autumn", on=today - timedelta(days=60))
    with pytest.raises(Refusal) as refused:
        take(vouched, back, staff("V1"))
    assert (refused.value.code, refused.value.overridable) == ("correction.makes-due", True)
    (corrected, *_) = take(vouched, msgspec.structs.replace(back, override=OVERRIDE), staff("V1"))
    assert corrected.body["overrides"] == ["correction.makes-due"]
    assert corrected.body["supervisor"] == "S1"
    take(vouched, dose(), staff("V1"))
    for days, rule in ((2, "dose.too-early"), (0, "dose.same-day")):
        forward = CorrectDose(dose=given[0], reason="Forward", on=today - timedelta(days=days))
        with pytest.raises(Refusal) as refused:
            take(vouched, forward, staff("V1"))
        assert refused.value.code == rule
    (corrected, *_) = take(vouched, named(vouched, forward, staff("S1")), staff("S1"))
    assert corrected.body["supervisor"] == "S1"
    assert set(corrected.body["overrides"]) >= {"dose.same-day"}


def test_only_a_supervisor_of_the_facility_agrees_to_a_correction_against_a_rule(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    on = vouched.clock.today() - timedelta(days=60)
    for code in ("V2", "nobody", ""):
        override = Override(reason="It was so", supervisor=code)
        command = CorrectDose(dose=given[0], reason="It was so", on=on, override=override)
        with pytest.raises(NotAllowed, match="Only a supervisor"):
            take(vouched, command, staff("V1"))


def test_nobody_is_made_older_for_a_minute_without_a_supervisor(
    vouched: Node, staff: FindStaff, person: Callable[[str], str]
) -> None:
    child = person("Amina Yusuf")  # two years old
    older = CorrectPerson(person=child, reason="Misread", birth_date=date(1980, 1, 1))
    with pytest.raises(Refusal) as refused:
        take(vouched, older, staff("V1"))
    assert refused.value.code == "correction.makes-due"
    (corrected, *_) = take(vouched, named(vouched, older, staff("S1")), staff("S1"))
    assert corrected.body["overrides"] == ["correction.makes-due"]
    renamed = CorrectPerson(person=child, reason="Misspelt", name="Amina Yousuf")
    (corrected, *_) = take(vouched, renamed, staff("V1"))
    assert "overrides" not in corrected.body


def test_a_birth_that_makes_a_dose_given_too_early_needs_a_supervisor_and_none_is_after_it(
    vouched: Node, staff: FindStaff, person: Callable[[str], str], given: tuple[str, str]
) -> None:
    grace, today = person("Grace"), vouched.clock.today()
    young = CorrectPerson(person=grace, reason="Misread", birth_date=today - timedelta(days=400))
    with pytest.raises(Refusal) as refused:
        take(vouched, young, staff("V1"))
    assert refused.value.code in ("dose.too-young", "correction.makes-due")
    take(vouched, CorrectDose(dose=given[0], reason="Was earlier", on=today - timedelta(days=5)),
         staff("V1"))  # fmt: skip
    unborn = CorrectPerson(person=grace, reason="Misread", birth_date=today - timedelta(days=1))
    with pytest.raises(Refusal, match="the birth cannot be later") as refused:
        take(vouched, unborn, staff("S1"))
    assert not refused.value.overridable


def test_a_dose_before_birth_is_given_by_nobody(
    node: Node, staff: FindStaff, person: Callable[[str], str], dose: Make
) -> None:
    child = person("Amina Yusuf")
    born = node.clock.today() - timedelta(days=3)
    take(node, CorrectPerson(person=child, reason="Misread", birth_date=born), staff("S1"))
    command = dose("Amina Yusuf", on=born - timedelta(days=1), override=OVERRIDE)
    with pytest.raises(Refusal, match="before the person's birth") as refused:
        take(node, command, staff("S1"))
    assert not refused.value.overridable


def test_a_certificate_that_a_correction_revoked_without_a_key_is_signed_afterwards(
    vouched: Node, staff: FindStaff, given: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = vouched.clock.today() - timedelta(days=1)
    with monkeypatch.context() as keyless:
        keyless.setattr(vouched.site.certifier, "certify", lambda *_: {})
        correction = CorrectDose(dose=given[0], reason="Was yesterday", on=yesterday)
        corrected = take(vouched, correction, staff("V1"))
        assert [entry.type for entry in corrected] == ["DoseCorrected", "CertificateRevoked"]
        assert "replacedBy" not in corrected[1].body, "no paper has that number"
        with pytest.raises(Unavailable):
            take(vouched, IssueCertificate(dose=given[0]), staff("V1"))
    (issued,) = take(vouched, IssueCertificate(dose=given[0]), staff("V1"))
    assert issued.body["replaces"] == given[1]
    assert vouched.verify(payloads(vouched, given[1])["divoc"]).verdict != "valid"
    assert vouched.verify(payloads(vouched, issued.body["certificate"])["divoc"]).verdict == "valid"
    with pytest.raises(Conflict):
        take(vouched, IssueCertificate(dose=given[0]), staff("V1"))


def test_a_certificate_that_somebody_revoked_by_itself_is_not_signed_again(
    vouched: Node, staff: FindStaff, given: tuple[str, str]
) -> None:
    take(vouched, RevokeCertificate(certificate=given[1], reason="Was sold"), staff("S1"))
    with pytest.raises(Conflict) as refused:
        take(vouched, IssueCertificate(dose=given[0]), staff("S1"))
    assert refused.value.code == "certificate.exists"


def test_a_corrected_birth_moves_the_dates_that_follow_from_it(
    vouched: Node, staff: FindStaff, dose: Make, person: Callable[[str], str]
) -> None:
    """A birth typed thirty years late puts the next dose at the age it is given from."""
    grace, today = person("Grace"), vouched.clock.today()
    word = Override(reason="She is not twelve", supervisor="S1")
    child = date(today.year - 11, 1, 1)
    mistyped = CorrectPerson(person=grace, birth_date=child, reason="A slip", override=word)
    take(vouched, mistyped, staff("V1"))
    given = take(vouched, dose(override=word), staff("V1"))
    assert given[0].body["nextDue"] > (today + timedelta(days=28)).isoformat()
    right = CorrectPerson(person=grace, birth_date=date(1985, 5, 1), reason="Typed", override=word)
    entries = take(vouched, right, staff("V1"))
    assert [entry.type for entry in entries] == [
        "PersonCorrected",
        "DoseCorrected",
        "CertificateRevoked",
        "CertificateIssued",
    ]
    with vouched.journal.reading() as db:
        record = views.recorded(db, given[0].id)
        papers = [one for one in views.certificates_of(db, grace) if not one.revoked_at]
    assert record
    until = today + timedelta(days=28)
    assert record.next_due == record.effective_until == until
    divoc = json.loads(papers[0].credentials["divoc"])
    assert len(papers) == 1
    assert divoc["evidence"][0]["effectiveUntil"] == until.isoformat()
    assert divoc["credentialSubject"]["dob"] == "1985-05-01"
