"""What a certificate's code is for, in plain words: they stand over it on paper and on screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

CAPTIONS: Mapping[str, str] = {
    "dcc": "For travel in Europe and other countries",
    "icvp": "For travel where the yellow card is asked for",
    "divoc": "For checks in this country",
    "divoc-node": "For checks in this country, with an older scanner",
    "divoc-rsa": "For checks in this country, by other programs",
    "divoc-rsa-node": "For checks in this country, with an older scanner",
    "shc": "For health apps on a telephone",
    "shc-history": "All doses, for health apps on a telephone",
    "vds-nc": "For travel, at the border",
    "cwt": "For checks in this country",
    "vc": "For apps that keep certificates",
}
"""The product's words, by the format's name or its family: ``dcc`` stands for every version."""
OTHER = "For checks by another program"
"""Over the code of a format that a package brought, where the campaign has no words for it."""


def family(format_: str) -> str:
    """Give the name of a format without its version: ``dcc`` of ``dcc-1.3``."""
    return format_.partition("-")[0]


def caption(format_: str, own: Mapping[str, str]) -> str:
    """Say what the code of a format is for: in the campaign's ``own`` words, else the product's.

    Both are by a format's name or its family; the name goes first. It is English, to be translated.
    """
    names = (format_, family(format_))
    found = [table[name] for table in (own, CAPTIONS) for name in names if table.get(name)]
    return found[0] if found else OTHER


def is_known(name: str, issued: Iterable[str]) -> bool:
    """Say whether captions may have a name: a format or family that is issued, or the product's."""
    return name in CAPTIONS or any(name in (format_, family(format_)) for format_ in issued)
