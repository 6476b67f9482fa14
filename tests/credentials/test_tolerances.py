"""What is forgiven when others' certificates are read: each row of the table, and nothing of it when issuing."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import base45
import cbor2
import pytest
from health_cards import card, immunization, patient
from health_certificates import change, contents, parts, wrapped
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring import signer
from ruamel.yaml import YAML
from shares import share
from verifying import LATER, StandingVerifier

from edge.credentials import hcert, shc_text
from edge.credentials.code_text import trimmed
from edge.credentials.profiles import read_profiles
from edge.credentials.tolerances import TOLERANCES
from edge.credentials.trust_files import read_trust
from edge.credentials.verdict import CheckError
from edge.domain.counting import DOSE_NOUGHT
from edge.services.certificates.formats import Formats
from sync.resources import resource

START = datetime(2026, 11, 1, tzinfo=UTC)
DOCUMENT = signer(START, usages=())
TEXT = parts(DOCUMENT).decode()
MESSAGE = hcert.decode(TEXT)
INSIDE = TEXT.removeprefix("HC1:")
SIMPLE = [
    cbor2.undefined,
    None,
    cbor2.CBORSimpleValue(0),
    cbor2.CBORSimpleValue(19),
    cbor2.CBORSimpleValue(255),
]
TABLES = resource("config/credentials")


def health(*changes: Callable[[dict[Any, Any]], None]) -> bytes:
    claims = contents()
    for changed in changes:
        changed(claims)
    return parts(DOCUMENT, payload=cbor2.dumps(claims))


def claim(number: int, value: Any) -> bytes:
    return health(lambda claims: claims.update({number: value}))


def behind(more: bytes) -> bytes:
    return wrapped(MESSAGE, behind=more)


def yellow_card(**dose: Any) -> bytes:
    person = {"n": "Almaz Tesfaye", "dob": "1996-02-29", "s": "F"}
    event = {"vp": "YellowFeverProduct1", "dt": "2026-11-02", "bo": "L1", "cn": "Clinic", **dose}
    issued = int(START.timestamp())
    return parts(
        DOCUMENT, payload=cbor2.dumps({1: "XD", 6: issued, -260: {-6: {**person, "v": [event]}}})
    )


def padded_card(more: bytes) -> bytes:
    """A SMART Health Card whose compressor left bytes behind: they are signed with it."""
    head, body, _ = shc_text.decode(
        card(DOCUMENT, LATER, patient(), immunization()).decode()
    ).split(".")
    packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)) + more
    signed = f"{head}.{base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}"
    signature = base64.urlsafe_b64encode(DOCUMENT.sign(signed.encode())).rstrip(b"=").decode()
    return shc_text.encode(f"{signed}.{signature}")


KID = base64.b64encode(DOCUMENT.kid).decode()
WITHOUT_TAG = cbor2.loads(MESSAGE).value
NO_EVENT: tuple[Any, ...] = (None, [], [None], {}, "", [None, None])
FORGIVEN: dict[str, list[bytes]] = {
    "around-the-code": [
        f"{before}{TEXT}{after}".encode()
        for before in ("", "\ufeff", " ", "\r\n\t ", "\ufeff \u200b\u00a0", "\u2028\u200e")
        for after in ("", " ", "\n", "   \r\n\r\n", "\u00a0\u200b", "\0", "\ufeff")
    ] + ["\ufeff shc:/".encode() + card(DOCUMENT, LATER, patient(), immunization())[5:],
         TEXT.encode("utf-16"), b"\xfe\xff" + TEXT.encode("utf-16-be")],
    "broken-lines": [
        break_.join([TEXT[:60], TEXT[60:177], TEXT[177:]]).encode()
        for break_ in ("\n", "\r\n", "\r", "\n   ", " \r\n", "\u2028", "\x0b", "\x85", "\n\n")
    ],
    "small-letters": [TEXT.lower().encode(), f"hc1:{INSIDE}".encode(), f"Hc1:{INSIDE.swapcase()}".encode(),
                      b"SHC:/" + card(DOCUMENT, LATER, patient(), immunization())[5:]],
    "blanks-in-the-prefix": [f"{prefix}{INSIDE}".encode() for prefix in ("HC1: ", "HC1 :", " HC1 : ", "HC1:\n", "HC1:\u00a0")],
    "behind-the-stream": [
        made(more) for made in (behind, padded_card) for more in (b"\0", b"\0\0\0\0", b"\r\n", b"tail", bytes(300))
    ],
    "tags": [
        parts(DOCUMENT, value=WITHOUT_TAG), parts(DOCUMENT, value=cbor2.CBORTag(61, cbor2.CBORTag(18, WITHOUT_TAG))),
        parts(DOCUMENT, value=cbor2.CBORTag(55799, cbor2.CBORTag(18, WITHOUT_TAG))),
        parts(DOCUMENT, value=cbor2.CBORTag(61, WITHOUT_TAG)),
    ],
    "unprotected": [
        parts(DOCUMENT, header={1: -7}, unprotected={4: DOCUMENT.kid}), parts(DOCUMENT, header={}, unprotected={1: -7, 4: DOCUMENT.kid}),
        parts(DOCUMENT, protected=b"", unprotected={1: -7, 4: DOCUMENT.kid}), parts(DOCUMENT, unprotected={1: -37, 4: b"other"}),
    ],
    "kid-in-letters": [parts(DOCUMENT, header={1: -7, 4: kid}) for kid in (KID, KID.rstrip("="), KID.encode(), DOCUMENT.kid.hex())],
    "nothing": [
        health(change(place, value)) for value in SIMPLE
        for place in ("nam.fn", "nam.gn", "nam.gnt", "t", "r", "anything")
    ],
    "empty-groups": [health(change(group, value)) for group in "tr" for value in NO_EVENT]
        + [health(change("v", [None, contents()[-260][1]["v"][0], None]))],
    "blanks-around-texts": [
        health(change(f"v.0.{name}", f"{before}{contents()[-260][1]['v'][0][name]}{after}"))
        for name in ("tg", "vp", "mp", "ma", "co", "is", "ci", "dt")
        for before, after in ((" ", ""), ("", "  "), ("\t", "\r\n"), ("\u00a0", "\u200b"), ("\ufeff", "\0"), (" \u200b ", "\u200e \ufeff"))
    ] + [health(change("ver", " 1.3.0 "))],
    "standard-name": [
        health(change(f"nam.{name}", value)) for name in ("fnt", "gnt")
        for value in ("O'BRIEN", "SMITH-JONES", "VAN DER BERG", "MÜLLER", "abc", "D’ARC", "X2", "ТЕСТ", "A.B.", "TESFAYE<")
    ],
    "birth-date": [
        health(change("dob", value))
        for value in ("", "1990", "1990-06", "1990-06-15T00:00:00", "1990-06-15T00:00:00.000Z", "1990-XX-XX", "1990-06-XX", "XXXX-XX-XX",
                      "15.06.1990", "1990/06/15", "19900615", "unknown", " 1990-06-15 ", "1890-01-01", "1990-00-00", *SIMPLE)
    ],
    "date": [
        health(change("v.0.dt", value))
        for value in ("2026-11-02T09:30:00Z", "2026-11-02 09:30", "20261102", "02.11.2026", "2026-11", "2026", "in spring", "2026-11-02T")
    ] + [yellow_card(dt="2026-11-02T00:00:00")],
    "dose-number": [health(change(f"v.0.{name}", value)) for name in ("dn", "sd") for value in (0, -1, 2.0, 10, 99, 0.0)],
    "country": [health(change("v.0.co", value)) for value in ("", "xd", "Xd", "Demoland")],
    "moments": [
        claim(number, value) for number, ahead in ((4, 10**6), (6, -3600))
        for at in (int(LATER.timestamp()) + ahead,)
        for value in (float(at), at + 0.25, cbor2.CBORTag(1, at), cbor2.CBORTag(0, datetime.fromtimestamp(at, UTC).isoformat()),
                      datetime.fromtimestamp(at, UTC).isoformat(), datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z"))
    ] + [health(change("v.0.dt", cbor2.CBORTag(0, "2026-11-02T00:00:00Z")))],
    "one-or-a-list": [yellow_card(), parts(DOCUMENT, payload=cbor2.dumps(
        {1: "XD", 6: int(START.timestamp()), -260: {-6: {"n": "Almaz", "dob": "1996", "v": {"vp": "YF", "dt": "2026-11-02", "bo": "L"}}}}))],
    "more-fields": [health(change("x", {"y": [1, 2]})), health(change("v.0.zz", "new")), claim(99, "new"), claim(-65537, b"new")],
}  # fmt: skip


def test_each_row_of_the_table_is_tried_and_nothing_else_is_forgiven() -> None:
    assert [row.name for row in TOLERANCES] == list(FORGIVEN)
    assert all(len(FORGIVEN[row.name]) > 1 for row in TOLERANCES)


@pytest.mark.parametrize("name", FORGIVEN)
def test_what_the_table_forgives_is_valid(formats: Formats, name: str) -> None:
    verifier = StandingVerifier(formats, DOCUMENT.trust())
    for payload in FORGIVEN[name]:
        verdict = verifier.verify(payload)
        assert verdict.verdict == "valid", (payload, verdict)
        assert verdict.checks["signature"] == "yes"


@pytest.mark.parametrize("name", FORGIVEN)
def test_what_is_forgiven_never_makes_a_strangers_certificate_valid(
    formats: Formats, name: str
) -> None:
    verifier = StandingVerifier(formats, signer(START, usages=()).trust())
    for payload in FORGIVEN[name]:
        verdict = verifier.verify(payload)
        assert (verdict.verdict, verdict.claims) == ("unknown-issuer", {})


def test_a_code_is_shown_without_the_blanks_around_it_and_a_name_as_it_is_signed(
    formats: Formats,
) -> None:
    verdict = StandingVerifier(formats, DOCUMENT.trust()).verify(
        health(change("v.0.mp", " EU/1/20/1528\u00a0"), change("nam.fn", "STARK "))
    )
    assert {"system": "product", "code": "EU/1/20/1528"} in verdict.claims["codings"]
    assert verdict.claims["familyName"] == "STARK "


@pytest.mark.parametrize("value", [0, -1, -99, 0.0])
def test_a_dose_of_no_number_is_genuine_and_does_not_count(formats: Formats, value: Any) -> None:
    payload = health(change("v.0.dn", value))
    verdict = StandingVerifier(formats, DOCUMENT.trust()).verify(payload)
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "uncounted")
    assert verdict.claims["notCounted"][0]["reason"] == DOSE_NOUGHT


@pytest.mark.parametrize("value", ["20261102", "02.11.2026", "2026-11", "in spring", "2026-02-31"])
def test_what_is_no_day_is_genuine_and_does_not_count(formats: Formats, value: str) -> None:
    verdict = StandingVerifier(formats, DOCUMENT.trust()).verify(health(change("v.0.dt", value)))
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "uncounted")


def test_every_blank_and_what_is_invisible_is_trimmed_soon() -> None:
    blanks = "".join(filter(str.isspace, map(chr, range(0x11000))))
    assert trimmed(f"{blanks}\u200b x {blanks}\ufeff") == "x"
    assert trimmed("\u200b " * 500_000) == ""


STRICT: dict[str, bytes] = {
    "another prefix": f"HC2:{INSIDE}".encode(),
    "no prefix": INSIDE.encode(),
    "half a prefix": f"C1:{INSIDE}".encode(),
    "a quotation mark": f'"{TEXT}"'.encode(),
    "a stream that is cut": b"HC1:" + base45.b45encode(zlib.compress(MESSAGE)[:-3]),
    "a stream with a wrong checksum": b"HC1:" + base45.b45encode(zlib.compress(MESSAGE)[:-1] + b"\0"),
    "something behind the message": wrapped(MESSAGE + b"\0"),
    "two groups": health(change("t", [{"tg": "1"}])),
    "two doses": health(lambda claims: claims[-260][1]["v"].append(claims[-260][1]["v"][0])),
    "an empty dose": health(change("v", [None])),
    "half a dose": health(change("v.0.dn", 0.5)),
    "a limit that is no day": parts(DOCUMENT, payload=cbor2.dumps({1: "XD", -260: {1: {
        "ver": "1.3.0", "nam": {"fnt": "X"}, "dob": "", "r": [{"tg": "1", "fr": "2026-11-02", "co": "XD", "is": "M",
        "df": "soon", "du": "2027-01-01", "ci": "1"}]}}})),
    "undefined where a vaccine must be": health(change("v.0.mp", cbor2.undefined)),
    "null where a day must be": health(change("v.0.dt", None)),
    "a birth date that is missing": health(change("dob", ...)),
    "the same key twice": parts(DOCUMENT, protected=bytes.fromhex("a201260126")),
    "a header that must be understood": parts(DOCUMENT, header={1: -7, 2: [4], 4: DOCUMENT.kid}),
    "blanks behind a card": card(DOCUMENT, LATER, patient(), immunization()) + b"\t \n",
}  # fmt: skip


@pytest.mark.parametrize("name", STRICT)
def test_what_protects_stays_strict(formats: Formats, name: str) -> None:
    verdict = StandingVerifier(formats, DOCUMENT.trust()).verify(STRICT[name])
    assert verdict.verdict in ("invalid", "unreadable"), verdict


def tables() -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for path in sorted(TABLES.glob("*.yaml")):
        table = YAML(typ="safe").load(path)
        found += [(path.stem, name, form) for name, form in table["forms"].items()]
    return found


def test_what_a_table_of_contents_tolerates_is_a_row() -> None:
    named = {form["tolerated"] for _, _, form in tables() if "tolerated" in form}
    assert named
    assert named <= {row.name for row in TOLERANCES}


FACTS: dict[str, Any] = {
    "familyName": "Tesfaye", "familyNameMrz": "TESFAYE", "givenNameMrz": "ALMAZ", "birthDate": "1996-02-29", "disease": "840539006",
    "prophylaxis": "1119349007", "product": "EU/1/20/1528", "holder": "ORG-1", "dose": 1, "totalDoses": 2, "date": "2026-11-02",
    "country": "XD", "issuer": "MoH", "uvci": "URN:UVCI:01:XD:1", "latinName": "Almaz Tesfaye", "icvpProduct": "YF", "lot": "L1",
    "facility": "Clinic", "participant": "XD",
}  # fmt: skip
NOT_ISSUED: list[tuple[str, str, Any]] = [
    *(("dcc", "familyNameMrz", value) for value in ("O'BRIEN", "VAN DER", "SMITH-JONES", "abc", "MÜLLER")),
    *((table, "birthDate", value) for table in ("dcc", "icvp") for value in ("1990-XX-XX", "1990-06-15T00:00:00", "15.06.1990", "unknown")),
    *((table, "date", value) for table in ("dcc", "icvp") for value in ("2026-11-02T00:00:00", "2026-11", "20261102", "")),
    *(("dcc", name, value) for name in ("dose", "totalDoses") for value in (0, -1, 2.0, "1", True)),
    *(("dcc", "country", value) for value in ("", "xd", " XD")),
]  # fmt: skip


ISSUED = {"dcc": ["dcc-1.3"], "icvp": ["icvp-2025", "icvp-2026"]}


@pytest.mark.parametrize(("table", "fact", "value"), NOT_ISSUED)
def test_nothing_of_it_is_issued(table: str, fact: str, value: Any) -> None:
    for profile in (one for one in read_profiles(TABLES) if one.called in ISSUED[table]):
        profile.write(FACTS, next(iter(profile.kinds)))
        with pytest.raises(CheckError):
            profile.write({**FACTS, fact: value}, next(iter(profile.kinds)))


def test_what_is_issued_has_one_form() -> None:
    profile = next(one for one in read_profiles(TABLES) if one.name == "dcc")
    text = hcert.issue(profile, FACTS, DOCUMENT, issuer="XD", issued_at=START, expires_at=LATER)
    assert re.fullmatch(r"HC1:[0-9A-Z $%*+\-./:]+", text)
    inflater = zlib.decompressobj()
    message = cbor2.loads(inflater.decompress(base45.b45decode(text.removeprefix("HC1:"))))
    assert (inflater.eof, inflater.unused_data) == (True, b"")
    protected, unprotected, payload, _ = message.value
    assert (message.tag, unprotected) == (18, {})
    assert cbor2.loads(protected) == {1: -7, 4: DOCUMENT.kid}
    claims = cbor2.loads(payload)
    assert (type(claims[4]), type(claims[6]), list(claims[-260][1])) == (
        int,
        int,
        ["ver", "nam", "dob", "v"],
    )


def test_the_page_on_certificates_has_each_row() -> None:
    page = (Path(__file__).parents[2] / "docs/credentials.md").read_text(encoding="utf-8")
    for row in TOLERANCES:
        assert f"| `{row.name}` | {row.what} | {row.source} | {row.safe} |" in page


AROUND = st.text(st.sampled_from(" \t\r\n\ufeff\u00a0\u200b\u2028"), max_size=6)
BREAKS = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from(["\n", "\r\n", "\r", "\u2028"])), max_size=6
)


@pytest.mark.slow
@settings(max_examples=share(150))
@given(before=AROUND, after=AROUND, breaks=BREAKS, small=st.booleans())
def test_however_a_code_is_left_it_is_the_same_certificate(
    formats: Formats, before: str, after: str, breaks: list[tuple[int, str]], small: bool
) -> None:
    text = TEXT
    for place, break_ in sorted(breaks, reverse=True):
        text = text[:place] + break_ + text[place:]
    left = f"{before}{text.lower() if small else text}{after}"
    assert StandingVerifier(formats, DOCUMENT.trust()).verify(left.encode()).verdict == "valid"


@pytest.mark.slow
def test_the_vectors_of_the_eu_keep_their_verdict_however_their_codes_are_left(
    shared_data: Path, formats: Formats, tmp_path: Path
) -> None:
    """Every vector, with what is forgiven around it: the same verdict, and the same claims."""
    tried = 0
    for file in sorted((shared_data / "hcert/dgc-testdata").rglob("*.json")):
        vector = json.loads(file.read_text())
        (tmp_path / "signer").write_text(vector["TESTCTX"]["CERTIFICATE"])
        stated = vector["TESTCTX"].get("VALIDATIONCLOCK") or "2021-06-01T00:00:00+00:00"
        at = datetime.fromisoformat(stated)
        verifier = StandingVerifier(
            formats,
            read_trust(tmp_path / "signer").trust,
            at if at.tzinfo else at.replace(tzinfo=UTC),
        )
        text = vector["PREFIX"]
        first = verifier.verify(text.encode())
        if first.verdict == "unreadable" or not text.startswith("HC1:"):
            continue
        packed = zlib.compress(hcert.decode(text)) + b"\0\0"
        for left in (
            f"\ufeff \r\n{text} \n",
            text.lower(),
            "\r\n".join(text[place : place + 76] for place in range(0, len(text), 76)),
            f"HC1: {base45.b45encode(packed).decode()}",
        ):
            verdict = verifier.verify(left.encode())
            assert (verdict.verdict, verdict.claims) == (first.verdict, first.claims), file
            tried += 1
    assert tried > 600
