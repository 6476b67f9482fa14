"""With what somebody signs in follows from their roles, and from what the campaign says of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.adapters.entropy import SystemEntropy
from edge.campaign.sign_in import to_sign_in_rules
from edge.domain.errors import NotAllowed
from edge.domain.sign_in_rules import (
    PIN_ALONE,
    ClaimRule,
    SignInRule,
    SignInRules,
    Standing,
    standing,
    within_grace,
)
from edge.services.sign_in_steps import SignInStep, SignInSteps

ENOUGH = Standing(True)


@pytest.mark.parametrize(
    ("rule", "given", "found"),
    [
        (SignInRule(), {"pin"}, ENOUGH),
        (SignInRule(), {"password"}, Standing(False)),
        (SignInRule(("badge",)), {"badge"}, Standing(False, ("pin",))),
        (SignInRule(("badge",)), {"badge", "pin"}, ENOUGH),
        (SignInRule(("badge",)), {"pin"}, Standing(False)),
        (SignInRule(("badge",), ("passkey",)), {"badge", "pin"}, Standing(False, ("passkey",))),
        (SignInRule(("oidc", "pin"), ("passkey", "pin")), {"pin"}, Standing(False, ("passkey",))),
        (SignInRule(("oidc",), ("pin",)), {"oidc", "pin"}, ENOUGH),
        (SignInRule(("oidc",), ("pin",)), {"pin"}, Standing(False)),
        (SignInRule(("oidc",)).offline(), {"pin"}, ENOUGH),
        (SignInRule(("oidc",), ("passkey",)).offline(), {"pin"}, Standing(False, ("passkey",))),
        (SignInRule(("pin",), ("oidc",)).offline(), {"pin"}, ENOUGH),
    ],
)
def test_a_sign_in_is_enough_when_a_first_and_what_goes_with_it_were_right(
    rule: SignInRule, given: set[str], found: Standing
) -> None:
    assert standing(rule, given) == found


def test_who_has_several_roles_signs_in_as_each_of_them_allows() -> None:
    rules = to_sign_in_rules(
        {
            "roles": [
                {"role": "vaccinator", "methods": ["pin", "passkey", "oidc"], "offline_days": 9},
                {"role": "supervisor", "methods": ["oidc", "passkey"], "then": ["pin"],
                 "signs": ["passkey"], "offline_days": 3},
            ]
        }
    )  # fmt: skip
    both = rules.rule_of({"vaccinator", "supervisor", "clinician"})
    assert both == SignInRule(
        ("oidc", "passkey") if both.methods[0] == "oidc" else ("passkey", "oidc"),
        ("pin",),
        ("passkey",),
        3,
    )
    assert rules.rule_of({"registrar"}) == PIN_ALONE
    assert SignInRules().rule_of({"supervisor"}) == PIN_ALONE


@pytest.mark.parametrize(
    ("rule", "has", "does"),
    [
        (SignInRule(("badge", "passkey")), set(), ("pin",)),
        (SignInRule(("badge", "passkey")), {"password"}, ("pin",)),
        (SignInRule(("password",), ("passkey",)), {"password"}, ("pin", "password")),
        (SignInRule(("password",), ("passkey",)), {"passkey"}, ("pin",)),
        (SignInRule(("badge",), ("passkey",)), {"badge"}, ("pin", "badge")),
        (SignInRule(("pin",), ("passkey",)), set(), ("pin",)),
        (SignInRule(("oidc",), ("passkey",)), set(), ("oidc",)),
        (SignInRule(("passkey",), ("oidc",)), set(), ("oidc",)),
        (SignInRule(("oidc",), ("passkey",)).offline(), set(), ("oidc", "pin")),
        (SignInRule(("x-card", "passkey")), set(), ("pin",)),
    ],
)
def test_what_somebody_cannot_have_shown_before_they_registered_it_is_not_asked_for(
    rule: SignInRule, has: set[str], does: tuple[str, ...]
) -> None:
    assert rule.with_registered(has) == SignInRule(does)


@pytest.mark.parametrize(
    ("rule", "has"),
    [
        (SignInRule(), set()),
        (SignInRule(("badge",)), {"badge"}),
        (SignInRule(("badge", "passkey")), {"passkey"}),
        (SignInRule(("password",), ("passkey",)), {"password", "passkey"}),
        (SignInRule(("passkey",), ("x-card",)), {"passkey"}),
        (SignInRule(("x-card",)), set()),
        (SignInRule(("passkey", "oidc")), set()),
        (SignInRule(("pin",), ("oidc", "passkey")), set()),
        (SignInRule(("oidc",), ("passkey",)), {"passkey"}),
    ],
)
def test_who_can_meet_their_rule_has_to(rule: SignInRule, has: set[str]) -> None:
    assert rule.with_registered(has) is rule


def test_a_pin_does_without_the_provider_for_so_many_days_after_the_last_time() -> None:
    rule, now = SignInRule(("oidc",), offline_days=7), datetime(2026, 11, 30, tzinfo=UTC)
    assert within_grace(rule, now - timedelta(days=7), now)
    assert not within_grace(rule, now - timedelta(days=7, seconds=1), now)
    assert not within_grace(rule, None, now)
    assert within_grace(rule, now + timedelta(days=400), now)


@pytest.mark.parametrize(
    ("claims", "covers"),
    [
        ({"facility_code": "DEMO01", "realm_access": {"roles": ["facility-admin", "x"]}}, True),
        ({"facility_code": ["DEMO01"], "realm_access": {"roles": ["facility-admin"]}}, True),
        ({"facility_code": "DEMO02", "realm_access": {"roles": ["facility-admin"]}}, False),
        ({"facility_code": "DEMO01", "realm_access": {"roles": ["facility-staff"]}}, False),
        ({"facility_code": "DEMO01", "realm_access": "facility-admin"}, False),
        ({"realm_access": {"roles": ["facility-admin"]}}, False),
        (
            {
                "facility_code": "DEMO01",
                "resource_access": {"portal": {"roles": ["facility-admin"]}},
            },
            True,
        ),
        ({"facility_code": "DEMO01"}, False),
        ({}, False),
    ],
)
def test_claims_cover_a_role_where_they_name_the_facility_and_one_of_its_roles(
    claims: dict[str, object], covers: bool
) -> None:
    rule = ClaimRule(
        facility="facility_code",
        roles_in=("realm_access.roles", "resource_access.portal.roles"),
        roles={"supervisor": ("facility-admin", "controller")},
    )
    assert rule.covers(claims, {"supervisor", "clinician"}, "DEMO01") is covers


def test_steps_are_few_of_an_asker_and_of_all_and_end_by_themselves() -> None:
    now = [datetime(2026, 11, 30, tzinfo=UTC)]
    steps = SignInSteps(lambda: now[0], SystemEntropy())
    own = [steps.keep(SignInStep("tablet", now[0])) for _ in range(9)]
    with pytest.raises(NotAllowed, match="took too long"):
        steps.take(own[0], "tablet")
    with pytest.raises(NotAllowed, match="another tablet"):
        steps.take(own[1], "guest")
    assert steps.take(own[1], "tablet").asker == "tablet"
    with pytest.raises(NotAllowed):
        steps.take(own[1], "tablet")
    for number in range(400):
        steps.keep(SignInStep(f"guest {number}", now[0]))
    with pytest.raises(NotAllowed):
        steps.take(own[8], "tablet")
    late = steps.keep(SignInStep("tablet", now[0]))
    now[0] += timedelta(minutes=16)
    with pytest.raises(NotAllowed):
        steps.take(late, "tablet")
