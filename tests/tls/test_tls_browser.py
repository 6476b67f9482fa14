"""A fresh browser that trusts the site's authority as /trust says, and is paired by the QR code."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from echoing import Site
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright
from requirements import missing
from serving import Serving
from tls_sites import HOST, TlsSite, asked

from edge.adapters.keys import file_keys
from edge.web.translations import load_languages
from sync.resources import resource

pytestmark = pytest.mark.slow  # a browser

LANGUAGES = sorted(load_languages(resource("config/locale")))
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP other.local 127.0.0.1, MAP 10.1.2.3 127.0.0.1",
]


@pytest.fixture(scope="module")
def play() -> Iterator[Playwright]:
    if not Path(CHROMIUM).exists():
        missing("Chromium")
    if not shutil.which("certutil"):
        missing("certutil (libnss3-tools)")
    with sync_playwright() as started:
        yield started


Fresh = Callable[..., BrowserContext]


@pytest.fixture
def fresh(play: Playwright, tmp_path: Path) -> Iterator[Fresh]:
    """Give a browser of a new user, who trusts the authorities in some files."""
    opened: list[BrowserContext] = []

    def browser(*authorities: bytes, width: int = 600, height: int = 960) -> BrowserContext:
        home = tmp_path / f"home-{len(opened)}"
        store = home / ".pki/nssdb"
        store.mkdir(parents=True)
        subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
        for number, authority in enumerate(authorities):
            file = home / f"{number}.crt"
            file.write_bytes(authority)
            command = ["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", f"{number}"]
            subprocess.run([*command, "-i", str(file)], check=True)
        context = play.chromium.launch_persistent_context(
            str(home / "profile"),
            executable_path=CHROMIUM,
            args=FLAGS,
            env={**os.environ, "HOME": str(home)},
            viewport={"width": width, "height": height},
        )
        opened.append(context)
        return context

    yield browser
    for one in opened:
        one.close()


def downloaded(site: TlsSite) -> bytes:
    """The authority's certificate as a tablet gets it."""
    return asked(site.plain_port, "/trust/site.crt")[2]


