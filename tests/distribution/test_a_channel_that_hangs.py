"""While a channel hangs within a message, doses are given and slips come out of the printer."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from channels import RecordedChannel
from desks import of_type, take

from edge.adapters.settings import PrinterSettings, Settings, write_settings
from edge.adapters.settings_kinds import ChannelSettings
from edge.extensions import installed
from edge.journal import print_jobs
from edge.journal.outbox import messages_of
from edge.node import Node
from edge.plugins.distribution.contract import Handed, OutgoingMessage
from edge.services.commands import GiveDose, PrintSlip, RegisterPerson
from printers.jobs import PrintState
from printers.virtual import VirtualPrinter

_PATIENCE = 30.0
"""Seconds that are waited for what takes one or two."""


@pytest.mark.slow
def test_a_dose_is_given_and_a_slip_printed_while_a_channel_hangs_within_a_message(
    telling_folder: Path, tmp_path: Path
) -> None:
    stuck, hangs = threading.Event(), threading.Event()
    channel = RecordedChannel()
    channel.seconds = 4 * _PATIENCE

    def hang(_message: OutgoingMessage) -> Handed:
        stuck.set()
        hangs.wait(3 * _PATIENCE)
        return Handed("handed")

    channel.answer = hang
    folder, paper = tmp_path / "site", VirtualPrinter(576)
    paper.start()
    shutil.copytree(telling_folder, folder)
    printer = PrinterSettings("desk", f"tcp://127.0.0.1:{paper.port}", "virtual-80")
    told = (ChannelSettings("sms", "x-stuck", {}),)
    write_settings(folder, Settings(facility="DEMO01", printers=(printer,), channels=told))
    more = installed()
    kinds = {**more.systems["distribution"], "x-stuck": lambda _options, _around: channel}
    node = Node(folder, more=replace(more, systems={**more.systems, "distribution": kinds}))
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
