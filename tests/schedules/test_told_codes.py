"""What a command line tells of somebody counts, or is refused: never silently left out."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from edge.cli import main
from sync.resources import resource


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
