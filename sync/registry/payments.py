"""Who paid for doses on a day, by site, as the sites recorded it; and vouchers spent twice."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol.money import decimal
from sync.registry.judging.facts import as_mapping
from sync.registry.judging.vouchers import DOUBLE, day_key, void_key
from sync.registry.store.interface import Store
from sync.registry.store.records import Place, StoredEntry

_PAGE, _SIZE = 500, 8 * 1024 * 1024
_NEWEST = 50


@dataclass(frozen=True, slots=True)
class PaymentSum:
    """How many doses of a day a payer paid for at a site, and how much: a decimal in a currency.

    ``state`` is free, paid, billed or owed.
    """

    node: str
    facility: str
    payer: str
    state: str
    count: int
    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class DoubleSpending:
    """A spending of a voucher that was spent elsewhere before: where, on which day."""

    voucher: str
    node: str
    facility: str
    on: str


def payment_sums(store: Store, day: str) -> list[PaymentSum]:
    """Sum up a day (ISO 8601) by site, payer and state; what was taken back is left out."""
    counts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for entry, body in _of_day(store, day):
        amount = body.get("amount")
        names = ("facility", "payer", "state", "currency")
        key = (entry.node, *(str(body.get(name, ""))[:64] for name in names))
        counts[key][0] += 1
        counts[key][1] += amount if type(amount) is int else 0
    return [
        PaymentSum(node, facility, payer, state, count, decimal(sum_, currency), currency)
        for (node, facility, payer, state, currency), (count, sum_) in sorted(
            counts.items(), key=lambda one: (one[0][1], one[0])
        )
    ]


def double_spendings(store: Store) -> list[DoubleSpending]:
    """Give the newest spendings of vouchers that were spent before."""
    found = []
    for entry in store.newest_mentions(DOUBLE, _NEWEST):
        body = as_mapping(as_mapping(json.loads(entry.content)).get("body"))
        told = (str(body.get(name, ""))[:100] for name in ("voucher", "facility", "on"))
        voucher, facility, on = told
        found.append(DoubleSpending(voucher, entry.node, facility, on))
    return found


def _of_day(store: Store, day: str) -> Iterator[tuple[StoredEntry, Mapping[str, Any]]]:
    """Give the payments of a day that stand, with what they say."""
    place: Place = ("", "", 0)
    while page := store.mentions([day_key(day)], _PAGE, place, _SIZE):
        place = (page[-1].node, page[-1].epoch, page[-1].number)
        rejected = store.rejected([(entry.node, entry.epoch, entry.number) for entry in page])
        documents = {entry: as_mapping(json.loads(entry.content)) for entry in page}
        ids = {entry: void_key(str(document.get("id"))) for entry, document in documents.items()}
        void = store.mentioned(sorted(ids.values()))
        for entry, document in documents.items():
            here = (entry.node, entry.epoch, entry.number)
            if here not in rejected and ids[entry] not in void:
                yield entry, as_mapping(document.get("body"))
