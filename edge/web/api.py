"""The JSON API under /api/v1: what each route does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from edge.credentials.verdict import Verdict
from edge.domain.errors import BadInput, NotFound
from edge.domain.numbers import typed_number
from edge.journal import print_jobs, views
from edge.journal.entries import entries_of, last_position
from edge.journal.entry import Entry
from edge.services.admission import Asker
from edge.services.desk import Outcome, check_id
from edge.services.registry.attention import attention as attention_of
from edge.services.registry.history import age_of, carried_request
from edge.web import answers, calls, registry_answers, serializers
from edge.web.calls import ApiInput
from edge.web.clock_api import clock_answer
from edge.web.disk_answers import disk_answer
from edge.web.hand_over import take
from edge.web.noting import showed
from edge.web.paper_access import certificate_for, check_slip
from edge.web.serializers import answer_of
from edge.web.translations import Language

_WITH_RECORDS = frozenset({"registrar", "vaccinator", "supervisor"})


def put_entry(call: ApiInput) -> answers.OutcomeAnswer:
    """Record a request under its own number: sending it twice records it once."""
    command = calls.command(call.body, call.backend.running())
    staff = calls.signed_in(call.staff)
    look = partial(serializers.outcome_views, call.backend.site)
    outcome = take(call.backend, call.values["id"], command, staff, look=look)
    return serializers.outcome_answer(outcome, call.language)


def get_entry(call: ApiInput) -> answers.OutcomeAnswer:
    """Give the answer to an earlier request again."""
    check_id(call.values["id"])
    with call.backend.journal.reading() as db:
        found = entries_of(db, call.values["id"])
        seen = serializers.outcome_views(call.backend.site, db, found)
        showed(_told_of(found))
    if not found:
        raise NotFound("entry.unknown", "No request with this number was recorded.", field="id")
    return serializers.outcome_answer(
        Outcome(call.values["id"], tuple(found), repeated=True, seen=seen), call.language
    )


def _told_of(found: Sequence[Entry]) -> Iterator[str]:
    for entry in found:
        if entry.type == "PersonRegistered":
            yield entry.id
        yield str(entry.body.get("person") or "")


def person(call: ApiInput) -> answers.PersonFileAnswer:
    """Give everything this site knows of a person, with what is due today."""
    backend = call.backend
    with backend.journal.reading() as db:
        found = calls.known_person(db, call.values["id"])
        doses = views.history(db, found.id)
        observations = views.observations(db, found.id)
        catalogue = backend.site.catalogues.current(db)
        certificates = views.certificates_of(db, found.id)
        age = age_of(db, found.id, backend.site.clock.today(), backend.zone)
        position = last_position(db)
        records = {dose.id: views.recorded(db, dose.id) for dose in doses if not dose.reported}
    today = backend.site.clock.today()
    case = serializers.case_of(found, doses, observations, catalogue, backend.site.clock)
    return answers.PersonFileAnswer(
        position=position,
        person=serializers.person_answer(found, backend.site.identities.rules(), today),
        doses=[serializers.dose_answer(dose, records.get(dose.id), catalogue) for dose in doses],
        certificates=[
            serializers.certificate_answer(issued_certificate)
            for issued_certificate in certificates
        ],
        verdicts=[
            serializers.verdict_answer(case, programme, judged, today, call.language)
            for programme, judged in serializers.verdicts_of(case, today)
        ],
        observations={code: seen.on for code, seen in observations.items()},
        observed_until={
            code: seen.until for code, seen in observations.items() if seen.until is not None
        },
        history_as_of=age.as_of if age else None,
    )


def history(call: ApiInput) -> answers.HistoryAnswer:
    """Ask the registry what other sites recorded of a person, and record it here as told.

    By what the person shows: the code or the certificate of another site.
    """
    backend = call.backend
    asked = calls.decode(calls.HISTORY, call.body or b"{}")
    with backend.journal.reading() as db:
        found = calls.known_person(db, call.values["id"])
    by = calls.signed_in(call.staff).code
    new = backend.ask_history(found.id, by, asked.shown, without_paper=asked.without_paper)
    with backend.journal.reading() as db:
        age = age_of(db, found.id, backend.site.clock.today(), backend.zone)
        carried = carried_request(db, found.id, backend.zone)
    return answers.HistoryAnswer(
        new=new,
        as_of=age.as_of if age else None,
        asked_on=carried.asked_on if carried and carried.refusal is None else None,
    )


def queue(call: ApiInput) -> list[answers.WaitingAnswer]:
    """Give those who wait, longest first."""
    with call.backend.journal.reading() as db:
        waiting = views.queue(db)
    showed(row.person.id for row in waiting)
    rules = call.backend.site.identities.rules()
    return [
        answer_of(answers.WaitingAnswer, row, person=serializers.person_answer(row.person, rules))
        for row in waiting
    ]


def doses(call: ApiInput) -> list[answers.RecordAnswer]:
    """Give the doses of a day (query ``on``, today by default), newest first."""
    day = calls.query_day(call.query.get("on", ""), "on") or call.backend.site.clock.today()
    with call.backend.journal.reading() as db:
        records = views.recorded_on(db, day)
        catalogue = call.backend.site.catalogues.current(db)
    showed(record.person.id for record in records)
    rules = call.backend.site.identities.rules()
    return [
        answer_of(
            answers.RecordAnswer,
            record,
            dose=serializers.dose_answer(record.dose, record, catalogue),
            person=serializers.person_answer(record.person, rules),
            withdrawn=serializers.withdrawal_answer(record),
        )
        for record in records
    ]


def certificate(call: ApiInput) -> answers.CertificateAnswer:
    """Give a certificate with its signed text."""
    return serializers.certificate_answer(certificate_of(call), with_credential=True)


def certificate_qr(call: ApiInput) -> bytes:
    """Draw a certificate's QR code (PNG)."""
    found, name = certificate_of(call), call.query.get("format", "")
    if name and name not in found.credentials:
        raise BadInput(
            "certificate.format",
            "This certificate was not issued in the format {format}.",
            hint="It has: {known}.",
            field="format",
            format=name[:40],
            known=", ".join(found.credentials),
        )
    return call.backend.qr_image(found, name)


