"""People are reminded on the days that the campaign says, once, and never of what is over."""

from __future__ import annotations

from datetime import date, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from channels import PLAN, ChannelOf, RecordedChannel, send_by
from desks import take

from edge.campaign.distribution import to_distribution
from edge.domain.campaign_texts import CampaignText
from edge.domain.contact import NOTHING_SAID, ContactPreference, QuietHours, ends_messages
from edge.domain.errors import Unavailable
from edge.domain.recall import calls
from edge.journal import views
from edge.node import Node
from edge.services.commands import (
    GiveDose,
    MergePeople,
    RecordContactPreference,
    RecordStatus,
    RegisterPerson,
)
from edge.services.messages.reminding import Reminders, reminder_day, reminder_until
from sync.protocol.instants import instant

DUE = date(2026, 12, 10)
_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (-3, None), (-2, -2), (-1, -2), (0, -2), (1, None), (2, None), (3, 3), (4, 3), (10, 3),
        (11, None), (13, None), (14, 14), (21, 14), (22, None), (300, None),
    ],
)  # fmt: skip
def test_the_last_reminder_whose_day_has_come_is_told_for_a_week(
    after: int, told: int | None
) -> None:
    plan = to_distribution(PLAN, "en")
    assert reminder_day(plan, DUE, DUE + timedelta(days=after)) == told


@pytest.mark.parametrize(
    ("reply", "ends"),
    [
        ("STOP", True), ("stop.", True), ("Arrêt svp", True), ("FIN", True), ("قِف", True),
        ("توقف من فضلك", True), ("", False), ("Thanks, non-stop", False), ("don't stop", False),
        ("OK", False), ("🛑", False),
    ],
)  # fmt: skip
def test_an_answer_ends_messages_in_any_language_and_another_does_not(
    reply: str, ends: bool
) -> None:
    assert ends_messages(reply, to_distribution(PLAN, "en").stop) is ends


def test_a_reminder_of_a_dose_to_come_waits_until_the_day_is_over_at_the_site() -> None:
    dhaka = reminder_until(DUE, -2, ZoneInfo("Asia/Dhaka"))
    assert instant(dhaka) == "2026-12-10T18:00:00.000Z"
    late = reminder_until(DUE, 3, ZoneInfo("America/Lima"))
    assert instant(late) == "2026-12-27T05:00:00.000Z"


@pytest.mark.parametrize(
    "word", ["থামুন", "रोकें", "நிறுத்து", "ရပ်ပါ", "หยุด", "አቁም", "نه‌خیر", "no-more"]
)
def test_a_campaigns_word_ends_messages_whatever_script_it_is_in(word: str) -> None:
    stop = CampaignText.read(word, "bn")
    for reply in (word, f"{word}।", f"\u200f{word.upper()}. Please!", f"  '{word}'"):
        assert ends_messages(reply, stop)
    for reply in (word[0], f"ok {word}", "🛑", ""):
        assert not ends_messages(reply, stop)


def test_quiet_hours_go_over_midnight() -> None:
    night = QuietHours(time(20), time(7))
    assert [night.holds(time(hour)) for hour in (19, 20, 23, 0, 6, 7)] == [0, 1, 1, 1, 1, 0]


def test_who_was_never_asked_is_told_only_where_the_campaign_assumes_it() -> None:
    asked, assumed = (
        to_distribution({**PLAN, "consent": how}, "en") for how in ("asked", "assumed")
    )
    assert [plan.agreed(NOTHING_SAID) for plan in (asked, assumed)] == [False, True]
    assert [plan.agreed(ContactPreference("no")) for plan in (asked, assumed)] == [False, False]


class Days:
    """A node whose days pass, with a channel that remembers."""

    def __init__(self, node: Node) -> None:
        self.node, self.channel = node, RecordedChannel()
        self.box = ChannelOf(node, self.channel)
        self.reminders = Reminders(node.journal, node.site, self.box.addresses)
        self.today = node.clock.today()

    def pass_(self, days: int = 1) -> None:
        self.today += timedelta(days=days)
        self.box.seconds += 86400 * days
        with patch.object(type(self.node.clock), "today", lambda _: self.today):
            self.reminders.run()
            self.box.run()

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.channel.sent]


@pytest.fixture
def days(node: Node) -> Days:
    send_by(node, consent="asked")
    return Days(node)


