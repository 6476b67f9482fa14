"""Vaccine taken into stock."""

from __future__ import annotations

from edge.domain.errors import BadInput
from edge.journal.unit import Unit
from edge.services.commands import ReceiveStock
from edge.services.request import Request
from edge.services.site import Site


def receive_stock(unit: Unit, request: Request[ReceiveStock], site: Site) -> None:
    """Write ``StockReceived``."""
    command = request.command
    catalogue = site.catalogues.current(unit.db)
    if command.vaccine not in catalogue.vaccines:
        raise BadInput(
            "vaccine.unknown",
            "The vaccine {vaccine} is not in the campaign in force.",
            hint="Choose one of: {known}.",
            field="vaccine",
            vaccine=command.vaccine,
            known=", ".join(sorted(catalogue.vaccines)),
        )
    unit.append(
        "StockReceived",
        {
            "vaccine": command.vaccine,
            "lot": command.lot,
            "expiry": command.expiry.isoformat(),
            "quantity": command.quantity,
        },
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