def certificate_of(call: ApiInput) -> views.IssuedCertificate:
    """Find the certificate a path names."""
    return certificate_for(call.backend, call.values["id"], calls.signed_in(call.staff))


def prints(call: ApiInput) -> answers.OutcomeAnswer:
    """Print a slip on paper, once for each number of a request."""
    asked = calls.decode(calls.ASKED_PRINT, call.body)
    document = (
        {"type": "PrintCopy", "certificate": asked.subject, "printer": asked.printer}
        if asked.slip == "certificate"
        else {
            "type": "PrintSlip",
            "slip": asked.slip,
            "subject": asked.subject,
            "printer": asked.printer,
        }
    )
    command = calls.command(msgspec.json.encode(document), call.backend.running())
    look = partial(serializers.outcome_views, call.backend.site)
    outcome = take(call.backend, asked.id, command, calls.signed_in(call.staff), look=look)
    return serializers.outcome_answer(outcome, call.language)


def slip_png(call: ApiInput) -> bytes:
    """Draw a slip from the very bytes that the usual printer would get."""
    slip, subject = call.values["slip"], call.query.get("of", "")
    check_slip(call.backend, slip, subject, calls.signed_in(call.staff))
    return call.backend.slip_image(slip, subject, "")


def print_job(call: ApiInput) -> answers.PrintJobAnswer:
    """Say what became of a print."""
    number = typed_number(call.values["id"])
    with call.backend.journal.reading() as db:
        job = print_jobs.job(db, number) if number is not None else None
    if job is None:
        raise NotFound("print.unknown-job", "There is no such print.", field="printJob")
    return serializers.job_answer(job)


def stock(call: ApiInput) -> list[answers.LotAnswer]:
    """Give the lots at the site, first to expire first."""
    with call.backend.journal.reading() as db:
        return [answer_of(answers.LotAnswer, lot) for lot in views.lots(db)]


