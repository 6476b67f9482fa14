"""Readers of what comes back from channels to people: a modem's lines, a gateway's answers."""

from __future__ import annotations

import contextlib
import json

from edge.domain.errors import EdgeError
from edge.peers.gsm_modem import status_report, text_from
from edge.plugins.distribution.contract import OutgoingMessage
from edge.plugins.distribution.gsm.channel import make_with
from edge.plugins.distribution.gsm.pdu import submit_parts
from edge.plugins.distribution.http_template import at_path
from edge.plugins.distribution.making import ChannelSurroundings
from tests.fuzzing.target import Target

_ROOM = "edge/plugins/distribution"
_MESSAGE = OutgoingMessage("m1", "+254712345678", "Ready.", "en")


class _Says:
    """A port on which the same is said after each command."""

    def __init__(self, data: bytes, passed: list[float]) -> None:
        self._data, self._left, self._passed = data, b"", passed

    def write(self, data: bytes, /) -> object:
        self._left = self._data
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        piece, self._left = self._left[:size], self._left[size:]
        if not piece:
            self._passed[0] += 30.0
        return piece

    def close(self) -> None:
        """Let it go."""


def channel_targets() -> tuple[Target, ...]:
    """Give them."""
    (part,) = submit_parts(_MESSAGE.address, _MESSAGE.text, 0)
    report, reply = status_report(part.digits, 1, 0x41), text_from("+254712345678", "STOP")
    said = (
        f"\r\n+CPIN: READY\r\n+CREG: 0,1\r\n+CSQ: 18,99\r\n+CMGL: 1,0,,24\r\n{reply}\r\nOK\r\n"
        f"+CDS: 25\r\n{report}\r\n> ",
        "+CMGS: 7\r\n\r\nOK\r\n",
        '+CUSD: 0,"0048",72\r\nOK\r\n+CMS ERROR: 28\r\n',
    )
    modules = tuple(
        f"{_ROOM}/gsm/{name}.py" for name in ("alphabet", "pdu", "dialogue", "modem", "channel")
    )
    return (
        Target("modem", modules, _by_modem, tuple(one.encode() for one in said), ()),
        Target("gateway", (f"{_ROOM}/http_template.py",), _by_gateway, (
            b'{"messages": [{"id": "g1", "status": "queued", "error": null}]}', b"[[1, 2], {}]",
        ), (ValueError, RecursionError)),
    )  # fmt: skip


def _by_modem(data: bytes) -> None:
    passed = [0.0]
    around = ChannelSurroundings(
        name="sms", facility="DEMO01", elapsed=lambda: passed[0], sleep=lambda _: None,
        remembered=lambda _: "", remember=lambda *_: None,
    )  # fmt: skip
    channel = make_with({"port": "x", "balance": "*1#"}, around, lambda *_: _Says(data, passed))
    for ask in (channel.reports, channel.replies, lambda: channel.send(_MESSAGE)):
        with contextlib.suppress(EdgeError):
            ask()


def _by_gateway(data: bytes) -> None:
    document = json.loads(data)
    for path in ("messages.0.status", "0.1", "", "a.b.c"):
        assert isinstance(at_path(document, path), str)
