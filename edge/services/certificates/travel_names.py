"""Whether the name on a certificate that travels will be known again in the passport."""

from __future__ import annotations

from collections.abc import Iterable

from edge.domain.catalogue import Catalogue
from edge.domain.certificate import needs_of
from edge.domain.errors import Refusal
from edge.domain.names.icao_letters import is_written_in_full
from edge.domain.names.passports import machine_readable, name_parts
from edge.domain.people import Person
from edge.journal.views import DoseRecord


def name_abroad(person: Person, formats: Iterable[str], country: str) -> Refusal | None:
    """Say that a certificate for travel would lose sounds of the name; None: it would not.

    It holds nothing up: the dose is given, and the certificate is signed under the name as ICAO's
    tables write it. ``country`` is the issuer's.
    """
    if is_written_in_full(person.name) or not asks_passport_name(person, formats):
        return None
    state = person.nationality if len(person.nationality) == len(country) else country
    written = " ".join(machine_readable(part, state) for part in name_parts(person.name))
    return Refusal(
        "name.abroad",
        "For travel this name is written {latin} in Latin letters, and some sounds are lost.",
        hint="Ask for the passport, and write the name as it stands there.",
        field="passportName",
        latin=written.replace("<", " ").strip(),
    )


def dose_abroad(record: DoseRecord, catalogue: Catalogue) -> Refusal | None:
    """Say the same of the certificate of a dose, by the formats of its programme."""
    programme = catalogue.find_programme(record.dose.programme)
    formats = programme.certificates.formats if programme is not None else ()
    return name_abroad(record.person, formats, catalogue.issuer.country)


def asks_passport_name(person: Person, formats: Iterable[str]) -> bool:
    """Say whether a certificate in these formats has the passport's name, and nobody told it."""
    return not person.passport_name and any(needs_of(name).latin_name for name in formats)
