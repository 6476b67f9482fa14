"""The machine-readable zone of passports and identity cards (ICAO Doc 9303, parts 4 to 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from edge.domain.errors import BadInput
from edge.domain.names.passports import passport_name
from edge.plugins.identity.contract import CardFacts, NumberType, ShownCard, TypedNumber
from edge.plugins.identity.numbers import wrong_form, wrong_number

_WEIGHTS = (7, 3, 1)
_VALUES: Mapping[str, int] = {
    "<": 0,
    **{str(digit): digit for digit in range(10)},
    **{chr(ord("A") + place): 10 + place for place in range(26)},
}
_LOOKALIKES: Mapping[str, str] = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2",
                                  "S": "5", "G": "6", "B": "8"}  # fmt: skip
"""Letters that are written or read in place of a digit."""
_MIXED: Mapping[str, str] = {"O": "0", "0": "O", "I": "1", "1": "I"}
"""The same where letters and digits may stand."""
_GENDERS: Mapping[str, str] = {"M": "Male", "F": "Female", "X": "Other", "<": ""}
_NUMBER = re.compile(r"([A-Z]{1,3}(?=[ -]))?[ -]?([A-Z0-9]{5,15})")
_STATE = re.compile(r"[A-Z]{1,3}<*")

Place = tuple[int, int, int]
"""A line, and from where to where in it."""


@dataclass(frozen=True, slots=True)
class ZoneForm:
    """How a zone is laid out: lines and their length, where each part is and its check digit.

    ``overall`` are the places that the last check digit is over.
    """

    name: str
    lines: int
    length: int
    places: Mapping[str, Place]
    checks: Mapping[str, Place]
    overall: tuple[Place, ...]
    begins: str


TD3 = ZoneForm(
    "TD3", 2, 44,
    {"names": (0, 5, 44), "state": (0, 2, 5), "number": (1, 0, 9), "birth": (1, 13, 19),
     "gender": (1, 20, 21), "until": (1, 21, 27), "optional": (1, 28, 42)},
    {"number": (1, 9, 10), "birth": (1, 19, 20), "until": (1, 27, 28), "optional": (1, 42, 43),
     "all": (1, 43, 44)},
    ((1, 0, 10), (1, 13, 20), (1, 21, 43)),
    "P",
)  # fmt: skip
TD2 = ZoneForm(
    "TD2", 2, 36,
    {"names": (0, 5, 36), "state": (0, 2, 5), "number": (1, 0, 9), "birth": (1, 13, 19),
     "gender": (1, 20, 21), "until": (1, 21, 27)},
    {"number": (1, 9, 10), "birth": (1, 19, 20), "until": (1, 27, 28), "all": (1, 35, 36)},
    ((1, 0, 10), (1, 13, 20), (1, 21, 35)),
    "ACIP",
)  # fmt: skip
TD1 = ZoneForm(
    "TD1", 3, 30,
    {"names": (2, 0, 30), "state": (0, 2, 5), "number": (0, 5, 14), "birth": (1, 0, 6),
     "gender": (1, 7, 8), "until": (1, 8, 14)},
    {"number": (0, 14, 15), "birth": (1, 6, 7), "until": (1, 14, 15), "all": (1, 29, 30)},
    ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)),
    "ACI",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as it was read; ``number`` without fillers, dates as six digits."""

    form: ZoneForm
    lines: tuple[str, ...]

    def part(self, name: str) -> str:
        """Give a part as it stands there."""
        return _at(self.lines, self.form.places[name])

    @property
    def number(self) -> str:
        """Give the document's number, also one that goes on in the optional part (TD1)."""
        return _long_number(self)[0].replace("<", "")


@dataclass(frozen=True, slots=True)
class ZonedPaper(NumberType):
    """A paper with a zone of some of the forms; its number may be typed without the zone too."""

    forms: tuple[ZoneForm, ...]
    reads_cards = True

    def read(self, typed: TypedNumber) -> str:
        """Give the number; of another state's paper with the state's letters before it."""
        zone = read_zone(typed.text, self.forms)
        if zone is not None:
            return _named(zone, typed.issued_by)
        found = _NUMBER.fullmatch(typed.text.upper().strip())
        if found is None:
            raise wrong_form()
        state, number = found[1] or typed.issued_by, found[2]
        if not state:
            raise wrong_number(
                "identity.state",
                "Nothing says which state has issued this paper.",
                "Write its letters before the number, as in the lines with < signs: IND A1234567.",
            )
        return number if state == typed.issued_by else f"{state}-{number}"

    def scan(self, shown: ShownCard) -> CardFacts | None:
        """Read a zone; None for a text that is none of these forms."""
        zone = read_zone(shown.text, self.forms)
        if zone is None:
            return None
        family, given = _names(zone.part("names"))
        return CardFacts(
            number=_named(zone, shown.issued_by),
            name=" ".join(filter(None, (given, family))).title(),
            passport_name=passport_name(zone.part("names")),
            birth=_birth(zone.part("birth"), shown.today),
            gender=_GENDERS.get(zone.part("gender"), ""),
            until=_day(zone.part("until"), 2000),
        )


def read_zone(text: str, forms: tuple[ZoneForm, ...] = (TD3, TD2, TD1)) -> Zone | None:
    """Read a zone, scanned or typed; None for a text that is none.

    Blanks count for nothing, and fillers at the ends of lines may be missing. Raises
    :class:`BadInput` naming the part whose check digit does not fit.
    """
    lines = [
        re.sub(r"[\s\u00a0]+", "", line).replace("«", "<<") for line in text.upper().splitlines()
    ]
    lines = [line for line in lines if line]
    for form in forms:
        found = _in_form(lines, form)
        if found is not None:
            zone = Zone(form, found)
            _check(zone)
            return zone
    return None


