"""E-mail with the certificate as PDF, handed to a mail server over TLS.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 6409 (submission), RFC 5322 (messages). Each step
of SMTP is taken by itself, so that it is known whether a message may have arrived when the line is
cut. The ``Message-ID`` is made of the message's reference: whoever gets it twice keeps one.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from edge.domain.errors import EdgeError
from edge.plugins.contract import READY, Health, Need
from edge.plugins.distribution.contract import (
    AddressKind,
    Handed,
    Limits,
    OutgoingMessage,
    Reply,
    Report,
)
from edge.plugins.distribution.mail_answers import (
    check_sender,
    not_taken,
    not_to,
    too_large,
    unreached,
    wrong_address,
)
from edge.plugins.distribution.making import ChannelSurroundings, wrong_option

_STEP, _CONTENT = 10.0, 90.0
"""Seconds for one answer of the server; for the message itself and for the answer to it."""
_SECONDS = 300.0
_LONGEST_SUBJECT = 120
_LONGEST_ADDRESS = 254
_SENTENCE = re.compile(r"(?<=[.!?؟।。])\s")
_DOTS = re.compile(rb"(?m)^\.")

Text = Annotated[str, Meta(min_length=1, max_length=254)]


class MailOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of the channel; ``port`` 0: the usual one of ``security``.

    ``security``: TLS from the first byte, TLS by STARTTLS, or none, which only a server on this
    machine may have. ``ca`` is a file of certificates that are trusted beside no others.
    """

    host: Text
    sender: Text
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    ca: str = ""
    per_minute: Annotated[int, Meta(ge=0, le=10_000)] = 30
    per_hour: Annotated[int, Meta(ge=0, le=100_000)] = 0


_PORTS: Mapping[str, int] = {"tls": 465, "starttls": 587, "none": 25}


class MailChannel:
    """A mail server that takes messages of one sender (a :class:`Channel`)."""

    address: AddressKind = "email"
    needs: frozenset[Need] = frozenset({"line", "secret"})
    seconds = _SECONDS

    def __init__(self, options: MailOptions, password: str) -> None:
        self._options = options
        self._password = password
        self._sender = read_address(options.sender)
        self.limits = Limits(options.per_minute, options.per_hour, documents=True)

    def health(self) -> Health:
        """Say that nothing is known before a server was asked."""
        return READY

    def details(self) -> Mapping[str, str]:
        """Say which server it is."""
        return {"Mail server": self._options.host}

    def send(self, message: OutgoingMessage) -> Handed:
        """Hand a message to the server.

        Raises :class:`BadInput` for a wrong address or a message that the server never takes,
        :class:`Unavailable` where it takes nothing of this site at present.
        """
        to = read_address(message.address)
        content = written(message, self._sender, to)
        with self._session() as server:
            return _handed(server, self._sender, to, content)

    def reports(self) -> Sequence[Report]:
        """Know of none: what comes back goes to the sender's own mailbox."""
        return ()

    def replies(self) -> Sequence[Reply]:
        """Know of none, for the same reason."""
        return ()

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """Open a session that is secure and signed in; raises :class:`Unavailable`."""
        options = self._options
        port = options.port or _PORTS[options.security]
        try:
            context = ssl.create_default_context(cafile=options.ca or None)
            server = (
                smtplib.SMTP_SSL(options.host, port, timeout=_STEP, context=context)
                if options.security == "tls"
                else smtplib.SMTP(options.host, port, timeout=_STEP)
            )
        except (OSError, smtplib.SMTPException) as error:
            raise unreached(error) from None
        try:
            try:
                if options.security == "starttls":
                    server.starttls(context=context)
                if options.user:
                    server.login(options.user, self._password)
                else:
                    server.ehlo_or_helo_if_needed()
            except (OSError, smtplib.SMTPException) as error:
                raise unreached(error) from None
            yield server
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def _handed(server: smtplib.SMTP, sender: Address, to: Address, content: bytes) -> Handed:
    """Give a server one message, step by step."""
    most = server.esmtp_features.get("size", "")
    if most.isdigit() and 0 < int(most) < len(content):
        raise too_large(552)
    try:
        check_sender(
            server.mail(sender.addr_spec, [f"size={len(content)}"] if most else []), sender
        )
        code, said = server.rcpt(to.addr_spec)
        if code not in (250, 251):
            return not_to(code, said)
        code, said = server.docmd("DATA")
    except (OSError, smtplib.SMTPException) as error:
        raise unreached(error) from None
    if code != 354:
        return not_taken(code)
    try:
        if server.sock is not None:
            server.sock.settimeout(_CONTENT)
        server.send(content + b".\r\n")
        code, _ = server.getreply()
    except (OSError, smtplib.SMTPException):
        return Handed(
            "unknown",
            code="email.cut-off",
            sentence="The line was cut before the mail server had said that it took the message.",
        )
    return Handed() if code == 250 else not_taken(code)


def written(message: OutgoingMessage, sender: Address, to: Address) -> bytes:
    """Write a message as it goes over the line, its dots doubled; the PDF is attached.

    Raises :class:`BadInput` for an address or a text that would break out of its header.
    """
    mail = EmailMessage(policy=WIRE)
    try:
        mail["From"], mail["To"] = sender, to
        mail["Subject"] = subject_of(message.text)
        mail["Message-ID"] = f"<{message.reference}@{sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        if message.document is not None:
            maintype, _, subtype = message.document.media_type.partition("/")
            mail.add_attachment(
                message.document.data,
                maintype=maintype,
                subtype=subtype,
                filename=message.document.name,
            )
        mail["Content-Language"] = message.language  # a header of the whole, so after its parts
        content = mail.as_bytes()
    except (ValueError, MessageError):
        raise wrong_address() from None
    return _DOTS.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n")


def subject_of(text: str) -> str:
    """Give the first sentence of a text as one line: it names no more than the text does."""
    first = _SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]
    return first[:_LONGEST_SUBJECT]


def read_address(text: str) -> Address:
    """Read one address of e-mail; raises :class:`BadInput` for anything else.

    A name of a domain in letters of any script is written as the mail system has it (RFC 5890).
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        if not at or not local or len(text) > _LONGEST_ADDRESS or not text.isprintable():
            raise ValueError
        plain = domain.encode("idna").decode()
        if "." not in plain and plain != "localhost":
            raise ValueError
        found = Address(addr_spec=f"{local}@{plain}")
        found.addr_spec.encode("ascii")
    except (ValueError, IndexError, MessageError):
        raise wrong_address() from None
    if (found.username, found.domain) != (local, plain):
        raise wrong_address()
    return found


def make(options: Mapping[str, Any], around: ChannelSurroundings) -> MailChannel:
    """Make the channel of its settings; raises :class:`EdgeError` for wrong ones."""
    try:
        told = msgspec.convert(dict(options), MailOptions)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("`$.")[2].rstrip("`") or "email"
        raise wrong_option(name, "is not right", "it as docs/distribution.md shows") from None
    if told.security == "none" and not _is_here(told.host):
        raise wrong_option("security", "leaves messages open on their way", '"starttls" or "tls"')
    if told.ca and not Path(told.ca).is_file():
        raise wrong_option("ca", "names no file", "the file of the authority's certificate")
    password = around.secret("password", told.password_file)
    if told.user and not password:
        raise wrong_option("password_file", "is missing", "the file with the user's password")
    try:
        return MailChannel(told, password)
    except EdgeError:
        raise wrong_option(
            "sender", "is no address of e-mail", "one, such as a@b.example"
        ) from None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
