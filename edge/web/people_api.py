"""The JSON API of looking for people: by what is typed, and by who looks like somebody."""

from __future__ import annotations

from dataclasses import replace

from edge.domain.errors import BadInput
from edge.journal import views
from edge.services.commands import RegisterPerson
from edge.services.people.register_person import MOST_ALIKE, asked_person
from edge.web import calls, serializers
from edge.web.backend import Backend
from edge.web.calls import ApiInput
from edge.web.noting import showed
from edge.web.people_answers import FoundAnswer, LookAlikeAnswer, PersonAnswer


def search(call: ApiInput) -> list[PersonAnswer]:
    """Find people by whatever is typed of them, twenty at most; in the body, as it is personal."""
    return find(call).people


def find(call: ApiInput) -> FoundAnswer:
    """Find people by whatever is typed of them: a page, and of how many."""
    asked = calls.decode(calls.SEARCH, call.body)
    if not asked.text.strip():
        raise BadInput(
            "search.empty",
            "There is nothing to search for.",
            hint="Type a name, a phone number or a code.",
            field="text",
        )
    found = found_people(call.backend, asked.text, asked.first)
    if asked.first == 0:
        found = with_holder(call.backend, asked.text, found)
    showed(person.id for person in found.people)
    rules, today = call.backend.site.identities.rules(), call.backend.site.clock.today()
    return FoundAnswer(
        people=[serializers.person_answer(person, rules, today) for person in found.people],
        total=found.total,
        first=found.first,
        reached=found.reached,
    )


def alike(call: ApiInput) -> list[LookAlikeAnswer]:
    """Give who looks like somebody who is about to be registered, the most alike first."""
    asked = call.backend.site.identities.kept_in(calls.decode(calls.REGISTRATION, call.body))
    rules, today = call.backend.site.identities.rules(), call.backend.site.clock.today()
    with call.backend.journal.reading() as db:
        found = views.look_alikes(db, asked_person(asked, today), MOST_ALIKE)
    showed(person.id for person, _ in found)
    return [
        LookAlikeAnswer(
            person=serializers.person_answer(person, rules, today),
            score=likeness.score,
            same=list(likeness.same),
            near=list(likeness.near),
            differs=list(likeness.differs),
        )
        for person, likeness in found
    ]


def found_people(backend: Backend, text: str, first: int = 0) -> views.Found:
    """Find a page of people as the site searches: on its day, by its country's numbers."""
    with backend.journal.reading() as db:
        region = backend.site.catalogues.current(db).issuer.country
        return views.search_people(db, text, backend.site.clock.today(), region, first=first)


def with_holder(backend: Backend, text: str, found: views.Found) -> views.Found:
    """Put first whose identity number a text is, also one that is kept as a digest."""
    identities = list(backend.site.identities.sought(text))
    with backend.journal.reading() as db:
        holders = [views.person_by_identity(db, identity) for identity in identities]
    known = {person.id for person in found.people}
    new = {person.id: person for person in holders if person and person.id not in known}
    people = (*new.values(), *found.people)[: views.PAGE]
    return replace(found, people=people, total=found.total + len(new))


def registration(document: dict[str, object]) -> RegisterPerson:
    """Read what a form asks for as the request that it becomes."""
    asked: RegisterPerson = calls.convert(document, RegisterPerson)
    return asked
