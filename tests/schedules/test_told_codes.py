"""What a command line tells of somebody counts, or is refused: never silently left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main
from sync.resources import resource


@pytest.mark.slow
@pytest.mark.parametrize("command", ["explain", "plan"])
@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (["--dose", "2026-11-20=Pnta"], "Pnta is not in this schedule. It knows: BCG, HepB-birth,"),
        (["--observed", "hiv-postive"], "hiv-postive is not in this schedule. It knows: "),
    ],
)
def test_a_code_that_the_schedule_does_not_know_is_refused(
    command: str, told: list[str], sentence: str
) -> None:
    file = resource("config/schedules/who-infant.yaml")
    asked = ["schedule", command, "--schedule", str(file), "--born", "2026-10-11"]
    right = CliRunner().invoke(main, [*asked, "--dose", "2026-11-24=Penta"])
    assert right.exit_code == 0, right.output
    wrong = CliRunner().invoke(main, [*asked, *told])
    assert wrong.exit_code == 1
    assert sentence in wrong.output


def test_a_schedule_with_mistakes_is_not_called_a_campaign(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("schedule: plan\ntitle: Plan\nseries: 3\n")
    for command in ("explain", "plan"):
        asked = ["schedule", command, "--schedule", str(file), "--born", "2026-10-11"]
        told = CliRunner().invoke(main, asked)
        assert told.exit_code == 1
        assert "Mistakes in this schedule: 2." in told.output
        assert "campaign" not in told.output
        assert "applied" not in told.output


@pytest.mark.slow
@pytest.mark.parametrize("command", ["explain", "plan"])
def test_a_birth_after_the_day_that_is_asked_about_is_refused(command: str) -> None:
    file = resource("config/schedules/who-infant.yaml")
    asked = ["schedule", command, "--schedule", str(file), "--on", "2026-11-30", "--born"]
    assert CliRunner().invoke(main, [*asked, "2026-11-30"]).exit_code == 0
    told = CliRunner().invoke(main, [*asked, "2026-12-01"])
    assert told.exit_code == 1
    assert "The birth 2026-12-01 is after the day that is asked about, 2026-11-30." in told.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file cases.csv lacks these columns of the cases: case_id, antigen,"),
        (b"CDC_Test_ID,Test_Case_Name\n", "CDC's cases are tried with --supporting DIR."),
        (b"case_id,antigen\n", "lacks these columns of the cases: variant,"),
        (b"\xff\xfea\x00", "The file cases.csv cannot be read."),
    ],
)
def test_a_file_of_other_cases_is_named_and_not_the_options(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "cases.csv"
    file.write_bytes(content)
    packs = str(resource("config/schedules/who"))
    told = CliRunner().invoke(main, ["schedule", "cases", "--schedules", packs, str(file)])
    assert told.exit_code == 1
    assert sentence in told.output
