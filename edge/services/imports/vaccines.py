"""Which vaccine a table means."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from edge.domain.catalogue import Catalogue, Vaccine
from edge.domain.errors import BadInput
from edge.journal import views
from edge.services.imports.books import Books


def named_vaccine(books: Books, catalogue: Catalogue, text: str, column: str) -> Vaccine:
    """Find a vaccine by its code, by its name, by a name it ever had, or by another list's code.

    Each in any case. Raises :class:`BadInput` for one that is not known, or for several.
    """
    wanted = _plain(text)
    vaccines = catalogue.vaccines
    ways: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: (code for code in vaccines if _plain(code) == wanted),
        lambda: (code for code, one in vaccines.items() if _plain(one.name) == wanted),
        lambda: (
            code
            for name, code in views.vaccine_names(books.journal)
            if code in vaccines and _plain(name) == wanted
        ),
        lambda: (
            code
            for code, vaccine in vaccines.items()
            if wanted in map(_plain, (vaccine.icd11, *_products(vaccine)))
        ),
    )
    for way in ways:
        codes = sorted(set(way()))
        if len(codes) > 1:
            raise BadInput(
                "vaccine.ambiguous",
                "{vaccine} can be any of several vaccines: {known}.",
                hint="Write the vaccine's code.",
                field=column,
                vaccine=text,
                known=", ".join(codes),
            )
        if codes:
            return vaccines[codes[0]]
    raise BadInput(
        "vaccine.unknown",
        "The vaccine {vaccine} is not in the campaign in force.",
        hint="Choose one of: {known}.",
        field=column,
        vaccine=text,
        known=", ".join(sorted(vaccines)),
    )


def _products(vaccine: Vaccine) -> Iterable[str]:
    """Give the codes that other lists have for this very product."""
    return (vaccine.codes.get(system, "") for system in ("product", "icvp", "cvx"))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