def catalogue(call: ApiInput) -> answers.CatalogueAnswer:
    """Give the campaign in force, as far as a tablet needs it."""
    site = call.backend.site
    with call.backend.journal.reading() as db:
        found = site.catalogues.current(db)
    return answers.CatalogueAnswer(
        version=found.version,
        facility=site.facility,
        programmes=[
            answer_of(answers.ProgrammeAnswer, programme)
            for programme in found.programmes.values()
            if programme.active
        ],
        vaccines={vaccine.code: vaccine.name for vaccine in found.vaccines.values()},
        staff=[
            serializers.staff_answer(staff)
            for staff in found.staff.values()
            if staff.active and site.facility in staff.facilities
        ],
        questions=[
            serializers.question_answer(question, call.language) for question in found.questions
        ],
        identities=[
            answer_of(answers.IdentityKindAnswer, rule, words=call.language.gettext(rule.words))
            for rule in found.identities.types
        ],
    )


def status(call: ApiInput) -> answers.StatusAnswer:
    """Say how the node, its printers and its delivery to the registry are."""
    backend = call.backend
    with backend.journal.reading() as db:
        count = last_position(db)
    sync, stick = backend.sync_state(), backend.stick_state()
    return answers.StatusAnswer(
        facility=backend.site.facility,
        clock_believed=backend.site.clock.believed(),
        clock=clock_answer(backend, call.language),
        entries=count,
        sync=answer_of(
            registry_answers.SyncAnswer,
            sync,
            trouble=call.language.say(sync.trouble, sync.trouble_values or {}),
            letters=[call.language.say(letter.sentence, letter.values) for letter in sync.letters],
            lists=[answer_of(registry_answers.ExpectedPeopleAnswer, told) for told in sync.lists],
        ),
        printers=[
            answer_of(answers.PrinterAnswer, state, trouble=call.language.say(state.trouble, {}))
            for state in backend.printer_states()
        ],
        stick=serializers.stick_answer(stick, call.language) if stick else None,
        modules=sorted(backend.running()),
        disk=disk_answer(backend.journal.room.state(), call.language),
    )


def attention(call: ApiInput) -> list[answers.AttentionAnswer]:
    """List the delivered records that the registry does not count as they stand."""
    clinical = bool(_WITH_RECORDS & calls.signed_in(call.staff).roles)
    with call.backend.journal.reading() as db:
        found = attention_of(db)
    showed(item.person.id for item in found if clinical and item.person)
    rules = call.backend.site.identities.rules()
    return [
        answer_of(
            answers.AttentionAnswer,
            item,
            sentence=call.language.gettext(item.sentence),
            value=item.value if clinical else "",
            person=serializers.person_answer(item.person, rules)
            if clinical and item.person
            else None,
            dose=item.dose.id if item.dose else "",
            correct=item.correct if clinical else "",
            theirs=item.theirs if clinical else "",
        )
        for item in found
    ]


def verify(call: ApiInput) -> answers.VerificationAnswer:
    """Verify a certificate: the body is its text, its bytes, or a picture of its QR code."""
    if not call.body:
        raise BadInput(
            "verify.empty",
            "There is nothing to verify.",
            hint="Send the text of a certificate, or a picture of its QR code.",
        )
    asker = Asker(call.address, staff=call.staff is not None)
    verdict = call.backend.verify(call.body, asker)
    return msgspec.convert(_said(verdict, call.language), answers.VerificationAnswer)


def _said(verdict: Verdict, language: Language) -> dict[str, Any]:
    """Give a verdict, and those of the other codes of the picture, in the reader's language."""
    return {
        **verdict.document(),
        "reason": language.say(verdict.reason, verdict.values),
        "claims": _in_words(verdict.claims, language),
        "others": [_said(other, language) for other in verdict.others],
    }


def _in_words(claims: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Give the claims, with the reasons why something does not count in the reader's language."""
    if "notCounted" not in claims:
        return dict(claims)
    aside = [
        {**claim, "reason": language.gettext(claim["reason"])} for claim in claims["notCounted"]
    ]
    return {**claims, "notCounted": aside}


def ping(call: ApiInput) -> answers.PingAnswer:  # noqa: ARG001
    """Say that the node is there."""
    return answers.PingAnswer(ok=True)
