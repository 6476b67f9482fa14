"""Each way of signing in keeps the contract, and sees nothing of anybody but a staff code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from authenticators import SoftAuthenticator
from next_edition import put_in_force
from registering import add_badge
from sign_in_contract import Holder, SignInContract, Types
from site_factory import demonstration, filled_site

from edge.adapters.settings import Settings
from edge.domain.errors import NotAllowed
from edge.node import Node
from edge.plugins.sign_in.badge import Badge, badge_text
from edge.plugins.sign_in.contract import Attempt, Claimed, Place
from edge.plugins.sign_in.passkey import Passkey
from edge.plugins.sign_in.password import Password
from edge.plugins.sign_in.pin import Pin
from edge.services.campaigns import CheckedCampaign
from edge.services.guesses import PinAsker
from edge.services.methods_here import MethodsHere
from edge.services.proofs import Shown


class TestPin(SignInContract):
    make = Pin

    def holder(self) -> Holder:
        return Types("pin", "135790", "135791")


class TestPassword(SignInContract):
    make = Password

    def holder(self) -> Holder:
        return Types("password", "kettle brings yellow morning", "kettle brings yellow evening")


class Carries:
    """Somebody who carries the badge that was made for them."""

    fields: tuple[str, ...] = ("badge",)
    text = ""

    def registers(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return {}

    def signs_in(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return {"badge": self.text.lower()}

    def errs(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return {"badge": self.text[:-1] + ("A" if self.text[-1] != "A" else "B")}


class TestBadge(SignInContract):
    make = Badge

    def holder(self) -> Holder:
        return Carries()

    def registered(self, method: Any, holder: Any, staff: str = "V1") -> Any:
        account = super().registered(method, holder, staff)
        holder.text = badge_text(method.setup.bind, staff, account.registered[0].verifier)
        return account


class Holds:
    """Somebody with a tablet that has a passkey."""

    fields: tuple[str, ...] = ("passkey",)

    def __init__(self) -> None:
        self._tablet = SoftAuthenticator("clinic.local", "https://clinic.local")

    def registers(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return {"passkey": self._tablet.register(show)}

    def signs_in(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return {"passkey": self._tablet.sign(show)}

    def errs(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        other = SoftAuthenticator("clinic.local", "https://clinic.local")
        return {"passkey": other.sign(show)}


class TestPasskey(SignInContract):
    make = Passkey
    bound_to_its_site = False  # its public key is no secret; the host name binds it

    def holder(self) -> Holder:
        return Holds()


class Recording:
    """Stands before a method, and remembers all that it is told."""

    def __init__(self, method: Any, told: list[str]) -> None:
        self._method, self._told = method, told
        self.needs = method.needs

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._method, name)

        def asked(argument: Attempt | Mapping[str, str]) -> Claimed | Any:
            self._told.append(repr(argument))
            return ask(argument)

        return asked


def test_no_method_is_told_a_name_a_role_a_facility_or_anybody_else(tmp_path: Path) -> None:
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    body = demonstration().body
    canaries = ["canary-name-9117", "canary-ever-9118"]
    staff = [
        {**member, "name": canaries[0]} if member["code"] == "V1" else member
        for member in body["staff"]
    ]
    methods = ["pin", "password", "badge", "passkey"]
    rules = {"roles": [{"role": "vaccinator", "methods": methods}]}
    put_in_force(node, CheckedCampaign({**body, "staff": staff, "sign_in": rules}))
    told = recorded(node)
    add_badge(node, "V1")
    asker, place = PinAsker("10.0.0.7"), Place("http://localhost", "localhost", node.clock.now())
    seen = 0
    for method, fields in (
        ("pin", {"code": "V1", "pin": "2468"}),
        ("password", {"code": "V1", "password": "kettle brings yellow morning"}),
        ("badge", {"badge": "DEB1" + "A" * 32}),
        ("passkey", {"passkey": "{}"}),
    ):
        asked = node.authenticator.begin(method, asker, place)
        try:
            node.authenticator.give([Shown(method, fields)], asker, place, asked.step)
        except NotAllowed:
            seen += 1
    whole = "\n".join(told)
    assert "'V1'" in whole
    assert len(told) >= 10
    for word in (*canaries, "vaccinator", "DEMO01", "Grace", "Wanjiru", "Haddad"):
        assert word not in whole, word
    node.close()


def recorded(node: Node) -> list[str]:
    """Have a site's methods remember what they are told."""
    told: list[str] = []
    here: MethodsHere = node.authenticator._methods
    here._methods = {name: Recording(one, told) for name, one in here._methods.items()}
    return told
