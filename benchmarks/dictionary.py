"""Makes the shared dictionary of the protocol from entries of an invented site.

``python -m benchmarks.dictionary FILE``. A dictionary that was released is never made again: its
number stands for its bytes. A better one gets the next number.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.demoland import fill
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.node import Node
from edge.services.commands import AddressInput, GiveDose, RegisterPerson
from sync.protocol import frames
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.entries import canonical
from sync.protocol.receipts import Receipt, sign_receipt
from sync.protocol.states import FeedHead, Question, State, sign_state

NUMBER, SIZE, PEOPLE = 1, 16 * 1024, 400
_SYLLABLES = [
    "ba",
    "chi",
    "da",
    "fe",
    "go",
    "hu",
    "ja",
    "ka",
    "lo",
    "ma",
    "ne",
    "o",
    "pa",
    "qi",
    "ra",
    "sa",
    "te",
    "u",
    "va",
    "wa",
    "xi",
    "ya",
    "zo",
]


def invented_name(chance: random.Random) -> str:
    """Make up a name of two words that is nobody's in particular."""
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(2)]
    return " ".join(word.capitalize() for word in words)


def invented_address(chance: random.Random) -> dict[str, str]:
    """Make up an address, with DIVOC's keys."""
    return {
        "addressLine1": f"{chance.randrange(400)} {invented_name(chance)}",
        "district": chance.choice(["North", "South", "Lake", "Hill", "Coast"]),
        "state": "Demoland",
        "pincode": f"{chance.randrange(10**6):06d}",
        "country": "XX",
    }


def entries(people: int, seed: int) -> list[tuple[str, str]]:
    """Run a site in this process and give its entries: hash and canonical text, oldest first."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        make_site(site, Settings(facility="DEMO01"))
        node = Node(site)
        fill(node)
        with node.journal.reading() as db:
            staff = node.site.catalogues.current(db).staff
            before = db.execute("SELECT max(position) FROM entry").fetchone()[0]
        for _ in range(people):
            born = date(1940, 1, 1) + timedelta(days=chance.randrange(25_000))
            person = RegisterPerson(
                name=invented_name(chance),
                gender=chance.choice(["Male", "Female"]),
                birth_date=born,
                phone=f"7{chance.randrange(10**8):08d}",
                identity=f"did:in.gov.uidai.aadhaar:{chance.randrange(10**12):012d}",
                email=f"{chance.randrange(10**6)}@mail.example",
                nationality="Demoland",
                address=AddressInput(**invented_address(chance)),
                different_person=True,
            )
            id_ = node.desk.take(node.site.ids.new(), person, staff["R1"]).id
            dose = GiveDose(person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
            node.desk.take(node.site.ids.new(), dose, staff["V1"])
        with node.journal.reading() as db:
            found = db.execute(
                "SELECT hash, content FROM entry WHERE position > ? ORDER BY position", (before,)
            ).fetchall()
        node.close()
    return [(row[0], row[1]) for row in found]


def samples(people: int, seed: int) -> list[bytes]:
    """Give what travels, as it is before it is compressed."""
    key = Ed25519PrivateKey.generate()
    found = []
    for hash_, text in entries(people, seed):
        content = json.loads(text)
        batch = make_batch([content], hash_, key, 2)
        packed = encode_batch(batch, frames.FLOOR, short=True)
        found.append(canonical(frames.unpack(packed)))
        receipt = sign_receipt(
            Receipt(content["node"], content["epoch"], content["number"], hash_, 7, content["at"]),
            key,
        )
        found.append(canonical({"receipt": receipt.short(), "stored": 1, "alreadyHad": 0}))
        tip = (content["epoch"], content["number"])
        question = Question(hash_[:16], (tip,), 1, "0.1.0", 2)
        found.append(canonical(question.document()))
        state = State(
            content["node"], hash_[:16], content["at"], receipt, FeedHead(), FeedHead(), hash_[:12]
        )
        found.append(canonical(sign_state(state, key)))
    return found


def main() -> None:
    made = zstandard.train_dictionary(
        SIZE, samples(PEOPLE, NUMBER), dict_id=NUMBER, level=19, notifications=0
    )
    Path(sys.argv[1]).write_bytes(made.as_bytes())
    print(f"{sys.argv[1]}: {len(made.as_bytes())} bytes")


if __name__ == "__main__":
    main()
