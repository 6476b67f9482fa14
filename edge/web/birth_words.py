"""How a birth and an age are told on the screen."""

from __future__ import annotations

from datetime import date

from edge.domain.births import Age
from edge.domain.people import Person
from edge.web.translations import Language


def age_words(language: Language, person: Person, day: date) -> str:
    """Tell somebody's age on a day: an infant's in days, weeks or months."""
    return words_of(language, person.age(day))


def words_of(language: Language, age: Age) -> str:
    """Tell an age in a language."""
    return language.say(age.words, age.values)


def birth_words(language: Language, person: Person) -> str:
    """Tell when somebody was born, as far as it is known."""
    if person.birth_date is not None:
        return language.day(person.birth_date)
    if person.birth_earliest is None:
        return str(person.birth_year or "")
    return f"{language.day(person.birth_earliest)} – {language.day(person.birth_latest)}"
