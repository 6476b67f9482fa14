"""Imports: the right person, the right vaccine, each delivery once, and a preview that is true."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.divoc_columns import CERTIFICATES, ENROLMENTS
from edge.campaign.files.table_file import TableFile
from edge.domain.catalogue import Staff
from edge.domain.dose import Dose
from edge.domain.errors import Refusal
from edge.domain.people import Person
from edge.journal import views
from edge.journal.derived_ids import derived_id
from edge.journal.entries import last_position
from edge.node import Node
from edge.services import commands
from edge.services.imports.reports import ImportOptions, Report, RowAnswers
from edge.services.imports.tables import ImportRequest

CERTIFICATE = {
    "preEnrollmentCode": "CODE1",
    "recipientName": "Zawadi Otieno",
    "recipientMobileNumber": "555019999",
    "recipientDOB": "2025-11-03",
    "recipientGender": "Female",
    "recipientNationality": "Demolander",
    "recipientIdentity": "did:web:id.demoland.example:777",
    "recipientAddressLine1": "1 Well Lane",
    "recipientDistrict": "North Delta",
    "recipientState": "Delta",
    "recipientPincode": "100101",
    "vaccinationBatch": "L1",
    "vaccinationDate": "2026-11-20T09:00:00Z",
    "vaccinationDose": "1",
    "vaccinationTotalDoses": "2",
    "vaccinationEffectiveStart": "2026-11-20",
    "vaccinationEffectiveEnd": "2027-11-20",
    "vaccinationManufacturer": "Delta Biologicals",
    "vaccinationName": "CoviProtect",
    "vaccinatorName": "Tomas Berg",
    "facilityName": "Market Street Clinic",
    "facilityAddressLine1": "24 Market Street",
    "facilityDistrict": "South Delta",
    "facilityState": "Delta",
    "facilityPincode": "100204",
}
ENROLMENT = {
    "dob": "1990-05-01", "gender": "Female", "name": "Zawadi Otieno", "enrollmentScopeId": "DEMO01",
}  # fmt: skip
USUAL = ImportOptions()
LINE = {"vaccine": "coviprotect", "lot": "NEW1", "expiry": "2028-01-31", "quantity": "100"}


def table(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], name: str = "t.csv"
) -> TableFile:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return TableFile.of(name, text.getvalue().encode())


def certificates(
    node: Node,
    *changes: Mapping[str, str],
    how: ImportOptions = USUAL,
    programme: str = "covid-19",
) -> Report:
    rows = [{**CERTIFICATE, **changed} for changed in changes]
    return node.tables.take(
        ImportRequest("certificates", programme), table(CERTIFICATES, rows), how
    )


def enrolments(node: Node, *changes: Mapping[str, str], how: ImportOptions = USUAL) -> Report:
    rows = [{**ENROLMENT, **changed} for changed in changes]
    return node.tables.take(ImportRequest("enrolments", "covid-19"), table(ENROLMENTS, rows), how)


def stock(
    node: Node,
    *changes: Mapping[str, str],
    document: str = "",
    name: str = "t.csv",
    how: ImportOptions = USUAL,
) -> Report:
    rows = [{**LINE, **changed} for changed in changes]
    columns = [*LINE, *({key for row in rows for key in row} - set(LINE))]
    return node.tables.take(
        ImportRequest("stock", document=document), table(columns, rows, name), how
    )


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.taken, report.known, len(report.questions), len(report.mistakes)


def with_code(node: Node, code: str) -> tuple[Person, list[Dose]]:
    with node.journal.reading() as db:
        person = views.person_by_code(db, code)
        assert person is not None
        return person, views.history(db, person.id)


def quantity(node: Node, lot: str = "NEW1", vaccine: str = "coviprotect") -> int:
    with node.journal.reading() as db:
        found = views.lot(db, vaccine, lot)
    return found.quantity if found else 0


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        ({"recipientName": "Somebody Else"}, "recipientName"),
        ({"recipientDOB": "2025-11-04"}, "recipientDOB"),
        ({"recipientGender": "Male"}, "recipientGender"),
        ({"recipientDOB": "", "recipientAge": "7"}, "recipientDOB"),
        ({"recipientName": "X", "recipientGender": "Other"}, "recipientName, recipientGender"),
    ],
)
@pytest.mark.parametrize("by", ["code", "identity"])
def test_a_row_with_the_code_or_identity_of_somebody_who_is_plainly_another_is_named(
    node: Node, changed: Mapping[str, str], columns: str, by: str
) -> None:
    assert counts(certificates(node, {})) == (1, 0, 0, 0)
    other = {"recipientIdentity": ""} if by == "code" else {"preEnrollmentCode": "CODE2"}
    if by == "code":
        other = {"recipientIdentity": "did:web:id.demoland.example:778"}
    report = certificates(node, {**changed, **other, "vaccinationDate": "2026-11-21"})
    (mistake,) = report.mistakes
    assert report.taken == 0
    assert (mistake.line, mistake.code) == (2, "evidence.other-person")
    assert mistake.values["columns"] == columns
    assert len(with_code(node, "CODE1")[1]) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"recipientName": "OTIENO  zawadi"},
        {"recipientName": "Zawádi Otieno"},
        {"recipientDOB": "", "recipientAge": "1"},
        {"preEnrollmentCode": "code1"},
        {"preEnrollmentCode": "CODE2"},
        {"recipientIdentity": "did:web:id.demoland.example:778"},
    ],
)
def test_a_row_that_agrees_with_whom_it_names_is_taken_however_it_is_written(
    node: Node, changed: Mapping[str, str]
) -> None:
    certificates(node, {})
    assert counts(certificates(node, {**changed, "vaccinationDate": "2026-11-25"})) == (1, 0, 0, 0)
    assert len(with_code(node, "CODE1")[1]) == 2


def test_a_code_of_one_and_an_identity_of_another_is_named(node: Node) -> None:
    certificates(node, {})
    twin = {
        "recipientName": "Amani Otieno",
        "preEnrollmentCode": "CODE2",
        "recipientIdentity": "did:web:id.demoland.example:778",
    }
    somebody_else = ImportOptions(answers=RowAnswers(different=frozenset({2})))
    assert counts(certificates(node, twin, how=somebody_else)) == (1, 0, 0, 0)
    report = certificates(
        node, {"recipientIdentity": twin["recipientIdentity"], "vaccinationDate": "2026-11-25"}
    )
    assert [mistake.code for mistake in report.mistakes] == ["import.two-people"]


def test_two_vaccines_of_one_day_are_two_doses_and_the_same_one_is_one(node: Node) -> None:
    """As on every visit of an infant: the second certificate of a day is not of the first's dose."""
    two = [{"vaccinationName": "CoviProtect"}, {"vaccinationName": "AdenoVax"}]
    assert counts(certificates(node, *two, *two)) == (2, 2, 0, 0)
    assert counts(certificates(node, *two)) == (0, 2, 0, 0)
    assert {dose.vaccine for dose in with_code(node, "CODE1")[1]} == {"coviprotect", "adenovax"}


