"""The tablet itself: Chromium at a small tablet's size and a laptop's, by keyboard, both ways."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from camera import film, with_camera
from health_cards import BUNDLES, PERSONS, REASONS, card, immunization, observation, patient
from keyring import signer
from page_verifier import difference
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright
from serving import Serving
from site_factory import filled_site, vouch_for
from verifying import LATER as CARD_DAY

from edge.adapters.settings import PrinterSettings, Settings
from edge.credentials.page_rules import page_key
from edge.credentials.trust_files import read_trust
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import load_formats
from edge.web.app import create_app
from printers.calibration import payload
from printers.qr import lay_out
from printers.raster import symbol_picture
from printers.virtual import VirtualPrinter

pytestmark = pytest.mark.slow  # a browser

SIZES = [(600, 960), (1280, 800), (360, 740)]
PAGES = [
    "/", "/register", "/records", "/recall", "/attention", "/site", "/stock", "/verify", "/verify/offline",
    "/printers", "/printers/desk/calibration", "/vials/coviprotect", "/vaccinator",
    "/imports", "/staff", "/sessions", "/access", "/tablets", "/pair", "/invited",
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("browser") / "site"
    printer = VirtualPrinter(576, folder=folder.parent / "papers")
    printer.start()
    uri = f"tcp://127.0.0.1:{printer.port}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        facility="DEMO01",
        listen=f"127.0.0.1:{port}",
        printers=(PrinterSettings("desk", uri, "virtual-80"),),
        papers=str(folder.parent / "papers"),
    )
    node = filled_site(folder, settings)
    vouch_for(node, folder.parent / "authority")
    node.start()
    serving = Serving(create_app(node.backend()), port)
    yield serving.url
    serving.close()
    node.close()
    printer.stop()


def opened(browser: Browser, site: str, size: tuple[int, int], language: str = "en") -> Page:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies([{"name": "language", "value": language, "url": site}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(site + "/")
    page.wait_for_function(
        "() => document.activeElement.name === 'code'"
    )  # it has the focus by itself
    page.keyboard.type("S1")
    page.keyboard.press("Tab")
    page.keyboard.type("2468")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'q'")
    return page


def press_until(page: Page, selector: str, key: str = "Tab") -> None:
    """Move the focus with the keyboard until it is on an element."""
    for _ in range(60):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press(key)
    pytest.fail(f"the keyboard does not reach {selector}")


def vaccinated(page: Page, site: str, name: str) -> str:
    """Register somebody and give a dose; give the path of its certificate's QR code."""
    page.goto(f"{site}/register")
    page.fill("[name=name]", name)
    page.click("text=Female")
    page.fill("[name=birthYear]", "1991")
    for button in ("main button.primary", "button.give"):
        with page.expect_navigation():
            page.locator(button).first.click()
    return str(page.locator("img.qr").first.get_attribute("src"))


def test_a_dose_is_given_and_its_paper_seen_with_the_keyboard_alone(
    browser: Browser, site: str
) -> None:
    page = opened(browser, site, SIZES[0])
    page.keyboard.type("Grace")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_until(page, ".people a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_until(page, "button.give")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(".paper .state.good")
    page.locator("img.qr").first.wait_for(state="visible")
    width = "() => document.querySelector(\"img.slip[src='/papers/newest.png']\")?.naturalWidth"
    for _ in range(100):  # it is drawn a moment after it is out
        if page.evaluate(width) == 576:
            break
        page.wait_for_timeout(200)
        page.reload()
    assert page.evaluate(width) == 576
    page.wait_for_function("() => document.activeElement.id === 'q'")  # for the next person
    page.context.close()


def test_the_usual_dose_takes_two_taps_after_the_person_is_found(
    browser: Browser, site: str
) -> None:
    page = opened(browser, site, SIZES[0])
    page.keyboard.type("Tendai")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    taps = 0
    for selector in (".people a", "button.give"):
        with page.expect_navigation():
            page.locator(selector).first.click()
        taps += 1
    assert taps == 2
    assert page.locator(".saved").is_visible()
    page.context.close()


def test_a_tablet_that_knows_the_site_by_its_name_on_the_network_signs_in_and_finds_somebody(
    browser: Browser, site: str
) -> None:
    named = site.replace("127.0.0.1", "station.example")  # a browser trusts 127.0.0.1, but no LAN
    page = opened(browser, named, SIZES[0])
    page.keyboard.type("Eleni")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".people a").count() == 1
    page.context.close()


