"""Vaccine taken into stock."""

from __future__ import annotations

from edge.domain.deliveries import lot_key
from edge.domain.errors import BadInput, Refusal
from edge.journal import views
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
    document = " ".join(command.document.split())
    if document and not command.another:
        _check_recorded(unit, command, document)
    body: dict[str, object] = {
        "vaccine": command.vaccine,
        "lot": command.lot,
        "expiry": command.expiry.isoformat(),
        "quantity": command.quantity,
    }
    if document:
        body["document"] = document
    unit.append(
        "StockReceived",
        body,
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def _check_recorded(unit: Unit, command: ReceiveStock, document: str) -> None:
    """Refuse a line of a delivery that is recorded under its document's number already."""
    lot = lot_key(command.lot)
    for line in views.lines_of_document(unit.db, document):
        if (line.vaccine, lot_key(line.lot)) == (command.vaccine, lot):
            raise Refusal(
                "stock.recorded",
                "Lot {lot} of the delivery {document} is recorded already, with {quantity} doses.",
                hint="If this is another box of the same delivery, say so.",
                field="document",
                lot=line.lot,
                document=line.document,
                quantity=line.quantity,
            )
