"""What draws a certificate for a digital locker: the registry itself knows neither paper nor fonts.

The project's own is ``edge.office.locker_papers``; it adds itself under the entry point
``divoc_edge.locker_papers``, and so may another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import Distribution, distributions

from sync.plugins import Kind, read_plugins
from sync.registry.locker.answers import Draw, no_drawing
from sync.registry.locker.certificates import LockerCertificate

KIND = "locker_papers"
DrawPaper = Callable[[Mapping[str, str], Mapping[str, str]], bytes]
"""Draws a PDF of what stands on it, under the names of the slip, and of signed texts by format."""


def locker_papers(
    installed: Callable[[], Iterable[Distribution]] = distributions,
) -> Draw:
    """Find what draws certificates, the first by name, when the first is asked for."""

    @cache
    def found() -> DrawPaper:
        kind = Kind(KIND, (), callable, "a function that gives what draws certificates")
        added = read_plugins([kind], installed).added[KIND]
        if not added:
            raise no_drawing()
        made: DrawPaper = added[min(added)]()
        return made

    def draw(certificate: LockerCertificate) -> bytes:
        return found()(said_on_paper(certificate), certificate.credentials)

    return draw


def said_on_paper(found: LockerCertificate) -> dict[str, str]:
    """Say what stands on a certificate, under the names of a site's slip, and its ``language``."""
    dose, names = found.dose, found.names
    told = {
        "subtitle": names.get("issuer"),
        "name": found.name,
        "birth_date": found.born,
        "vaccine": names.get("vaccine", dose.get("vaccine")),
        "manufacturer": names.get("manufacturer"),
        "lot": dose.get("lot"),
        "dose": f"{dose.get('number')} / {dose.get('total')}",
        "date": dose.get("on"),
        "facility": names.get("facility", dose.get("facility")),
        "certificate": found.number,
        "language": found.language or None,
    }
    return {name: text for name, text in told.items() if isinstance(text, str)}
