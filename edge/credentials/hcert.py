"""HCERT: a health certificate as CBOR, signed with COSE, in a QR code that begins with HC1:.

EU "Electronic Health Certificate Specification" 1.0.8 and its WHO copy 1.1.1. What the contents
mean is said by the profiles' tables.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import base45

from edge.credentials import cbor, cose, health_links
from edge.credentials.code_text import is_prefixed, packed_texts, trimmed
from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
    facts_only,
)
from edge.credentials.other_kinds import sentence
from edge.credentials.profiles import Profile
from edge.credentials.revocation import Lookup, dcc_hashes, dcc_keys
from edge.credentials.trust import Trust, TrustedKey, keys_that_fit, kid_bytes, kid_names
from edge.credentials.verdict import UNKNOWN_ISSUER, UNREADABLE, YES, CheckError, UnreadableError
from edge.credentials.window import Window, moment
from edge.credentials.x509 import RECOVERY, TEST, VACCINATION
from edge.domain.counting import DOSE, TOTAL

FORMAT = "hcert"
PREFIX = "HC1:"
ISSUER, EXPIRES, NOT_BEFORE, ISSUED, HEALTH = 1, 4, 5, 6, -260
_USAGES = {"vaccination": VACCINATION, "test": TEST, "recovery": RECOVERY}
OTHER_CONTENTS = "The contents are of a kind that is not known here."
LARGEST = 64 * 1024
"""Bytes, inflated. The largest real certificate is under 2 kB."""
_BEGINNING, _FIRST = 96, 4
"""Characters of base45 that hold the first bytes of what is packed, and how many of those."""


@dataclass(frozen=True, slots=True)
class ParsedCertificate:
    """A health certificate as it was shown: the signed message and what it claims."""

    message: cose.Sign1
    claims: Mapping[Any, Any]


def encode(message: bytes) -> str:
    """Give the text of the QR code: deflated (RFC 1950), base45, with the prefix."""
    text: str = base45.b45encode(zlib.compress(message, 9)).decode()
    return PREFIX + text


def decode(text: str) -> bytes:
    """Give the signed message of a text, as it was issued or as people leave it.

    Raises :class:`UnreadableError`.
    """
    if len(text) > LARGEST:
        raise UnreadableError("This is too large to be a certificate.")
    damage = UnreadableError("The code is damaged: it is not base45.")
    for packed in packed_texts(text):
        try:
            return inflate(packed)
        except UnreadableError as error:
            damage = error
    raise damage


def beginning(text: str) -> bytes:
    """Give the first bytes of what base45 and zlib hold, or none: enough to say what it is."""
    try:
        data = base45.b45decode(text[:_BEGINNING])
        return zlib.decompressobj().decompress(data, _FIRST)
    except (ValueError, UnicodeEncodeError, zlib.error):
        return b""


def inflate(text: str) -> bytes:
    """Undo base45 and zlib, and never more than :data:`LARGEST` bytes of either."""
    if len(text) > LARGEST:
        raise UnreadableError("This is too large to be a certificate.")
    try:
        data = base45.b45decode(text)
    except (ValueError, UnicodeEncodeError):
        raise UnreadableError("The code is damaged: it is not base45.") from None
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, LARGEST)
    except zlib.error:
        raise UnreadableError("The code is damaged: it cannot be unpacked.") from None
    if inflater.unconsumed_tail:
        raise UnreadableError("The code is too large to be a certificate.")
    if not inflater.eof:  # what stands behind a stream that ended is not looked at
        raise UnreadableError("The code is damaged: it cannot be unpacked.")
    return found


def read(data: bytes) -> ParsedCertificate:
    """Read a signed message and its claims; raises :class:`UnreadableError`."""
    try:
        message = cose.parse(data)
        claims = cbor.loads(message.payload)
    except ValueError:
        raise UnreadableError("The code holds no signed health certificate.") from None
    if not isinstance(claims, Mapping):
        raise UnreadableError("The code holds no signed health certificate.")
    return ParsedCertificate(message, claims)


def shown_certificate(text: str) -> ParsedCertificate:
    """Read what a code holds, however it was left; raises :class:`UnreadableError`."""
    return read(decode(text))


def issue(
    profile: Profile,
    facts: Mapping[str, Any],
    signer: cose.CoseSigner,
    *,
    issuer: str,
    issued_at: datetime,
    expires_at: datetime | None,
) -> str:
    """Sign one vaccination and give the text of its QR code.

    ``issuer`` is ISO 3166-1 alpha-2 for DCC, the GDHCN participant for ICVP. ``expires_at`` None
    leaves claim 4 out, as WHO's own samples do for proofs that last a life.
    """
    group = next(name for name, kind in profile.kinds.items() if kind == "vaccination")
    claims: dict[int, Any] = {ISSUER: issuer}
    if expires_at is not None:
        claims[EXPIRES] = int(expires_at.timestamp())
    claims[ISSUED] = int(issued_at.timestamp())
    claims[HEALTH] = {profile.subclaim: profile.write(facts, group)}
    return encode(cose.sign(cbor.dumps(claims), signer))


class HealthCertificates:
    """Verifies health certificates (a :class:`Format`)."""

    name = FORMAT

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._profiles = profiles

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for the prefix."""
        return is_prefixed(shown.text)

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        presented = shown_certificate(shown.text)
        return examined(
            FORMAT,
            lambda found: self._examine(presented, trust, found),
            lambda: bool(keys_named(presented.message, trust)),
        )

    def _examine(self, presented: ParsedCertificate, trust: Trust, evidence: Evidence) -> None:
        health = presented.claims.get(HEALTH)
        if isinstance(health, Mapping) and health_links.CLAIM in health:
            _examine_link(presented, trust, evidence)
            return
        profile, found = contents(presented, self._profiles)
        evidence.profile = profile.called
        claims = profile.claims(found)
        evidence.group = _USAGES[claims.get("kind", "vaccination")]
        evidence.from_one = (DOSE, TOTAL)
        evidence.window, evidence.issued_at = stated_time(presented.claims)
        evidence.days = profile.days(claims)
        evidence.checks["form"] = YES
        evidence.keys = signed_by(presented.message, trust, evidence.checks)
        if profile.ends and evidence.window.end is None:
            evidence.window = replace(evidence.window, end=last_end(evidence.keys))
        evidence.claims = claims
        evidence.lookup = lookup(presented)


