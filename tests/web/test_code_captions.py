"""A citizen knows which code is for what: each stands under plain words, on paper and screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms import give, newcomer
from next_edition import put_in_force
from site_factory import demonstration

from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.slip_templates import read_templates, to_template
from edge.domain.certificate_plan import CertificatePlan
from edge.domain.code_captions import CAPTIONS, OTHER, caption
from edge.domain.slip_template import SlipTemplate, is_whole_certificate
from edge.journal import views
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.codes import code_values, left_to_list
from edge.slips.layout import Print, lay_out
from edge.slips.slip_maker import SlipRequest
from printers.document import Block, Qr, Text
from sync.resources import resource

SignedIn = Callable[[str], FlaskClient]
CODES = {"dcc-1.3": b"travels", "divoc": b"checked", "x-own": b"other"}
OWN = {"divoc": "For the school", "dcc-1.3": "For the plane", "dcc": "For all versions"}


def over(blocks: tuple[Block, ...]) -> dict[bytes, str]:
    """Give the text right above each code."""
    return {
        block.payload: before.text
        for before, block in pairwise(blocks)
        if isinstance(block, Qr) and isinstance(before, Text)
    }


def laid(template: SlipTemplate, values: dict[str, Any]) -> tuple[Block, ...]:
    return lay_out(template, left_to_list(template, values), Print(1, 1, ""), str, rtl=False).blocks


@pytest.fixture(scope="module")
def shipped() -> dict[str, SlipTemplate]:
    return read_templates(resource("templates/slips"), resource("config/schemas"))


@pytest.mark.parametrize("slip", ["certificate", "document"])
def test_each_code_stands_right_under_its_caption_in_the_order_given(
    shipped: dict[str, SlipTemplate], slip: str
) -> None:
    told = over(laid(shipped[slip], code_values(CODES, {}, str)))
    assert list(told.items()) == [
        (b"travels", CAPTIONS["dcc"]),
        (b"checked", CAPTIONS["divoc"]),
        (b"other", OTHER),
    ]


def test_the_campaigns_words_go_first_and_those_of_a_format_before_those_of_its_family() -> None:
    assert caption("dcc-1.3", OWN) == "For the plane"
    assert caption("dcc-1.4", OWN) == "For all versions"
    assert caption("divoc-compact", OWN) == "For the school"
    assert caption("shc", OWN) == CAPTIONS["shc"]


def test_a_template_places_a_code_by_its_name_and_the_list_has_the_others_once() -> None:
    template = to_template(
        {
            "blocks": [
                {"text": "{divoc_caption}"},
                {"qr": "divoc_code"},
                {"qr": "shc_code"},
                {"qr": "dcc_code", "when": "shc_code"},
                {"mark": "copy"},
                {"mark": "replaces"},
                {"repeat": "codes", "blocks": [{"text": "{caption}"}, {"qr": "code"}]},
                {"mark": "end"},
            ]
        }
    )
    assert is_whole_certificate(template)
    blocks = laid(template, code_values({**CODES, "divoc-node": b"older"}, OWN, str))
    assert [block.payload for block in blocks if isinstance(block, Qr)] == [
        b"checked",
        b"travels",
        b"other",
        b"older",
    ]
    assert over(blocks)[b"checked"] == "For the school"


def test_a_list_of_codes_that_shows_one_named_code_for_each_is_no_certificate() -> None:
    blocks = [{"mark": "copy"}, {"mark": "replaces"}, {"mark": "end"}]
    every = {"repeat": "codes", "blocks": [{"qr": "code"}]}
    named = {"repeat": "codes", "blocks": [{"qr": "dcc_code"}]}
    assert is_whole_certificate(to_template({"blocks": [every, *blocks]}))
    assert not is_whole_certificate(to_template({"blocks": [named, *blocks]}))


def test_what_a_campaign_puts_on_wide_paper_first_matters_most_everywhere() -> None:
    plan = CertificatePlan(("divoc", "shc", "dcc-1.3"), {58: ("divoc",), 80: ("dcc-1.3", "divoc")})
    assert plan.in_order(["divoc", "shc", "x-gone", "dcc-1.3"]) == [
        "dcc-1.3",
        "divoc",
        "shc",
        "x-gone",
    ]
    assert CertificatePlan(("shc", "divoc")).in_order(["divoc", "shc"]) == ["shc", "divoc"]


def test_words_for_a_code_that_no_certificate_has_are_named_with_what_was_meant(
    tmp_path: Path,
) -> None:
    for source in resource("config/demo/campaign").rglob("*.yaml"):
        path = tmp_path / source.relative_to(resource("config/demo/campaign"))
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(source.read_bytes())
    with (tmp_path / "slips.yaml").open("a") as file:
        file.write("captions:\n  dcc: For the plane\n  divok: For the school\n")
    with pytest.raises(CampaignErrors) as raised:
        read_campaign(tmp_path, resource("config/schemas"))
    (mistake,) = raised.value.mistakes
    assert (mistake.code, mistake.line) == ("captions.unknown", 7)
    assert mistake.values["code"] == "divok"
    assert "divoc" in str(mistake.values)


@pytest.mark.slow
def test_paper_and_screens_say_the_same_and_put_first_what_matters_most(
    vouched: Node, signed_in: SignedIn
) -> None:
    body: dict[str, Any] = deepcopy(dict(demonstration().body))
    body["certificates"]["formats"] = ["divoc", "dcc-1.3"]
    body["slips"]["captions"] = {"dcc": "For the plane", "divoc": "For the school"}
    texts = {"For the plane": "Pour l’avion"}
    body["words"] = {"fr": {"name": "Français", "direction": "ltr", "texts": texts}}
    put_in_force(vouched, CheckedCampaign(body))
    browser = signed_in("V1")
    location = give(browser, newcomer(browser, "Ravi Fresh"))
    with vouched.journal.reading() as db:
        record = views.recorded(db, location.rpartition("/")[2])
    assert record
    shown = browser.get(location).text, browser.get(f"/certificates/{record.certificate}/show").text
    for page in shown:
        captions = re.findall(
            r"<figcaption><bdi>([^<]*)</bdi></figcaption><img[^>]*format=([\w.-]+)", page
        )
        assert captions == [("For the plane", "dcc-1.3"), ("For the school", "divoc")]
    browser.set_cookie("language", "fr")
    assert "Pour l’avion" in browser.get(location).text
    paper = vouched.print_room.slip(SlipRequest("certificate", record.certificate), NO_PRINTER)
    assert list(over(paper.blocks).values()) == ["For the plane", "For the school"]
