"""The text of a health certificate's code, as scanners, e-mails and people leave it.

For reading only; each thing forgiven is a row of ``tolerances.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_INVISIBLE = "\0\ufeff\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e"
_AROUND = (
    f"{_INVISIBLE} \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What ``str.strip`` takes away, and the invisible."""
_BREAKS = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+")
_INDENTED = re.compile(r" *\n *")
_BLANK = re.compile(r"[^\S\n]")
_PREFIX = re.compile(r"H\n?C\n?1[ \n]*:[ \n]*")
_CODE = re.compile(r"[0-9A-Z $%*+\-./:\n]{40,}")
"""Base45 without a prefix, long enough to hold a signature."""
_TO_LARGE = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_DROPPED = dict.fromkeys(map(ord, _INVISIBLE))


def trimmed(text: str) -> str:
    """Take blanks and invisible characters away from both ends of a text."""
    return text.strip(_AROUND)


def is_prefixed(text: str) -> bool:
    """Say whether a text begins as a health certificate of the version that is read here."""
    return text.startswith("HC1:") or _PREFIX.match(_tidy(text[:64]).lstrip()) is not None


def is_bare_code(text: str) -> bool:
    """Say whether a text may be the inside of a code, without its prefix."""
    return _CODE.fullmatch(_tidy(text).strip()) is not None


def packed_texts(text: str) -> Iterator[str]:
    """Give the base45 that a text may mean, the likeliest first, each once.

    Base45 has the blank, so those at the end, and those around a line end, may be a part of it.
    """
    tidy = _tidy(text).lstrip()
    prefix = _PREFIX.match(tidy)
    inside = tidy[prefix.end() :] if prefix else tidy
    seen = set()
    for joined in (inside.replace("\n", ""), _INDENTED.sub("", inside)):
        bare = joined.rstrip(" ")
        for blanks in dict.fromkeys((len(joined) - len(bare), 0, 1, 2)):
            found = bare + " " * blanks
            if found not in seen and len(found) <= len(joined):
                seen.add(found)
                yield found


def _tidy(text: str) -> str:
    """Give large letters, one sign for every line end, one for every blank, nothing invisible."""
    if text.isascii() and text.isprintable():
        return text.upper()
    plain = _BREAKS.sub("\n", text.translate(_DROPPED))
    return _BLANK.sub(" ", plain).translate(_TO_LARGE)
