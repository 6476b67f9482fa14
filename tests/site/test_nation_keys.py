"""What the nation publishes covers every format that its sites sign, also DIVOC's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from site_factory import vouch_for

from edge.domain.catalogue import Staff
from edge.node import Node
from edge.services.certificates.next_signer import next_request
from edge.services.commands import GiveDose
from sync.protocol.paper_keys import PAPER_KEYS, key_name, paper_keys, vouched_by_request
from sync.registry.authority import Authority, AuthorityError
from sync.registry.trust_documents import did_document

START = datetime(2026, 11, 1, tzinfo=UTC)
SECRET = b"a passphrase of the nation"


def request(extension: x509.UnrecognizedExtension | None, key: Any, site: str) -> bytes:
    names = ((NameOID.COUNTRY_NAME, "XD"), (NameOID.COMMON_NAME, f"{site} signer-0001"))
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if extension is not None:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "authority")
    made.create("XD", "Ministry of Health of Demoland", SECRET, START)
    return made


def signed(authority: Authority, asked: bytes) -> x509.Certificate:
    return authority.sign(asked, SECRET, START, days=731, use_days=184)


def test_paper_in_divocs_format_is_read_with_what_the_authority_published(
    node: Node, site_folder: Path, tmp_path: Path,
    staff: Callable[[str], Staff], dose: Callable[..., GiveDose],
) -> None:  # fmt: skip
    vouch_for(node, tmp_path / "nation")
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    credentials = {
        one["format"]: one["credential"] for one in outcome.entries[1].body["credentials"]
    }
    node.close()
    published = tmp_path / "nation/published"
    (published / "revocations.txt").write_text("{}\n")
    paper = tmp_path / "paper.json"
    paper.write_text(credentials["divoc"])
    away = ("--data", tmp_path)
    read = run("verify", paper, "--trust", published / "did.json", *away)
    assert (read.exit_code, read.output[:5]) == (0, "VALID"), read.output
    folder = run("verify", paper, "--trust", published, *away)  # revocations lie in it too
    assert (folder.exit_code, "revocations.txt: left out" in folder.output) == (0, True)
    assert run("verify", paper, *away).output.startswith("UNKNOWN-ISSUER")


def test_a_folder_without_any_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "paper").write_text("HC1:x")
    words = ("verify", tmp_path / "paper", "--trust", tmp_path / "lists", "--data", tmp_path)
    assert "is empty" in run(*words).output
    (tmp_path / "lists/x.json").write_text("{}")
    assert "holds no key" in run(*words).output


def test_a_site_asks_again_when_the_authority_vouches_for_none_of_its_keys_of_paper(
    node: Node, authority: Authority, tmp_path: Path
) -> None:
    def wanted() -> str:
        now = node.clock.now()
        return next_request(node.signers, node.certifier, node.issuer, "DEMO01", now)[0]

    vouch_for(node, tmp_path / "nation")
    assert wanted() == ""
    (signer,) = node.signers.all()
    assert len(signer.paper_keys) == 1
    node._keys.files.rsa_key()  # a format of RSA was switched on since
    asked = x509.load_pem_x509_csr(wanted().encode())
    assert len(paper_keys(asked)) == 2


def test_the_document_names_each_key_of_each_site_once_and_none_that_was_withdrawn(
    authority: Authority,
) -> None:
    own, rsa = Ed25519PrivateKey.generate(), generate_private_key(65537, 2048)
    for _ in range(2):  # the next certificate of the same site vouches for the same keys
        key = ec.generate_private_key(ec.SECP256R1())
        extension = vouched_by_request(key.public_key(), [own, rsa])
        certificate = signed(authority, request(extension, key, "DEMO01"))
    assert key_name(own.public_key()) in json.dumps(did_document([certificate], "did:web:x"))
    listed = did_document(authority.issued(), "did:web:x")["verificationMethod"]
    names = [one["id"] for one in listed if one["id"].startswith("did:web:x:DEMO01#")]
    assert names == [f"did:web:x:DEMO01#{key_name(key.public_key())}" for key in (own, rsa)]
    assert len(listed) == 4


@pytest.mark.parametrize("fault", ["another site's key", "not DER", "five keys", "a weak key"])
def test_the_authority_vouches_for_no_key_that_the_site_does_not_hold(
    authority: Authority, fault: str
) -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    keys: list[Any] = [Ed25519PrivateKey.generate()]
    if fault == "five keys":
        keys = [Ed25519PrivateKey.generate() for _ in range(5)]
    if fault == "a weak key":
        keys = [generate_private_key(65537, 1024)]
    holder = other if fault == "another site's key" else key
    extension = vouched_by_request(holder.public_key(), keys)
    if fault == "not DER":
        extension = x509.UnrecognizedExtension(PAPER_KEYS, b"\x30\x03abc")
    with pytest.raises(AuthorityError) as error:
        signed(authority, request(extension, key, "DEMO01"))
    assert error.value.code == "request.paper-keys"
    assert authority.issued() == []


def test_a_request_of_an_older_site_is_signed_as_before(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = signed(authority, request(None, key, "DEMO01"))
    assert paper_keys(certificate) == ()
    assert certificate.not_valid_after_utc > START + timedelta(days=700)
