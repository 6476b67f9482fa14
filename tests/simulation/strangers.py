"""Sites that nobody knows: some do their work, others lie; what the registry may let them do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from centre import CODE, Nation
from clockwork import DAY, Violation
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.entropy import uuid7
from sync.protocol import frames, keys
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.entries import GENESIS, Link, canonical, chain_hash, linked
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import PersonQuery, make_question
from sync.protocol.instants import instant
from sync.protocol.proofs import CodeProof, OwnProof, Proof
from sync.protocol.questions import AGAIN, sign_question
from sync.protocol.versions import NEWEST
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.web.reading_api import read_cursor

if TYPE_CHECKING:
    from country import Country

_AGO = timedelta(days=1)
_PERSON = {"gender": "Female", "birthYear": 1990}
_DOSE = {
    **{"programme": "covid-19", "vaccine": "coviprotect", "number": 1, "total": 2, "lot": "CP1"},
    **{"facility": "DEMO01", "vaccinator": "V1"},
}


@dataclass
class Node:
    """One key, its chain, and what the registry answers it; ``sender`` is its address."""

    country: Country
    key: Ed25519PrivateKey
    epoch: str
    sender: str = "192.0.2.9"
    number: int = 0
    previous: str = GENESIS

    @property
    def id(self) -> str:
        return keys.node_id(self.key.public_key())

    def enrol(self, code: str = CODE, facility: str = "DEMO01") -> dict[str, Any]:
        """Ask to be let in."""
        asked = {
            **{"protocol": NEWEST, "nonce": "0123456789abcdef", "facility": facility, "code": code},
            **{"key": keys.public_text(self.key.public_key()), "name": "Stranger"},
        }
        signed = sign_question(asked, "enrol", self.id, self.key)
        return self.post("/v1/enrol", json.dumps(signed).encode())

    def ask(self, kind: str, document: dict[str, Any], of: str = "") -> dict[str, Any]:
        """Ask a question, and again at the instant that the registry wants; ``of`` another node."""
        node, after = of or self.id, ""
        path = f"/v1/nodes/{node}" + ("" if kind == "state" else f"/{kind}")
        for _ in range(3):
            signed = sign_question({**document, "after": after}, kind, node, self.key)
            answer = self.post(path, frames.pack(signed))
            if answer.get("code") != AGAIN:
                break
            after = answer["values"]["at"]
        return answer

    def batch(self, *entries: dict[str, Any], of: str = "") -> bytes:
        """Make a signed batch of entries, which belong to the chain from now on."""
        contents = []
        for entry in entries:
            self.number += 1
            link = Link(of or self.id, self.epoch, self.number, self.previous)
            content = canonical(linked(entry, link))
            self.previous = chain_hash(content)
            contents.append(json.loads(content))
            self.country.ledger.write(link.node, contents[-1], self.previous)
        made = make_batch(contents, self.previous, self.key, NEWEST)
        return encode_batch(made, frames.QUICK, short=False)

    def deliver(self, *entries: dict[str, Any]) -> dict[str, Any]:
        """Send a batch; give the answer."""
        return self.post(f"/v1/nodes/{self.id}/batches", self.batch(*entries))

    def hurry(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Send the next entry but one ahead of those before it."""
        ahead = linked(entry, Link(self.id, self.epoch, self.number + 2, "0" * 64))
        hashes = [chain_hash(canonical(ahead))]
        signature = keys.sign(self.key, {"urgent": hashes, "node": self.id})
        body = frames.pack({"entries": [ahead], "signature": signature})
        return self.post(f"/v1/nodes/{self.id}/urgent", body)

    def post(self, path: str, body: bytes) -> dict[str, Any]:
        """Send something; give the answer as it was meant."""
        answer = self.country.nation.call("POST", path, body, self.sender).data
        if frames.is_frame(answer):
            return frames.unpack(answer)
        found: dict[str, Any] = json.loads(answer)
        return found


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of an entry that was judged; ``waits``: held until this person is known."""

    node: str
    id: str
    state: str
    waits: str = ""


@dataclass
class Strangers:
    """Everybody who comes unannounced; chance of their own leaves that of the country alone."""

    country: Country
    random: Random
    expected: list[Expected] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def nation(self) -> Nation:
        return self.country.nation

    def come(self) -> None:
        """Somebody comes, and does one of the things that strangers do."""
        if self.nation.old:  # it speaks no version that they do
            return
        act: Callable[[], None] = self.random.choice(
            [
                *(self.forge_batch, self.forge_question, self.guess_code, self.go_on_stopped),
                *(self.send_too_much, self.hurry, self.work, self.arrive, self.pry, self.read),
            ]
        )
        self.country.work.log(f"a stranger: {act.__name__}")
        act()

    def node(self) -> Node:
        """Make somebody with a new key."""
        key = Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))
        return Node(self.country, key, f"{self.random.getrandbits(64):016x}")

    def newcomer(self) -> Node:
        """Let somebody in who has the code."""
        node = self.node()
        if "key" not in (answer := node.enrol()):
            raise Violation(f"a site with the right code is not let in: {answer.get('code')}")
        return node

    def uuid(self) -> str:
        """Make an id."""
        return uuid7(self.country.work.moment(), self.random.randbytes(10))

    def entry(self, type_: str, body: dict[str, Any], id_: str = "") -> dict[str, Any]:
        """Make an entry of now."""
        id_, at = id_ or self.uuid(), self.nation.registry.instant()
        known = {"version": 1, "at": at, "clock": "believed", "by": "V1", "cause": id_}
        return {"id": id_, "type": type_, **known, "body": body}

    def person(self, id_: str) -> dict[str, Any]:
        """Make the registration of somebody."""
        code = f"{self.random.getrandbits(36):012d}"
        self.people.append((id_, code))
        told = {**_PERSON, "id": id_, "code": code, "name": f"Somebody {code}"}
        return self.entry("PersonRegistered", {"person": told, "source": "walk-in"}, id_)

    def dose(self, person: str, **wrong: Any) -> dict[str, Any]:
        """Make a dose of today."""
        today = self.nation.registry.instant()[:10]
        told = {**_DOSE, "person": person, "on": today, "expiry": today, **wrong}
        return self.entry("DoseGiven", {k: v for k, v in told.items() if v is not None})

    # What they do.

    def forge_batch(self) -> None:
        """Deliver in the name of a site whose key is another."""
        victim, node = self.random.choice(list(self.country.clinics)), self.node()
        answer = node.post(
            f"/v1/nodes/{victim}/batches", node.batch(self.dose(self.uuid()), of=victim)
        )
        if "receipt" in answer:
            raise Violation("a batch that another key signed was taken for a site's")

    def forge_question(self) -> None:
        """Ask in the name of a site whose key is another."""
        victim, node = self.random.choice(list(self.country.clinics)), self.node()
        kind = self.random.choice(("state", "letters", "history"))
        asked: dict[str, dict[str, Any]] = {
            "state": {"tips": [], "waiting": 0, "software": "1"},
            "letters": {"nation": [0, ""], "own": [0, ""]},
            "history": make_question([PersonQuery(self.uuid())], "0123456789abcdef"),
        }
        document = {"protocol": NEWEST, "nonce": "0123456789abcdef", **asked[kind]}
        if "signature" in (answer := node.ask(kind, document, of=victim)):
            raise Violation(f"a question for {kind} that another key signed was answered: {answer}")

    def guess_code(self) -> None:
        """Come with a code that is none, that is over, or that somebody else has used."""
        now = self.nation.now()
        code = f"once {self.random.getrandbits(64)}"
        digest = hashlib.sha256(code.encode()).hexdigest()
        kind = self.random.choice(("wrong", "over", "used", "elsewhere"))
        if kind != "wrong":
            ends = now - _AGO if kind == "over" else now + _AGO
            facility = "OTHER1" if kind == "elsewhere" else "DEMO01"
            self.nation.store.add_code(digest, facility, instant(ends), instant(now))
        if kind == "used" and "key" not in (answer := self.node().enrol(code)):
            raise Violation(f"a one-time code does not let its site in: {answer.get('code')}")
        guesser = self.node()
        guesser.sender = f"198.51.100.{self.random.randrange(256)}"
        if "key" in guesser.enrol(code):
            raise Violation(f"a site was let in with a code that is {kind}")

    def go_on_stopped(self) -> None:
        """Go on after an operator has stopped the site; come back when it is let in again."""
        node = self.newcomer()
        node.deliver(self.person(self.uuid()))
        self.nation.store.set_state(node.id, "stopped", self.nation.registry.instant())
        entry = self.dose(self.uuid())
        before = node.number, node.previous
        told = [node.deliver(entry), node.hurry(self.entry("CertificateRevoked", {}))]
        told.append(node.ask("state", {"tips": [], "waiting": 0, "software": "1", **_ASKED}))
        if any(answer.get("code") != "node.stopped" for answer in told):
            raise Violation(f"a stopped site is still served: {told}")
        self.nation.store.set_state(node.id, "active", self.nation.registry.instant())
        node.number, node.previous = before
        if "receipt" not in (answer := node.deliver(entry)):
            raise Violation(f"a site that was let in again is not served: {answer}")

    def send_too_much(self) -> None:
        """Send more than one site may on a day."""
        nation, node = self.nation, self.newcomer()
        sparing = Registry(
            nation.store, nation.key, limits=Limits(entries_a_day=3), now=nation.registry.now
        )
        sparing.batch(node.id, node.batch(*(self.person(self.uuid()) for _ in range(3))))
        try:
            sparing.batch(node.id, node.batch(self.person(self.uuid())))
        except ProtocolError as error:
            if error.code == "node.quota":
                return
        raise Violation("a site may send as much as it likes")

    def hurry(self) -> None:
        """Send something ahead, and the rest behind it."""
        node = self.newcomer()
        answer = node.hurry(self.entry("CertificateRevoked", {"certificate": "1", "keys": []}))
        held = self.nation.look("SELECT number FROM advance WHERE node = ?", node.id)
        if answer.get("new") != 1 or held != [(node.number + 2,)]:
            raise Violation(f"what was sent ahead is not kept: {answer}, {held}")

    def work(self) -> None:
        """Deliver what is right, what is wrong, and what waits for somebody; look when it came."""
        node, known, missing = self.newcomer(), self.uuid(), self.uuid()
        right, wrong = self.dose(known), self.dose(known, lot=None)
        waits = self.dose(missing)
        answer = node.deliver(self.person(known), right, wrong, waits)
        now = self.nation.registry.instant()
        came = self.nation.look("SELECT received_at FROM entry WHERE node = ?", node.id)
        if "receipt" not in answer or came != [(now,)] * 4:
            raise Violation(f"what came at {now} is said to have come at {came}: {answer}")
        self.missing.append(missing)
        self.expected += [
            Expected(node.id, right["id"], "stored"),
            Expected(node.id, wrong["id"], "rejected"),
            Expected(node.id, waits["id"], "held", missing),
        ]

    def arrive(self) -> None:
        """Register somebody for whom another site's dose waits."""
        if self.missing:
            at = self.random.randrange(len(self.missing))
            self.newcomer().deliver(self.person(self.missing.pop(at)))

    def pry(self) -> None:
        """Ask for somebody's history with the code on the paper, with another, and with none."""
        if not self.people:
            return
        id_, code = self.random.choice(self.people)
        node = self.newcomer()
        proofs: tuple[Proof, ...] = (CodeProof("000000000000"), OwnProof())
        for proof in proofs:
            answer = self._asked(node, id_, proof)
            if answer["entries"] or not answer["refused"]:
                raise Violation(f"a history was given to who has shown nothing: {proof}")
        if self._is_counted(id_) and self._asked(node, id_, CodeProof(code))["refused"]:
            raise Violation("a history is refused to who has the person's paper")

    def _asked(self, node: Node, id_: str, proof: Proof) -> dict[str, Any]:
        question = {**_ASKED, **make_question([PersonQuery(id_, proof)], "0123456789abcdef")}
        answer = node.ask("history", question)
        if "people" not in answer:
            raise Violation(f"a question for a history is not answered: {answer}")
        (found,) = answer["people"]
        return {"refused": "", **found}

    def _is_counted(self, id_: str) -> bool:
        """Say whether a registration was judged, and is not rejected."""
        return bool(
            self.nation.look(
                "SELECT 1 FROM entry JOIN head USING (node, epoch) LEFT JOIN verdict AS v"
                " ON v.node = entry.node AND v.epoch = entry.epoch AND v.number = entry.number"
                " WHERE entry.id = ? AND type = 'PersonRegistered' AND entry.number <= judged"
                " AND coalesce(v.state, 'stored') = 'stored'",
                id_,
            )
        )

    def read(self) -> None:
        """Read as a national system does: what is given is judged, and as it was judged."""
        answer = self.nation.call("GET", "/v1/entries?type=DoseGiven&limit=1000", None)
        given = json.loads(answer.data)["entries"]
        states = {
            (node, epoch, number): state
            for node, epoch, number, state in self.nation.look(
                "SELECT node, epoch, number, state FROM verdict"
            )
        }
        judged = dict(self.nation.look("SELECT node || ' ' || epoch, judged FROM head"))
        for one in given:
            cursor = read_cursor(one["cursor"])
            place = cursor.node, cursor.epoch, cursor.number
            if one["state"] != states.get(place, "stored"):
                raise Violation(f"{place} is given as {one['state']}, not {states.get(place)}")
            if judged.get(f"{place[0]} {place[1]}", 0) < place[2]:
                raise Violation(f"{place} is given and was not judged")

    # What must be so in a calm.

    def check(self) -> None:
        """Let everything be judged; see that all came to what it must, and that sites are told."""
        self.nation.judge_all()
        for expected in self.expected:
            rows = self.nation.look(
                "SELECT entry.epoch, entry.number, coalesce(state, 'stored') FROM entry"
                " LEFT JOIN verdict USING (node, epoch, number) WHERE node = ? AND entry.id = ?",
                *(expected.node, expected.id),
            )
            for epoch, number, state in rows:  # none: the registry was set back
                wanted = expected.state
                if expected.waits and self._is_counted(expected.waits):
                    wanted = "stored"
                if state != wanted:
                    raise Violation(f"{epoch}/{number} is {state}, and it must be {wanted}")
                if expected.state != "stored" and not self._told(expected, state):
                    raise Violation(f"{expected.node} is not told that {expected.id} is {state}")

    def _told(self, expected: Expected, state: str) -> bool:
        letters = self.nation.look(
            "SELECT body FROM letter WHERE feed = ? AND kind = 'verdict' ORDER BY number",
            expected.node,
        )
        told = [json.loads(body) for (body,) in letters]
        states = [body["state"] for body in told if body["entry"] == expected.id]
        return bool(states) and states[-1] == state and len(states) == len(set(states))


_ASKED = {"protocol": NEWEST, "nonce": "0123456789abcdef"}
VISITS = 1800.0
"""Mean seconds between two strangers."""
JUDGED = DAY / 96
"""Mean seconds between two rounds of judging."""
