"""VDS-NC: seals of passport authorities, those of two states and those of an invented one."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ExtensionOID
from seals import (
    Authority,
    authority,
    seal_signer,
    sealed,
    text64,
    vaccinated,
)
from seals import (
    tested as person_tested,
)
from verifying import LATER, StandingVerifier

from edge.credentials.trust import Trust
from edge.credentials.trust_files import TrustFile, read_trust
from edge.credentials.verdict import Verdict
from edge.services.certificates.formats import Formats

START = datetime(2026, 11, 1, tzinfo=UTC)
STATE = authority(START)
SIGNER = seal_signer(STATE, START)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authorities")


def listed(folder: Path, content: bytes) -> TrustFile:
    (folder / "list").write_bytes(content)
    return read_trust(folder / "list")


@pytest.fixture(scope="module")
def trust(folder: Path) -> Trust:
    return listed(folder, STATE.der).trust


def judged(
    formats: Formats, trust: Trust, seal: dict[str, Any] | str, at: datetime = LATER
) -> Verdict:
    text = seal if isinstance(seal, str) else json.dumps(seal)
    return StandingVerifier(formats, trust, at).verify(text.encode())


def test_australias_specimen_is_valid_under_australias_own_authority_and_not_when_changed(
    formats: Formats, shared_data: Path
) -> None:
    known = read_trust(shared_data / "vdsnc/aus-csca.pem").trust
    verifier = StandingVerifier(formats, known)
    found = verifier.verify((shared_data / "vdsnc/aus-specimen.json").read_bytes())
    assert (found.verdict, found.format) == ("valid", "vds-nc")
    assert (found.claims["familyName"], found.claims["givenName"]) == ("CITIZEN", "JOHN")
    assert [dose["date"] for dose in found.claims["doses"]] == ["2021-04-02", "2021-10-03"]
    assert "lot" not in found.claims["doses"][1], "the specimen says that it is not recorded"
    changed = verifier.verify((shared_data / "vdsnc/aus-specimen-changed-name.json").read_bytes())
    assert (changed.verdict, changed.checks["signature"]) == ("invalid", "no")


@pytest.mark.parametrize("name", ["jpn-specimen.json", "uto-seq-as-string.json"])
def test_a_seal_of_an_authority_that_nobody_trusts_is_read_and_its_issuer_unknown(
    formats: Formats, shared_data: Path, name: str
) -> None:
    found = judged(formats, Trust(), (shared_data / "vdsnc" / name).read_text())
    assert (found.verdict, found.checks["form"], found.claims) == ("unknown-issuer", "yes", {})


def test_a_seal_is_read_with_its_doses(formats: Formats, trust: Trust) -> None:
    found = judged(formats, trust, sealed(vaccinated(), SIGNER))
    assert (found.verdict, found.profile) == ("valid", "icao.vacc")
    told = {
        name: found.claims[name]
        for name in ("kind", "name", "birthDate", "identity", "date", "lot", "dose")
    }
    assert told == {
        "kind": "vaccination",
        "name": "ALMAZ MARIA TESFAYE",
        "birthDate": "1996-02-29",
        "identity": "L898902C3",
        "date": "2026-11-20",
        "lot": "4121Z025",
        "dose": 1,
    }
    assert found.claims["codings"] == [{"system": "icd11", "code": "XM68M6"}]


def spaced(seal: dict[str, Any]) -> str:
    turned = {name: dict(reversed(value.items())) for name, value in reversed(seal.items())}
    return json.dumps(turned, indent=2, ensure_ascii=True)


TOLERATED: dict[str, str] = {
    "padded": json.dumps(sealed(vaccinated(), SIGNER, padded=True)),
    "spaced, in another order, escaped": spaced(sealed(vaccinated(), SIGNER)),
    "blanks around": f"\ufeff \r\n{json.dumps(sealed(vaccinated(), SIGNER))}\r\n",
    "a dose's number as text": json.dumps(
        sealed(vaccinated(ve=[{"des": "XM68M6", "nam": "V", "vd": [{"dvc": "2026-11-20", "seq": "1", "lot": "L"}]}]), SIGNER)
    ),
    "a member nobody knows": json.dumps(sealed({**vaccinated(new="ü"), "more": {"é": [1, None, True]}}, SIGNER)),
    "P-384": json.dumps(sealed(vaccinated(), seal_signer(STATE, START, curve=ec.SECP384R1()), "ES384")),
    "P-521": json.dumps(sealed(vaccinated(), seal_signer(STATE, START, curve=ec.SECP521R1()), "ES512")),
    "no authority named": json.dumps(sealed(vaccinated(), seal_signer(STATE, START, identifies=False))),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLERATED)
def test_a_seal_is_valid_as_issuers_differ_in_writing_it(
    formats: Formats, trust: Trust, name: str
) -> None:
    assert judged(formats, trust, TOLERATED[name]).verdict == "valid"


def test_a_test_is_no_dose_and_its_signer_must_be_for_tests(formats: Formats, trust: Trust) -> None:
    found = judged(
        formats, trust, sealed(person_tested(), seal_signer(STATE, START, types=("NT",)))
    )
    assert (found.verdict, found.claims["kind"], found.claims["result"]) == (
        "valid",
        "test",
        "Negative",
    )
    assert judged(formats, trust, sealed(person_tested(), SIGNER)).checks["usage"] == "no"


def impostor() -> Authority:
    """Of the same name as the trusted one, and naming its key: only the key is another."""
    other = authority(START)
    return Authority(other.key, STATE.certificate)


def forged_authority() -> dict[str, Any]:
    other = authority(START)
    signer = seal_signer(other, START)
    own = STATE.certificate.extensions.get_extension_for_oid(
        ExtensionOID.SUBJECT_KEY_IDENTIFIER
    ).value
    theirs = other.certificate.extensions.get_extension_for_oid(
        ExtensionOID.SUBJECT_KEY_IDENTIFIER
    ).value
    der = signer.der.replace(theirs.public_bytes()[2:], own.public_bytes()[2:])
    return sealed(vaccinated(), type(signer)(signer.key, der))


def with_signature(raw: bytes) -> dict[str, Any]:
    seal = sealed(vaccinated(), SIGNER)
    return {**seal, "sig": {**seal["sig"], "sigvl": text64(raw)}}


def state_in(state: str) -> dict[str, Any]:
    data = vaccinated()
    return sealed({**data, "hdr": {**data["hdr"], "is": state}}, SIGNER)


def as_text(old: str, new: str, seal: dict[str, Any] | None = None) -> str:
    return json.dumps(seal or sealed(vaccinated(), SIGNER)).replace(old, new)


HOSTILE: dict[str, tuple[dict[str, Any] | str, str, str]] = {
    "another purpose": (sealed(vaccinated(), seal_signer(STATE, START, purpose="2.23.136.1.1.14.1")), "invalid", "usage"),
    "no purpose": (sealed(vaccinated(), seal_signer(STATE, START, purpose=None)), "invalid", "usage"),
    "for tests only": (sealed(vaccinated(), seal_signer(STATE, START, types=("NT",))), "invalid", "usage"),
    "for no documents": (sealed(vaccinated(), seal_signer(STATE, START, types=())), "invalid", "usage"),
    "another state": (state_in("AUS"), "invalid", "issuer"),
    "a state of one letter": (state_in("D"), "invalid", "issuer"),
    "a signer of another country": (sealed(vaccinated(), seal_signer(STATE, START, country="AU")), "invalid", "issuer"),
    "an authority that only has the name": (sealed(vaccinated(), seal_signer(authority(START), START)), "unknown-issuer", "issuer"),
    "an authority that has the name and the key's": (forged_authority(), "invalid", "issuer"),
    "signed by itself": (sealed(vaccinated(), type(SIGNER)(STATE.key, STATE.der)), "invalid", "signature"),  # type: ignore[arg-type]
    "an algorithm of another curve": (as_text('"ES256"', '"ES384"'), "invalid", "signature"),
    "no algorithm": (as_text('"ES256"', '"none"'), "invalid", "form"),
    "a signature in DER": (with_signature(encode_dss_signature(5, 6)), "invalid", "signature"),
    "nothing as signature": (with_signature(bytes(64)), "invalid", "signature"),
    "an empty signature": (with_signature(b""), "invalid", "signature"),
    "R of nothing": (with_signature(bytes(32) + b"\x01" * 32), "invalid", "signature"),
    "a name twice": (as_text('"n":', '"n": "OTHER  NAME", "n":'), "invalid", "form"),
    "a fraction": (as_text('"seq": 1', '"seq": 1.0'), "invalid", "form"),
    "a member outside": (json.dumps({**sealed(vaccinated(), SIGNER), "valid": True}), "invalid", "form"),
    "half a pair": (as_text('"Riverside"', '"\\ud800"'), "invalid", "form"),
    "a great number": (as_text('"seq": 1', '"seq": 9007199254740993'), "invalid", "form"),
    "nested deeply": (as_text('"Riverside"', "[" * 90 + "]" * 90), "invalid", "signature"),
    "no certificate": (as_text(text64(SIGNER.der), "AAAA"), "invalid", "form"),
    "letters that are no base64": (as_text(text64(SIGNER.der), "%%%"), "invalid", "form"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_seal_that_is_not_what_it_seems_does_not_count(
    formats: Formats, trust: Trust, name: str
) -> None:
    seal, word, check = HOSTILE[name]
    found = judged(formats, trust, seal)
    assert (found.verdict, found.checks[check]) == (word, "no"), found.document()
    assert found.claims == {}


@pytest.mark.parametrize("depth", [5_000, 30_000])
def test_a_seal_too_deep_to_be_read_is_refused_without_a_fault(
    formats: Formats, trust: Trust, depth: int
) -> None:
    found = judged(formats, trust, as_text('"Riverside"', "[" * depth + "]" * depth))
    assert found.verdict in ("invalid", "unreadable")


def test_a_changed_letter_of_what_is_signed_is_found(formats: Formats, trust: Trust) -> None:
    seal = sealed(vaccinated(), SIGNER)
    text = json.dumps(seal["data"])
    verifier = StandingVerifier(formats, trust)
    tried = 0
    for place, letter in enumerate(text):
        if not letter.isalnum() or place % 2:
            continue
        changed = text[:place] + ("7" if letter != "7" else "8") + text[place + 1 :]
        found = verifier.verify(f'{{"data": {changed}, "sig": {json.dumps(seal["sig"])}}}'.encode())
        assert not found.good, (place, letter)
        tried += 1
    assert tried > 80


def test_a_seal_counts_while_its_signer_and_the_authority_do(
    formats: Formats, folder: Path
) -> None:
    short = authority(START, days=300)
    trust = listed(folder, short.der).trust
    seal = sealed(vaccinated(), seal_signer(short, START + timedelta(days=2)))
    words = [
        judged(formats, trust, seal, START + timedelta(days=days)).verdict for days in (1, 100, 301)
    ]
    assert words == ["not-yet-valid", "valid", "expired"]


@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(65537, 3072), ec.generate_private_key(ec.SECP521R1())]
)
def test_an_authority_may_sign_with_rsa_or_on_another_curve(
    formats: Formats, folder: Path, key: Any
) -> None:
    other = authority(START, key)
    trust = listed(folder, other.der).trust
    assert (
        judged(formats, trust, sealed(vaccinated(), seal_signer(other, START))).verdict == "valid"
    )


def test_who_signs_documents_certifies_nobody(formats: Formats, folder: Path) -> None:
    """The key of a trusted document signer is found by no seal: it is no authority."""
    signer = seal_signer(STATE, START)
    trust = listed(folder, signer.der).trust
    below = seal_signer(Authority(signer.key, STATE.certificate), START)
    assert judged(formats, trust, sealed(vaccinated(), below)).verdict == "unknown-issuer"


class _Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = asn1.Certificate


class _List(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("certificates", _Certificates)]  # noqa: RUF012


def master_list(*authorities: Authority) -> bytes:
    listed = [asn1.Certificate.load(each.der) for each in authorities]
    return bytes(_List({"version": 0, "certificates": listed}).dump())


def in_message(content: bytes) -> bytes:
    inner = {"content_type": "2.23.136.1.1.2", "content": core.ParsableOctetString(content)}
    signed = cms.SignedData(
        {"version": "v3", "digest_algorithms": [], "encap_content_info": inner, "signer_infos": []}
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


@pytest.mark.parametrize("form", ["bare", "message", "text"])
def test_a_master_list_brings_every_authority_in_it(
    formats: Formats, folder: Path, form: str
) -> None:
    other = authority(START, country="AU")
    content = master_list(STATE, other)
    if form != "bare":
        content = in_message(content)
    if form == "text":
        content = base64.encodebytes(content)
    found = listed(folder, content)
    assert (len(found.keys), found.left_out) == (2, ())
    assert judged(formats, found.trust, sealed(vaccinated(), SIGNER)).verdict == "valid"


def test_an_authority_with_a_null_that_does_not_belong_is_read(
    formats: Formats, folder: Path
) -> None:
    """Japan's has one behind ECDSA: what is strict about it refuses the whole state."""
    loaded = asn1.Certificate.load(STATE.der)
    odd = asn1.Certificate.load(STATE.der)
    for place in (odd["tbs_certificate"]["signature"], odd["signature_algorithm"]):
        place["parameters"] = core.Null()
    der = odd.dump(force=True)
    assert der != loaded.dump()
    found = listed(folder, der)
    assert judged(formats, found.trust, sealed(vaccinated(), SIGNER)).verdict == "valid"


@pytest.mark.parametrize("code", [{"des": "XM0N24"}, {"dis": "1D47"}, {"dis": "1D47.Z"}])
def test_a_seal_of_yellow_fever_alone_counts_from_the_tenth_day(
    formats: Formats, trust: Trust, code: dict[str, str]
) -> None:
    fever = {"des": "XM1", "nam": "Stamaril", "vd": [{"dvc": "2026-11-20", "seq": 1, "lot": "L"}]}
    other = {**fever, "des": "XM68M6"}
    fever = {**fever, **code}
    words = [
        judged(formats, trust, sealed(vaccinated(ve=events), SIGNER), at)
        for events, at in (
            ([fever], LATER),
            ([fever], LATER + timedelta(days=5)),
            ([fever, other], LATER),
        )
    ]
    assert [found.verdict for found in words] == ["not-yet-valid", "valid", "valid"]
    assert words[0].document()["validFrom"] == "2026-11-30"
