"""A table of invented people who are expected at a facility, as DIVOC has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count

import pytest

from sync.protocol.enrolment_lists import (
    LETTER,
    Piece,
    PieceName,
    cut,
    hash_of,
    letter_of,
    pack_piece,
    read_piece,
)
from sync.protocol.letters import Letter

HEADER = (
    "phone,identity,nationality,dob,gender,name,email,addressLine1,addressLine2,district,state,"
    "pincode,doseNumber,enrollmentScopeId"
)
_FIRST = ("Amara", "Bilal", "Chipo", "Dawit", "Efua", "Farah", "Girma", "Hawa", "Idris", "Jamila")
_LAST = ("Okafor", "Tesfaye", "Diallo", "Mensah", "Wanjiru", "Haile", "Traore", "Banda", "Kone")


def name_of(number: int) -> str:
    """Give the name of a person by their number: no two of neighbours look alike."""
    syllables = ("ba", "ko", "mi", "tu", "re", "sha", "ndo", "fi", "gwe", "lu")
    middle = "".join(syllables[int(digit)] for digit in str(number + 1000)).capitalize()
    return f"{_FIRST[number % 10]} {middle} {_LAST[number % 9]}"


def row(number: int, facility: str = "DEMO01", **cells: str) -> str:
    """Write the row of a person by their number."""
    told = {
        "phone": f"5556{number:05}",
        "identity": f"did:web:id.demoland.example:9{number:06}",
        "nationality": "Demolander",
        "dob": (date(1950, 1, 1) + timedelta(days=number * 137 % 20_000)).isoformat(),
        "gender": ("Female", "Male")[number % 2],
        "name": name_of(number),
        "addressLine1": f"{number} Well Lane",
        "district": "South Delta",
        "state": "Delta",
        "pincode": "100101",
        "doseNumber": "1",
        "enrollmentScopeId": facility,
        **cells,
    }
    return ",".join(told.get(column, "") for column in HEADER.split(","))


def table(rows: Iterable[str]) -> str:
    """Write a table of rows."""
    return "\n".join((HEADER, *rows)) + "\n"


def pieces_of(
    rows: Sequence[str],
    name: str = "spring",
    edition: str = "2026-11-30T08:00:00.000Z",
    facility: str = "DEMO01",
    programme: str = "covid-19",
) -> dict[str, bytes]:
    """Cut rows as the registry does: the frames of the pieces by their hashes, in order."""
    frames = [
        pack_piece(
            Piece(
                list=name,
                edition=edition,
                facility=facility,
                programme=programme,
                rows=table(text for _, text in part),
                lines=tuple(line for line, _ in part),
                salt="0" * 32,
            )
        )
        for part in cut([(line, text) for line, text in enumerate(rows, 2)])
    ]
    return {hash_of(frame): frame for frame in frames}


def letter_for(
    pieces: Mapping[str, bytes],
    name: str = "spring",
    edition: str = "2026-11-30T08:00:00.000Z",
    programme: str = "covid-19",
) -> Letter:
    """Write the letter that tells a site of the pieces."""
    named = [PieceName(hash_, len(read_piece(frame).lines)) for hash_, frame in pieces.items()]
    body = letter_of(name, edition, programme, named)
    number = next(_NUMBERS)
    return Letter("own", number, f"letter {number}", LETTER, body, edition)


def small_pieces(monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """Have lists cut into pieces of so many people."""

    def few(rows: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
        for start in range(0, len(rows), people):
            yield rows[start : start + people]

    monkeypatch.setattr("sync.protocol.enrolment_lists.cut", few)


_NUMBERS = count(1)