def first_dose(node: Node, name: str = "Asha Newcomer") -> tuple[str, date]:
    """Register somebody who agrees, give a first dose, and say when the second is due."""
    take(node, RegisterPerson(name=name, gender="Female", birth_year=1990, phone="+254712345678"))
    with node.journal.reading() as db:
        person = views.find_people(db, name)[0].id
    take(node, RecordContactPreference(person=person, consent="yes"))
    take(node, GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    with node.journal.reading() as db:
        catalogue, today = node.site.catalogues.current(db), node.clock.today()
        due = min(
            call.since
            for call in calls(
                views.person(db, person), views.history(db, person), {}, catalogue, today,  # type: ignore[arg-type]
                today + timedelta(days=400),
            )
            if call.programme == "covid-19"
        )  # fmt: skip
    return person, due


@pytest.mark.slow
def test_a_person_is_told_before_and_after_the_day_once_each_and_then_no_more(days: Days) -> None:
    _, due = first_dose(days.node)
    while days.today < due - 3 * _DAY:
        days.pass_(1 if days.today > due - 6 * _DAY else 5)
    assert days.texts == []
    for _ in range(60):
        days.pass_()
        days.reminders.run()
    said = [text for text in days.texts if due.isoformat() in text]
    assert [("is due" in text, "was due" in text) for text in said] == [
        (True, False), (False, True), (False, True),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("how", ["dose", "died", "moved", "no"])
def test_nobody_is_reminded_of_what_is_over(days: Days, how: str) -> None:
    person, due = first_dose(days.node)
    days.pass_((due - days.today).days - 2)
    assert len(days.texts) == 1
    with patch.object(type(days.node.clock), "today", lambda _: days.today):
        if how == "dose":
            days.today = due + _DAY
            take(
                days.node,
                GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"),
            )
        elif how == "no":
            take(days.node, RecordContactPreference(person=person, consent="no"))
        else:
            take(days.node, RecordStatus(person=person, status=how))  # type: ignore[arg-type]
    for _ in range(25):
        days.pass_()
    assert [text for text in days.texts if due.isoformat() in text] == days.texts[:1]


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["the one who was told", "the other"])
def test_who_was_told_under_another_record_is_not_told_again_after_a_merge(
    days: Days, kept: str
) -> None:
    person, due = first_dose(days.node)
    take(
        days.node,
        RegisterPerson(
            name="Binta Oldcomer", gender="Female", birth_year=1961, phone="+254712345678"
        ),
    )
    with days.node.journal.reading() as db:
        other = views.find_people(db, "Binta Oldcomer")[0].id
    days.pass_((due - days.today).days - 2)
    assert len(days.texts) == 1
    pair = (person, other) if kept == "the one who was told" else (other, person)
    with patch.object(type(days.node.clock), "today", lambda _: days.today):
        take(
            days.node,
            MergePeople(kept=pair[0], merged=pair[1], reason="One card", although=True),
            "S1",
        )
    for _ in range(2):
        days.pass_()
    assert days.texts[1:] == []
    with patch.object(type(days.node.clock), "today", lambda _: days.today):
        take(days.node, RecordStatus(person=pair[0], status="died"))
    for _ in range(25):
        days.pass_()
    assert days.texts[1:] == []


@pytest.mark.slow
def test_a_reminder_that_was_queued_is_dropped_with_a_word_once_the_dose_is_given(
    days: Days,
) -> None:
    person, due = first_dose(days.node)

    def away(_message: object) -> None:
        raise Unavailable("sms.no-network", "The modem finds no network.")

    works, days.channel.answer = days.channel.answer, away  # type: ignore[assignment]
    days.pass_((due - days.today).days + 3)
    days.box.plan()
    with patch.object(type(days.node.clock), "today", lambda _: days.today):
        take(
            days.node,
            GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"),
        )
    days.channel.answer = works
    days.channel.sent.clear()
    days.pass_()
    days.pass_()
    states = {one.event: (str(one.state), one.cause.code) for one in days.box.messages(person)}
    assert states["overdue"] == ("dropped", "message.not-due")
    assert [message.text for message in days.channel.sent if "due" in message.text] == []


@pytest.mark.slow
def test_a_month_without_a_line_drops_reminders_with_a_word_and_still_tells_of_certificates(
    days: Days,
) -> None:
    person, due = first_dose(days.node)

    def away(_message: object) -> None:
        raise Unavailable("sms.no-network", "The modem finds no network.")

    works, days.channel.answer = days.channel.answer, away  # type: ignore[assignment]
    days.box.plan()
    days.pass_((due - days.today).days - 2)
    for _ in range(40):
        days.pass_()
    days.channel.answer = works
    days.channel.sent.clear()
    days.pass_()
    states = {(one.event, str(one.state), one.cause.code) for one in days.box.messages(person)}
    assert ("certificate", "handed", "") in states
    assert ("due", "dropped", "message.too-old") in states
    assert ("overdue", "dropped", "message.too-old") in states
    assert ["certificate" in message.text for message in days.channel.sent] == [True]
