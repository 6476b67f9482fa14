"""How a word sounds, roughly and in any script: its Latin letters, and its consonants in classes.

Two words that sound alike have one code: Mohamed, Muhammad, محمد, मोहम्मद and Мухаммед.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

FIRST: tuple[tuple[re.Pattern[str], str], ...] = (
    # Thai and Lao write some vowels before the consonant that they follow (Unicode, ch. 16.1)
    (re.compile("([เแโใไເແໂໃໄ])([ก-ฮກ-ຮ])"), r"\2\1"),
    # Burmese rhymes (BGN/PCGN 1970 agreement for Burmese)
    (re.compile("ောင်"), "ong"),
    (re.compile("ိုင်"), "aing"),
    (re.compile("င်"), "in"),
    (re.compile("[ညဥ]်"), "i"),
    (re.compile("[က-အ]်"), ""),
    # Arabic: a long vowel or a throat sound that begins or carries a vowel (ISO 233-2)
    (re.compile("[اع]"), "a"),
    # Hebrew: the same
    (re.compile("[אע]"), "a"),
    # the scripts of India: their fourth row begins with ch (ISO 15919 writes c)
    (re.compile("[चচਚચଚசచಚചච]"), "ch"),
    # Cyrillic х is heard as h in the names that others write (Хасан, Мухаммед)
    (re.compile("х"), "h"),
)
"""Before a script is written in Latin letters letter by letter (anyascii): what that gets wrong."""

CLASSES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("ch(?=[lr])"), "k"),  # Christine, Chloe
    # several letters that are one sound: English, French, German, Italian, Slavic, Vietnamese
    (re.compile("t?sch|shch|tch|tsh|tzs?|dzh|[cs]z|zh|ch|sh|ts|dj|dz|zs"), "s"),
    (re.compile("ph"), "f"),
    (re.compile("[gkq]h|c?[kq]u?(?=[eiy])|ck|cq|[kq]"), "k"),
    (re.compile("[td]h"), "t"),
    (re.compile("bh"), "b"),
    (re.compile("gn|ñ|ng(?![aeiouy])|ny"), "n"),
    (re.compile("c(?=[eiy])"), "s"),
    (re.compile("c|g"), "k"),
    (re.compile("(?<=.)x"), "ks"),
    (re.compile("x|j|z"), "s"),
    (re.compile("d"), "t"),
    (re.compile("p|v"), "b"),
    # an h at the end is silent, or a sign that a vowel was heard
    (re.compile("h$|(?<=[rl])h"), ""),
    (re.compile("^[aeiouyw]+"), "A"),
    (re.compile("[aeiouyw]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
"""From Latin letters to classes of consonants, in this order; vowels count at the beginning alone.

In the manner of Soundex and Metaphone (L. Philips 1990), wider: s, sh, ch, j and z are one class,
as are t and d, b, p and v, k, g and q, because languages write each other's names so (Aisha, Aïcha;
Zainab, Jainab; Fatuma, Faadumo; Khadija, Qadisha).
"""

_HEARD: Mapping[int, str | None] = {ord("'"): None, ord("`"): None}


@lru_cache(maxsize=4096)
def latin(word: str) -> str:
    """Write a folded word in the letters a to z, and digits; empty where nothing is known of it."""
    if word.isascii():
        return word
    for pattern, with_ in FIRST:
        word = pattern.sub(with_, word)
    found = _transliterate()(word).translate(_HEARD).lower()
    return re.sub("[^a-z0-9]", "", found)


@lru_cache(maxsize=4096)
def script_of(word: str) -> str:
    """Name the script of a word's first letter, as Unicode's names of letters do."""
    return unicodedata.name(word[0], "").partition(" ")[0] if word else ""


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """Give the code of how a folded word sounds."""
    code = latin(word)
    for pattern, with_ in CLASSES:
        code = pattern.sub(with_, code)
    return code.lower()


@cache
def _transliterate():  # type: ignore[no-untyped-def]
    from anyascii import anyascii

    return anyascii
