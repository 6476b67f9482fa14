"""WHO's packs: their worked cases, their options, and what a composed schedule is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.merging import merged
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.packs import chosen_pack, pack_store, read_pack
from edge.campaign.schedules import read_plain, read_schedule, schedule_mistakes, to_schedule
from edge.campaign.yaml_files import YamlFile
from edge.cli import main
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Schedule, Shot, Subject
from sync.resources import resource
from tests.schedules.test_in_the_doses_way import with_infants

SCHEMAS = resource("config/schemas")
FOLDER = resource("config/schedules/who")
PACKS = sorted(path for path in FOLDER.glob("*.yaml") if not path.stem.endswith(".cases"))


@cache
def pack(path: Path) -> YamlFile:
    mistakes: list[Mistake] = []
    found = read_pack(path, pack_store(SCHEMAS), path.stem, mistakes)
    assert found is not None, [str(one) for one in mistakes]
    return found


def plain(path: Path, options: dict[str, str]) -> YamlFile:
    return merged(path.name, path.stem, path.stem, [chosen_pack(pack(path), options)])


@cache
def chosen(path: Path, options: tuple[tuple[str, str], ...]) -> Schedule:
    """Compose a schedule once for all of the worked cases with the same options."""
    return to_schedule(plain(path, dict(options)).value)


def schedule(path: Path, options: dict[str, str]) -> Schedule:
    return chosen(path, tuple(sorted(options.items())))


def worked(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(path.with_suffix(".cases.yaml"))
    return found


CASES = [(path, case) for path in PACKS for case in worked(path)]


@pytest.mark.parametrize(
    ("path", "case"), [pytest.param(p, c, id=f"{p.stem}: {c['why']}") for p, c in CASES]
)
def test_a_worked_case_of_a_pack_comes_out_as_it_says(path: Path, case: dict[str, Any]) -> None:
    shots = []
    for text in case.get("doses", ()):
        day, _, code = text.partition(" ")
        shots.append(Shot(date.fromisoformat(day), code))
    subject = Subject(
        born=case["born"],
        gender=case.get("gender", ""),
        observations=dict.fromkeys(case.get("observed", ())),
    )
    found = assess(schedule(path, case.get("options", {})), subject, shots, case["on"])
    due, wanted = found[case["group"]].forecast, case.get("next")
    assert due.status == case["status"]
    if wanted is None:
        assert due.target == 0
        return
    told = (due.place.kind, due.place.number, due.earliest)
    assert told == (wanted.get("kind", "primary"), wanted["dose"], wanted["earliest"])


def choices(path: Path) -> list[dict[str, str]]:
    """Every value of every option of a pack, all together."""
    options = pack(path).value.get("options", {})
    values = [
        [(name, value) for value in item.get("values", {item["default"]: ""})]
        for name, item in options.items()
    ]
    return [dict(chosen) for chosen in product(*values)]


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_is_a_schedule_without_mistakes_whatever_is_chosen(path: Path) -> None:
    for options in choices(path):
        if all(value == "none" for value in options.values()) and options:
            continue  # who leaves out all of a pack does not use it
        mistakes = [str(one) for one in schedule_mistakes(plain(path, options), SCHEMAS)]
        assert not mistakes, options


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_has_worked_cases_of_several_outcomes_and_is_called_as_its_file(path: Path) -> None:
    assert len({(case["status"], str(case.get("next"))) for case in worked(path)}) >= 3
    assert pack(path).value["pack"] == path.stem


@pytest.mark.slow
def test_every_option_of_a_pack_changes_what_it_says() -> None:
    for path in PACKS:
        for name, item in pack(path).value.get("options", {}).items():
            others = item.get("values", {"3 years": "", "4 years": ""})
            told = [
                len({str(plain(path, {**rest, name: value}).value) for value in others})
                for rest in choices(path)
            ]
            assert max(told) == len(others), (path.stem, name)


COMPOSED = """schedule: ours
title: Ours
packs:
  - use: who/polio
    options: {series: bopv-plus-ipv}
  - use: who/dtp
    options: {td-boosters: none, pertussis-booster: none}
