"""Each of the project's own channels keeps the contract of channels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from channel_contract import ChannelContract

from edge.peers.gsm_modem import ModemLine, SoftwareModem
from edge.peers.mail_server import MailServer
from edge.peers.sms_gateway import SoftwareGateway, gateway_on_loopback
from edge.plugins.distribution import email
from edge.plugins.distribution.email import MailChannel
from edge.plugins.distribution.gateway import GatewayChannel
from edge.plugins.distribution.gateway_options import make
from edge.plugins.distribution.gsm.channel import ModemChannel, make_with
from edge.plugins.distribution.making import ChannelSurroundings


class Standstill:
    """A time in which waits pass at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.kept: dict[str, str] = {}

    def pass_(self, seconds: float = 0.1) -> None:
        self.seconds += seconds

    def around(self) -> ChannelSurroundings:
        return ChannelSurroundings(
            name="sms", facility="DEMO01", elapsed=lambda: self.seconds, sleep=self.pass_,
            remembered=lambda name: self.kept.get(name, ""), remember=self.kept.__setitem__,
        )  # fmt: skip


class ByModem(Standstill):
    """A modem in software, which may be pulled out."""

    def __init__(self) -> None:
        super().__init__()
        self.modem, self.gone = SoftwareModem(), False
        self.lines: list[ModemLine] = []

    def channel(self) -> ModemChannel:
        return make_with({"port": "x"}, self.around(), self.open)

    def open(self, _port: str, _baud: int) -> ModemLine:
        if self.gone:
            raise OSError("no such port")
        self.lines.append(ModemLine(self.modem, self.pass_))
        return self.lines[-1]

    def arrived(self) -> int:
        return len(self.modem.taken)

    def away(self, gone: bool) -> None:
        self.gone = gone
        for line in self.lines:
            line.open = not gone


class ByGateway(Standstill):
    """A gateway in software, whose port may be another."""

    def __init__(self, gateway: SoftwareGateway) -> None:
        super().__init__()
        self.gateway, self.gone = gateway, False

    def channel(self) -> GatewayChannel:
        body = '{"to": "{to}", "text": "{text}"}'
        return make({"url": f"{self.gateway.url}/send", "body": body}, self.around())

    def arrived(self) -> int:
        return len(self.gateway.taken)

    def away(self, gone: bool) -> None:
        self.gateway.mood = "busy" if gone else ""


class TestModem(ChannelContract):
    @pytest.fixture
    def way(self) -> ByModem:
        return ByModem()


class TestGateway(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[ByGateway]:
        gateway = SoftwareGateway()
        with gateway_on_loopback(gateway):
            yield ByGateway(gateway)


class ByMail(Standstill):
    """A mail server in software, which may take nothing."""

    def __init__(self, server: MailServer) -> None:
        super().__init__()
        self.server = server

    def channel(self) -> MailChannel:
        told = {"host": "127.0.0.1", "port": self.server.port, "security": "none"}
        return email.make({**told, "sender": "clinic@riverside.example"}, self.around())

    def arrived(self) -> int:
        return len(self.server.delivered)

    def away(self, gone: bool) -> None:
        self.server.mood = "shut" if gone else "takes"


class TestEmail(ChannelContract):
    @pytest.fixture
    def way(self) -> Iterator[ByMail]:
        server = MailServer()
        yield ByMail(server)
        server.close()


class TestRiverside(ChannelContract):
    """The channel of the package of docs/extending.md: three lines for whoever adds one."""

    @pytest.fixture
    def way(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ByBoard:
        monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "plugin_package"))
        return ByBoard(tmp_path / "board")


class ByBoard(Standstill):
    """A folder whose files somebody reads out over the radio."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        folder.mkdir()

    def channel(self) -> object:
        from riverside_edge.radio import make  # type: ignore[import-not-found]

        return make({"folder": str(self.folder)}, self.around())

    def arrived(self) -> int:
        return len(list(self.folder.glob("*.txt"))) if self.folder.is_dir() else 0

    def away(self, gone: bool) -> None:
        hidden = self.folder.with_name("hidden")
        self.folder.rename(hidden) if gone else hidden.rename(self.folder)
