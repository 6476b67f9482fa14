"""One verdict wherever a certificate is shown: on the page, to the API and to the command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from next_edition import put_in_force
from site_factory import demonstration

from edge.cli import main
from edge.domain.catalogue import Staff
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import RevokeCertificate
from edge.web.app import create_app


def in_force(node: Node, stale_after_days: int | None) -> None:
    """Apply the demonstration's campaign with another limit, and a name of its own for a code."""
    campaign = demonstration()
    body: dict[str, Any] = json.loads(json.dumps(campaign.body))
    body.pop("stale_after_days", None)
    if stale_after_days is not None:
        body["stale_after_days"] = stale_after_days
    for vaccine in body["vaccines"]:
        vaccine["name"] = f"{vaccine['name']} of Demoland"
    put_in_force(node, CheckedCampaign(body))


def listed(node: Node, code: str, days: int) -> None:
    """Take in a list of revocations of the code's issuer, so many days old and empty."""
    row = node.certifier._formats["dcc-1.3"]
    scope = row.lookup(code).scope
    now = node.clock.now()
    node.lists.put_revocations("nation", [scope], [], now - timedelta(days=days), now)


def verdicts(node: Node, code: str) -> dict[str, dict[str, Any]]:
    """Show a code to the API, on the page and to the command, beside the running node."""
    browser: FlaskClient = create_app(node.backend()).test_client()
    answer = browser.post(
        "/api/v1/verify", data=code.encode(), content_type="application/octet-stream"
    )
    page = browser.post("/verify", data={"text": code}).text
    word = re.search(r'class="verdict ([a-z-]+)"', page)
    assert word, page
    told = CliRunner().invoke(
        main, ["verify", "-", "--json", "--data", str(node.folder)], input=code
    )
    command = json.loads(told.output)
    assert command["reason"] in page
    return {"api": answer.get_json(), "page": {"verdict": word[1]}, "command": command}


@pytest.mark.parametrize(
    ("limit", "days", "wanted"),
    [
        (None, 5, "valid"),
        (None, 8, "valid-stale"),
        (30, 8, "valid"),
        (30, 31, "valid-stale"),
        (3, 5, "valid-stale"),
        (3, 2, "valid"),
    ],
)
def test_page_api_and_command_agree_when_a_list_of_revocations_is_old(
    node: Node, read_abroad: tuple[str, str], limit: int | None, days: int, wanted: str
) -> None:
    in_force(node, limit)
    listed(node, read_abroad[1], days)
    told = verdicts(node, read_abroad[1])
    assert {where: one["verdict"] for where, one in told.items()} == dict.fromkeys(told, wanted)
    assert told["api"] == {**told["api"], **told["command"]}


def test_page_api_and_command_call_codes_by_the_campaigns_own_names(
    node: Node, read_abroad: tuple[str, str]
) -> None:
    in_force(node, None)
    told = verdicts(node, read_abroad[1])
    assert "CoviProtect of Demoland" in json.dumps(told["api"]["claims"])
    assert told["api"]["claims"] == told["command"]["claims"]


@pytest.mark.slow
def test_page_api_and_command_agree_on_a_revoked_certificate_and_on_a_strangers(
    node: Node, read_abroad: tuple[str, str], staff: Callable[[str], Staff]
) -> None:
    number, code = read_abroad
    revoke = RevokeCertificate(certificate=number, reason="printed twice")
    node.desk.take(node.site.ids.new(), revoke, staff("S1"))
    told = verdicts(node, code)
    assert {one["verdict"] for one in told.values()} == {"revoked"}
    told = verdicts(node, code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert len({one["verdict"] for one in told.values()}) == 1
    assert told["api"] == {**told["api"], **told["command"]}


def test_a_node_that_just_started_judges_as_the_command_beside_it(
    node: Node, read_abroad: tuple[str, str]
) -> None:
    in_force(node, 30)
    listed(node, read_abroad[1], 8)
    node.close()
    again = Node(node.folder)
    told = verdicts(again, read_abroad[1])
    assert {one["verdict"] for one in told.values()} == {"valid"}
    again.close()
