"""A ministry that signs campaigns: keys, a folder, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from sync.registry.campaigns.delegations import add_region, put_region
from sync.registry.campaigns.folder import CampaignFolder
from sync.registry.campaigns.roles import RoleKeys

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def signer() -> CryptoSigner:
    return CryptoSigner(Ed25519PrivateKey.generate())


class Ministry:
    """Two of three root keys, two of three keys for campaigns, and the registry's own."""

    def __init__(
        self, folder: Path, online: CryptoSigner | None = None, now: datetime = NOW
    ) -> None:
        self.now = now
        self.folder = CampaignFolder(folder)
        self.path = folder
        self.roots, self.keys = [signer() for _ in range(3)], [signer() for _ in range(3)]
        self.online = online or signer()
        self.folder.create(
            self.role(self.roots), self.role(self.keys), self.online.public_key, self.later(1000)
        )
        self.sign(self.roots[:2])

    @staticmethod
    def role(signers: Sequence[CryptoSigner], threshold: int = 2) -> RoleKeys:
        return RoleKeys([signer.public_key for signer in signers], threshold)

    def later(self, days: float, now: datetime | None = None) -> datetime:
        return (now or self.now) + timedelta(days=days)

    def sign(self, signers: Sequence[CryptoSigner]) -> None:
        for one in signers:
            self.folder.sign(one)

    def campaign(self, body: Mapping[str, Any], days: float = 300) -> None:
        """Put a campaign into the folder and have it signed by two keys."""
        self.folder.put(json.dumps(body).encode(), self.later(days))
        self.sign(self.keys[:2])

    def files(self, now: datetime | None = None, days: int = 90) -> dict[str, bytes]:
        return self.folder.complete(self.online, now or self.now, days)

    def region(self, name: str, *facilities: str, threshold: int = 2) -> list[CryptoSigner]:
        """Delegate facilities to a region with three keys of its own; gives those."""
        keys = [signer() for _ in range(3)]
        add_region(self.folder, name, self.role(keys, threshold), facilities)
        self.sign(self.keys[:2])
        return keys

    def say(
        self,
        name: str,
        keys: Sequence[CryptoSigner],
        body: Mapping[str, Any],
        now: datetime | None = None,
        days: float = 300,
    ) -> int:
        """Put a region's part into the folder and have it signed by its keys; gives its number."""
        national = json.loads(self.folder.campaign() or b"{}")
        packed = json.dumps(body).encode()
        until = self.later(days, now)
        number = put_region(self.folder, name, packed, national, now or self.now, until)
        self.sign(keys)
        return number
