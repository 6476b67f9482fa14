"""Approvals at a site: what is not approved is refused offline, in words, or overridden by role."""

from __future__ import annotations

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from asking import DEMO, campaign_with, certified
from next_edition import put_in_force

from edge.domain.catalogue import Staff
from edge.domain.errors import Refusal
from edge.journal.entries import entries_of
from edge.journal.unit import Unit
from edge.node import Node
from edge.services import commands
from edge.services.doses.lot_recalls import recalled_lots
from edge.web.app import create_app

Dose = Callable[..., commands.GiveDose]
Find = Callable[[str], Staff]
RECALL = "- {code: R1, vaccine: coviprotect, lots: [cp2611a], on: 2026-11-20, to_do: Call the district.}\n"


def give(node: Node, dose: commands.GiveDose, who: Staff) -> str:
    return node.desk.take(node.site.ids.new(), dose, who).id


def test_a_certification_that_ended_yesterday_needs_a_supervisor_and_one_of_today_does_not(
    node: Node, dose: Dose, staff: Find, tmp_path: Path
) -> None:
    put_in_force(node, campaign_with(tmp_path / "ended", staff=certified(node, -1)))
    with pytest.raises(Refusal, match="The certification of Asha Verma for CoviProtect ended on"):
        give(node, dose(), staff("V1"))
    override = commands.Override(reason="nobody else is here", supervisor="S1")
    given = give(node, dose(override=override), staff("V1"))
    with node.journal.reading() as db:
        found = [entry.body for entry in entries_of(db, given)]
    assert found[0]["overrides"] == ["vaccinator.not-certified"]
    put_in_force(node, campaign_with(tmp_path / "today", staff=certified(node, 0)))
    assert give(node, dose("Ngozi Okonkwo"), staff("V1"))
    with pytest.raises(Refusal, match="José Núñez is not certified for CoviProtect"):
        give(node, dose("Sita Kumar"), staff("V2"))


@pytest.mark.slow
def test_a_recalled_lot_is_refused_is_on_no_button_and_is_listed_with_who_got_it(
    node: Node, dose: Dose, staff: Find, tmp_path: Path, person: Callable[[str], str]
) -> None:
    given = give(node, dose(), staff("V1"))
    put_in_force(node, campaign_with(tmp_path / "recalled", lot_recalls=RECALL))
    with pytest.raises(Refusal, match="Lot CP2611A of CoviProtect was recalled") as caught:
        give(node, dose("Ngozi Okonkwo"), staff("V1"))
    assert (caught.value.code, caught.value.overridable) == ("lot.recalled", False)
    with node.journal.reading() as db:
        (lots,) = recalled_lots(db, node.site.catalogues.current(db))
    assert [record.dose.id for record in lots.doses] == [given]
    assert lots.stock[0].lot == "CP2611A"
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = client.get("/recalled").text
    assert "Grace Wanjiru" in page
    assert "Call the district." in page
    assert "coviprotect|CP2611A" not in client.get(f"/people/{person('Almaz Tesfaye')}").text
    answer = client.get("/api/v1/lot-recalls").json
    assert answer is not None
    assert [one["person"]["name"] for one in answer[0]["doses"]] == ["Grace Wanjiru"]
    assert "recalled" in client.get("/stock").text


def test_of_two_tablets_at_the_last_dose_of_the_day_one_gives_it(
    node: Node, dose: Dose, staff: Find, tmp_path: Path
) -> None:
    facilities = (
        "- code: DEMO01\n  name: Riverside Health Centre\n"
        "  programmes: [{id: covid-19, daily_rate: 1}]\n- {code: DEMO02, name: B}\n"
    )
    strict = (DEMO / "campaign.yaml").read_text(
        encoding="utf-8"
    ) + "\napproval: {daily_rate: supervisor}\n"
    put_in_force(node, campaign_with(tmp_path / "rate", facilities=facilities, campaign=strict))

    def tap(name: str) -> str:
        try:
            return give(node, dose(name), staff("V1")) and "given"
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as tablets:
        assert sorted(tablets.map(tap, ("Grace Wanjiru", "Ngozi Okonkwo"))) == [
            "facility.daily-rate", "given",
        ]  # fmt: skip
    yellow = commands.GiveDose(
        person=dose().person, programme="yellow-fever", vaccine="amarilia", lot="YF0091"
    )
    with pytest.raises(Refusal, match="is not approved for the programme Yellow fever"):
        give(node, yellow, staff("V1"))


