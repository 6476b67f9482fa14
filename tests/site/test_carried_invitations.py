"""An invitation of staff reaches a site without a line on a stick, and counts there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from inviting import NEWCOMER, newcomer
from stick_sites import Country, enrolled

from edge.domain.errors import EdgeError
from edge.node import Node
from edge.services.guesses import PinAsker
from sync.registry.cli import main as registry_main

pytestmark = pytest.mark.slow
TABLET = PinAsker("10.0.0.7", "")


def staff(country: Country, *words: str) -> str:
    done = CliRunner().invoke(registry_main, ["staff", *words, "--data", str(country.data)])
    assert done.exit_code == 0, done.output
    return done.output


def states(country: Country) -> list[str]:
    country.take()
    return [json.loads(line)["state"] for line in staff(country, "list", "--json").splitlines()]


def test_an_invitation_comes_by_stick_and_the_office_hears_by_stick_what_became_of_it(
    tmp_path: Path,
) -> None:
    country = Country(tmp_path)
    site = enrolled(country)
    node = Node(site)
    newcomer(node)
    node.close()
    country.export(site)
    country.take()
    words = ("invite", NEWCOMER, "--facility", "DEMO01", "--by", "Dr Osei", "--json")
    code = json.loads(staff(country, *words))["code"]
    country.export(site)
    assert states(country) == ["sent"]
    assert all(code.encode() not in path.read_bytes() for path in country.stick.iterdir())
    country.read(site)
    node = Node(site)
    try:
        invitations = node.use_cases.invitations
        with pytest.raises(EdgeError):
            invitations.take(NEWCOMER, "WRONG-CODE", "8642", TABLET)
        assert invitations.take(NEWCOMER, code, "8642", TABLET).code == NEWCOMER
        ((_, waiting),) = invitations.here()
        with node.journal.reading() as db:
            supervisor = node.site.catalogues.current(db).staff["S1"]
        invitations.confirm(waiting.id, supervisor)
        assert node.authenticator.sign_in(NEWCOMER, "8642")
    finally:
        node.close()
    country.export(site)
    assert states(country) == ["taken"]
