"""Whatever is shown to the verifier, it answers in words, soon, and never falls over."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from shares import share
from verifying import StandingVerifier

from edge.credentials.packing import in_archive, pack
from edge.credentials.reading import shown_in

Document = dict[str, Any]


def zipped(name: str, content: bytes, copies: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for index in range(copies - 1):
            archive.writestr(f"other-{index}", b"x")
    return buffer.getvalue()


def picture(text: str = "") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (200, 200), 255).save(buffer, format="PNG")
    return buffer.getvalue() + text.encode()


HOSTILE: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "not a certificate in a form known here"),
    ("spaces", b"   \n", "not a certificate in a form known here"),
    ("prose", "Grüße aus dem Dorf".encode(), "not a certificate in a form known here"),
    ("a number", b"12345", "not a certificate in a form known here"),
    ("a list", b"[]", "not a certificate in a form known here"),
    ("another object", b'{"a": 1}', "not a certificate in a form known here"),
    ("broken JSON", b'{"credentialSubject": ', "not a certificate in a form known here"),
    ("not a number", b'{"credentialSubject": NaN}', "not a certificate in a form known here"),
    ("bytes that are no text", b"\xff\xfe\x00\x01", "not a certificate in a form known here"),
    (
        "half a character",
        b'{"credentialSubject": "\xc3"}',
        "not a certificate in a form known here",
    ),
    ("a deep nest", b'{"credentialSubject":' + b"[" * 50_000, "not a certificate in a form"),
    (
        "a giant number",
        b'{"credentialSubject":' + b"9" * 50_000 + b"}",
        "not a certificate in a form",
    ),
    ("ten megabytes", b"x" * 10_000_000, "too large"),
    ("a hundred kilobytes of text", b"x" * 100_000, "too large"),
    ("a broken archive", b"PK\x03\x04 and nothing more", "archive in this code is damaged"),
    ("an archive of something else", zipped("photo.jpg", b"x"), "holds no certificate"),
    (
        "an archive of many things",
        zipped("certificate.json", b"{}", copies=9),
        "holds no certificate",
    ),
    ("an archive that explodes", zipped("certificate.json", b"0" * 30_000_000), "too large"),
    (
        "an archive of bytes",
        zipped("certificate.json", b"\xff\xff"),
        "archive in this code is damaged",
    ),
    (
        "a cut archive",
        zipped("certificate.json", b"{}" * 500)[:-30],
        "archive in this code is damaged",
    ),
    ("an empty picture", picture(), "no readable QR code"),
    ("half a picture", picture()[:40], "picture cannot be opened"),
    ("a false picture", b"\x89PNG and nothing more", "picture cannot be opened"),
]


@pytest.mark.parametrize(
    ("payload", "sentence"), [pytest.param(data, text, id=name) for name, data, text in HOSTILE]
)
def test_what_is_no_certificate_is_called_unreadable(
    verifier: StandingVerifier, payload: bytes, sentence: str
) -> None:
    verdict = verifier.verify(payload)
    assert verdict.verdict == "unreadable"
    assert sentence in verdict.reason


def test_the_same_field_twice_is_refused_whichever_is_signed(
    verifier: StandingVerifier, issued: Document
) -> None:
    text = json.dumps(issued)
    doubled = text.replace('"issuer":', '"issuer": "https://evil.example/", "issuer":', 1)
    verdict = verifier.verify(doubled.encode())
    assert (verdict.verdict, verdict.reason) == (
        "invalid",
        "The certificate has the same field twice.",
    )


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("field", ["created", "expirationDate"])
def test_a_moment_that_no_calendar_has_in_utc_is_a_field_of_the_wrong_kind(
    verifier: StandingVerifier, issued: Document, field: str, moment: str
) -> None:
    (issued["proof"] if field == "created" else issued)[field] = moment
    verdict = verifier.verify(json.dumps(issued).encode())
    assert (verdict.verdict, verdict.reason) == (
        "invalid",
        "The field {field} is of the wrong kind.",
    )


@pytest.mark.slow
@settings(max_examples=share(300))
@given(data=st.binary(max_size=300), text=st.text(max_size=200))
def test_any_bytes_at_all_get_a_verdict_and_are_never_valid(
    verifier: StandingVerifier, data: bytes, text: str
) -> None:
    for payload in (
        data,
        text.encode("utf-8", "surrogatepass"),
        b"PK" + data,
        b"\xff\xd8\xff" + data,
    ):
        assert verifier.verify(payload).verdict in ("unreadable", "invalid")


@settings(max_examples=share(200))
@given(position=st.integers(0, 10**6))
def test_one_flipped_bit_in_the_code_changes_nothing_or_is_found(
    verifier: StandingVerifier, payload: bytes, position: int
) -> None:
    changed = bytearray(payload)
    changed[position // 8 % len(payload)] ^= 1 << (position % 8)
    if verifier.verify(bytes(changed)).verdict == "valid":
        # some bits of a ZIP's headers carry nothing: then the text is the one that was signed
        assert text_in(bytes(changed)) == text_in(payload)


def text_in(payload: bytes) -> str:
    (shown,) = shown_in(payload)
    return in_archive(shown)


@pytest.fixture(scope="module")
def payload(signed_text: str, verifier: StandingVerifier) -> bytes:
    packed = pack(signed_text)
    assert verifier.verify(packed).verdict == "valid"
    return packed
