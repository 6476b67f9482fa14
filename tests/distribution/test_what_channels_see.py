"""No channel learns more of a person than where to write, and no text names anybody or anything."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from channels import ChannelOf, RecordedChannel
from desks import take

from edge.campaign.distribution import distribution_mistakes
from edge.campaign.yaml_files import YamlFile
from edge.journal import views
from edge.node import Node
from edge.services.commands import GiveDose, RegisterPerson
from edge.services.commands.people import AddressInput, GuardianInput
from edge.services.messages.reminding import Reminders

CANARIES: dict[str, Any] = {
    "name": "Canaryname Surname", "identity": "did:in.gov.passport:K4NARY99", "nationality": "Canarian",
    "email": "canary@mail.example", "passport_name": "CANARYLATIN",
}  # fmt: skip
PHONE = "+254712345678"


def test_a_channel_sees_the_address_a_text_a_language_and_nothing_else_of_a_person(
    node: Node,
) -> None:
    channel = RecordedChannel()
    box = ChannelOf(node, channel)
    asked = RegisterPerson(
        **CANARIES, gender="Female", birth_year=1931, phone=PHONE,
        address=AddressInput(addressLine1="Canarystreet 1", district="Canarydistrict", state="Canarystate", pincode="990011"),
        guardian=GuardianInput(relation="mother", name="Canarymother", phone="+254712999999"),
    )  # fmt: skip
    take(node, asked)
    with node.journal.reading() as db:
        person = views.find_people(db, CANARIES["name"])[0]
        vaccines = node.site.catalogues.current(db).vaccines.values()
    take(
        node, GiveDose(person=person.id, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
    )
    box.plan()
    Reminders(node.journal, node.site, box.addresses).run()
    box.run()
    (sent,) = channel.sent
    assert set(asdict(sent)) == {"reference", "address", "text", "language", "document"}
    assert (sent.address, sent.language, sent.document) == (PHONE, "en", None)
    seen = f"{sent.reference} {sent.text}".casefold()
    told = [
        *CANARIES.values(), *CANARIES["name"].split(), "canary", "1931", "990011", PHONE[1:],
        person.id, person.code, *(vaccine.name for vaccine in vaccines), "CP2611A",
    ]  # fmt: skip
    assert [word for word in told if word.casefold() in seen] == []
    assert PHONE not in repr(sent)


def mistakes(body: object) -> list[tuple[str, str]]:
    """Give file and code of what is wrong with a campaign's distribution.yaml."""
    vaccines = [{"name": "CoviProtect", "prophylaxis": "COVID-19"}]
    files = {
        name: YamlFile(f"{name}.yaml", value=value, marked=value)
        for name, value in (("distribution", body), ("vaccines", vaccines), ("campaign", {}))
    }
    return [(mistake.file, mistake.code) for mistake in distribution_mistakes(files)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dear {name}", "distribution.placeholder"), ("{vaccine} given", "distribution.placeholder"),
        ("{code}", "distribution.placeholder"), ("{}", "distribution.placeholder"),
        ("{day!r}", "distribution.placeholder"), ("{day:>99999999}", "distribution.placeholder"),
        ("{facility.address}", "distribution.placeholder"), ("{day", "distribution.braces"),
        ("Your coviprotect is due", "distribution.tells"), ("Against COVID-19!", "distribution.tells"),
        ("{facility}: come on {day}. {stop} ends this.", ""),
    ],
)  # fmt: skip
def test_a_text_that_names_a_person_a_vaccine_or_a_disease_is_a_mistake(
    text: str, code: str
) -> None:
    body = {"channels": ["sms"], "texts": {"due": {"en": text}}, "reminders": [-2]}
    assert mistakes(body) == ([("distribution.yaml", code)] if code else [])


def test_a_reminder_without_its_text_is_a_mistake() -> None:
    body = {"channels": ["sms"], "texts": {"due": {"en": "Come."}}, "reminders": [-2, 3]}
    assert mistakes(body) == [("distribution.yaml", "distribution.no-text")]


@pytest.mark.parametrize(
    ("stop", "wrong"),
    [("🛑🛑", 1), ("12345", 1), ({"en": "STOP", "fr": "--"}, 1), ({"en": "থামুন"}, 0), ("STOP2", 0)],
)
def test_a_word_that_no_answer_can_be_told_by_is_a_mistake(stop: object, wrong: int) -> None:
    body = {"channels": ["sms"], "texts": {"due": {"en": "Come."}}, "stop": stop}
    assert mistakes(body) == [("distribution.yaml", "distribution.stop")] * wrong
