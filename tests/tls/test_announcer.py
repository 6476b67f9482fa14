"""NAME.local on the LAN: announced by the site, and never in the way of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from edge.adapters.announcer import Announcer, find_name


@pytest.fixture
def machine() -> list[str]:
    return ["127.0.0.1"]


def announcer(machine: Sequence[str], name: str) -> Announcer:
    return Announcer(name, 8443, lambda: machine)


@pytest.mark.slow  # the questions and answers of mDNS take seconds
def test_a_name_is_found_while_it_is_announced_and_no_longer(machine: list[str]) -> None:
    announced = announcer(machine, "clinic-announced")
    announced.look_again()
    assert announced.trouble == ""
    assert find_name("clinic-announced.local", machine) == ("127.0.0.1",)
    announced.close()
    assert find_name("clinic-announced.local", machine, 1.0) == ()


def test_what_fails_is_said_and_tried_again_and_stops_nothing(
    machine: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = ["192.0.2.77"]
    announced = announcer(nowhere, "clinic-nowhere")
    announced.look_again()
    assert announced.trouble
    assert "clinic-nowhere.local is not announced" in caplog.text
    announced.look_again()
    assert caplog.text.count("is not announced") == 1
    nowhere[:] = machine
    announced.look_again()
    assert announced.trouble == ""
    announced.close()


def test_without_the_library_or_without_a_network_the_site_has_no_name_and_runs(
    machine: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    announced = announcer(machine, "clinic-bare")
    announced.look_again()
    assert announced.trouble
    empty = announcer((), "clinic-bare")
    empty.look_again()
    assert empty.trouble == ""
    announced.close()
    empty.close()


def test_a_site_that_was_closed_announces_nothing_more(machine: list[str]) -> None:
    announced = announcer(machine, "clinic-closed")
    announced.close()

    announced.look_again()
    assert announced.trouble == ""
