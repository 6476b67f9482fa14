"""The records that every contender moves: about 1 kB of JSON each, of invented people.

They are entries as a site writes them when it registers somebody.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from typing import Any

from benchmarks.dictionary import invented_address, invented_name


def records(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Make so many; the shared dictionary was made from another seed's."""
    chance = random.Random(seed)
    return [_record(chance) for _ in range(count)]


def _record(chance: random.Random) -> dict[str, Any]:
    id_ = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    id_ = f"{id_[:14]}7{id_[15:]}"
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(30_000))
    moment = chance.randrange(8 * 3600, 17 * 3600)
    person = {
        "id": id_,
        "code": f"{chance.randrange(10**10):010d}",
        "name": invented_name(chance),
        "gender": chance.choice(["Female", "Male"]),
        "birthDate": born.isoformat(),
        "identity": f"did:in.gov.uidai.aadhaar:{chance.randrange(10**12):012d}",
        "nationality": "Demoland",
        "phone": f"7{chance.randrange(10**8):08d}",
        "email": f"{chance.randrange(10**6)}@mail.example",
        "address": invented_address(chance),
    }
    earlier = [
        {
            "vaccine": chance.choice(["bcg", "opv", "penta", "measles-rubella"]),
            "number": number,
            "lot": f"L{chance.randrange(40):04d}",
            "on": (born + timedelta(days=28 * number)).isoformat(),
            "facility": "DEMO02",
        }
        for number in (1, 2)
    ]
    body = {"person": person, "source": "walk-in", "programme": "covid-19", "facility": "DEMO01"}
    body["earlier"] = earlier
    at = f"2026-11-24T{moment // 3600:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}"
    return {
        "id": id_,
        "type": "PersonRegistered",
        "version": 1,
        "at": f"{at}.{chance.randrange(1000):03d}Z",
        "clock": "believed",
        "by": "R1",
        "cause": id_,
        "command": f"{chance.getrandbits(256):064x}",
        "body": body,
    }
