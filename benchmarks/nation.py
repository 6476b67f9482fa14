"""A nation's signed campaign: what a site fetches, how long publishing and applying take.

``python -m benchmarks.nation``: 30,000 facilities and 100,000 staff, in 300 districts by the
beginnings of their codes, and in 12 regions with every code written out; then 2,000 facilities,
20,000 staff and 300 programmes, as a campaign in 20 regions.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from edge.adapters.settings import Settings, read_settings
from edge.cli.site import make_site
from edge.node import Node
from edge.services.pins import without_pins
from edge.wiring.campaigns import campaign_reader
from sync.protocol import frames
from sync.registry.campaigns.delegations import add_region, put_region
from sync.registry.campaigns.folder import CampaignFolder
from sync.registry.campaigns.letters import for_site
from sync.registry.campaigns.roles import RoleKeys
from sync.registry.publishing import post_signed
from sync.registry.store.records import NATION
from sync.registry.store.stores import embedded, open_store
from sync.resources import resource

_SITE = "R001F0001"


def measure(folder: Path) -> dict[str, float]:
    """Measure all three."""
    figures: dict[str, float] = {}
    for name, facilities, staff, regions, programmes, written_out in (
        ("30,000 facilities, 300 districts", 30_000, 100_000, 300, 4, False),
        ("30,000 facilities, 12 regions, codes written out", 30_000, 100_000, 12, 4, True),
        ("2,000 facilities, 300 programmes", 2_000, 20_000, 20, 300, False),
    ):
        nation = _Nation(folder / f"{regions}", facilities, staff, regions, programmes)
        found = nation.measure(written_out=written_out)
        figures |= {f"{name}: {label}": value for label, value in found.items()}
    return figures


class _Nation:
    def __init__(
        self, folder: Path, facilities: int, staff: int, regions: int, programmes: int
    ) -> None:
        folder.mkdir(parents=True)
        self._path, self._now = folder, datetime.now(UTC)
        self._each, self._staff = facilities // regions, staff // regions
        self._names = [f"R{number:03d}" for number in range(1, regions + 1)]
        self._keys = [CryptoSigner(Ed25519PrivateKey.generate()) for _ in range(3)]
        self._online = CryptoSigner(Ed25519PrivateKey.generate())
        self._folder = CampaignFolder(folder / "signed")
        self._national = _national(programmes)

    def measure(self, *, written_out: bool) -> dict[str, float]:
        role = RoleKeys([key.public_key for key in self._keys], 2)
        until = self._now + timedelta(days=900)
        self._folder.create(role, role, self._online.public_key, until)
        self._folder.put(json.dumps(self._national).encode(), until)
        for name in self._names:
            codes = [f"{name}F{place:04d}" for place in range(1, self._each + 1)]
            add_region(self._folder, name, role, codes if written_out else [f"{name}*"])
        for name in self._names:
            self._put(name, until)
        self._sign()
        found = {"a region changes and signs, s": _took(lambda: self._change(until))}
        store = open_store(embedded(self._path))
        try:
            found["the registry publishes, s"] = _took(lambda: self._publish(store))
            # Again after one region has changed: what happens on most days.
            self._change(until)
            found["… again, one region changed, s"] = _took(lambda: self._publish(store))
            (letter,) = store.letters(NATION, 1, 1)
            body = json.loads(letter.body)
            found |= self._apply(_of_region(store, body))
        finally:
            store.close()
        files = [path for path in (self._path / "signed").rglob("*") if path.is_file()]
        found["all files of the nation, MB"] = sum(path.stat().st_size for path in files) / 1e6
        return found

    def _sign(self) -> None:
        for key in self._keys[:2]:
            self._folder.sign(key)

    def _put(self, name: str, until: datetime) -> None:
        packed = json.dumps(_region(name, self._each, self._staff)).encode()
        put_region(self._folder, name, packed, self._national, self._now, until)

    def _change(self, until: datetime) -> None:
        self._put("R001", until)
        self._sign()

    def _publish(self, store: Any) -> None:
        files = self._folder.complete(self._online, self._now, 90)
        root = self._folder.root_fingerprint
        post_signed(store, files, root, self._now, lambda: None)

    def _apply(self, body: dict[str, Any]) -> dict[str, float]:
        sent = frames.pack({"body": body})
        files = {name: text.encode() for name, text in body["files"].items()}
        site = self._path / "site"
        make_site(site, Settings(_SITE, campaign_root=self._folder.root_fingerprint))
        assert read_settings(site).facility == _SITE
        node = Node(site)
        try:
            begun = time.perf_counter()
            checked = node.campaigns.signed(files)
            proven = time.perf_counter()
            assert node.campaigns.apply(checked).new
            done = time.perf_counter()
        finally:
            node.close()
        return {
            "a site fetches, kB": sum(map(len, files.values())) / 1000,
            "… on the line, kB": len(sent) / 1000,
            "… files": float(len(files)),
            "the site proves and checks it, s": proven - begun,
            "… and applies it, s": done - proven,
        }


def _of_region(store: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Give the letter as the site of the benchmark gets it."""

    class _Store:
        def node(self, _node: str) -> Any:
            return type("Record", (), {"facility": _SITE})

        letter = staticmethod(store.letter)

    found: dict[str, Any] = for_site(_Store(), body, "node")  # type: ignore[arg-type]
    return found


def _national(programmes: int) -> dict[str, Any]:
    """Give the demonstration's campaign with so many programmes."""
    body = without_pins(campaign_reader().folder(resource("config/demo/campaign")).body)
    first = body["programmes"][0]
    more = [
        {**first, "id": f"programme-{number}", "name": f"Programme {number}"}
        for number in range(programmes - len(body["programmes"]))
    ]
    return {**body, "programmes": [*body["programmes"], *more]}


def _region(name: str, facilities: int, staff: int) -> dict[str, Any]:
    codes = [f"{name}F{place:04d}" for place in range(1, facilities + 1)]
    return {
        "facilities": [
            {
                "code": code,
                "name": f"Health centre {code}",
                "address": {"addressLine1": "1 Main Road", "district": name, "state": "Delta"},
            }
            for code in codes
        ],
        "staff": [
            {
                "code": f"{name}V{place:05d}",
                "name": f"Nurse {place} of {name}",
                "facilities": [codes[place % facilities]],
                "roles": ["vaccinator"],
            }
            for place in range(staff)
        ],
    }


def _took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main(_words: Sequence[str] = ()) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for label, value in measure(Path(folder)).items():
            print(f"{label:84} {value:>12,.3f}")


if __name__ == "__main__":
    main()
