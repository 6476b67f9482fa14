"""A certificate of an invented person, and what signs and checks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from page_verifier import PageVerifier, page_verifier
from requirements import missing
from verifying import StandingVerifier

from edge.credentials import divoc
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.domain.certificate import Claims
from edge.domain.people import Address
from edge.services.certificates.formats import Formats, load_formats
from sync.resources import resource

NOW = datetime(2026, 11, 24, 9, 30, 0, 123000, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Ed25519Signer(KEY, "did:demo:moh:DEMO01#k1")
TRUST = Trust.of([TrustedKey(spki(KEY.public_key()), (SIGNER.verification_method,))])


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageVerifier | None]:
    """The offline page's verifier, in Node; None where there is no Node."""
    with page_verifier(tmp_path_factory.mktemp("page")) as found:
        yield found


@pytest.fixture(autouse=True)
def page_is_asked_as_well(page: PageVerifier | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the offline page whatever a test here shows the site computer, and compare."""
    monkeypatch.setattr(StandingVerifier, "page", page)


@pytest.fixture
def offline_page(page: PageVerifier | None) -> PageVerifier:
    """The page's verifier for tests that need it."""
    return page if page is not None else missing("Node.js")


@pytest.fixture(scope="session")
def canonicaliser() -> Canonicaliser:
    return Canonicaliser(resource("edge/credentials/contexts"))


@pytest.fixture(scope="session")
def formats() -> Formats:
    return load_formats()


@pytest.fixture(scope="session")
def verifier(formats: Formats) -> StandingVerifier:
    return StandingVerifier(formats, TRUST)


@pytest.fixture(scope="session")
def signer() -> Ed25519Signer:
    return SIGNER


@pytest.fixture(scope="session")
def signed_text(claims: Claims, canonicaliser: Canonicaliser) -> str:
    return divoc.issue(claims, SIGNER, canonicaliser)


@pytest.fixture(scope="session")
def claims() -> Claims:
    return Claims(
        certificate_id="7Q4WZK2M9XDEA0TB",
        subject_id="did:demo:moh:ABCDEF123456",
        ref_id="ABCDEF123456",
        name="አልማዝ ተስፋዬ",
        gender="Female",
        age=30,
        nationality="Demolander",
        birth_date=date(1996, 2, 29),
        address=Address(district="North"),
        vaccine="CoviProtect",
        manufacturer="Demo Pharma",
        icd11="XM0GQ8",
        prophylaxis="COVID-19 vaccine, RNA based",
        lot="4121Z025",
        given_at=NOW,
        on=NOW.date(),
        effective_until=date(2026, 12, 22),
        dose=1,
        total_doses=2,
        vaccinator="Asha Rao",
        facility="Riverside Health Centre",
        facility_address=Address(addressLine1="1 River Road", state="Delta"),
        country="XD",
        issuer="https://moh.demo.example/",
        base_url="https://moh.demo.example/c/",
        issued_at=NOW,
    )


@pytest.fixture
def issued(signed_text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(signed_text)
    return document
