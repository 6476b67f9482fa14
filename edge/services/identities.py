"""What is made of an identity before anything is written: its one spelling, hidden where asked."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

import msgspec
import regex
from argon2.low_level import Type, hash_secret_raw

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.domain.identities import (
    BY_PATTERN,
    OWN_CODE,
    IdentityRule,
    IdentityRules,
    joined_identity,
    keyed_number,
    split_identity,
)
from edge.domain.numbers import in_ascii_digits
from edge.domain.people import Person
from edge.plugins.guard import Guard
from edge.plugins.identity.contract import CardFacts, IdentityType, ShownCard, TypedNumber
from edge.plugins.identity.papers import PlainNumber
from edge.services.card_facts import fit_facts

KEY_BYTES = 32
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_HIDDEN = re.compile(r"keyed\.[a-z2-7]{26}\.[^\W_]{0,4}")
_MASKED = re.compile(r"X{4}[ -]?[^\W_]{0,4}", re.IGNORECASE)
_SPELLING = re.compile(r"([^\W_]|-)*")
_LONGEST = 60
_SECONDS = 0.5
"""How long a campaign's pattern may take over one number."""
_PASSES, _KIBIBYTES = 2, 19_456
"""Argon2id as OWASP asks of it at least: what makes each guess of a number cost something."""

