"""Slips: what is on the paper that a person takes home."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from edge.credentials.packing import pack
from edge.domain.numbers import grouped
from edge.journal.views import IssuedCertificate
from printers.document import Block, Cut, Document, Field, Qr, Rule, Space, Text
from printers.fonts import isolated

Say = Callable[[str], str]


def certificate_slip(
    certificate: IssuedCertificate,
    words: Mapping[str, str],
    *,
    copy: int,
    serial: int,
    next_due: str = "",
    printed_at: str = "",
    say: Say = str,
    rtl: bool = False,
) -> Document:
    """Lay out a certificate: who, what, when, where, the QR code, and the closing line.

    ``words`` are the campaign's own (title, subtitle, footer). ``serial`` is the print job's
    number; the closing line repeats it with the certificate's, so that a torn slip is seen. A
    ``copy`` above 1 says so, and when.
    """
    document = json.loads(certificate.credential)
    subject, evidence = document["credentialSubject"], document["evidence"][0]
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
    blocks += [Rule(), Space(10), *_fields(subject, evidence, say)]
    if next_due:
        blocks += [Space(8), Field(say("Come back on"), next_due, bold=True)]
    blocks += [Space(8), Rule(), Space(4), Qr(pack(certificate.credential))]
    blocks.append(Text(grouped(certificate.id), bold=True, align="centre"))
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


def _fields(subject: Mapping[str, Any], evidence: Mapping[str, Any], say: Say) -> list[Block]:
    dose, total = evidence["dose"], evidence["totalDoses"]
    told = say("Booster") if dose > total else f"{dose} / {total}"
    pairs = (
        (say("Name"), subject["name"], True),
        (say("Date of birth"), subject.get("dob", ""), False),
        (say("Age"), "" if subject.get("dob") else subject["age"], False),
        (say("Vaccine"), evidence["vaccine"], True),
        (say("Manufacturer"), evidence["manufacturer"], False),
        (say("Lot"), evidence["batch"], False),
        (say("Dose"), told, True),
        (say("Date"), evidence["effectiveStart"], True),
        (say("Vaccinator"), evidence["verifier"]["name"], False),
        (say("Facility"), evidence["facility"]["name"], False),
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
