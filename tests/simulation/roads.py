"""The way between one site and the nation: the real HTTP client over a network made of faults."""

from __future__ import annotations

import io
import json
from collections import deque
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import requests
from centre import Answer
from clockwork import Violation
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from sync.protocol import frames
from sync.protocol.versions import ONCE
from sync.site.transports import LineOptions
from sync.site.transports.http import HttpTransport

if TYPE_CHECKING:
    from boxes import Box

_PORTAL = b"<html><title>Welcome</title><form action=/login>Accept the terms</form></html>"
_OLDER = json.dumps({"protocol": {"min": ONCE, "max": ONCE}, "codings": ["zlib"]}).encode()
_KEPT = 6
"""Older answers of each kind that a middlebox may give again."""


class PowerCut(BaseException):
    """The node is without power from here on; nothing in the software can catch it."""


class Road:
    """Carries a box's requests; who is at its other end is drawn for each pass."""

    def __init__(self, box: Box, *, secure: bool) -> None:
        self.box = box
        self.secure = secure
        self.peer = "registry"
        self.answered = -1
        """The registry's generation when it last answered this box."""
        self._older: dict[str, deque[Answer]] = {}
        self._speed = box.work.random.choice((3e3, 3e4, 1e6))

    def connect(self, url: str, line: LineOptions) -> HttpTransport:
        """Make the real transport, with this road under it."""
        transport = HttpTransport(url, line)
        transport.authenticated = self.secure
        transport._session.mount("http://", _Adapter(self))
        return transport

    def begin(self) -> None:
        """Draw who answers in the pass that begins now."""
        work, faults = self.box.work, self.box.country.faults
        self.peer = "registry"
        for peer in ("offline", "portal", "impostor"):
            if work.chance(getattr(faults, peer)):
                self.peer = peer
                break

    def carry(self, request: requests.PreparedRequest) -> requests.Response:
        """Bring a request to whoever is there, and back what they say."""
        body = request.body.read() if request.body is not None else None  # type: ignore[union-attr]
        path = str(request.path_url)
        kind = _kind(path)
        box, work = self.box, self.box.work
        box.spent += work.random.uniform(0.05, 1.5) + len(body or b"") / self._speed
        box.country.ledger.counts[f"asked {kind}"] += 1
        answer = self._answer(str(request.method), path, kind, body)
        work.log(
            f"{box.name} {self.peer} {kind} {len(body or b'')} -> {answer.status}"
            f" {len(answer.data)}"
        )
        return _response(request, answer)

    def _answer(self, method: str, path: str, kind: str, body: bytes | None) -> Answer:
        if self.peer == "offline":
            raise self._gone(kind, requests.exceptions.ConnectTimeout())
        if self.peer in ("portal", "impostor"):
            if self.secure:
                raise self._gone(kind, requests.exceptions.SSLError())
            self.box.country.ledger.peek(self.peer, body)
            return self._portal() if self.peer == "portal" else self._impostor(kind)
        return self._registry(method, path, kind, body)

    def _registry(self, method: str, path: str, kind: str, body: bytes | None) -> Answer:
        box, work, faults = self.box, self.box.work, self.box.country.faults
        nation = box.country.nation
        self._meanwhile(kind)
        if work.chance(faults.busy):
            return self._busy()
        if work.chance(faults.lost_before):
            if work.chance(faults.delayed * 3):
                self._later(method, path, kind, body)
            raise self._gone(kind, requests.exceptions.ConnectionError())
        if not self.secure and work.chance(faults.replayed) and self._older.get(kind):
            return self._again(kind)
        generation = nation.generation
        answer = nation.call(method, path, body)
        if kind == "speak" and box.old:
            answer = Answer(200, (("Content-Type", "application/json"),), _OLDER)
        if work.chance(faults.duplicated):
            self._later(method, path, kind, body)
        self._meanwhile(kind)
        if work.chance(faults.lost_after):
            raise self._gone(kind, requests.exceptions.ReadTimeout())
        if not self.secure and work.chance(faults.forged):
            return self._forged(answer)
        if work.chance(faults.cut):
            return self._cut(answer)
        self._older.setdefault(kind, deque(maxlen=_KEPT)).append(answer)
        self.answered = generation
        return answer

    def _meanwhile(self, kind: str) -> None:
        box, work, country = self.box, self.box.work, self.box.country
        if work.chance(country.faults.died):
            work.log(f"{box.name} dies in {kind}")
            raise PowerCut
        if work.chance(country.faults.meanwhile):
            country.meanwhile(box)

    def _later(self, method: str, path: str, kind: str, body: bytes | None) -> None:
        """Let the network deliver a request some time from now; nobody hears the answer."""

        def deliver() -> None:
            self.box.country.nation.call(method, path, body)

        delay = self.box.work.random.expovariate(1 / 3600)
        self.box.work.after(delay, f"late {self.box.name} {kind}", deliver)

    def _gone(self, kind: str, error: Exception) -> Exception:
        self.box.work.log(f"{self.box.name} {self.peer} {kind} {type(error).__name__}")
        return error

    def _busy(self) -> Answer:
        work = self.box.work
        status = work.random.choice((429, 502, 503, 504, 500))
        seconds = work.random.randrange(5, 600)
        now, later = work.moment(), work.moment(seconds)
        wait = work.random.choice(
            (
                (("Retry-After", str(seconds)),),
                (
                    ("Date", format_datetime(now, usegmt=True)),
                    ("Retry-After", format_datetime(later, usegmt=True)),
                ),
                (),
            )
        )
        return Answer(status, (("Content-Type", "text/html"), *wait), b"<h1>busy</h1>")

    def _portal(self) -> Answer:
        html = (("Content-Type", "text/html"),)
        json_ = (("Content-Type", "application/json"),)
        return self.box.work.random.choice(
            (
                Answer(200, html, _PORTAL),
                Answer(302, (("Location", "http://portal.test/"), *html), b""),
                Answer(511, html, _PORTAL),
                Answer(200, json_, b'{"ok": true}'),
                Answer(200, json_, b"not json"),
                Answer(200, (), b""),
            )
        )

    def _impostor(self, kind: str) -> Answer:
        """Answer with what the registry once said, or with a lie that nobody signed."""
        if self._older.get(kind) and self.box.work.chance(0.8):
            return self._again(kind)
        lie = {"receipt": {"number": 10**6, "count": 10**6, "at": "", "signature": "AAAA"}}
        return Answer(200, (), frames.pack({**lie, "ok": True}))

    def _again(self, kind: str) -> Answer:
        self.box.country.ledger.counts["replays"] += 1
        return self.box.work.random.choice(list(self._older[kind]))

    def _forged(self, answer: Answer) -> Answer:
        """Change what the registry said of numbers, and leave its signature."""
        if not frames.is_frame(answer.data):
            return answer
        document = frames.unpack(answer.data)
        receipt = document.get("receipt")
        if isinstance(receipt, dict):
            receipt["count"] += self.box.work.random.randrange(1, 50)
        document["more"] = False
        self.box.country.ledger.counts["forgeries"] += 1
        return Answer(answer.status, (), frames.pack(document))

    def _cut(self, answer: Answer) -> Answer:
        """Break off inside the answer: seen by its length, or only by what it is."""
        kept = answer.data[: self.box.work.random.randrange(len(answer.data) + 1)]
        length = (("Content-Length", str(len(answer.data))),)
        headers = tuple(pair for pair in answer.headers if pair[0] != "Content-Length")
        told = self.box.work.chance(0.5)
        return Answer(answer.status, headers + (length if told else ()), kept)


class _Adapter(BaseAdapter):
    def __init__(self, road: Road) -> None:
        super().__init__()
        self._road = road

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        try:
            return self._road.carry(request)
        except requests.RequestException:
            raise
        except Exception as error:
            # The real client takes whatever goes wrong here for a broken line.
            raise Violation(f"the registry or the simulation fails: {error!r}") from error

    def close(self) -> None:
        """Nothing is open."""


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(dict(answer.headers))
    response.raw = HTTPResponse(
        io.BytesIO(answer.data),
        headers=dict(answer.headers),
        status=answer.status,
        preload_content=False,
    )
    response.request, response.url = request, str(request.url)
    return response


def _kind(path: str) -> str:
    if path == "/v1":
        return "speak"
    last = path.rpartition("/")[2].partition("?")[0]
    if last in ("enrol", "batches", "letters", "urgent"):
        return last
    return "unchanged" if "?" in path else "state"
