"""What the registry decided on vouchers that were spent at several sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.journal import views
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.unit import Unit
from sync.protocol.letters import Letter

_BY = "nation"
_MOST = 20


def take_voucher_word(unit: Unit, letter: Letter) -> None:
    """Write ``VoucherSettled`` once; a letter of a payment that is not here is nothing."""
    body = letter.body
    payment, counts = body.get("payment"), body.get("counts")
    found = views.payment(unit.db, payment) if isinstance(payment, str) else None
    id_ = derived_id("voucher settled", {"letter": letter.id})
    if found is None or not found.voucher or not isinstance(counts, bool):
        return
    if has_entry(unit.db, id_):
        return
    told = {
        "payment": found.id,
        "voucher": found.voucher,
        "counts": counts,
        "others": _others(body.get("others")),
    }
    unit.append("VoucherSettled", told, id_=id_, by=_BY)


def _others(told: object) -> list[dict[str, Any]]:
    items = told if isinstance(told, list) else []
    return [
        {"facility": str(item.get("facility"))[:64], "on": str(item.get("on"))[:10]}
        for item in items[:_MOST]
        if isinstance(item, Mapping)
    ]
