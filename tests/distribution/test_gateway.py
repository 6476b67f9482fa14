"""A gateway that fails in any way is told of in true words, and asked for nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.peers.sms_gateway import SoftwareGateway, gateway_on_loopback
from edge.plugins.distribution.contract import Handed, OutgoingMessage
from edge.plugins.distribution.gateway import GatewayChannel
from edge.plugins.distribution.gateway_options import make
from edge.plugins.distribution.http_template import at_path
from edge.plugins.distribution.making import ChannelSurroundings

MESSAGE = OutgoingMessage("m1", "+254712345678", 'Ready: "yes", {text}\n&to=+1', "en")
OPTIONS: dict[str, object] = {
    "headers": "Authorization: Bearer {secret}\nContent-Type: application/json",
    "body": '{"to": "{to}", "message": {"text": "{text}", "ref": "{reference}"}, "flash": false}',
    "success_field": "messages.0.status",
    "success_values": "queued, sent",
    "id_field": "messages.0.id",
    "error_field": "messages.0.error",
    "number_errors": "E21211",
    "report_field": "status",
    "delivered_values": "delivered",
    "failed_values": "failed, expired",
}


class Bench:
    """A gateway on a port, and channels to it in a time of their own."""

    def __init__(self) -> None:
        self.gateway = SoftwareGateway()
        self.seconds = 0.0
        self.kept: dict[str, str] = {}

    def channel(self, **more: object) -> GatewayChannel:
        urls = {
            "url": f"{self.gateway.url}/send",
            "report_url": f"{self.gateway.url}/report/{{id}}",
        }
        return make({**urls, **OPTIONS, **more}, self.around())

    def around(self) -> ChannelSurroundings:
        return ChannelSurroundings(
            name="sms", facility="DEMO01", elapsed=lambda: self.seconds, sleep=lambda _: None,
            remembered=lambda name: self.kept.get(name, ""), remember=self.kept.__setitem__,
        )  # fmt: skip


@pytest.fixture(scope="module")
def line() -> Iterator[Bench]:
    bench = Bench()
    with gateway_on_loopback(bench.gateway):
        yield bench


@pytest.fixture
def bench(line: Bench) -> Bench:
    url = line.gateway.url
    line.gateway.__init__(url=url)  # type: ignore[misc]
    line.seconds, line.kept = 0.0, {}
    return line


def test_a_message_is_asked_for_as_the_template_has_it_and_nothing_breaks_out(bench: Bench) -> None:
    handed = bench.channel().send(MESSAGE)
    assert handed == Handed("handed", ("g1",))
    assert bench.gateway.taken == [
        {"to": MESSAGE.address, "message": {"text": MESSAGE.text, "ref": "m1"}, "flash": False}
    ]


def test_a_form_has_its_values_encoded(bench: Bench) -> None:
    body = "to={to}&text={text}"
    bench.channel(body=body, headers="Content-Type: application/x-www-form-urlencoded").send(
        MESSAGE
    )
    assert bench.gateway.taken == [
        {"form": "to=%2B254712345678&text=Ready%3A%20%22yes%22%2C%20%7Btext%7D%0A%26to%3D%2B1"}
    ]


@pytest.mark.parametrize(
    ("mood", "state", "code"),
    [
        ("error-in-200", "later", "gateway.error"), ("rejects", "later", "gateway.error"),
        ("failed", "unknown", "gateway.failed"), ("hangs-up", "unknown", "gateway.cut-off"),
        ("garbage", "unknown", "gateway.answer"), ("cut", "unknown", "gateway.cut-off"),
    ],
)  # fmt: skip
def test_what_a_gateway_answers_is_told_as_it_is(
    bench: Bench, mood: str, state: str, code: str
) -> None:
    bench.gateway.mood = mood  # type: ignore[assignment]
    handed = bench.channel().send(MESSAGE)
    assert (handed.state, handed.code) == (state, code)
    assert MESSAGE.address not in handed.sentence.format(**handed.values)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("Bad recipient +254712345678", "Bad recipient +…"),
        ("254 712-345 678: out of reach", "…: out of reach"),
        ("to=%2B254712345678", "to=%2B…"),
        ("(0712) 345-678 is barred", "(… is barred"),
        ("٠٧١٢٣٤٥٦٧٨ is barred", "… is barred"),
        ("no mailbox asha@home.example here", "no mailbox … here"),
        ("asha%40home.example", "…"),
        ("x" * 36 + " 712345678", "x" * 36 + " …"),
        ("E21211: no credit in account 4711", "E21211: no credit in account 4711"),
    ],
)
def test_what_a_gateway_says_is_told_without_the_number_that_it_quotes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: str, shown: str
) -> None:
    answer = json.dumps({"messages": [{"status": "no", "error": error}]}).encode()
    monkeypatch.setattr(bench.gateway, "answer", lambda *_: (422, answer))
    handed = bench.channel(number_errors="").send(MESSAGE)
    assert handed.sentence.format(**handed.values) == (
        f"The gateway answered with an error ({shown})."
    )


@pytest.mark.parametrize(
    ("mood", "kind", "code"),
    [
        ("wrong-number", BadInput, "gateway.number"), ("busy", Unavailable, "gateway.busy"),
        ("no-account", Unavailable, "gateway.refused"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_wrong_number_or_the_gateways_trouble(
    bench: Bench, mood: str, kind: type[EdgeError], code: str
) -> None:
    bench.gateway.mood = mood  # type: ignore[assignment]
    with pytest.raises(EdgeError) as raised:
        bench.channel().send(MESSAGE)
    assert (type(raised.value), raised.value.code) == (kind, code)
    assert bench.gateway.taken == []


def test_a_gateway_that_sends_elsewhere_is_not_followed(bench: Bench) -> None:
    bench.gateway.mood = "elsewhere"
    for field in ("messages.0.status", ""):
        assert bench.channel(success_field=field).send(MESSAGE).state == "unknown"


def test_a_gateway_that_is_away_took_nothing(bench: Bench) -> None:
    channel = bench.channel(url="http://127.0.0.1:9/send")
    with pytest.raises(Unavailable) as raised:
        channel.send(MESSAGE)
    assert raised.value.code == "gateway.away"


def test_after_an_unclear_answer_nothing_is_asked_for_a_while_that_grows(bench: Bench) -> None:
    channel = bench.channel()
    bench.gateway.mood = "failed"
    lost = 0
    for _ in range(600):
        bench.seconds += 10
        try:
            lost += channel.send(MESSAGE).state == "unknown"
        except Unavailable:
            continue
    assert 5 <= lost <= 12


def test_a_gateway_that_knows_references_is_asked_again(bench: Bench) -> None:
    bench.gateway.mood = "hangs-up"
    assert bench.channel(idempotent=True).send(MESSAGE).state == "again"


def test_an_answer_that_comes_byte_by_byte_is_given_up_in_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.plugins.distribution.gateway._IN_ALL", 0.3)
    bench.gateway.mood = "slow"
    handed = bench.channel().send(MESSAGE)
    assert (handed.state, handed.code) == ("unknown", "gateway.silent")


def test_a_gateway_that_breaks_off_a_report_is_not_asked_of_the_others_at_once(
    bench: Bench,
) -> None:
    channel = bench.channel()
    for _ in range(3):
        channel.send(MESSAGE)
    bench.seconds, bench.gateway.mood = 60.0, "cut"
    assert channel.reports() == []
    assert bench.gateway.looks == 1
    bench.gateway.mood, bench.gateway.otherwise = "", "delivered"
    bench.seconds = 200.0
    assert [report.receipt for report in channel.reports()] == ["g1", "g2", "g3"]


def test_its_reports_are_asked_for_also_after_a_restart(bench: Bench) -> None:
    first = bench.channel()
    ids = [first.send(MESSAGE).receipts[0] for _ in range(3)]
    assert list(first.reports()) == []
    bench.gateway.arrived = {ids[0]: "delivered", ids[1]: "expired"}
    bench.seconds += 60
    again = bench.channel()
    told = {report.receipt: (report.state, report.code) for report in again.reports()}
    assert told == {ids[0]: ("delivered", ""), ids[1]: ("bounced", "gateway.bounced")}
    assert json.loads(bench.kept["outstanding"]) == [ids[2]]
    for _ in range(40):
        bench.seconds += 86400
        again.reports()
    assert json.loads(bench.kept["outstanding"]) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("url", "http://gateway.example/send"), ("url", "ftp://x"), ("url", ""),
        ("body", '{"to": {to}}'), ("body", '{"name": "{name}"}'), ("body", "to={to.x}"),
        ("method", "PUT"), ("headers", "no colon"), ("headers", "X: {text}"),
        ("success_values", ""), ("report_field", ""), ("colour", "red"), ("idempotent", "yes"),
    ],
)  # fmt: skip
def test_a_wrong_setting_of_a_gateway_is_named(bench: Bench, option: str, value: str) -> None:
    with pytest.raises(BadInput) as raised:
        bench.channel(**{option: value})
    assert raised.value.field == option
    assert raised.value.hint


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.1.b", "x"), ("a.0", ""), ("a.7.b", ""), ("n", "5"), ("t", "true"), ("", ""), ("a.b", "")],
)
def test_a_path_into_an_answer_gives_a_text_or_nothing(path: str, found: str) -> None:
    assert at_path({"a": [{}, {"b": "x"}], "n": 5, "t": True}, path) == found
