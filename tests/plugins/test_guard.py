"""A plug-in that fails or never answers is named and switched off, and nobody waits for it."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.adapters.settings import Settings
from edge.cli import main
from edge.cli.site import make_site
from edge.domain.errors import BadInput, Unavailable
from edge.extensions import installed, own_plugins
from edge.node import Node
from edge.plugins.contract import Health
from edge.plugins.guard import FAULTS, MOST_AT_ONCE, Guard

Kept = list[tuple[str, str, Health]]


def guard(kept: Kept, seconds: float = 5.0) -> Guard:
    return Guard("identity", "x-card", lambda *told: kept.append(told), seconds)


def fault() -> str:
    raise ZeroDivisionError("Grace Wanjiru")


def test_an_answer_passes_and_nothing_is_written() -> None:
    kept: Kept = []
    assert guard(kept).call(lambda: "did:x-card:1") == "did:x-card:1"
    assert kept == []


def test_what_a_plug_in_refuses_in_words_is_its_answer_and_no_fault() -> None:
    kept: Kept = []
    one = guard(kept)

    def refuse() -> str:
        raise BadInput("card.form", "A card has ten digits.", field="identity")

    for _ in range(FAULTS + 1):
        with pytest.raises(BadInput, match="ten digits"):
            one.call(refuse)
    assert one.call(lambda: 1) == 1
    assert kept == []


def test_a_fault_is_told_without_what_it_says_and_three_in_a_row_switch_the_plug_in_off() -> None:
    kept: Kept = []
    one = guard(kept)
    for _ in range(FAULTS):
        with pytest.raises(Unavailable, match="x-card does not work"):
            one.call(fault)
    assert [told[2].state for told in kept] == ["trouble", "off"]
    assert "ZeroDivisionError" in kept[0][2].english
    assert "Grace" not in str(kept)
    with pytest.raises(Unavailable):
        one.call(lambda: pytest.fail("it is asked no more"))


def test_a_plug_in_that_works_again_is_ready_and_its_faults_are_forgotten() -> None:
    kept: Kept = []
    one = guard(kept)
    for _ in range(4):
        with pytest.raises(Unavailable):
            one.call(fault)
        assert one.call(lambda: 7) == 7
    assert {told[2].state for told in kept} == {"trouble", "ready"}
    assert one.health.state == "ready"


def test_a_plug_in_that_never_answers_is_left_behind_and_switched_off_at_once() -> None:
    kept: Kept = []
    one, never = guard(kept, seconds=0.05), threading.Event()
    with pytest.raises(Unavailable):
        one.call(never.wait)
    never.set()
    assert [(told[2].state, told[2].code) for told in kept] == [("off", "plugin.slow")]


def test_a_plug_in_that_never_answers_leaves_few_threads_when_many_ask_at_once() -> None:
    one, never = guard([], seconds=0.5), threading.Event()

    def ask() -> None:
        with contextlib.suppress(Unavailable):
            one.call(never.wait)

    asking = [threading.Thread(target=ask) for _ in range(100)]
    for each in asking:
        each.start()
    for each in asking:
        each.join(20)
    left = [each for each in threading.enumerate() if each.name == "identity x-card"]
    never.set()
    assert 0 < len(left) <= MOST_AT_ONCE
    assert one.health.state == "off"
    for each in left:
        each.join(5)


def test_a_plug_in_that_is_off_stays_off_when_an_earlier_call_fails_later() -> None:
    kept: Kept = []
    one, begun, end = guard(kept), threading.Event(), threading.Event()

    def fail_late() -> str:
        begun.set()
        end.wait(5)
        return fault()

    def ask() -> None:
        with contextlib.suppress(Unavailable):
            one.call(fail_late)

    asked = threading.Thread(target=ask)
    asked.start()
    assert begun.wait(5)
    one.tell(Health("off", "plugin.slow", "x-card did not answer."))
    end.set()
    asked.join(5)
    assert [told[2].state for told in kept] == ["off"]


@pytest.mark.slow
def test_the_command_says_what_went_wrong_last_and_a_restart_asks_the_plug_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = replace(installed(), systems={**installed().systems, "identity": {"x-card": object}})
    monkeypatch.setattr("edge.extensions.SYSTEMS", more.systems)
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    words = ["plugins", "--data", str(folder), "--json"]

    def state() -> tuple[str, str]:
        found = json.loads(CliRunner().invoke(main, words).output)
        (one,) = [row for row in found if (row["kind"], row["name"]) == ("identity", "x-card")]
        return one["state"], one["trouble"]

    node = Node(folder, more=more)
    for _ in range(FAULTS):
        with pytest.raises(Unavailable):
            node.plugins["identity", "x-card"].call(fault)
    node.close()
    told, trouble = state()
    assert told == "off"
    assert "x-card failed (ZeroDivisionError)." in trouble
    Node(folder, more=more).close()
    told, trouble = state()
    assert told == "ready"
    assert "ZeroDivisionError" in trouble


def test_each_of_the_projects_own_plug_ins_is_listed_with_its_kind_and_package() -> None:
    named = {(one.kind, one.name) for one in own_plugins()}
    systems = installed().systems
    assert named <= {(kind, name) for kind, table in systems.items() for name in table}
    assert {one.package for one in own_plugins()} <= {"divoc-edge"}
