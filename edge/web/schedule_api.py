"""What the API says of schedules: why a dose is due or not, and who is to be called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from edge.domain.catalogue import Catalogue, Programme
from edge.domain.errors import BadInput
from edge.domain.histories import shots_of
from edge.domain.numbers import typed_number
from edge.domain.recall import RecallItem as DueCall
from edge.domain.schedule.changes import explain_with_changes
from edge.domain.schedule.engine import unknown
from edge.domain.scheduled import DoseJudgement
from edge.journal import views
from edge.services.doses.recall import RecallQuery, as_csv, recall
from edge.web import answers, serializers
from edge.web.calls import ApiInput, known_person, query_day, signed_in
from edge.web.noting import noted_while_sent, showed
from edge.web.serializers import answer_of
from edge.web.translations import Language


def explain(call: ApiInput) -> list[answers.ExplanationAnswer]:
    """Say of a person why each vaccine is due or not: every rule that was asked."""
    backend = call.backend
    with backend.journal.reading() as db:
        found = known_person(db, call.values["id"])
        doses = views.history(db, found.id)
        observations = views.observations(db, found.id)
        catalogue = backend.site.catalogues.current(db)
    case = serializers.case_of(found, doses, observations, catalogue, backend.site.clock)
    today = backend.site.clock.today()
    return [
        answer_of(
            answers.ExplanationAnswer,
            judged,
            programme=programme.id,
            reasons=reasons(judged, programme, today, catalogue, call.language),
            unknown=[shot.cvx for shot in unknown(programme.schedule, shots_of(doses))],
        )
        for programme, judged in serializers.verdicts_of(case, today)
    ]


def reasons(
    judged: DoseJudgement, programme: Programme, on: date, catalogue: Catalogue, language: Language
) -> list[answers.ReasonAnswer]:
    """Tell the reasons of a day's judgement in a language, vaccines by name."""
    names = {code: vaccine.name for code, vaccine in catalogue.ever.vaccines.items()}
    told = []
    before = judged.before()
    for reason in explain_with_changes(before, programme.schedule, on) if before else ():
        values = dict(reason.values)
        if "antigen" in values:
            values["antigen"] = str(values["antigen"]).replace("-", " ")
        if "vaccine" in values:
            values["vaccine"] = names.get(str(values["vaccine"]), values["vaccine"])
        sentence = language.say(reason.sentence, values)
        told.append(answer_of(answers.ReasonAnswer, reason, sentence=sentence))
    return told


def recall_list(call: ApiInput) -> list[answers.CallAnswer]:
    """Give who is due or overdue until a day (query ``until``, today by default).

    ``programme`` asks for one only; ``limit`` for so many at most (1,000 by default).
    """
    limit = typed_number(call.query.get("limit", "1000"))
    if limit is None or not 0 < limit <= 100_000:
        raise BadInput("recall.limit", "The limit is a number from 1 to 100000.", field="limit")
    found = list(islice(_recalled(call), limit))
    showed(item.person.id for item in found)
    rules = call.backend.site.identities.rules()
    return [
        answer_of(
            answers.CallAnswer,
            item,
            person=serializers.person_answer(item.person, rules),
            dose=item.number,
        )
        for item in found
    ]


def recall_csv(call: ApiInput) -> Iterator[bytes]:
    """Give who is due or overdue until a day as CSV: for the phone, the radio, the village."""
    staff = signed_in(call.staff)
    found = noted_while_sent(
        call.backend, staff, "/recall.csv", _recalled(call), lambda item: [item.person.id]
    )
    return (line.encode() for line in as_csv(found))


def _recalled(call: ApiInput) -> Iterator[DueCall]:
    """Go through everybody for the day and the programme that a query asks for."""
    site, journal = call.backend.site, call.backend.journal
    until = query_day(call.query.get("until", ""), "until") or site.clock.today()
    with journal.reading() as db:
        catalogue = site.catalogues.current(db)
    programme = call.query.get("programme", "")
    query = RecallQuery(catalogue, site.clock.today(), until, site.facility, programme)
    return recall(journal.reading, query)
