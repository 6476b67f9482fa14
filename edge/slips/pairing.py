"""The sheet with which one tablet is set up: with a secret, so no journal and no queue has it."""

from __future__ import annotations

from dataclasses import dataclass

from printers.document import Block, Cut, Document, Qr, Rule, Space, Text


@dataclass(frozen=True, slots=True)
class PairingSheet:
    """What the sheet says: ``trust`` and ``authority`` are empty for a site without TLS."""

    facility: str
    name: str
    link: str
    secret: str
    ends: str
    trust: str = ""
    authority: str = ""


def pairing_sheet(sheet: PairingSheet) -> Document:
    """Lay out a set-up sheet for one tablet, as the technician reads it: in English."""
    blocks: list[Block] = [
        Text(sheet.facility, "large", True, "centre"),
        Text(sheet.name, "normal", True, "centre"),
        Rule(),
    ]
    if sheet.trust:
        blocks += [
            Text("1. Open this on the tablet and do what it says:"),
            Text(sheet.trust, bold=True, align="centre"),
            Qr(sheet.trust.encode()),
            Text("Fingerprint to compare (SHA-256)", bold=True),
            Text(sheet.authority),
            Rule(),
            Text("2. Then scan this with its camera:"),
        ]
    else:
        blocks.append(Text("Scan this with the tablet's camera:"))
    blocks += [
        Qr(sheet.link.encode()),
        Text("Or open this address and type the code:"),
        Text(sheet.link.partition("#")[0], align="centre"),
        Text(sheet.secret, bold=True, align="centre"),
        Space(),
        Text(f"Pairs one tablet, once, until {sheet.ends}. Destroy it then."),
        Cut(),
    ]
    return Document(tuple(blocks))
