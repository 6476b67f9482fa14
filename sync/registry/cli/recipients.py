"""Tells the sites where their bundles are sealed to."""

from __future__ import annotations

import hashlib

from sync.protocol.bundles.headers import sign_recipient
from sync.protocol.entries import canonical
from sync.registry.registry import Registry
from sync.registry.store.records import NATION


def announce(registry: Registry) -> None:
    """Tell every site, once, where bundles are sealed to: for those enrolled before there was any.

    A letter with the same id is there once; a new recipient or ability makes a new one.
    """
    document = sign_recipient(registry.recipient, registry.instant(), registry.key)
    lasting = {name: value for name, value in document.items() if name not in ("at", "signature")}
    id_ = "recipient-" + hashlib.sha256(canonical(lasting)).hexdigest()[:24]
    registry.store.post(NATION, "recipient", id_, canonical(document).decode(), registry.instant())
