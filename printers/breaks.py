"""Where a line may be broken: between words, ideographs, and never inside a letter's cluster.

Thai, Lao, Khmer and Burmese write no spaces between words; finding those needs a dictionary. So
between words where there are spaces, and in a piece that is longer than the paper between clusters:
extended grapheme clusters (UAX #29), and beyond them what would tear a syllable.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

import regex

from printers.bidi import FSI, LRI, PDI, RLI

_CLUSTER = regex.compile(r"\X")
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_VISIBLE_KILLERS = "\u103a\u0e3a\u0bcd"
"""Asat, phinthu, pulli: of the class of viramas, but they end a syllable and stack nothing."""
_LEADING_VOWELS = "เแโใไເແໂໃໄ"
_ZWJ = "\u200d"
_CLOSING = "、。，．：；！？）」』】〉》〕ー々…%"
_OPENING = "（「『【〈《〔" + LRI + RLI + FSI


def clusters(text: str) -> list[str]:
    """Cut a text into the pieces that stay together on a line."""
    found: list[str] = []
    for cluster in _CLUSTER.findall(text):
        if found and (_holds_on(found[-1]) or _hangs_on(cluster)):
            found[-1] += cluster
        else:
            found.append(cluster)
    return found


def _hangs_on(cluster: str) -> bool:
    """Say whether a cluster belongs to the one before: closing signs, marks, Burmese finals.

    UAX #29 leaves some Burmese vowel signs outside the cluster; a consonant with asat ends one.
    """
    if cluster in _CLOSING or cluster == PDI:
        return True
    return unicodedata.category(cluster[0])[0] == "M" or "\u103a" in cluster


def _holds_on(cluster: str) -> bool:
    """Say whether the next cluster belongs to this one: stacked consonants, vowels before."""
    last = cluster.rstrip(_ZWJ)[-1:]
    if last and unicodedata.combining(last) == 9:
        return last not in _VISIBLE_KILLERS
    return last in _LEADING_VOWELS or last in _OPENING


def wrapped(text: str, length: Callable[[str], float], width: float) -> list[str]:
    """Break a text into lines that are no longer than a width, as ``length`` measures them.

    Spaces are put as one and vanish at the ends of lines. What belongs together and is longer than
    a line is torn: nothing may be left out.
    """
    lines: list[str] = []
    current = ""
    for glue, piece in _pieces(text):
        attempt = f"{current}{glue}{piece}" if current else piece
        if length(attempt) <= width:
            current = attempt
            continue
        if current:
            lines.append(current)
        current = piece
        while length(current) > width and len(parts := _parts(current, length, width)) > 1:
            count = _most(parts, length, width)
            lines.append("".join(parts[:count]))
            current = "".join(parts[count:])
    return [*lines, current] if current else lines


def _parts(text: str, length: Callable[[str], float], width: float) -> list[str]:
    """Cut a text into pieces that stay together where a line has room for them."""
    parts: list[str] = []
    for cluster in clusters(text):
        if length(cluster) <= width:
            parts.append(cluster)
            continue
        for value in _CLUSTER.findall(cluster):
            parts += [value] if length(value) <= width else list(value)
    return parts


def _most(parts: list[str], length: Callable[[str], float], width: float) -> int:
    """Count the clusters that fit on a line, at least one."""
    least, most = 1, len(parts) - 1
    while least < most:
        middle = (least + most + 1) // 2
        if length("".join(parts[:middle])) <= width:
            least = middle
        else:
            most = middle - 1
    return least


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Give words, and ideographs one by one, each with what stands before it on a line."""
    for word in text.split():
        glue, piece = " ", ""
        for cluster in clusters(word):
            if piece and (_IDEOGRAPH.match(cluster) or _IDEOGRAPH.match(piece[-1])):
                yield glue, piece
                glue, piece = "", ""
            piece += cluster
        yield glue, piece