def _examine_link(presented: ParsedCertificate, trust: Trust, evidence: Evidence) -> None:
    """Check who signed a link; of one that nobody known signed it is only said what it is."""
    try:
        link = health_links.read_link(presented.claims[HEALTH][health_links.CLAIM])
        window, evidence.issued_at = stated_time(presented.claims)
    except CheckError as error:
        if keys_named(presented.message, trust):
            raise
        raise CheckError(error.check, sentence("vhl"), verdict=UNREADABLE) from None
    end = min(filter(None, (window.end, link.until)), default=None)
    evidence.window = replace(window, end=end)
    evidence.checks["form"] = YES
    try:
        evidence.keys = signed_by(presented.message, trust, evidence.checks)
    except CheckError as error:
        if error.verdict != UNKNOWN_ISSUER:
            raise
        raise CheckError(error.check, sentence("vhl"), verdict=UNREADABLE) from None
    issuer = presented.claims.get(ISSUER)
    evidence.claims = facts_only(
        {
            "kind": health_links.KIND,
            "label": link.label,
            "issuer": issuer if isinstance(issuer, str) else "",
        }
    )
    evidence.caution = health_links.A_LINK
    evidence.lookup = lookup(presented)


def stated_time(claims: Mapping[Any, Any]) -> tuple[Window, datetime | None]:
    """Give from when to when a token counts (RFC 8392), and when it was signed.

    Raises :class:`CheckError`. It counts neither before it was signed nor before its claim 5.
    """
    issued = moment(claims.get(ISSUED), "6")
    start = max(filter(None, (issued, moment(claims.get(NOT_BEFORE), "5"))), default=None)
    return Window(start, moment(claims.get(EXPIRES), "4")), issued


