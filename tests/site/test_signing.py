"""The site's key, the nation's authority, and the way between them on a stick."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from keyring import certificate, signer
from list_publishers import Ministry, pin
from next_edition import put_in_force
from requirements import missing
from site_factory import vouch_for

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.settings import read_settings
from edge.adapters.signers import Signers
from edge.adapters.token import TokenKeys
from edge.cli import main
from edge.credentials.document_signer import (
    DocumentSigner,
    choose_signer,
    document_signer,
    signer_state,
)
from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Conflict, Unavailable
from edge.journal import views
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import GiveDose, IssueCertificate, RevokeCertificate
from sync.registry.authority import Authority, AuthorityError
from sync.registry.cli import main as registry_main
from sync.registry.revocations import own_names, revocation_of
from sync.registry.trust_documents import kid

START = datetime(2026, 11, 1, tzinfo=UTC)
SECRET = b"a passphrase of the nation"


def run(command: object, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])  # type: ignore[arg-type]


def request(key: ec.EllipticCurvePrivateKey, country: str = "XD") -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, "DEMO01"),
        ]
    )
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "authority")
    made.create("XD", "Ministry of Health of Demoland", SECRET, START)
    return made


def sign(authority: Authority, data: bytes, now: datetime = START) -> x509.Certificate:
    return authority.sign(data, SECRET, now, days=731, use_days=184)


def test_a_site_goes_from_request_to_papers_read_abroad_by_commands_alone(
    site_folder: Path, tmp_path: Path, node: Node, staff: Callable[[str], Staff],
    dose: Callable[..., GiveDose],
) -> None:  # fmt: skip
    node.close()
    (tmp_path / "pass").write_bytes(SECRET)
    with_pass = ("--passphrase-file", tmp_path / "pass", "--folder", tmp_path / "nation")
    made = run(
        registry_main, "authority", "init", "--country", "XD", "--name", "Ministry", *with_pass
    )
    assert made.exit_code == 0, made.output
    asked = run(main, "keys", "request", "--data", site_folder, "--out", tmp_path / "site.csr")
    assert asked.exit_code == 0, asked.output
    assert (tmp_path / "site.png").exists()
    again = run(main, "keys", "request", "--data", site_folder)
    assert _spki(again.output.encode()) == _spki((tmp_path / "site.csr").read_bytes())
    state = json.loads(run(main, "keys", "list", "--json", "--data", site_folder).output)
    assert (state["canSign"], state["waiting"]) == (False, True)
    signed = run(registry_main, "authority", "sign", tmp_path / "site.csr", "--out",
                 tmp_path / "site.crt", *with_pass)  # fmt: skip
    assert signed.exit_code == 0, signed.output
    taken = run(main, "keys", "install", tmp_path / "site.crt", "--data", site_folder)
    assert taken.exit_code == 0, taken.output
    published = run(registry_main, "authority", "publish", "--folder", tmp_path / "nation",
                    "--out", tmp_path / "trust", "--did", "did:web:moh.demoland.example")  # fmt: skip
    assert published.output == "1 keys.\n"
    node = Node(site_folder)
    try:
        outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
        texts = {one["format"]: one["credential"] for one in outcome.entries[1].body["credentials"]}
    finally:
        node.close()
    (tmp_path / "code.txt").write_text(texts["dcc-1.3"])
    for file in ("did.json", "signers.pem"):
        read = run(main, "verify", tmp_path / "code.txt", "--trust", tmp_path / "trust" / file,
                   "--data", tmp_path)  # fmt: skip
        assert read.exit_code == 0, read.output
        assert read.output.startswith("VALID")
    stranger = run(main, "verify", tmp_path / "code.txt", "--data", tmp_path)
    assert stranger.output.startswith("UNKNOWN-ISSUER")


def _spki(pem: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import PublicFormat

    key = x509.load_pem_x509_csr(pem).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_openssl_accepts_the_chain_and_reads_usage_and_periods(
    authority: Authority, tmp_path: Path
) -> None:
    if not shutil.which("openssl"):
        missing("openssl")
    leaf = sign(authority, request(ec.generate_private_key(ec.SECP256R1())))
    (tmp_path / "root.pem").write_bytes(authority.root().public_bytes(Encoding.PEM))
    (tmp_path / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    moment = str(int((START + timedelta(days=1)).timestamp()))
    verified = subprocess.run(
        ["openssl", "verify", "-attime", moment, "-x509_strict", "-CAfile",
         tmp_path / "root.pem", tmp_path / "leaf.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-text", "-in", tmp_path / "leaf.pem"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "1.3.6.1.4.1.1847.2021.1.2" in shown
    assert "Digital Signature" in shown
    assert "Private Key Usage Period" in shown


def test_the_authority_refuses_what_it_must_not_sign(authority: Authority, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    refused = {
        "country": request(key, "XX"),
        "curve": request(ec.generate_private_key(ec.SECP384R1())),
        "unreadable": b"hello",
    }
    for code, data in refused.items():
        with pytest.raises(AuthorityError) as raised:
            sign(authority, data)
        assert raised.value.code == f"request.{code}"
    sign(authority, request(key))
    with pytest.raises(AuthorityError) as raised:
        sign(authority, request(key))
    assert raised.value.code == "request.known-key"
    with pytest.raises(AuthorityError, match="passphrase"):
        authority.sign(request(key), b"wrong", START, days=1, use_days=1)
    with pytest.raises(AuthorityError, match="already"):
        authority.create("XD", "Again", SECRET, START)
    with pytest.raises(AuthorityError, match="no authority"):
        Authority(tmp_path / "nowhere").root()
    assert b"ENCRYPTED" in (tmp_path / "authority/root.key.pem").read_bytes()
    assert (tmp_path / "authority/root.key.pem").stat().st_mode & 0o777 == 0o600


def test_a_request_with_a_changed_name_is_not_signed(authority: Authority) -> None:
    data = bytearray(
        x509.load_pem_x509_csr(request(ec.generate_private_key(ec.SECP256R1()))).public_bytes(
            Encoding.DER
        )
    )
    place = data.index(b"DEMO01")
    data[place : place + 6] = b"DEMO02"
    with pytest.raises(AuthorityError) as raised:
        sign(authority, bytes(data))
    assert raised.value.code == "request.signature"


def test_what_is_withdrawn_or_over_is_no_longer_published(
    authority: Authority, tmp_path: Path
) -> None:
    first, second = (
        sign(authority, request(ec.generate_private_key(ec.SECP256R1()))) for _ in range(2)
    )
    assert authority.publish(tmp_path / "out", "did:web:x", START) == 2
    authority.withdraw(kid(first).hex())
    assert authority.publish(tmp_path / "out", "did:web:x", START) == 1
    assert [kid(one) for one in authority.issued()] == [kid(second)]
    assert authority.publish(tmp_path / "out", "did:web:x", START + timedelta(days=900)) == 0
    with pytest.raises(AuthorityError, match="No certificate"):
        authority.withdraw("../root")


def make(**more: object) -> DocumentSigner:
    return signer(START, **more)


def test_the_signer_whose_time_ends_first_is_used_and_the_next_takes_over_without_a_gap() -> None:
    current, following = make(use_days=184), signer(START + timedelta(days=100), use_days=184)
    both = [following, current]
    at = [START + timedelta(days=days) for days in (-1, 1, 150, 185, 283, 285)]
    assert [choose_signer(both, one) for one in at] == [
        None, current, current, following, following, None,
    ]  # fmt: skip
    assert signer_state(both, at[1]).until == following.sign_until


@pytest.mark.parametrize(
    ("signers", "days", "word"),
    [
        ([], 1, "has no signing certificate"),
        ([{}], -2, "does not count yet"),
        ([{}], 10, ""),
        ([{}], 150, "ends soon"),
        ([{}], 190, "has expired"),
    ],
)
def test_the_site_is_warned_weeks_before_it_can_sign_no_more(
    signers: list[dict[str, int]], days: int, word: str
) -> None:
    state = signer_state([make(**one) for one in signers], START + timedelta(days=days))
    assert word in state.warning
    assert bool(state.warning) is bool(word)


def test_a_key_of_another_certificate_is_never_joined_to_it() -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    with pytest.raises(ValueError, match="another key"):
        document_signer(key, certificate(other, START))


@pytest.fixture
def signers(site_folder: Path) -> Signers:
    keys = FileKeys(site_folder / "keys", SystemEntropy())
    return Signers(keys, site_folder / "keys", lambda: START + timedelta(days=1))


def test_only_a_certificate_for_a_key_of_this_site_that_may_sign_is_installed(
    signers: Signers, authority: Authority, site_folder: Path
) -> None:
    asked = signers.request("XD", "Ministry", "DEMO01").public_bytes(Encoding.PEM)
    key = FileKeys(site_folder / "keys", SystemEntropy()).key("signer-0001")
    with pytest.raises(BadInput, match="no certificate"):
        signers.install(b"hello")
    stranger = certificate(ec.generate_private_key(ec.SECP256R1()), START)
    with pytest.raises(BadInput, match="not for a key of this site"):
        signers.install(stranger.public_bytes(Encoding.PEM))
    tests_only = certificate(key, START, usages=("1.3.6.1.4.1.1847.2021.1.1",))
    with pytest.raises(BadInput, match="may not sign vaccinations"):
        signers.install(tests_only.public_bytes(Encoding.PEM))
    over = certificate(key, START - timedelta(days=400), use_days=100)
    with pytest.raises(Conflict, match="was over"):
        signers.install(over.public_bytes(Encoding.PEM))
    assert signers.all() == []
    signers.install(sign(authority, asked).public_bytes(Encoding.DER))
    (found,) = signers.all()
    assert found.may_sign(START + timedelta(days=1))
    assert not signers.waiting()


def test_the_keys_on_the_disk_are_encrypted_and_never_leave_in_a_request(
    signers: Signers, site_folder: Path
) -> None:
    asked = signers.request("XD", "Ministry", "DEMO01").public_bytes(Encoding.PEM)
    assert b"PRIVATE" not in asked
    for file in (site_folder / "keys").glob("*.pem"):
        assert b"ENCRYPTED PRIVATE KEY" in file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600


def test_systemd_may_hand_over_the_key_of_the_journal(site_folder: Path, tmp_path: Path) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (site_folder / "keys/journal.key").rename(handed / "journal.key")
    keys = FileKeys(site_folder / "keys", SystemEntropy(), handed)
    assert keys.signing_key("certificates")
    with pytest.raises(Unavailable):
        FileKeys(site_folder / "keys", SystemEntropy()).journal_key()


def test_a_key_in_a_token_signs_and_cannot_be_taken_out(
    token: str, tmp_path: Path, authority: Authority
) -> None:
    signers = Signers(TokenKeys(token), tmp_path / "certificates", lambda: START)
    asked = signers.request("XD", "Ministry", "DEMO01").public_bytes(Encoding.PEM)
    document = signers.install(sign(authority, asked).public_bytes(Encoding.PEM))
    raw = document.sign(b"what is signed")
    from edge.credentials.cose import ecdsa_fits

    assert ecdsa_fits(document.key.public_key(), raw, b"what is signed")
    with pytest.raises(ValueError, match="stays in the token"):
        document.key.private_numbers()
    with pytest.raises(ValueError, match="stays in the token"):
        document.key.private_bytes()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="for signing"):
        document.key.exchange(None, None)  # type: ignore[arg-type]
    assert document.kid in [one.kid for one in signers.all()]
    with pytest.raises(Unavailable, match="missing"):
        TokenKeys(token).key("signer-9999")


def test_a_node_signs_with_the_token_its_settings_name(
    token: str, site_folder: Path, node: Node, staff: Callable[[str], Staff],
    dose: Callable[..., GiveDose], tmp_path: Path,
) -> None:  # fmt: skip
    node.close()
    file = site_folder / "site.toml"
    file.write_text(file.read_text().replace('signing_keys = "file:"', f'signing_keys = "{token}"'))
    assert read_settings(site_folder).signing_keys == token
    node = Node(site_folder)
    try:
        vouch_for(node, tmp_path / "nation")
        outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
        formats = [one["format"] for one in outcome.entries[1].body["credentials"]]
        assert formats == ["dcc-1.3", "divoc"]
        assert not list((site_folder / "keys").glob("signer-*.key.pem"))
    finally:
        node.close()


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("pkcs11:token=edge", "keys.uri"),
        ("pkcs11:?module-path=x&pin-source=y", "keys.uri"),
        ("pkcs11:token=edge?module-path=/nowhere.so&pin-source=/nowhere", "keys.pin"),
    ],
)
def test_a_token_that_is_not_fully_named_is_refused_in_words(uri: str, code: str) -> None:
    with pytest.raises((BadInput, Unavailable)) as raised:
        TokenKeys(uri)
    assert raised.value.code == code


def test_a_token_that_is_not_there_is_named(token: str) -> None:
    with pytest.raises(Unavailable, match="nosuch cannot be opened") as raised:
        TokenKeys(token.replace("token=edge", "token=nosuch"))
    assert raised.value.temporary


def test_a_dose_without_any_key_for_its_programme_is_saved_and_certified_later(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    with node.journal.reading() as db:
        body = views.catalogue_body(db)
    body["certificates"] = {"formats": ["dcc-1.3"]}
    put_in_force(node, CheckedCampaign(body))
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    assert [entry.type for entry in outcome.entries] == ["DoseGiven"]
    with pytest.raises(Unavailable, match="cannot sign"):
        node.desk.take(node.site.ids.new(), IssueCertificate(dose=outcome.id), staff("V1"))
    vouch_for(node, tmp_path / "nation")
    later = node.desk.take(node.site.ids.new(), IssueCertificate(dose=outcome.id), staff("V1"))
    assert later.entries[0].body["credentials"][0]["format"] == "dcc-1.3"


@pytest.mark.slow
def test_a_revocation_goes_up_to_the_nation_and_comes_down_to_another_site(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    nation = tmp_path / "nation"
    vouch_for(node, nation)
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    number = outcome.entries[1].body["certificate"]
    texts = {one["format"]: one["credential"] for one in outcome.entries[1].body["credentials"]}
    command = RevokeCertificate(certificate=number, reason="A trial")
    (revoked,) = node.desk.take(node.site.ids.new(), command, staff("S1")).entries
    authority, now = Authority(nation), datetime.now(UTC)
    did = node.issuer().did
    out = tmp_path / "trust"
    authority.publish(out, did, now)
    signers = authority.signers()[node.settings.facility]
    found, whole = own_names(revocation_of(revoked.body), number, signers)
    assert whole  # every name that a site gives is one that the registry knows to be its own
    count = authority.publish_revocations(out, [found], did, now)
    assert count == len(set(found.keys)) == len(set(revoked.body["keys"])) - 3  # without a key id
    other = tmp_path / "other"
    run(main, "init", "--data", other, "--facility", "DEMO02")
    campaign = tmp_path / "campaign"
    shutil.copytree(Path(__file__).resolve().parents[2] / "config/demo/campaign", campaign)
    shutil.copytree(out, campaign / "trust")
    (campaign / "trust/divoc.json").write_text(
        json.dumps({node.certifier.verification_method(): _base58(node)})
    )
    ministry = Ministry(tmp_path / "lists")
    pin(other, ministry.public)
    refused = run(main, "import", "campaign", campaign, "--data", other)
    assert refused.exit_code == 1
    assert "of its lists 7 were refused" in refused.output
    ministry.sign_folder(campaign / "trust")
    taken = run(main, "import", "campaign", campaign, "--data", other)
    assert taken.exit_code == 0, taken.output
    for name, text in texts.items():
        (tmp_path / "code").write_bytes(node.certifier.payload(name, text))
        told = run(main, "verify", tmp_path / "code", "--json", "--data", other)
        assert json.loads(told.output)["verdict"] == "revoked", (name, told.output)
    # each of the shapes that others publish in says the same
    for file in ("dcc-batches.json", "divoc-revoked.json"):
        third = tmp_path / file
        run(main, "init", "--data", third, "--facility", "DEMO02")
        pin(third, ministry.public)
        for one in ("did.json", "divoc.json", file):
            path = campaign / f"trust/{one}.list"
            taken = run(main, "trust", "import", path, "--issuer", did, "--data", third)
            assert taken.exit_code == 0, taken.output
        name = "dcc-1.3" if "dcc" in file else "divoc"
        (tmp_path / "code").write_bytes(node.certifier.payload(name, texts[name]))
        told = run(main, "verify", tmp_path / "code", "--json", "--data", third)
        assert json.loads(told.output)["verdict"] == "revoked", told.output


def _base58(node: Node) -> str:
    return node.certifier.public_names()[node.certifier.verification_method()]
