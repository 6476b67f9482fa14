"""What the API says of recalled lots."""

from __future__ import annotations

from edge.services.doses.lot_recalls import recalled_lots
from edge.web.calls import ApiInput
from edge.web.dose_answers import LotRecallAnswer, RecalledDoseAnswer
from edge.web.noting import showed
from edge.web.serializers import answer_of, person_answer


def lot_recalls(call: ApiInput) -> list[LotRecallAnswer]:
    """Give the recalled lots with everybody who was given one here."""
    with call.backend.journal.reading() as db:
        found = recalled_lots(db, call.backend.site.catalogues.current(db))
    showed(record.person.id for lots in found for record in lots.doses)
    rules = call.backend.site.identities.rules()
    return [
        answer_of(
            LotRecallAnswer,
            lots.recall,
            lots=sorted(lots.recall.lots),
            why=call.language.gettext(lots.recall.why),
            to_do=call.language.gettext(lots.recall.to_do),
            doses=[
                answer_of(
                    RecalledDoseAnswer,
                    record.dose,
                    dose=record.dose.id,
                    person=person_answer(record.person, rules),
                )
                for record in lots.doses
            ],
        )
        for lots in found
    ]
