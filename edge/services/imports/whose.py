"""Whose a row is: somebody who is known, somebody new, or somebody to be asked about."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.errors import BadInput
from edge.domain.names.folding import plain_words
from edge.domain.people import Person
from edge.services.imports.books import Books
from edge.services.imports.reports import Question, RowAnswers


def differences(known: Person, told: Person) -> tuple[str, ...]:
    """Name the fields that do not agree: ``name``, ``birthDate``, ``gender``.

    Names are compared without case, accents and order of answers; births that may be
    one agree.
    """
    differs = {
        "name": sorted(plain_words(known.name)) != sorted(plain_words(told.name)),
        "birthDate": not known.born.overlaps(told.born),
        "gender": known.gender != told.gender,
    }
    return tuple(field for field, different in differs.items() if different)


def check_same(known: Person, told: Person, columns: Mapping[str, str]) -> None:
    """Refuse a row with the code or identity number of somebody who is plainly another.

    ``columns`` are the names of the table's columns by field. Raises :class:`BadInput`.
    """
    fields = differences(known, told)
    if not fields:
        return
    raise BadInput(
        "evidence.other-person",
        "The code or the identity number is of somebody here whose {columns} is another.",
        hint="Check whose row it is, and mend it; or correct the person here first.",
        field=columns[fields[0]],
        columns=", ".join(columns[field] for field in fields),
    )


def named_or_asked(
    books: Books, file: str, row: int, told: Person, answers: RowAnswers
) -> Person | Question | None:
    """Look for somebody who may be a row's person: None for nobody, or when somebody said so.

    Raises :class:`BadInput` for a word that names none of those who look alike.
    """
    if row in answers.different:
        return None
    people = books.looking_like(told)
    named = answers.same.get(row)
    if named is not None:
        for person in people:
            if named in (person.code, person.id):
                return person
        raise BadInput(
            "import.not-alike",
            "Nobody with the code {person} looks like the person of this row.",
            hint="Choose one of those that the import names.",
            field="same",
            person=named,
        )
    if not people:
        return None
    return Question(
        file,
        row,
        "person.perhaps-known",
        "Somebody here looks like the person of this row:",
        "Say whether it is somebody else, or the same person.",
        people=people,
    )
