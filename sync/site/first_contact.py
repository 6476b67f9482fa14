"""A site's first contact with a registry: whose key it has, before anything is told to it.

The site asks for the key alone, in a question that says nothing. The key must be the one that the
enrolment code names, and the key must have signed where things for the registry are sealed to; the
enrolment, and the code in it, is then sealed to that. So it makes no difference who carries it:
an impostor has another key, and who passes everything on reads nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync.protocol import frames
from sync.protocol.bundles.headers import Recipient, check_recipient
from sync.protocol.bundles.sealed import seal
from sync.protocol.enrolment_codes import has_fingerprint
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.keys import public_key, public_text
from sync.protocol.versions import NEWEST
from sync.site.transports import Transport

PATH = "key"


def known_registry(way: Transport, pinned: str, fingerprint: str) -> tuple[str, Recipient]:
    """Give the registry's key (base64), proven, and where things for it are sealed to.

    ``pinned`` is the key that is believed already, or empty; ``fingerprint`` in hex what the
    enrolment code says of it. Raises :class:`SyncError`: ``registry.other-key``,
    ``registry.no-fingerprint`` where neither is known (then nothing was asked),
    ``registry.needs-update``.
    """
    if not pinned and not fingerprint:
        raise SyncError(
            "registry.no-fingerprint",
            "This site does not know the registry's fingerprint, so nothing is sent. Ask the"
            " registry's office for an enrolment code, and enter it with: divoc-edge enrol",
        )
    told = way.ask(PATH, None)
    if not isinstance(told, Mapping) or not isinstance(told.get("key"), str):
        raise SyncError(
            "registry.needs-update",
            "The registry cannot prove its key. It needs an update; until then nothing is sent, and"
            " nothing is lost.",
        )
    try:
        key = public_key(told["key"])
        fits = public_text(key) == pinned if pinned else has_fingerprint(key, fingerprint)
        recipient = check_recipient(told.get("recipient"), key) if fits else None
    except ProtocolError:
        recipient = None
    if recipient is None:
        raise SyncError(
            "registry.other-key",
            "The registry has another key than the one this site was enrolled with."
            " Nothing is sent; call the national help desk.",
        )
    return public_text(key), recipient


def sealed_enrolment(enrolment: Mapping[str, Any], recipient: Recipient) -> bytes:
    """Seal a signed enrolment to the registry, as the frame that is sent."""
    sealed = seal([frames.pack(dict(enrolment))], recipient.address)
    document = {"protocol": NEWEST, "sealed": base64.b64encode(sealed).decode()}
    return frames.pack(document, replace(frames.FLOOR, level=0))  # what is sealed looks random
