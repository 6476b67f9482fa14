"""A fresh browser that trusts the site's authority as /trust says, and is paired by the QR code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
import pytest
from chromium import play
from playwright.sync_api import BrowserContext, Page, Playwright
from requirements import missing
from tls_sites import HOST, TlsSite, asked

__all__ = ["play"]
pytestmark = pytest.mark.slow  # a browser

FLAGS = [
    *chromium.FLAGS,
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP other.local 127.0.0.1, MAP 10.1.2.3 127.0.0.1",
]


Fresh = Callable[..., BrowserContext]


@pytest.fixture
def fresh(play: Playwright, tmp_path: Path) -> Iterator[Fresh]:
    """Give a browser of a new user, who trusts the authorities in some files."""
    if not shutil.which("certutil"):
        missing("certutil (libnss3-tools)")
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
            executable_path=chromium.CHROMIUM,
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


def test_the_worker_of_the_pages_is_there_under_the_sites_own_certificate(
    site: TlsSite, fresh: Fresh
) -> None:
    page = page_of(fresh(downloaded(site)))
    page.goto(f"{site.url}/verify/offline")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
