"""What the API answers of people."""

from __future__ import annotations

from datetime import date

from msgspec import field

from edge.domain.births import AgeUnit
from edge.web.answer import Answer


class AgeAnswer(Answer, frozen=True):
    """An age today: completed days, weeks, months or years; ``about``: the birth is not known."""

    count: int
    unit: AgeUnit
    about: bool


class GuardianAnswer(Answer, frozen=True):
    """A mother, father or guardian; ``person`` is their id where they are registered here."""

    relation: str
    name: str
    phone: str = ""
    person: str = ""


class PersonStatusAnswer(Answer, frozen=True):
    """``died``, ``moved`` (``place``: where to) or ``lost``, and since which day."""

    name: str
    on: date | None = None
    place: str = ""


class PersonAnswer(Answer, frozen=True):
    """A person; of the birth the date is known, or the year, or the first and last possible day.

    ``codes`` are those of others that turned out to be the same.

    ``status`` is left out for somebody who comes here.
    """

    id: str
    code: str
    name: str
    gender: str
    birth_date: date | None = None
    birth_year: int | None = None
    birth_earliest: date | None = None
    birth_latest: date | None = None
    age: AgeAnswer | None = None
    identity: str = ""
    nationality: str = ""
    phone: str = ""
    email: str = ""
    passport_name: str = ""
    address: dict[str, str] = field(default_factory=dict)
    guardian: GuardianAnswer | None = None
    status: PersonStatusAnswer | None = None
    codes: list[str] = field(default_factory=list)


class FoundAnswer(Answer, frozen=True):
    """A page of people, from the place ``first`` (from 0); ``reached`` of all can be paged to."""

    people: list[PersonAnswer]
    total: int
    first: int
    reached: int


class LookAlikeAnswer(Answer, frozen=True):
    """Somebody who may be the same: how much alike (0 to 1), what is the same, near, or not."""

    person: PersonAnswer
    score: float
    same: list[str]
    near: list[str]
    differs: list[str]
