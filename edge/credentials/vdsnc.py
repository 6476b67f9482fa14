"""VDS-NC: a visible digital seal of ICAO's, as JSON in a QR code, signed by a state's passport PKI.

ICAO TR "VDS-NC" 1.1, now Doc 9303 part 13; read only. The signature is over the canonical form
(RFC 8785) of ``data``; the signer's certificate is in the code, and its authority must be trusted.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from edge.credentials.barcode_signers import (
    SEAL_SIGNER,
    SealCertificate,
    authorities_of,
    is_of_state,
    read_certificate,
)
from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
    facts_only,
)
from edge.credentials.hcert import OTHER_CONTENTS
from edge.credentials.strict_json import DuplicateKeyError, strict_json
from edge.credentials.trust import Trust, TrustedKey
from edge.credentials.verdict import UNKNOWN_ISSUER, UNREADABLE, YES, CheckError, UnreadableError
from edge.credentials.window import ValidPeriod
from edge.credentials.x509 import TEST, VACCINATION
from edge.domain.counting import TEST as TEST_KIND
from edge.domain.counting import VACCINATION as VACCINATION_KIND
from edge.domain.counting import day_of

FORMAT = "vds-nc"
OTHER_STATE = "The state that it names is not the one whose key signed it."
NO_USAGE = "The key it was signed with may not sign this kind."
_VACCINATION, _TEST = "icao.vacc", "icao.test"
_KIND = re.compile(r'"t"\s*:\s*"icao\.')
_DOCUMENTS: Mapping[str, str] = {_VACCINATION: "NV", _TEST: "NT"}
"""The document type that a signer must be certified for."""
_ALGORITHMS: Mapping[str, tuple[str, HashAlgorithm]] = {
    "ES256": ("secp256r1", SHA256()),
    "ES384": ("secp384r1", SHA384()),
    "ES512": ("secp521r1", SHA512()),
}
_UNKNOWN_LOTS = ("unknown", "not recorded")
_GENDERS: Mapping[str, str] = {"M": "male", "F": "female", "X": "other", "O": "other"}
_YELLOW_FEVER = re.compile(r"1D47.*|XM0N24|XM3418", re.ASCII)
"""The disease and its vaccines in ICD-11, as in the tables of the yellow card."""
_PROTECTS_AFTER = timedelta(days=10)
_LONGEST = 200


class SealedCertificates:
    """Verifies seals (a :class:`Format`)."""

    name = FORMAT

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for JSON with ICAO's type in its header."""
        text = shown.text.lstrip("\ufeff \t\r\n")
        return text.startswith("{") and '"hdr"' in text and _KIND.search(text) is not None

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, signer, authority, signature and fields."""
        return examined(
            FORMAT,
            lambda found: self._examine(_document(shown), trust, found),
            lambda: _is_known(shown, trust),
        )

    def _examine(self, document: Mapping[str, Any], trust: Trust, evidence: Evidence) -> None:
        data, sealed = document["data"], document["sig"]
        kind, state = _header(data)
        algorithm = sealed.get("alg")
        if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
            raise CheckError("form", "The kind of signature is not one that certificates have.")
        signed = _canonical(data)
        signature, signer = _bytes(sealed, "sigvl"), _signer(sealed)
        evidence.checks["form"] = YES
        evidence.profile = kind
        evidence.group = VACCINATION if kind == _VACCINATION else TEST
        evidence.keys = (_certified(signer, trust),)
        if not is_of_state(signer.country, state):
            raise CheckError("issuer", OTHER_STATE)
        evidence.checks["issuer"] = YES
        if not _fits(signer, algorithm, signature, signed):
            raise CheckError("signature", WRONG_SIGNATURE)
        evidence.checks["signature"] = YES
        if SEAL_SIGNER not in signer.purposes or _DOCUMENTS[kind] not in signer.documents:
            raise CheckError("usage", NO_USAGE)
        read = _vaccinations if kind == _VACCINATION else _test
        evidence.claims = facts_only({"country": state, **read(data["msg"])})
        evidence.days = ValidPeriod(_counts_from(data["msg"], evidence.claims.get("doses", ())))


def _is_known(shown: ScannedInput, trust: Trust) -> bool:
    """Say whether a list has the authority that a seal's signer names, if one can be read."""
    try:
        signer = _signer(_document(shown)["sig"])
    except (CheckError, UnreadableError):
        return True
    return bool(authorities_of(signer, trust))