def test_the_button_says_vaccine_dose_and_lot_and_is_green_only_for_what_is_due(
    browser: Browser, site: str
) -> None:
    page = opened(browser, site, SIZES[0])
    page.keyboard.type("Eleni")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.locator(".people a").first.click()
    button = page.locator(".gives button").first
    shown = button.inner_text()
    assert re.fullmatch(
        r"Give CoviProtect dose 1\nlot CP2611A · \d+ left · COVID-19, two doses", shown
    )
    page.goto(page.url + "/give/covid-19/coviprotect")
    button = page.locator("form.dose button.give")
    classes = "(one) => one.classList.contains('primary')"
    page.get_by_label("CP2610X").check()
    assert button.inner_text().strip() == "Give CoviProtect dose 1 · lot CP2610X"
    assert button.evaluate(classes)
    day = page.locator("form.dose [name=on]")
    today = day.input_value()
    day.fill("2026-01-02")  # of this day nothing was judged
    assert button.inner_text().strip() == "Give CoviProtect dose 1"
    assert not button.evaluate(classes)
    day.fill(today)
    assert button.evaluate(classes)
    page.locator("[name=otherLot]").fill("NEXT-DOOR")
    assert button.inner_text().strip() == "Give CoviProtect dose 1 · lot NEXT-DOOR"
    page.goto(page.url.replace("coviprotect", "adenovax"))
    lots = page.locator("form.dose [name=lot]").evaluate_all("all => all.map(one => one.value)")
    assert lots == [
        "adenovax|AV4417",
        "adenovax|",
    ]  # those of the vaccine, and one that is not here
    page.context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", SIZES, ids=["600x960", "1280x800", "360x740"])
def test_every_screen_fits_and_every_target_is_large_enough(
    browser: Browser, site: str, size: tuple[int, int], language: str
) -> None:
    page = opened(browser, site, size, language)
    person = page.request.post(f"{site}/api/v1/people/search", data={"text": "Eleni"}).json()[0][
        "id"
    ]
    of_person = [f"/people/{person}{end}" for end in ("", "/correct", "/give/covid-19/adenovax")]
    for path in [*PAGES, *of_person]:
        page.goto(site + path)
        found: dict[str, Any] = page.evaluate(
            """() => ({
              direction: document.documentElement.dir,
              over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
              small: [...document.querySelectorAll("a, button, input, select, summary")]
                .filter((one) => one.offsetParent && !one.matches(".skip, [type=hidden], [type=radio], [type=checkbox]"))
                .filter((one) => one.getBoundingClientRect().height < 44)
                .map((one) => one.outerHTML.slice(0, 80)),
            })"""
        )
        assert found["direction"] == ("rtl" if language == "ar" else "ltr")
        assert found["over"] <= 0, path
        assert found["small"] == [], path
    page.context.close()


def test_text_on_the_screen_has_a_contrast_of_at_least_seven(browser: Browser, site: str) -> None:
    page = opened(browser, site, SIZES[1])
    for path in PAGES:
        page.goto(site + path)
        faint = page.evaluate(
            """() => {
              const parse = (text) => text.match(/[\\d.]+/g).map(Number);
              const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
                .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const ground = (one) => {
                for (; one; one = one.parentElement) {
                  const colour = parse(getComputedStyle(one).backgroundColor);
                  if (colour.length < 4 || colour[3] > 0) return colour;
                }
                return [255, 255, 255];
              };
              const faint = [];
              for (const one of document.querySelectorAll("body *")) {
                if (!one.offsetParent || ![...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
                const [a, b] = [light(parse(getComputedStyle(one).color)), light(ground(one))];
                const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (contrast < 7) faint.push([one.textContent.trim().slice(0, 30), contrast.toFixed(1)]);
              }
              return faint;
            }"""
        )
        assert faint == [], path
    page.context.close()