def renamed(node: Node, name: str, code: str = "coviprotect") -> None:
    """Let a vaccine have another name from now on."""
    with node.journal.reading() as db:
        body = views.catalogue_body(db)
    (vaccine,) = (one for one in body["vaccines"] if one["code"] == code)
    item = {**vaccine, "name": name}
    node.importer.catalogue("v", "vaccines", [_row(item)], lambda _: None)


def _row(item: dict[str, object]):  # type: ignore[no-untyped-def]
    from edge.campaign.tables import ValidRow

    return ValidRow(2, item)


@pytest.mark.parametrize("name", [
    "coviprotect", "COVIPROTECT", "CoviProtect", "covi protect plus", "CoviProtect  Plus", "EU/1/26/0001",
])  # fmt: skip
def test_a_vaccine_is_known_by_its_code_and_by_every_name_it_ever_had_in_any_case(
    node: Node, name: str
) -> None:
    if name.startswith("EU"):
        with node.journal.reading() as db:
            (vaccine,) = (
                one for one in views.catalogue_body(db)["vaccines"] if one["code"] == "coviprotect"
            )
        name = vaccine["codes"]["product"].lower()
    renamed(node, "Covi Protect Plus")
    renamed(node, "CoviProtect Plus")
    renamed(node, "Covigone")
    assert counts(certificates(node, {"vaccinationName": name})) == (1, 0, 0, 0)
    assert with_code(node, "CODE1")[1][0].vaccine == "coviprotect"


def test_a_name_that_two_vaccines_had_is_asked_about_unless_one_has_it_now(node: Node) -> None:
    renamed(node, "Shared")
    renamed(node, "Covigone")
    renamed(node, "Shared", "adenovax")
    assert counts(certificates(node, {"vaccinationName": "shared"})) == (1, 0, 0, 0)
    assert with_code(node, "CODE1")[1][0].vaccine == "adenovax"
    renamed(node, "Adenogone", "adenovax")
    (mistake,) = certificates(node, {"vaccinationName": "shared"}).mistakes
    assert mistake.code == "vaccine.ambiguous"
    assert mistake.values["known"] == "adenovax, coviprotect"


