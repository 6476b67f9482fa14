"""A SMART Health Card at the desk: what of it is taken in, and what is shown of the rest."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from health_cards import REASONS, card, immunization, observation, patient
from keyring import signer
from verifying import StandingVerifier

from edge.credentials.document_signer import DocumentSigner
from edge.credentials.verdict import Verdict
from edge.domain.errors import Refusal
from edge.journal import views
from edge.node import Node
from edge.services.certificates.formats import load_formats
from edge.services.certificates.trust_lists import take_list
from edge.services.commands import RegisterPerson, ReportDoses
from edge.web.app import create_app
from edge.web.backend import Backend


@pytest.fixture
def clinic(node: Node, tmp_path: Path) -> DocumentSigner:
    """A clinic abroad whose SMART Health Cards this site trusts."""
    document = signer(node.clock.now() - timedelta(days=400), days=2000, use_days=2000)
    (key,) = document.trust().all_keys()
    assert isinstance(key.key, ec.EllipticCurvePublicKey)
    numbers = key.key.public_numbers()
    members = {name: url64(getattr(numbers, name).to_bytes(32)) for name in ("x", "y")}
    jwk = {"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", **members}
    jwks = {"keys": [{**jwk, "kid": document.thumbprint}]}
    (tmp_path / "jwks.json").write_text(json.dumps(jwks))
    take_list(node.lists, tmp_path / "jwks.json", node.clock.now())
    return document


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def shown_card(node: Node, clinic: DocumentSigner, *resources: dict[str, Any]) -> bytes:
    return card(clinic, node.clock.now() - timedelta(days=1), patient(), *resources)


def given(node: Node, days_ago: int = 40, **more: Any) -> dict[str, Any]:
    day = (node.clock.today() - timedelta(days=days_ago)).isoformat()
    return immunization(**{"occurrenceDateTime": day, **more})


def act(node: Node, command: RegisterPerson | ReportDoses) -> Any:
    with node.journal.reading() as db:
        by = node.site.catalogues.current(db).staff["S1"]
    return node.desk.take(node.site.ids.new(), command, by)


def almaz(node: Node, **more: Any) -> str:
    asked = {"name": "Almaz T.", "gender": "Female", "birth_date": date(1996, 2, 29), **more}
    return str(act(node, RegisterPerson(**asked)).id)


def take_in(node: Node, person: str, payload: bytes) -> list[Any]:
    told = ReportDoses(person=person, certificate=base64.b64encode(payload).decode())
    return list(act(node, told).entries)


def test_of_a_health_card_only_what_was_given_to_its_person_is_taken_in(
    node: Node, clinic: DocumentSigner
) -> None:
    person = almaz(node)
    payload = shown_card(
        node,
        clinic,
        given(node, 300, status="not-done"),
        given(node, 200, patient={"reference": "resource:9"}),
        given(
            node, 100, vaccineCode={"coding": [{"system": "https://local.example", "code": "04"}]}
        ),
        given(node, 40, lotNumber="GOOD"),
    )
    (told,) = take_in(node, person, payload)
    assert (told.body["vaccine"], told.body["lot"], told.body["number"]) == ("duomorb", "GOOD", 1)
    with pytest.raises(Refusal, match="recorded here already"):
        take_in(node, person, payload)


@pytest.mark.parametrize("name", REASONS)
def test_a_health_card_without_a_dose_that_counts_is_refused(
    node: Node, clinic: DocumentSigner, name: str
) -> None:
    changes = dict(REASONS[name][0])
    if name == "tomorrow":
        changes["occurrenceDateTime"] = (node.clock.today() + timedelta(days=2)).isoformat()
    person = almaz(node)
    with pytest.raises(Refusal, match="belongs to a programme"):
        take_in(node, person, shown_card(node, clinic, given(node, **changes)))
    with node.journal.reading() as db:
        assert views.history(db, person) == []


@pytest.mark.slow
def test_what_does_not_count_is_shown_with_its_reason_in_the_readers_language(
    node: Node, clinic: DocumentSigner
) -> None:
    payload = shown_card(node, clinic, given(node, status="not-done", lotNumber="NO"))
    browser = create_app(node.backend()).test_client()
    page = browser.post("/verify", data={"text": payload.decode()}).text
    assert "nothing on it counts as a dose" in page
    assert "This does not count as a dose:" in page
    assert "It was not given." in page
    answer = browser.post("/api/v1/verify", data=payload, headers={"Accept-Language": "fr"})
    (aside,) = answer.get_json()["claims"]["notCounted"]
    assert aside["reason"] == "Elle n’a pas été donnée."
    staff = create_app(node.backend()).test_client()
    assert staff.post("/sign-in", data={"code": "V1", "pin": "2468"}).status_code == 303
    carried = {"do": "scan", "certificate": base64.b64encode(payload).decode()}
    form = staff.post("/register", data=carried).text
    assert "None of its doses belongs to a programme here." in form
    assert "It was not given." in form


def test_a_laboratorys_result_is_shown_as_one(node: Node) -> None:
    document = signer(node.clock.now() - timedelta(days=400), days=2000, usages=())
    verdict = StandingVerifier(load_formats(), document.trust(), node.clock.now()).verify(
        card(document, node.clock.now() - timedelta(days=1), patient(), observation())
    )
    client = create_app(replace_verify(node, verdict)).test_client()
    page = client.post("/verify", data={"text": "shc:/1"}).text
    assert "<strong>VALID</strong>" in page
    assert "<dt>Result</dt><dd><bdi>Not detected</bdi></dd>" in page
    assert "<dt>Vaccine</dt>" not in page


def replace_verify(node: Node, verdict: Verdict) -> Backend:
    """A site that says this of whatever it is shown."""
    return replace(node.backend(), verify=lambda _payload, _asker: verdict)


def test_a_card_of_another_person_is_refused_by_birth_or_else_by_age_and_name(
    node: Node, clinic: DocumentSigner
) -> None:
    nameless = patient(birthDate=None)
    day = node.clock.now() - timedelta(days=1)

    def of(who: dict[str, Any]) -> bytes:
        return card(clinic, day, who, given(node))

    person = almaz(node)
    for who in (
        patient(birthDate="1996-03-01"),
        patient(birthDate="1996-03"),
        patient(birthDate="1997"),
        patient(birthDate=None, name=[{"family": "Somebody", "given": ["Else"]}]),
        patient(birthDate="1", name=[{"text": "Else"}]),
        patient(birthDate=None, name=None),
    ):
        with pytest.raises(Refusal, match="another one"):
            take_in(node, person, of(who))
    assert len(take_in(node, person, of(nameless))) == 1
    for who in (
        patient(birthDate="1996-02"),
        patient(birthDate="1996"),
        patient(birthDate="1996-00-00"),
    ):
        with pytest.raises(Refusal, match="recorded here already"):
            take_in(node, person, of(who))
    child = almaz(node, birth_date=node.clock.today() - timedelta(days=3), different_person=True)
    with pytest.raises(Refusal, match="before this person was born"):
        take_in(node, child, of(nameless))
