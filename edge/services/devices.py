"""Tablets that are paired with the site: let in by a secret that works once, and put out again."""

from __future__ import annotations

import base64
import hashlib
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge.domain.device import Device
from edge.domain.disk import Purpose
from edge.domain.errors import BadInput, NotAllowed, NotFound, Unavailable
from edge.domain.names.texts import tidied
from edge.domain.numbers import in_ascii_digits
from edge.journal import devices
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.ports import Clock, Entropy
from edge.services.site import IdSource
from sync.protocol.instants import instant

INVITED_FOR = timedelta(minutes=30)
_SECRET_BYTES, _KEY_BYTES = 15, 32
_SEEN_EVERY = timedelta(minutes=5)
"""How exactly the page tells when a tablet was here: each time costs a commit."""
_LONGEST_NAME = 40
_LEFT_OUT = str.maketrans("018", "OIB")
"""Letters that base32 does not have, as somebody may read them on paper."""


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A secret with which one tablet may be paired, in groups of four letters, and until when."""

    secret: str
    name: str
    ends_at: datetime


class Devices:
    """Knows the paired tablets.

    Secrets and keys are random, and only their SHA-256 is stored. With ``demanded`` nobody signs in
    on a tablet that is not paired.
    """

    def __init__(
        self, journal: Journal, clock: Clock, entropy: Entropy, ids: IdSource, *, demanded: bool
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._entropy = entropy
        self._ids = ids
        self.demanded = demanded
        self._lock = threading.Lock()
        self._known: dict[str, Device] = {}
        self._changes = 0

    def invite(self, name: str, by: str) -> PairingCode:
        """Make a secret for one more tablet; raises :class:`BadInput` for a name that is none."""
        name = _name(name)
        secret = base64.b32encode(self._entropy.bytes(_SECRET_BYTES)).decode()
        now = self._clock.now()
        ends = now + INVITED_FOR
        self._journal.run(
            lambda unit: devices.keep_pairing(
                unit.db, _hash(secret), name, instant(now), instant(ends), by
            )
        )
        return PairingCode(_grouped(secret), name, ends)

    def pair(self, secret: str, name: str = "") -> str:
        """Take a tablet in, and give the key that it shows from now on.

        Raises :class:`NotAllowed` for a secret that was used, is over, or never was.
        """
        plain = in_ascii_digits("".join(secret.split()))
        typed = plain.replace("-", "").upper().translate(_LEFT_OUT)
        key, now = self._entropy.bytes(_KEY_BYTES).hex(), instant(self._clock.now())
        named, id_ = tidied(name, _LONGEST_NAME), self._ids.new()

        def work(unit: Unit) -> bool:
            found = devices.use_pairing(unit.db, _hash(typed), now)
            if found is not None:
                devices.keep_device(unit.db, id_, _hash(key), named or found[0], now, found[1])
            return found is not None

        with self._journal.reading() as db:
            known = devices.has_pairing(db, _hash(typed))  # a guess costs no commit
        if not (known and self._journal.run(work)):
            raise NotAllowed(
                "pairing.over",
                "This code for pairing was used already, or its time is over.",
                hint="Ask a supervisor for a new set-up sheet.",
            )
        return key

    def of(self, key: str) -> Device | None:
        """Give the tablet that shows a key; None if it is none of ours, or was revoked."""
        if not key:
            return None
        hashed = _hash(key)
        with self._lock:
            known, changes = self._known.get(hashed), self._changes
        if known is None:
            with self._journal.reading() as db:
                known = devices.device_with(db, hashed)
            if known is None or known.revoked_at is not None:
                return None
            self._remember(hashed, known, changes)
        return self._seen(hashed, known)

    def all(self) -> list[Device]:
        """Give every tablet, those in use first."""
        with self._journal.reading() as db:
            return devices.all_devices(db)

    def revoke(self, id_: str, by: str) -> Device:
        """Put a tablet out at its next request, with whoever is signed in on it.

        Raises :class:`NotFound`.
        """
        now = instant(self._clock.now())

        def work(unit: Unit) -> Device | None:
            devices.revoke_device(unit.db, id_, now, by)
            return devices.device(unit.db, id_)

        found = self._journal.run(work, Purpose.UPKEEP)
        with self._lock:
            self._changes += 1
            self._known.clear()
        if found is None:
            raise NotFound(
                "device.unknown",
                "There is no such tablet.",
                hint="The list of tablets says which there are.",
                field="device",
            )
        return found

    def check_paired(self, device: Device | None) -> None:
        """Refuse who is not at a paired tablet, where that is demanded."""
        if self.demanded and device is None:
            raise NotAllowed(
                "device.unpaired",
                "This tablet is not paired with this site.",
                hint="Ask a supervisor or the technician for a set-up sheet, and scan its code.",
            )

    def _seen(self, hashed: str, known: Device) -> Device:
        now = self._clock.now()
        if abs(now - known.seen_at) < _SEEN_EVERY:
            return known
        with self._lock:
            if self._known.get(hashed) is not known:
                return known  # another request of this tablet is at it, or it was just revoked
            self._known[hashed] = seen = replace(known, seen_at=now)
        with suppress(Unavailable):  # a disk that takes nothing
            self._journal.run(
                lambda unit: devices.see_device(unit.db, seen.id, instant(now)), Purpose.UPKEEP
            )
        return seen

    def _remember(self, hashed: str, device: Device, changes: int) -> None:
        with self._lock:
            if changes == self._changes:  # none was revoked while it was looked up
                self._known[hashed] = device


def _name(name: str) -> str:
    found = tidied(name, _LONGEST_NAME)
    if not found:
        raise BadInput(
            "device.name",
            "The tablet has no name.",
            hint="Write what is on its back, for example Tablet 3.",
            field="name",
        )
    return found


def _grouped(secret: str) -> str:
    return "-".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