def test_a_form_works_without_any_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/sign-in")
    page.fill("[name=code]", "R1")
    page.fill("[name=pin]", "2468")
    page.click("main button.primary")
    page.wait_for_selector("#q")
    page.goto(f"{site}/register")
    page.fill("[name=name]", "Hodan Warsame")
    page.click("text=Female")
    page.fill("[name=birthYear]", "1991")
    page.click("main button.primary")
    assert page.locator("h1").inner_text() == "Hodan Warsame"
    context.close()


def test_a_certificate_held_before_the_camera_is_judged(
    play: Playwright, browser: Browser, site: str, tmp_path: Path
) -> None:
    page = opened(browser, site, SIZES[1])
    source = vaccinated(page, site, "Camera Held")
    picture = Image.open(io.BytesIO(page.request.get(f"{site}{source}").body())).convert("L")
    page.context.close()
    film(picture, tmp_path / "camera.y4m")
    tablet = with_camera(play, tmp_path / "camera.y4m")
    page = tablet.new_page()
    page.goto(f"{site}/verify")
    page.click("#scan")
    page.wait_for_selector(".verdict.valid", timeout=30_000)
    assert "Ministry of Health of Demoland" in page.locator("#verdict").inner_text()
    assert page.locator("#camera").is_hidden()
    tablet.close()


def test_the_calibration_slip_is_read_back_by_the_tablets_camera(
    play: Playwright, browser: Browser, site: str, tmp_path: Path
) -> None:
    codes = [symbol_picture(lay_out(payload(size), 576, in_bytes=True)) for size in (100, 310)]
    whole = Image.new("L", (sum(one.width for one in codes), max(one.height for one in codes)), 255)
    whole.paste(codes[0], (0, 0))
    whole.paste(codes[1], (codes[0].width, 0))
    film(whole, tmp_path / "camera.y4m")
    tablet = with_camera(play, tmp_path / "camera.y4m")
    page = opened(tablet, site, SIZES[0], "ar")
    page.goto(f"{site}/printers/desk/calibration")
    press_until(page, "#scan")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-read='100 310']", timeout=30_000)
    press_until(page, "#stop")
    page.keyboard.press("Enter")
    assert page.locator("#camera").is_hidden()
    press_until(page, "#sizes button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"{site}/printers/desk/calibration")
    assert "310" in page.locator("#sizes p").first.inner_text()
    tablet.close()


def test_the_public_page_verifies_with_the_network_gone(browser: Browser, site: str) -> None:
    page = opened(browser, site, SIZES[0])
    number = vaccinated(page, site, "Hodan Offline").split("/")[2]
    whole = page.request.get(f"{site}/api/v1/certificates/{number}").json()
    code = whole["credentials"]["dcc-1.3"]
    page.goto(f"{site}/verify/offline")
    page.wait_for_selector("[data-ready]")
    page.context.set_offline(True)
    last = "A" if code[-1] != "A" else "B"
    for text, word in (
        (code + "\r\n", "VALID"),
        (code[:-1] + last, "UNREADABLE"),
        (code[:200] + ("A" if code[200] != "A" else "B") + code[201:], "UNREADABLE"),
        ("hello", "UNREADABLE"),
    ):
        page.fill("#text", text)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "word => document.querySelector('#verdict strong')?.textContent === word", arg=word
        )
    page.context.close()


def test_the_browsers_verdicts_are_the_site_computers(
    browser: Browser, site: str, shared_data: Path, tmp_path: Path
) -> None:
    """A few of the vectors that tests/credentials asks the page's verifier of outside a browser."""
    cases, formats = [], load_formats()
    folder = shared_data / "hcert/dgc-testdata"
    for file in (*sorted(folder.glob("BE/*.json")), *sorted(folder.glob("common/**/*.json"))[:12]):
        vector = json.loads(file.read_text())
        (tmp_path / "signer").write_text(vector["TESTCTX"]["CERTIFICATE"])
        trust = read_trust(tmp_path / "signer").trust
        stated = vector["TESTCTX"].get("VALIDATIONCLOCK") or "2021-06-01T00:00:00+00:00"
        at = datetime.fromisoformat(stated)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        verdict = Verifier(formats.reading, trust).verify(vector["PREFIX"].encode(), at)
        keys = [page_key(key) for key in trust.all_keys()]
        case = {"text": vector["PREFIX"], "keys": keys, "now": at.timestamp()}
        cases.append((case, verdict))
    page = opened(browser, site, SIZES[1])
    page.goto(f"{site}/verify/offline")
    found = page.evaluate(
        """async (cases) => {
          const { judge } = await import("/static/verify-core.js");
          const { rules } = await (await fetch("/verify/keys.json")).json();
          const found = [];
          for (const one of cases) found.push(await judge(one.text, one.keys, one.now, { rules }));
          return found;
        }""",
        [case for case, _ in cases],
    )
    page.context.close()
    differ = [difference(ours, theirs) for (_, ours), theirs in zip(cases, found, strict=True)]
    assert [one for one in differ if one] == []
    assert len({theirs["verdict"] for theirs in found}) > 2


