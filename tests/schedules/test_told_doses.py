"""What a certificate of several vaccines tells, counted by vaccine and not by programme."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from edge.domain.catalogue import Catalogue
from edge.domain.dose import Dose
from edge.domain.histories import shots_of
from edge.domain.schedule.model import Association
from edge.domain.scheduled import due_now
from edge.domain.told_doses import doses_told
from tests.schedules.test_offered_doses import BORN, ON, case, combined, dose


def told(catalogue: Catalogue, *doses: tuple[str, date], **more: object) -> list[Dose]:
    """Take in what a certificate tells, as the journal gives it back."""
    entries = [{"vaccine": name, "date": on.isoformat(), **more} for name, on in doses]
    claims = {"kind": "vaccination", "doses": entries}
    found = doses_told(claims, catalogue, ON)
    return [
        dose(
            one.vaccine,
            one.on,
            programme=one.programme,
            number=one.number,
            reported=True,
            evidence='{"format": "shc"}',
        )
        for one in found
    ]


def offered(catalogue: Catalogue, history: list[Dose]) -> set[str]:
    found = due_now(case(catalogue, BORN, history), catalogue.programmes["all"], ON)
    return {one.vaccine for one in found if not one.objections}


def test_two_vaccines_of_one_programme_on_one_day_are_two_doses() -> None:
    catalogue = combined()
    history = told(catalogue, ("Penta", ON), ("HPV", ON))
    assert [one.vaccine for one in history] == ["Penta", "HPV"]
    assert offered(catalogue, []) == {"Penta", "HPV"}
    assert offered(catalogue, history) == set()


@pytest.mark.parametrize("second", ["Penta", "HepB"])
def test_a_dose_told_twice_counts_once_also_under_a_vaccine_that_shares_its_antigen(
    second: str,
) -> None:
    history = told(combined(), ("Penta", ON), (second, ON))
    assert [one.vaccine for one in history] == ["Penta"]


def test_two_products_against_one_disease_on_one_paper_and_day_are_two_doses() -> None:
    catalogue = combined()
    plan = catalogue.programmes["all"]
    both = (Association("polio"),)
    schedule = replace(
        plan.schedule, vaccines={**plan.schedule.vaccines, "HPV": both, "Other": both}
    )
    catalogue = replace(catalogue, programmes={"all": replace(plan, schedule=schedule)})
    assert [one.vaccine for one in told(catalogue, ("HPV", ON), ("Other", ON))] == ["HPV", "Other"]
    assert [one.vaccine for one in told(catalogue, ("HPV", ON), ("HPV", ON))] == ["HPV"]


def test_a_dose_without_a_number_brings_no_dose_that_nobody_gave() -> None:
    catalogue = combined()
    month = ON - timedelta(days=30)
    history = told(catalogue, ("Penta", month), ("HPV", ON))
    assert [(one.vaccine, one.number) for one in history] == [("Penta", 1), ("HPV", 1)]
    assert [(one.cvx, one.on) for one in shots_of(history)] == [("Penta", month), ("HPV", ON)]


def test_an_earlier_dose_is_the_missing_one_whichever_programme_it_was_given_for() -> None:
    first = dose("Penta", ON - timedelta(days=90), programme="outbreak")
    second = dose("Penta", ON - timedelta(days=30), number=2, reported=True, evidence="{}")
    assert len(shots_of([first, second])) == 2
    assert len(shots_of([replace(first, vaccine="HPV"), second])) == 3
