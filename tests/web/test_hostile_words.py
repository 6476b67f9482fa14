"""A campaign's words are text on every page: whoever writes them runs nothing at a tablet."""

from __future__ import annotations

from dataclasses import replace

from next_edition import put_in_force
from site_factory import demonstration

from edge.node import Node
from edge.web.app import create_app

HOSTILE = "\"'><script>alert(1)</script>{{7*7}}"


def test_a_word_of_the_campaign_that_is_markup_or_a_template_is_shown_as_it_is_written(
    node: Node,
) -> None:
    campaign = demonstration()
    said = ("Sign in", "PIN", "Staff code", "Language")
    words = {"en": {"name": HOSTILE, "direction": "ltr", "texts": dict.fromkeys(said, HOSTILE)}}
    put_in_force(node, replace(campaign, body={**campaign.body, "words": words}))
    page = create_app(node.backend()).test_client().get("/sign-in").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    assert "\"'>" not in page