def test_an_unknown_vaccine_is_named_with_those_there_are(node: Node) -> None:
    (mistake,) = certificates(node, {"vaccinationName": "water"}).mistakes
    assert (mistake.column, mistake.code) == ("vaccinationName", "vaccine.unknown")
    assert "coviprotect" in str(mistake)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"vaccinationDate": "2025-12-31"}, "programme.not-running"),
        ({"vaccinationDate": "2025-11-01"}, "csv.before-birth"),
        ({"vaccinationDate": "2199-01-01"}, "csv.future"),
    ],
)
def test_no_dose_before_its_programme_or_its_person_comes_in_by_a_table(
    node: Node, changed: Mapping[str, str], code: str
) -> None:
    report = certificates(node, {**changed})
    assert [mistake.code for mistake in report.mistakes] == [code]
    with node.journal.reading() as db:
        assert views.person_by_code(db, "CODE1") is None


def test_a_person_who_looks_like_somebody_is_asked_about_as_at_the_desk(node: Node) -> None:
    first = enrolments(node, {"phone": "555010001"})
    assert counts(first) == (1, 0, 0, 0)
    again = enrolments(node, {"phone": "555010002"}, {"name": "Another Person"})
    assert counts(again) == (1, 0, 1, 0)
    (question,) = again.questions
    assert (question.line, question.code) == (2, "person.perhaps-known")
    assert question.people[0].code in str(question)
    assert question.people[0].name not in str(question)
    how = ImportOptions(answers=RowAnswers(different=frozenset({2})))
    assert counts(enrolments(node, {"phone": "555010002"}, how=how)) == (1, 0, 0, 0)
    assert counts(enrolments(node, {"phone": "555010002"})) == (0, 1, 0, 0)


def test_a_row_may_be_said_to_be_of_somebody_who_looks_alike_and_of_nobody_else(node: Node) -> None:
    enrolments(node, {})
    unlike = {"preEnrollmentCode": "CODE9", "recipientDOB": "1990-05-01"}
    (question,) = certificates(node, unlike).questions
    code = question.people[0].code
    wrong = ImportOptions(answers=RowAnswers(same={2: "DL26004"}))
    assert [mistake.code for mistake in certificates(node, unlike, how=wrong).mistakes] == [
        "import.not-alike"
    ]
    right = ImportOptions(answers=RowAnswers(same={2: code}))
    assert counts(certificates(node, unlike, how=right)) == (1, 0, 0, 0)
    assert counts(certificates(node, unlike, how=right)) == (0, 1, 0, 0)
    assert len(with_code(node, code)[1]) == 1


def test_the_rows_of_other_facilities_are_refused_with_a_word(node: Node) -> None:
    report = enrolments(node, {"enrollmentScopeId": "DEMO02"}, {"enrollmentScopeId": "demo01"})
    assert counts(report) == (1, 0, 0, 1)
    assert "is of the facility DEMO02, and this site is DEMO01" in str(report.mistakes[0])


def test_an_enrolment_with_the_identity_of_somebody_else_is_named(node: Node) -> None:
    identity = "did:web:id.demoland.example:3000017"
    report = enrolments(
        node,
        {"identity": identity},
        {"identity": identity, "name": "almaz TESFAYE", "dob": "1988-04-12"},
    )
    assert counts(report) == (0, 1, 0, 1)
    assert report.mistakes[0].values["columns"] == "name, dob"


def test_the_same_delivery_counts_once_however_its_file_is_called_or_edited(node: Node) -> None:
    rows: list[Mapping[str, str]] = [
        {},
        {"lot": "NEW2", "quantity": "50"},
        {"lot": "NEW2", "quantity": "50"},
    ]
    assert counts(stock(node, *rows, document="DN 17")) == (3, 0, 0, 0)
    assert (quantity(node), quantity(node, "NEW2")) == (100, 100)
    assert counts(stock(node, *reversed(rows), document="dn17", name="copy of t.csv")) == (
        0,
        3,
        0,
        0,
    )
    longer = [{"lot": "NEW3"}, *rows]
    assert counts(stock(node, *longer, document="DN 17")) == (1, 3, 0, 0)
    by_column = [{**row, "document": "DN 17"} for row in rows]
    assert counts(stock(node, *by_column)) == (0, 3, 0, 0)
    assert (quantity(node), quantity(node, "NEW2"), quantity(node, "NEW3")) == (100, 100, 100)


