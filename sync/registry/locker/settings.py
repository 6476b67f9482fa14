"""What the registry and a digital locker have agreed on, as their portal has it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sync.protocol.errors import SyncError

_ISSUER = re.compile(r"[a-z]+(\.[a-z]+)*")
_DOCUMENT = re.compile(r"[A-Z]{5}")
LEAST_KEY, MOST_KEY = 16, 512
"""Bytes of the API key: what is shorter is guessed."""


@dataclass(frozen=True, slots=True)
class LockerSettings:
    """``issuer`` is the registry's id at the locker (``in.gov.demoland``), ``document`` the type.

    ``org`` is the name under which the locker asks, ``key`` the API key that both know. Raises
    :class:`SyncError` for what a locker's portal would not take. Source: Issuer API Specification
    of DigiLocker, section 7.1.
    """

    issuer: str
    document: str
    org: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _ISSUER.fullmatch(self.issuer):
            raise SyncError(
                "locker.issuer",
                "{issuer} is no issuer's id: write small letters with dots between them, such as"
                " in.gov.demoland.",
                issuer=self.issuer[:60],
            )
        if not _DOCUMENT.fullmatch(self.document):
            raise SyncError(
                "locker.document",
                "{document} is no document type: write five capital letters, such as VACER.",
                document=self.document[:60],
            )
        if not self.org.strip():
            raise SyncError(
                "locker.org", "The organisation's id is empty: copy it from the locker's portal."
            )
        if not LEAST_KEY <= len(self.key) <= MOST_KEY:
            raise SyncError(
                "locker.key",
                "The locker's key has {length} bytes: it needs {least} to {most}. Make one with"
                " openssl rand -hex 32.",
                length=len(self.key),
                least=LEAST_KEY,
                most=MOST_KEY,
            )

    def uri(self, number: str) -> str:
        """Name a certificate: ``<issuer>-<document type>-<number>``."""
        return f"{self.issuer}-{self.document}-{number}"

    def number_of(self, uri: str) -> str:
        """Give the certificate's number of a URI of ours; empty for any other."""
        begins = f"{self.issuer}-{self.document}-".casefold()
        text = uri.strip()
        return text[len(begins) :].upper() if text.casefold().startswith(begins) else ""
