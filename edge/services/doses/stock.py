"""Vaccine taken into stock."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput, Refusal
from edge.domain.lots import agreed_expiry, lot_key, read_label
from edge.domain.modules import STOCK, met
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import ReceiveStock
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.counted import Counted

if TYPE_CHECKING:
    from sqlite_utils import Database


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
    label = read_label(command.lot, site.clock.today())
    expiry = agreed_expiry(label.lot, label.expiry, command.expiry)
    if expiry is None:
        raise BadInput(
            "lot.expiry-missing",
            "The expiry date is missing.",
            hint="Read it on the vial.",
            field="expiry",
        )
    if not command.other_vaccine:
        check_vaccine(unit.db, catalogue, command.vaccine, label.lot)
    if not command.new_expiry:
        check_delivery(unit, command.vaccine, label.lot, expiry)
    document = " ".join(command.document.split())
    if document and not command.another:
        _check_recorded(unit, command.vaccine, label.lot, document)
    body: dict[str, object] = {
        "vaccine": command.vaccine,
        "lot": label.lot,
        "expiry": expiry.isoformat(),
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


def _check_recorded(unit: Unit, vaccine: str, lot: str, document: str) -> None:
    """Refuse a line of a delivery that is recorded under its document's number already."""
    for line in views.lines_of_document(unit.db, document):
        if (line.vaccine, lot_key(line.lot)) == (vaccine, lot):
            raise Refusal(
                "stock.recorded",
                Counted(
                    "Lot {lot} of the delivery {document} is recorded already, with {quantity}"
                    " dose.",
                    "Lot {lot} of the delivery {document} is recorded already, with {quantity}"
                    " doses.",
                ),
                hint="If this is another box of the same delivery, say so.",
                field="document",
                lot=line.lot,
                document=line.document,
                quantity=line.quantity,
            )


def check_vaccine(db: Database, catalogue: Catalogue, vaccine: str, lot: str) -> None:
    """Refuse a lot that is in stock as another vaccine: one of the two was chosen wrongly.

    Raises :class:`Refusal`; a delivery of it is taken in with ``other_vaccine``.
    """
    other = views.vaccine_of_lot(db, vaccine, lot)
    if other:
        known = catalogue.find_vaccine(other)
        raise Refusal(
            "lot.other-vaccine",
            "Lot {lot} is in stock as {vaccine}.",
            hint="Read vaccine and lot on the vial again.",
            field="vaccine",
            overridable=True,
            lot=lot,
            vaccine=known.name if known else other,
        )


def check_left(db: Database, site: Site, vaccine: str, lot: str, *, beyond_stock: bool) -> None:
    """Refuse a dose of a lot of which none is left on the books, until somebody says that it is so.

    A page that stayed open still offers the lot, and another tablet gave its last dose. Raises
    :class:`Refusal`; the request is sent again with ``beyond_stock``. The count then goes below
    none, until the delivery that is missing is taken in. A lot that the stock never held is asked
    for by its expiry date instead. Where the module stock does not run, nothing is counted.
    """
    counted = met(STOCK, site.running(site.catalogues.current(db)))
    known = None if beyond_stock or not counted else views.lot(db, vaccine, lot)
    if known is not None and known.quantity <= 0:
        raise Refusal(
            "lot.used-up",
            "All doses of lot {lot} that were taken into stock are recorded as given.",
            hint="Read the lot on the vial. If it is this one, say so and save again.",
            field="lot",
            lot=known.lot,
        )


def check_delivery(unit: Unit, vaccine: str, lot: str, expiry: date) -> None:
    """Refuse to change the expiry of a lot that is at the site unless somebody says that it is so.

    Raises :class:`Refusal`; the request is sent again with ``new_expiry``.
    """
    known = views.lot(unit.db, vaccine, lot)
    if known is not None and known.expiry != expiry:
        raise Refusal(
            "lot.delivery-differs",
            "Lot {lot} is in stock with the expiry date {expiry}.",
            hint="Read the date on the vials. If the new one is right, say so and save again.",
            field="expiry",
            overridable=True,
            lot=lot,
            expiry=known.expiry,
        )