def _document(shown: ScannedInput) -> Mapping[str, Any]:
    try:
        document = strict_json(shown.text.lstrip("\ufeff \t\r\n").rstrip())
    except DuplicateKeyError:
        raise CheckError("form", "The certificate has the same field twice.") from None
    except ValueError:
        raise UnreadableError("This is not a certificate in a form known here.") from None
    for name in ("data", "sig"):
        if not isinstance(document, dict) or not isinstance(document.get(name), dict):
            raise CheckError("form", "The field {field} is missing.", field=name)
    for name in document:
        if name not in ("data", "sig"):
            raise CheckError(
                "form",
                "The certificate has a field that is not part of it: {field}.",
                field=name[:60],
            )
    return dict(document)


def _header(data: Mapping[str, Any]) -> tuple[str, str]:
    """Give kind and state; raises :class:`CheckError`."""
    header = _mapping(data, "hdr", "data.hdr")
    kind, state = header.get("t"), header.get("is")
    if kind not in _DOCUMENTS or header.get("v") != 1 or type(header.get("v")) is not int:
        raise CheckError("form", OTHER_CONTENTS, verdict=UNREADABLE)
    if not isinstance(state, str) or not re.fullmatch(r"[A-Z]{1,3}<{0,2}", state):
        raise _wrong("data.hdr.is")
    _mapping(data, "msg", "data.msg")
    return str(kind), state.rstrip("<")


def _canonical(data: Mapping[str, Any]) -> bytes:
    """Write what is signed (RFC 8785); a fraction has no place in it, and 1.0 would become 1."""
    try:
        if _has_fraction(data):
            raise _wrong("data")
        return rfc8785.dumps(dict(data))
    except (ValueError, RecursionError):
        raise _wrong("data") from None


