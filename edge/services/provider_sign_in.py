"""Sign-ins at an identity provider: whom its claims name, and what does while it is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from edge.domain.catalogue import Staff
from edge.domain.disk import Purpose
from edge.domain.errors import BadInput, NotAllowed, Unavailable
from edge.domain.sign_in_rules import OIDC, SignInRule, within_grace
from edge.domain.staff_codes import by_code
from edge.journal import sign_in_methods
from edge.journal.journal import Journal
from edge.plugins.sign_in.contract import Account, Attempt, Place
from edge.ports import Clock
from edge.services.catalogue_cache import CatalogueCache
from edge.services.methods_here import MethodsHere
from sync.protocol.instants import instant, read_instant

_AWAY, _THERE = timedelta(minutes=5), timedelta(minutes=1)
"""For how long a provider is not asked again whether it can be reached."""


class ProviderSignIn:
    """Maps what a provider claims to a member of staff, and remembers when that last was so."""

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        facility: str,
        clock: Clock,
        methods: MethodsHere,
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._facility = facility
        self._clock = clock
        self._methods = methods
        self._asked: tuple[datetime, bool] | None = None

    def staff_of(self, claims: Mapping[str, Any]) -> Staff:
        """Give the member of staff whom the claims name; raises :class:`NotAllowed` for nobody.

        The campaign alone says who works here and as what: claims can only fall short of it.
        """
        with self._journal.reading() as db:
            catalogue = self._catalogues.current(db)
        rule = catalogue.sign_in.claims
        staff = by_code(catalogue, rule.staff_code(claims))  # Keycloak writes small letters
        if staff is None or not staff.active or self._facility not in staff.facilities:
            raise NotAllowed(
                "sign-in.nobody",
                "The national account is of nobody who works here.",
                hint="Ask the programme office: the account must name your staff code.",
            )
        if not rule.covers(claims, staff.roles, self._facility):
            raise NotAllowed(
                "sign-in.claims",
                "The national account does not have what your role needs here.",
                hint="Ask the programme office for the role, or the facility, of the account.",
            )
        return staff

    def remember(self, staff: Staff) -> None:
        """Remember that somebody signed in there now."""
        now = instant(self._clock.now())
        self._journal.run(
            lambda unit: sign_in_methods.remember_provider(unit.db, staff.code, now), Purpose.UPKEEP
        )

    def offline(self, staff: Staff, rule: SignInRule) -> bool:
        """Say whether a PIN does for somebody, because the provider cannot be reached."""
        with self._journal.reading() as db:
            last = sign_in_methods.last_at_provider(db, staff.code)
        now = self._clock.now()
        return within_grace(rule, read_instant(last) if last else None, now) and self._is_away(now)

    def _is_away(self, now: datetime) -> bool:
        """Ask whether the provider can be reached, if that was not asked just now."""
        if self._asked:
            at, away = self._asked
            if timedelta() <= now - at < (_AWAY if away else _THERE):
                return away
        try:
            self._methods.ask(OIDC, lambda one: one.begin(Attempt(Account(), Place("", "", now))))
        except (Unavailable, BadInput):  # no line; or the site knows no provider at all
            away = True
        else:
            away = False
        self._asked = now, away
        return away
