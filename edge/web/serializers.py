"""Makes the API's answers of what the site knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from edge.domain.catalogue import Catalogue, Programme, Staff
from edge.domain.dose import Dose
from edge.domain.errors import EdgeError, Refusal
from edge.domain.identities import IdentityRules
from edge.domain.people import Person
from edge.domain.questions import Question, asked_before
from edge.domain.schedule.observed import Seen
from edge.domain.scheduled import Case, DoseJudgement, due_now, facts_of
from edge.journal import print_jobs, views
from edge.journal.entry import Entry
from edge.journal.views import DoseRecord, IssuedCertificate
from edge.ports import Clock
from edge.services.certificates.travel_names import dose_abroad
from edge.services.desk import Outcome
from edge.services.registry.stick_watch import StickState
from edge.services.site import Site
from edge.web import answers
from edge.web.dose_answers import ChoiceAnswer, GivenAnswerAnswer, QuestionAnswer, WithdrawalAnswer
from edge.web.field_words import in_words
from edge.web.identity_words import seen_identity
from edge.web.translations import Language
from printers.glyphs import MISSING_LETTERS

if TYPE_CHECKING:
    from sqlite_utils import Database


_A = TypeVar("_A", bound=msgspec.Struct)


def answer_of(kind: type[_A], record: object, **made: object) -> _A:
    """Make an answer of a record: each field is the record's of that name, unless it is ``made``.

    What the answer's schema does not allow is a mistake of ours, and raises ``ValidationError``;
    a field that neither has, ``AttributeError``.
    """
    values = {}
    for name, written in _names(kind):
        values[written] = made.pop(name) if name in made else getattr(record, name)
    if made:
        raise TypeError(f"{kind.__name__} has no {', '.join(made)}")
    return msgspec.convert(values, kind)


@cache
def _names(kind: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Give the names of an answer's fields in Python and in JSON."""
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(kind))


def problem_answer(
    error: EdgeError,
    sentence: str,
    hint: str,
    objections: Sequence[answers.ObjectionAnswer] = (),
) -> answers.ProblemAnswer:
    """Answer an error, in words already translated."""
    refusal = error if isinstance(error, Refusal) else None
    return answer_of(
        answers.ProblemAnswer,
        error,
        sentence=sentence,
        hint=hint,
        overridable=bool(refusal and refusal.overridable),
        earliest=refusal.earliest if refusal else None,
        decides=refusal.decides if refusal else "supervisor",
        objections=list(objections),
    )


def staff_answer(staff: Staff) -> answers.StaffAnswer:
    """Answer a member of staff."""
    return answer_of(answers.StaffAnswer, staff, roles=sorted(staff.roles))


def stick_answer(stick: StickState, language: Language) -> answers.StickAnswer:
    """Answer what became of the stick."""
    troubles = [stick_trouble for stick_trouble in (stick.unread, stick.unwritten) if stick_trouble]
    told = [language.say(trouble.sentence, trouble.values) for trouble in troubles]
    return answer_of(answers.StickAnswer, stick, troubles=told)


def person_answer(
    person: Person, rules: IdentityRules, today: date | None = None
) -> answers.PersonAnswer:
    """Answer a person, with their age on a day and the identity as the ``rules`` show it."""
    address = {
        key: text
        for key in person.address.__dataclass_fields__
        if (text := getattr(person.address, key))
    }
    age = answer_of(answers.AgeAnswer, person.age(today)) if today else None
    guardian, status = person.guardian, person.status
    return answer_of(
        answers.PersonAnswer,
        person,
        address=address,
        identity=seen_identity(rules, person),
        age=age,
        guardian=answer_of(answers.GuardianAnswer, guardian) if guardian else None,
        status=None if status.here else answer_of(answers.PersonStatusAnswer, status),
        codes=list(person.codes),
    )


def withdrawal_answer(record: DoseRecord) -> WithdrawalAnswer | None:
    """Answer how a dose was taken back; None for one that stands."""
    return answer_of(WithdrawalAnswer, record.withdrawn) if record.withdrawn else None


def dose_answer(dose: Dose, record: DoseRecord | None, catalogue: Catalogue) -> answers.DoseAnswer:
    """Answer a dose, with its dates where they are known: the next is due on a day of sessions."""
    next_due = record.next_due if record else None
    return answer_of(
        answers.DoseAnswer,
        dose,
        effective_until=record.effective_until if record else None,
        next_due=catalogue.sessions_of(dose.facility).comes_back(next_due),
        answers=[
            answer_of(GivenAnswerAnswer, given) for given in (record.answers if record else ())
        ],
    )


def certificate_answer(
    certificate: IssuedCertificate, *, with_credential: bool = False
) -> answers.CertificateAnswer:
    """Answer a certificate, with its signed text only where that is asked for."""
    return answer_of(
        answers.CertificateAnswer,
        certificate,
        formats=list(certificate.credentials),
        qr=f"/api/v1/certificates/{certificate.id}/qr.png",
        credential=certificate.credentials[certificate.format] if with_credential else "",
        credentials=dict(certificate.credentials) if with_credential else {},
    )


