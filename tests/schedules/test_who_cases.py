"""WHO's example patients: how a row is read, what counts as right, and the figure over the half that is open."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.campaign.who_cases import try_case
from edge.campaign.who_rows import OUTCOMES, WhoCase, observation, read_who_cases
from edge.campaign.who_tables import WhoSchedules
from edge.cli import main
from edge.domain.errors import BadInput
from edge.domain.schedule.conditions import NONE_ADDED
from sync.resources import resource

ROOT = Path(__file__).resolve().parents[2]
FOLDER = resource("config/schedules/who")
ON = date(2026, 11, 15)
COLUMNS = ("case_id", "antigen", "variant", "patient", "birth_offset", "sex", "doses",
           "vaccine_proposed", "other_facts", "expected_outcome", "expected_for", "also_expected",
           "not_due_until_derived")  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> WhoSchedules:
    return WhoSchedules(FOLDER, resource("config/schemas"), NONE_ADDED)


@pytest.fixture(scope="module")
def opened(who_cases: Path) -> list[WhoCase]:
    return list(read_who_cases(who_cases, ON))


def rows(tmp_path: Path, *told: dict[str, str]) -> Path:
    path = tmp_path / "cases.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in told:
            writer.writerow({"case_id": "x", "variant": "all", "sex": "female", **row})
    return path


def one(tmp_path: Path, **told: str) -> WhoCase:
    return next(read_who_cases(rows(tmp_path, told), ON))


# Each is a rule of WHO's tables, with a person made up for it.
RULES = [
    ("polio", "contraindications", {"vaccine_proposed": "XM79H3:bOPV", "other_facts":
     "contraindication=immunodeficiency-syndromes@-1d", "expected_outcome": "contraindicated",
     "expected_for": "bOPV;IPV=further-evaluation"}),
    ("hib", "contraindications", {"vaccine_proposed": "XM11V3:Hib", "other_facts":
     "contraindication=severe-allergic-reactions", "expected_outcome": "further-evaluation"}),
    ("dtp", "contraindications", {"vaccine_proposed": "XM31Q8:DTP", "other_facts":
     "contraindication=severe-acute-illness@-1d", "expected_outcome": "contraindicated",
     "expected_for": "tetanus"}),
    ("bcg", "contraindications", {"birth_offset": "-2m", "vaccine_proposed": "XM8142:BCG",
     "other_facts": "contraindication=exposed-to-immunosuppressive-treatment@-1d",
     "expected_outcome": "contraindicated"}),
    ("bcg", "contraindications", {"birth_offset": "-3y", "vaccine_proposed": "XM8142:BCG",
     "other_facts": "contraindication=exposed-to-immunosuppressive-treatment@-1d",
     "expected_outcome": "further-evaluation"}),
    ("yellow-fever", "contraindications", {"birth_offset": "-7m", "vaccine_proposed": "X:YF",
     "expected_outcome": "further-evaluation"}),
    ("yellow-fever", "contraindications", {"birth_offset": "-61y", "vaccine_proposed": "X:YF",
     "expected_outcome": "further-evaluation"}),
    ("yellow-fever", "all", {"birth_offset": "-8m", "expected_outcome": "not-due",
     "expected_for": "P1", "not_due_until_derived": "b+9m"}),
    ("measles", "supplementary", {"birth_offset": "-3y", "doses":
     "b+9m=X:MMR(primary 1/2); b+15m=X:MMR(primary 2/2)", "expected_outcome": "further-evaluation",
     "expected_for": "S1"}),
    ("hepatitis-b", "3-doses", {"birth_offset": "-13w", "doses":
     "b+2h=X:HepB(dose-0 1/1); b+4w=X:HepB(primary 1/3); b+8w=X:HepB(primary 2/3)",
     "other_facts": "birth-weight-g=1999@b+1h", "expected_outcome": "due", "expected_for": "P3"}),
    ("hepatitis-b", "3-doses", {"birth_offset": "-13w", "doses":
     "b+2h=X:HepB(dose-0 1/1); b+4w=X:HepB(primary 1/3); b+8w=X:HepB(primary 2/3)",
     "other_facts": "birth-weight-g=2000@b+1h", "expected_outcome": "complete"}),
    ("hepatitis-b", "delayed-start", {"birth_offset": "-9m", "doses":
     "b+2h=X:HepB(dose-0 1/1); b+8w=X:HepB(primary 2/3)", "expected_outcome": "due",
     "expected_for": "P3"}),
    ("pneumococcal", "3-doses", {"birth_offset": "-11m", "doses":
     "b+6w=X:PCV(primary 1/3); b+10w=X:PCV(primary 2/3); b+14w=X:PCV(primary 3/3)",
     "other_facts": "hiv=positive@-2w", "expected_outcome": "due", "expected_for": "B1"}),
    ("pneumococcal", "2-doses-booster", {"birth_offset": "-13m", "doses": "b+6w=X:PCV(primary 1/2);"
     " b+14w=X:PCV(primary 2/2); b+9m=X:PCV(booster 1/2)", "other_facts": "preterm=yes@b+1h",
     "expected_outcome": "due", "expected_for": "B2"}),
    ("dtp", "on-time-start", {"birth_offset": "-10y", "doses":
     "b+6w=X:DTP(primary 1/3); b+10w=X:DTP(primary 2/3); b+14w=X:DTP(primary 3/3);"
     " b+12m=X:Td(booster 1/3); b+4y=X:Td(booster 2/3)", "expected_outcome": "due",
     "expected_for": "Td-B3", "also_expected": "pertussis=complete"}),
    ("dtp", "pregnancy", {"birth_offset": "-25y", "other_facts": "pregnant=yes@-5m",
     "expected_outcome": "other-table", "expected_for": "dtp/delayed-or-interrupted"}),
    ("hpv", "2-doses", {"birth_offset": "-10y", "sex": "male", "expected_outcome":
     "further-evaluation", "expected_for": "P1"}),
    ("dengue", "screened", {"birth_offset": "-15y", "expected_outcome": "not-due",
     "expected_for": "P1", "not_due_until_derived": "never"}),
    ("rotavirus", "all", {"birth_offset": "-16w", "doses": "-8w=X:Rota(primary 1/2);"
     " -4w=X:Rota(primary 2/2)", "other_facts": "brand-1=Rotarix; brand-2=RotaTeq",
     "expected_outcome": "due", "expected_for": "P3"}),
    ("bcg", "all", {"birth_offset": "-10d", "other_facts":
     "hiv=positive@-2d; art=yes@-2d; immunologically-stable=yes@-2d", "expected_outcome": "due",
     "expected_for": "P1"}),
    ("bcg", "all", {"birth_offset": "-1y", "other_facts": "", "expected_outcome":
     "further-evaluation", "expected_for": "P1"}),
    ("polio", "ipv-only", {"birth_offset": "-30w", "doses": "b+8w=X:IPV(primary 1/3);"
     " b+12w=X:IPV(primary 2/3); b+16w=X:IPV(primary 3/3)", "expected_outcome": "complete"}),
    ("polio", "birth-dose", {"birth_offset": "-8d", "expected_outcome": "not-due"}),
    ("typhoid", "vips", {"birth_offset": "-5y", "doses": "-3y=X:ViPS(primary 1/1)",
     "expected_outcome": "due", "expected_for": "B1"}),
    ("meningococcal", "menc", {"birth_offset": "-14m", "doses": "-1m=X:MenC-conj(primary 1/1)",
     "expected_outcome": "complete"}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("antigen", "variant", "told"), RULES)
def test_a_person_made_up_for_a_rule_of_whos_tables_comes_to_what_it_says(
    tmp_path: Path, tables: WhoSchedules, antigen: str, variant: str, told: dict[str, str]
) -> None:
    case = one(tmp_path, antigen=antigen, variant=variant, **{"birth_offset": "-20w", **told})
    assert try_case(case, tables).difference == ()


@pytest.mark.slow
def test_at_least_97_of_100_open_cases_are_right(
    opened: list[WhoCase], tables: WhoSchedules
) -> None:
    right = sum(not try_case(case, tables).difference for case in opened)
    assert len(opened) == 217
    assert right / len(opened) >= 0.97


@pytest.mark.slow
def test_the_documentation_lists_exactly_the_cases_that_come_out_otherwise(
    opened: list[WhoCase], tables: WhoSchedules
) -> None:
    missed = {case.id for case in opened if try_case(case, tables).difference}
    text = (ROOT / "docs/schedule.md").read_text(encoding="utf-8")
    known = {case.id for case in opened}
    told = {cell for cell in re.findall(r"^\| ([^|\s]+) \|", text, re.MULTILINE) if "/" in cell}
    assert told & known == told
    assert told == missed
    assert f"{len(opened) - len(missed)} of the {len(opened)}" in text


@pytest.mark.parametrize("on", [date(2026, 5, 1), date(2026, 2, 28), date(2025, 11, 17)])
def test_the_reference_day_does_not_change_who_is_right(
    who_cases: Path, opened: list[WhoCase], tables: WhoSchedules, on: date
) -> None:
    then = list(read_who_cases(who_cases, on))
    for case, other in zip(opened, then, strict=True):
        wrong = bool(try_case(case, tables).difference)
        assert bool(try_case(other, tables).difference) is wrong, case.id


def changed(case: WhoCase) -> Iterator[WhoCase]:
    """Give a case with something else expected, which then must not be right any more."""
    alike = {"primary-complete", "complete", "other-table"}
    for outcome in OUTCOMES:
        if outcome not in {case.outcome, "other-table"} and not {outcome, case.outcome} <= alike:
            yield replace(case, outcome=outcome)
    if re.fullmatch(r"[PBD]\d", case.expected_for) and case.until not in ("never", "stable"):
        letter, number = case.expected_for[0], int(case.expected_for[1])
        yield replace(case, expected_for=f"{letter}{number + 1}")
        yield replace(case, expected_for=f"S{number}")
    if "+" in case.until:
        since, _, length = case.until.partition("+")
        yield replace(case, until=f"{since}+{int(length[:-1]) + 1}{length[-1]}")


@pytest.mark.slow
def test_a_case_that_expects_anything_else_is_not_right(
    opened: list[WhoCase], tables: WhoSchedules
) -> None:
    tried = 0
    for case in opened:
        if try_case(case, tables).difference or case.outcome == "other-table":
            continue
        for other in changed(case):
            if other.outcome == "primary-complete" and case.expected_for[-2:-1] in ("B", "S"):
                continue  # who waits for a booster has the primary series complete
            tried += 1
            assert try_case(other, tables).difference, (case.id, other.outcome, other.expected_for)
    assert tried > 1000


@pytest.mark.slow
def test_a_case_without_a_pack_or_table_says_so_and_the_others_are_tried(tmp_path: Path) -> None:
    told = [
        {"antigen": "plague", "birth_offset": "-6w", "expected_outcome": "due"},
        {"antigen": "hib", "variant": "5-doses", "birth_offset": "-6w", "expected_outcome": "due"},
        {"antigen": "mumps", "birth_offset": "-12m", "expected_outcome": "due",
         "expected_for": "P1", "doses": "-2m=X:Strange(primary 1/2)"},
        {"antigen": "mumps", "birth_offset": "-12m", "expected_outcome": "due",
         "expected_for": "P1"},
    ]  # fmt: skip
    path = rows(tmp_path, *told)
    ran = CliRunner().invoke(main, ["schedule", "cases", "--schedules", str(FOLDER), str(path)])
    assert ran.exit_code == 1
    lines = [json.loads(line) for line in ran.output.splitlines()]
    assert "no pack plague" in lines[0]["difference"][0]
    assert "the pack hib has no table 5-doses" in lines[1]["difference"][0]
    assert lines[2]["difference"] == ["the vaccine Strange is in no pack"]
    assert lines[3]["difference"] == []
    assert (lines[4]["cases"], lines[4]["right"]) == (4, 1)
    assert lines[4]["groups"]["mumps"] == [1, 2]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("birth_offset", "six weeks"),
        ("birth_offset", "1w"),
        ("birth_offset", "-99999y"),
        ("birth_offset", "-9999y"),
        ("expected_outcome", "perhaps"),
        ("doses", "-2w=Penta"),
        ("doses", "-2x=XM:Hib(primary 1/3)"),
        ("other_facts", "hiv"),
        ("other_facts", "hiv=positive@soon"),
    ],
)
def test_a_value_that_is_not_understood_is_named_by_row_and_column(
    tmp_path: Path, column: str, value: str
) -> None:
    good = {"antigen": "hib", "birth_offset": "-6w", "expected_outcome": "due"}
    path = rows(tmp_path, good, {**good, column: value})
    with pytest.raises(BadInput) as raised:
        list(read_who_cases(path, ON))
    assert f"row 3, the column {column}" in str(raised.value)


@pytest.mark.slow
def test_cases_are_held_against_one_thing_and_each_form_of_them_against_its_own(
    tmp_path: Path, shared_data: Path
) -> None:
    who = str(rows(tmp_path, {"antigen": "hib", "birth_offset": "-6w", "expected_outcome": "due"}))
    cdsi = tmp_path / "cdsi.csv"
    cdsi.write_text("CDC_Test_ID,DOB,Vaccine_Group\n", encoding="utf-8")
    supporting = str(shared_data / "cdsi/supporting")
    both = "--schedules DIR for WHO's example patients."
    for args, sentence in (
        ([who], both),
        (["--schedules", str(FOLDER), "--supporting", supporting, who], both),
        (
            ["--supporting", supporting, who],
            "WHO's example patients are tried with --schedules DIR",
        ),
        (["--schedules", str(FOLDER), str(cdsi)], "CDC's cases are tried with --supporting DIR"),
    ):
        ran = CliRunner().invoke(main, ["schedule", "cases", *args])
        assert ran.exit_code != 0
        assert sentence in ran.output, ran.output


def test_a_folder_of_plain_schedules_is_asked_by_antigen_and_variant(tmp_path: Path) -> None:
    text = (FOLDER.parent / "yellow-fever.yaml").read_text(encoding="utf-8")
    (tmp_path / "yf-all.yaml").write_text(text, encoding="utf-8")
    path = rows(
        tmp_path,
        {"antigen": "yf", "birth_offset": "-9m", "expected_outcome": "due", "expected_for": "P1"},
        {"antigen": "hib", "birth_offset": "-9m", "expected_outcome": "due"},
    )
    ran = CliRunner().invoke(main, ["schedule", "cases", "--schedules", str(tmp_path), str(path)])
    lines = [json.loads(line) for line in ran.output.splitlines()]
    assert lines[0]["difference"] == []
    assert lines[1]["difference"] == ["neither hib-all.yaml nor hib.yaml is in the folder"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("pregnant", "yes", "pregnant"),
        ("art", "no", "not-art"),
        ("hiv", "positive", "hiv-positive"),
        ("contraindication", "currently-pregnant", "pregnant"),
        ("contraindication", "tb-disease", "tb-disease"),
        ("birth-weight-g", "1999.5", "low-birth-weight"),
        ("birth-weight-g", "2000", ""),
        ("birth-weight-g", "small", ""),
    ],
)
def test_a_fact_is_an_observation_by_one_rule(name: str, value: str, code: str) -> None:
    assert observation(name, value) == code


def test_neither_the_engine_nor_a_schedule_names_a_case() -> None:
    named = re.compile(
        r"(BCG|Cholera|Dengue|DTP|HepatitisA|HepatitisB|Hib|HPV|JE|Malaria|Measles|Meningococcal"
        r"|Mumps|Pneumococcal|Polio|Rabies|Rotavirus|Rubella|Seasonalinfluenza|Typhoid|Varicella"
        r"|Yellowfever)\d\d?\.\d|\b20\d\d-(00|01|UC)\d\d\b"
    )
    files = [
        *ROOT.glob("edge/**/*.py"),
        *ROOT.glob("config/**/*.yaml"),
        *ROOT.glob("config/**/*.json"),
    ]
    assert len(files) > 200
    told = [path.name for path in files if named.search(path.read_text(encoding="utf-8"))]
    assert not told
