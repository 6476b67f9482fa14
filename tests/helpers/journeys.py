"""A hand at the tablet, as a browser sees it: what a journey costs is counted from real events."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page

COUNTING = """
(() => {
  const kept = JSON.parse(sessionStorage.counted ?? '{"taps":0,"keys":0,"scrolled":0}');
  const keep = () => { sessionStorage.counted = JSON.stringify(kept); };
  addEventListener("pointerdown", () => { kept.taps += 1; keep(); }, true);
  addEventListener("keydown", (event) => {
    if (!window.scanning && event.isTrusted) { kept.keys += 1; keep(); }
  }, true);
  const places = new WeakMap();
  addEventListener("scroll", (event) => {
    const place = event.target === document ? document.scrollingElement : event.target;
    kept.scrolled += Math.abs(place.scrollTop - (places.get(place) ?? 0));
    places.set(place, place.scrollTop);
    keep();
  }, true);
})();
"""
"""What the page itself sees: pointers that go down, keys, and pixels that it was pushed."""

IN_VIEW = """
(one) => {
  const box = one.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.querySelector("header")?.getBoundingClientRect().bottom ?? 0;
  const bar = document.querySelector("nav.bar")?.getBoundingClientRect().top ?? innerHeight;
  const fixed = one.closest("header, nav.bar");
  const [first, last] = fixed ? [0, innerHeight] : [top, bar];
  const seen = document.elementFromPoint(x, y);
  const whole = box.top >= first - 1 && box.bottom <= last + 1;
  return { x, y, above: first - box.top, below: box.bottom - last,
           whole: whole && box.height > 0 && Boolean(seen) && (one.contains(seen) || seen.contains(one)) };
}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a journey took: taps, typed keys, other pages that were shown, pixels pushed."""

    taps: int
    keys: int
    screens: int
    scrolled: int


class Tablet:
    """One tablet: what is tapped has to be in view whole, and is pushed there by hand if not."""

    def __init__(
        self, browser: Browser, site: str, size: tuple[int, int], language: str = "en"
    ) -> None:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=True, reduced_motion="reduce"
        )
        context.add_cookies([{"name": "language", "value": language, "url": site}])
        context.add_init_script(COUNTING)
        self.site = site
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self._screens = 0
        self.page.on("load", lambda _: self._shown())

    def _shown(self) -> None:
        self._screens += 1

    def sign_in(self, code: str, pin: str = "2468") -> None:
        """Sign in, which counts for nothing: it is done once a day."""
        self.page.goto(f"{self.site}/sign-in")
        self.page.fill("[name=code]", code)
        self.page.fill("[name=pin]", pin)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def begin(self, path: str = "/") -> None:
        """Open a page, and count from there."""
        self.page.goto(self.site + path)
        self.page.evaluate("sessionStorage.removeItem('counted')")
        self.page.reload()
        self._screens = 0

    def tap(self, what: str | Locator, *, leaves: bool = False) -> None:
        """Tap something; ``leaves``: another page comes of it."""
        one = self.page.locator(what).first if isinstance(what, str) else what.first
        one.wait_for(state="visible")
        for _ in range(60):
            place = one.evaluate(IN_VIEW)
            if place["whole"]:
                break
            self.page.mouse.move(200, 400)
            hidden = -place["above"] if place["above"] > 0 else place["below"]
            self.page.mouse.wheel(0, hidden if place["above"] > 0 or hidden > 0 else 100)
            self._wait_until_pushed(one, place)
        assert place["whole"], f"{what} cannot be brought into view: {place}"
        if leaves:
            with self.page.expect_navigation():
                self.page.mouse.click(place["x"], place["y"])
        else:
            self.page.mouse.click(place["x"], place["y"])

    def _wait_until_pushed(self, one: Locator, before: dict[str, object]) -> None:
        """Wait until the page has moved and stands: a busy machine draws a push late."""
        last = before
        for _ in range(30):
            self.page.wait_for_timeout(60)
            place = one.evaluate(IN_VIEW)
            if place == last != before:
                return
            last = place

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.page.keyboard.type(text)

    def enter(self) -> None:
        """Press the key that sends."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def scan(self, text: str) -> None:
        """Let a scanner type what it read, with Enter behind it: no key of a hand."""
        self.page.evaluate("() => { window.scanning = true; }")
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def cost(self) -> Cost:
        """Give what it took since ``begin``."""
        self.page.wait_for_load_state()
        counted = self.page.evaluate("JSON.parse(sessionStorage.counted ?? '{}')")
        return Cost(
            counted.get("taps", 0),
            counted.get("keys", 0),
            self._screens,
            round(counted.get("scrolled", 0)),
        )

    def close(self) -> None:
        """Put the tablet away."""
        self.page.context.close()
