"""Who sends how much: pictures from guests cost the site neither its memory nor its patience."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from photographs import code, saved, vast
from PIL import Image
from playwright.sync_api import Browser
from serving import Serving
from site_factory import fill

from edge.adapters.entropy import uuid7
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.domain.errors import Unavailable
from edge.node import Node
from edge.services.admission import Asker
from edge.web.app import create_app
from edge.web.uploads import LARGEST, SMALL

SignedIn = Callable[[str], FlaskClient]
MB = 1024 * 1024


def heavy() -> bytes:
    """A photograph of almost 8 MB, as large as one may be."""
    noise = Image.effect_noise((4000, 3000), 90).convert("RGB")
    noise.paste(code(size=1500), (300, 300))
    data = saved(noise, "JPEG", quality=90)
    assert 4 * MB < len(data) < LARGEST
    return data + bytes(LARGEST - len(data) - 4096)


SITE = """
import sys, threading
sys.modules["rfc3987_syntax"] = None  # of the tests' own packages: 20 MB that no site has
from pathlib import Path
from edge.node import Node
from edge.web.app import create_app
from edge.web.app import create_app
from edge.web.uploads import LIMITS
from sync.web.serving import Server
node = Node(Path(sys.argv[1]))
node.start()
server = Server(
    create_app(node.backend()), "127.0.0.1", 0, threads=16, limits=LIMITS
)
print(server.port, flush=True)
threading.Thread(target=server.run, daemon=True).start()
sys.stdin.read()
node.close()
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    make_site(tmp_path / "site", Settings(facility="DEMO01"))
    node = Node(tmp_path / "site")
    fill(node)
    node.close()
    run = subprocess.Popen(
        [sys.executable, "-c", SITE, str(tmp_path / "site")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout
    yield run, f"http://127.0.0.1:{int(run.stdout.readline())}"
    run.communicate(timeout=60)


def peak(process: int) -> int:
    """The most memory that a process had (bytes)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children")
    tasks = text.parent.parent.glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


@pytest.mark.slow
def test_64_pictures_from_16_guests_leave_the_site_under_300_mb_and_a_nurse_gets_her_answer(
    site: tuple[subprocess.Popen[str], str],
) -> None:
    run, url = site
    pictures = [vast(), heavy(), saved(Image.new("RGBA", (4000, 3000))), saved(code())]
    answers: Counter[int] = Counter()

    def show(number: int) -> None:
        picture = pictures[number // 2 % 4]
        if number % 2:
            answer = requests.post(f"{url}/verify", files={"picture": ("a", picture)}, timeout=120)
        else:
            answer = requests.post(f"{url}/api/v1/verify", data=picture, timeout=120)
        answers[answer.status_code] += 1
        if answer.status_code == 503:
            # the queue of pictures is full, or the memory for what is being sent
            assert re.search("Too many pictures|Too much is being sent", answer.text)
        children_seen.update(children(run.pid))

    children_seen: set[int] = set()
    token = requests.post(
        url + "/api/v1/session", json={"code": "V1", "pin": "2468"}, timeout=60
    ).json()["token"]
    nurse = {"Authorization": f"Bearer {token}"}
    with ThreadPoolExecutor(16) as guests:
        shown = [guests.submit(show, number) for number in range(64)]
        answer = requests.post(
            url + "/api/v1/verify", data=saved(code()), headers=nurse, timeout=120
        )
        for one in shown:
            one.result()
    assert answer.status_code == 200
    assert answer.json()["reason"] == "This is not a certificate in a form known here."
    assert set(answers) <= {200, 503}
    assert answers[200] > 0
    decoders = [peak(one) for one in children(run.pid)]
    assert len(decoders) <= 1
    assert peak(run.pid) + sum(decoders) < 300 * MB
    assert requests.get(url + "/api/v1/ping", timeout=60).json() == {"ok": True}
    assert len(children_seen) <= 3  # one decoder, and another where one died


def test_a_large_body_is_read_only_where_a_picture_may_stand(signed_in: SignedIn) -> None:
    browser, guest = signed_in("V1"), signed_in("")
    large, small = b"x" * (SMALL + 1), b"x" * SMALL
    for path in ("/api/v1/session", "/api/v1/people/search", "/sign-in", "/register"):
        assert guest.post(path, data=large).status_code in (303, 413), path
        assert browser.post(path, data=large).status_code == 413 or path == "/register", path
    answer = guest.post("/api/v1/session", data=large)
    assert answer.get_json()["code"] == "request.too-large"
    assert guest.post("/api/v1/session", data=small).get_json()["code"] == "request.not-json"
    assert guest.post("/api/v1/verify", data=large).get_json()["verdict"] == "unreadable"
    assert guest.post("/api/v1/verify", data=b"x" * (LARGEST + 1)).status_code == 413


def test_large_pictures_have_so_many_places_and_each_is_given_back(
    node: Node, signed_in: SignedIn
) -> None:
    guest, large = signed_in(""), b"x" * (SMALL + 1)
    me = Asker("127.0.0.1")
    node.pictures.uploads.take(me)
    refused = guest.post("/api/v1/verify", data=large)
    assert refused.status_code == 503
    assert refused.get_json()["temporary"]
    assert refused.get_json()["code"] == "pictures.busy"
    page = guest.post("/verify", data={"picture": (io.BytesIO(large), "a.jpg")})
    assert page.status_code == 503
    assert "Too many pictures" in page.text
    assert guest.post("/api/v1/verify", data=b"small").status_code == 200
    assert signed_in("V1").post("/api/v1/verify", data=large).status_code == 200
    node.pictures.uploads.give_back(me)
    for _ in range(5):
        assert guest.post("/api/v1/verify", data=large).status_code == 200
        assert guest.post("/api/v1/verify", data=b"x" * (LARGEST + 1)).status_code == 413
    node.pictures.uploads.take(me)
    with pytest.raises(Unavailable):
        node.pictures.uploads.take(me)
    node.pictures.uploads.give_back(me)


def test_a_picture_is_read_at_the_doors_for_pictures_and_in_no_transaction(
    node: Node, signed_in: SignedIn, find: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def codes(picture: bytes, asker: Asker) -> list[bytes]:
        asked.append(picture)
        return [b"what it holds"]

    monkeypatch.setattr(node.pictures, "codes", codes)
    browser, picture = signed_in("V1"), saved(code())
    carried = base64.b64encode(picture).decode()
    command: dict[str, Any] = {
        "type": "ReportDoses",
        "person": find("Eleni"),
        "certificate": carried,
    }
    answer = browser.put(f"/api/v1/entries/{uuid7(datetime.now(UTC), bytes(10))}", json=command)
    assert answer.get_json()["code"] == "evidence.not-valid"
    browser.post("/register", data={"do": "scan", "certificate": carried})
    assert asked == []
    assert browser.post("/api/v1/verify", data=picture).status_code == 200
    assert asked == [picture]


@pytest.mark.slow
def test_a_request_of_many_pictures_has_eight_of_them_read(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def decode(picture: bytes, asker: Asker) -> list[bytes]:
        asked.append(picture)
        return []

    monkeypatch.setattr(node.printing.calibration, "_decode", decode)
    many = [(io.BytesIO(b"picture"), f"{number}.png") for number in range(30)]
    answer = signed_in("S1").post(
        "/printers/desk/calibration", data={"do": "read", "picture": many}
    )
    assert answer.status_code < 500
    assert len(asked) == 8


@pytest.mark.slow  # a browser
def test_a_photograph_of_more_than_the_site_takes_is_made_smaller_by_the_browser(
    node: Node, browser: Browser
) -> None:
    serving = Serving(create_app(node.backend()))
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{serving.url}/verify")
    photograph = saved(code(size=3000), "JPEG") + bytes(LARGEST)
    page.set_input_files(
        "[name=picture]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photograph}
    )
    page.click("form.verify .actions button:enabled")
    page.wait_for_selector("#verdict .verdict", timeout=60_000)
    said = page.inner_text("#verdict")
    page.close()
    serving.close()
    assert "This is not a certificate in a form known here." in said