def test_what_is_only_advised_is_kept_with_the_dose(
    node: Node, dose: Dose, staff: Find, tmp_path: Path
) -> None:
    facilities = (
        "- code: DEMO01\n  name: Riverside Health Centre\n"
        "  programmes: [{id: covid-19, daily_rate: 5}]\n- {code: DEMO02, name: B}\n"
    )
    put_in_force(node, campaign_with(tmp_path / "few", facilities=facilities))
    given = give(node, dose(), staff("V1"))
    with node.journal.reading() as db:
        (entry, *_) = entries_of(db, given)
    assert entry.body["advised"] == ["facility.few-left"]


@pytest.mark.slow
def test_a_nurse_is_told_before_the_tap_what_is_not_approved_and_what_is_nearly_used_up(
    node: Node, tmp_path: Path, person: Callable[[str], str]
) -> None:
    facilities = (
        "- code: DEMO01\n  name: Riverside Health Centre\n  programmes:\n"
        "  - {id: covid-19, daily_rate: 5}\n  - {id: yellow-fever}\n- {code: DEMO02, name: B}\n"
    )
    staff = certified(node, -1)
    put_in_force(node, campaign_with(tmp_path / "told", facilities=facilities, staff=staff))
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = client.get(f"/people/{person('Grace')}").text
    assert "The certification of Asha Verma for CoviProtect ended on" in page
    assert "Doses left today for COVID-19, two doses: 5 of 5." in page
    client.post("/sign-in", data={"code": "R1", "pin": "2468"})
    assert "certification" not in client.get(f"/people/{person('Grace')}").text


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        ({"lot": "CP2611A"}, "lot.recalled", "Lot CP2611A of CoviProtect was recalled"),
        ({"vaccinator": "V2"}, "vaccinator.not-certified", "José Núñez is not certified"),
        (
            {"programme": "yellow-fever", "vaccine": "amarilia", "lot": "YF0091"},
            "facility.not-for-programme",
            "is not approved for the programme Yellow fever",
        ),
    ],
)
def test_a_dose_that_is_corrected_to_what_is_not_approved_needs_a_supervisor(
    node: Node,
    dose: Dose,
    staff: Find,
    tmp_path: Path,
    change: dict[str, str],
    rule: str,
    said: str,
) -> None:
    facilities = (
        "- code: DEMO01\n  name: Riverside Health Centre\n  programmes: [{id: covid-19}]\n"
        "- {code: DEMO02, name: B}\n"
    )
    files = {"lot_recalls": RECALL, "staff": certified(node, 9), "facilities": facilities}
    put_in_force(node, campaign_with(tmp_path / "held", **files))
    given = give(node, dose(lot="CP9", expiry=node.clock.today()), staff("V1"))
    wrong = commands.CorrectDose(dose=given, reason="Read wrongly", **change)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=said) as caught:
        node.desk.take(node.site.ids.new(), wrong, staff("V1"))
    assert (caught.value.code, caught.value.overridable) == (rule, True)
    signed = msgspec.structs.replace(
        wrong, override=commands.Override(reason="It was so", supervisor="S1")
    )
    corrected = node.desk.take(node.site.ids.new(), signed, staff("V1"))
    assert corrected.entries[0].body["overrides"] == [rule]


def test_a_dose_of_a_lot_that_was_recalled_later_is_corrected_as_ever(
    node: Node, dose: Dose, staff: Find, tmp_path: Path
) -> None:
    given = give(node, dose(), staff("V1"))
    put_in_force(node, campaign_with(tmp_path / "later", lot_recalls=RECALL))
    wrong = commands.CorrectDose(dose=given, reason="Somebody else's hand", vaccinator="V2")
    entry, *_ = node.desk.take(node.site.ids.new(), wrong, staff("V1")).entries
    assert "overrides" not in entry.body


