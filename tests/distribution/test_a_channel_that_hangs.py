"""While a channel hangs within a message, doses are given and slips come out of the printer."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from channels import ChannelOf, RecordedChannel
from desks import of_type, take

from edge.adapters.settings import PrinterSettings, Settings, write_settings
from edge.adapters.settings_kinds import ChannelSettings
from edge.adapters.site_database import reading
from edge.extensions import installed
from edge.journal import print_jobs
from edge.journal.outbox import messages_of
from edge.node import Node
from edge.plugins.distribution.contract import Handed, OutgoingMessage
from edge.services.commands import GiveDose, PrintSlip, RegisterPerson
from edge.services.messages.channel_states import channel_states
from printers.jobs import PrintState
from printers.virtual import VirtualPrinter

_PATIENCE = 30.0
"""Seconds that are waited for what takes one or two."""


def site_with(
    channel: RecordedChannel, telling: Path, folder: Path, *printers: PrinterSettings
) -> Node:
    """Open a site with a channel of its own for messages."""
    shutil.copytree(telling, folder)
    told = (ChannelSettings("sms", "x-stuck", {}),)
    write_settings(folder, Settings(facility="DEMO01", printers=printers, channels=told))
    more = installed()
    kinds = {**more.systems["distribution"], "x-stuck": lambda _options, _around: channel}
    return Node(folder, more=replace(more, systems={**more.systems, "distribution": kinds}))


def hanging() -> tuple[RecordedChannel, threading.Event, threading.Event]:
    """Give a channel that hangs in a message: ``stuck`` once it does, until ``hangs`` is set."""
    stuck, hangs = threading.Event(), threading.Event()
    channel = RecordedChannel()
    channel.seconds = 4 * _PATIENCE

    def hang(_message: OutgoingMessage) -> Handed:
        stuck.set()
        hangs.wait(3 * _PATIENCE)
        return Handed("handed")

    channel.answer = hang
    return channel, stuck, hangs


@pytest.mark.slow
def test_a_site_stops_at_once_while_a_channel_hangs_and_says_what_became_of_its_messages(
    telling_folder: Path, tmp_path: Path
) -> None:
    channel, stuck, hangs = hanging()
    node = site_with(channel, telling_folder, tmp_path / "site")
    stop = threading.Thread(target=node.close, daemon=True)
    try:
        people = [dosed(node, "Asha Newcomer"), dosed(node, "Binta Newcomer")]
        node.start()
        assert stuck.wait(_PATIENCE)
        stop.start()
        stop.join(_PATIENCE)
        assert not stop.is_alive(), "it waits for the channel"
    finally:
        hangs.set()
        stop.join(4 * _PATIENCE)
    with reading(tmp_path / "site") as db:
        found = [[(one.state, one.cause.code) for one in messages_of(db, id_)] for id_ in people]
        (state,) = channel_states(db, {"sms": "x-stuck"})
    assert sorted(found) == [[("queued", "")], [("unknown", "message.cut-off")]]
    assert len(channel.sent) == 1
    assert (state.state, state.trouble) == ("ready", "")


@pytest.mark.slow
def test_a_dose_is_given_and_a_slip_printed_while_a_channel_hangs_within_a_message(
    telling_folder: Path, tmp_path: Path
) -> None:
    channel, stuck, hangs = hanging()
    paper = VirtualPrinter(576)
    paper.start()
    printer = PrinterSettings("desk", f"tcp://127.0.0.1:{paper.port}", "virtual-80")
    node = site_with(channel, telling_folder, tmp_path / "site", printer)
    try:
        first = dosed(node, "Asha Newcomer")
        node.start()
        assert stuck.wait(_PATIENCE)
        second = dosed(node, "Binta Newcomer")
        take(node, PrintSlip(slip="plan", subject=second, printer="desk"))
        until(lambda: printed(node, second))
        with node.journal.reading() as db:
            assert [one.state for one in messages_of(db, first)] == ["handing"]
        assert not hangs.is_set()
    finally:
        hangs.set()
        node.close()
        paper.stop()


def dosed(node: Node, name: str) -> str:
    told = RegisterPerson(name=name, gender="Female", birth_year=1990, phone="+254712345678")
    take(node, told)
    person: str = of_type(node, "PersonRegistered")[-1].body["person"]["id"]
    take(node, GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    return person


def printed(node: Node, subject: str) -> bool:
    with node.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, subject, "plan")
    return bool(jobs) and all(job.state is PrintState.PRINTED for job in jobs)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_message_that_was_not_yet_given_when_the_site_stops_waits_for_the_next_start(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = RecordedChannel()
    box = ChannelOf(node, channel)
    person = dosed(node, "Asha Newcomer")
    box.plan()
    take_next = box.sender._next

    def stopped(drawn: object, unit: object) -> object:
        found = take_next(drawn, unit)  # type: ignore[arg-type]
        box.sender.stop()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(box.sender, "_next", stopped)
        box.run()
    assert channel.sent == []
    assert box.states(person) == [("queued", "plugin.stopped")]
    box.restart()
    box.run(3600)
    assert box.states(person) == [("handed", "")]