def case_of(
    person: Person,
    doses: Sequence[Dose],
    observations: Mapping[str, Seen],
    catalogue: Catalogue,
    clock: Clock,
) -> Case:
    """Put together whose doses are judged, by what."""
    return Case.of(person, observations, doses, catalogue, clock.zone)


def verdicts_of(case: Case, today: date) -> list[tuple[Programme, DoseJudgement]]:
    """Judge, for each running programme, the dose of every vaccine group that would come next."""
    return [
        (programme, judged)
        for programme in case.catalogue.programmes.values()
        if programme.runs_on(today)
        for judged in due_now(case, programme, today)
    ]


def verdict_answer(
    case: Case, programme: Programme, judged: DoseJudgement, on: date, language: Language
) -> answers.VerdictAnswer:
    """Answer what a programme says of a person on a day, and what it has asked before."""
    facts, questions = facts_of(case), case.catalogue.questions
    asked = asked_before(questions, programme.id, judged.vaccine, facts, on)
    said = [problem(refusal, language) for refusal in judged.objections[:1]]
    return answer_of(
        answers.VerdictAnswer,
        judged,
        programme=programme.id,
        due=not judged.objections,
        dose=judged.number,
        objection=said[0] if said else None,
        advice=[problem(refusal, language) for refusal in judged.advice],
        questions=[question.code for question in asked],
    )


def question_answer(question: Question, language: Language) -> QuestionAnswer:
    """Answer a question of the campaign, in the reader's language."""
    return answer_of(
        QuestionAnswer,
        question,
        asks=language.gettext(question.words),
        choices=[
            answer_of(ChoiceAnswer, choice, words=language.gettext(choice.words))
            for choice in question.choices
        ],
    )


def outcome_views(site: Site, db: Database, entries: Sequence[Entry]) -> dict[str, Any]:
    """Look up what an answer shows of the things a request's entries tell of."""
    seen: dict[str, Any] = {}
    rules = site.identities.rules()
    for entry in entries:
        if entry.type == "PersonRegistered":
            person = views.person(db, entry.id)
            seen["person"] = person_answer(person, rules) if person else None
        elif entry.type == "DoseGiven":
            record = views.recorded(db, entry.id)
            catalogue = site.catalogues.current(db)
            seen["dose"] = dose_answer(record.dose, record, catalogue) if record else None
            seen["abroad"] = dose_abroad(record, catalogue) if record else None
        elif entry.type in ("CertificateIssued", "DocumentCertified", "CopyRequested"):
            issued = views.certificate(db, entry.body["certificate"])
            seen["certificate"] = certificate_answer(issued) if issued else None
            copy = entry.body.get("copy", 1)
            jobs = print_jobs.jobs_of(db, entry.body["certificate"])
            job = next((print_job for print_job in jobs if print_job.copy == copy), None)
            seen["print_job"] = job_answer(job) if job else None
        elif entry.type == "SlipRequested":
            jobs = print_jobs.jobs_of(db, entry.body["subject"], entry.body["slip"])
            job = next(
                (print_job for print_job in jobs if print_job.copy == entry.body["copy"]), None
            )
            seen["print_job"] = job_answer(job) if job else None
    return seen


def outcome_answer(outcome: Outcome[dict[str, Any]], language: Language) -> answers.OutcomeAnswer:
    """Answer what a request came to."""
    seen = dict(outcome.seen)
    abroad = seen.pop("abroad", None)
    return answers.OutcomeAnswer(
        id=outcome.id,
        repeated=outcome.repeated,
        entries=[answer_of(answers.EntryAnswer, entry) for entry in outcome.entries],
        advice=[problem(abroad, language)] if abroad else [],
        **seen,
    )


def problem(error: EdgeError, language: Language) -> answers.ProblemAnswer:
    """Answer an error in the caller's language."""
    together = error.together if isinstance(error, Refusal) else ()
    objections = [
        answer_of(answers.ObjectionAnswer, objection, sentence=sentence, hint=hint)
        for objection in together
        for sentence, hint in (_said(objection, language),)
    ]
    return problem_answer(error, *_said(error, language), objections)


def _said(error: EdgeError, language: Language) -> tuple[str, str]:
    """Give an error's sentence and its hint in the reader's words."""
    values = in_words(error.values)
    return language.say(error.sentence, values), language.say(error.hint, values)


def job_answer(job: print_jobs.PrintJob) -> answers.PrintJobAnswer:
    """Answer what became of a print."""
    cause = job.cause or (MISSING_LETTERS if job.missing_letters else "")
    return answer_of(answers.PrintJobAnswer, job, cause=cause)
