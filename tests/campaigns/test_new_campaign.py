"""A campaign from answered questions passes check at once, whatever is answered."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.loader import read_files
from edge.campaign.new_campaign import FirstFacility, Ministry, NewVaccine, new_files
from edge.campaign.new_parts import PARTS
from edge.cli import campaign_new, main
from sync.resources import resource

SCHEMAS = resource("config/schemas")
OURS = ["--country", "KE", "--ministry", "Ministry of Health: Kenya", "--web", "https://moh.example",
        "--title", "Malaria vaccination", "--facility", "007", "--facility-name", "Kisumu Clinic",
        "--district", "Kisumu"]  # fmt: skip
VACCINE = ["--vaccine", "R21/Matrix-M", "--manufacturer", "Serum Institute", "--from-age", "5 months",
           "--until-age", "3 years", "--doses", "3", "--between", "4 weeks"]  # fmt: skip
LIKE = ["covid-19", "hpv-in-schools", "routine-immunisation", "yellow-fever"]


def made(folder: Path, *words: str, answers: str = "") -> Result:
    return CliRunner().invoke(main, ["campaign", "new", str(folder), *words], input=answers)


def checked(folder: Path) -> Result:
    return CliRunner().invoke(main, ["campaign", "check", str(folder), "--strict", "--json"])


def test_what_is_not_said_is_asked_and_a_wrong_answer_is_asked_for_again(tmp_path: Path) -> None:
    answers = ["ke", "KE", "Ministry of Health", "moh.example", "https://moh.example", "Malaria",
               "KE 1", "KE-1", "Kisumu Clinic", "Kisumu", "R21", "Serum Institute", "soon",
               "five months", "", "3", "4w", "payment", "payments, sign_in.yaml"]  # fmt: skip
    result = made(tmp_path / "ours", answers="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "Two capital letters, as in KE for Kenya (ISO 3166-1)." in result.output
    assert "A web address, such as https://moh.example." in result.output
    assert "A short code without blanks" in result.output
    assert "A length of time, such as 6 weeks, 9 months or 12 years." in result.output
    assert "payment is none of them. Write some of: identities, payments," in result.output
    assert "is in" in result.output
    told = json.loads(checked(tmp_path / "ours").stdout)
    assert (told["id"], told["remarks"]) == ("r21", [])
    schedule = (tmp_path / "ours/schedules/r21.yaml").read_text()
    assert "age: { from: 5 months }" in schedule
    assert schedule.count("previous: 4 weeks") == 2


@pytest.mark.parametrize("country", ["KE", "SN", "BD", "QQ"])
def test_the_files_besides_are_in_order_as_they_are_and_change_nothing_that_is_asked_for(
    tmp_path: Path, country: str
) -> None:
    words = [*OURS, *VACCINE, "--with", "identities,payments,distribution,sign_in"]
    words[words.index("KE")] = country
    assert made(tmp_path / "ours", *words).exit_code == 0
    remarks = json.loads(checked(tmp_path / "ours").stdout)["remarks"]
    assert [remark["code"] for remark in remarks] == ["campaign.country"] * (country == "QQ")
    assert tuple(PARTS) == campaign_new.PARTS
    names = {"identities.yaml", "payments.yaml", "distribution.yaml", "sign_in.yaml"}
    assert names <= {path.name for path in (tmp_path / "ours").iterdir()}
    currency = {"KE": "KES", "SN": "XOF", "BD": "BDT", "QQ": "XXX"}[country]
    assert f"currency: {currency}\n" in (tmp_path / "ours/payments.yaml").read_text()


def test_a_copy_of_a_shipped_campaign_keeps_the_files_besides_that_it_has(tmp_path: Path) -> None:
    words = ["--like", "yellow-fever", *OURS, "--with", "payments sign_in"]
    assert made(tmp_path / "ours", *words).exit_code == 0
    assert "HARBOUR" in (tmp_path / "ours/payments.yaml").read_text()
    assert (tmp_path / "ours/sign_in.yaml").is_file()
    assert checked(tmp_path / "ours").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("like", LIKE)
def test_a_shipped_campaign_is_copied_with_the_countrys_names_and_its_comments(
    tmp_path: Path, like: str
) -> None:
    result = made(tmp_path / "ours", "--like", like, *OURS)
    assert result.exit_code == 0, result.output
    told = checked(tmp_path / "ours")
    assert told.exit_code == 0, told.stderr
    files = {path.name: path.read_text("utf-8") for path in (tmp_path / "ours").rglob("*.yaml")}
    whole = "".join(files.values())
    assert "Riverside" not in whole
    assert "did:web:moh.example" in files["campaign.yaml"]
    assert "Malaria vaccination" in files["campaign.yaml"]
    assert '"007"' in files["facilities.yaml"] or "'007'" in files["facilities.yaml"]
    assert files["staff.yaml"].startswith("# Nobody has a PIN here")
    assert files["campaign.yaml"].startswith("# ")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = made(tmp_path, *OURS, *VACCINE)
    assert result.exit_code == 1
    assert "There is something in" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_ages_that_nobody_has_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    words = [*OURS, *VACCINE, "--until-age", "5 months"]
    result = made(tmp_path / "ours", *words)
    assert result.exit_code == 1
    assert "Nobody is both from 5 months on and before 5 months." in result.stderr
    assert not (tmp_path / "ours").exists()


TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffe\uffff") | st.just(" "),
    min_size=1, max_size=40,
).map(lambda text: " ".join(text.split())).filter(bool)  # fmt: skip
LENGTH = st.builds(
    "{} {}".format, st.integers(1, 40), st.sampled_from(["days", "weeks", "months", "years"])
)


@pytest.mark.slow
@settings(
    max_examples=share(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    TEXT,
    TEXT,
    TEXT,
    LENGTH,
    LENGTH,
    st.integers(1, 12),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True),
)
def test_whatever_is_answered_is_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    title: str, name: str, maker: str, begin: str, gap: str, doses: int, code: str,
) -> None:  # fmt: skip

    folder = tmp_path_factory.mktemp("new")
    ministry = Ministry("KE", maker, "https://moh.example:8443/")
    vaccine = NewVaccine(name, maker, begin, "", doses, gap if doses > 1 else "")
    place = FirstFacility(code, title, maker)
    for file, text in new_files(title, ministry, place, vaccine, date(2026, 1, 1)).items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    files = read_files(folder, SCHEMAS)
    assert not files.mistakes, list(map(str, files.mistakes))
    body = files.body()
    assert body["facilities"][0]["code"] == code
