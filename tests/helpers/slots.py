"""Demoland's campaign with slots at its health centre, and people booked into them."""

from __future__ import annotations

import json
from datetime import date, timedelta

from desks import take
from next_edition import put_in_force
from site_factory import demonstration

from edge.domain.session_days import WEEKDAYS
from edge.journal import views
from edge.journal.views import AppointmentRecord
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import BookAppointment, RegisterPerson

PROGRAMME = "covid-19"
MORNING, LATER = "10:00-11:00", "11:00-12:00"


def slot(
    room: int | None, hours: str = MORNING, days: tuple[str, ...] = WEEKDAYS
) -> dict[str, object]:
    """Give a slot as facilities.yaml has it; ``room`` None: for any number."""
    opens, _, closes = hours.partition("-")
    told = {"max_appointments": room} if room is not None else {}
    return {"days": list(days), "from": opens, "until": closes, **told}


def put_slots(node: Node, *slots: dict[str, object], **said: object) -> None:
    """Bring a campaign into force in which the health centre has these slots, and what is said.

    Without any people are expected at any time of the day.
    """
    body = json.loads(json.dumps(demonstration().body))
    rules = {"approval": said.pop("approval")} if "approval" in said else {}
    for facility in body["facilities"]:
        if facility["code"] == "DEMO01":
            facility["programmes"] = [
                {"id": PROGRAMME, **({"appointments": list(slots)} if slots else {}), **said},
                *({"id": other["id"]} for other in body["programmes"] if other["id"] != PROGRAMME),
            ]
    put_in_force(node, CheckedCampaign({**body, **rules}))


def register(node: Node, name: str, identity: str = "") -> str:
    """Register somebody who is like nobody else; give the id."""
    person = RegisterPerson(
        name=name,
        gender="Female",
        birth_date=date(1980, 5, 1),
        identity=identity,
        different_person=True,
    )
    return take(node, person, "R1")


def tomorrow(node: Node) -> date:
    """Give the day after the site's own."""
    return node.clock.today() + timedelta(days=1)


def book(node: Node, person: str, on: date | None = None, hours: str = MORNING) -> str:
    """Book somebody into a slot, tomorrow's where no day is said; give the appointment's id."""
    command = BookAppointment(
        person=person, programme=PROGRAMME, on=on or tomorrow(node), slot=hours
    )
    return take(node, command, "R1")


def found(node: Node, id_: str) -> AppointmentRecord:
    """Give an appointment."""
    with node.journal.reading() as db:
        record = views.appointment(db, id_, node.clock.zone)
    assert record
    return record
