"""What a digital locker is answered, as XML. Source: Issuer API Specification, section 8.1.3."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date
from xml.etree.ElementTree import Element, SubElement, tostring

from sync.protocol.errors import SyncError
from sync.registry.locker.certificates import LockerCertificate
from sync.registry.locker.questions import LockerQuestion
from sync.registry.locker.settings import LockerSettings

SUCCESS, FAILURE = "1", "0"
Draw = Callable[[LockerCertificate], bytes]
"""Draws a certificate as PDF; raises :class:`SyncError` where nothing here can."""
_GENDERS: Mapping[str, str] = {"Male": "Male", "Female": "Female"}
_DOSE = ("programme", "vaccine", "number", "total", "lot", "on", "facility")


def refused(asks: str, question: LockerQuestion | None, ts: str) -> bytes:
    """Answer that there is nothing; ``question`` None: who asked is not known, ``ts`` is ours."""
    root = _root(asks, question.ts if question else ts, question.txn if question else "", FAILURE)
    return _written(root)


def told(
    question: LockerQuestion, found: LockerCertificate, settings: LockerSettings, draw: Draw
) -> bytes:
    """Answer with the certificate: as XML, as PDF or both, as it was asked for.

    Of the person it says name, birth and gender, which are on the certificate; no telephone number,
    address or identity number. Raises what ``draw`` raises.
    """
    root = _root(question.asks, question.ts, question.txn, SUCCESS)
    details = SubElement(root, "DocDetails")
    if question.asks == "PullURIRequest":
        persons = SubElement(SubElement(details, "IssuedTo"), "Persons")
        SubElement(persons, "Person", _person(found), phone="")
        SubElement(details, "URI").text = settings.uri(found.number)
    if question.wants in ("pdf", "both"):
        SubElement(details, "DocContent").text = base64.b64encode(draw(found)).decode()
    if question.wants != "pdf":
        SubElement(details, "DataContent").text = base64.b64encode(
            data_of(found, settings)
        ).decode()
    return _written(root)


def data_of(found: LockerCertificate, settings: LockerSettings) -> bytes:
    """Write a certificate's data: whose it is, the dose, and each format as it was signed."""
    root = Element(
        "Certificate",
        name="Vaccination certificate",
        type=settings.document,
        number=found.number,
        issueDate=_day(found.issued_at[:10]),
        status="A",
    )
    SubElement(SubElement(root, "IssuedTo"), "Person", _person(found))
    data = SubElement(root, "CertificateData")
    dose = {name: str(found.dose[name]) for name in _DOSE if found.dose.get(name) is not None}
    SubElement(data, "Vaccination", dose)
    for format_, text in found.credentials.items():
        SubElement(data, "Credential", format=format_).text = text
    return _written(root)


def no_drawing() -> SyncError:
    """Say that nothing here draws certificates."""
    return SyncError(
        "locker.no-papers",
        "Nothing that is installed here draws certificates. Install the package divoc-edge on this"
        " machine, and start the registry anew.",
    )


def _person(found: LockerCertificate) -> dict[str, str]:
    gender = _GENDERS.get(found.gender, "Other")
    return {"name": found.name, "dob": _day(found.born), "gender": gender}


def _day(text: str) -> str:
    """Write a day as lockers do: DD-MM-YYYY."""
    return date.fromisoformat(text).strftime("%d-%m-%Y")


def _root(asks: str, ts: str, txn: str, status: str) -> Element:
    root = Element(asks.replace("Request", "Response"), {"xmlns:ns2": "http://tempuri.org/"})
    SubElement(root, "ResponseStatus", Status=status, ts=ts, txn=txn).text = status
    return root


def _written(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written
