"""History typed from a handwritten card: exact or about, believed by somebody, counted or not."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.campaign.cells import DayError, read_about
from edge.domain.cards import CardRule, DaySpan, placed, told_span
from edge.domain.catalogue import Staff
from edge.domain.dose import Dose
from edge.domain.errors import BadInput, Refusal
from edge.domain.recall import calls
from edge.domain.scheduled import Case, due_now, subject_of
from edge.journal import views
from edge.node import Node
from edge.services import commands
from sync.registry.judging.schemas import Schemas, schemas_folder

PROGRAMME, VACCINE = "covid-19", "coviprotect"


@pytest.fixture
def grace(person: Callable[[str], str]) -> str:
    return person("Grace Wanjiru")


def typed(node: Node, staff: Staff, person: str, *doses: dict[str, Any], **more: Any) -> None:
    lines = tuple(
        commands.CardDose(**{"programme": PROGRAMME, "vaccine": VACCINE, **dose}) for dose in doses
    )
    command = commands.ReportCard(person=person, doses=lines, **more)
    node.desk.take(node.site.ids.new(), command, staff)


def history(node: Node, person: str) -> list[Dose]:
    with node.journal.reading() as db:
        return views.history(db, person)


def test_a_card_is_taken_in_at_once_with_who_believed_it_and_what_is_only_about(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    typed(
        node, staff("R1"), grace,
        {"on": "2026-02", "lot": "  B 7 "}, {"on": "2026-05-09", "facility": "Hill Clinic"},
        believed_by="V1",
    )  # fmt: skip
    first, second = history(node, grace)
    assert (first.number, first.on, first.about, first.lot) == (
        1,
        date(2026, 2, 14),
        "2026-02",
        "B7",
    )
    assert (second.number, second.on, second.about) == (2, date(2026, 5, 9), "")
    assert [dose.believed_by for dose in (first, second)] == ["V1", "V1"]
    assert first.reported
    assert second.facility == "Hill Clinic"


def test_what_a_card_leaves_in_the_journal_fits_its_schema_here_and_at_the_registry(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    typed(node, staff("V1"), grace, {"on": "2026"})
    with node.journal.reading() as db:
        row = db.execute("SELECT content FROM entry ORDER BY position DESC LIMIT 1").fetchone()
    document = json.loads(row[0])
    assert document["body"]["evidence"] == {
        "format": "card", "believedBy": "V1", "about": True, "told": "2026",
        "unnumbered": True,
    }  # fmt: skip
    assert Schemas(schemas_folder()).mistake(document) is None


@pytest.mark.parametrize(
    ("dose", "more", "code", "field"),
    [
        ({"on": "2026-2"}, {}, "card.day", "doses.1.on"),
        ({"on": "2026-13"}, {}, "card.day", "doses.1.on"),
        ({"on": "2026-02-30"}, {}, "card.day", "doses.1.on"),
        ({"on": "2199"}, {}, "dose.in-the-future", "doses.1.on"),
        ({"on": "1901-01-01"}, {}, "card.order", "doses.1.on"),
        ({"on": "2025-12-31"}, {}, "programme.not-running", "doses.1.on"),
        (
            {"on": "2026-03-01", "vaccine": "water"},
            {},
            "vaccine.not-in-programme",
            "doses.1.vaccine",
        ),
        ({"on": "2026-03-01", "programme": "none"}, {}, "programme.unknown", "doses.1.programme"),
        ({"on": "2026-03-01"}, {"believed_by": "R1"}, "card.believer", "believedBy"),
        ({"on": "2026-03-01"}, {"believed_by": "nobody"}, "card.believer", "believedBy"),
    ],
)
def test_a_wrong_line_of_a_card_is_named_by_its_place_and_nothing_is_taken(
    node: Node,
    staff: Callable[[str], Staff],
    grace: str,
    dose: dict[str, Any],
    more: dict[str, Any],
    code: str,
    field: str,
) -> None:
    before = history(node, grace)
    with pytest.raises((BadInput, Refusal)) as refused:
        typed(node, staff("V1"), grace, {"on": "2026-02-03"}, dose, **more)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert history(node, grace) == before


def test_the_same_card_again_adds_nothing_and_a_longer_one_only_what_is_new(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    lines = [{"on": "2026-02"}, {"on": "2026-05-09"}]
    typed(node, staff("V1"), grace, *lines)
    with pytest.raises(Refusal) as refused:
        typed(node, staff("V1"), grace, *lines)
    assert refused.value.code == "evidence.card-known"
    typed(node, staff("V1"), grace, *lines, {"on": "2026-08-01"})
    assert [dose.number for dose in history(node, grace)] == [1, 2, 3]


def test_a_dose_on_record_stands_for_one_line_of_a_card_and_not_for_all_of_its_year(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    typed(node, staff("V1"), grace, {"on": "2026-05-09"})
    typed(node, staff("V1"), grace, {"on": "2026"}, {"on": "2026"}, {"on": "2026"})
    assert len(history(node, grace)) == 3


def test_two_vaccines_of_one_day_on_a_card_are_two_doses(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    typed(
        node, staff("V1"), grace, {"on": "2026-05-09"}, {"on": "2026-05-09", "vaccine": "adenovax"}
    )
    assert {dose.vaccine for dose in history(node, grace)} == {"coviprotect", "adenovax"}


def test_a_number_that_is_held_already_is_refused(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    typed(node, staff("V1"), grace, {"on": "2026-05-09", "number": 1})
    with pytest.raises(Refusal) as refused:
        typed(node, staff("V1"), grace, {"on": "2026-06-09", "number": 1})
    assert (refused.value.code, refused.value.field) == ("card.number-held", "doses.0.number")


_DAYS = ("2026-02-03", "2026-03-10", "2026-05-09", "2026-08-01")


@pytest.mark.parametrize("order", list(itertools.permutations(_DAYS[:3])))
@pytest.mark.parametrize("parts", [(1, 1, 1), (2, 1), (1, 2), (3,)])
def test_doses_of_a_card_without_numbers_are_numbered_by_their_days_however_they_are_typed(
    node: Node,
    staff: Callable[[str], Staff],
    grace: str,
    order: tuple[str, ...],
    parts: tuple[int, ...],
) -> None:
    left = iter(order)
    for count in parts:
        typed(node, staff("V1"), grace, *({"on": next(left)} for _ in range(count)))
    found = [(dose.on.isoformat(), dose.number) for dose in history(node, grace)]
    assert found == list(zip(sorted(order), (1, 2, 3), strict=True))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_number_on_a_card_stands_and_those_without_one_go_round_it(
    node: Node, staff: Callable[[str], Staff], grace: str, order: tuple[int, ...]
) -> None:
    lines: list[dict[str, Any]] = [{"on": day} for day in _DAYS]
    lines[2]["number"] = 3
    for place in order[:-1]:
        typed(node, staff("V1"), grace, lines[place])
    typed(node, staff("V1"), grace, *lines)
    assert [dose.number for dose in history(node, grace)] == [1, 2, 3, 4]


def test_a_dose_given_here_and_those_of_a_card_around_it_have_each_their_own_number(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., commands.GiveDose], grace: str
) -> None:
    today = node.clock.today()
    given_here = dose(on=today - timedelta(days=60))
    node.desk.take(node.site.ids.new(), given_here, staff("V1"))
    around = ({"on": (today - timedelta(days=days)).isoformat()} for days in (1, 120))
    typed(node, staff("V1"), grace, *around)
    assert [found.number for found in history(node, grace)] == [1, 2, 3]


@pytest.mark.parametrize(
    "steps",
    [
        ([{"on": _DAYS[1], "number": 1}], [{"on": _DAYS[0]}]),
        ([{"on": _DAYS[0]}], [{"on": _DAYS[1], "number": 1}]),
        ([{"on": _DAYS[1]}, {"on": _DAYS[2], "number": 2}], [{"on": _DAYS[0]}]),
        ([{"on": _DAYS[0], "number": 1}, {"on": _DAYS[1], "number": 1}],),
        ([{"on": _DAYS[0]}, {"on": _DAYS[1], "number": 1}],),
    ],
)
def test_a_card_that_gives_one_number_to_two_doses_is_asked_about(
    node: Node, staff: Callable[[str], Staff], grace: str, steps: tuple[list[dict[str, Any]], ...]
) -> None:
    for lines in steps[:-1]:
        typed(node, staff("V1"), grace, *lines)
    before = history(node, grace)
    with pytest.raises(Refusal) as refused:
        typed(node, staff("V1"), grace, *steps[-1])
    assert refused.value.code == "card.number-held"
    assert history(node, grace) == before


def test_numbers_of_a_card_follow_when_one_of_its_doses_is_not_believed(
    node: Node, staff: Callable[[str], Staff], grace: str
) -> None:
    typed(node, staff("V1"), grace, *({"on": day} for day in _DAYS[:3]))
    first = history(node, grace)[0]
    command = commands.TakeBackDose(dose=first.id, kind="disbelieved", reason="Another child")
    node.desk.take(node.site.ids.new(), command, staff("S1"))
    assert [found.number for found in history(node, grace)] == [1, 2]


def card_dose(told: str, on: date, number: int = 1) -> Dose:
    evidence = {"format": "card", "believedBy": "V1"}
    if len(told) < 10:
        evidence |= {"about": True, "told": told}  # type: ignore[dict-item]
    return Dose(
        id=told, person="p", programme=PROGRAMME, vaccine=VACCINE, number=number, total=2, lot="",
        on=on, facility="", vaccinator="", reported=True,
        evidence=json.dumps(evidence, sort_keys=True, separators=(",", ":")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "told", "number"),
    [("all", "2026-02", 2), ("all", "2026-02-14", 2), ("exact", "2026-02", 1),
     ("exact", "2026-02-14", 2), ("none", "2026-02", 1), ("none", "2026-02-14", 1)],
)  # fmt: skip
def test_the_country_chooses_which_doses_of_cards_count(
    node: Node, grace: str, rule: CardRule, told: str, number: int
) -> None:
    with node.journal.reading() as db:
        catalogue = replace(node.site.catalogues.current(db), cards=rule)
        person = views.person(db, grace)
    assert person is not None
    doses = [card_dose(told, date(2026, 2, 14))]
    case = Case(
        subject=subject_of(person), history=doses, catalogue=catalogue, zone=node.clock.zone
    )
    programme = catalogue.programmes[PROGRAMME]
    (judged,) = (
        one for one in due_now(case, programme, node.clock.today()) if one.vaccine == VACCINE
    )
    assert judged.number == number


spans = st.one_of(
    st.dates(date(2015, 1, 1), date(2026, 11, 1)).map(lambda day: DaySpan(day, day)),
    st.integers(2015, 2026).map(lambda year: told_span(str(year))),
    st.builds(
        lambda year, month: told_span(f"{year}-{month:02}"),
        st.integers(2015, 2026),
        st.integers(1, 11),
    ),
)


@given(
    told=st.lists(spans, min_size=1, max_size=6).map(
        lambda found: sorted(found, key=lambda span: (span.first, span.last))
    ),
    born=st.dates(date(2010, 1, 1), date(2025, 1, 1)),
)
def test_days_of_a_card_are_in_order_within_what_it_says_and_within_the_life(
    told: list[DaySpan], born: date
) -> None:
    today = date(2026, 11, 29)
    try:
        days = list(placed(told, born, today))
    except BadInput:
        return
    assert all(before < after for before, after in itertools.pairwise(days))
    for span, day in zip(told, days, strict=True):
        assert max(span.first, born) <= day <= min(span.last, today)


@given(count=st.integers(1, 8), year=st.integers(2011, 2025))
def test_so_many_doses_of_one_year_are_parted_by_equal_times(count: int, year: int) -> None:
    days = list(placed([told_span(str(year))] * count, date(2010, 1, 1), date(2026, 11, 29)))
    gaps = [after - before for before, after in itertools.pairwise(days)]
    assert all(abs(gap - gaps[0]) <= timedelta(days=count) for gap in gaps)
    assert all(day.year == year for day in days)


@pytest.mark.parametrize(("text", "country", "wanted"), [
    ("2026", "KE", "2026"), ("3/2026", "KE", "2026-03"), ("2026-3", "KE", "2026-03"),
    ("Mar 2026", "KE", "2026-03"), ("mars 2026", "KE", "2026-03"), ("5/11/2026", "KE", "2026-11-05"),
    ("5/11/2026", "US", "2026-05-11"), ("2026-11-05", "US", "2026-11-05"), ("٣/٢٠٢٦", "EG", "2026-03"),
    ("25/11/2026", "US", "2026-11-25"), ("5.11.2026", "US", "2026-11-05"),
])  # fmt: skip
def test_a_day_is_typed_as_the_country_writes_it(text: str, country: str, wanted: str) -> None:
    assert read_about(text, country) == wanted


@pytest.mark.parametrize("text", ["5/11/26", "13/2026", "2569", "1405-03", "soon", "0/2026", "26"])
def test_a_typed_day_that_can_be_misread_is_refused(text: str) -> None:
    with pytest.raises(DayError):
        read_about(text, "KE")


@pytest.mark.parametrize(("rule", "number"), [("all", 2), ("none", 1)])
def test_the_recall_list_counts_cards_as_the_country_does(
    node: Node, grace: str, rule: CardRule, number: int
) -> None:
    with node.journal.reading() as db:
        catalogue = replace(node.site.catalogues.current(db), cards=rule)
        person = views.person(db, grace)
    assert person is not None
    doses = [card_dose("2026-02-14", date(2026, 2, 14))]
    today = node.clock.today()
    found = calls(person, doses, {}, catalogue, today, today)
    assert [item.number for item in found if item.vaccine == VACCINE] == [number]