vaccines:
  OPV: [bOPV]
  IPV: [IPV]
  Penta: [DTP]
"""


def change(old: str, new: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return changed


WRONG = [
    (change("who/polio", "who/pollio"), "line 4", "There is no pack who/pollio. Did you mean who/polio?"),
    (change("who/polio", "../who/polio"), "line 4", "There is no pack ../who/polio."),
    (change("who/dtp", "who/polio"), "line 6", "The pack who/polio is used twice."),
    (change("series: bopv", "serie: bopv"), "line 5", "The pack who/polio has no option serie. Did you mean series?"),
    (change("bopv-plus-ipv", "bopv-and-ipv"), "line 5", "bopv-and-ipv is not one of the values of series. Did you mean"),
    (change("series: bopv-plus-ipv", "until: five"), "line 5", "until is a length of time, such as 6 weeks; five is none."),
    (change("series: bopv-plus-ipv", "series: ipv-only, birth-dose: given"), "line 5",
     "birth-dose is given, and that changes nothing beside the other options."),
    (change("[bOPV]", "[OPV]"), "line 9", "OPV is not a vaccine of the packs that are used. Did you mean bOPV?"),
    (change("  Penta: [DTP]\n", ""), "line 6", "Say which it is under vaccines, as YOURS: [DTP]"),
    (change("td-boosters: none, ", ""), "line 6", "who/dtp gives Td (Tetanus and diphtheria, begun in"),
    (change("packs:", "title: Two\npacks:"), "line 3", "The same field stands here twice."),
    (change("use: who/dtp", "uses: who/dtp"), "line 6", "The field uses is not known here. Did you mean use?"),
    (change("schedule: ours", "schedul: ours"), "line 1", "The field schedule is missing."),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("changed", "line", "sentence"), WRONG)
def test_a_mistake_in_a_composed_schedule_is_named_with_file_line_and_remedy(
    tmp_path: Path, changed: Callable[[str], str], line: str, sentence: str
) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(COMPOSED, encoding="utf-8")
    read_schedule(path, SCHEMAS)
    path.write_text(changed(COMPOSED), encoding="utf-8")
    with pytest.raises(CampaignErrors) as raised:
        read_schedule(path, SCHEMAS)
    told = [str(one) for one in raised.value.mistakes]
    assert any(one.startswith(f"ours.yaml, {line}") and sentence in one for one in told), told


PACK_WRONG = [
    (change("when: { series: sequential }", "when: { serie: sequential }"), "no option serie"),
    (change("when: { series: sequential }", "when: { series: seqential }"), "Did you mean sequential?"),
    (change("default: bopv-plus-ipv", "default: opv"), "opv is not one of the values of series"),
    (change("until: { option: until }", "until: { option: untill }"), "no option untill"),
    (change("ipv-only: { series: ipv-only }", "ipv-only: { series: ipv }"), "ipv is not one of the values"),
    (change("source:", "sources:"), "The field sources is not known here"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "sentence"), PACK_WRONG)
def test_a_mistake_in_a_countrys_own_pack_is_named_in_its_own_file(
    tmp_path: Path, changed: Callable[[str], str], sentence: str
) -> None:
    (tmp_path / "who").mkdir()
    text = (FOLDER / "polio.yaml").read_text(encoding="utf-8")
    (tmp_path / "who/polio.yaml").write_text(changed(text), encoding="utf-8")
    path = tmp_path / "ours.yaml"
    path.write_text(COMPOSED, encoding="utf-8")
    with pytest.raises(CampaignErrors) as raised:
        read_schedule(path, SCHEMAS)
    told = [str(one) for one in raised.value.mistakes]
    assert any(one.startswith("who/polio.yaml, line ") and sentence in one for one in told), told


def test_every_command_that_reads_a_schedule_names_its_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(COMPOSED.replace("who/dtp", "who/dpt"), encoding="utf-8")
    for words in (
        ["explain", "--schedule", str(path), "--born", "2026-01-01"],
        ["plan", "--schedule", str(path), "--born", "2026-01-01"],
        ["diff", str(path), str(FOLDER / "polio.yaml")],
    ):
        ran = CliRunner().invoke(main, ["schedule", *words])
        assert ran.exit_code != 0
        assert "ours.yaml, line 6: There is no pack who/dpt. Did you mean who/dtp?" in (ran.output)


def test_a_countrys_own_pack_goes_before_the_one_that_is_installed(tmp_path: Path) -> None:
    (tmp_path / "who").mkdir()
    text = (FOLDER / "polio.yaml").read_text(encoding="utf-8")
    own = text.replace("from: 14 weeks", "from: 13 weeks")
    (tmp_path / "who/polio.yaml").write_text(own, encoding="utf-8")
    path = tmp_path / "ours.yaml"
    path.write_text(COMPOSED, encoding="utf-8")
    assert "13 weeks" in str(read_plain(path, SCHEMAS).value)


def test_a_composed_schedule_may_have_series_and_live_vaccines_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(
        """schedule: ours
