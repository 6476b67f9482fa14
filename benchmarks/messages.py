"""One modem tells 200 people within an hour, and how much of the site's processor that takes.

The hour is simulated: each part takes six seconds in the network of the modem in software, which
pass on the clock of this site alone. The rest is what a site does: each message is queued in the
encrypted journal, written, handed over by AT commands in PDU mode, and its delivery report is read.
One in ten is in Arabic, and goes in two parts. One dose is given while the modem sends.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.demoland import ChannelOf, fill, send_by, surroundings, take
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.journal import views
from edge.journal.outbox import count_states
from edge.node import Node
from edge.peers.gsm_modem import ModemLine, SoftwareModem
from edge.plugins.distribution.gsm.channel import make_with
from edge.services.commands import GiveDose, RecordContactPreference, RegisterPerson

PEOPLE, HOUR = 200, 3600.0
SECONDS_A_PART = 6.0
"""What a part takes in a GSM network: registration, the SMSC's answer, the modem's own time."""
ARABIC_EVERY = 10
TEXTS = {
    "certificate": {
        "en": "{facility}: your certificate is ready.",
        "ar": "{facility}: شهادتك جاهزة للاستلام. " * 2,
    }
}


def measure(folder: Path) -> dict[str, float]:
    make_site(folder, Settings(facility="DEMO01"))
    node = Node(folder)
    try:
        fill(node)
        send_by(node, texts=TEXTS)
        return _sent(node)
    finally:
        node.close()


def _sent(node: Node) -> dict[str, float]:
    modem, given = SoftwareModem(), list[float]()
    box: ChannelOf

    def passed(seconds: float = 0.1) -> None:
        box.seconds += seconds

    def took() -> None:
        passed(SECONDS_A_PART)
        if len(modem.taken) == PEOPLE // 2:  # the modem is in the middle of a message
            began = time.perf_counter()
            _dosed(node, PEOPLE)
            given.append((time.perf_counter() - began) * 1000)

    modem.took = took
    around = surroundings("sms", elapsed=lambda: box.seconds, sleep=passed)
    channel = make_with({"port": "x"}, around, lambda *_: ModemLine(modem, passed))
    box = ChannelOf(node, channel)
    for number in range(PEOPLE):
        _dosed(node, number)
    cpu = time.process_time()
    box.plan()
    planned, start = time.process_time() - cpu, box.seconds
    while box.seconds < start + HOUR and _states(node).get("queued"):
        box.run(2.0)
    needed = box.seconds - start
    box.run(60)  # the last reports
    sending, states = time.process_time() - cpu - planned, _states(node)
    if states != {"delivered": PEOPLE} or len(given) != 1:
        raise RuntimeError(f"Not everybody was told, or no dose was given meanwhile: {states}")
    return {
        "people told": PEOPLE,
        "parts": len(modem.taken),
        "simulated minutes": needed / 60,
        "people told in a simulated hour": PEOPLE * HOUR / needed,
        "CPU to queue them, ms a message": planned / PEOPLE * 1000,
        "CPU to write, hand over and read reports, ms a message": sending / PEOPLE * 1000,
        "a registration and a dose while the modem sends, ms": given[0],
    }


def _dosed(node: Node, number: int) -> None:
    """Register somebody and give them a dose; who comes last has no telephone."""
    name, late = f"Asha {_letters(number)}", number == PEOPLE
    phone = "" if late else f"+2547{number:08}"
    take(node, RegisterPerson(name=name, gender="Female", birth_year=1990, phone=phone))
    with node.journal.reading() as db:
        person = views.find_people(db, name)[0].id
    if number % ARABIC_EVERY == 0 and not late:
        take(node, RecordContactPreference(person=person, consent="yes", language="ar"))
    asked: dict[str, Any] = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A"}
    take(node, GiveDose(person=person, beyond_stock=True, **asked))


def _letters(number: int) -> str:
    """Name somebody so that nobody else is called so."""
    return f"{chr(65 + number // 26)}{chr(97 + number % 26)}"


def _states(node: Node) -> dict[str, int]:
    with node.journal.reading() as db:
        return count_states(db).get("sms", {})


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for label, figure in measure(Path(temporary) / "messages").items():
            print(f"{label:58} {figure:>12,.2f}")
