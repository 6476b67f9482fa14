"""How a value of a campaign's file is told in a line: lengths of time, choices, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from edge.domain.births import AGE_WORDS, AgeUnit
from edge.domain.phrases import OR, Joined, Phrase, label

USUAL, NOTHING, NONE = label("what is usual"), label("nothing"), label("none")
_LENGTH = re.compile(r"(\d{1,6}) (day|week|month|year)s?")
_SUMS = re.compile(r" ([+-]) ")
_UNITS: Mapping[str, AgeUnit] = {unit.removesuffix("s"): unit for unit in get_args(AgeUnit)}
_KEYS = {
    "from": label("from {value}"),
    "until": label("until {value}"),
    "after": label("after {value}"),
    "before": label("before {value}"),
    "gender": label("gender {value}"),
    "vaccine": label("vaccine {value}"),
    "of": label("of {value}"),
}
"""Fields of a value that are words of a sentence; another is told as the file calls it."""


def told(value: Any) -> object:
    """Tell a value of a campaign's file in one line."""
    if value is None:
        return ""
    if isinstance(value, Phrase | Joined):
        return value
    if isinstance(value, bool):
        return Phrase("yes" if value else "no")
    if isinstance(value, Mapping) and "vaccine" in value:
        ages = told({key: age for key, age in value.items() if key != "vaccine"})
        return Phrase(label("{vaccine} ({ages})"), {"vaccine": value["vaccine"], "ages": ages})
    if isinstance(value, Mapping):
        return Joined([_field(key, inner) for key, inner in value.items()])
    if isinstance(value, list | tuple):
        return Joined([told(inner) for inner in value], OR)
    return length(str(value))


def _field(key: str, value: Any) -> Phrase:
    sentence = _KEYS.get(key, label("{key} {value}"))
    return Phrase(sentence, {"key": key, "value": told(value)})


def length(text: str) -> object:
    """Tell a length of time as people of a language say it; another text stays as it is."""
    parts = _SUMS.split(text)
    lengths = [_LENGTH.fullmatch(part) for part in parts[::2]]
    if not all(lengths):
        return text
    told_ = [
        Phrase(AGE_WORDS[_UNITS[match[2]], False], {"count": int(match[1])})
        for match in lengths
        if match
    ]
    whole: object = told_[0]
    for sign, right in zip(parts[1::2], told_[1:], strict=True):
        sentence = label("{left} + {right}") if sign == "+" else label("{left} - {right}")
        whole = Phrase(sentence, {"left": whole, "right": right})
    return whole
