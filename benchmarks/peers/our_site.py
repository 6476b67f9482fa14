"""A site of ours: the real journal and the real follower; commands on standard input."""

from __future__ import annotations

import json
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.journal_source import JournalSource
from edge.journal.journal import Journal
from edge.journal.unit import Stamp, Unit
from sync.protocol import frames
from sync.protocol.keys import node_id, public_key, public_text
from sync.protocol.questions import sign_question
from sync.protocol.versions import NEWEST
from sync.site.follower import Follower
from sync.site.handshake import HandshakeEnvironment, Identity
from sync.site.transports import transport


def main() -> None:
    folder, url, source = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    key = Ed25519PrivateKey.generate()
    node = node_id(key.public_key())
    journal = Journal(
        folder / "journal.db",
        bytes(32),
        node=node,
        epoch=uuid.uuid4().hex[:16],
        stamp=lambda: Stamp(datetime.now(UTC), believed=True),
        die=lambda error: sys.exit(f"a commit failed: {error}"),
    )
    way = transport(url)
    # What passes inside TLS is counted, as with the others: so the way counts as proven.
    way.authenticated = True
    follower: Follower | None = None
    lines, place = source.read_text().splitlines(), 0
    for command in sys.stdin:
        what, _, count = command.strip().partition(" ")
        start = time.perf_counter()
        if what == "save":
            some = [json.loads(line) for line in lines[place : place + int(count)]]
            place += len(some)
            for first in range(0, len(some), 500):

                def work(
                    unit: Unit, group: list[dict[str, Any]] = some[first : first + 500]
                ) -> None:
                    for record in group:
                        unit.append(
                            record["type"],
                            record["body"],
                            id_=record["id"],
                            by=record["by"],
                            command=record["command"],
                        )

                journal.run(work)
        elif what == "meet":
            told = {
                "protocol": NEWEST,
                "key": public_text(key.public_key()),
                "facility": "DEMO01",
                "name": "Site",
                "code": "benchmark",
            }
            answer = way.ask("enrol", frames.pack(sign_question(told, "enrol", node, key)))
            identity = Identity(node, key, public_key(answer["key"]), "benchmark")
            ports = HandshakeEnvironment(time.monotonic, lambda: uuid.uuid4().hex[:16])
            follower = Follower(JournalSource(journal), way, identity, ports)
        elif follower is not None:
            done = follower.run()
            if done.state != "synced":
                raise SystemExit(f"{done.state}: {done.code}")
        print(time.perf_counter() - start, flush=True)
    journal.close()


if __name__ == "__main__":
    main()
