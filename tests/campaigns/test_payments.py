"""Who pays for a dose, as a campaign says it: as values, and each mistake in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from asking import write_campaign
from paying import KEY, PAYMENTS

from edge.campaign.campaign_diff import campaign_changes
from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.parts import named_in
from edge.domain.errors import BadInput
from edge.domain.money import Money, minor_units
from edge.domain.payments import PaymentRules
from sync.resources import resource

SCHEMAS, TODAY = resource("config/schemas"), date(2026, 11, 24)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> PaymentRules:
    folder = tmp_path_factory.mktemp("paying") / "campaign"
    body = read_campaign(write_campaign(folder, payments=PAYMENTS), SCHEMAS)
    assert read_packed(body, SCHEMAS) == body
    assert named_in(body)["payments"] == [
        *("government", "individual", "voucher", "employer", "exemption")
    ]
    found = to_catalogue(body).payments
    assert found is not None
    return found


def test_payers_are_offered_by_dose_and_role_in_the_campaigns_order(rules: PaymentRules) -> None:
    def codes(programme: str, vaccine: str, role: str) -> list[str]:
        return [rule.payer for rule in rules.offered(programme, vaccine, {role})]

    adult = ["individual", "voucher", "employer"]
    assert codes("covid-19", "coviprotect", "vaccinator") == adult
    assert codes("covid-19", "coviprotect", "supervisor") == [*adult, "exemption"]
    assert codes("measles-rubella", "duomorb", "vaccinator") == ["government", *adult]


def test_the_first_price_for_a_dose_counts_and_without_one_it_costs_nothing(
    rules: PaymentRules,
) -> None:
    assert rules.price("covid-19", "coviprotect") == Money(35050, "KES")
    assert rules.price("yellow-fever", "amarilia") == Money(120000, "KES")
    assert rules.price("measles-rubella", "duomorb") == Money(0, "KES")


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        *(("350", "KES", 35000), ("350.5", "KES", 35050), ("0.05", "KES", 5)),
        *(("1500", "XOF", 1500), ("1.250", "TND", 1250), ("٣٥٠٫٥", "KES", 35050)),
    ],
)
def test_an_amount_is_kept_in_minor_units_and_written_as_it_was(
    text: str, currency: str, amount: int
) -> None:
    assert minor_units(text, currency, "amount") == amount
    assert minor_units(str(Money(amount, currency)).split()[0], currency, "amount") == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "KES"),
        ("1.005", "KES"),
        ("1.5", "XOF"),
        ("-1", "KES"),
        ("1,000", "KES"),
        ("1e9", "KES"),
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(text: str, currency: str) -> None:
    with pytest.raises(BadInput) as refused:
        minor_units(text, currency, "amount")
    assert refused.value.field == "amount"
    minor_units(str(refused.value.values["example"]), currency, "amount")


MISTAKES = [
    ("currency: KES", "currency: KSH", "payments.yaml, line 1: KSH is no currency's code in ISO 4217."),
    ("currency: KES", "currency: kes", "payments.yaml, line 1, currency: currency is not in the right form. The currency's code of three letters (ISO 4217), for example KES. Did you mean KES?"),
    ("code: employer", "code: individual", "payments.yaml, line 7: The code individual is used twice; first on line 5."),
    ("[measles-rubella]", "[measles]", "payments.yaml, line 4: measles is not in programmes.yaml."),
    ("vaccines: [amarilia]", "vaccines: [amaril]", "payments.yaml, line 11: amaril is not in vaccines.yaml. Did you mean amarilia?"),
    ('amount: "350.50"', 'amount: "350.505"', "payments.yaml, line 12: 350.505 is no amount in KES. Write it like 350.00, without the currency."),
    ('amount: "350.50"', "amount: 350.50", 'payments.yaml, line 12, prices.amount: amount must be text; put it in quotation marks. Write "350.50".'),
    ("code: RAIL", "code: TEA", "payments.yaml, line 15: The code TEA is used twice; first on line 14."),
    ("{en: Refugee, fr", "{fr", "payments.yaml, line 17: These words are not in the campaign's own language, en."),
    (f"key: {KEY}", f"key: {KEY[:24]}", "payments.yaml, line 19: This is no public key for vouchers of fund. Write what divoc-edge campaign vouchers key prints."),
    ("- code: individual\n", "- code: x-mutual\n", "payments.yaml, line 5: The payer x-mutual of a package needs a title: what people call it."),
    ("voucher_issuers:", "employers_:", "payments.yaml, line 18, employers_: The field employers_ is not known here. Did you mean employers?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_each_mistake_in_the_payments_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    text = PAYMENTS.replace(old, new, 1)
    assert text != PAYMENTS
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(write_campaign(tmp_path / "campaign", payments=text), SCHEMAS)
    assert wanted in [str(mistake) for mistake in caught.value.mistakes]


def test_a_payer_that_lacks_its_list_is_named(tmp_path: Path) -> None:
    text = PAYMENTS.partition("employers:")[0]
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(write_campaign(tmp_path / "campaign", payments=text), SCHEMAS)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "payments.yaml, line 6: The payer voucher needs voucher_issuers in this file.",
        "payments.yaml, line 7: The payer employer needs employers in this file.",
        "payments.yaml, line 8: The payer exemption needs exemptions in this file.",
    ]


def test_what_changes_in_payments_is_told_in_words(tmp_path: Path) -> None:
    bodies = [
        read_campaign(write_campaign(tmp_path / name, payments=text), SCHEMAS)
        for name, text in (
            ("before", PAYMENTS),
            ("after", PAYMENTS.replace("350.50", "400").replace("Safari Tea", "Hill Tea")),
        )
    ]
    told = [str(change) for change in campaign_changes(*bodies)]
    assert any("Hill Tea Estates in place of Safari Tea Estates" in sentence for sentence in told)
    assert any("400" in sentence for sentence in told)