def test_a_dose_of_a_lot_that_is_entered_after_its_recall_is_recorded_and_stands_on_its_list(
    node: Node, dose: Dose, staff: Find, tmp_path: Path
) -> None:
    """A tablet without the site for a day sends what it kept; a lot recalled since is no lie."""
    day = node.clock.today() - timedelta(days=3)
    recalled = RECALL.replace("2026-11-20", node.clock.today().isoformat())
    put_in_force(node, campaign_with(tmp_path / "since", lot_recalls=recalled))
    given = give(node, dose(on=day), staff("V1"))
    with node.journal.reading() as db:
        (entry, *_) = entries_of(db, given)
        (lots,) = recalled_lots(db, node.site.catalogues.current(db))
    assert entry.body["advised"] == ["lot.recalled"]
    assert [record.dose.id for record in lots.doses] == [given]
    earlier = RECALL.replace("2026-11-20", (day - timedelta(days=1)).isoformat())
    put_in_force(node, campaign_with(tmp_path / "before", lot_recalls=earlier))
    with pytest.raises(Refusal) as caught:
        give(node, dose("Ngozi Okonkwo", on=day), staff("V1"))
    assert (caught.value.code, caught.value.overridable) == ("lot.recalled", True)
    with pytest.raises(Refusal) as caught:
        give(node, dose("Ngozi Okonkwo"), staff("V1"))
    assert (caught.value.code, caught.value.overridable) == ("lot.recalled", False)


def test_with_a_clock_that_is_not_believed_nobody_is_sent_away_for_an_approval_of_another_day(
    node: Node, dose: Dose, staff: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = node.clock.today() - timedelta(days=1)
    facilities = (
        "- code: DEMO01\n  name: Riverside Health Centre\n"
        f"  programmes: [{{id: covid-19, until: {last}}}]\n- {{code: DEMO02, name: B}}\n"
    )
    put_in_force(node, campaign_with(tmp_path / "ended", facilities=facilities))
    for believed in (True, False):
        monkeypatch.setattr(type(node.clock), "believed", lambda _, said=believed: said)
        with pytest.raises(Refusal) as caught:
            give(node, dose(), staff("V1"))
        assert caught.value.code == "facility.not-for-programme"
        assert caught.value.overridable is not believed


def test_who_got_a_recalled_lot_is_a_table_too_however_another_site_wrote_the_lot(
    node: Node, dose: Dose, staff: Find, tmp_path: Path, person: Callable[[str], str]
) -> None:
    give(node, dose(), staff("V1"))
    told = {
        "person": person("Ngozi Okonkwo"), "programme": "covid-19", "vaccine": "coviprotect",
        "number": 1, "total": 2, "lot": "cp 2611a", "on": "2026-10-01", "facility": "F9",
        "vaccinator": "", "evidence": {"format": "divoc"},
    }  # fmt: skip
    node.journal.run(
        lambda unit: unit.append("DoseReported", told, id_=node.site.ids.new(), by="V1")
    )
    put_in_force(node, campaign_with(tmp_path / "listed", lot_recalls=RECALL))
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    assert 'href="/recalled.csv"' in client.get("/recalled").text
    answer = client.get("/recalled.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [(row["name"], row["lot"], row["here"]) for row in rows] == [
        ("Grace Wanjiru", "CP2611A", "yes"), ("Ngozi Okonkwo", "CP2611A", "no")
    ]  # fmt: skip


def test_a_dose_is_no_more_work_at_the_end_of_a_long_day_than_at_its_beginning(
    node: Node, dose: Dose, staff: Find
) -> None:
    def steps(name: str) -> int:
        """Count what the database does for a dose, in hundreds of its own instructions."""
        counted = []
        node.journal.run(
            lambda unit: unit.db.conn.set_progress_handler(lambda: counted.append(1), 100)
        )
        give(node, dose(name), staff("V1"))
        node.journal.run(lambda unit: unit.db.conn.set_progress_handler(None, 0))
        return len(counted)

    def give_a_thousand(unit: Unit) -> None:
        columns = [row[1] for row in unit.db.execute("PRAGMA table_info(dose)")]
        other = {"id": "id || n", "person": "'of ' || n", "position": "-n"}
        unit.db.execute(
            "WITH RECURSIVE day(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM day WHERE n < 1000)"
            f" INSERT INTO dose ({', '.join(columns)})"
            f" SELECT {', '.join(other.get(name, name) for name in columns)}"
            " FROM day, (SELECT * FROM dose WHERE reported = 0 LIMIT 1)"
        )

    give(node, dose("Grace Wanjiru"), staff("V1"))
    early = steps("Ngozi Okonkwo")
    node.journal.run(give_a_thousand)
    assert steps("Sita Kumar") < 2 * early
