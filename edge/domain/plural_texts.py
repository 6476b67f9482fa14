"""Texts of a campaign that count: the plural rule and every form in one text of its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from gettext import c2py

_BETWEEN = "\x1f"
"""Parts the forms (ASCII's unit separator): no word has it."""
_TRIED = 200
"""Numbers that a rule is tried with before it is believed: most look at the last two digits."""


def packed_id(single: str, several: str) -> str:
    """Name a text that counts among a campaign's words."""
    return f"{single}{_BETWEEN}{several}"


def packed(rule: str, forms: Sequence[str]) -> str:
    """Pack the forms that a catalogue has of a text, with its rule in the words of gettext.

    ``rule`` says in C which form a number ``n`` takes (gettext's manual, "Plural forms").
    """
    return _BETWEEN.join([rule, *forms])


def unpacked(text: str) -> tuple[str, Sequence[str]]:
    """Give the rule and the forms of a packed text, or both texts of its name."""
    first, *others = text.split(_BETWEEN)
    return first, others


def is_packed(text: str) -> bool:
    """Say whether it is the name of a text that counts."""
    return _BETWEEN in text


def form_of(text: str, number: int) -> str:
    """Give the form of a packed text that a number takes."""
    rule, forms = unpacked(text)
    return forms[min(plural_rule(rule)(number), len(forms) - 1)]


@cache
def plural_rule(rule: str) -> Callable[[int], int]:
    """Read a rule; raises :class:`ValueError` for what is none."""
    read = c2py(rule)
    try:
        for number in range(_TRIED):
            read(number)
    except ArithmeticError as error:
        raise ValueError(str(error)) from error
    return read
