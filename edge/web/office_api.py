"""The API of those who run a site: tables taken in, PINs set."""

from __future__ import annotations

import re

from edge.campaign.files.table_file import TableFile
from edge.campaign.mistakes import Mistake
from edge.domain.errors import BadInput
from edge.services.imports.reports import ImportOptions, Question, RowAnswers
from edge.services.imports.tables import ImportRequest
from edge.services.sign_in_outcomes import Signature
from edge.web import answers, calls
from edge.web.calls import ApiInput
from edge.web.campaign_import import CAMPAIGN, import_campaign
from edge.web.import_answers import ImportAnswer, RowAnswer
from edge.web.office import check_kind
from edge.web.office import set_pin as set_pin_of
from edge.web.translations import Language

_YES = "true"


def import_table(call: ApiInput) -> ImportAnswer:
    """Take in a table or a packed campaign, the body; with ``dryRun=true`` only say what it does.

    ``name`` is the file's; ``encoding`` that of a text that is neither UTF-8 nor UTF-16.
    ``different`` are rows of people who only look like somebody, ``same`` pairs of a row and the
    code of the person it is of (``7:DL26004``), both parted by commas; ``again=true`` says that
    lines without a document's number are of another delivery.
    """
    staff, query = calls.signed_in(call.staff), call.query
    check_kind(call.backend, staff, call.values["kind"])
    asked = ImportRequest(
        call.values["kind"], query.get("programme", ""), query.get("document", "")[:60]
    )
    given = RowAnswers(
        frozenset(map(_row, _listed(query.get("different", "")))),
        dict(map(_named, _listed(query.get("same", "")))),
        query.get("again") == _YES,
    )
    file = TableFile.of(
        query.get("name", "")[-80:] or "table", call.body, query.get("encoding", "")
    )
    how = ImportOptions(staff.code, given, dry_run=query.get("dryRun") == _YES)
    report = (
        import_campaign(call.backend, file.name, call.body, how)
        if asked.kind == CAMPAIGN
        else call.backend.tables.take(asked, file, how)
    )
    language = call.language
    return ImportAnswer(
        taken=report.taken,
        known=report.known,
        mistakes=[_mistake(mistake, language) for mistake in report.mistakes],
        questions=[_question(question, language) for question in report.questions],
        notes=[language.say(note.sentence, note.values) for note in report.notes],
        broken=report.broken is not None,
    )


def set_pin(call: ApiInput) -> answers.PingAnswer:
    """Give a staff member a new PIN, which ends their sessions; signed with the caller's own."""
    given = calls.decode(calls.NEW_PIN, call.body)
    supervisor = calls.signed_in(call.staff)
    set_pin_of(call.backend, supervisor, call.values["code"], given.pin, Signature(given.own_pin))
    return answers.PingAnswer(ok=True)


def _mistake(mistake: Mistake, language: Language) -> RowAnswer:
    return RowAnswer(
        row=mistake.line,
        code=mistake.code,
        sentence=language.say(mistake.sentence, mistake.values),
        hint=language.say(mistake.hint, mistake.values),
        column=mistake.column,
    )


def _question(question: Question, language: Language) -> RowAnswer:
    return RowAnswer(
        row=question.line,
        code=question.code,
        sentence=language.say(question.sentence, question.values),
        hint=language.say(question.hint, question.values),
        people=[person.code for person in question.people],
    )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _row(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise BadInput(
            "import.rows",
            "{text} is not a list of rows.",
            hint="Write the numbers of rows, parted by commas.",
            field="different",
            text=text[:40],
        )
    return int(text)


def _named(text: str) -> tuple[int, str]:
    row, _, code = text.partition(":")
    return _row(row), code
