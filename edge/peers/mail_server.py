"""A mail server in software: it takes messages over TLS, and misbehaves in the way it is told.

It speaks as much of SMTP as a site uses: EHLO, STARTTLS, AUTH PLAIN and LOGIN, MAIL, RCPT, DATA.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sync.own_files import write_whole

_LONGEST = 16 * 1024 * 1024

Mood = Literal[
    "takes", "later", "full", "unknown-address", "unwilling", "spam", "too-large", "silent-end",
    "cut-before", "cut-after", "shut", "wrong-password", "no-tls",
]  # fmt: skip
"""What it does: ``later`` is 451 to every message, ``full`` 452 to every address; ``silent-end``
takes a message and cuts the line before it says so; ``cut-before`` cuts it before any of it came,
``cut-after`` in the middle; ``shut`` greets with 421."""


@dataclass(frozen=True, slots=True)
class MailKey:
    """The files with the server's certificate and key, in PEM."""

    certificate: Path
    key: Path


def make_mail_key(folder: Path, host: str = "localhost", *, now: datetime) -> MailKey:
    """Make a key and a certificate that vouches for itself, good for a day, in a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    files = MailKey(folder / "mail.crt", folder / "mail.key")
    files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(files.key, plain)
    return files


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that the server took: from whom, to whom, and as it came."""

    sender: str
    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, read."""
        found = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(found, EmailMessage)  # noqa: S101  (that is what this policy makes)
        return found


class MailServer:
    """Listens on a port of this machine until it is closed; ``mood`` may be changed meanwhile.

    ``implicit``: TLS from the first byte. ``user`` empty: nobody signs in.
    """

    def __init__(
        self,
        key: MailKey | None = None,
        *,
        implicit: bool = False,
        user: str = "",
        password: str = "",
        size: int = _LONGEST,
        folder: Path | None = None,
    ) -> None:
        """``folder``: where each message is written, as ``1.eml`` and on."""
        self._folder = folder
        self.mood: Mood = "takes"
        self.delivered: list[Delivered] = []
        self.sessions = 0
        self.user, self.password, self.size, self.implicit = user, password, size, implicit
        self.context: ssl.SSLContext | None = None
        if key is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(key.certificate, key.key)
        server = self

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError, ssl.SSLError, ValueError):
                    _Session(server, self.request).run()

        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=True)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def take(self, message: Delivered) -> None:
        """Keep a message."""
        self.delivered.append(message)
        if self._folder is not None:
            taken = sum(1 for _ in self._folder.glob("*.eml"))
            write_whole(self._folder / f"{taken + 1}.eml", message.content)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Session:
    """One connection."""

    def __init__(self, server: MailServer, line: socket.socket) -> None:
        self._server = server
        self._line = line
        self._line.settimeout(30)
        self._secure = False
        self._sender = self._to = ""
        self._ended = False

    def run(self) -> None:
        self._server.sessions += 1
        if self._server.implicit:
            self._wrap()
        if self._server.mood == "shut":
            self._say("421 4.3.2 come back later")
            return
        self._say("220 mail.example ESMTP")
        verbs: Mapping[str, Callable[[str], None]] = {
            "EHLO": self._hello, "STARTTLS": self._tls, "AUTH": self._sign_in, "MAIL": self._from,
            "RCPT": self._rcpt, "DATA": self._data, "QUIT": self._quit,
        }  # fmt: skip
        while not self._ended:
            verb, _, rest = self._read().partition(" ")
            verbs.get(verb.upper(), self._unknown)(rest)

    def _unknown(self, _: str) -> None:
        self._say("502 5.5.2 not known")

    def _hello(self, _: str) -> None:
        offered = [f"SIZE {self._server.size}"]
        if self._server.context and not self._secure and self._server.mood != "no-tls":
            offered.append("STARTTLS")
        if self._server.user:
            offered.append("AUTH PLAIN LOGIN")
        told = ["mail.example", *offered]
        for name in told[:-1]:
            self._say(f"250-{name}")
        self._say(f"250 {told[-1]}")

    def _tls(self, _: str) -> None:
        self._say("220 go on")
        self._wrap()

    def _wrap(self) -> None:
        assert self._server.context is not None  # noqa: S101  (a server with TLS has one)
        self._line = self._server.context.wrap_socket(self._line, server_side=True)
        self._secure = True

    def _sign_in(self, told: str) -> None:
        way, _, first = told.partition(" ")
        if way.upper() == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user = self._asked("Username:") if not first else base64.b64decode(first).decode()
            password = self._asked("Password:")
        known = (user, password) == (self._server.user, self._server.password)
        if known and self._server.mood != "wrong-password":
            self._say("235 2.7.0 signed in")
        else:
            self._say("535 5.7.8 not known")

    def _asked(self, what: str) -> str:
        self._say("334 " + base64.b64encode(what.encode()).decode())
        return base64.b64decode(self._read()).decode()

    def _from(self, told: str) -> None:
        self._sender = told.partition("<")[2].partition(">")[0]
        self._say("250 2.1.0 ok")

    def _rcpt(self, told: str) -> None:
        self._to = told.partition("<")[2].partition(">")[0]
        answers = {
            "full": "452 4.2.2 mailbox full",
            "unknown-address": f"550 5.1.1 <{self._to}> is not known",
            "unwilling": "554 5.7.1 relaying denied",
        }
        self._say(answers.get(self._server.mood, "250 2.1.5 ok"))

    def _data(self, _: str) -> None:
        if self._server.mood == "cut-before":
            self._quit("")
            return
        self._say("354 go on")
        content = bytearray()
        while not content.endswith(b"\r\n.\r\n") and len(content) < _LONGEST:
            piece = self._line.recv(65536)
            if not piece or self._server.mood == "cut-after":
                self._ended = True
                return
            content += piece
        answers = {
            "later": "451 4.7.1 greylisted",
            "spam": "554 5.7.1 rejected",
            "too-large": "552 5.3.4 too large",
        }
        if self._server.mood in answers:
            self._say(answers[self._server.mood])
            return
        whole = bytes(content[:-3]).replace(b"\r\n..", b"\r\n.")
        self._server.take(Delivered(self._sender, self._to, whole))
        if self._server.mood == "silent-end":
            self._ended = True
            return
        self._say("250 2.0.0 taken")

    def _quit(self, _: str) -> None:
        self._ended = True

    def _read(self) -> str:
        told = bytearray()
        while not told.endswith(b"\n"):
            piece = self._line.recv(1)
            if not piece or len(told) > 4096:
                raise OSError
            told += piece
        return told.decode("latin-1").strip()

    def _say(self, line: str) -> None:
        self._line.sendall(line.encode() + b"\r\n")
