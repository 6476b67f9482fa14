"""What the operators' pages are drawn from: the registry, who asks, in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, g, make_response, render_template, request

from sync.protocol.errors import SyncError
from sync.protocol.instants import read_instant
from sync.registry.judging.schemas import Schemas
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.web.access import Access, Visitor, party
from sync.registry.web.campaign_access import CampaignAccess
from sync.registry.web.policy import rule_for
from sync.registry.web.translations import Language
from sync.web.translations import choose

_STATUS = {
    "page.unknown": 404,
    "revocation.unknown": 404,
    "operator.slow": 429,
    "factor.slow": 429,
    "factor.there": 409,
    "draft.other-revision": 409,
    "campaign.busy": 503,
    "registry.database": 503,
}


@dataclass(frozen=True, slots=True)
class Screen:
    """The pages of one registry; ``page`` is how many rows one has."""

    registry: Registry
    access: Access
    languages: Mapping[str, Language]
    schemas: Schemas
    page: int
    campaigns: CampaignAccess

    @property
    def store(self) -> Store:
        """Where the registry keeps what it holds."""
        return self.registry.store

    def language(self) -> Language:
        """Choose the language of the request at hand."""
        accepted = request.headers.get("Accept-Language", "")
        return choose(self.languages, request.cookies.get("language", ""), accepted)

    def shown(self, name: str, status: int = 200, **values: Any) -> Response:
        """Draw a page with what all pages show."""
        language, visitor = self.language(), g.get("visitor")
        text = render_template(
            name,
            _=language.say,
            ago=partial(language.ago, now=self.registry.now()),
            language=language,
            languages=self.languages,
            visitor=visitor,
            known=g.get("known"),
            may=partial(_may, visitor),
            moment=_moment,
            now=self.registry.instant(),
            provider=self.access.provider is not None,
            **(self._asked_first() if name == "code.html" else {}),
            **values,
        )
        return make_response(text, status)

    def _asked_first(self) -> dict[str, Any]:
        """Give which second factors whoever is half signed in has, and what a passkey is asked."""
        name, access = g.known.name, self.access
        has = bool(access.passkeys.of(name))
        sign = access.passkeys.asked_to_sign(name, access.cookie(), party()) if has else None
        return {"sign": sign, "app": access.factors.counts(name)}

    def refused(self, error: SyncError, otherwise: int = 403) -> Response:
        """Draw why something was not done, or the sign-in for who is not signed in.

        ``otherwise`` is the status of an error that has none of its own.
        """
        if error.code == "operator.none":
            return self.shown("sign_in.html", 401)
        if error.code == "operator.code":
            return self.shown("code.html", 401)
        status = _STATUS.get(error.code, otherwise)
        return _later(self.shown("problem.html", status, error=error), error)

    def asked_again(self, name: str, error: SyncError | None, **values: Any) -> Response:
        """Draw a page with the form that was sent, and why it was refused if it was."""
        status = 200 if error is None else 429 if error.temporary else 400
        return _later(self.shown(name, status, error=error, **values), error)


def _later(response: Response, error: SyncError | None) -> Response:
    """Say when to try again, where the error knows it."""
    wait = getattr(error, "retry_after", None)
    if wait:
        response.headers["Retry-After"] = str(int(wait) + 1)
    return response


def _may(visitor: Visitor | None, method: str, path: str) -> bool:
    return visitor is not None and visitor.role in rule_for(method, path).roles


def _moment(at: str) -> str:
    """Write an instant as people read it, in UTC: only digits, the same in every language."""
    return f"{read_instant(at):%Y-%m-%d %H:%M} UTC" if at else ""
