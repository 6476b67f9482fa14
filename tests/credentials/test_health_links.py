"""WHO's verifiable health links: who signed them is said, where they lead is nobody's business."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from keyring import signer
from verifying import LATER, StandingVerifier

from edge.credentials import cose, hcert
from edge.credentials.trust import Trust
from edge.services.certificates.formats import Formats

SIGNER = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
SECRET = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q"


def link(prefix: str = "vhlink:/", **more: Any) -> str:
    said = {"url": "https://moh.example/v1/manifest/7", "key": SECRET, "flag": "P", **more}
    packed = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    return prefix + packed


def health(value: Any) -> bytes:
    claims = {1: "XXD", 6: int(LATER.timestamp()) - 60, -260: {5: value}}
    return hcert.encode(cose.sign(cbor2.dumps(claims), SIGNER)).encode()


LINKS: dict[str, Any] = {
    "a text": link(label="Summary"),
    "a list of SMART's": [{"u": link("shlink:/", label="Summary")}],
    "behind a version": f"vhlink:/v1/{link(label='Summary')[8:]}",
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_is_told_with_its_signer_and_counts_as_nothing(formats: Formats, name: str) -> None:
    found = StandingVerifier(formats, SIGNER.trust()).verify(health(LINKS[name]))
    assert (found.verdict, found.checks["signature"]) == ("valid", "yes")
    assert dict(found.claims) == {"kind": "link", "label": "Summary", "issuer": "XXD"}
    assert "needs a line" in found.reason
    assert SECRET not in json.dumps(found.document())
    assert "moh.example" not in json.dumps(found.document())


def test_a_link_of_a_stranger_is_called_by_its_name_and_a_changed_one_is_found(
    formats: Formats,
) -> None:
    payload = health(link(label="Summary"))
    strange = StandingVerifier(formats, Trust()).verify(payload)
    assert (strange.verdict, strange.claims) == ("unreadable", {})
    assert "WHO VHL" in strange.reason
    message = bytearray(hcert.decode(payload.decode()))
    message[-1] ^= 1
    changed = hcert.encode(bytes(message)).encode()
    found = StandingVerifier(formats, SIGNER.trust()).verify(changed)
    assert (found.verdict, found.claims) == ("invalid", {})


def test_a_link_ends_when_it_says_so(formats: Formats) -> None:
    until = LATER + timedelta(days=2)
    verifier = StandingVerifier(formats, SIGNER.trust())
    payload = health(link(exp=until.timestamp()))
    assert verifier.verify(payload).document()["validUntil"] == "2026-11-27"
    assert verifier.verify(payload, timedelta(days=3)).verdict == "expired"


@pytest.mark.parametrize(
    "value", [7, "https://moh.example", [], [{}], {"u": 7}, "vhlink:" + "a" * 5000]
)
def test_a_link_of_another_form_is_called_by_its_name(formats: Formats, value: Any) -> None:
    found = StandingVerifier(formats, SIGNER.trust()).verify(health(value))
    assert (found.verdict, found.claims) == ("unreadable", {})
    assert "WHO VHL" in found.reason


@pytest.mark.parametrize(
    "text", ["vhlink:/", "vhlink:/%%", "vhlink:/W10", "vhlink:/eyJsYWJlbCI6N30"]
)
def test_of_a_link_that_tells_nothing_nothing_is_told(formats: Formats, text: str) -> None:
    found = StandingVerifier(formats, SIGNER.trust()).verify(health(text))
    assert (found.verdict, dict(found.claims)) == ("valid", {"kind": "link", "issuer": "XXD"})
