"""Vouchers that were spent at more than one site: which spending counts, and a word to each site.

The one that reached the registry first counts: no site's clock is believed about it, and what was
told once never turns against whom it was told to. A spending counts no longer when its site takes
it back; the next one then does. Where none is left, each site hears that the voucher is free.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.protocol.entries import canonical
from sync.registry.judging.facts import JudgingCase, as_mapping
from sync.registry.judging.references import plain
from sync.registry.store.interface import Store
from sync.registry.store.records import Letter, Place, StoredEntry

LETTER = "voucher"
DOUBLE = "double-spent"
"""The key of spendings of a voucher that another entry had spent before."""
_RECORDED, _RETURNED = "PaymentRecorded", "PaymentReturned"
_EACH = 20
"""Entries of one site about one voucher that are looked at."""
_LONGEST = 100
_OTHERS = 20


def day_key(day: str) -> str:
    """Give the key of the payments of a day (ISO 8601), of all sites."""
    return f"payments:{plain(day)[:10]}"


def void_key(payment: str) -> str:
    """Give the key of what takes a payment back, or stands in its place."""
    return f"unspends:{plain(payment)[:_LONGEST]}"


def payment_keys(store: Store, case: JudgingCase, others: Sequence[JudgingCase]) -> set[str]:
    """Give the keys under which a payment is found again; nothing for other entries.

    ``others`` are of the same piece, which the store does not have yet.
    """
    body = case.body
    if case.type not in (_RECORDED, _RETURNED):
        return set()
    keys = _ends(case.type, body)
    keys |= {_voucher_key(voucher) for voucher in _vouchers(body)}
    if case.type == _RECORDED:
        keys.add(day_key(str(body.get("on"))))
        spent = body.get("voucher")
        spendings = _spendings(store, spent, others) if isinstance(spent, str) else []
        if any(map(_beside, spendings, spendings[1:])):
            keys.add(DOUBLE)
    return keys


def told_of_vouchers(store: Store, cases: Sequence[JudgingCase], now: str) -> list[Letter]:
    """Write to each site that spent a voucher of these entries, where several did.

    The same decision is the same letter, however often it is made.
    """
    touched = dict.fromkeys(
        voucher
        for case in cases
        if case.type in (_RECORDED, _RETURNED)
        for voucher in _vouchers(case.body)
    )
    return [letter for voucher in touched for letter in _decided(store, voucher, cases, now)]


def _decided(
    store: Store, voucher: str, cases: Sequence[JudgingCase], now: str
) -> Iterator[Letter]:
    spendings = _spendings(store, voucher, cases)
    standing = [spending for spending in spendings if spending.ended is None]
    if not any(map(_beside, spendings, spendings[1:])):
        return
    round_ = f"{len(spendings)}/{len(standing)}"  # no two decisions have the same
    for spending in standing or spendings:
        others = [other for other in standing if other is not spending]
        word = {
            "payment": str(spending.document.get("id"))[:_LONGEST],
            "voucher": voucher[:_LONGEST],
            "counts": not standing or spending is standing[0],
            "others": [other.told() for other in others[:_OTHERS]],
        }
        written = canonical(word)
        place = "/".join(map(str, _place(spending.entry)))
        id_ = hashlib.sha256(f"{place}/{round_}\n".encode() + written).hexdigest()[:32]
        yield Letter(spending.entry.node, 0, id_, LETTER, written.decode(), now)


@dataclass(frozen=True, slots=True)
class VoucherEntry:
    """An entry that spent a voucher; ``ended``: when the registry heard that it is taken back."""

    entry: StoredEntry
    document: Mapping[str, Any]
    ended: str | None

    def told(self) -> dict[str, str]:
        """Give where and on which day, as another site is told of it."""
        body = as_mapping(self.document.get("body"))
        return {"facility": str(body.get("facility"))[:64], "on": str(body.get("on"))[:10]}


def _beside(first: VoucherEntry, second: VoucherEntry) -> bool:
    """Say whether the registry had a spending before an earlier one was taken back."""
    return first.ended is None or second.entry.received_at < first.ended


def _spendings(store: Store, voucher: str, cases: Sequence[JudgingCase]) -> list[VoucherEntry]:
    """Give what spent a voucher, in the order in which the registry had it."""
    stored = store.mentions([_voucher_key(voucher)], each=_EACH)
    found = {_place(entry): entry for entry in (*stored, *(case.entry for case in cases))}
    rejected = store.rejected(list(found))
    spent = []
    for place, entry in found.items():
        document = as_mapping(json.loads(entry.content))
        said = as_mapping(document.get("body")).get("voucher") == voucher
        if said and entry.type == _RECORDED and place not in rejected:
            ended = _ended(store, entry, str(document.get("id")), cases)
            spent.append(VoucherEntry(entry, document, ended))
    return sorted(spent, key=lambda one: (one.entry.received_at, *_place(one.entry)))


def _ended(
    store: Store, spending: StoredEntry, payment: str, cases: Sequence[JudgingCase]
) -> str | None:
    """Say when the registry heard from its own site that a spending is taken back."""
    key = void_key(payment)
    stored = store.mentions([key], each=_EACH)
    beside = (case.entry for case in cases if key in _ends(case.type, case.body))
    heard = [entry.received_at for entry in (*stored, *beside) if entry.node == spending.node]
    return min(heard, default=None)


def _ends(type_: str, body: Mapping[str, Any]) -> set[str]:
    ended = body.get("payment") if type_ == _RETURNED else body.get("replaces")
    return {void_key(ended)} if isinstance(ended, str) and ended else set()


def _vouchers(body: Mapping[str, Any]) -> list[str]:
    told = (body.get("voucher"), body.get("frees"))
    return [voucher for voucher in told if isinstance(voucher, str) and voucher]


def _voucher_key(voucher: str) -> str:
    return f"voucher:{plain(voucher)[:_LONGEST]}"


def _place(entry: StoredEntry) -> Place:
    return entry.node, entry.epoch, entry.number
