"""The campaigns that a country may start from: each is in order, and somebody is vaccinated by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from site_factory import vouch_for

from edge.adapters.settings import PrinterSettings, Settings
from edge.campaign.catalogue import to_catalogue
from edge.cli import main
from edge.cli.site import make_site
from edge.domain.errors import Refusal
from edge.domain.people_groups import PersonFacts
from edge.domain.questions import asked_before, outcome, read_answers
from edge.domain.schedule.model import Subject
from edge.journal import print_jobs, views
from edge.node import Node
from edge.services.commands import GiveDose, ReceiveStock, RegisterPerson
from edge.services.commands.doses import AnsweredQuestion
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

FOLDER = resource("config/campaigns")
CAMPAIGNS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@dataclass(frozen=True)
class Journey:
    """Who comes, how old, for which vaccine; and what they are told who come again the same day."""

    facility: str
    programme: str
    vaccine: str
    days_old: int
    gender: Literal["Female", "Male"]
    formats: tuple[str, ...]
    refused: str
    answers: Mapping[str, str] = field(default_factory=dict)


JOURNEYS = {
    "covid-19": Journey("NDL001", "covid-19", "covishield", 40 * 365, "Male", ("divoc", "dcc-1.3"), "dose.same-day"),
    "hpv-in-schools": Journey("TEAM01", "hpv", "HPV", 10 * 366, "Female", ("divoc-compact",), "dose.same-day", {"guardian-consents": "signed-form"}),
    "routine-immunisation": Journey("NDL001", "routine", "Penta", 50, "Female", ("divoc-compact", "divoc"), "dose.same-day"),
    "yellow-fever": Journey("NDL002", "yellow-fever", "YF", 30 * 365, "Female", ("icvp-2025", "divoc"), "dose.same-day"),
}  # fmt: skip


def test_each_of_the_four_has_a_journey() -> None:
    assert sorted(JOURNEYS) == CAMPAIGNS


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_shipped_campaign_is_in_order_with_nothing_to_look_at(name: str) -> None:
    result = CliRunner().invoke(main, ["campaign", "check", str(FOLDER / name), "--strict"])
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_shipped_campaign_has_worked_cases_of_several_outcomes(name: str) -> None:
    found = [
        case
        for path in sorted((FOLDER / name / "schedules").glob("*.cases.yaml"))
        for case in YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 4
    assert len({case["status"] for case in found}) >= 2


def test_nobody_of_a_shipped_campaign_has_a_pin_that_everybody_knows() -> None:
    assert not [path for path in FOLDER.rglob("*.yaml") if "argon2" in path.read_text("utf-8")]


def test_before_hpv_a_guardian_consents_and_from_twelve_years_on_the_girl_may() -> None:
    catalogue = to_catalogue(campaign_reader().folder(FOLDER / "hpv-in-schools").body)
    known = {question.code: question for question in catalogue.questions}
    today = date(2026, 11, 24)

    def told(years: int, answer: str) -> list[str]:
        facts = PersonFacts(subject=Subject(born=date(today.year - years, 1, 1), gender="Female"))
        (question,) = asked_before(catalogue.questions, "hpv", "HPV", facts, today)
        given = read_answers({question.code: answer}, known)
        refused = outcome([question], given, known, facts).objections
        assert not any(refusal.overridable for refusal in refused)
        return [refusal.code for refusal in refused]

    assert told(11, "guardian") == told(9, "signed-form") == told(12, "girl") == []
    assert told(9, "nobody") == ["question.guardian-consents"]
    assert told(13, "nobody") == ["question.girl-or-guardian-consents"]
    assert told(9, "") == told(13, "") == ["question.unanswered"]
    for question in known.values():
        texts = [question.words, *(choice.words for choice in question.choices)]
        texts += [choice.says for choice in question.choices if choice.against]
        assert all(len({text.in_language(code) for code in ("en", "fr", "ar")}) == 3
                   for text in texts)  # fmt: skip


@contextmanager
def site(folder: Path, facility: str) -> Iterator[Node]:
    printer = PrinterSettings("desk", f"file://{folder.parent}/paper.bin", "virtual-58")
    make_site(folder, Settings(facility=facility, zone="UTC", printers=(printer,)))
    node = Node(folder)
    try:
        yield node
    finally:
        node.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_somebody_comes_is_vaccinated_gets_paper_and_is_sent_home_the_second_time(
    tmp_path: Path, name: str
) -> None:
    journey = JOURNEYS[name]
    with site(tmp_path / "site", journey.facility) as node:
        assert node.campaigns.apply(node.campaigns.reader.folder(FOLDER / name)).new
        vouch_for(node, tmp_path / "authority")
        with node.journal.reading() as db:
            catalogue = node.site.catalogues.current(db)
        registrar, nurse = catalogue.staff["R1"], catalogue.staff["V1"]
        today, new_id = node.clock.today(), node.site.ids.new
        expiry = today + timedelta(days=300)
        stock = ReceiveStock(journey.vaccine, "LOT-1", 20, expiry)
        node.desk.take(new_id(), stock, catalogue.staff["S1"])
        born = today - timedelta(days=journey.days_old)
        person = RegisterPerson(name="Amina Yusuf", gender=journey.gender, birth_date=born)
        (registered,) = node.desk.take(new_id(), person, registrar).entries
        id_, dose = new_id(), GiveDose(
            registered.id, journey.programme, journey.vaccine, "LOT-1",
            answers=tuple(AnsweredQuestion(*item) for item in journey.answers.items()),
        )  # fmt: skip
        node.desk.take(id_, dose, nurse)
        with node.journal.reading() as db:
            record = views.recorded(db, id_)
            assert record is not None
            certificate = views.certificate(db, record.certificate)
            assert certificate is not None
            (job,) = print_jobs.jobs_of(db, certificate.id)
        assert tuple(certificate.credentials) == journey.formats
        for format_, credential in certificate.credentials.items():
            code = node.certifier.payload(format_, credential)
            found = node.verify(code)
            if format_.startswith("icvp"):  # what protects ten days later counts ten days later
                assert found.verdict == "not-yet-valid"
                assert found.valid_from == today + timedelta(days=10)
            else:
                assert found.verdict == "valid", format_
        assert job.state == "queued"
        with pytest.raises(Refusal) as refused:
            node.desk.take(new_id(), dose, nurse)
        assert refused.value.code == journey.refused