def last_end(keys: Sequence[TrustedKey]) -> datetime | None:
    """Give until when one of the entries of a key counts, None without limit."""
    ends = [key.not_after for key in keys]
    return None if None in ends else max(filter(None, ends), default=None)


def contents(
    presented: ParsedCertificate, profiles: Sequence[Profile]
) -> tuple[Profile, Mapping[Any, Any]]:
    """Find the contents and the table to read them by; raises :class:`CheckError`."""
    health = presented.claims.get(HEALTH)
    places = health if isinstance(health, Mapping) else {0: presented.claims}
    for profile in profiles:
        found = places.get(profile.subclaim)
        if isinstance(found, Mapping) and profile.fits(found):
            return profile, found
    told = [
        places[profile.subclaim]
        for profile in profiles
        if profile.subclaim and profile.subclaim in places
    ]
    if told and not any(isinstance(found, Mapping) for found in told):
        raise CheckError("form", OTHER_CONTENTS)
    raise CheckError("form", OTHER_CONTENTS, verdict=UNREADABLE)


def signed_by(message: cose.Sign1, trust: Trust, checks: dict[str, str]) -> tuple[TrustedKey, ...]:
    """Find the entries of the trusted key that signed a message; raises :class:`CheckError`.

    Every key of that name is tried: two countries may have chosen the same one.
    """
    keys = keys_named(message, trust)
    if not keys:
        raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
    checks["issuer"] = YES
    found = keys_that_fit(keys, lambda known: cose.fits(message, known.key))
    if not found:
        raise CheckError("signature", WRONG_SIGNATURE)
    checks["signature"] = YES
    return found


def keys_named(message: cose.Sign1, trust: Trust) -> list[TrustedKey]:
    """Give the keys that may have signed a message, by the name in it."""
    named = trust.keys(*(kid_names(message.kid) if message.kid else ()))
    return [key for key in named if not key.issuer]  # the others are for one issuer's cards


def hash_parts(presented: ParsedCertificate) -> tuple[str, str, bytes]:
    """Give country, certificate identifier and signed bytes that revocation hashes are made of.

    The country is the one of the envelope, and of the event where the envelope names none.
    """
    stated = presented.claims.get(ISSUER)
    country = trimmed(stated) if isinstance(stated, str) else ""
    signature = presented.message.signature
    if presented.message.algorithm == cose.ES256:
        signature = signature[: len(signature) // 2]
    event = _event(presented)
    uci, co = (event.get(name) for name in ("ci", "co"))
    if not country and isinstance(co, str):
        country = trimmed(co)
    return country, (uci if isinstance(uci, str) else ""), signature


def _event(presented: ParsedCertificate) -> Mapping[Any, Any]:
    """Find the one event of an EU certificate, as its table of contents does."""
    health = presented.claims.get(HEALTH)
    contents = health.get(1) if isinstance(health, Mapping) else None
    for group in ("v", "t", "r"):
        found = contents.get(group) if isinstance(contents, Mapping) else None
        for entry in found if isinstance(found, list | tuple) else ():
            if isinstance(entry, Mapping):
                return entry
    return {}


def lookup(presented: ParsedCertificate) -> Lookup:
    """Give what to look for in revocation lists, however its identifiers are written."""
    country, uci, signature = hash_parts(presented)
    kid = presented.message.kid or b""
    hashes = dcc_hashes(country, uci, signature)
    dcc = {kind: base64.b64encode(hash_).decode() for kind, hash_ in hashes.items()}
    keys = [
        key
        for named in (kid, *(kid_bytes(kid.decode().strip()) if kid.isascii() else ()))
        for text in dict.fromkeys((uci, trimmed(uci)))
        for key in dcc_keys(named, country, text, signature)
    ]
    return Lookup(
        scope=f"{FORMAT}:{country.upper()}",
        keys=tuple(dict.fromkeys(keys)),
        dcc={"kid": base64.b64encode(kid).decode(), **dcc},
    )