def test_the_browser_counts_of_a_card_what_the_site_computer_counts(
    browser: Browser, site: str
) -> None:
    """Each way in which FHIR says "not a dose", alone and beside a dose that counts."""
    document = signer(CARD_DAY.replace(month=1), usages=())
    verifier = Verifier(load_formats().reading, document.trust())
    keys = [page_key(key) for key in document.trust().all_keys()]
    payloads = [
        card(document, CARD_DAY, patient(), *resources)
        for changes, _ in REASONS.values()
        for resources in (
            [immunization(**changes)],
            [immunization(**changes), immunization(lotNumber="GOOD")],
        )
    ]
    payloads += [
        card(document, CARD_DAY, patient(), observation()),
        card(document, CARD_DAY, patient(), observation(status="preliminary")),
        card(document, CARD_DAY, patient(), observation(), immunization()),
        card(document, CARD_DAY, immunization()),
        card(document, CARD_DAY, patient()),
        card(document, CARD_DAY, patient(), observation(effectiveDateTime="2027-01-01")),
        *(card(document, CARD_DAY, patient(**more), immunization()) for more, _ in PERSONS.values()),
        *(card(document, CARD_DAY, patient(), immunization(), **how) for how, _ in BUNDLES.values()),
        *(card(document, CARD_DAY, {"fullUrl": "https://a.example/Patient/1", "resource": patient()},
               {"fullUrl": f"{server}Immunization/2",
                "resource": immunization(patient={"reference": "Patient/1"})})
          for server in ("https://a.example/", "https://b.example/")),
    ]  # fmt: skip
    cases = [{"text": one.decode(), "keys": keys, "now": CARD_DAY.timestamp()} for one in payloads]
    page = opened(browser, site, SIZES[1])
    page.goto(f"{site}/verify/offline")
    found = page.evaluate(
        """async (cases) => {
          const { judge } = await import("/static/verify-core.js");
          const { rules } = await (await fetch("/verify/keys.json")).json();
          const found = [];
          for (const one of cases) {
            const { verdict, reason, claims } = await judge(one.text, one.keys, one.now, { rules });
            found.push([verdict, reason, claims?.lot ?? null, claims?.date ?? null]);
          }
          return found;
        }""",
        cases,
    )
    page.context.close()
    told = {"uncounted": "nothing"}
    for shown, (verdict, reason, lot, day) in zip(payloads, found, strict=True):
        ours = verifier.verify(shown, CARD_DAY)
        some = "some" if ours.claims.get("notCounted") else "valid"
        wanted = told.get(str(ours.claims.get("kind")), some)
        wanted = "form" if ours.verdict == "unreadable" else wanted
        assert (verdict, reason) == (ours.verdict, wanted), ours
        assert (lot, day) == (ours.claims.get("lot"), ours.claims.get("date")), ours


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]])
def test_a_handwritten_card_is_typed_with_the_keyboard_alone_cell_by_cell(
    browser: Browser, site: str, size: tuple[int, int]
) -> None:
    """Six doses, each in the keys of its day, its batch and two Enters; then the button."""
    page = opened(browser, site, size)
    page.goto(site + "/")
    page.fill("#q", "Eleni" if size == SIZES[0] else "Ravi Kumar")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.locator(".people a").first.click()
    page.goto(page.url.rstrip("/") + "/card")
    page.focus("input[name^=on-]")
    for text in ("3/2026", "B7", "12/6/2026", "B8", "2026", ""):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.focus("form.table-form button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.rpartition("/")[0].endswith("/people")
    assert page.locator(".history li").count() >= 3
