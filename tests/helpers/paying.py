"""Demoland's campaign with payments: every payer, two prices, and vouchers of an invented fund."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from asking import campaign_with
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desks import take
from next_edition import put_in_force

from edge.credentials.vouchers import Voucher, VoucherSigner, issue
from edge.journal import views
from edge.node import Node
from edge.services.commands import (
    CountCash,
    GiveDose,
    HandOverCash,
    PaymentInput,
    RegisterPerson,
    ReturnPayment,
)
from sync.protocol.keys import public_text

_OWN = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER, KEY = VoucherSigner(_OWN), public_text(_OWN.public_key())
PAYERS = """\
- code: government
  programmes: [measles-rubella]
- code: individual
- code: voucher
- code: employer
- code: exemption
  by: [supervisor]
"""
PAYMENTS = f"""\
currency: KES
payers:
{PAYERS}prices:
- {{vaccines: [amarilia], amount: "1200.00"}}
- {{programmes: [covid-19], amount: "350.50"}}
employers:
- {{code: TEA, name: Safari Tea Estates}}
- {{code: RAIL, name: Coast Railways, numbers: ["R-7", "R-8"]}}
exemptions:
- {{code: refugee, words: {{en: Refugee, fr: Réfugié}}}}
voucher_issuers:
- {{code: fund, name: Health fund, key: {KEY}}}
"""


def asks_payment(node: Node, folder: Path, payments: str = PAYMENTS) -> None:
    """Put Demoland's campaign with payments in force at a site."""
    put_in_force(node, campaign_with(folder, payments=payments))


def pay_and_count(node: Node, folder: Path) -> None:
    """Do once with money whatever leaves an entry: pay, give back, count, hand over, be told."""
    asks_payment(node, folder)
    born = date(1990, 2, 3)
    who = RegisterPerson(name="Amina Diallo", gender="Female", birth_date=born)
    person = take(node, who, "R1")

    def paid(payer: str, told: str, programme: str, vaccine: str, lot: str) -> str:
        asked = PaymentInput(payer=payer, told=told)
        given = GiveDose(
            person=person, programme=programme, vaccine=vaccine, lot=lot, payment=asked
        )
        dose = take(node, given, "V1")
        with node.journal.reading() as db:
            found = views.payment_of(db, dose)
        assert found is not None
        return found.id

    cash = paid("individual", "", "yellow-fever", "amarilia", "YF0091")
    take(node, ReturnPayment(payment=cash, to="person", reason="Paid by a fund"), "V1")
    spent = paid("voucher", voucher(), "covid-19", "coviprotect", "CP2611A")
    body = {"payment": spent, "voucher": "fund/A-0001", "counts": False,
            "others": [{"facility": "DEMO02", "on": "2026-11-30"}]}  # fmt: skip
    told = node.site.ids.new()
    node.journal.run(lambda unit: unit.append("VoucherSettled", body, id_=told, by="nation"))
    take(node, CountCash(counted=5000, reason="A float"), "V1")
    take(node, HandOverCash(receiver="S1", amount=2500), "V1")


def voucher(
    number: str = "A-0001",
    *,
    issuer: str = "fund",
    days: int = 30,
    programmes: tuple[str, ...] = (),
    signer: VoucherSigner = SIGNER,
) -> str:
    """Give the text of a signed voucher that is good for so many days more."""
    until = datetime.now(UTC) + timedelta(days=days)
    made = Voucher(issuer=issuer, number=number, until=until, programmes=programmes)
    return issue(made, signer)
