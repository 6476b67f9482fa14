"""At a site that was restored beside other keys, what the old keys sealed keeps nobody out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authenticators import SoftAuthenticator
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from next_edition import put_in_force
from site_factory import demonstration, filled_site

from edge.adapters.settings import Settings
from edge.domain.errors import NotAllowed
from edge.node import Node
from edge.plugins.sign_in.contract import Place
from edge.services.campaigns import CheckedCampaign
from edge.services.guesses import PinAsker
from edge.services.pins import PinSeal
from edge.services.proofs import Shown
from edge.services.sign_in_outcomes import Signature

RULES: dict[str, Any] = {
    "roles": [
        {"role": "vaccinator", "methods": ["badge", "passkey"]},
        {"role": "registrar", "methods": ["password"]},
    ]
}
ASKER = PinAsker("10.0.0.7")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Node]:
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": RULES}))
    sealed_elsewhere(node, "V1", "badge", "0" * 40)
    sealed_elsewhere(node, "V1", "passkey", '{"id": "AAAA", "key": "", "count": 0}')
    sealed_elsewhere(node, "R1", "password", "bound:$argon2id$")
    yield node
    node.close()


def sealed_elsewhere(node: Node, staff: str, method: str, verifier: str) -> None:
    old = PinSeal(Ed25519PrivateKey.generate())
    body = {
        "id": f"{staff}-{method}",
        "staff": staff,
        "method": method,
        "verifier": old.seal(staff, verifier),
    }
    node.journal.run(
        lambda unit: unit.append("SignInMethodAdded", body, id_=node.site.ids.new(), by="S1")
    )


def place(node: Node) -> Place:
    return Place("https://clinic.local", "clinic.local", node.clock.now())


@pytest.mark.parametrize("code", ["V1", "R1"])
def test_a_pin_does_there_till_something_is_registered_anew(site: Node, code: str) -> None:
    site.authenticator.set_pin(code, "135790", by="T1")
    assert site.authenticator.sign_in(code, "135790")
    assert site.backend().registrations.of(code) == []


def test_a_passkey_is_registered_anew_there_and_then_asked_for(site: Node) -> None:
    registrations, tablet = site.backend().registrations, SoftAuthenticator(
        "clinic.local", "https://clinic.local"
    )  # fmt: skip
    with site.journal.reading() as db:
        nurse = site.site.catalogues.current(db).staff["V1"]
    asked = registrations.begin("passkey", nurse, ASKER, place(site))
    shown = {"passkey": tablet.register(dict(asked.show))}
    registrations.add(
        "passkey", nurse, shown, "S1", Signature("2468"), ASKER, place(site), asked.step
    )
    assert [row.method for row in registrations.of("V1")] == ["passkey"]
    with pytest.raises(NotAllowed):
        site.authenticator.sign_in("V1", "2468")
    first = site.authenticator.begin("passkey", ASKER, place(site))
    answer = [Shown("passkey", {"passkey": tablet.sign(dict(first.show))})]
    assert site.authenticator.give(answer, ASKER, place(site), first.step).token


def test_a_badge_that_is_printed_there_before_a_new_one_is_made_is_the_staff_code(
    site: Node,
) -> None:
    with site.journal.reading() as db:
        assert site.site.slips._badge(db, "V1") == ""
