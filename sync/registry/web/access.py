"""Who may use the registry: tokens, sign-ins by cookie, roles, and the audit."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Request, Response, g, request

from sync.protocol.counted import Counted
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import instant
from sync.registry.passkeys import OperatorPasskeys
from sync.registry.provider import ProviderSignIn
from sync.registry.rate_limits import sender_of
from sync.registry.registry import Registry
from sync.registry.second_factors import SecondFactors
from sync.registry.store.records import AuditLine, Operator
from sync.registry.web.policy import DECIDING, rule_for
from sync.sign_in.passkeys import Party
from sync.web.origin import from_another_page

COOKIE = "divoc_registry_operator"
LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is let in; ``form`` is what their forms must carry, empty for a program.

    ``factor``: ``given``, ``wanted`` (a code is to be typed), ``missing`` (there is none yet), or
    empty for those who decide nothing and need none.
    """

    name: str
    role: str
    form: str = ""
    factor: str = ""


class Access:
    """Knows operators by their tokens; ``first`` is the admin of the file, beside the store's.

    ``provider`` is the identity provider at which they may sign in as well.
    """

    def __init__(
        self,
        registry: Registry,
        first: Operator,
        token: Callable[[], str] = lambda: secrets.token_urlsafe(24),
        provider: ProviderSignIn | None = None,
    ) -> None:
        self._registry = registry
        self._store = registry.store
        self._first = first
        self._token = token
        self.provider = provider
        self.factors = SecondFactors(registry.store, registry.key, registry.now)
        self.passkeys = OperatorPasskeys(registry.store, registry.key, registry.now)

    def guard(self) -> None:
        """Let a request through if its route's rule says so, and write it into the audit.

        Raises :class:`ProtocolError` ``operator.none``, ``.code``, ``.role``, ``.form`` or
        ``.factor``.
        """
        if request.url_rule is None:  # there is no such page
            return
        rule = rule_for(request.method, request.url_rule.rule)
        if from_another_page(request):
            raise _too_old()
        if rule.open:
            return
        visitor = self.visitor()
        if visitor is None:
            raise ProtocolError("operator.none", "Sign in as an operator of the registry.")
        g.known = visitor
        if visitor.factor == "wanted" and not rule.first:
            raise ProtocolError("operator.code", "Give the code of your second factor.")
        if visitor.role not in rule.roles:
            self.write(visitor.name, "was refused", rule.what or request.path)
            raise ProtocolError("operator.role", "Your role does not allow this.")
        if request.method == "POST" and not hmac.compare_digest(
            visitor.form.encode(), request.form.get("form", "").encode()
        ):
            raise _too_old()
        g.visitor = visitor
        if request.method == "POST" and visitor.factor == "missing" and not rule.alone:
            self.write(visitor.name, "was refused", rule.what)
            raise ProtocolError(
                "operator.factor",
                "You may look at everything here. To publish or decide, set up your second factor"
                " first.",
            )
        named = request.view_args or {}
        whom = " ".join(filter(None, (named.get("node") or named.get("draft"), _asked(request))))
        self.write(visitor.name, rule.what, whom)

    def visitor(self) -> Visitor | None:
        """Find who asks: by token in the header, or by the cookie of a sign-in."""
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            found = self._by_token(header.removeprefix("Bearer "))
            if found is None:
                self._failed()
                return None
            return self._program(found)
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            return None
        name = self._store.session(_digest(cookie), self._registry.instant())
        found = self._operator(name) if name else None
        if found is None:
            return None
        form = hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()[:32]
        return Visitor(found.name, found.role, form, self._factor(found, cookie))

    def sign_in(self, token: str, response: Response) -> bool:
        """Open a sign-in for a token, and put its cookie into the answer; false if it is wrong.

        The one that the browser had ends with it.
        """
        found = self._by_token(token)
        if found is None:
            self._failed()
            return False
        self._registry.attempts.succeeded(_sender())
        self.open(found, response)
        return True

    def open(self, found: Operator, response: Response) -> None:
        """Open a sign-in of an operator, and put its cookie into the answer."""
        now, cookie = self._registry.now(), self._token()
        until = instant(now + LASTS)
        self._store.close_session(_digest(request.cookies.get(COOKIE, "")))  # the browser's before
        self._store.open_session(_digest(cookie), self._signed_in(found), until, instant(now))
        self.write(found.name, "signed in")
        response.set_cookie(
            COOKIE,
            cookie,
            httponly=True,
            samesite="Strict",
            secure=request.is_secure,
            max_age=int(LASTS.total_seconds()),
        )

    def give_code(self, name: str, code: str) -> bool:
        """Confirm the sign-in of the cookie with the second factor; false if the code is wrong."""
        what = self.factors.check(name, code)
        if not what:
            self.write(name, "a wrong second factor", _sender())
            return False
        self.confirm()
        if what == "recovery":
            left = str(self._store.recovery_codes(name))
            self.write(name, "used a recovery code", left)
        return True

    def confirm(self) -> None:
        """Remember that the sign-in of the cookie was confirmed with the second factor."""
        cookie = request.cookies.get(COOKIE, "")
        self._store.confirm_session(_digest(cookie), self._registry.instant())

    def has_factor(self, name: str) -> bool:
        """Say whether an operator has a second factor: codes of an app, or a passkey."""
        return self.factors.counts(name) or bool(self.passkeys.of(name))

    def give_passkey(self, name: str, answer: str) -> bool:
        """Confirm the sign-in of the cookie with a passkey; false if its answer is wrong."""
        if not self.passkeys.check(name, self.cookie(), party(), answer):
            self.write(name, "a wrong second factor", _sender())
            return False
        self.confirm()
        return True

    def cookie(self) -> str:
        """Give the cookie of the sign-in at hand."""
        return request.cookies.get(COOKIE, "")

    def operators(self) -> list[Operator]:
        """Give everybody who may use the registry, the admin of the file first."""
        return [self._first, *self._store.operators()]

    def sign_out(self, response: Response) -> None:
        """Close the sign-in of the cookie."""
        self._store.close_session(_digest(request.cookies.get(COOKIE, "")))
        response.delete_cookie(COOKIE)

    def write(self, who: str, what: str, whom: str = "") -> None:
        """Write a line of the audit."""
        self._store.audit(AuditLine(self._registry.instant(), who, what, whom[:200]))

    def _factor(self, found: Operator, cookie: str) -> str:
        """Say how it stands with the second factor of a sign-in."""
        if found.role not in DECIDING:
            return ""
        if not self.has_factor(found.name):
            return "missing"
        return "given" if self._store.session_confirmed(_digest(cookie)) else "wanted"

    def _program(self, found: Operator) -> Visitor:
        """Let a program in by its token: it types no code, so it decides nothing.

        The token of who has a second factor is half of what opens the pages, and opens nothing.
        """
        if found.role not in DECIDING:
            return Visitor(found.name, found.role)
        if self.has_factor(found.name):
            self.write(found.name, "was refused", request.path)
            raise ProtocolError(
                "operator.program",
                "This operator signs in with a second factor. Give a program a token of its own:"
                " divoc-registry operator add NAME --role reader",
            )
        return Visitor(found.name, found.role, factor="missing")

    def _by_token(self, token: str) -> Operator | None:
        """Compare with every operator, so that the time says nothing about which one fits."""
        digest, found = _digest(token), None
        for operator in (self._first, *self._store.operators()):
            if hmac.compare_digest(operator.digest, digest) and found is None:
                found = operator
        return found

    def _operator(self, name: str) -> Operator | None:
        return self._first if name == self._signed_in(self._first) else self._store.operator(name)

    def _signed_in(self, one: Operator) -> str:
        """Name somebody's sign-ins; those of the file's token end when another one is there."""
        return f"{one.name} {one.digest[:16]}" if one is self._first else one.name

    def _failed(self) -> None:
        """Count a wrong token; only those wait, for behind one address are the right ones too."""
        wait = self._registry.attempts.begin(_sender(), self._registry.now().timestamp())
        if wait > 0:
            raise ProtocolError(
                "operator.slow",
                Counted(
                    "That was wrong too often. Wait {seconds} second.",
                    "That was wrong too often. Wait {seconds} seconds.",
                ),
                temporary=True,
                retry_after=wait,
                seconds=int(wait) + 1,
            )
        self.write("?", "a wrong token", _sender())


def party() -> Party:
    """Say whom a passkey is for: this registry, under the name by which it was asked."""
    return Party(request.host.partition(":")[0].lower(), f"{request.scheme}://{request.host}")


def first_operator(token: str) -> Operator:
    """Make the admin of the token in the registry's file."""
    return Operator("operator", "admin", _digest(token), "")


def token_digest(token: str) -> str:
    """Give what is kept of a token: its SHA-256 in hex."""
    return _digest(token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _sender() -> str:
    return sender_of(request.remote_addr or "")


def _asked(asked: Request) -> str:
    """Say what was asked for, where no node is named in the path."""
    told = {name: value for name, value in asked.args.items() if name not in ("after", "language")}
    return " ".join(f"{name}={value}" for name, value in told.items())


def _too_old() -> ProtocolError:
    return ProtocolError("operator.form", "The page was too old. Open it again.")