Named = TypeVar("Named", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class IdentityReader:
    """A plug-in and what stands before it."""

    guard: Guard
    type: IdentityType


@dataclass(frozen=True, slots=True)
class ReadCard:
    """A card that was read, and the campaign's kind of identity that it is."""

    rule: IdentityRule
    facts: CardFacts = field(repr=False)


class Identities:
    """Reads identities as the campaign in force asks, with the plug-ins of a site.

    ``key`` hides numbers that are not kept whole; None: there is none here. ``catalogue`` gives the
    campaign in force, and raises before the first; ``recorded`` finds who has an identity here, as
    it is written there. Not to be asked inside a unit of work.
    """

    def __init__(
        self,
        readers: Mapping[str, IdentityReader],
        key: bytes | None,
        catalogue: Callable[[], Catalogue],
        recorded: Callable[[str], Person | None],
    ) -> None:
        self._readers = readers
        self._key = key
        self._catalogue = catalogue
        self._recorded = recorded
        self._one_digest = threading.Lock()

    def rules(self) -> IdentityRules:
        """Give what the campaign in force asks for; nothing before the first."""
        try:
            return self._catalogue().identities
        except EdgeError:
            return IdentityRules()

    def lacks_key(self) -> bool:
        """Say whether the campaign hides numbers under a key that this site does not have."""
        asked = self.rules().key
        return bool(asked) and (self._key is None or key_check(self._key) != asked)

    def kept(self, identity: str, of: str = "") -> str:
        """Give an identity as it is kept: in one spelling, hidden where the campaign says so.

        A number that somebody has whole since before the campaign hid it stays theirs, so that it
        is known again; only for that person themselves (the id ``of``) is it hidden. What the
        campaign does not ask for stays as it is written. Raises :class:`BadInput` for a number that
        cannot be, :class:`Unavailable` where the key is missing that hides it.
        """
        rules, plain = self.rules(), identity.strip()
        rule = rules.of(plain)
        if rule is None:
            return plain
        number = split_identity(plain)[1]
        if rule.kept == "keyed" and _HIDDEN.fullmatch(number):
            return joined_identity(rule.type, number)
        if _MASKED.fullmatch(number):
            raise BadInput(
                "identity.masked",
                "This is the end of a number, as pages show it, and not the number.",
                hint="Type all of it, or leave it as it is recorded.",
                field="identity",
            )
        read = self._read(rule, number)
        whole = joined_identity(rule.type, read)
        if rule.kept == "keyed":
            holder = self._recorded(whole)
            if holder is not None and holder.id != of:
                return whole
        return joined_identity(rule.type, self._hidden(rule, read))

    def kept_in(self, command: Named) -> Named:
        """Give a request with its identity as it is kept; one without an identity as it is."""
        told: str | None = getattr(command, "identity", None)
        if not told:
            return command
        kept = self.kept(told, of=getattr(command, "person", ""))
        return msgspec.structs.replace(command, identity=kept)

    def sought(self, text: str) -> Iterator[str]:
        """Give the identities that a text may be that somebody types to find a person.

        Whole ones first, as they may have been kept before the campaign hid them.
        """
        if not any(map(str.isdecimal, text)) or len(text) > _LONGEST:
            return
        typed_type, number = split_identity(text.strip())
        rules = self.rules()
        for rule in rules.types:
            if typed_type and typed_type != rule.type:
                continue
            try:
                read = self._read(rule, number if typed_type else text)
                yield joined_identity(rule.type, read)
                if rule.kept == "keyed":
                    yield joined_identity(rule.type, self._hidden(rule, read))
            except EdgeError:
                continue

    def checks(self, identity: str) -> bool:
        """Say whether what reads numbers of this kind works now: else they are taken unchecked."""
        rule = self.rules().of(identity)
        reader = self._readers.get(rule.read_by) if rule else None
        return reader is not None and reader.guard.health.state == "ready"

    def fails_check(self, identity: str) -> bool:
        """Say whether a recorded number fails the check of its kind, as one taken unchecked may.

        Of one that is kept hidden, or that nothing checks now, nobody can say so.
        """
        rule, number = self.rules().of(identity), split_identity(identity)[1]
        if rule is None or rule.read_by == OWN_CODE or _HIDDEN.fullmatch(number):
            return False
        for written in (number, f"+{number}"):  # a telephone's is kept without its plus
            with suppress(BadInput):
                self._read(rule, written)
                return False
        return True

    def kinds_of(self, number: str) -> list[str]:
        """Give the types of which a number may be that nobody has chosen one for."""
        found = []
        for rule in self.rules().types:
            try:
                self._read(rule, number)
            except EdgeError:
                continue
            found.append(rule.type)
        return found

    def card(
        self, text: str, today: date, format_: str = "", claims: Mapping[str, Any] | None = None
    ) -> ReadCard | None:
        """Read a card of a kind that the campaign asks for; None for any other text.

        ``format_`` and ``claims`` are what the site's verifier found good. Raises
        :class:`BadInput` for a card with a mistake.
        """
        shown = ShownCard(text, format_, claims or {}, today)
        for rule in self.rules().types:
            reader = self._readers.get(rule.read_by)
            if reader is None:
                continue
            asked = replace(shown, issued_by=rule.issued_by)
            try:
                facts = reader.guard.call(partial(_facts, reader.type, asked))
            except Unavailable:
                continue
            if facts is not None:
                return ReadCard(rule, facts)
        return None

    def _read(self, rule: IdentityRule, number: str) -> str:
        """Give a number in its one spelling; unchecked where what checks it does not work."""
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", number))
        text = _DASHES.sub("-", in_ascii_digits(text)).strip()
        typed = TypedNumber(text, self._catalogue().issuer.country, rule.issued_by)
        reader = self._readers.get(rule.read_by)
        try:
            if reader is None:
                raise Unavailable("identity.no-reader", "Nothing here reads this number.")
            empty = rule.read_by == OWN_CODE
            read = reader.guard.call(partial(_one_spelling, reader.type, typed, empty=empty))
        except Unavailable:
            read = PlainNumber().read(typed).replace("-", "")
        _check_pattern(rule, read)
        return read

    def _hidden(self, rule: IdentityRule, number: str) -> str:
        if rule.kept == "whole" or not number:
            return number
        if self._key is None or self.lacks_key():
            raise Unavailable(
                "identity.no-key",
                "This site does not have the key under which the campaign keeps this number.",
                hint="Go on without the number, and tell the technician: divoc-edge keys identity.",
                field="identity",
            )
        with self._one_digest:  # each takes 19 MiB
            return keyed_number(_digest(self._key, rule.type, number), number)


def key_check(key: bytes) -> str:
    """Give what a campaign says of its key, so that a site notices that it has another."""
    return hmac.digest(key, b"check value", "sha256").hex()[:16]


def _digest(key: bytes, type_: str, number: str) -> bytes:
    """Digest a number slowly (Argon2id, RFC 9106), under a key and apart from other types."""
    return hash_secret_raw(
        hmac.digest(key, f"{type_}\n{number}".encode(), "sha256"),
        salt=hashlib.sha256(f"identity\n{type_}".encode()).digest()[:16],
        time_cost=_PASSES,
        memory_cost=_KIBIBYTES,
        parallelism=1,
        hash_len=16,
        type=Type.ID,
    )


def _one_spelling(type_: IdentityType, typed: TypedNumber, *, empty: bool) -> str:
    """Ask a type; an answer that no DID may have is a fault of its own."""
    read = type_.read(typed)
    if not _is_number(read, empty=empty):
        raise TypeError("no number of letters, digits and dashes")
    return read


def _is_number(read: Any, *, empty: bool = False) -> bool:
    """Say whether it is a number that a DID may have; an empty one stands for a person's code."""
    if not isinstance(read, str) or len(read) > _LONGEST:
        return False
    return _SPELLING.fullmatch(read) is not None and (empty or bool(read))


def _facts(type_: IdentityType, shown: ShownCard) -> CardFacts | None:
    """Ask a type about a card; facts that can fill no registration are a fault of its own."""
    facts = type_.scan(shown) if type_.reads_cards else None
    if facts is None:
        return None
    texts = (facts.name, facts.passport_name, facts.birth, facts.gender)
    if not all(isinstance(text, str) for text in texts) or not _is_number(facts.number):
        raise TypeError("no facts of a card")
    return fit_facts(facts, shown.today)


def _check_pattern(rule: IdentityRule, number: str) -> None:
    if not rule.pattern:
        return
    try:
        fits = regex.fullmatch(rule.pattern, number, timeout=_SECONDS) is not None
    except TimeoutError:
        fits = rule.read_by != BY_PATTERN
    if not fits:
        raise BadInput(
            "identity.pattern",
            "This does not look like: {kind}.",
            hint="Compare it with the paper. It looks like {example}."
            if rule.example
            else "Compare it with the paper.",
            field="identity",
            kind=rule.words,
            **({"example": rule.example} if rule.example else {}),
        )
