"""A programme with a schedule: the engine decides doses, in words a vaccinator understands."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, date
from pathlib import Path

import pytest

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.domain.catalogue import Catalogue
from edge.domain.dose import Dose
from edge.domain.doses import Decision, Proposal, give_dose
from edge.domain.histories import shots_of
from edge.domain.people import Person
from edge.domain.scheduled import Case, due_now, subject_of
from sync.resources import resource

SCHEMAS = resource("config/schemas")
BORN = date(2026, 1, 1)
CHILD = Person(id="p", code="P", name="Alma Demo", gender="Female", birth_date=BORN)
CODES = ["BCG", "HepB-birth", "OPV", "IPV", "Penta", "PCV", "Rota", "MR"]


def with_infants(folder: Path) -> Path:
    """Copy the demonstration campaign and give it the infants' schedule."""
    shutil.copytree(resource("config/demo/campaign"), folder)
    (folder / "schedules").mkdir(exist_ok=True)
    for name in ("who-infant.yaml", "who-infant.cases.yaml"):
        shutil.copy(resource("config/schedules") / name, folder / "schedules")
    with (folder / "programmes.yaml").open("a") as file:
        file.write(
            "- id: infants\n  name: Routine infant vaccination\n  start: 2026-01-01\n"
            f"  vaccines: [{', '.join(CODES)}]\n  schedule: who-infant\n"
            "  certificates: {formats: [divoc]}\n"
        )
    with (folder / "vaccines.yaml").open("a") as file:
        for code in CODES:
            file.write(f"- {{code: {code}, name: {code}, manufacturer: Delta, icd11: XM0GQ8}}\n")
    return folder


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = with_infants(tmp_path_factory.mktemp("infants") / "campaign")
    return to_catalogue(read_campaign(folder, SCHEMAS))


def dose(code: str, on: date, number: int = 1, evidence: str = "") -> Dose:
    return Dose(id=f"{code}{on}", person="p", programme="infants", vaccine=code, number=number,
                total=3, lot="L", on=on, facility="DEMO01", vaccinator="V1",
                evidence=evidence)  # fmt: skip


def decide(catalogue: Catalogue, code: str, on: date, *history: Dose) -> Decision:
    proposal = Proposal(programme="infants", vaccine=code, lot="L", lot_expiry=date(2030, 1, 1),
                        on=on, today=on, facility="DEMO01", vaccinator="V1")  # fmt: skip
    return give_dose(CHILD, history, catalogue, proposal)


def codes(decision: Decision) -> list[str]:
    return [one.code for one in decision.objections]


@pytest.mark.slow
def test_a_dose_that_is_due_is_numbered_and_the_next_one_has_its_day(catalogue: Catalogue) -> None:
    first = decide(catalogue, "Penta", date(2026, 2, 12))
    assert (first.number, first.total, first.objections) == (1, 3, ())
    assert first.next_due == date(2026, 3, 12)
    second = decide(catalogue, "Penta", date(2026, 4, 1), dose("Penta", date(2026, 2, 12)))
    assert (second.number, second.next_due) == (2, date(2026, 4, 29))


OBJECTIONS: list[tuple[str, date, Sequence[Dose], str, date | None]] = [
    ("Penta", date(2026, 2, 1), (), "dose.too-young", date(2026, 2, 12)),
    ("Penta", date(2026, 2, 10), (), "dose.too-young", date(2026, 2, 12)),
    ("Penta", date(2026, 3, 26), (dose("Penta", date(2026, 3, 1)),), "dose.too-early", date(2026, 3, 29)),
    ("Penta", date(2026, 3, 20), (dose("Penta", date(2026, 3, 1)),), "dose.too-early", date(2026, 3, 29)),
    ("Penta", date(2026, 3, 1), (dose("Penta", date(2026, 4, 1)),), "dose.before-last", None),
    ("BCG", date(2026, 6, 1), (dose("BCG", date(2026, 1, 1)),), "dose.complete", None),
    ("HepB-birth", date(2026, 6, 1), (), "dose.too-old", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "on", "history", "objection", "earliest"), OBJECTIONS)
def test_what_speaks_against_a_dose_has_a_code_and_the_day_from_which_it_is_right(
    catalogue: Catalogue,
    code: str,
    on: date,
    history: Sequence[Dose],
    objection: str,
    earliest: date | None,
) -> None:
    found = decide(catalogue, code, on, *history)
    assert codes(found) == [objection]
    assert found.objections[0].overridable
    assert found.objections[0].earliest == earliest
    if earliest:
        assert not decide(catalogue, code, earliest, *history).objections


def test_a_child_is_told_every_vaccine_that_is_due_today(catalogue: Catalogue) -> None:
    programme = catalogue.programmes["infants"]
    case = Case(
        subject=subject_of(CHILD), history=[dose("BCG", BORN)], catalogue=catalogue, zone=UTC
    )
    found = due_now(case, programme, date(2026, 2, 12))
    by_vaccine = {one.vaccine: [objection.code for objection in one.objections] for one in found}
    assert by_vaccine == {
        "BCG": ["dose.complete"],
        "HepB-birth": ["dose.too-old"],
        "OPV": [],
        "IPV": ["dose.too-young"],
        "Penta": [],
        "PCV": [],
        "Rota": [],
        "MR": ["dose.too-young"],
    }


def test_a_certificate_of_a_second_dose_counts_for_the_first_as_well() -> None:
    told = dose("Penta", date(2026, 4, 1), number=2, evidence="{}")
    assert [shot.on for shot in shots_of([told])] == [date(2026, 3, 4), date(2026, 4, 1)]
    assert [shot.on for shot in shots_of([dose("Penta", date(2026, 3, 1)), told])] == [
        date(2026, 3, 1),
        date(2026, 4, 1),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("schedule: who-infant", "schedule: who", "There is no file schedules/who.yaml."),
        ("vaccines: [BCG,", "vaccines: [duomorb,", "The vaccine duomorb is not in schedules/who-"),
    ],
)
def test_a_programme_whose_schedule_does_not_fit_is_refused(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    folder = with_infants(tmp_path / "campaign")
    path = folder / "programmes.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CampaignErrors) as raised:
        read_campaign(folder, SCHEMAS)
    assert any(sentence in str(one) for one in raised.value.mistakes), raised.value.mistakes
