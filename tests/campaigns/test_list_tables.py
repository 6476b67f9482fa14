"""Staff and facilities go out to a spreadsheet and come back, and the YAML stays as it was written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from edge.campaign.loader import read_campaign
from edge.cli import main
from sync.resources import resource

SCHEMAS = resource("config/schemas")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("config/demo/campaign"), tmp_path / "campaign"))


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["campaign", *map(str, words)])


def staff(folder: Path) -> dict[str, Any]:
    return {one["code"]: one for one in read_campaign(folder, SCHEMAS)["staff"]}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("table", ["staff", "facilities"])
def test_what_goes_out_comes_back_and_changes_no_letter(
    folder: Path, table: str, ending: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    file = folder.parent / f"table.{ending}"
    assert call(table, "export", folder, file).exit_code == 0
    result = call(table, "import", folder, file, "--whole")
    assert result.exit_code == 0, result.stderr
    assert f"{table}.yaml: 0 new, 0 changed, 0 taken away." in result.stdout
    assert {path.name: path.read_bytes() for path in folder.glob("*.yaml")} == before


def test_no_pin_is_in_a_table_and_none_is_lost(folder: Path) -> None:
    file = folder.parent / "staff.csv"
    call("staff", "export", folder, file)
    assert "argon2" not in file.read_text()
    text = file.read_text(encoding="utf-8-sig").replace("Asha Verma", "Asha Verma-Rao")
    file.write_text(text)
    assert "1 changed" in call("staff", "import", folder, file).stdout
    after = staff(folder)["V1"]
    assert after["name"] == "Asha Verma-Rao"
    assert after["pin"].startswith("$argon2id$")


def test_a_change_touches_its_own_item_and_leaves_comments_and_order(folder: Path) -> None:
    path = folder / "staff.yaml"
    text = path.read_text().replace("- code: T1", "# The technician comes on Mondays.\n- code: T1")
    text = text.replace("  name: Kofi Mensah\n", "  name: Kofi Mensah # since May\n")
    path.write_text(text)
    file = folder.parent / "staff.csv"
    file.write_text(
        "code;name;facilities;roles\nV9;Nia Okafor;DEMO02 DEMO01;Vaccinator\nT1;;DEMO02;\n"
    )
    result = call("staff", "import", folder, file)
    assert result.exit_code == 1  # an empty name takes the name away, and roles have no capitals
    assert "staff.csv, line 2, roles: Vaccinator must be one of" in result.stderr
    assert "Did you mean vaccinator?" in result.stderr
    assert "staff.csv, line 3: The field name is missing." in result.stderr
    assert path.read_text() == text
    file.write_text(
        "code;name;facilities;roles\nV9;Nia Okafor;DEMO02 DEMO01;vaccinator\nT1;Kofi Mensah;DEMO02;technician\n"
    )
    result = call("staff", "import", folder, file)
    assert "staff.yaml: 1 new, 1 changed, 0 taken away." in result.stdout
    assert "Not in the table, and kept: 5. Take them away with --whole." in result.stdout
    after = path.read_text()
    assert after.startswith("# The PIN of everybody here is 2468.")
    assert (
        "# The technician comes on Mondays.\n- code: T1\n  name: Kofi Mensah # since May\n  facilities: [DEMO02]\n"
        in after
    )
    assert after.endswith(
        "- code: V9\n  name: Nia Okafor\n  facilities: [DEMO02, DEMO01]\n  roles: [vaccinator]\n"
    )
    unchanged = text.partition("# The technician")[0]
    assert after.startswith(unchanged)


def test_whole_takes_away_who_is_not_in_the_table(folder: Path) -> None:
    file = folder.parent / "staff.csv"
    call("staff", "export", folder, file)
    rows = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("\n".join(row for row in rows if not row.startswith("V")))
    assert (
        "0 changed, 3 taken away. Nothing was written."
        in call("staff", "import", folder, file, "--whole", "--dry-run").stdout
    )
    assert len(staff(folder)) == 6
    assert "0 changed, 3 taken away." in call("staff", "import", folder, file, "--whole").stdout
    assert sorted(staff(folder)) == ["R1", "S1", "T1"]


def test_codes_keep_their_zeros_in_a_workbook_and_are_guessed_where_a_spreadsheet_took_them(
    folder: Path,
) -> None:
    (folder / "facilities.yaml").write_text(
        '- code: "007"\n  name: Post\n- code: DEMO01\n  name: A\n- code: DEMO02\n  name: B\n'
    )
    book = folder.parent / "facilities.xlsx"
    call("facilities", "export", folder, book)
    sheet = load_workbook(book).worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].number_format) == (
        "007",
        "s",
        "@",
    )
    file = folder.parent / "staff.csv"
    file.write_text("code,name,facilities,roles\nV9,Nia,7,vaccinator\n")
    result = call("staff", "import", folder, file)
    assert (
        "staff.csv, line 2, facilities: The facility 7 is not in facilities.yaml. Did you mean 007?"
        in result.stderr
    )


def test_facilities_have_an_address_and_days_in_their_cells(folder: Path) -> None:
    file = folder.parent / "facilities.csv"
    file.write_text(
        "code,name,district,session_days,active\nDEMO03,Old Harbour Post,South Delta,Mon Thu,yes\nDEMO04,=Hill Post,,,no\n"
    )
    result = call("facilities", "import", folder, file)
    assert result.exit_code == 0, result.stderr
    body = {one["code"]: one for one in read_campaign(folder, SCHEMAS)["facilities"]}
    assert body["DEMO03"]["session_days"] == ["Mon", "Thu"]
    assert "active" not in body["DEMO03"]
    assert body["DEMO03"]["address"] == {"district": "South Delta", "state": "Delta"}
    assert body["DEMO04"] == {"code": "DEMO04", "name": "=Hill Post", "active": False}
    call("facilities", "export", folder, file)
    assert ",'=Hill Post," in file.read_text(encoding="utf-8-sig")
    call("facilities", "import", folder, file)
    assert read_campaign(folder, SCHEMAS)["facilities"][3]["name"] == "=Hill Post"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("code,name\nV1,A\nv1,B\n", "staff.csv, line 3, code: The code v1 is used twice; first in row 2."),
        ("name,roles\nA,vaccinator\n", "The first row of staff.csv must name the columns: missing: code"),
        ("code,name,wage\nV1,A,1\n", "not known: wage"),
        ("code,name,facilities,roles\nNÜ1,A,DEMO01,vaccinator\n", "Did you mean NU1?"),
    ],
)  # fmt: skip
def test_a_table_with_a_mistake_changes_nothing_and_is_told_by_row_and_column(
    folder: Path, table: str, sentence: str
) -> None:
    file, before = folder.parent / "staff.csv", (folder / "staff.yaml").read_bytes()
    file.write_text(table)
    result = call("staff", "import", folder, file)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert (folder / "staff.yaml").read_bytes() == before


def test_another_kind_of_file_is_refused_with_the_kinds_there_are(folder: Path) -> None:
    result = call("staff", "export", folder, folder.parent / "staff.ods")
    assert "staff.ods is neither .xlsx nor .csv." in result.stderr
