"""The demonstration's systems take, fail and take again, by the words that are typed there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import get_args

import pytest
import requests
from channels import surroundings

from edge.adapters.settings_kinds import ChannelSettings
from edge.cli.demo_locker import DemoLocker
from edge.cli.demo_systems import DemoSystems
from edge.domain.errors import EdgeError
from edge.peers import gsm_modem, identity_provider, mail_server, scheduler, sms_gateway
from edge.peers.locker import LockerMood
from edge.plugins.distribution.contract import Channel, OutgoingMessage
from edge.plugins.distribution.table import CHANNELS

TODAY = date(2026, 11, 24)
ADDRESSES = {"email": "amina@home.example", "sms": "+254712345678", "app": "+254712345678"}


class Terminal:
    """Somebody at the demonstration's terminal: what they type, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        locker = DemoLocker(folder / "locker", "http://127.0.0.1:9")  # nobody is there
        self.systems = DemoSystems(folder, "DEMO01", TODAY, "routine", self.said.append, locker)
        self._made: dict[str, Channel] = {}
        self._number = 0

    def types(self, *lines: str) -> list[str]:
        """Type lines; give those that are for others, and forget what was said before."""
        self.said.clear()
        return list(self.systems.obey(lines))

    def sends(self, name: str, text: str = "Ready.") -> str:
        """Send a message on a channel; give its state, or the code it is refused with."""
        self._number += 1
        message = OutgoingMessage(f"m-{self._number}", ADDRESSES[name], text, "en")
        try:
            return self.channel(name).send(message).state
        except EdgeError as error:
            return error.code

    def channel(self, name: str) -> Channel:
        """Make the channel of the site's settings, once."""
        if name not in self._made:
            found: ChannelSettings = next(
                one for one in self.systems.channels() if one.name == name
            )
            around = surroundings(name, elapsed=time.monotonic)
            self._made[name] = CHANNELS[found.kind](found.options, around)
        return self._made[name]

    def fresh(self, name: str) -> Channel:
        """Make it anew: one that was told to wait does not wait on."""
        self._made.pop(name, None)
        return self.channel(name)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    made.systems.close()


def test_each_mood_of_each_system_is_a_word_of_its_own_and_other_lines_pass(
    terminal: Terminal,
) -> None:
    known = {
        "mail": get_args(mail_server.Mood),
        "modem": get_args(gsm_modem.Failing),
        "gateway": get_args(sms_gateway.Mood),
        "national": get_args(identity_provider.ProviderMood),
        "scheduler": get_args(scheduler.Mood),
        "locker": get_args(LockerMood),
    }
    assert terminal.systems.moods.keys() == known.keys()
    for word, moods in known.items():
        for mood in filter(None, moods):
            assert terminal.types(f"{word} {mood}\n") == []
            assert terminal.said == ["ok"], (word, mood)
    assert terminal.types("paper out", "mailbox", "", "modem") == ["paper out", "mailbox", ""]
    assert terminal.said[0].startswith("modem: one of takes, ")
    assert terminal.types("locker 7Q4W, Almaz Tesfaye, 22-09-2026") == []
    assert terminal.said[-1].startswith("The locker had no answer: ")
    assert terminal.types("gateway nonsense") == []
    assert "error-in-200" in terminal.said[0]


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("mail later", "deferred"),
        ("mail unknown-address", "email.unknown-address"),
        ("gateway error-in-200", "later"),
        ("gateway wrong-number", "gateway.number"),
        ("gateway busy", "gateway.busy"),
        ("gateway no-account", "gateway.refused"),
        ("gateway hangs-up", "unknown"),
        ("modem wrong-number", "sms.cms-28"),
        ("modem no-credit", "sms.cms-512"),
        ("modem no-network", "sms.no-network"),
    ],
)
def test_what_is_typed_is_what_becomes_of_the_next_message_and_then_it_goes_again(
    terminal: Terminal, typed: str, becomes: str
) -> None:
    word = typed.split()[0]
    name = {"mail": "email", "modem": "sms", "gateway": "app"}[word]
    assert terminal.sends(name) == "handed"
    terminal.types(typed)
    assert terminal.sends(name) == becomes
    terminal.types(f"{word} takes")
    terminal.fresh(name)
    assert terminal.sends(name) == "handed"


def test_the_modem_loses_the_second_part_of_a_message_and_nobody_is_told_that_it_arrived(
    terminal: Terminal,
) -> None:
    terminal.types("modem loses-part")
    assert terminal.sends("sms", "شهادة التطعيم جاهزة للاستلام. " * 4) == "unknown"
    assert terminal.sends("sms") == "handed"


def test_mail_is_kept_as_files(terminal: Terminal) -> None:
    assert terminal.sends("email") == "handed"
    read = message_from_bytes((terminal.folder / "mail/1.eml").read_bytes(), policy=policy.default)
    assert read["To"] == "amina@home.example"


def reports(channel: Channel) -> list[str]:
    return [report.state for report in channel.reports()]


@pytest.mark.parametrize("said", ["delivered", "bounced", ""])
def test_what_became_of_a_message_is_reported_as_it_was_asked_for(
    terminal: Terminal, said: str
) -> None:
    mood = {"delivered": "takes", "bounced": "not-delivered", "": "no-report"}[said]
    seconds = [0.0]
    terminal.types(f"gateway {mood}", f"modem {mood}")
    settings = {one.name: one for one in terminal.systems.channels()}
    gateway = CHANNELS["gateway"](
        settings["app"].options, surroundings("app", elapsed=lambda: seconds[0])
    )
    gateway.send(OutgoingMessage("m-1", ADDRESSES["app"], "Ready.", "en"))
    seconds[0] = 60.0
    assert reports(gateway) == [said] * bool(said)
    terminal.sends("sms")
    assert reports(terminal.channel("sms")) == [said] * bool(said)


def test_the_scheduler_answers_with_an_error_page_until_it_is_right_again(
    terminal: Terminal,
) -> None:
    url = terminal.systems.scheduler.url.split("?")[0]
    asked = f"{url}?at=DEMO01&from={TODAY}&until={TODAY}"
    terminal.types("scheduler error page")
    assert "<html" in requests.get(asked, timeout=5).text.lower()
    terminal.types("scheduler right")
    assert "Baraka Mwangi" in requests.get(asked, timeout=5).text


def test_all_of_it_ends_when_it_ends(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    url = terminal.systems.gateway.url
    port = str(terminal.systems.channels()[1].options["port"])
    terminal.systems.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/report/g1", timeout=2)
    assert not Path(port).exists()


def test_the_national_account_changes_its_keys_and_says_when_nobody_waits(
    terminal: Terminal,
) -> None:
    asked = f"{terminal.systems.provider.issuer}/protocol/openid-connect/certs"
    before = requests.get(asked, timeout=5).json()
    terminal.types("national new keys")
    after = requests.get(asked, timeout=5).json()
    assert before["keys"][0]["kid"] != after["keys"][0]["kid"]
    terminal.types("national V1")
    assert terminal.said[0].startswith("No tablet shows a code")
