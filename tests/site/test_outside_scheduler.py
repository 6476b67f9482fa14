"""Who is expected by the word of a scheduler outside is booked once, moved and called off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import of_type, take
from slots import LATER, MORNING, book, put_slots, register, slot, tomorrow

from edge.adapters.settings import FILE, read_settings, write_settings
from edge.adapters.settings_schedulers import SchedulerSettings
from edge.adapters.web_fetch import fetch
from edge.domain.errors import BadInput, Unavailable
from edge.journal import views
from edge.journal.letter_troubles import troubles
from edge.node import Node
from edge.peers.scheduler import Expected, Mood, Scheduler, SchedulerForm
from edge.services.commands import MoveAppointment
from edge.services.outside_scheduler import OutsideScheduler
from edge.web.app import create_app
from edge.wiring.jobs import outside_scheduler

FORMS: tuple[SchedulerForm, ...] = ("divoc", "csv", "fhir")


@pytest.fixture
def peer() -> Iterator[Scheduler]:
    peer = Scheduler("DEMO01", token="one-token")
    peer.start()
    yield peer
    peer.stop()


@pytest.fixture
def asking(node: Node, peer: Scheduler, tmp_path: Path) -> OutsideScheduler:
    put_slots(node, slot(5), slot(5, LATER))
    on = tomorrow(node).isoformat()
    peer.people = [
        Expected("a-1", "Zawadi Otieno", "1990-05-01", "Female", "did:demo.id:1001", on, MORNING),
        Expected("a-2", "Baraka Mwangi", "1985-02-03", "Male", "did:demo.id:1002", on, LATER),
    ]
    return made(node, peer, tmp_path)


def made(node: Node, peer: Scheduler, folder: Path, name: str = "national") -> OutsideScheduler:
    token = folder / "token"
    token.write_text("one-token\n")
    told = SchedulerSettings(name, peer.url, "covid-19", str(token))
    return outside_scheduler(told, node.use_cases, node.journal)


def booked(node: Node) -> list[tuple[str, str]]:
    with node.journal.reading() as db:
        found = views.appointments_on(db, "DEMO01", tomorrow(node), node.clock.zone)
    return sorted((one.person.name, one.hours) for one in found if not one.cancelled_at)


def told(node: Node) -> list[str]:
    with node.journal.reading() as db:
        return [trouble.sentence.format(**trouble.values) for trouble in troubles(db)]


BOTH = [("Baraka Mwangi", LATER), ("Zawadi Otieno", MORNING)]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_books_everybody_once_also_when_it_is_asked_anew(
    node: Node, peer: Scheduler, asking: OutsideScheduler, tmp_path: Path, form: SchedulerForm
) -> None:
    peer.form = form
    report = asking.run()
    assert report is not None
    assert (report.taken, report.mistakes, report.questions) == (2, (), ())
    assert booked(node) == BOTH
    assert asking.run() is None  # the same answer is not looked at again
    again = made(node, peer, tmp_path).run()  # after a restart it is, and changes nothing
    assert again is not None
    assert (again.taken, again.known) == (0, 2)
    assert booked(node) == BOTH
    assert len(of_type(node, "AppointmentBooked")) == 2
    assert told(node) == []
    assert "at=DEMO01&from=" in peer.asked[0]


@pytest.mark.parametrize("form", FORMS)
def test_who_is_moved_and_called_off_there_is_so_here_and_what_was_moved_here_stays(
    node: Node, peer: Scheduler, asking: OutsideScheduler, form: SchedulerForm
) -> None:
    peer.form = form
    asking.run()
    first, second = peer.people
    peer.people = [replace(first, hours=LATER), second]
    asking.run()
    assert booked(node) == [("Baraka Mwangi", LATER), ("Zawadi Otieno", LATER)]
    moved = of_type(node, "AppointmentBooked")[0].id
    take(node, MoveAppointment(appointment=moved, on=tomorrow(node), slot=MORNING), "R1")
    peer.people = [
        *peer.people,
        replace(second, id="a-3", name="Ines Sy", identity="did:demo.id:1003"),
    ]
    asking.run()
    assert ("Zawadi Otieno", MORNING) in booked(node)
    peer.people = [first, *peer.people[1:]]  # said anew: now it is there again
    peer.call_off("a-2")
    asking.run()
    assert booked(node) == [("Ines Sy", LATER), ("Zawadi Otieno", MORNING)]
    (cancelled,) = of_type(node, "AppointmentCancelled")
    assert cancelled.body["reason"] == "The scheduler called it off"


OWN = "The site has booked Zawadi Otieno itself"


@pytest.mark.parametrize("what", ["another slot", "another day", "called off", "the same"])
def test_a_scheduler_neither_moves_nor_cancels_what_the_site_booked_and_a_word_is_said(
    node: Node, peer: Scheduler, asking: OutsideScheduler, what: str
) -> None:
    person = register(node, "Zawadi Otieno", identity="did:demo.id:1001")
    book(node, person, hours=MORNING)
    first = replace(peer.people[0], born="1980-05-01")
    after = (tomorrow(node) + timedelta(days=1)).isoformat()
    peer.people = [
        {"another slot": replace(first, hours=LATER), "another day": replace(first, on=after)}.get(
            what, first
        )
    ]
    if what == "called off":
        peer.call_off("a-1")
    for _ in range(2):
        report = asking.run()
        if what == "the same":
            assert told(node) == []
            break
        assert report is not None
        assert report.taken == 0
        assert [str(one) for one in report.mistakes if OWN in str(one)] != []
        assert len(told(node)) == 1
    assert booked(node) == [("Zawadi Otieno", MORNING)]
    assert len(of_type(node, "AppointmentBooked")) == 1
    assert of_type(node, "AppointmentCancelled") == []
    peer.people = []
    asking.run()
    assert told(node) == []


def test_what_a_scheduler_calls_off_that_it_had_booked_itself_needs_no_word(
    node: Node, peer: Scheduler, asking: OutsideScheduler
) -> None:
    asking.run()
    peer.call_off("a-1")
    asking.run()
    (person,) = {one.body["person"] for one in of_type(node, "AppointmentBooked")[:1]}
    book(node, person, hours=LATER)  # the person comes to the desk all the same
    peer.people = [
        *peer.people,
        replace(peer.people[-1], id="a-7", identity="did:demo.id:7", name="Ines Sy"),
    ]
    asking.run()
    assert ("Zawadi Otieno", LATER) in booked(node)
    assert told(node) == []


def test_a_scheduler_leaves_alone_what_another_one_booked_under_the_same_number(
    node: Node, peer: Scheduler, asking: OutsideScheduler, tmp_path: Path
) -> None:
    asking.run()
    other = made(node, peer, tmp_path, "district")
    peer.people = [replace(peer.people[0], hours=LATER)]
    report = other.run()
    assert report is not None
    assert OWN.replace("The site", "Another scheduler") in str(report.mistakes[0])
    peer.call_off("a-1")
    other.run()
    assert booked(node) == BOTH


def test_a_person_who_is_here_is_booked_by_the_number_in_another_spelling(
    node: Node, peer: Scheduler, asking: OutsideScheduler, tmp_path: Path
) -> None:
    with node.journal.reading() as db:
        before = len(views.people_after(db, "", 1000))
    asking.run()
    peer.people = [
        replace(
            peer.people[0],
            id="b-9",
            identity="did:demo.id:10-01",
            on=peer.people[0].on,
            hours=LATER,
        )
    ]
    report = asking.run()
    assert report is not None
    assert (report.mistakes, report.questions) == ((), ())
    with node.journal.reading() as db:
        assert len(views.people_after(db, "", 1000)) == before + 2


@pytest.mark.parametrize(
    ("mood", "said"),
    [("down", "It answers with 503."), ("refuses", "It answers with 401."), ("cut", "It cannot be reached"),
     ("error page", "")],
)  # fmt: skip
def test_a_scheduler_that_misbehaves_is_named_on_the_page_and_nobody_is_lost(
    node: Node, peer: Scheduler, asking: OutsideScheduler, mood: Mood, said: str
) -> None:
    asking.run()
    peer.mood = mood
    peer.people = [*peer.people, replace(peer.people[0], id="a-3", name="Ines Sy", identity="")]
    assert asking.run() is None
    (sentence,) = told(node)
    assert said in sentence
    assert "one-token" not in sentence
    assert booked(node) == BOTH
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    assert "The scheduler national:" in client.get("/site").text
    peer.mood = "right"
    asking.run()
    assert told(node) == []
    assert ("Ines Sy", MORNING) in booked(node)


@pytest.mark.parametrize(
    ("resource", "field", "value", "held"),
    [
        ("Appointment", "start", "0001-01-01T00:00:00+14:00", False),  # DIVOC's day nobody chose
        ("Appointment", "start", "9999-12-31T23:59:00-12:00", True),
        ("Appointment", "start", ["2026-11-15T09:00:00Z"], True),
        ("Location", "identifier", [5], True),
        ("Location", "identifier", [None], True),
        ("Location", "identifier", [{"value": ["DEMO01"]}], True),
        ("Patient", "name", [{"text": {"en": "Awa Diop"}}], True),
        ("Patient", "name", [{"given": [None], "family": 5}], True),
        ("Patient", "birthDate", 19500101, True),
    ],
)
def test_an_odd_field_of_one_appointment_keeps_nobody_else_away(
    node: Node,
    peer: Scheduler,
    asking: OutsideScheduler,
    monkeypatch: pytest.MonkeyPatch,
    resource: str,
    field: str,
    value: Any,
    held: bool,
) -> None:
    peer.form = "fhir"
    bundle = json.loads(peer.content())
    parts = [entry["resource"] for entry in bundle["entry"]]
    at_odd_place = {"resourceType": "Location", "id": "odd", "identifier": [{"value": "DEMO01"}]}
    bundle["entry"].append({"resource": at_odd_place})
    (first,) = [part for part in parts if part.get("id") == "a-1"]
    first["participant"][1]["actor"]["reference"] = "Location/odd"
    patient = next(part for part in parts if part.get("resourceType") == "Patient")
    {"Appointment": first, "Location": at_odd_place, "Patient": patient}[resource][field] = value
    monkeypatch.setattr(peer, "content", lambda: json.dumps(bundle).encode())
    asking.run()
    assert len(booked(node)) == 1
    assert [sentence.count("not taken: 1") for sentence in told(node)] == [1] * held


def test_a_scheduler_that_is_gone_for_a_month_leaves_one_word_and_what_is_booked(
    node: Node, peer: Scheduler, asking: OutsideScheduler
) -> None:
    asking.run()
    peer.stop()
    for _ in range(30):
        assert asking.run() is None
    (sentence,) = told(node)
    assert sentence == "It cannot be reached (ConnectionError)."
    assert booked(node) == BOTH


def test_a_kill_before_the_end_is_noted_books_nobody_twice(
    node: Node,
    peer: Scheduler,
    asking: OutsideScheduler,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    class KilledError(BaseException):
        pass

    first = list(peer.people)
    peer.people = first[:1]
    asking.run()
    peer.people = first

    def killed(*_: Any, **__: Any) -> None:
        raise KilledError

    monkeypatch.setattr(asking, "_tell", killed)
    with pytest.raises(KilledError):
        asking.run()  # everything is recorded, and not that it was
    made(node, peer, tmp_path).run()
    assert booked(node) == BOTH
    assert len(of_type(node, "AppointmentBooked")) == 2


def test_what_is_written_into_the_settings_is_read_again(node: Node) -> None:
    told = SchedulerSettings("national", "https://moh.example/{facility}", "covid-19", "/t", 5, 3)
    write_settings(node.folder, replace(node.settings, schedulers=(told,)))
    assert read_settings(node.folder).schedulers == (told,)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('url = "http://example.org/"', "has no safe address"),
        ('url = "https://user:secret@example.org/"', "has no safe address"),
        ('url = "https://example.org/{site}"', "has braces in its url"),
        ('url = "https://example.org/"\ntoken_file = "token"', "is not absolute"),
        ('url = "https://example.org/"\nminutes = 0', "is not complete"),
        ('url = "https://example.org/"\nname = "A B"', "has no good name"),
    ],
)
def test_settings_that_cannot_be_are_named(node: Node, line: str, said: str) -> None:
    name = "" if "name =" in line else 'name = "national"\n'
    path = node.folder / FILE
    with path.open("a") as file:
        file.write(f'\n[[scheduler]]\nprogramme = "covid-19"\n{name}{line}\n')
    with pytest.raises(BadInput, match=said) as caught:
        read_settings(node.folder)
    assert "secret" not in str(caught.value)


def test_an_answer_without_an_end_is_left_at_its_bound(
    monkeypatch: pytest.MonkeyPatch, peer: Scheduler
) -> None:
    monkeypatch.setattr("edge.adapters.web_fetch._LARGEST", 64 * 1024)
    peer.token = ""
    monkeypatch.setattr(peer, "content", lambda: b"[" + b" " * 200_000 + b"]")
    with pytest.raises(Unavailable, match="larger than"):
        fetch(peer.url)
    monkeypatch.setattr(peer, "content", lambda: b"[]")
    assert fetch(peer.url) == b"[]"


def test_an_answer_that_comes_byte_by_byte_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch, peer: Scheduler
) -> None:
    monkeypatch.setattr("edge.adapters.web_fetch._IN_ALL", 0.2)
    peer.token, peer.mood = "", "slow"
    monkeypatch.setattr(peer, "content", lambda: b" " * 10_000)
    with pytest.raises(Unavailable, match="takes too long"):
        fetch(peer.url)
