"""Several codes in one picture: each is judged and shown, and no place in it is chosen."""

from __future__ import annotations

import io
import json
import re
import zlib
from itertools import permutations
from pathlib import Path
from typing import Any

import base45
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from photographs import saved, sheet

from edge.cli import main
from edge.node import Node
from edge.web.app import create_app

LINK = "https://moh.demo.example/what-the-codes-are-for"


@pytest.fixture
def code(read_abroad: tuple[str, str]) -> str:
    """A certificate of this site that is read abroad."""
    return read_abroad[1]


def forged(code: str) -> str:
    """Change the last byte of the signature."""
    signed = zlib.decompress(base45.b45decode(code.removeprefix("HC1:")))
    changed = signed[:-1] + bytes([signed[-1] ^ 1])
    text: str = base45.b45encode(zlib.compress(changed)).decode()
    return f"HC1:{text}"


def words(answer: dict[str, Any]) -> list[str]:
    return [one["verdict"] for one in (answer, *answer["others"])]


def told(node: Node, picture: bytes, tmp_path: Path) -> tuple[list[str], dict[str, Any], int]:
    """Show a picture to the API, the page and the command: the same words, the answer, the exit."""
    browser: FlaskClient = create_app(node.backend()).test_client()
    answer = browser.post("/api/v1/verify", data=picture).get_json()
    page = browser.post("/verify", data={"picture": (io.BytesIO(picture), "a.png")}).text
    assert re.findall(r'class="verdict ([a-z-]+)"', page) == words(answer)
    assert ("each is judged by itself" in page) == bool(answer["others"])
    file = tmp_path / "shown.png"
    file.write_bytes(picture)
    call = ["verify", str(file), "--data", str(node.folder)]
    command = CliRunner().invoke(main, [*call, "--json"])
    assert json.loads(command.output) == answer
    text = CliRunner().invoke(main, call).output
    numbered = re.findall(r"^Code [0-9] of [0-9]:$", text, re.MULTILINE)
    assert len(numbered) == (len(words(answer)) if answer["others"] else 0)
    return words(answer), answer, command.exit_code


@pytest.mark.slow
def test_wherever_a_forged_code_lies_beside_a_good_one_both_are_shown_the_forged_one_first(
    node: Node, code: str, tmp_path: Path
) -> None:
    answers = []
    for order in permutations((code, forged(code), LINK)):
        found, answer, left = told(node, saved(sheet(*order, across=3)), tmp_path)
        assert found == ["invalid", "valid", "unreadable"]
        assert left == 1
        answers.append(answer)
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.slow
def test_a_link_beside_a_good_certificate_is_shown_and_takes_nothing_from_it(
    node: Node, code: str, tmp_path: Path
) -> None:
    found, answer, left = told(node, saved(sheet(LINK, code)), tmp_path)
    assert (found, left) == (["valid", "unreadable"], 0)
    assert answer["claims"]["kind"] == "vaccination"
    assert answer["others"][0]["claims"] == {}


@pytest.mark.slow
def test_one_code_twice_in_a_picture_is_one_certificate(
    node: Node, code: str, tmp_path: Path
) -> None:
    found, _, left = told(node, saved(sheet(code, code)), tmp_path)
    assert (found, left) == (["valid"], 0)


@pytest.mark.slow
def test_each_good_certificate_of_a_picture_has_its_own_button_to_register_with(
    node: Node, code: str
) -> None:
    picture = saved(sheet(code, forged(code), LINK))
    browser = create_app(node.backend()).test_client()
    browser.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = browser.post("/verify", data={"picture": (io.BytesIO(picture), "a.png")}).text
    shown = page.split('class="code-shown"')[1:]
    assert ['value="scan"' in part for part in shown] == [False, True, False]
