"""What use cases look up before they write: found, or refused in words."""

from __future__ import annotations

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput, NotFound
from edge.domain.people import Person
from edge.journal import views
from edge.journal.unit import Unit


def known_person(unit: Unit, id_: str) -> Person:
    """Find a person, or raise :class:`NotFound`."""
    person = views.person(unit.db, id_)
    if person is None:
        raise NotFound(
            "person.unknown",
            "This person is not registered here.",
            hint="Search again, or register the person.",
            field="person",
        )
    return person


def shown_id(unit: Unit, id_: str) -> str:
    """Give the id under which a person is shown, empty for an empty one; raises the same."""
    return known_person(unit, id_).id if id_ else ""


def check_programme(catalogue: Catalogue, id_: str) -> None:
    """Refuse a programme that the campaign in force does not have."""
    if id_ not in catalogue.programmes:
        raise BadInput(
            "programme.unknown",
            "The programme {programme} is not in the campaign in force.",
            hint="Choose one of: {known}.",
            field="programme",
            programme=id_,
            known=", ".join(sorted(catalogue.programmes)),
        )


def known_certificate(unit: Unit, number: str) -> views.IssuedCertificate:
    """Find a certificate by its number; raises :class:`NotFound`."""
    certificate = views.certificate(unit.db, number)
    if certificate is None:
        raise NotFound(
            "certificate.unknown",
            "There is no certificate with this number here.",
            hint="Check the number on the paper.",
            field="certificate",
        )
    return certificate
