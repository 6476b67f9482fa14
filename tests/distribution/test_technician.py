"""A technician sees how each channel stands, tries one, and sends again what waits."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from channels import send_by
from click.testing import CliRunner
from desks import browser, of_type, take

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.adapters.settings_kinds import ChannelSettings
from edge.cli import main
from edge.journal import views
from edge.journal.outbox import messages_of
from edge.node import Node
from edge.peers.sms_gateway import SoftwareGateway, gateway_on_loopback
from edge.services.commands import GiveDose, RegisterPerson

pytestmark = pytest.mark.slow


@pytest.fixture
def gateway() -> Iterator[SoftwareGateway]:
    gateway = SoftwareGateway()
    with gateway_on_loopback(gateway):
        yield gateway


@pytest.fixture
def site(telling_folder: Path, tmp_path: Path, gateway: SoftwareGateway) -> Path:
    """Give the folder of a site with a gateway in software, and one of a kind that is not here."""
    folder = tmp_path / "site"
    shutil.copytree(telling_folder, folder)
    told = {
        "url": f"{gateway.url}/send", "body": '{"to": "{to}", "text": "{text}"}',
        "success_field": "messages.0.status", "success_values": "queued", "id_field": "messages.0.id",
    }  # fmt: skip
    channels = (
        ChannelSettings("sms", "gateway", told),
        ChannelSettings("pigeon", "x-pigeon", {}),
    )
    settings = read_settings(folder)
    write_settings(folder, Settings(facility=settings.facility, channels=channels))
    return folder


def ran(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words))
    return result.exit_code, result.output


def told_somebody(node: Node) -> str:
    """Have somebody's certificate told of by the site's own jobs, run once each."""
    take(
        node,
        RegisterPerson(
            name="Asha Newcomer", gender="Female", birth_year=1990, phone="+254712345678"
        ),
    )
    with node.journal.reading() as db:
        person = views.find_people(db, "Asha Newcomer")[0].id
    take(node, GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    run_jobs(node)
    return person


def run_jobs(node: Node) -> None:
    for runner in node.messages.planners:
        runner.run()
    for sender in node.messages.senders.values():
        sender.run()


def test_the_commands_say_how_a_channel_stands_and_try_it(
    site: Path, gateway: SoftwareGateway
) -> None:
    data = ("--data", str(site))
    Node(site).close()
    code, told = ran("messages", "status", *data)
    assert code == 1
    assert "The channel pigeon is of a kind that is not known here: x-pigeon." in told
    code, told = ran("messages", "send-test", "sms", "12", *data)
    assert code != 0
    assert "12 is no telephone number." in told
    code, told = ran("messages", "send-test", "sms", "+919876543210", *data, "--json")
    assert (code, json.loads(told)["state"]) == (0, "handed")
    assert gateway.taken == [{"to": "+919876543210", "text": "This is a test of DIVOC Edge."}]
    code, told = ran("messages", "send-test", "nosuch", "+919876543210", *data)
    assert code != 0
    assert "This site has no channel nosuch." in told


def test_what_waits_for_a_gateway_that_refuses_is_told_and_sent_once_it_works(
    site: Path, gateway: SoftwareGateway
) -> None:
    gateway.mood = "no-account"
    node = Node(site)
    try:
        person = told_somebody(node)
        page = browser(node, "T1").get("/messages")
        assert page.status_code == 200
        assert "The gateway refuses this site (402)." in page.text
        assert "Asha" not in page.text
        (state,) = [
            one for one in json.loads(ran("messages", "status", "--data", str(site), "--json")[1])
            if one["name"] == "sms"
        ]  # fmt: skip
        assert (state["state"], state["counts"]) == ("trouble", {"queued": 1})
        gateway.mood = ""
        assert browser(node, "S1").post("/messages", data={"channel": "sms"}).status_code == 303
        run_jobs(node)
        with node.journal.reading() as db:
            (message,) = messages_of(db, person)
        assert message.state == "handed"
        assert [one["to"] for one in gateway.taken] == ["+254712345678"]
        assert browser(node, "R1").get("/messages").status_code == 403
        shown = browser(node, "R1").get(f"/people/{person}/messages")
        assert "The certificate is ready" in shown.text
        assert "nothing is known yet of its arrival" in shown.text
        french = browser(node, "R1")
        french.set_cookie("language", "fr")
        words = french.get(f"/people/{person}/messages").text
        assert "<bdi>Courriel</bdi>" in words
        assert '<bdi lang="fr">français</bdi>' in words
    finally:
        node.close()


def test_the_command_tries_what_waits_and_nothing_that_may_have_arrived(
    site: Path, gateway: SoftwareGateway
) -> None:
    data = ("--data", str(site))
    gateway.mood = "no-account"
    node = Node(site)
    person = told_somebody(node)
    node.close()
    code, told = ran("messages", "status", *data)
    assert "1 queued" in told
    assert not any(secret in told for secret in ("Asha", "254712345678", person))
    code, told = ran("messages", "retry", "sms", *data)
    assert (code, told) == (0, "1 messages will be tried now.\n")
    gateway.mood = ""
    node = Node(site)
    run_jobs(node)
    node.close()
    assert json.loads(ran("messages", "retry", "sms", *data, "--json")[1]) == {"again": 0}
    assert len(gateway.taken) == 1
    code, told = ran("messages", "retry", "pigeon", *data)
    assert code != 0
    assert "of a kind that is not known here" in told


def test_consent_is_asked_on_the_persons_page_and_a_wrong_choice_says_what_helps(
    site: Path,
) -> None:
    node = Node(site)
    try:
        send_by(node, consent="asked")
        person = told_somebody(node)
        nurse = browser(node, "R1")
        path = f"/people/{person}/messages"
        assert "Until they agree, nothing is sent." in nurse.get(path).text
        form = {"id": node.site.ids.new(), "consent": "yes", "channel": "sms", "language": "fr"}
        assert nurse.post(path, data=form).status_code == 303
        run_jobs(node)
        with node.journal.reading() as db:
            assert [str(one.state) for one in messages_of(db, person)] == ["handed"]
        again = nurse.post(path, data={**form, "id": node.site.ids.new()})
        assert again.status_code == 409
        assert "This is what is recorded already." in again.text
        for wrong in ({"channel": "pigeon"}, {"language": "<script>"}, {"consent": "maybe"}):
            refused = nurse.post(path, data={**form, "id": node.site.ids.new(), **wrong})
            assert refused.status_code == 409, wrong
            assert "<script>" not in refused.text.partition("<main")[2]
        told = nurse.get(f"/api/v1/people/{person}/messages").json
        assert told is not None
        assert (told["consent"], told["channel"], told["language"]) == ("yes", "sms", "fr")
        assert told["messages"][0]["address"].startswith("…")
    finally:
        node.close()


def test_consent_is_asked_when_somebody_is_registered_and_twice_is_once(site: Path) -> None:
    node = Node(site)
    try:
        nurse = browser(node, "R1")
        assert "May this person be sent messages?" in nurse.get("/register").text
        form = {
            "id": node.site.ids.new(), "contact": node.site.ids.new(), "name": "Asha Newcomer",
            "gender": "Female", "birth": "1990", "birthYear": "1990", "programme": "covid-19",
            "consent": "no", "channel": "", "language": "fr",
        }  # fmt: skip
        for _ in range(2):
            assert nurse.post("/register", data=form).status_code == 303
        (told,) = of_type(node, "ContactPreferenceRecorded")
        assert (told.body["consent"], told.body["language"]) == ("no", "fr")
    finally:
        node.close()


def test_the_form_that_corrects_somebody_asks_it_too_and_keeps_what_nobody_touched_there(
    site: Path,
) -> None:
    node = Node(site)
    try:
        nurse, person = browser(node, "S1"), told_somebody(node)
        path = f"/people/{person}/correct"
        fields = dict(re.findall(r'name="was\.(\w+)" value="([^"]*)"', nurse.get(path).text))
        assert fields["consent"] == ""

        def corrected(**typed: str) -> int:
            form = {f"was.{name}": value for name, value in fields.items()} | fields | typed
            numbers = {"id": node.site.ids.new(), "contact": node.site.ids.new()}
            return nurse.post(path, data={**form, **numbers, "reason": "Asked"}).status_code

        assert corrected(consent="yes", channel="sms") == 303
        (told,) = of_type(node, "ContactPreferenceRecorded")
        assert (told.body["consent"], told.body["channel"]) == ("yes", "sms")
        assert of_type(node, "PersonCorrected") == []
        # from a form that was opened before: nobody touched what is asked of messages
        assert corrected(phone="+254712000111") == 303
        assert len(of_type(node, "ContactPreferenceRecorded")) == 1
        assert len(of_type(node, "PersonCorrected")) == 1
        assert corrected(phone="+254712000222", consent="no") == 303
        assert of_type(node, "ContactPreferenceRecorded")[-1].body["consent"] == "no"
        assert len(of_type(node, "PersonCorrected")) == 2
    finally:
        node.close()