title: Ours
grace: 2 days
packs:
  - use: who/measles
  - use: who/yellow-fever
  - use: who/bcg
vaccines:
  MR: [MR]
  YF: [YF]
  BCG: [BCG]
  MR-campaign: [measles-campaign]
series:
  - name: Campaign
    against: measles-campaign
    doses: [{vaccines: [MR-campaign], age: {from: 9 months}}]
live:
  - {first: MR, then: MR-campaign, apart: 4 weeks}
""",
        encoding="utf-8",
    )
    body = read_plain(path, SCHEMAS).value
    assert body["vaccines"]["MR-campaign"] == ["measles-campaign"]
    assert {"first": "MR", "then": "MR-campaign", "apart": "4 weeks"} in body["live"]
    assert {"vaccines": ["MR", "YF"], "apart": "4 weeks"} in body["live"]
    waits = {(one["first"], one["then"]) for one in body["live"] if "first" in one}
    assert ("MR", "BCG") in waits  # BCG waits for the others,
    assert ("BCG", "MR") not in waits  # and nobody for BCG
    assert "grace: 2 days" in str(body).replace("'", "")


@pytest.mark.slow
def test_a_campaign_carries_what_its_packs_come_to_so_a_site_needs_none(tmp_path: Path) -> None:
    body = read_campaign(with_infants(tmp_path / "campaign"), SCHEMAS)
    carried = body["schedules"]["who-infant"]
    assert "packs" not in carried
    assert {series["against"] for series in carried["series"]} >= {"polio-oral", "hib", "measles"}
    assert all("when" not in series for series in carried["series"])
    assert read_packed(body, SCHEMAS) == body
    programme = to_catalogue(body).programmes["infants"]
    assert programme.schedule == read_schedule(FOLDER.parent / "who-infant.yaml", SCHEMAS)


def test_an_observation_that_nothing_asks_for_is_not_shown_to_a_nurse() -> None:
    told = plain(FOLDER / "hepatitis-b.yaml", {"doses": "4-doses"}).value["observations"]
    assert set(told) == {"severe-allergic-reactions"}


def documented() -> dict[tuple[str, str], tuple[str, str]]:
    """Give the values and tables of each option in the documentation's table, by pack and option."""
    text = (Path(__file__).resolve().parents[2] / "docs/who-schedules.md").read_text("utf-8")
    found, name, tables = {}, "", ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and not set(line) <= set("|-"):
            name, tables = cells[0].strip("`") or name, cells[3] or tables
            found[name, cells[1].partition("`")[2].partition("`")[0]] = (cells[2], tables)
    return found


def test_the_documentation_has_every_option_with_its_values_and_default_and_every_table() -> None:
    told = documented()
    for path in PACKS:
        body = pack(path).value
        for name, item in body.get("options", {}).items():
            values, tables = told.pop((path.stem, name))
            usual = f"**`{item['default']}`**" if "values" in item else f"**{item['default']}**"
            assert usual in values
            assert all(f"`{value}`" in values for value in item.get("values", ()))
            assert tables == ", ".join(body["tables"])
        if not body.get("options"):
            assert told.pop((path.stem, ""))[1] == ", ".join(body["tables"])
    assert [pack for pack, _ in told] == ["pack"]  # the heading
