"""The API of sessions, and of who saw whom."""

from __future__ import annotations

from edge.domain.numbers import typed_number
from edge.journal import access
from edge.journal.access import AccessRow
from edge.web import answers, calls, serializers
from edge.web.access_answers import AccessAnswer, OpenSessionAnswer
from edge.web.backend import Backend
from edge.web.calls import ApiInput
from edge.web.serializers import answer_of
from sync.protocol.instants import read_instant

PAGE = 50


def sessions(call: ApiInput) -> list[OpenSessionAnswer]:
    """List who is signed in at this site, the one seen last first."""
    return [
        answer_of(OpenSessionAnswer, session, staff=serializers.staff_answer(session.staff))
        for session in call.backend.authenticator.sessions.listed()
    ]


def end_session(call: ApiInput) -> answers.PingAnswer:
    """End somebody's session by its name in the list."""
    by = calls.signed_in(call.staff).code
    call.backend.authenticator.end_session(call.values["name"], by)
    return answers.PingAnswer(ok=True)


def seen(call: ApiInput) -> list[AccessAnswer]:
    """Give who saw whom, newest first, fifty at a time.

    ``person`` (an id) asks for those who saw somebody, ``staff`` (a code) for what somebody saw,
    ``before`` (a number) for older ones.
    """
    query = call.query
    before = typed_number(query.get("before", "0")) or 0
    found = records(call.backend, query.get("person", ""), query.get("staff", ""), before)
    return [
        answer_of(
            AccessAnswer,
            row.access,
            number=row.number,
            at=read_instant(row.access.at),
            people=list(row.access.people),
        )
        for row in found
    ]


def records(backend: Backend, person: str, staff: str, before: int) -> list[AccessRow]:
    """Give a page of who saw whom; what was noted just now is in it."""
    backend.access.flush()
    with backend.journal.reading() as db:
        return access.page(
            db,
            person=person,
            staff=staff,
            kinds=sorted(access.SEEING),
            before=min(before, 2**62),
            limit=PAGE,
        )
