"""A campaign's ``sign_in.yaml``: with what staff sign in, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.sign_in_rules import OIDC, PIN, ClaimRule, SignInRule, SignInRules


def to_sign_in_rules(body: Mapping[str, Any]) -> SignInRules:
    """Read how staff sign in; nothing is a PIN for everybody."""
    claims = body.get("claims", {})
    usual = ClaimRule()
    return SignInRules(
        of={item["role"]: _rule(item) for item in body.get("roles", ())},
        claims=ClaimRule(
            staff=claims.get("staff", usual.staff),
            facility=claims.get("facility", ""),
            roles_in=tuple(claims.get("roles_in", usual.roles_in)),
            roles={role: tuple(names) for role, names in claims.get("roles", {}).items()},
        ),
    )


def _rule(item: Mapping[str, Any]) -> SignInRule:
    return SignInRule(
        methods=tuple(item["methods"]),
        then=tuple(item.get("then", ())),
        signs=tuple(item.get("signs", ())),
        offline_days=item.get("offline_days", 0),
    )


def sign_in_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find roles and people that could not sign in, or not without a line."""
    file = files["sign_in"]
    yield from distinct(file, "role", ("roles",))
    for index, item in enumerate(file.value["roles"]):
        rule, path = _rule(item), ("roles", index)
        for first in rule.methods:
            if rule.then == (first,):
                yield file.mistake(
                    (*path, "then"),
                    "sign_in.same",
                    "{method} cannot go with itself: name another method for {role}.",
                    method=first,
                    role=item["role"],
                )
        offline = [method for method in rule.methods if method != OIDC]
        then = [method for method in rule.then if method != OIDC]
        if (not offline or (rule.then and not then)) and not rule.offline_days:
            yield file.mistake(
                path,
                "sign_in.offline",
                "Without a line nobody who is {role} could sign in. Write offline_days, or name"
                " another method as well.",
                role=item["role"],
            )
    if "staff" in files:
        yield from _people(file, files["staff"])
        yield from _first_signature(file, files["staff"])


def _people(file: YamlFile, staff: YamlFile) -> Iterator[Mistake]:
    """Find those whose roles have no method in common."""
    rules = to_sign_in_rules(file.value)
    for index, member in enumerate(staff.value):
        named = [role for role in member["roles"] if role in rules.of]
        rule = rules.rule_of(named)
        seconds = any(rules.of[role].then for role in named)
        if not rule.methods or not rule.signs or (seconds and not rule.then):
            yield staff.mistake(
                (index, "roles"),
                "sign_in.nothing-common",
                "{code} could not sign in: in sign_in.yaml the roles {roles} have no method in"
                " common.",
                code=member["code"],
                roles=", ".join(sorted(named)),
            )


def _first_signature(file: YamlFile, staff: YamlFile) -> Iterator[Mistake]:
    """Find a facility where nobody could sign for the first thing that somebody registers.

    What is registered takes two people, and only a PIN is there before anything is registered.
    """
    rules = to_sign_in_rules(file.value)
    working = [member for member in staff.value if member.get("active", True)]
    ways = [(member, rules.rule_of(member["roles"]).signs) for member in working]
    every = {place for member in working for place in member["facilities"]}
    by_pin = {place for member, signs in ways if PIN in signs for place in member["facilities"]}
    for place in sorted(every - by_pin)[:1]:
        roles = {
            role for member, _ in ways if place in member["facilities"] for role in member["roles"]
        }
        index = next(
            i
            for i, item in enumerate(file.value["roles"])
            if item["role"] in roles and item.get("signs")
        )
        yield file.mistake(
            ("roles", index, "signs"),
            "sign_in.first-signature",
            "At {facility} nobody could sign for the first password, passkey or badge: nobody there"
            " signs with a PIN. Let one of their roles sign with pin as well.",
            facility=place,
        )
