"""The page of recalled lots: what is to be done, what is left, who was given one."""

from __future__ import annotations

from edge.services.doses.lot_recalls import recalled_lots
from edge.web.noting import showed
from edge.web.visit import Answer, Visit


def recalled(visit: Visit) -> Answer:
    """Show the recalled lots with everybody who was given one."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        found = recalled_lots(db, catalogue)
    showed(record.person.id for lots in found for record in lots.doses)
    return visit.page("recalled.html", recalls=found, vaccines=catalogue.ever.vaccines)
