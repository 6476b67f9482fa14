"""Whatever a node sends, signed or not: the registry answers in its own words, and others go on."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from delivering_nodes import correction, dose, person
from shares import SPOILED_ENROLMENTS, SPOILED_MESSAGES
from signed_messages import EPOCH, Centre, Sender, ahead, letters_question, state_question
from spoiled import spoiled

from sync.protocol import frames, keys
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.entries import Link, canonical, chain_hash, linked, parsed
from sync.protocol.errors import EntryError
from sync.protocol.questions import sign_question
from sync.protocol.versions import NEWEST, OLDEST
from sync.registry.store.interface import Store

pytestmark = pytest.mark.slow  # a thousand messages to each store

Message = tuple[str, bytes]


def asked(chance: random.Random, sender: Sender) -> Message:
    """A question, signed as it is, or not at all."""
    kind = chance.choice(("state", "letters"))
    document = spoiled(chance, state_question() if kind == "state" else letters_question())
    if chance.random() < 0.8 and isinstance(document, dict):
        document = sign_question(document, kind, sender.node, sender.key)
    return ("" if kind == "state" else "letters"), packed(chance, document)


def delivered(chance: random.Random, sender: Sender) -> Message:
    """A batch that follows, of entries that are anything; sometimes the batch is spoiled, too."""
    contents, previous = [], sender.previous
    for number in range(sender.number + 1, sender.number + 1 + chance.choice((1, 3))):
        entry = spoiled(chance, chance.choice((person(7), dose(8, 7, on=None), correction(7, 1))))
        content = canonical(linked(entry, Link(sender.node, EPOCH, number, previous)))
        previous = chain_hash(content)
        contents.append(parsed(content))
    batch = make_batch(contents, previous, sender.key, chance.choice((OLDEST, NEWEST)))
    data = encode_batch(batch, chance.choice((frames.QUICK, frames.FLOOR)), short=False)
    if chance.random() < 0.4:
        data = packed(chance, spoiled(chance, frames.unpack(data)))
    return "batches", data


def hurried(chance: random.Random, sender: Sender) -> Message:
    """An entry sent ahead."""
    type_ = chance.choice(("CertificateRevoked", "AdverseEventReported", "DoseGiven"))
    entry = spoiled(chance, ahead(sender, sender.number + 9, type_, {"certificate": "x"}))
    hashes = [chain_hash(canonical(entry))]
    signature = keys.sign(sender.key, {"urgent": hashes, "node": sender.node})
    document: Any = {"entries": [entry], "signature": signature}
    return "urgent", packed(
        chance, document if chance.random() < 0.6 else spoiled(chance, document)
    )


def packed(chance: random.Random, document: Any) -> bytes:
    data = frames.pack(document)
    return data if chance.random() < 0.9 else data[: chance.randrange(len(data))]


KINDS: tuple[Callable[[random.Random, Sender], Message], ...] = (asked, delivered, hurried)


def test_no_message_brings_the_registry_to_a_stop(store: Store) -> None:
    centre = Centre(store)
    ill, well = Sender(centre, 3), Sender(centre, 4)
    for seed in range(SPOILED_MESSAGES):
        chance = random.Random(seed)
        try:
            what, data = chance.choice(KINDS)(chance, ill)
        except (EntryError, AttributeError, TypeError, ValueError):
            continue  # it cannot even be written
        answer = centre.client.post(f"/v1/nodes/{ill.node}/{what}".rstrip("/"), data=data)
        assert answer.status_code < 500, seed
        known = frames.unpack(answer.data) if frames.is_frame(answer.data) else answer.json
        assert isinstance(known, dict), seed
        assert "code" not in known or isinstance(known["sentence"], str), seed
        head = next((one for one in store.heads(ill.node) if one.epoch == EPOCH), None)
        if head is not None:
            ill.number, ill.previous = head.number, head.hash
        centre.judging.run()
    assert store.to_judge(10) == []
    assert well.deliver(person(1), dose(2, 1, on=None))["stored"] == 2
    assert centre.judging.run() == 2
    for page in ("/", f"/nodes/{ill.node}", "/alarms", "/audit", f"/v1/nodes/{ill.node}/entries"):
        assert centre.signed_in().get(page).status_code in (200, 401), page
    assert ill.number > SPOILED_MESSAGES // 100, "hardly anything was taken"


@pytest.mark.parametrize("seed", SPOILED_ENROLMENTS)
def test_no_enrolment_brings_the_registry_to_a_stop(store: Store, seed: int) -> None:
    centre, chance = Centre(store), random.Random(seed)
    for _ in range(10):
        key = Sender(centre, 9, code="").key
        known: dict[str, Any] = {
            "key": keys.public_text(key.public_key()),
            "facility": "DEMO01",
            "code": "code",
        }
        known |= {"protocol": NEWEST, "nonce": "0123456789abcdef"}
        document = spoiled(chance, {**known, "name": "Riverside"})
        with suppress(EntryError, TypeError):  # where it cannot be signed it goes as it is
            document = sign_question(document, "enrol", keys.node_id(key.public_key()), key)
        answer = centre.client.post("/v1/enrol", json=document)
        assert answer.status_code < 500
        assert isinstance(answer.json, dict)
