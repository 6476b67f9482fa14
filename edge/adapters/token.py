"""Document signers' keys in a PKCS#11 token, named by a URI (:mod:`sync.tokens`)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from edge.domain.errors import Unavailable, told_by_sync
from sync.bounded_files import SMALL, read_bounded_text
from sync.tokens import Token, TokenAddress, TokenError, incomplete, read_address

_LABEL = "divoc-edge-"


class TokenKeys:
    """Keeps document signers' keys in one token (a :class:`KeyStore`)."""

    def __init__(self, uri: str, credentials: Path | None = None) -> None:
        """The PIN is in the URI's file, or handed over by systemd in ``credentials``."""
        with _in_words():
            address = read_address(uri)
            if address.pin_file is None and credentials is None:
                raise incomplete()
            handed = credentials / "pkcs11.pin" if credentials else None
            address = replace(address, pin_file=address.pin_file or handed)
            self._token = Token(address, _pin(address))

    def names(self) -> list[str]:
        """Name the keys in the token."""
        labels = self._token.labels()
        return [label.removeprefix(_LABEL) for label in labels if label.startswith(_LABEL)]

    def make(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Make a key in the token; it cannot be taken out."""
        return self._token.make(_LABEL + name)

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Give a key of the token."""
        with _in_words():
            return self._token.key(_LABEL + name)


def _pin(address: TokenAddress) -> str:
    try:
        return read_bounded_text(address.pin_file or Path(), SMALL).strip()
    except OSError as error:
        raise Unavailable(
            "keys.pin",
            "The file with the token's PIN cannot be read: {path}.",
            path=address.pin_file,
        ) from error


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except TokenError as error:
        raise told_by_sync(error) from error
