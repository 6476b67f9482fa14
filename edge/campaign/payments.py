"""A campaign's ``payments.yaml``: who pays for a dose, what it costs, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import (
    language_of,
    scope_mistakes,
    text_in,
    text_mistakes,
    to_scope,
)
from edge.campaign.yaml_files import YamlFile
from edge.domain.errors import BadInput
from edge.domain.money import is_currency, minor_units
from edge.domain.payments import (
    Employer,
    ExemptionReason,
    PayerRule,
    PaymentRules,
    Price,
    VoucherIssuer,
)
from sync.protocol.errors import SyncError
from sync.protocol.keys import public_key

_LISTS: Mapping[str, str] = {
    "employer": "employers",
    "exemption": "exemptions",
    "voucher": "voucher_issuers",
    "individual": "prices",
}
"""What each payer cannot do without, by its name."""


def to_payments(item: Mapping[str, Any] | None, language: str) -> PaymentRules | None:
    """Read what a campaign says of payments; None where it says nothing."""
    if item is None:
        return None
    currency = item["currency"]
    return PaymentRules(
        currency=currency,
        payers=tuple(
            PayerRule(
                payer=rule["code"],
                scope=to_scope(rule),
                title=text_in(rule, "title", language),
                by=frozenset(rule.get("by", ())),
                settings=rule.get("settings", {}),
            )
            for rule in item["payers"]
        ),
        prices=tuple(
            Price(to_scope(price), minor_units(price["amount"], currency, "amount"))
            for price in item.get("prices", ())
        ),
        employers=tuple(
            Employer(named["code"], named["name"], frozenset(named.get("numbers", ())))
            for named in item.get("employers", ())
        ),
        exemptions=tuple(
            ExemptionReason(reason["code"], text_in(reason, "words", language))
            for reason in item.get("exemptions", ())
        ),
        issuers=tuple(
            VoucherIssuer(issuer["code"], issuer["name"], issuer["key"])
            for issuer in item.get("voucher_issuers", ())
        ),
    )


def payment_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find prices nobody can pay, payers that lack their list, and keys that verify nothing."""
    file, language = files["payments"], language_of(files)
    programmes = {item["id"]: item for item in files["programmes"].value}
    vaccines = {item["code"] for item in files["vaccines"].value}
    body = file.value
    known = is_currency(body["currency"])
    if not known:
        yield file.mistake(
            ("currency",),
            "payment.currency",
            "{code} is no currency's code in ISO 4217.",
            code=body["currency"],
        )
    yield from _payers(file, body, programmes, vaccines, language)
    for index, price in enumerate(body.get("prices", ())):
        path = ("prices", index)
        yield from scope_mistakes(file, path, price, programmes, vaccines)
        if known:
            yield from _amount(file, (*path, "amount"), price["amount"], body["currency"])
    for name in ("employers", "exemptions", "voucher_issuers"):
        if name in body:
            yield from distinct(file, path=(name,))
    for index, reason in enumerate(body.get("exemptions", ())):
        where = ("exemptions", index, "words")
        yield from text_mistakes(file, where, reason["words"], language)
    for index, issuer in enumerate(body.get("voucher_issuers", ())):
        if not _is_key(issuer["key"]):
            yield file.mistake(
                ("voucher_issuers", index, "key"),
                "payment.key",
                "This is no public key for vouchers of {code}. Write what divoc-edge campaign"
                " vouchers key prints.",
                code=issuer["code"],
            )


def _payers(
    file: YamlFile,
    body: Mapping[str, Any],
    programmes: Mapping[str, Mapping[str, Any]],
    vaccines: Collection[str],
    language: str | None,
) -> Iterator[Mistake]:
    yield from distinct(file, path=("payers",))
    for index, rule in enumerate(body["payers"]):
        path = ("payers", index)
        yield from scope_mistakes(file, path, rule, programmes, vaccines)
        yield from text_mistakes(file, (*path, "title"), rule.get("title"), language)
        needed = _LISTS.get(rule["code"])
        if needed and needed not in body:
            yield file.mistake(
                (*path, "code"),
                "payment.lacks",
                "The payer {code} needs {needed} in this file.",
                code=rule["code"],
                needed=needed,
            )
        if rule["code"].startswith("x-") and "title" not in rule:
            yield file.mistake(
                (*path, "code"),
                "payment.title",
                "The payer {code} of a package needs a title: what people call it.",
                code=rule["code"],
            )


def _amount(
    file: YamlFile, path: tuple[str | int, ...], text: str, currency: str
) -> Iterator[Mistake]:
    try:
        minor_units(text, currency, "amount")
    except BadInput as error:
        yield file.mistake(path, error.code, f"{error.sentence} {error.hint}", **error.values)


def _is_key(text: str) -> bool:
    try:
        public_key(text)
    except SyncError:
        return False
    return True
