"""Doses that wait for a line: seconds and bytes until the registry holds them.

Real processes in two networks with a shaper between them (``tests/helpers/networks.py``); needs
root. Bytes are those of all IP packets both ways, also of those sent again. A dose is two entries,
``DoseGiven`` and ``CertificateIssued`` with its signed codes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from edge.adapters.site_database import reading
from edge.journal.entries import entries

_TLS = "in TLS"
_CUTS = "cut off 8 times"
_UNTIL_CUT = 20_000
"""Bytes on their way up until the connection is cut off, and until the next time."""
_LINKS = (
    (500, "32 kbit/s, 600 ms, 5 %", {"rate": 32_000, "delay": 0.3, "loss": 0.05}),
    (500, f"32 kbit/s, 600 ms, 5 %, {_TLS}", {"rate": 32_000, "delay": 0.3, "loss": 0.05}),
    (100, "32 kbit/s, 600 ms, 5 %", {"rate": 32_000, "delay": 0.3, "loss": 0.05}),
    (100, "20 kbit/s, 1 s, 10 %", {"rate": 20_000, "delay": 0.5, "loss": 0.1}),
    (100, "64 kbit/s, 400 ms, 2 %", {"rate": 64_000, "delay": 0.2, "loss": 0.02}),
    (100, "4 kB/s, 300 ms each way", {"rate": 32_000, "delay": 0.3}),
    (500, "4 kB/s, 300 ms each way", {"rate": 32_000, "delay": 0.3}),
    (500, f"4 kB/s, 300 ms each way, {_CUTS}", {"rate": 32_000, "delay": 0.3}),
)


def measure(folder: Path, seed: int = 1, congestion: str = "") -> dict[str, float]:
    """Measure every link; ``congestion`` is TCP's congestion control, or empty: the machine's."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))
    from networks import Impossible, Networks, lacking
    from processes import with_waiting_doses

    if what := lacking():
        print(f"network: left out, {what} is missing", file=sys.stderr)
        return {}
    found: dict[str, float] = {}
    for doses in sorted({one for one, _, _ in _LINKS}):
        made = folder / f"waiting-{doses}"
        made.mkdir()
        try:
            networks = Networks(0, made / "captured")
        except Impossible as reason:
            print(f"network: left out, {reason}", file=sys.stderr)
            return {}
        try:
            with_waiting_doses(networks, made, doses)
        finally:
            networks.close()
        found[f"{doses} doses as JSON, bytes a dose"] = _json_bytes(made / "site", doses)
    for number, (doses, name, link) in enumerate(_LINKS):
        target = folder / f"link-{number}"
        target.mkdir()
        cuts = [{"what": "cut", "way": "up", "bytes": _UNTIL_CUT}] * (8 if _CUTS in name else 0)
        took, size = _deliver(
            folder / f"waiting-{doses}", target, link, seed, congestion, cuts, tls=_TLS in name
        )
        found[f"{name}, {doses} doses, seconds"] = took
        found[f"{name}, {doses} doses, bytes a dose on the wire"] = size / doses
    return found


def _deliver(
    made: Path,
    folder: Path,
    link: dict[str, float],
    seed: int,
    congestion: str,
    cuts: Sequence[dict[str, object]] = (),
    *,
    tls: bool = False,
) -> tuple[float, int]:
    """Let a copy of a site deliver; give seconds and bytes from first to last packet."""
    from imposters import relay, stranger
    from networks import REGISTRY, Link, Networks
    from processes import PORT, Registry, copied, set_up_again

    networks = Networks(seed, folder / "captured", congestion)
    try:
        site, registry = copied(networks, made, folder)
        front: AbstractContextManager[object] = nullcontext()
        if tls:  # it ends in front of the registry, as it does behind a load balancer
            context, root = stranger(folder)
            set_up_again(site, registry=f"https://{REGISTRY}:{PORT}", registry_ca=str(root))
            registry = Registry(networks, registry.folder, PORT + 1)
            front = relay(networks, PORT, registry.address, context)
        networks.line(Link(**link))
        networks.script(*(dict(one) for one in cuts))
        with registry, front, site:
            site.settles(600, "synced")
            count = networks.count()
    finally:
        networks.close()
    return count["last"] - count["first"], count["up"] + count["down"]


def _json_bytes(site: Path, doses: int) -> float:
    with reading(site) as db:
        waiting = list(entries(db))[-2 * doses :]
    assert {one.type for one in waiting} == {"DoseGiven", "CertificateIssued"}
    return sum(len(one.content.encode()) for one in waiting) / doses


if __name__ == "__main__":
    words = sys.argv[1:]
    seed = next((int(word) for word in words if word.isdigit()), 1)
    congestion = next((word for word in words if not word.isdigit()), "")
    with tempfile.TemporaryDirectory() as folder:
        for label, value in measure(Path(folder), seed, congestion).items():
            print(f"{label:58} {value:>12,.2f}")