def page_of(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def test_a_browser_that_trusts_nobody_here_does_not_open_the_site(
    site: TlsSite, fresh: Fresh
) -> None:
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        page_of(fresh()).goto(site.url)


def test_a_tablet_trusts_the_site_is_paired_gives_a_dose_and_is_put_out(
    site: TlsSite, fresh: Fresh
) -> None:
    page = page_of(fresh(downloaded(site)))
    page.goto(site.url)
    assert page.evaluate("isSecureContext")
    assert page.get_by_text("This tablet is not paired with this site.").count() == 1
    link = site.pairing("Tablet 7")
    page.goto(link)
    page.wait_for_url(re.compile(r"/pair$"))  # the secret is out of the address at once
    with page.expect_navigation(url="**/sign-in"):
        page.get_by_role("button", name="Pair this tablet").click()
    page.fill("[name=code]", "V1")
    page.fill("[name=pin]", "2468")
    with page.expect_navigation(url=f"{site.url}/"):
        page.get_by_role("button", name="Sign in").click()
    cookies = {one["name"]: one for one in page.context.cookies()}
    for name in ("__Host-divoc_edge_session", "__Host-divoc_edge_device"):
        assert cookies[name]["secure"]
        assert cookies[name]["httpOnly"]
        assert cookies[name]["sameSite"] == "Strict"
        assert cookies[name]["path"] == "/"
    assert all(one["secure"] for one in cookies.values()), cookies
    page.fill("#q", "Grace Wanjiru")
    page.keyboard.press("Enter")
    page.get_by_text("Grace Wanjiru").first.click()
    with page.expect_navigation(url="**/doses/**"):
        page.locator("button.give").first.click()
    (device,) = [one for one in site.node.devices.all() if one.name == "Tablet 7"]
    site.node.devices.revoke(device.id, "S1")
    page.goto(f"{site.url}/records")
    assert page.url == f"{site.url}/sign-in"
    assert page.get_by_text("This tablet is not paired with this site.").count() == 1


def test_the_browser_refuses_what_a_stolen_authority_says_of_others(
    site: TlsSite, fresh: Fresh, tmp_path: Path
) -> None:
    kept = file_keys(site.folder).with_certificate("authority")
    assert kept is not None
    signer, authority = kept
    context = fresh(downloaded(site))
    for number, (host, good) in enumerate((("other.local", False), (HOST, True))):
        file = tmp_path / f"{number}.pem"
        file.write_bytes(forged(signer, authority, host))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(file)
        serving = Serving(Site().app, tls=lambda tls=tls: tls)
        try:
            page = page_of(context)
            if good:
                page.goto(f"https://{host}:{serving.port}/")
                assert page.inner_text("body") == "hello"
            else:
                with pytest.raises(Exception, match="ERR_CERT_"):
                    page.goto(f"https://{host}:{serving.port}/")
        finally:
            serving.close()


def forged(signer: ec.EllipticCurvePrivateKey, authority: x509.Certificate, host: str) -> bytes:
    """A certificate that whoever stole the authority's key makes; with its key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(signer, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + made.public_bytes(Encoding.PEM)


def test_a_certificate_that_was_renewed_meanwhile_is_taken_by_an_open_page(
    site: TlsSite, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = site.node.tls
    assert tls is not None
    page = page_of(fresh(downloaded(site)))
    page.goto(f"{site.url}/verify")
    before = shown_at(site)
    monkeypatch.setattr(tls, "_addresses", lambda: ("192.168.77.5",))
    assert tls.look_again()
    assert shown_at(site) != before
    page.goto(f"{site.url}/pair")
    page.reload()


def shown_at(site: TlsSite) -> bytes:
    """The certificate that the site shows just now (DER)."""
    with (
        socket.create_connection(("127.0.0.1", site.port)) as line,
        site.trusting().wrap_socket(line, server_hostname=HOST) as tls,
    ):
        found = tls.getpeercert(binary_form=True)
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_trust_fits_a_telephone_in_every_language(
    site: TlsSite, fresh: Fresh, language: str
) -> None:
    page = page_of(fresh(width=360, height=740))
    page.goto(f"http://127.0.0.1:{site.plain_port}/trust?language={language}")
    for details in page.locator("details").all():
        details.evaluate("element => element.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert (
        page.evaluate("getComputedStyle(document.body).paddingLeft") != "0px"
    )  # its style is let in
    with page.expect_download() as got:
        page.locator("a[href='/trust/site.crt']").click()
    assert Path(got.value.path()).read_bytes() == downloaded(site)


def test_a_page_asked_for_in_plain_is_opened_by_https(site: TlsSite, fresh: Fresh) -> None:
    page = page_of(fresh(downloaded(site)))
    page.goto(f"http://{HOST}:{site.plain_port}/verify")
    assert page.url == f"{site.url}/verify"


def test_the_sheet_of_a_new_tablet_is_made_and_read_on_a_telephone(
    site: TlsSite, fresh: Fresh
) -> None:
    page = page_of(fresh(downloaded(site), width=360, height=740))
    page.goto(site.pairing("Office"))
    page.get_by_role("button", name="Pair this tablet").click()
    page.fill("[name=code]", "S1")
    page.fill("[name=pin]", "2468")
    with page.expect_navigation(url=f"{site.url}/"):
        page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site.url}/tablets")
    page.fill("[name=name]", "Tablet 8")
    with page.expect_navigation():
        page.get_by_role("button", name="Make a set-up sheet").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture = Image.open(io.BytesIO(page.locator("svg.qr").screenshot()))
    (code,) = zxingcpp.read_barcodes(picture)
    assert re.fullmatch(rf"{site.url}/pair#(?:[A-Z2-7]{{4}}-){{5}}[A-Z2-7]{{4}}", code.text)
    tablet = page_of(fresh(downloaded(site)))
    tablet.goto(code.text)
    tablet.get_by_role("button", name="Pair this tablet").click()
    tablet.wait_for_url("**/sign-in")
    assert "Tablet 8" in [one.name for one in site.node.devices.all()]


def test_the_worker_of_the_pages_is_there_under_the_sites_own_certificate(
    site: TlsSite, fresh: Fresh
) -> None:
    page = page_of(fresh(downloaded(site)))
    page.goto(f"{site.url}/verify/offline")
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