def _in_form(lines: list[str], form: ZoneForm) -> tuple[str, ...] | None:
    """Give the lines of a form at their full length; a scanner may send them as one."""
    if len(lines) == 1 and len(lines[0]) == form.lines * form.length:
        step = form.length
        lines = [lines[0][place : place + step] for place in range(0, len(lines[0]), step)]
    if len(lines) != form.lines or "<" not in "".join(lines):
        return None
    shortest = form.length - 30 if form.lines == 2 else 5
    if any(not shortest <= len(line) <= form.length for line in lines):
        return None
    if max(map(len, lines)) != form.length or lines[0][0] not in form.begins:
        return None
    if any(sign not in _VALUES for line in lines for sign in line):
        return None
    return tuple(line.ljust(form.length, "<") for line in lines)


def check_digit(text: str) -> int:
    """Reckon a check digit (Doc 9303 part 3, section 4.9)."""
    return sum(_VALUES[sign] * _WEIGHTS[place % 3] for place, sign in enumerate(text)) % 10


def _check(zone: Zone) -> None:
    for name, place in zone.form.checks.items():
        if name == "all":
            told = "".join(_at(zone.lines, part) for part in zone.form.overall)
            digit = _at(zone.lines, place)
        elif name == "number":
            told, digit = _long_number(zone)
        else:
            told, digit = zone.part(name), _at(zone.lines, place)
        if digit == "<" and not told.strip("<"):
            continue  # an optional part that is empty may have no digit
        if not _fits(told, digit):
            raise _slip(name, told, digit)
    if not zone.number:
        raise wrong_number(
            "mrz.number",
            "The lines hold no number of the document.",
            "Compare the lines with the paper, sign by sign.",
        )
    if not _STATE.fullmatch(zone.part("state")):  # no check digit is over it
        raise wrong_number(
            "mrz.state",
            "In the place of the state that issued the paper stand other signs than letters.",
            "Compare the line with the paper.",
        )
    if zone.part("gender") not in _GENDERS:
        raise wrong_number(
            "mrz.sex",
            "In the place of the sex stands neither M, F nor <.",
            "Compare the line with the paper.",
        )


def _long_number(zone: Zone) -> tuple[str, str]:
    """Give the number and its check digit; of a long one both go on behind (part 5, note j)."""
    number, digit = zone.part("number"), _at(zone.lines, zone.form.checks["number"])
    if digit != "<" or zone.form is not TD1:
        return number, digit
    rest = zone.lines[0][15:30].partition("<")[0]
    return (number + rest[:-1], rest[-1]) if rest else (number, digit)


def _fits(told: str, digit: str) -> bool:
    return digit.isdecimal() and check_digit(told) == int(digit)


def _slip(name: str, told: str, digit: str) -> BadInput:
    """Name the part with a slip, and the look-alike that was meant if only one can be."""
    whole = told + digit
    swaps = _swaps(whole, only_digits=name in ("birth", "until")) if name != "all" else ()
    fitting = [
        (place, wrong, right)
        for place, wrong, right in swaps
        if _fits((mended := whole[:place] + right + whole[place + 1 :])[:-1], mended[-1])
    ]
    if len(fitting) != 1:
        return wrong_number(
            f"mrz.{name}", _SENTENCES[name], "Compare the lines with the paper, sign by sign."
        )
    ((place, wrong, right),) = fitting
    return wrong_number(
        f"mrz.{name}",
        _SENTENCES[name],
        "At place {place} of it stands {wrong}: with {right} it fits. Compare them.",
        place=place + 1,
        wrong=wrong,
        right=right,
    )


_SENTENCES: Mapping[str, str] = {
    "number": "The check digit of the document's number does not fit.",
    "birth": "The check digit of the date of birth does not fit.",
    "until": "The check digit of the date of expiry does not fit.",
    "optional": "The check digit of the personal number does not fit.",
    "all": "The last check digit, which is over all parts, does not fit.",
}


def _swaps(text: str, *, only_digits: bool) -> Iterator[tuple[int, str, str]]:
    """Give each place where a look-alike stands, and what was meant: a digit, or 0, O, 1 and I."""
    for place, sign in enumerate(text):
        right = (_LOOKALIKES if only_digits else _MIXED).get(sign)
        if right:
            yield place, sign, right


def _at(lines: tuple[str, ...], place: Place) -> str:
    line, start, end = place
    return lines[line][start:end]


def _named(zone: Zone, issued_by: str) -> str:
    state = zone.part("state").replace("<", "")
    return zone.number if state == issued_by else f"{state}-{zone.number}"


def _names(written: str) -> tuple[str, str]:
    family, _, given = written.strip("<").partition("<<")
    return family.replace("<", " ").strip(), given.replace("<", " ").strip()


def _day(six: str, century: int) -> date | None:
    if not six.isdecimal():
        return None
    try:
        return date(century + int(six[:2]), int(six[2:4]), int(six[4:]))
    except ValueError:
        return None


def _birth(six: str, today: date) -> str:
    """Give a day of birth, or the year where the rest is not known; none is after today."""
    if six[:2].isdecimal() and "<" in six[2:]:
        year = 2000 + int(six[:2])
        return str(year - 100 if year > today.year else year)
    day = _day(six, 2000)
    if day is None or day > today:
        day = _day(six, 1900)
    return day.isoformat() if day else ""