def test_two_equal_deliveries_count_twice_and_two_equal_boxes_of_one_too(node: Node) -> None:
    stock(node, {}, {}, document="A-1")
    assert quantity(node) == 200
    stock(node, {}, {}, document="A-2")
    assert quantity(node) == 400
    assert counts(stock(node, {}, {}, {}, document="A-2")) == (1, 2, 0, 0)
    assert quantity(node) == 500


@pytest.mark.parametrize("changed", [{"quantity": "120"}, {"expiry": "2028-02-28"}])
def test_a_line_of_a_delivery_that_says_something_else_now_is_named_and_not_added(
    node: Node, changed: Mapping[str, str]
) -> None:
    stock(node, {}, document="A-1")
    report = stock(node, changed, {"lot": "NEW2"}, document="A-1")
    assert counts(report) == (1, 0, 0, 1)
    assert "The delivery A-1 is recorded with 100 doses" in str(report.mistakes[0])
    assert quantity(node) == 100


def test_a_delivery_that_was_taken_in_by_half_is_finished_by_taking_it_in_again(node: Node) -> None:
    stock(node, {"quantity": "40"}, document="A-1")
    report = stock(node, {"quantity": "40"}, {"quantity": "60"}, document="A-1")
    assert counts(report) == (1, 1, 0, 0)
    assert quantity(node) == 100


def test_without_a_number_the_day_and_the_content_decide_and_the_user_is_told(node: Node) -> None:
    first = stock(node, {}, {})
    assert (counts(first), quantity(node)) == ((2, 0, 0, 0), 200)
    assert [note.code for note in first.notes] == ["stock.no-document"]
    assert counts(stock(node, {}, {}, name="other.csv")) == (0, 2, 0, 0)
    assert not stock(node, {}, document="A-1").notes


def test_a_line_like_one_of_another_day_waits_for_a_word_when_no_number_is_given(
    node: Node,
) -> None:
    yesterday = (node.clock.today() - timedelta(days=1)).isoformat()
    stock(node, {"received": yesterday})
    asked = stock(node, {})
    assert [question.code for question in asked.questions] == ["stock.perhaps-taken"]
    assert quantity(node) == 100
    assert counts(stock(node, {"received": yesterday})) == (0, 1, 0, 0)
    again = ImportOptions(answers=RowAnswers(again=True))
    assert counts(stock(node, {}, how=again)) == (1, 0, 0, 0)
    assert quantity(node) == 200


def test_the_journal_keeps_the_document_and_a_rebuild_finds_it_again(node: Node) -> None:
    stock(node, {}, document="DN  17")
    with node.journal.reading() as db:
        (line,) = views.lines_of_document(db, "dn 17")
    assert (line.document, line.lot, line.quantity) == ("DN 17", "NEW1", 100)


def test_an_import_is_recorded_under_whoever_did_it(node: Node) -> None:
    stock(node, {}, document="A", how=ImportOptions(by="S1"))
    with node.journal.reading() as db:
        row = db.execute("SELECT content FROM entry ORDER BY position DESC LIMIT 1").fetchone()
    assert json.loads(row[0])["by"] == "S1"


