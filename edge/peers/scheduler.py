"""A country's scheduler in software: it tells who is expected, in three forms, or misbehaves."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

SchedulerForm = Literal["divoc", "csv", "fhir"]
Mood = Literal["right", "error page", "cut", "slow", "refuses", "down"]
"""As it should be; 200 with a page of HTML; an answer that breaks off, or comes
byte by byte; 503; the wrong token."""
_COLUMNS = (
    *("phone", "identity", "nationality", "dob", "gender", "name", "email", "addressLine1"),
    *("addressLine2", "district", "state", "pincode", "enrollmentScopeId"),
    *("appointmentDate", "appointmentSlot", "osid", "appointmentStatus"),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who is expected: ``on`` and ``hours`` (10:00-11:00) at the site."""

    id: str
    name: str
    born: str
    gender: str
    identity: str
    on: str
    hours: str
    cancelled: bool = False


class Scheduler:
    """Answers on a port of this machine; ``people`` and ``mood`` may be changed while it runs."""

    def __init__(
        self, facility: str, form: SchedulerForm = "divoc", token: str = "", zone: str = "+00:00"
    ) -> None:
        self.facility, self.form, self.token, self.zone = facility, form, token, zone
        self.people: Sequence[Expected] = ()
        self.mood: Mood = "right"
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The address with what a site puts in."""
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}/expected?at={{facility}}&from={{from}}&until={{until}}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End, and let go of the port."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def call_off(self, id_: str) -> None:
        """Say of somebody that they do not come."""
        self.people = [
            replace(each, cancelled=True) if each.id == id_ else each for each in self.people
        ]

    def content(self) -> bytes:
        """Give who is expected, in the form that was chosen."""
        if self.form == "csv":
            return _csv(self.people, self.facility)
        if self.form == "fhir":
            return json.dumps(_bundle(self.people, self.facility, self.zone)).encode()
        told = [_enrolment(each, self.facility) for each in self.people]
        return json.dumps(told).encode()


def _handler(scheduler: Scheduler) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            scheduler.asked.append(self.path)
            token = f"Bearer {scheduler.token}" if scheduler.token else ""
            if scheduler.mood == "down":
                self._answer(503, b"")
            elif scheduler.mood == "refuses" or self.headers.get("Authorization", "") != token:
                self._answer(401, b"")
            elif scheduler.mood == "error page":
                self._answer(200, b"<html><body>Internal error</body></html>")
            else:
                self._answer(200, scheduler.content())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if scheduler.mood == "slow":
                with contextlib.suppress(OSError):  # whoever asked has gone
                    for place in range(len(body)):
                        self.wfile.write(body[place : place + 1])
                        time.sleep(0.02)
                return
            self.wfile.write(body[: len(body) // 2] if scheduler.mood == "cut" else body)

        def log_message(self, *_: Any) -> None:
            """Write no log: people stand in what is answered."""

    return Handler


def _enrolment(each: Expected, facility: str) -> dict[str, Any]:
    when = {"appointmentDate": each.on, "appointmentSlot": each.hours, "certified": False}
    return {
        "osid": each.id,
        "name": each.name,
        "dob": each.born,
        "gender": each.gender,
        "identity": each.identity,
        "enrollmentScopeId": facility,
        "appointmentStatus": "cancelled" if each.cancelled else "",
        "appointments": [when],
    }


def _csv(people: Sequence[Expected], facility: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, restval="", extrasaction="ignore")
    writer.writeheader()
    for each in people:
        enrolment = _enrolment(each, facility)
        writer.writerow({**enrolment, **enrolment["appointments"][0]})
    return text.getvalue().encode()


def _bundle(people: Sequence[Expected], facility: str, zone: str) -> dict[str, Any]:
    place = {"resourceType": "Location", "id": "here", "identifier": [{"value": facility}]}
    resources: list[dict[str, Any]] = [place]
    for each in people:
        system, _, value = each.identity.rpartition(":")
        start, _, end = each.hours.partition("-")
        resources += [
            {
                "resourceType": "Patient",
                "id": f"p-{each.id}",
                "identifier": [{"system": system, "value": value}] if value else [],
                "name": [{"text": each.name}],
                "gender": each.gender.lower(),
                "birthDate": each.born,
            },
            {
                "resourceType": "Appointment",
                "id": each.id,
                "status": "cancelled" if each.cancelled else "booked",
                "start": f"{each.on}T{start}:00{zone}",
                "end": f"{each.on}T{end}:00{zone}",
                "participant": [
                    {"actor": {"reference": f"Patient/p-{each.id}"}, "status": "accepted"},
                    {"actor": {"reference": "Location/here"}, "status": "accepted"},
                ],
            },
        ]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
    }
