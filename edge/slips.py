"""Slips: what is on the paper that a person takes home."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edge.domain.catalogue import Catalogue
from edge.domain.numbers import grouped
from edge.journal.views import IssuedCertificate, Recorded
from printers.document import Block, Cut, Document, Field, Qr, Rule, Space, Text
from printers.fonts import isolated

Say = Callable[[str], str]


def certificate_slip(
    certificate: IssuedCertificate,
    record: Recorded,
    catalogue: Catalogue,
    codes: Sequence[bytes],
    *,
    copy: int,
    serial: int,
    printed_at: str = "",
    say: Say = str,
    rtl: bool = False,
) -> Document:
    """Lay out a certificate: who, what, when, where, its QR codes, and the closing line.

    ``codes`` are what the QR codes hold. ``serial`` is the print job's number; the closing line
    repeats it with the certificate's, so that a torn slip is seen. A ``copy`` above 1 says so,
    and when; a certificate that replaces another names it.
    """
    words = catalogue.slip
    blocks: list[Block] = [
        Text(words.get("title", say("Vaccination certificate")), "large", True, "centre")
    ]
    if words.get("subtitle"):
        blocks.append(Text(words["subtitle"], align="centre"))
    if copy > 1:
        told = f"{copy}   {printed_at}"
        blocks += [
            Space(6),
            Text(f"{say('COPY')} {_kept(told, rtl)}", bold=True, align="centre"),
        ]
    blocks += [Rule(), Space(10), *_fields(record, catalogue, say)]
    if record.next_due:
        blocks += [Space(8), Field(say("Come back on"), record.next_due.isoformat(), bold=True)]
    blocks += [Space(8), Rule(), Space(4)]
    for code in codes:
        blocks += [Qr(code), Space(8)]
    blocks.append(Text(grouped(certificate.id), bold=True, align="centre"))
    if certificate.replaces:
        replaced = _kept(grouped(certificate.replaces), rtl)
        blocks.append(Text(f"{say('REPLACES')} {replaced}", align="centre"))
    if words.get("footer"):
        blocks += [Space(6), Text(words["footer"], "small", align="centre")]
    blocks += [
        Space(6),
        Rule(),
        Text(f"{say('END')} {_kept(f'{certificate.id} {serial}', rtl)}", "small", align="centre"),
        Cut(),
    ]
    return Document(tuple(blocks), rtl)


def _kept(value: str, rtl: bool) -> str:
    """Keep a value in its own order inside words that read from right to left."""
    return isolated(value) if rtl else value


def _fields(record: Recorded, catalogue: Catalogue, say: Say) -> list[Block]:
    dose, person = record.dose, record.person
    vaccine, facility = catalogue.vaccines[dose.vaccine], catalogue.facilities[dose.facility]
    vaccinator = catalogue.staff.get(dose.vaccinator)
    born = person.birth_date.isoformat() if person.birth_date else ""
    told = say("Booster") if dose.number > dose.total else f"{dose.number} / {dose.total}"
    pairs = (
        (say("Name"), person.name, True),
        (say("Date of birth"), born, False),
        (say("Age"), "" if born else str(person.age_on(dose.on)), False),
        (say("Vaccine"), vaccine.name, True),
        (say("Manufacturer"), vaccine.manufacturer, False),
        (say("Lot"), dose.lot, False),
        (say("Dose"), told, True),
        (say("Date"), dose.on.isoformat(), True),
        (say("Vaccinator"), vaccinator.name if vaccinator else dose.vaccinator, False),
        (say("Facility"), facility.name, False),
    )
    return [Field(label, value, bold) for label, value, bold in pairs if value]


def test_slip(printer: str, connection: str, number: str, now: str) -> Document:
    """Lay out a slip that shows what a printer does with text, scripts, dots and a QR code."""
    return Document(
        (
            Text("DIVOC Edge", "large", True, "centre"),
            Text("Test of a printer", align="centre"),
            Rule(),
            Field("Printer", printer, bold=True),
            Field("Address", connection),
            Field("Time", now),
            Rule(),
            Text("Äéñø 0123456789"),
            Text("नमस्ते  ሰላም  Здравствуйте"),
            Text("السلام عليكم"),
            Qr(f"divoc-edge test {number}".encode()),
            Text(f"END {number}", "small", align="centre"),
            Cut(),
        )
    )
