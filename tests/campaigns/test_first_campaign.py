"""The page's first campaign, followed word for word by somebody who knows nothing else."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main

pytestmark = pytest.mark.slow  # a site is made, and a campaign is checked eight times

PAGE = Path(__file__).parents[2] / "docs/campaign.md"
STEP = re.compile(
    r"At\s+the\s+end\s+of\s+`(?P<end>[^`]+)`\s+add:\n\n```yaml\n(?P<added>.*?)```"
    r"|In\s+`(?P<within>[^`]+)`\s+put\s+this\s+in\s+the\s+place\s+of\s+everything\s+from"
    r"\s+`(?P<begin>[^`]+)`\s+on:\n\n```yaml\n(?P<rest>.*?)```"
    r"|[Ii]n\s+`(?P<file>[^`]+)`\s+write\s+`(?P<new>[^`]+)`\s+in\s+the\s+place\s+of\s+`(?P<old>[^`]+)`"
    r"|Write\s+into\s+`(?P<whole>[^`]+)`:\n\n```csv\n(?P<table>.*?)```"
    r"|```sh\n(?P<commands>.*?)```(?:\n\n```text\n(?P<told>.*?)```)?",
    re.DOTALL,
)


def steps() -> Iterator[re.Match[str]]:
    text = PAGE.read_text(encoding="utf-8")
    chapter = text.partition("## Your first campaign, in half an hour\n")[2].partition("\n## ")[0]
    assert chapter
    yield from STEP.finditer(chapter)


def follow(step: re.Match[str]) -> str:
    """Do what a step says; give what its commands say."""
    if step["end"]:
        path = Path(step["end"])
        path.write_text(path.read_text() + step["added"])
    elif step["within"]:
        path = Path(step["within"])
        before, found, _ = path.read_text().partition(step["begin"])
        assert found, step[0]
        path.write_text(before + step["rest"])
    elif step["file"]:
        path = Path(step["file"])
        text = path.read_text()
        assert text.count(step["old"]) == 1, step[0]
        path.write_text(text.replace(step["old"], step["new"]))
    elif step["whole"]:
        Path(step["whole"]).write_text(step["table"])
    else:
        return commands(step["commands"], fails="Error:" in (step["told"] or ""))
    return ""


def commands(block: str, *, fails: bool) -> str:
    said = ""
    for line in block.replace("\\\n", " ").splitlines():
        program, *words = shlex.split(line, comments=True)
        assert program == "divoc-edge"
        result = CliRunner().invoke(main, words)
        assert (result.exit_code != 0) == fails, f"{line}\n{result.output}"
        said += result.stdout + result.stderr
    return said


def test_the_pages_first_campaign_can_be_followed_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    followed = 0
    for step in steps():
        said = follow(step)
        for line in (step["told"] or "").splitlines():
            assert line in said.splitlines(), f"{line}\n---\n{said}"
        followed += 1
    assert followed >= 14
    assert (tmp_path / "campaign.json").stat().st_size > 1000
