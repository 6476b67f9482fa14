"""A person is told once, by a channel that takes it, and the record says what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from channels import ChannelOf, RecordedChannel, send_by
from desks import of_type, take

from edge.domain.errors import BadInput, Unavailable
from edge.journal import outbox
from edge.journal.outbox import messages_of
from edge.journal.unit import Unit
from edge.node import Node
from edge.plugins.distribution.contract import Handed, Limits, OutgoingMessage, Reply, Report
from edge.services.commands import (
    CorrectPerson,
    GiveDose,
    RecordContactPreference,
    RecordStatus,
    RegisterPerson,
    RevokeCertificate,
)


def dosed(node: Node, name: str = "Asha Newcomer", phone: str = "+254712345678") -> str:
    """Register somebody and give them a dose, which is certified."""
    told = RegisterPerson(
        name=name, gender="Female", birth_year=1990, phone=phone, email="a@b.example"
    )
    person = take(node, told)
    (entry,) = [one for one in of_type(node, "PersonRegistered") if one.id == person]
    id_: str = entry.body["person"]["id"]
    take(node, GiveDose(person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    return id_


def test_a_certificate_is_told_once_without_name_or_vaccine_and_reported_as_delivered(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    person = dosed(node)
    for _ in range(2):
        box.plan()
        box.run(10)
    (sent,) = channel.sent
    assert sent.address == "+254712345678"
    assert sent.language == "en"
    assert "your certificate is ready" in sent.text
    assert "STOP" in sent.text
    assert not any(word in sent.text for word in ("Asha", "CoviProtect", "COVID", person))
    assert box.states(person) == [("handed", "")]
    channel.told = [Report(sent.reference, "delivered")]
    for _ in range(2):
        box.run(10)
    assert box.states(person) == [("delivered", "")]


def test_nothing_is_told_of_what_was_recorded_before_the_channel_was_there(
    node: Node, channel: RecordedChannel
) -> None:
    person = dosed(node)
    box = ChannelOf(node, channel)
    box.plan()
    assert box.messages(person) == []
    other = dosed(node, "Binta Newcomer")
    box.restart()
    box.plan()
    assert box.states(other) == [("queued", "")]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", [False, True])
def test_a_message_during_which_the_process_ended_is_unknown_and_never_sent_again(
    node: Node,
    box: ChannelOf,
    channel: RecordedChannel,
    after: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = dosed(node)
    box.plan()
    run = node.journal.run

    def killed(work: object) -> object:
        if channel.sent:
            raise Killed
        return run(work)  # type: ignore[arg-type]

    def before(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if after:  # the channel took it, and the process ends before that is recorded
            patch.setattr(node.journal, "run", killed)
        else:  # the process ends before the channel is asked
            patch.setattr(box.sender, "_hand", before)
        with pytest.raises(Killed):
            box.run()
    assert box.states(person) == [("handing", "")]
    box.restart()
    for _ in range(5):
        box.run(3600)
    assert len(channel.sent) == int(after)
    assert box.states(person) == [("unknown", "message.cut-off")]


def test_a_fault_of_the_channel_leaves_a_message_unknown_and_a_refusal_ends_it(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    one, other = dosed(node), dosed(node, "Binta Newcomer", "+254712345679")

    def answer(message: OutgoingMessage) -> Handed:
        if message.address.endswith("8"):
            raise ZeroDivisionError
        raise BadInput("sms.number", "This number cannot get messages.")

    channel.answer = answer
    box.plan()
    for _ in range(5):
        box.run(3600)
    assert len(channel.sent) == 2
    assert box.states(one) == [("unknown", "plugin.unavailable")]
    assert box.states(other) == [("bounced", "sms.number")]


def test_a_month_without_a_line_costs_no_attempt_and_then_everything_goes_out_once(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    people = [dosed(node, f"Asha {word}", f"+25471234567{at}") for at, word in enumerate("XYZ")]

    def away(_message: OutgoingMessage) -> Handed:
        raise Unavailable("sms.no-network", "The modem finds no network.")

    taken, channel.answer = channel.answer, away
    box.plan()
    for _ in range(60):
        box.run(43_200)
    assert len(channel.sent) > 40
    assert {state for one in people for state in box.states(one)} == {("queued", "sms.no-network")}
    assert {message.tries for one in people for message in box.messages(one)} == {0}
    assert box.kept[-1][2].code == "sms.no-network"
    channel.sent.clear()
    channel.answer = taken
    box.run(3600)
    assert len({message.reference for message in channel.sent}) == len(channel.sent) == 3
    assert [box.states(one) for one in people] == [[("handed", "")]] * 3
    assert box.kept[-1][2].state == "ready"


def test_a_message_that_is_not_taken_is_tried_as_often_as_the_campaign_says(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    send_by(node, attempts=3)
    person = dosed(node)
    channel.answer = lambda _message: Handed("later", (), "sms.busy", "The telephone is busy.")
    box.plan()
    for _ in range(20):
        box.run(3600)
    assert len(channel.sent) == 3
    (message,) = box.messages(person)
    assert (message.state, message.cause.code) == ("dropped", "message.tries")
    assert (
        message.cause.sentence.format(**dict(message.cause.values))
        == "It was tried 3 times in vain."
    )


@pytest.mark.parametrize(
    ("change", "end"),
    [
        (lambda person: RecordStatus(person=person, status="died"), ("dropped", "message.died")),
        (lambda person: RecordContactPreference(person=person, consent="no"), ("declined", "message.no-consent")),
        (lambda person: CorrectPerson(person=person, phone="", reason="Not theirs"), ("dropped", "message.no-address")),
    ],
)  # fmt: skip
def test_what_changed_before_it_went_ends_a_message_with_a_true_word(
    node: Node, box: ChannelOf, channel: RecordedChannel, change: object, end: tuple[str, str]
) -> None:
    person = dosed(node)
    box.plan()
    take(node, change(person))  # type: ignore[operator]
    box.run()
    assert channel.sent == []
    assert box.states(person)[-1] == end


def test_a_revoked_certificate_is_told_of_no_more(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    person = dosed(node)
    box.plan()
    number = of_type(node, "CertificateIssued")[-1].body["certificate"]
    take(node, RevokeCertificate(certificate=number, reason="Mistake"))
    box.run()
    assert box.states(person) == [("dropped", "message.revoked")]


def test_the_word_that_ends_messages_ends_them_for_everybody_at_that_number(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    mother, child = dosed(node), dosed(node, "Little Newcomer")
    box.plan()
    box.run()
    channel.said = [
        Reply("1", "+254712345678", "  Stop. Please!"),
        Reply("2", "+254799999999", "STOP"),
    ]
    for _ in range(3):
        box.run(10)
    told = of_type(node, "ContactPreferenceRecorded")
    assert {one.body["person"] for one in told} == {mother, child}
    assert len(told) == 2
    take(node, RecordContactPreference(person=child, consent="yes", language="fr"))
    box.run(10)  # the modem gives the same answer again
    other = [
        one for one in of_type(node, "ContactPreferenceRecorded") if one.body["person"] == child
    ]
    assert [one.body["consent"] for one in other] == ["no", "yes"]


def test_quiet_hours_and_limits_hold_messages_back_and_lose_none(
    node: Node, channel: RecordedChannel
) -> None:
    channel.limits = Limits(per_minute=2, per_hour=3)
    box = ChannelOf(node, channel)
    for at in range(5):
        dosed(node, f"Asha {'ABCDE'[at]}", f"+25471234567{at}")
    box.plan()
    box.run()
    assert len(channel.sent) == 2
    box.run(30)
    assert len(channel.sent) == 2
    box.run(40)
    assert len(channel.sent) == 3
    box.run(100)
    assert len(channel.sent) == 3
    local = (box.now() + timedelta(seconds=3600)).astimezone(node.clock.zone)
    begin, until = (local + timedelta(minutes=at) for at in (-5, 30))
    send_by(node, quiet={"from": f"{begin:%H:%M}", "until": f"{until:%H:%M}"})
    box.run(3600)
    assert len(channel.sent) == 3
    box.run(2400)
    assert len(channel.sent) == 5


def test_more_messages_than_may_wait_cost_the_oldest_reminders_and_no_certificate(
    node: Node, box: ChannelOf
) -> None:
    person = dosed(node)
    box.plan()

    def fill(unit: object) -> None:
        for at in range(30):
            new = outbox.NewMessage(
                f"m{at:02}", "sms", "due", f"2030-01-{at + 1:02}-2", person, "9999"
            )
            outbox.queue_message(unit.db, new, f"2026-01-01T00:00:{at:02}.000Z")  # type: ignore[attr-defined]

    node.journal.run(fill)
    node.journal.run(lambda unit: outbox.drop_old(unit.db, "sms", "2026-01-02", 10))
    with node.journal.reading() as db:
        rows = messages_of(db, person)
    assert sum(one.state == "queued" for one in rows) == 10
    assert [one.state for one in rows if one.event == "certificate"] == ["queued"]
    assert {one.id for one in rows if one.state == "dropped"} == {f"m{at:02}" for at in range(21)}


def test_more_than_a_thousand_that_came_too_late_are_dropped_in_small_units_and_none_of_them_is_sent(
    node: Node, box: ChannelOf, channel: RecordedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, run, units = dosed(node), node.journal.run, [0]

    def fill(unit: Unit) -> None:
        for at in range(1_200):
            late = outbox.NewMessage(f"m{at:04}", "sms", "due", f"s{at}", person, "2026-01-02")
            outbox.queue_message(unit.db, late, "2026-01-01T00:00:00.000Z")

    def counted(work: Callable[[Unit], object]) -> object:
        def within(unit: Unit) -> object:
            before = unit.db.conn.total_changes
            found = work(unit)
            units.append(unit.db.conn.total_changes - before)
            return found

        return run(within)

    run(fill)
    box.plan()
    with node.journal.reading() as db:
        given = outbox.next_due(db, "sms", "2026-12-01T00:00:00.000Z")
    assert given is not None
    assert given.event == "certificate"
    monkeypatch.setattr(node.journal, "run", counted)
    box.run()
    assert max(units) <= 500
    assert sum(units) > 1_200
    assert len(channel.sent) == 1
    with node.journal.reading() as db:
        assert outbox.count_states(db)["sms"] == {"dropped": 1_200, "handed": 1}


def test_a_reminder_whose_time_passes_between_two_rounds_of_dropping_is_never_handed_over(
    node: Node,
) -> None:
    new = outbox.NewMessage("m", "sms", "due", "s", "p", "2026-01-02T00:00:00.000Z")
    node.journal.run(lambda unit: outbox.queue_message(unit.db, new, "2026-01-01T00:00:00.000Z"))
    with node.journal.reading() as db:
        assert outbox.next_due(db, "sms", "2026-01-01T23:59:59.999Z")
        assert outbox.next_due(db, "sms", "2026-01-02T00:00:00.001Z") is None


def test_somebody_gets_their_own_language_and_their_own_channel(node: Node) -> None:
    sms, email = RecordedChannel(), RecordedChannel("email")
    channels = {"sms": sms, "email": email}
    boxes = [ChannelOf(node, channel, name, channels) for name, channel in channels.items()]
    french, mailed = dosed(node), dosed(node, "Binta Newcomer")
    take(node, RecordContactPreference(person=french, consent="yes", language="fr"))
    take(node, RecordContactPreference(person=mailed, consent="yes", channel="email"))
    for _ in range(2):
        for box in boxes:
            box.plan()
            box.run(10)
    assert [one.text for one in sms.sent] == [
        "Riverside Health Centre : votre certificat est prêt. Répondez FIN pour arrêter."
    ]
    assert [(one.address, one.language) for one in email.sent] == [("a@b.example", "en")]
