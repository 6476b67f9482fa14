"""The site's authority and certificate: what they vouch for, how long, and how they are kept."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from requirements import missing

from edge.adapters.clock import BUILT
from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.tls import certificates
from edge.adapters.tls.certificates import (
    addresses_of,
    is_due,
    is_private,
    make_authority,
    make_certificate,
    vouched,
)
from edge.adapters.tls.site_tls import SiteTls
from edge.domain.believable import Belief
from edge.domain.errors import Unavailable

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
LONGEST_ON_IPADS, LONGEST_ANYWHERE = timedelta(days=825), timedelta(days=398)


class Hands:
    """A clock that stands where a test puts it, and is believed unless the test says no."""

    def __init__(self) -> None:
        self.at, self.good = NOW, True

    @property
    def zone(self) -> tzinfo:
        return UTC

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()

    def believed(self) -> bool:
        return self.good

    def belief(self) -> Belief:
        return Belief(self.good)


Opened = Callable[..., SiteTls]


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    made = FileKeys(tmp_path / "keys", SystemEntropy())
    made.create()
    return made


@pytest.fixture
def opened(keys: FileKeys, hands: Hands) -> Opened:
    def site(addresses: Sequence[str] = ("192.168.1.5",), name: str = "clinic-12") -> SiteTls:
        return SiteTls(keys, name, hands, lambda: addresses)

    return site


def shown(keys: FileKeys) -> x509.Certificate:
    kept = keys.with_certificate("server")
    assert kept is not None
    return kept[1]


# What they vouch for


def forged(keys: FileKeys, names: Sequence[x509.GeneralName]) -> bytes:
    """A certificate that whoever stole the authority's key makes for other names; PEM."""
    kept = keys.with_certificate("authority")
    assert kept is not None
    signer, authority = kept
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "forged")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=10))
        .not_valid_after(NOW + timedelta(days=300))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(signer, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def verified(authority: x509.Certificate, certificate: bytes, folder: Path, *name: str) -> bool:
    if not shutil.which("openssl"):
        missing("openssl")
    (folder / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "one.pem").write_bytes(certificate)
    moment = str(int(NOW.timestamp()))
    command = [
        "openssl",
        "verify",
        "-attime",
        moment,
        "-purpose",
        "sslserver",
        *name,
    ]
    run = subprocess.run(
        [*command, "-CAfile", folder / "ca.pem", folder / "one.pem"], capture_output=True, text=True
    )
    return run.returncode == 0


def test_openssl_finds_nothing_wrong_with_either(
    opened: Opened, keys: FileKeys, tmp_path: Path
) -> None:
    site = opened(("192.168.1.5", "fd00::2"))
    pem = shown(keys).public_bytes(Encoding.PEM)
    for name in (
        ("-x509_strict", "-verify_hostname", "clinic-12.local"),
        ("-verify_ip", "192.168.1.5"),
        ("-verify_ip", "fd00::2"),
    ):
        assert verified(site.authority(), pem, tmp_path, *name), name
    assert not verified(site.authority(), pem, tmp_path, "-verify_hostname", "clinic-13.local")


@pytest.mark.parametrize(
    "name",
    [
        x509.DNSName("bank.example"),
        x509.DNSName("clinic-13.local"),
        x509.DNSName("local"),
        x509.DNSName("notclinic-12.local"),
        x509.DNSName("*.example"),
        x509.IPAddress(ip_address("93.184.216.34")),
        x509.IPAddress(ip_address("127.0.0.1")),
        x509.IPAddress(ip_address("2001:db8::1")),
        x509.IPAddress(ip_address("172.32.0.1")),
    ],
    ids=lambda name: str(name.value),
)
def test_a_stolen_authority_vouches_for_nobody_else(
    opened: Opened, keys: FileKeys, tmp_path: Path, name: x509.GeneralName
) -> None:
    site = opened()
    assert verified(site.authority(), forged(keys, [x509.DNSName("clinic-12.local")]), tmp_path)
    assert not verified(site.authority(), forged(keys, [name]), tmp_path)
    with_ours = forged(keys, [x509.DNSName("clinic-12.local"), name])
    assert not verified(site.authority(), with_ours, tmp_path)


def test_the_authority_makes_no_authorities_and_signs_nothing_but_certificates(
    opened: Opened,
) -> None:
    found = opened().authority().extensions
    basic = found.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert found.get_extension_for_class(x509.NameConstraints).critical
    usage = found.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert not usage.digital_signature
    purposes = found.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]


