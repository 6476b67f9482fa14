"""What a mail server's answers come to: later, never, or a wrong address, each in words."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.headerregistry import Address

from edge.domain.errors import BadInput, Unavailable
from edge.plugins.distribution.contract import Handed

_UNWILLING = re.compile(r"5\.7\.\d+")
"""Enhanced status (RFC 3463) of a server that does not want to, whoever the address is of."""
_REFUSALS = {
    "email.refused": (
        "The mail server refuses this message ({status}).",
        "Ask its administrator why.",
    ),
    "email.too-large": (
        "The mail server does not take a message as large as this certificate ({status}).",
        "Print it for the person.",
    ),
}
"""What is said, and what helps, by the code of the error."""


def check_sender(answer: tuple[int, bytes], sender: Address) -> None:
    """Go on where the server takes messages of this sender."""
    code, _ = answer
    if code != 250:
        raise Unavailable(
            "email.sender",
            "The mail server takes nothing from {sender} at present ({status}).",
            hint="Ask its administrator whether the site may send under this address.",
            sender=sender.addr_spec,
            status=code,
        )


def not_to(code: int, said: bytes) -> Handed:
    """Say what becomes of a message whose address the server does not take."""
    if code < 500:
        return not_taken(code)
    if _UNWILLING.search(said.decode("ascii", "replace")):
        raise _refusal("email.refused", code)
    raise wrong_address(code)


def not_taken(code: int) -> Handed:
    """Say what becomes of a message that the server does not take now, or never."""
    if code < 500:
        return Handed(
            "deferred",
            code="email.deferred",
            sentence="The mail server does not take it yet ({status}).",
            values={"status": code},
        )
    raise _refusal("email.too-large" if code == 552 else "email.refused", code)


def too_large(status: int) -> BadInput:
    """Say that the server takes no message as large."""
    return _refusal("email.too-large", status)


def _refusal(code: str, status: int) -> BadInput:
    sentence, hint = _REFUSALS[code]
    return BadInput(code, sentence, hint=hint, status=status)


def wrong_address(code: int = 0) -> BadInput:
    """Say that an address is none, or that the server answered ``code`` to it."""
    if not code:
        return BadInput(
            "email.address",
            "Wrong address: nobody can get e-mail there.",
            hint="Ask the person to spell the address.",
        )
    return BadInput(
        "email.unknown-address",
        "Wrong address: the mail server does not know it ({status}).",
        hint="Ask the person to spell the address.",
        status=code,
    )


def unreached(error: Exception) -> Unavailable:
    """Say why the server takes nothing; what it said itself stays out: it may name somebody."""
    found = next(row for row in _TROUBLES if isinstance(error, row[0]))  # all of them are OSErrors
    _, code, sentence, hint = found
    status = getattr(error, "smtp_code", 0)
    return Unavailable(code, sentence, hint=hint, status=status)


_TROUBLES: tuple[tuple[tuple[type[Exception], ...], str, str, str], ...] = (
    (
        (smtplib.SMTPAuthenticationError,),
        "email.password",
        "The mail server does not take the site's user name and password.",
        "Write the right ones into site.toml and its file.",
    ),
    (
        (ssl.SSLError,),
        "email.certificate",
        "The mail server cannot prove who it is, so nothing is sent to it.",
        "Compare host and ca in site.toml with the server's certificate; look at the clock.",
    ),
    (
        (smtplib.SMTPNotSupportedError,),
        "email.no-tls",
        "The mail server does not offer TLS or signing in.",
        "Ask its administrator for the port that does.",
    ),
    (
        (smtplib.SMTPResponseException,),
        "email.not-now",
        "The mail server takes nothing at present ({status}).",
        "It is tried again.",
    ),
    (
        (OSError,),
        "email.no-line",
        "The mail server cannot be reached.",
        "It is tried again. Look whether the line works.",
    ),
)
