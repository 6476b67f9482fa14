"""Whose signature a document of the campaign counts under: the nation's own keys and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from documents import CARD, CARD_CONTENTS, certificates, describe_documents, record
from keyring import signer

from edge.credentials import compact_documents, documents
from edge.credentials.document_formats import documents_read
from edge.credentials.documents import DocumentTrust
from edge.credentials.signing import Ed25519Signer
from edge.credentials.trust import ANY_DID, ANY_NAME, Trust, TrustedKey, kid_name, spki
from edge.credentials.verifier import Verifier
from edge.domain.catalogue import Staff
from edge.node import Node
from edge.services.certificates.formats import load_formats
from edge.services.documents.certifying import claims_of


@pytest.fixture
def described(vouched: Node, tmp_path: Path) -> Node:
    describe_documents(vouched, tmp_path / "with-documents")
    return vouched


def test_a_key_that_is_trusted_for_another_nation_signs_no_document_of_this_one(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    id_, _ = record(described, staff("S1"), CARD, CARD_CONTENTS)
    texts = certificates(described, id_)[0].credentials
    with described.journal.reading() as db:
        catalogue = described.site.catalogues.current(db)
    formats = load_formats()
    trust = described.certifier.trust()
    for did, country in (("did:web:other.example", "XD"), (catalogue.issuer.did, "XO")):
        known = DocumentTrust(catalogue.ever.contexts, did, country)
        read = documents_read(lambda known=known: known, formats.contexts)  # type: ignore[misc]
        verifier = Verifier(formats.reading, trust, described=read)
        now = described.clock.now()
        verdicts = {
            name: verifier.verify(text.encode(), now).verdict for name, text in texts.items()
        }
        wrong = "vc" if did != catalogue.issuer.did else "cwt"
        assert verdicts.pop(wrong) == "unknown-issuer"
        assert set(verdicts.values()) == {"valid"}


def test_a_key_of_no_country_that_is_trusted_for_something_else_signs_no_document(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    """A pharmacy's card key has no country; a nation's keys that are not named count for any DID."""
    now = described.clock.now()
    card = signer(now)
    with described.journal.reading() as db:
        catalogue = described.site.catalogues.current(db)
    type_, today = catalogue.documents[CARD], described.clock.today()
    claims = claims_of(type_, "7Q4WZK2M9XDEA0TB", CARD_CONTENTS, catalogue, now, today)
    assert claims is not None
    method, ed25519 = f"{catalogue.issuer.did}:DEMO01#forged", Ed25519PrivateKey.generate()
    formats = load_formats()
    forged = {
        "cwt": compact_documents.issue(claims, card),
        "vc": documents.issue(claims, Ed25519Signer(ed25519, method), formats.contexts),
    }
    kid, lent = kid_name(card.kid), spki(card.key.public_key())
    other = spki(ed25519.public_key())
    known = DocumentTrust(catalogue.ever.contexts, catalogue.issuer.did, catalogue.issuer.country)

    def verdicts(*keys: TrustedKey) -> set[str]:
        read = documents_read(lambda: known, formats.contexts)
        verifier = Verifier(formats.reading, Trust.of(keys), described=read)
        return {verifier.verify(text.encode(), now).verdict for text in forged.values()}

    assert verdicts(
        TrustedKey(lent, (kid,), issuer="https://pharmacy.example"),
        TrustedKey(other, (ANY_DID,), "XO"),
    ) == {"unknown-issuer"}
    assert verdicts(
        TrustedKey(lent, (kid, "did:web:pharmacy.example#1")), TrustedKey(other, (ANY_DID,))
    ) == {"unknown-issuer"}
    assert verdicts(TrustedKey(lent, (ANY_NAME,)), TrustedKey(other, (ANY_NAME,))) == {
        "unknown-issuer"
    }
    assert verdicts(  # the nation's own, also beside the same key without a country
        TrustedKey(lent, (kid,), issuer="https://cards.example"),
        TrustedKey(lent, (kid,), "XD"),
        TrustedKey(other, (method,)),
    ) == {"valid"}
