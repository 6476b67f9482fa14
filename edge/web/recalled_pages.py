"""The page of recalled lots: what is to be done, what is left, who was given one."""

from __future__ import annotations

from flask import Response

from edge.services.doses.lot_recalls import recalled_csv, recalled_lots
from edge.web.noting import showed
from edge.web.visit import Answer, Visit


def recalled(visit: Visit) -> Answer:
    """Show the recalled lots with everybody who was given one."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        found = recalled_lots(db, catalogue)
    showed(record.person.id for lots in found for record in lots.doses)
    return visit.page("recalled.html", recalls=found, vaccines=catalogue.ever.vaccines)


def recalled_table(visit: Visit) -> Answer:
    """Give everybody who was given a recalled lot as a file."""
    with visit.backend.journal.reading() as db:
        found = recalled_lots(db, visit.backend.site.catalogues.current(db))
    showed(record.person.id for lots in found for record in lots.doses)
    today = visit.backend.site.clock.today()
    return Response(
        "".join(recalled_csv(found)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="recalled-{today}.csv"'},
    )
