"""How staff sign in, by role, as the campaign has it: with what, with what else, and offline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PIN, PASSWORD, BADGE, PASSKEY, OIDC = "pin", "password", "badge", "passkey", "oidc"
REGISTRABLE = frozenset({PASSWORD, BADGE, PASSKEY})
"""What somebody registers at the site, once they are signed in; till then a PIN does."""
TYPED = frozenset({PIN, PASSWORD})
"""What somebody keeps in mind and types."""
_NEVER_ALONE: Mapping[str, tuple[str, ...]] = {BADGE: (PIN,)}
"""What goes with a method that somebody else may have found, where the campaign names nothing."""


@dataclass(frozen=True, slots=True)
class SignInRule:
    """What somebody signs in with: one of ``methods``, and one of ``then`` if there are any.

    ``signs`` is what they sign with as the second person; none stated: a PIN. For ``offline_days``
    after a sign-in at the identity provider a PIN does in its place where there is no line.
    """

    methods: tuple[str, ...] = (PIN,)
    then: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    offline_days: int = 0

    def offline(self) -> SignInRule:
        """Give the rule while the identity provider cannot be reached: a PIN does in its place."""
        methods = tuple(dict.fromkeys((*self.methods, PIN)))
        return SignInRule(
            methods, tuple(method for method in self.then if method != OIDC), self.signs
        )

    def with_registered(self, has: Collection[str]) -> SignInRule:
        """Give the rule for somebody who has registered ``has``: itself where they can meet it.

        Else a PIN does, and what they have of the methods: to register the rest takes a session.
        Where an identity provider is asked for, a PIN does only where it is one of the methods.
        """
        asked = {*self.methods, *self.then}
        wanted, provider = asked & REGISTRABLE, self.wants_provider()
        begun = provider or not wanted or not wanted.isdisjoint(has)
        if begun and standing(self, {*has, PIN, *(asked - REGISTRABLE)}).enough:
            return self
        held = tuple(method for method in self.methods if method in has)
        if not provider:
            return SignInRule((PIN, *held), (), self.signs)
        able = tuple(name for name in self.methods if name in held or name not in REGISTRABLE)
        return SignInRule(able or (OIDC,), (), self.signs)

    def wants_provider(self) -> bool:
        """Say whether an identity provider is asked for."""
        return OIDC in self.methods or OIDC in self.then


PIN_ALONE = SignInRule(signs=(PIN,))


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """How what an identity provider claims is mapped to a member of staff of the campaign.

    ``staff`` and ``facility`` name the claims with the staff code and the facility's (empty: not
    looked at), ``roles_in`` the claims with lists of roles, with dots between the levels.
    ``roles`` says which of those a role of the campaign needs, one of them.
    """

    staff: str = "preferred_username"
    facility: str = ""
    roles_in: tuple[str, ...] = ("realm_access.roles",)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def staff_code(self, claims: Mapping[str, Any]) -> str:
        """Give the staff code that is claimed; empty for none."""
        found = _claim(claims, self.staff)
        return found if isinstance(found, str) else ""

    def covers(self, claims: Mapping[str, Any], roles: Iterable[str], facility: str) -> bool:
        """Say whether the claims are enough for each of somebody's roles, at this facility."""
        if self.facility:
            said = _claim(claims, self.facility)
            if facility not in (said if isinstance(said, list) else [said]):
                return False
        has = {role for place in self.roles_in for role in _listed(_claim(claims, place))}
        return all(has & set(self.roles[role]) for role in roles if role in self.roles)


USUAL_CLAIMS = ClaimRule()


@dataclass(frozen=True, slots=True)
class SignInRules:
    """The rule of each role that has one, and how claims are mapped; no role: a PIN, as ever."""

    of: Mapping[str, SignInRule] = field(default_factory=dict)
    claims: ClaimRule = USUAL_CLAIMS

    def rule_of(self, roles: Collection[str]) -> SignInRule:
        """Give the rule of somebody with these roles: what every rule of them allows.

        A campaign in which somebody's rules have nothing in common is refused; here it would leave
        nothing to sign in with.
        """
        rules = [self.of[role] for role in sorted(roles) if role in self.of]
        if not rules:
            return PIN_ALONE
        stated = [rule.signs for rule in rules if rule.signs]
        return SignInRule(
            methods=_common(rule.methods for rule in rules),
            then=_common(rule.then for rule in rules if rule.then),
            signs=_common(stated) if stated else (PIN,),
            offline_days=min(rule.offline_days for rule in rules),
        )

    def methods(self) -> frozenset[str]:
        """Name every method that the campaign has somebody sign in or sign with."""
        named = {
            method
            for rule in self.of.values()
            for method in (*rule.methods, *rule.then, *(rule.signs or (PIN,)), *_with_badge(rule))
        }
        return frozenset(named) or frozenset({PIN})


BY_PIN = SignInRules()
"""As it is where the campaign says nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sign-in stands: it is ``enough``; or one of ``missing`` goes with it; or neither."""

    enough: bool
    missing: tuple[str, ...] = ()


def standing(rule: SignInRule, given: Collection[str]) -> Standing:
    """Say how a sign-in stands after the methods that were given, each of which was right."""
    missing: tuple[str, ...] = ()
    for first in (method for method in rule.methods if method in given):
        seconds = tuple(
            method for method in rule.then or _NEVER_ALONE.get(first, ()) if method != first
        )
        if not seconds or any(method in given for method in seconds):
            return Standing(True)
        missing = missing or seconds
    return Standing(False, missing)


def within_grace(rule: SignInRule, last: datetime | None, now: datetime) -> bool:
    """Say whether a PIN does without the identity provider, after the last sign-in there.

    A clock that went back says nothing of how long that is ago: then it does, for doses wait for
    nobody's clock.
    """
    return last is not None and now <= last + timedelta(days=rule.offline_days)


def _with_badge(rule: SignInRule) -> tuple[str, ...]:
    alone = () if rule.then else _NEVER_ALONE.get(BADGE, ())
    return alone if BADGE in rule.methods else ()


def _common(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Give what is in all of the lists, in the order of the first."""
    found = list(lists)
    first = found[0] if found else ()
    return tuple(item for item in first if all(item in other for other in found))


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """Find a claim; a whole name with dots in it comes first, as in ``https://…/role``."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _listed(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
