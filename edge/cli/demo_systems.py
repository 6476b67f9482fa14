"""A country's systems on this machine, and the words that make each of them misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, get_args

from edge.adapters.settings_kinds import ChannelSettings
from edge.adapters.settings_schedulers import SchedulerSettings
from edge.cli.demo_locker import DemoLocker
from edge.cli.demo_mail import DemoMail
from edge.cli.demo_peers import start_scheduler
from edge.peers import gsm_modem, identity_provider, mail_server, scheduler, sms_gateway
from edge.peers.gsm_modem import SoftwareModem, modem_on_a_terminal
from edge.peers.identity_provider import IdentityProvider
from edge.peers.locker import LockerMood
from edge.peers.sms_gateway import SoftwareGateway, gateway_on_loopback

Mood = Callable[[], str]
"""Makes a system behave, or misbehave in one way; gives what to say of it."""
_STAFF = ("V1", "V2", "S1", "R1", "T1")
"""Who has a national account: those who work at the clinic."""
_MODEM_BEHAVES: Mapping[str, Any] = {
    "failing": "",
    "at_part": 1,
    "registered": "1",
    "reporting": "delivered",
}
_COMMAS = 2
"""A certificate's number, a name and a day of birth stand behind the word ``locker``."""
_SEARCHING = "2"
"""What a modem says of its network while it finds none (3GPP TS 27.007, +CREG)."""


class DemoSystems:
    """Mail server, modem, gateway, identity provider, scheduler, locker, until they are closed.

    ``say`` is told what became of each word that was typed. The locker is made before them: the
    registry that it asks has to know it.
    """

    def __init__(
        self,
        folder: Path,
        facility: str,
        today: date,
        programme: str,
        say: Callable[[str], None],
        locker: DemoLocker,
    ) -> None:
        self._say = say
        self._locker = locker
        self._programme = programme
        self.modem = SoftwareModem()
        self.gateway = SoftwareGateway(otherwise="delivered")
        with ExitStack() as started:
            self.mail = DemoMail(folder / "mail")
            started.callback(self.mail.close)
            self.scheduler = start_scheduler(facility, today)
            started.callback(self.scheduler.stop)
            self.provider = IdentityProvider()
            self.provider.start()
            started.callback(self.provider.close)
            self._port = started.enter_context(modem_on_a_terminal(self.modem))
            self._gateway_url = started.enter_context(gateway_on_loopback(self.gateway))
            self._started = started.pop_all()
        self.moods: Mapping[str, Mapping[str, Mood]] = {
            "mail": _moods(self.mail.server, get_args(mail_server.Mood)),
            "modem": _modem_moods(self.modem),
            "gateway": _gateway_moods(self.gateway),
            "national": _national_moods(self.provider, facility),
            "scheduler": _moods(self.scheduler, get_args(scheduler.Mood)),
            "locker": _moods(locker.peer, get_args(LockerMood)),
        }

    def channels(self) -> tuple[ChannelSettings, ...]:
        """Give the channels of the site that go to them."""
        modem = {"port": self._port, "balance": "*100#", "per_hour": 200}
        return (
            self.mail.channel(),
            ChannelSettings("sms", "modem", modem),
            ChannelSettings("app", "gateway", _gateway_options(self._gateway_url)),
        )

    def schedulers(self) -> tuple[SchedulerSettings, ...]:
        """Give the schedulers that the site asks."""
        return (SchedulerSettings("national", self.scheduler.url, self._programme, minutes=1),)

    def sign_in(self) -> Mapping[str, Mapping[str, str]]:
        """Give the settings of the ways of signing in that need one of them."""
        return {
            "oidc": {"issuer": self.provider.issuer, "client_id": self.provider.client_id},
        }

    def obey(self, lines: Iterable[str]) -> Iterator[str]:
        """Take the lines that are for one of them, such as ``mail later``; give the others."""
        for line in lines:
            word, _, mood = line.strip().lower().partition(" ")
            moods = self.moods.get(word)
            if moods is None:
                yield line
            elif act := moods.get(mood.strip()):
                self._say(act())
            elif word == "locker" and mood.count(",") == _COMMAS:
                self._say(self._locker.pull(*map(str.strip, mood.split(","))))
            else:
                self._say(f"{word}: one of {', '.join(moods)}")

    def close(self) -> None:
        """Stop them, the last one first."""
        self._started.close()


def _moods(system: Any, names: Iterable[str]) -> dict[str, Mood]:
    """Give a mood for each value that the system's own ``mood`` may have."""
    return {name: _setting(system, mood=name) for name in names}


def _modem_moods(modem: SoftwareModem) -> dict[str, Mood]:
    """Each failure is of one message; of a message in parts the second is lost."""
    failures = [name for name in get_args(gsm_modem.Failing) if name]
    return {
        "takes": _setting(modem, **_MODEM_BEHAVES),
        **{name: _setting(modem, failing=name, at_part=1) for name in failures},
        "loses-part": _setting(modem, failing="loses-part", at_part=2),
        "no-network": _setting(modem, registered=_SEARCHING),
        "not-delivered": _setting(modem, reporting="failed"),
        "no-report": _setting(modem, reporting="none"),
    }


def _gateway_moods(gateway: SoftwareGateway) -> dict[str, Mood]:
    failures = [name for name in get_args(sms_gateway.Mood) if name]
    return {
        "takes": _setting(gateway, mood="", otherwise="delivered"),
        **{name: _setting(gateway, mood=name) for name in failures},
        "not-delivered": _setting(gateway, mood="", otherwise="failed"),
        "no-report": _setting(gateway, mood="", otherwise="pending"),
    }


def _national_moods(provider: IdentityProvider, facility: str) -> dict[str, Mood]:
    """Beside its moods: new keys, and that somebody signs in with the code a tablet shows."""

    def rotate() -> str:
        provider.rotate()
        return "ok"

    def signs_in(staff: str) -> str:
        code = provider.waiting_code()
        if not code:
            return "No tablet shows a code: choose the national account at the sign-in first."
        provider.sign_in(code, {"preferred_username": staff, "facility_code": facility})
        return f"{staff} signed in with the code {code}."

    return {
        **_moods(provider, get_args(identity_provider.ProviderMood)),
        "new keys": rotate,
        **{staff.lower(): partial(signs_in, staff) for staff in _STAFF},
    }


def _setting(system: Any, **values: Any) -> Mood:
    def act() -> str:
        for name, value in values.items():
            setattr(system, name, value)
        return "ok"

    return act


def _gateway_options(url: str) -> dict[str, Any]:
    """Say how the gateway is asked, and what in its answers says what (docs/distribution.md)."""
    return {
        "url": f"{url}/send",
        "headers": "Content-Type: application/json",
        "body": '{"to": "{to}", "text": "{text}", "reference": "{reference}"}',
        "success_field": "messages.0.status",
        "success_values": "queued, sent",
        "id_field": "messages.0.id",
        "error_field": "messages.0.error",
        "number_errors": "E21211",
        "report_url": f"{url}/report/{{id}}",
        "report_field": "status",
        "delivered_values": "delivered",
        "failed_values": "failed, expired",
    }
