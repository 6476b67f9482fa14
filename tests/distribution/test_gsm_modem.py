"""A modem that fails at any point costs nobody a message twice, and the page says what is true."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.peers.gsm_modem import ModemLine, SoftwareModem, modem_on_a_terminal, text_from
from edge.plugins.distribution.contract import OutgoingMessage
from edge.plugins.distribution.gsm.channel import ModemChannel, make, make_with
from edge.plugins.distribution.making import ChannelSurroundings

SHORT = OutgoingMessage("m1", "+254712345678", "Your certificate is ready.", "en")
LONG = OutgoingMessage("m2", "+254712345678", "شهادة التطعيم جاهزة. " * 8, "ar")
"""Three parts in UCS2."""


@dataclass
class Bench:
    """A modem on a line of a time of its own; unplugged, it is not there."""

    modem: SoftwareModem
    seconds: float = 0.0
    plugged: bool = True
    kept: dict[str, str] = field(default_factory=dict)
    opened: int = 0
    credentials: Path | None = None

    def __post_init__(self) -> None:
        self.line: ModemLine | None = None

    def pass_(self, seconds: float = 0.1) -> None:
        self.seconds += seconds

    def open(self, _port: str, _baud: int) -> ModemLine:
        if not self.plugged:
            raise OSError(2, "No such file")
        self.opened += 1
        self.line = ModemLine(self.modem, self.pass_)
        return self.line

    def channel(self, **options: object) -> ModemChannel:
        return make_with({"port": "/dev/serial/by-id/x", **options}, self.around(), self.open)

    def around(self) -> ChannelSurroundings:
        return ChannelSurroundings(
            name="sms",
            facility="DEMO01",
            elapsed=lambda: self.seconds,
            sleep=self.pass_,
            remembered=lambda name: self.kept.get(name, ""),
            remember=self.kept.__setitem__,
            credentials=self.credentials,
        )


@pytest.fixture
def bench() -> Bench:
    return Bench(SoftwareModem())


def refused(ask: Callable[[], object]) -> EdgeError:
    with pytest.raises(EdgeError) as raised:
        ask()
    return raised.value


def test_a_message_is_taken_by_the_network_and_its_report_names_it(bench: Bench) -> None:
    channel = bench.channel()
    handed = channel.send(SHORT)
    assert handed.state == "handed"
    (report,) = channel.reports()
    assert (report.receipt,) == handed.receipts
    assert report.state == "delivered"
    assert list(channel.reports()) == []


def test_a_long_message_has_a_receipt_for_each_part(bench: Bench) -> None:
    bench.modem.reporting = "late"
    channel = bench.channel()
    handed = channel.send(LONG)
    assert len(handed.receipts) == len(set(handed.receipts)) == len(bench.modem.taken) == 3
    assert list(channel.reports()) == []
    assert bench.line
    bench.line.waiting += bench.modem.report_late()
    assert [report.receipt for report in channel.reports()] == list(handed.receipts)


def test_a_report_of_failure_says_why(bench: Bench) -> None:
    bench.modem.reporting = "failed"
    channel = bench.channel()
    channel.send(SHORT)
    (report,) = channel.reports()
    assert (report.state, report.code) == ("bounced", "sms.status-43")
    assert report.sentence == "The number is not obtainable."


def test_a_part_that_was_refused_for_a_moment_is_given_again_and_no_other(bench: Bench) -> None:
    bench.modem.failing, bench.modem.at_part = "error", 2
    handed = bench.channel().send(LONG)
    assert handed.state == "handed"
    assert len(bench.modem.taken) == len(set(bench.modem.taken)) == 3


def test_a_message_of_which_a_part_was_lost_is_unknown_and_says_how_much_went(bench: Bench) -> None:
    bench.modem.failing, bench.modem.at_part = "loses-part", 2
    handed = bench.channel().send(LONG)
    assert (handed.state, handed.code, len(handed.receipts)) == ("unknown", "sms.cms-38", 3)
    assert handed.sentence.format(**handed.values).startswith("The network took 1 of 3 parts")


@pytest.mark.parametrize("how", ["hangs", "reset"])
def test_a_modem_that_stops_within_a_message_leaves_it_unknown_and_works_again(
    bench: Bench, how: str
) -> None:
    channel = bench.channel()
    bench.modem.failing = how  # type: ignore[assignment]
    handed = channel.send(SHORT)
    assert (handed.state, handed.code) == ("unknown", "sms.cut-off")
    assert len(bench.modem.taken) == 1
    assert channel.send(LONG).state == "handed"
    assert bench.opened == 2


def test_a_modem_that_gives_no_prompt_took_nothing_and_is_asked_again(bench: Bench) -> None:
    channel = bench.channel()
    bench.modem.failing = "no-prompt"
    error = refused(lambda: channel.send(SHORT))
    assert isinstance(error, Unavailable)
    assert bench.modem.taken == []
    assert channel.send(SHORT).state == "handed"


@pytest.mark.parametrize(
    ("how", "kind", "code"),
    [
        ("no-credit", Unavailable, "sms.cms-512"),
        ("wrong-number", BadInput, "sms.cms-28"),
        ("silent", Unavailable, "sms.silent"),
    ],
)
def test_what_the_modem_says_no_with_is_a_sentence(
    bench: Bench, how: str, kind: type[EdgeError], code: str
) -> None:
    bench.modem.failing = how  # type: ignore[assignment]
    error = refused(lambda: bench.channel().send(SHORT))
    assert (type(error), error.code) == (kind, code)
    assert error.hint
    assert bench.modem.taken == []


def test_a_modem_that_is_unplugged_is_named_and_found_again(bench: Bench) -> None:
    channel = bench.channel()
    channel.send(SHORT)
    bench.plugged = False
    assert bench.line
    bench.line.open = False
    assert refused(lambda: channel.send(SHORT)).code == "sms.no-modem"
    assert refused(lambda: channel.replies()).code == "sms.no-modem"
    bench.plugged = True
    assert channel.send(SHORT).state == "handed"
    assert len(bench.modem.taken) == 2


def test_a_modem_pulled_out_in_the_middle_of_a_message_leaves_it_unknown(bench: Bench) -> None:
    channel = bench.channel()

    def pull() -> None:
        assert bench.line
        bench.line.open = False

    bench.modem.took = pull
    assert channel.send(SHORT).state == "unknown"


@pytest.mark.parametrize(
    ("state", "code"), [("0", "sms.no-network"), ("2", "sms.no-network"), ("3", "sms.denied")]
)
def test_nothing_is_sent_without_a_network(bench: Bench, state: str, code: str) -> None:
    bench.modem.registered = state
    assert refused(lambda: bench.channel().send(SHORT)).code == code


def handed_pin(bench: Bench, folder: Path, pin: str) -> None:
    """Hand the PIN over as systemd does."""
    bench.credentials = folder
    (folder / "sms.pin").write_text(f"{pin}\n")


def test_the_sims_pin_is_given_once_and_the_modem_sends(bench: Bench, tmp_path: Path) -> None:
    bench.modem.pin = "1357"
    handed_pin(bench, tmp_path, "1357")
    assert bench.channel().send(SHORT).state == "handed"
    assert bench.modem.tries == 3


def test_a_wrong_pin_is_tried_once_also_after_restarts_and_another_one_once(
    bench: Bench, tmp_path: Path
) -> None:
    bench.modem.pin = "1357"
    handed_pin(bench, tmp_path, "0000")
    codes = [refused(lambda: bench.channel().send(SHORT)).code for _ in range(5)]
    assert codes == ["sms.pin-refused", *["sms.pin-tried"] * 4]
    assert bench.modem.tries == 2
    handed_pin(bench, tmp_path, "1357")
    assert bench.channel().send(SHORT).state == "handed"
    assert bench.modem.tries == 2
    assert "0000" not in str(bench.kept)


def test_a_sim_that_wants_a_pin_nobody_gave_is_named(bench: Bench) -> None:
    bench.modem.pin = "1357"
    assert refused(lambda: bench.channel().send(SHORT)).code == "sms.no-pin"
    assert bench.modem.tries == 3


def test_answers_are_given_and_then_deleted_from_the_modem(bench: Bench) -> None:
    channel = bench.channel()
    channel.replies()
    assert bench.line
    bench.line.waiting += bench.modem.reply(text_from("+254712345678", "STOP"))
    (told,) = channel.replies()
    assert (told.address, told.text) == ("+254712345678", "STOP")
    assert len(bench.modem.stored) == 1  # until it is known to have been recorded
    assert list(channel.replies()) == []
    assert bench.modem.stored == {}


def test_a_modem_that_cannot_list_its_memory_is_in_trouble_and_not_at_fault(bench: Bench) -> None:
    channel = bench.channel()
    bench.modem.refuses = "AT+CMGL"
    assert refused(channel.replies).code == "sms.cms-320"
    bench.modem.refuses = ""
    assert list(channel.replies()) == []


def test_signal_network_and_credit_are_known(bench: Bench) -> None:
    channel = bench.channel(balance="*100#")
    channel.reports()
    details = channel.details()
    assert details == {"Signal": "-77 dBm", "Network": "home", "Credit": "You have 12.50 left."}


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"port": ""}, "port"), ({"port": 5}, "port"), ({"port": "x", "baud": "fast"}, "baud"),
        ({"port": "x", "pim_file": "x"}, "pim_file"), ({"port": "x", "balance": '1";AT'}, "balance"),
        ({"port": "x", "per_hour": -1}, "per_hour"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(bench: Bench, options: dict[str, object], field: str) -> None:
    error = refused(lambda: make_with(options, bench.around(), bench.open))
    assert error.field == field
    assert error.hint


@pytest.mark.slow
def test_a_modem_on_a_real_terminal_sends_and_reports() -> None:
    bench = Bench(SoftwareModem())
    with modem_on_a_terminal(bench.modem) as path:
        channel = make({"port": path}, replace(bench.around(), elapsed=time.monotonic))
        assert channel.send(LONG).state == "handed"
        assert len(channel.reports()) == 3