@given(st.lists(st.ip_addresses(), max_size=6))
@pytest.mark.slow
def test_a_certificate_has_the_private_addresses_of_the_machine_and_no_other(
    found: Sequence[object],
) -> None:
    addresses = [str(address) for address in found]
    key = ec.generate_private_key(ec.SECP256R1())
    authority = make_authority(key, "clinic-12", NOW)
    made = make_certificate(authority, key, key.public_key(), addresses, NOW)
    assert set(addresses_of(made)) == {str(ip_address(one)) for one in addresses if is_private(one)}
    assert addresses_of(made) == vouched(addresses)


# How long


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_whatever_the_clock_shows_a_certificate_lasts_no_longer_than_browsers_bear(
    moment: datetime,
) -> None:
    now = moment.replace(tzinfo=UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    authority = make_authority(key, "clinic-12", NOW)
    made = make_certificate(authority, key, key.public_key(), (), now)
    lasts = made.not_valid_after_utc - made.not_valid_before_utc
    assert timedelta(0) < lasts < LONGEST_ANYWHERE < LONGEST_ON_IPADS
    if now < authority.not_valid_after_utc:
        assert made.not_valid_after_utc <= authority.not_valid_after_utc


def test_a_certificate_is_good_for_tablets_whose_clocks_are_wrong_by_weeks(
    opened: Opened, keys: FileKeys
) -> None:
    site = opened()
    made = shown(keys)
    for off in (-timedelta(days=59), timedelta(0), timedelta(days=179)):
        assert made.not_valid_before_utc <= NOW + off <= made.not_valid_after_utc
        assert site.authority().not_valid_before_utc <= max(NOW + off, BUILT)


def test_it_is_renewed_every_month_while_the_site_runs(
    opened: Opened, keys: FileKeys, hands: Hands
) -> None:
    site = opened()
    first, context = shown(keys), site.context()
    hands.at = NOW + timedelta(days=29)
    assert not site.look_again()
    assert (shown(keys), site.context()) == (first, context)
    hands.at = NOW + timedelta(days=31)
    assert site.look_again()
    assert shown(keys).not_valid_after_utc == hands.at + certificates.AHEAD
    assert site.context() is not context
    assert shown(keys).public_key() != first.public_key()


def test_a_site_that_lay_switched_off_for_years_has_a_good_one_as_soon_as_it_starts(
    opened: Opened, keys: FileKeys, hands: Hands
) -> None:
    opened()
    hands.at = NOW + timedelta(days=2 * 365)
    opened()
    assert shown(keys).not_valid_before_utc < hands.at < shown(keys).not_valid_after_utc


def test_a_clock_that_ran_ahead_and_was_set_right_leaves_no_certificate_of_the_future(
    opened: Opened, keys: FileKeys, hands: Hands
) -> None:
    hands.at = NOW + timedelta(days=3 * 365)
    site = opened()
    assert shown(keys).not_valid_before_utc > NOW
    hands.at = NOW
    assert site.look_again()
    assert shown(keys).not_valid_before_utc < NOW < shown(keys).not_valid_after_utc
    assert site.authority().not_valid_before_utc < NOW


@pytest.mark.parametrize("back", [datetime(1970, 1, 1, tzinfo=UTC), NOW - timedelta(days=300)])
def test_a_clock_that_is_not_believed_changes_nothing(
    opened: Opened, keys: FileKeys, hands: Hands, back: datetime
) -> None:
    site = opened()
    first = shown(keys)
    hands.at, hands.good = back, False
    assert not site.look_again()
    opened()
    assert shown(keys) == first
    assert opened(("10.0.0.9",)).state().addresses == ("10.0.0.9",)
    assert shown(keys).not_valid_after_utc == first.not_valid_after_utc


def test_a_site_that_is_made_with_a_dead_clock_has_a_certificate_of_today_or_the_softwares(
    opened: Opened, keys: FileKeys, hands: Hands
) -> None:
    hands.at, hands.good = datetime(1970, 1, 1, tzinfo=UTC), False
    site = opened()
    assert shown(keys).not_valid_before_utc <= BUILT <= shown(keys).not_valid_after_utc
    hands.at, hands.good = BUILT + timedelta(days=100), True
    assert site.look_again()


@given(
    st.integers(-4000, 4000).map(lambda days: timedelta(days=days)),
    st.integers(-4000, 4000).map(lambda days: timedelta(days=days)),
)
def test_after_a_look_with_a_believed_clock_the_certificate_is_good_now(
    made: timedelta, looked: timedelta
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = make_authority(key, "clinic-12", NOW)
    one = make_certificate(authority, key, key.public_key(), (), NOW + made)
    now = NOW + looked
    if not is_due(one, now, believed=True):
        assert one.not_valid_before_utc <= now
        assert now <= one.not_valid_after_utc or now > authority.not_valid_after_utc
    assert not is_due(one, now, believed=False)
    again = make_certificate(authority, key, key.public_key(), (), now)
    assert not is_due(again, now, believed=True)


def test_an_address_that_changes_is_in_the_certificate_at_the_next_look(
    keys: FileKeys, hands: Hands
) -> None:
    machine = ["192.168.1.5"]
    site = SiteTls(keys, "clinic-12", hands, lambda: machine)
    machine[:] = ["10.20.30.40", "8.8.8.8"]
    assert site.look_again()
    assert site.state().addresses == ("10.20.30.40",)
    assert site.state().outside == ("8.8.8.8",)
    assert not site.look_again()


# How they are kept


def test_the_same_authority_and_certificate_are_there_after_a_restart(
    opened: Opened, keys: FileKeys
) -> None:
    before, made = opened().authority(), shown(keys)
    assert opened().authority() == before
    assert shown(keys) == made


def test_no_key_of_tls_lies_in_the_data_folder_in_clear(
    opened: Opened, keys: FileKeys, tmp_path: Path
) -> None:
    opened()
    files = sorted((tmp_path / "keys").glob("*.tls.pem"))
    assert [file.name for file in files] == ["authority.tls.pem", "server.tls.pem"]
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in file.read_bytes()
        with pytest.raises(TypeError, match="encrypted"):
            load_pem_private_key(file.read_bytes(), None)
    for name in ("authority", "server"):
        kept = keys.with_certificate(name)
        assert kept is not None
        secret = kept[0].private_numbers().private_value.to_bytes(32)
        for path in tmp_path.rglob("*"):
            assert path.is_dir() or secret not in path.read_bytes()


def test_keys_of_another_site_open_nothing(opened: Opened, keys: FileKeys, tmp_path: Path) -> None:
    opened()
    other = FileKeys(tmp_path / "other", SystemEntropy())
    other.create()
    for file in (tmp_path / "keys").glob("*.tls.pem"):
        shutil.copy(file, tmp_path / "other")
    with pytest.raises(Unavailable):
        SiteTls(other, "clinic-12", Hands(), lambda: ())


def test_an_authority_of_another_name_is_refused_in_words(opened: Opened) -> None:
    opened()
    with pytest.raises(Unavailable, match=r"vouches for clinic-12\.local, .* says ward-3"):
        opened(name="ward-3")


def test_tls_is_of_today_and_keeps_the_past_secret(opened: Opened) -> None:
    context = opened().context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    ciphers = {one["name"] for one in context.get_ciphers()}
    assert ciphers
    assert all(name.startswith(("TLS_", "ECDHE-")) for name in ciphers)


@pytest.mark.parametrize("what", ["nothing", "half", "no certificate", "other bytes"])
def test_a_damaged_certificate_is_made_anew_and_a_damaged_authority_is_said(
    opened: Opened, keys: FileKeys, tmp_path: Path, what: str
) -> None:
    authority = opened().authority()
    for name in ("server", "authority"):
        file = tmp_path / "keys" / f"{name}.tls.pem"
        whole = file.read_bytes()
        damaged = {
            "nothing": b"",
            "half": whole[: len(whole) // 2],
            "no certificate": whole.partition(b"-----BEGIN CERTIFICATE")[0],
            "other bytes": bytes(byte ^ 1 for byte in whole),
        }[what]
        file.write_bytes(damaged)
        if name == "server":
            assert opened().authority() == authority
            assert shown(keys).issuer == authority.subject
        else:
            with pytest.raises(Unavailable):
                opened()
