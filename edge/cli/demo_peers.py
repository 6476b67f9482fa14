"""A country's systems of the demonstration: who hands out cards, and who books appointments."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import qrcode

from edge.node import Node
from edge.peers.card_issuer import CardHolder, CardIssuer, passport_zone
from edge.peers.scheduler import Expected, Scheduler

_MOTHER = CardHolder("Tesfaye", "Hanna", date(1996, 2, 29), "F", "3918592438")
_TRAVELLER = CardHolder("Otieno", "Zawadi", date(1990, 5, 1), "F", "XD0123456")
_BOOKED = ("Baraka Mwangi", "2026-01-20", "Male", "did:web:id.demoland.example:3999001")


def hand_out_cards(node: Node, folder: Path) -> None:
    """Write cards into a folder, as pictures and texts, and have the site trust their issuer."""
    issuer, today = CardIssuer(), node.clock.today()
    node.lists.put_trust("cards of the demonstration", issuer.trusted(), node.clock.now())
    folder.mkdir(parents=True, exist_ok=True)
    codes = {
        "identity-card": issuer.claim169(_MOTHER, today),
        "changed-card": issuer.claim169(_MOTHER, today, "changed"),
    }
    for name, text in codes.items():
        (folder / f"{name}.txt").write_text(f"{text}\n", encoding="ascii")
        qrcode.make(text).save(str(folder / f"{name}.png"))
    zone = passport_zone(_TRAVELLER, "XDX", today + timedelta(days=900))
    (folder / "passport.txt").write_text(f"{zone}\n", encoding="ascii")


def start_scheduler(facility: str, today: date) -> Scheduler:
    """Start a scheduler that books one child for tomorrow; a site fetches that by itself."""
    scheduler = Scheduler(facility)
    name, born, gender, identity = _BOOKED
    tomorrow = (today + timedelta(days=1)).isoformat()
    scheduler.people = [Expected("demo-1", name, born, gender, identity, tomorrow, "")]
    scheduler.start()
    return scheduler