POOL = {
    "recipientName": st.sampled_from(["Zawadi Otieno", "Amani Otieno", "zawadi otieno"]),
    "recipientDOB": st.sampled_from(["2025-11-03", "2025-11-04", "2025-13-01"]),
    "recipientGender": st.sampled_from(["Female", "Male"]),
    "preEnrollmentCode": st.sampled_from(["CODE1", "CODE2", "DL26004"]),
    "recipientIdentity": st.sampled_from(["did:a:b:1", "did:a:b:2"]),
    "vaccinationName": st.sampled_from(["CoviProtect", "adenovax", "Amarilia", "water"]),
    "vaccinationDate": st.sampled_from(["2026-11-20", "2026-11-21", "2025-12-30"]),
}
FEW = settings(
    max_examples=share(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
answers = st.builds(
    RowAnswers,
    different=st.frozensets(st.integers(2, 8)),
    same=st.just({}),
    again=st.booleans(),
)


def _same(preview: Report, done: Report) -> None:
    def plain(report: Report) -> Report:
        asked = tuple(replace(question, people=()) for question in report.questions)
        return replace(report, questions=asked)

    assert plain(preview) == plain(done)


@pytest.mark.slow
@FEW
@given(
    rows=st.lists(st.fixed_dictionaries(POOL), max_size=6),
    people=st.lists(
        st.fixed_dictionaries({
            "name": st.sampled_from(["Zawadi Otieno", "Amani Otieno"]),
            "dob": st.sampled_from(["2025-11-03", "1990-05-01"]),
            "identity": st.sampled_from(["", "did:a:b:1", "did:a:b:2"]),
            "phone": st.sampled_from(["", "555010001"]),
            "enrollmentScopeId": st.sampled_from(["DEMO01", "DEMO02"]),
        }),
        max_size=6,
    ),
    lines=st.lists(
        st.fixed_dictionaries({
            "lot": st.sampled_from(["NEW1", "new 1", "NEW2"]),
            "quantity": st.sampled_from(["1", "2"]),
            "document": st.sampled_from(["", "A", "B"]),
        }),
        max_size=6,
    ),
    said=answers,
)  # fmt: skip
def test_a_preview_says_what_the_import_then_does_and_writes_nothing(
    node: Node,
    rows: list[dict[str, str]],
    people: list[dict[str, str]],
    lines: list[dict[str, str]],
    said: RowAnswers,
) -> None:
    """The same again is known whole, so that no import ever counts anything twice."""
    preview, real = ImportOptions(answers=said, dry_run=True), ImportOptions(answers=said)
    with node.journal.reading() as db:
        before = last_position(db)
    for take, changes in ((enrolments, people), (certificates, rows), (stock, lines)):
        seen = take(node, *changes, how=preview)
        with node.journal.reading() as db:
            assert last_position(db) == before
        done = take(node, *changes, how=real)
        _same(seen, done)
        with node.journal.reading() as db:
            before = last_position(db)
        again = take(node, *changes, how=real)
        assert again.taken == 0
        assert again.known == done.taken + done.known


def test_an_edition_of_before_is_known_again_after_the_software_is_renewed(node: Node) -> None:
    """Lines of deliveries had ids of their file's name then, and no document."""
    body = {"vaccine": "coviprotect", "lot": "NEW1", "expiry": "2028-01-31", "quantity": 100}
    old = derived_id("stock", {**body, "file": "t.csv", "row": 2})
    node.journal.run(lambda unit: unit.append("StockReceived", body, id_=old, by="import"))
    assert counts(stock(node, {})) == (0, 1, 0, 0)
    assert quantity(node) == 100


def test_a_lot_in_stock_gets_another_expiry_only_by_a_word(node: Node) -> None:
    stock(node, {}, document="A")
    other = {"lot": " new1 ", "expiry": "2028-02"}
    report = stock(node, other, document="B")
    assert [question.code for question in report.questions] == ["lot.delivery-differs"]
    assert quantity(node) == 100
    right = ImportOptions(answers=RowAnswers(different=frozenset({2})))
    assert counts(stock(node, other, document="B", how=right)) == (1, 0, 0, 0)
    with node.journal.reading() as db:
        found = views.lot(db, "coviprotect", "NEW1")
    assert found is not None
    assert (found.expiry, found.quantity) == (date(2028, 2, 29), 200)


@pytest.mark.slow
def test_the_same_delivery_taken_in_from_two_tablets_at_once_counts_once(node: Node) -> None:
    lines = [{**LINE, "lot": f"T{number}"} for number in range(450)]
    file = table(list(LINE), lines)
    asked = ImportRequest("stock", document="TWO")
    others: list[Report] = []

    def meanwhile(_rows: int) -> None:
        if not others:
            others.append(node.tables.take(asked, file))

    first = node.tables.take(asked, file, progress=meanwhile)
    assert first.taken + others[0].taken == 450
    assert first.known + others[0].known == 450
    assert {quantity(node, f"T{number}") for number in range(450)} == {100}


def test_a_dose_that_was_not_believed_does_not_come_back_by_a_table_or_a_card(
    node: Node, staff: Callable[[str], Staff]
) -> None:
    certificates(node, {})
    person, (dose,) = with_code(node, "CODE1")
    aside = commands.TakeBackDose(dose=dose.id, kind="disbelieved", reason="the card was lent")
    node.desk.take(node.site.ids.new(), aside, staff("S1"))
    (mistake,) = certificates(node, {"vaccinationBatch": "L2"}).mistakes
    assert (mistake.code, mistake.column) == ("evidence.disbelieved", "vaccinationDate")
    line = commands.CardDose(programme="covid-19", vaccine="coviprotect", on=dose.on.isoformat())
    card = commands.ReportCard(person=person.id, doses=(line,))
    with pytest.raises(Refusal) as refused:
        node.desk.take(node.site.ids.new(), card, staff("V1"))
    assert (refused.value.code, refused.value.field) == ("evidence.disbelieved", "doses.0.on")
    assert with_code(node, "CODE1")[1] == []
    node.desk.take(node.site.ids.new(), card, staff("S1"))
    assert len(with_code(node, "CODE1")[1]) == 1
