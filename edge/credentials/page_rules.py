"""The rules of the verifier as data, for the page that verifies in a browser by itself.

What is a table here is the same table there: how contents are read, what is not read and how it is
called, the code systems, the tags of CBOR, and the keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from edge.credentials import cbor, code_systems
from edge.credentials.other_kinds import KINDS, ON_THE_PAGE
from edge.credentials.profiles import Field, Profile
from edge.credentials.trust import TrustedKey

_CURVES: Mapping[str, tuple[str, int]] = {"secp256r1": ("P-256", 32), "secp384r1": ("P-384", 48)}


def page_rules(profiles: Sequence[Profile]) -> dict[str, Any]:
    """Give every rule as JSON holds it: sentences in English, patterns as JavaScript has them."""
    return {
        "profiles": [_profile(profile) for profile in profiles],
        "kinds": [
            {
                "name": kind.name,
                "sentence": kind.sentence,
                "beginning": kind.beginning.replace(r"\Z", "$"),
                "first": [first.hex() for first in kind.first],
            }
            for kind in (*KINDS.values(), *ON_THE_PAGE)
        ],
        "tags": {"plain": list(cbor.PLAIN_TAGS), "refused": list(cbor.REFUSED_TAGS)},
        "codes": code_systems.published(),
    }


def page_key(key: TrustedKey) -> dict[str, Any]:
    """Give a key as the page reads it; of one that it cannot use, what kind it is.

    Coordinates in hex, moments in seconds since 1970, null without limit.
    """
    return {
        **_public(key.key),
        "names": list(key.names),
        "country": key.country,
        "from": key.not_before.timestamp() if key.not_before else None,
        "until": key.not_after.timestamp() if key.not_after else None,
        "usages": "".join(sorted(key.usages)),
        "issuer": key.issuer,
    }


def _public(public: object) -> dict[str, str]:
    if isinstance(public, EllipticCurvePublicKey) and public.curve.name in _CURVES:
        curve, size = _CURVES[public.curve.name]
        numbers = public.public_numbers()
        x, y = numbers.x.to_bytes(size).hex(), numbers.y.to_bytes(size).hex()
        return {"kind": "EC", "curve": curve, "x": x, "y": y}
    if isinstance(public, RSAPublicKey):
        return {"kind": "RSA"}
    return {"kind": "Ed25519" if isinstance(public, Ed25519PublicKey) else "other"}


def _profile(one: Profile) -> dict[str, Any]:
    return {
        "called": one.called,
        "subclaim": one.subclaim,
        "has": one.has,
        "kinds": dict(one.kinds),
        "kind": one.kind,
        "listed": one.listed,
        "ends": one.ends,
        "choices": one.any_of,
        "delay": {
            "claims": one.delay.claims,
            "pattern": one.delay.pattern.pattern,
            "days": one.delay.days,
        }
        if one.delay
        else None,
        "fields": [_field(field) for field in one.fields],
    }


def _field(one: Field) -> dict[str, Any]:
    form = one.form
    return {
        "path": one.path,
        "required": one.required,
        "nullable": one.may_be_null,
        "claim": one.claim,
        "form": {
            "longest": form.longest,
            "pattern": form.pattern.pattern if form.pattern else "",
            "least": form.least,
            "tolerated": form.tolerated,
            "exact": form.exact,
        },
    }
