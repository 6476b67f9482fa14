"""People who are recorded twice and doses given wrongly are put right by command, as at a tablet."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from command_line import run

from edge.domain.catalogue import Staff
from edge.journal import merges, views
from edge.journal.entries import last_position
from edge.node import Node
from edge.services import commands

SIGNED = ("--by", "S1", "--pin-file", "-", "--reason", "One card")


@pytest.fixture
def two(node: Node, staff: Callable[[str], Staff]) -> tuple[str, str]:
    """Give the codes of two who look alike."""

    def register(name: str) -> str:
        command = commands.RegisterPerson(
            name=name, gender="Female", birth_date=date(1990, 5, 17), different_person=True
        )
        id_ = node.desk.take(node.site.ids.new(), command, staff("R1")).id
        with node.journal.reading() as db:
            person = views.person(db, id_)
        assert person
        return person.code

    return register("Amina Yusuf"), register("Aminah Yussuf")


def answer(node: Node, *words: object) -> Any:
    result = run("people", *words, "--data", node.folder, "--json", given="2468")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def kept(node: Node, code: str) -> str:
    with node.journal.reading() as db:
        person = views.person_by_code(db, code)
    assert person
    return person.code


def written(node: Node) -> int:
    with node.journal.reading() as db:
        return last_position(db)


def test_two_are_merged_and_are_two_again_by_command_while_the_node_runs(
    running: Node, two: tuple[str, str]
) -> None:
    (pair,) = answer(running, "alike")
    assert {pair["one"]["code"], pair["other"]["code"]} == set(two)
    before = written(running)
    (would,) = answer(running, "merge", *two, "--although", *SIGNED, "--dry-run")
    assert ([entry["type"] for entry in would["entries"]], would["dryRun"]) == (
        ["PersonsMerged"],
        True,
    )
    assert written(running) == before
    said = run(
        "people", "merge", *two, "--although", *SIGNED, "--data", running.folder, given="2468"
    )
    assert "Recorded: 1 PersonsMerged." in said.output, said.output
    assert kept(running, two[1]) == two[0]
    (merge,) = answer(running, "merges")
    assert (merge["kept"]["code"], merge["merged"]["code"], merge["undoneAt"]) == (*two, None)
    answer(running, "undo-merge", merge["id"], *SIGNED)
    assert kept(running, two[1]) == two[1]
    (undone,) = answer(running, "merges")
    assert undone["undoneAt"]


def test_who_is_said_not_to_be_the_same_by_command_is_not_asked_about_again(
    running: Node, two: tuple[str, str]
) -> None:
    answer(running, "not-same", *two, *SIGNED)
    assert answer(running, "alike") == []
    with running.journal.reading() as db:
        people = [views.person_by_code(db, code) for code in two]
        assert merges.distinguished_people(db, *(person.id for person in people if person))
    refused = run("people", "merge", *two, *SIGNED, "--data", running.folder, given="2468")
    assert (refused.exit_code, "It was said that these two are not" in refused.output) == (1, True)


def test_a_dose_is_taken_back_by_command_with_what_hangs_on_it(
    running: Node, staff: Callable[[str], Staff], dose: Callable[..., commands.GiveDose]
) -> None:
    command = dose()
    given = running.desk.take(running.site.ids.new(), command, staff("V1")).id
    (listed,) = answer(running, "doses", command.person)
    assert (listed["id"], listed["takenBack"], listed["lot"]) == (given, None, "CP2611A")
    answer(running, "take-back", given, "--kind", "not-given", *SIGNED)
    (back,) = answer(running, "doses", command.person)
    assert back["takenBack"] == "not-given"
    with running.journal.reading() as db:
        assert views.history(db, command.person) == []


@pytest.mark.parametrize(
    ("by", "pin", "sentence"),
    [
        ("S1", "1111", "The code or the PIN is wrong."),
        ("nobody", "2468", "The code or the PIN is wrong."),
        ("R1", "2468", "Your role does not allow this."),
    ],
)
def test_a_command_may_no_more_than_who_signs_it(
    running: Node, two: tuple[str, str], by: str, pin: str, sentence: str
) -> None:
    before = written(running)
    signed = ("--by", by, "--pin-file", "-", "--reason", "One card")
    words = ("merge", *two, "--although", *signed)
    refused = run("people", *words, "--data", running.folder, given=pin)
    assert refused.exit_code == 1
    assert sentence in refused.output
    assert written(running) == before


def test_somebody_who_is_not_here_is_named_as_such_and_nothing_else_can_be_asked_for(
    running: Node, two: tuple[str, str]
) -> None:
    missing = run("people", "merge", two[0], "XX", *SIGNED, "--data", running.folder, given="2468")
    assert (missing.exit_code, "not registered here" in missing.output) == (1, True)
    wrong = run(
        "people",
        "take-back",
        "x",
        "--kind",
        "burnt",
        *SIGNED,
        "--data",
        running.folder,
        given="2468",
    )
    assert wrong.exit_code == 2


def test_without_a_node_the_command_does_it_itself(node: Node, two: tuple[str, str]) -> None:
    node.close()
    asked = ("--by", "S1", "--reason", "One card", "--data", node.folder)
    done = run("people", "merge", *two, "--although", *asked, given="2468\n")
    assert "Recorded: 1 PersonsMerged." in done.output
