"""What a campaign would change at a site is told beside the node that runs, and nothing is applied."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from documents import TYPES, describe_documents

from edge.cli import main
from edge.journal.entries import last_position
from edge.node import Node
from sync.resources import resource

pytestmark = pytest.mark.slow  # campaigns are read and everybody is judged, several times


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(resource("config/demo/campaign"), tmp_path / "next"))
    edit(made, "campaign.yaml", 'version: "2026.11"', 'version: "2027.1"')
    return made


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def tried(node: Node, *words: object) -> Result:
    return CliRunner().invoke(main, ["campaign", *map(str, words), "--data", str(node.folder)])


def answer(node: Node, *words: object) -> dict[str, Any]:
    """Give the object of --json; the bar is on the other output."""
    found: dict[str, Any] = json.loads(tried(node, *words, "--json").stdout.splitlines()[-1])
    return found


def test_who_becomes_due_and_overdue_is_counted_and_nothing_is_applied(
    node: Node, folder: Path
) -> None:
    edit(folder, "programmes.yaml", "min_age: 12", "min_age: 5")
    edit(folder, "vaccines.yaml", "{min: 28, max: 84}", "{min: 21, max: 30}")
    with node.journal.reading() as db:
        before = last_position(db)
    result = tried(node, "try", folder)
    assert result.exit_code == 0, result.output
    assert "coviprotect: dose 2 from 28 to 21 days after the dose before." in result.stdout
    assert (
        "Of 36 people at DEMO01 3 become due, 0 are not due any more, 3 become overdue."
        in result.stdout
    )
    assert "3 due then: covid-19, dose 1 of coviprotect" in result.stdout
    assert "would come into force at DEMO01. Nothing was applied." in result.stdout
    with node.journal.reading() as db:
        assert last_position(db) == before
    told = answer(node, "try", folder)
    assert (told["people"]["due"], told["people"]["overdue"]) == (3, 3)
    assert (told["wouldApply"], told["refused"]) == (True, None)
    back = answer(node, "diff", folder, "in-force")
    assert (back["due"], back["notDue"], back["people"]) == (0, 3, 36)


def test_staff_paper_and_stock_that_change_are_told(node: Node, folder: Path) -> None:
    edit(folder, "staff.yaml", "- code: V1", "- code: V8")
    edit(
        folder,
        "staff.yaml",
        '  pin: "$argon2id$v=19$m=19456,t=2,p=1$N3tDWVne09UyqEX7bBbBog$vmPcD7NA8s3fKDtBLA3Hd3gJ7p3Gpp30mNy6uP3yJ30"\n',
        "",
    )
    edit(folder, "campaign.yaml", '"58": [dcc-1.3]', '"58": []')
    edit(folder, "programmes.yaml", "vaccines: [amarilia]", "active: false\n  vaccines: [amarilia]")
    told = answer(node, "try", folder)
    assert (told["signedOut"], told["withoutPin"]) == (["V1"], ["V8"])
    assert told["paper"] == [
        {"programme": "covid-19", "width": 58, "before": ["dcc-1.3"], "after": []}
    ]
    assert set(told["stockOfNobody"]) == {"amarilia"}
    said = tried(node, "try", folder).stdout
    assert "Could not sign in any more: V1." in said
    assert "Would need a PIN first (divoc-edge staff set-pin CODE): V8." in said
    assert "In stock, and nobody could give it any more: amarilia, doses: " in said


def test_who_is_not_eligible_any_more_and_who_got_a_recalled_lot_are_counted(
    node: Node, folder: Path
) -> None:
    (folder / "eligibility.yaml").write_text(
        "rules:\n"
        "- {code: grown, programmes: [covid-19], vaccines: [coviprotect],"
        " only: [{age: {from: 60 years}}], says: From 60 years on.}\n"
        "- {code: word, only: [{age: {from: 90 years}}], otherwise: advise, says: A word.}\n"
    )
    (folder / "lot_recalls.yaml").write_text(
        "- {code: R1, vaccine: coviprotect, lots: [cp2608b, CP2611A], on: 2026-11-20}\n"
    )
    told = answer(node, "try", folder)
    with node.journal.reading() as db:
        (older,) = db.execute(
            "SELECT count(*) FROM person WHERE birth_date <= date('now', '-60 years')"
        ).fetchone()
        (got,) = db.execute(
            "SELECT count(DISTINCT person) FROM dose WHERE lot IN ('CP2608B', 'CP2611A')"
        ).fetchone()
    assert 0 < told["people"]["notEligible"] == told["people"]["people"] - older
    assert told["people"]["eligible"] == 0
    assert told["people"]["rules"] == [
        {"change": "notEligible", "programme": "covid-19", "vaccine": "coviprotect",
         "people": told["people"]["notEligible"]}
    ]  # fmt: skip
    assert told["recalls"] == [
        {"code": "R1", "vaccine": "coviprotect", "lots": ["CP2608B", "CP2611A"], "stock": 400,
         "people": got}
    ]  # fmt: skip
    assert got > 3
    said = tried(node, "try", folder).stdout
    assert "Rule grown is new (From 60 years on.)." in said
    assert f"People who got it here: {got}. Doses in stock: 400." in said
    assert "not eligible any more: covid-19, coviprotect" in said
    back = answer(node, "diff", folder, "in-force")
    assert (back["eligible"], back["notEligible"]) == (told["people"]["notEligible"], 0)
    assert back["recalls"] == []


def test_other_contents_under_a_context_that_is_in_force_would_be_refused(
    node: Node, folder: Path, tmp_path: Path
) -> None:
    describe_documents(node, tmp_path / "documents")
    types = shutil.copytree(TYPES, folder / "documents")
    edit(folder, "campaign.yaml", 'version: "2027.1"', 'version: "2099"')
    assert answer(node, "try", folder)["wouldApply"]
    path = Path(types) / "training-card.yaml"
    path.write_text(path.read_text().replace("type: TrainingCard", "type: OtherCard", 1))
    assert answer(node, "try", folder)["refused"]["code"] == "campaign.context"


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("campaign.yaml", '"2027.1"', '"2026.3"', "campaign.older"),
        (
            "facilities.yaml",
            "code: DEMO01\n",
            "code: DEMO01\n  active: false\n",
            "campaign.facility",
        ),
        ("staff.yaml", "[DEMO01]", "[DEMO02]", "campaign.staff"),
    ],
)
def test_what_would_be_refused_is_told_with_the_reason_and_ends_with_one(
    node: Node, folder: Path, file: str, old: str, new: str, code: str
) -> None:
    edit(folder, file, old, new)
    if file == "staff.yaml":
        edit(folder, file, "[DEMO01, DEMO02]", "[DEMO02]")
    result = tried(node, "try", folder)
    assert result.exit_code == 1
    assert "It would be refused. " in result.stderr
    assert answer(node, "try", folder)["refused"]["code"] == code


def test_the_campaign_in_force_is_known_again_also_as_a_packed_file(
    node: Node, tmp_path: Path
) -> None:
    packed = tmp_path / "campaign.json"
    made = CliRunner().invoke(
        main, ["campaign", "pack", str(resource("config/demo/campaign")), "--out", str(packed)]
    )
    assert made.exit_code == 0
    result = tried(node, "try", packed)
    assert "is in force here already." in result.stdout
    assert "0 become due" in result.stdout


def test_a_site_that_is_not_there_and_a_file_that_is_none_are_told(
    node: Node, tmp_path: Path
) -> None:
    stray = tmp_path / "stray.json"
    stray.write_text("[]")
    assert "is not a packed campaign" in tried(node, "try", stray).stderr
    assert "There is no such folder." in tried(node, "try", tmp_path / "none").stderr
    alone = CliRunner().invoke(main, ["campaign", "diff", "in-force", str(stray)])
    assert "in-force is the campaign of a site: say of which." in alone.stderr
