"""What a way of signing in is asked, and all that it is told: codes and what was shown, no names.

One who signs in claims to be somebody (:meth:`SignInMethod.claimed`), the site looks up what that
one has registered, and the method says whether what was shown fits (:meth:`SignInMethod.check`).
What a method has to ask first (a challenge, a code for a telephone) it makes in
:meth:`SignInMethod.begin`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from edge.plugins.contract import READY, Health, Need, Provider


@dataclass(frozen=True, slots=True)
class Registered:
    """What somebody registered for a method: its number, the method's own text, how it was used.

    ``used`` is what the method wanted remembered of the last time, such as a counter.
    """

    id: str
    verifier: str
    used: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose sign-in it is: a staff code, empty while nobody knows, and what they registered."""

    staff: str = ""
    registered: tuple[Registered, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is asked: the origin and the host name as the tablet has them, and the instant."""

    origin: str
    host: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a method looks at: whose sign-in, where, what was shown, what it kept till then."""

    account: Account
    place: Place
    shown: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who somebody says they are: by staff code, or by the number of what they registered.

    ``elsewhere``: an identity provider says it, when it is asked.
    """

    staff: str = ""
    registered: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked first: ``show`` goes to the tablet, ``state`` stays at the site till then."""

    show: Mapping[str, Any]
    state: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a method says of what was shown.

    ``registered`` is the number of what fitted, ``used`` what to remember of it, ``remade`` a
    verifier to keep in its place. ``waiting``: asked elsewhere, and no answer yet. ``claims`` are
    an identity provider's, which the campaign maps to a member of staff.
    """

    right: bool
    registered: str = ""
    used: str = ""
    remade: str = ""
    waiting: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewRegistration:
    """What is to be kept of a registration, under which number; ``handed`` is for its person."""

    id: str
    verifier: str
    handed: str = ""


@dataclass(frozen=True, slots=True)
class MethodSetup:
    """What a method is made with.

    ``bind`` gives a digest of a staff code and a text under a key of this site alone, ``random`` so
    many bytes; ``options`` are its settings in ``site.toml``, ``secret`` reads its secret.
    """

    bind: Callable[[str, str], str]
    random: Callable[[int], bytes]
    options: Mapping[str, str] = field(default_factory=dict)
    secret: Callable[[], str] = str


class SignInMethod(Provider, Protocol):
    """A way in which somebody says who they are; holds nothing of anybody between two calls."""

    def claimed(self, shown: Mapping[str, str], /) -> Claimed:
        """Say who what was shown speaks of; raises :class:`BadInput` for what is none."""
        ...

    def begin(self, attempt: Attempt, /) -> Prompt:
        """Make what is asked first; empty where nothing is."""
        ...

    def check(self, attempt: Attempt, /) -> Proof:
        """Say whether what was shown is of the account; wrong is an answer, and no error."""
        ...

    def begin_registration(self, attempt: Attempt, /) -> Prompt:
        """Make what a registration begins with."""
        ...

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Give what is kept of a registration; raises :class:`BadInput` for what will not do."""
        ...


@dataclass(frozen=True, slots=True)
class LocalMethod:
    """What every method has that the site checks by itself: nothing is needed or asked first."""

    setup: MethodSetup
    needs: frozenset[Need] = frozenset()

    def health(self) -> Health:
        """It needs nothing, and works."""
        return READY

    def begin(self, _: Attempt, /) -> Prompt:
        """Nothing is asked first."""
        return Prompt({}, {})

    def begin_registration(self, _: Attempt, /) -> Prompt:
        """Nothing is asked first."""
        return Prompt({}, {})


class SecretMethod(LocalMethod):
    """What a method has of which everybody keeps one secret in mind, typed with their code."""

    __slots__ = ()

    def claimed(self, shown: Mapping[str, str], /) -> Claimed:
        """The code that was typed."""
        return Claimed(staff=shown.get("code", "").strip())

    def kept(self, attempt: Attempt, /) -> Registered:
        """Give what the account registered; nothing fits it where that is nothing."""
        return next(iter(attempt.account.registered), Registered("", ""))

    def number(self) -> str:
        """Make the number of a registration, of which nothing can be learned."""
        return str(uuid.UUID(bytes=self.setup.random(16), version=4))


MakeMethod = Callable[[MethodSetup], SignInMethod]
"""How a method is made at a site: what its table, and an entry point, hold."""
