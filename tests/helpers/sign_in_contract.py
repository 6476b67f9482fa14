"""What any way of signing in must stand, as a class whose tests run on each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.domain.errors import EdgeError
from edge.plugins.sign_in.contract import (
    Account,
    Attempt,
    MakeMethod,
    MethodSetup,
    Place,
    Proof,
    Registered,
    SignInMethod,
)
from edge.services.pins import PinSeal

PLACE = Place("https://clinic.local", "clinic.local", datetime.now(UTC))
ODD = ("", " ", "\0", "\ud800", "9" * 100_000, "[" * 5000, "{}", "null", '{"id": 1}', "DEB1")


class Holder(Protocol):
    """Somebody who signs in with a method, as its tests play them."""

    fields: tuple[str, ...]
    """What is typed or shown, by name."""

    def registers(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        """Show what is registered; ``show`` is what the method asked first."""
        ...

    def signs_in(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        """Show what is right."""
        ...

    def errs(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        """Show what is like it, and wrong."""
        ...


class Types:
    """Somebody who types a secret."""

    def __init__(self, field: str, right: str, wrong: str) -> None:
        self.fields: tuple[str, ...] = (field,)
        self._right, self._wrong = {field: right}, {field: wrong}

    def registers(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return self._right

    def signs_in(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return self._right

    def errs(self, show: Mapping[str, Any]) -> Mapping[str, str]:
        return self._wrong


def made_at(make: MakeMethod, key: bytes = bytes(32)) -> SignInMethod:
    """Make a method at the site of a key."""
    seal = PinSeal(Ed25519PrivateKey.from_private_bytes(key))
    return make(MethodSetup(seal.bound, os.urandom))


class SignInContract:
    """Inherit it, and give the maker of the method and who plays its holder."""

    make: MakeMethod
    bound_to_its_site = True
    """What is kept at one site fits at no other."""

    def holder(self) -> Holder:
        raise NotImplementedError

    def registered(self, method: SignInMethod, holder: Holder, staff: str = "V1") -> Account:
        """Register a holder, and give the account as the site keeps it."""
        asked = Attempt(Account(staff), PLACE)
        first = method.begin_registration(asked)
        shown = holder.registers(first.show)
        made = method.register(replace(asked, shown=shown, state=first.state))
        return Account(staff, (Registered(made.id, made.verifier),))

    def tried(
        self, method: SignInMethod, account: Account, holder: Holder, how: str = "signs_in"
    ) -> Proof:
        first = method.begin(Attempt(Account(), PLACE))
        shown = {"code": account.staff, **getattr(holder, how)(first.show)}
        method.claimed(shown)
        return method.check(Attempt(account, PLACE, shown, first.state))

    def method(self) -> SignInMethod:
        return made_at(type(self).make)

    def test_what_is_right_is_right_and_names_what_fitted(self) -> None:
        method, holder = self.method(), self.holder()
        account = self.registered(method, holder)
        proof = self.tried(method, account, holder)
        assert (proof.right, proof.registered) == (True, account.registered[0].id)
        assert not proof.waiting

    def test_what_is_wrong_is_an_answer_and_no_error(self) -> None:
        method, holder = self.method(), self.holder()
        assert not self.tried(method, self.registered(method, holder), holder, "errs").right

    def test_nothing_fits_somebody_who_registered_nothing_or_something_else(self) -> None:
        method, holder, other = self.method(), self.holder(), self.holder()
        account = self.registered(method, holder)
        assert not self.tried(method, Account("V1"), holder).right
        theirs = self.registered(method, other, "V2")
        if self.tried(method, theirs, other).right:
            swapped = Account("V2", account.registered)
            assert not self.bound_to_its_site or not self.tried(method, swapped, holder).right

    def test_who_registered_it_is_found_by_what_they_show(self) -> None:
        method, holder = self.method(), self.holder()
        account = self.registered(method, holder)
        first = method.begin(Attempt(Account(), PLACE))
        claimed = method.claimed({"code": "V1", **holder.signs_in(first.show)})
        assert claimed.staff == "V1" or claimed.registered == account.registered[0].id

    def test_what_is_kept_at_one_site_fits_at_no_other(self) -> None:
        holder = self.holder()
        account = self.registered(self.method(), holder)
        elsewhere = made_at(type(self).make, b"1" * 32)
        assert self.tried(elsewhere, account, holder).right is not self.bound_to_its_site

    @pytest.mark.parametrize("odd", ODD)
    def test_whatever_is_typed_is_wrong_or_refused_in_words(self, odd: str) -> None:
        method, holder = self.method(), self.holder()
        account = self.registered(method, holder)
        for shown in ({}, {"code": odd}, dict.fromkeys(("code", *holder.fields), odd)):
            try:
                method.claimed(shown)
                assert not method.check(Attempt(account, PLACE, shown)).right
                method.register(Attempt(account, PLACE, shown))
            except EdgeError:
                continue

    def test_an_answer_to_what_was_asked_before_fits_nothing_that_is_asked_now(self) -> None:
        method, holder = self.method(), self.holder()
        account = self.registered(method, holder)
        first, second = (method.begin(Attempt(Account(), PLACE)) for _ in range(2))
        if not first.state:
            return
        shown = holder.signs_in(first.show)
        assert not method.check(Attempt(account, PLACE, shown, second.state)).right
        assert not method.check(Attempt(account, PLACE, shown, {})).right

    def test_a_method_says_what_it_needs_and_how_it_is(self) -> None:
        method = self.method()
        assert method.needs <= {"line", "device", "secret"}
        assert method.health().state in ("ready", "trouble", "off")