def _has_fraction(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_fraction(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_has_fraction(inner) for inner in value)
    return isinstance(value, float)


def _signer(sealed: Mapping[str, Any]) -> SealCertificate:
    try:
        return read_certificate(_bytes(sealed, "cer"))
    except ValueError:
        raise _wrong("sig.cer") from None


def _certified(signer: SealCertificate, trust: Trust) -> TrustedKey:
    """Give the signer's key as a trusted authority certified it; raises :class:`CheckError`.

    It counts no longer than its authority: a seal says nowhere when it was signed.
    """
    authorities = authorities_of(signer, trust)
    if not authorities:
        raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
    for authority in authorities:
        if signer.is_signed_by(authority.key):
            return TrustedKey(
                signer.spki,
                (),
                signer.country,
                max(filter(None, (signer.not_before, authority.not_before))),
                min(filter(None, (signer.not_after, authority.not_after))),
            )
    if not signer.authority_id:
        raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
    raise CheckError("issuer", "The authority that it names has not certified who signed it.")


def _fits(signer: SealCertificate, algorithm: str, signature: bytes, signed: bytes) -> bool:
    """Check an ECDSA signature, given as R and S (IEEE P1363); DER does not count."""
    curve, hash_ = _ALGORITHMS[algorithm]
    try:
        key = signer.key
    except ValueError:
        return False
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != curve:
        return False
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        return False
    half = (int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
    try:
        key.verify(encode_dss_signature(*half), signed, ec.ECDSA(hash_))
    except InvalidSignature:
        return False
    return True


def _vaccinations(message: Mapping[str, Any]) -> dict[str, Any]:
    events = message.get("ve")
    if not isinstance(events, list) or not events:
        raise _wrong("data.msg.ve")
    return {
        "kind": VACCINATION_KIND,
        **_person(message),
        "certificateId": _text(message, "uvci", "data.msg.uvci"),
        "doses": [dose for event in events for dose in _doses(event)],
    }


def _doses(event: Any) -> Iterator[dict[str, Any]]:
    """Give each dose of one vaccine."""
    doses = event.get("vd") if isinstance(event, dict) else None
    if not isinstance(doses, list) or not doses:
        raise _wrong("data.msg.ve.vd")
    code = _text(event, "des", "data.msg.ve.des")
    for dose in doses:
        if not isinstance(dose, dict):
            raise _wrong("data.msg.ve.vd")
        lot = _text(dose, "lot", "data.msg.ve.vd.lot", needed=False)
        yield facts_only(
            {
                "vaccine": _text(event, "nam", "data.msg.ve.nam"),
                "codings": [{"system": "icd11", "code": code}],
                "date": _text(dose, "dvc", "data.msg.ve.vd.dvc"),
                "dose": _number(dose.get("seq")),
                "lot": "" if lot.casefold() in _UNKNOWN_LOTS else lot,
                "facility": _text(dose, "adm", "data.msg.ve.vd.adm", needed=False),
                "country": _text(dose, "ctr", "data.msg.ve.vd.ctr", needed=False),
            }
        )


def _counts_from(message: Mapping[str, Any], doses: list[dict[str, Any]]) -> date | None:
    """Give the tenth day after the first dose where all are of yellow fever (IHR, Annex 7).

    Of a seal that tells of other vaccines too each of these counts from its own day.
    """
    fever = all(
        any(_YELLOW_FEVER.fullmatch(str(event.get(name))) for name in ("des", "dis"))
        for event in message.get("ve", ())
    )
    days = [day for dose in doses if (day := day_of(dose["date"])) is not None]
    if not fever or not days:
        return None
    return min(days) + min(_PROTECTS_AFTER, date.max - min(days))


def _number(value: Any) -> int:
    """Read which dose it is: a number, or as some write it, a text of digits."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}", value):
        value = int(value)
    if type(value) is not int or not 0 < value < 100:
        raise _wrong("data.msg.ve.vd.seq")
    return value


def _test(message: Mapping[str, Any]) -> dict[str, Any]:
    place, time, result = (
        _mapping(message, name, f"data.msg.{name}") for name in ("sp", "dat", "tr")
    )
    return {
        "kind": TEST_KIND,
        **_person(message),
        "certificateId": _text(message, "utci", "data.msg.utci"),
        "date": _text(time, "sc", "data.msg.dat.sc"),
        "testType": _text(result, "tc", "data.msg.tr.tc"),
        "result": _text(result, "r", "data.msg.tr.r").capitalize(),
        "facility": _text(place, "spn", "data.msg.sp.spn", needed=False),
    }


def _person(message: Mapping[str, Any]) -> dict[str, Any]:
    """Give whose it is; a surname and what follows are kept apart where two blanks part them."""
    person = _mapping(message, "pid", "data.msg.pid")
    name = _text(person, "n", "data.msg.pid.n").strip()
    family, apart, given = name.partition("  ")
    number = _text(person, "dn", "data.msg.pid.dn", needed=False)
    sex = _text(person, "sex", "data.msg.pid.sex", needed=False)
    return {
        "name": " ".join(f"{given} {family}".split() if apart else name.split()),
        "familyName": family if apart else "",
        "givenName": given.strip() if apart else "",
        "birthDate": _text(person, "dob", "data.msg.pid.dob", needed=False),
        "gender": _GENDERS.get(sex, ""),
        "identity": _text(person, "i", "data.msg.pid.i", needed=False) or number,
    }


def _mapping(place: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    found = place.get(name)
    if not isinstance(found, dict):
        raise _wrong(path)
    return found


def _text(place: Mapping[str, Any], name: str, path: str, *, needed: bool = True) -> str:
    value = place.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > _LONGEST or (needed and not value.strip()):
        raise _wrong(path)
    return value.strip()


def _bytes(sealed: Mapping[str, Any], name: str) -> bytes:
    """Read base64 in either alphabet, padded or not: issuers differ in both."""
    value = sealed.get(name)
    try:
        plain = str(value).replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raise _wrong(f"sig.{name}") from None


def _wrong(field: str) -> CheckError:
    return CheckError("form", "The field {field} is of the wrong kind.", field=field)
