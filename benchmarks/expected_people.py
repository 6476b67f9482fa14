"""A list of 10,000 people for one site: cut and sealed, fetched, taken in, and withdrawn.

``python -m benchmarks.expected_people [people]``; CPU of this process, in a registry's and a site's
encrypted files.
"""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.search import common, invented
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.node import Node
from edge.wiring.campaigns import campaign_reader
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.enrolment_lists import open_pieces, read_list, seal_pieces
from sync.protocol.instants import instant
from sync.protocol.letters import Letter
from sync.registry.cli.opening import opened
from sync.registry.enrolment_lists import ListFile, publish, withdraw
from sync.registry.keys import age_identities
from sync.registry.registry import Registry
from sync.registry.sealed_pieces import kept_frame
from sync.resources import resource

PEOPLE = 10_000
NODE = "n" * 24
_HEADER = (
    "phone,identity,nationality,dob,gender,name,email,addressLine1,addressLine2,district,state,"
    "pincode,doseNumber,enrollmentScopeId"
)


def measure(folder: Path, people: int = PEOPLE) -> dict[str, float]:
    folder.mkdir(exist_ok=True)
    node = _site(folder / "site")
    data = folder / "registry"
    store = opened(data, None, make=True)
    store.enrol(NODE, "key", "DEMO01", "Riverside", instant(datetime.now(UTC)))
    own = age_identities(data)
    kept, identity = recipient_of(own[0]), new_identity()
    registry = Registry(store, None, recipient=kept, identities=own)  # type: ignore[arg-type]
    listed = ListFile("spring", "covid-19", _table(people), "people.csv")
    try:
        now = instant(datetime.now(UTC))
        sealed = _spent(lambda: publish(store, listed, kept, now, secrets.token_bytes))
        (letter,) = store.letters(NODE, 0, 9)
        told = read_list(_body(letter.body))
        travelled: list[bytes] = []

        def fetch() -> None:
            for piece in told.pieces:
                frame = kept_frame(registry, "demo01", piece.hash)
                assert frame is not None
                travelled.append(seal_pieces([frame], recipient_of(identity)))

        given = _spent(fetch)
        node.inbox.take([_letter(letter, 1)])

        def take() -> None:
            for data in travelled:
                node.expected.take(open_pieces(data, [identity]))
            node.expected.settle()

        applied = _spent(take)
        (there,) = node.registry.state().lists
        withdraw(store, "spring", instant(datetime.now(UTC)))
        _, gone = store.letters(NODE, 0, 9)

        def let_go() -> None:
            node.inbox.take([_letter(gone, 2)])
            node.expected.settle()

        left = _spent(let_go)
        with node.journal.reading() as db:
            (still,) = db.execute("SELECT count(*) FROM person").fetchone()
        return {
            "people": there.people,
            "pieces": len(told.pieces),
            "not taken, as they look alike": there.held,
            "cut and sealed to the registry (s of CPU)": sealed,
            "opened and sealed to the site (s of CPU)": given,
            "bytes that travel": sum(map(len, travelled)),
            "taken in (s of CPU)": applied,
            "taken in, of one piece (s of CPU)": applied / len(told.pieces),
            "withdrawn (s of CPU)": left,
            "people who are left": still,
        }
    finally:
        node.close()
        store.close()


def _site(folder: Path) -> Node:
    make_site(folder, Settings(facility="DEMO01"))
    node = Node(folder)
    node.campaigns.apply(campaign_reader().folder(resource("config/demo/campaign")))
    return node


def _letter(kept: object, number: int) -> Letter:
    return Letter("own", number, kept.id, kept.kind, _body(kept.body), kept.at)  # type: ignore[attr-defined]


def _body(text: str) -> dict[str, object]:
    body: dict[str, object] = json.loads(text)
    return body


def _table(people: int) -> str:
    chance, lines = Random(20), [_HEADER]
    names = invented(chance, 11_000)
    for number in range(people):
        name = f"{common(chance, names)} {common(chance, names)}"
        born = date(1950, 1, 1) + timedelta(days=chance.randrange(25_000))
        lines.append(
            f"5557{number:06},did:web:id.demoland.example:8{number:07},Demolander,{born},"
            f"{'Female' if number % 2 else 'Male'},{name},,{number} Well Lane,,District"
            f" {number % 60},Delta,100101,1,DEMO01"
        )
    return "\n".join(lines) + "\n"


def _spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
        for label, value in measure(Path(folder), count).items():
            print(f"{label:48} {value:>12,.2f}")
