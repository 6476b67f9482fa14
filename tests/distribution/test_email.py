"""E-mail reaches a mail server over TLS once, and what the server does becomes a true word."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from channels import surroundings

from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.peers.mail_server import MailKey, MailServer, Mood, make_mail_key
from edge.plugins.distribution import email
from edge.plugins.distribution.contract import Document, OutgoingMessage
from edge.plugins.distribution.email import MailChannel, read_address, subject_of, written

TEXT = "Riverside: your certificate is ready. Answer STOP for no more messages."
PDF = Document(b"%PDF-1.7 \x00\xff", "application/pdf", "certificate.pdf")
USER, PASSWORD = "clinic", "of-the-tests"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> MailKey:
    return make_mail_key(tmp_path_factory.mktemp("mail"), now=datetime.now(UTC))


@pytest.fixture
def server(key: MailKey) -> Iterator[MailServer]:
    made = MailServer(key, user=USER, password=PASSWORD)
    yield made
    made.close()


@pytest.fixture
def channel(server: MailServer, key: MailKey, tmp_path: Path) -> Callable[..., MailChannel]:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")

    def made(**more: Any) -> MailChannel:
        told: Mapping[str, Any] = {
            "host": "localhost",
            "port": server.port,
            "sender": "clinic@riverside.example",
            "user": USER,
            "password_file": str(secret),
            "ca": str(key.certificate),
            **more,
        }
        return email.make(told, surroundings("email"))

    return made


def message(address: str = "amina@home.example", **more: Any) -> OutgoingMessage:
    told: dict[str, Any] = {"reference": "m-1", "address": address, "text": TEXT, "language": "en"}
    return OutgoingMessage(**{**told, "document": PDF, **more})


def test_a_message_arrives_with_its_pdf_one_sentence_as_subject_and_a_stable_id(
    server: MailServer, channel: Callable[..., MailChannel]
) -> None:
    for _ in range(2):
        assert channel().send(message()).state == "handed"
    first, again = server.delivered
    assert (first.sender, first.to) == ("clinic@riverside.example", "amina@home.example")
    read = first.message
    assert read["Subject"] == "Riverside: your certificate is ready."
    assert read["Message-ID"] == again.message["Message-ID"] == "<m-1@riverside.example>"
    assert read["Content-Language"] == "en"
    body = read.get_body()
    assert body is not None
    assert body.get_content().strip() == TEXT
    (attached,) = read.iter_attachments()
    assert attached.get_content() == PDF.data
    assert (attached.get_content_type(), attached.get_filename()) == (
        "application/pdf",
        "certificate.pdf",
    )


def test_lines_that_begin_with_a_dot_and_letters_of_any_script_arrive_as_they_are(
    server: MailServer, channel: Callable[..., MailChannel]
) -> None:
    text = "مركز ريفرسايد: شهادتك جاهزة. أجب قف.\n.\n..two\nlast"
    channel().send(message(text=text, language="ar", document=None))
    (found,) = server.delivered
    body = found.message.get_body()
    assert body is not None
    assert body.get_content().strip().replace("\r\n", "\n") == text
    assert found.message["Subject"] == "مركز ريفرسايد: شهادتك جاهزة."


def test_tls_from_the_first_byte_is_spoken_where_it_is_set(
    key: MailKey, channel: Callable[..., MailChannel]
) -> None:
    server = MailServer(key, implicit=True, user=USER, password=PASSWORD)
    try:
        assert channel(port=server.port, security="tls").send(message()).state == "handed"
        assert len(server.delivered) == 1
    finally:
        server.close()


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("shut", "email.not-now"),
        ("wrong-password", "email.password"),
        ("no-tls", "email.no-tls"),
        ("cut-before", "email.no-line"),
    ],
)
def test_a_server_that_takes_nothing_now_is_trouble_of_the_channel(
    server: MailServer, channel: Callable[..., MailChannel], mood: Mood, code: str
) -> None:
    server.mood = mood
    with pytest.raises(Unavailable) as refused:
        channel().send(message())
    assert (refused.value.code, refused.value.temporary) == (code, True)
    assert refused.value.hint
    assert server.delivered == []


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("unknown-address", "email.unknown-address"),
        ("unwilling", "email.refused"),
        ("spam", "email.refused"),
        ("too-large", "email.too-large"),
    ],
)
def test_a_message_that_never_goes_ends_with_the_word_that_says_why(
    server: MailServer, channel: Callable[..., MailChannel], mood: Mood, code: str
) -> None:
    server.mood = mood
    with pytest.raises(BadInput) as refused:
        channel().send(message())
    assert (refused.value.code, refused.value.temporary) == (code, False)
    assert "amina" not in str(refused.value) + repr(refused.value.values)


@pytest.mark.parametrize("mood", ["later", "full"])
def test_a_server_that_says_later_defers_the_message_at_no_cost(
    server: MailServer, channel: Callable[..., MailChannel], mood: Mood
) -> None:
    server.mood = mood
    assert channel().send(message()).state == "deferred"


@pytest.mark.parametrize("mood", ["silent-end", "cut-after"])
def test_a_line_that_is_cut_after_the_message_was_sent_leaves_it_unknown(
    server: MailServer, channel: Callable[..., MailChannel], mood: Mood
) -> None:
    server.mood = mood
    done = channel().send(message())
    assert (done.state, done.code) == ("unknown", "email.cut-off")
    assert len(server.delivered) == int(mood == "silent-end")


def test_nothing_is_sent_to_a_server_that_cannot_prove_who_it_is(
    server: MailServer, channel: Callable[..., MailChannel], tmp_path: Path
) -> None:
    other = make_mail_key(tmp_path, now=datetime.now(UTC))
    stale = tmp_path / "stale"
    stale.mkdir()
    old = make_mail_key(stale, now=datetime.now(UTC) - timedelta(days=30))
    for wrong in ({"ca": ""}, {"ca": str(other.certificate)}, {"host": "127.0.0.1"}):
        with pytest.raises(Unavailable) as refused:
            channel(**wrong).send(message())
        assert refused.value.code == "email.certificate"
    expired = MailServer(old, user=USER, password=PASSWORD)
    try:
        with pytest.raises(Unavailable, match="prove who it is"):
            channel(port=expired.port, ca=str(old.certificate)).send(message())
    finally:
        expired.close()
    assert server.delivered == []


def test_a_server_that_is_away_is_no_line(channel: Callable[..., MailChannel]) -> None:
    with pytest.raises(Unavailable) as refused:
        channel(port=1).send(message())
    assert refused.value.code == "email.no-line"


def test_a_message_larger_than_the_server_takes_is_not_sent(
    key: MailKey, channel: Callable[..., MailChannel]
) -> None:
    server = MailServer(key, user=USER, password=PASSWORD, size=500)
    try:
        with pytest.raises(BadInput) as refused:
            channel(port=server.port).send(message())
        assert refused.value.code == "email.too-large"
        assert server.delivered == []
    finally:
        server.close()


@pytest.mark.parametrize(
    "address",
    [
        "", "amina", "@home.example", "amina@", "amina@home", "a b@home.example",
        "amina@home.example\r\nBcc: x@y.example", "amina@home.example,b@c.example",
        "<amina@home.example>", "amina@home..example", "\x00@home.example", "ա@home.example",
        "a" * 250 + "@home.example", "amina@home.example>\r\nRCPT TO:<x@y.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_any_line_is_opened(
    server: MailServer, channel: Callable[..., MailChannel], address: str
) -> None:
    with pytest.raises(BadInput, match="Wrong address"):
        channel().send(message(address))
    assert server.sessions == 0


def test_an_address_is_read_whatever_script_its_domain_is_in() -> None:
    assert read_address(" Amina.Bello+x@HOME.example ").addr_spec == "Amina.Bello+x@HOME.example"
    assert read_address("amina@münchen.example").domain == "xn--mnchen-3ya.example"


def test_a_text_cannot_break_out_of_its_header() -> None:
    hostile = "Ready\r\nBcc: x@y.example\r\n\r\nhello"
    sender = read_address("clinic@riverside.example")
    wire = written(message(text=hostile), sender, read_address("a@b.example"))
    head = wire.split(b"\r\n\r\n")[0]
    assert b"\r\nBcc:" not in head
    assert subject_of(hostile) == "Ready Bcc: x@y.example hello"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"security": "none", "host": "mail.example"}, "security"),
        ({"security": "plain"}, "security"),
        ({"sender": "nobody"}, "sender"),
        ({"ca": "/nowhere.pem"}, "ca"),
        ({"password_file": ""}, "password_file"),
        ({"port": 70000}, "port"),
        ({"colour": "red"}, "colour"),
        ({"host": ""}, "host"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(
    channel: Callable[..., MailChannel], wrong: dict[str, Any], named: str
) -> None:
    with pytest.raises(EdgeError) as refused:
        channel(**wrong)
    assert named in str(refused.value)
    assert refused.value.hint


def test_no_secret_is_in_what_a_channel_shows_of_itself(
    channel: Callable[..., MailChannel], key: MailKey
) -> None:
    assert PASSWORD not in repr(channel())
    assert stat.S_IMODE(key.key.stat().st_mode) == 0o600
