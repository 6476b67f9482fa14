"""What another site gave is seen here: asked of the registry, counted by the schedule, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from desks import browser, doses, of_type, take
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from registry_server import Nation
from shares import share
from site_factory import demonstration, fill, vouch_for

from edge.domain.errors import BadInput, Refusal, Unavailable
from edge.domain.numbers import readable_number
from edge.journal import views
from edge.journal.histories import expected_people
from edge.node import Node
from edge.services import commands
from edge.services.certificates.trust_lists import take_list
from edge.services.registry.history import age_of
from sync.protocol import frames
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import (
    ForeignEntry,
    Histories,
    PersonQuery,
    make_question,
    read_question,
)
from sync.protocol.instants import instant
from sync.protocol.questions import sign_question
from sync.registry.histories import TYPES
from sync.resources import resource

IDENTITY = "did:in.gov.id:5550-1234"
BENGALI = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")


@pytest.fixture
def sites(nation: Nation) -> tuple[Node, Node]:
    """The demonstration's site, and one that has the campaign and a lot, and nobody's record."""

    def other(node: Node) -> None:
        node.campaigns.apply(demonstration())
        receive = commands.ReceiveStock(
            vaccine="coviprotect", lot="CP2611A", expiry=date(2031, 1, 1), quantity=9
        )
        take(node, receive, "S1")

    return nation.site("DEMO01", fill), nation.site("DEMO02", other)


def register(node: Node, by: str = "S1", identity: str = IDENTITY, name: str = "Noor Saleh") -> str:
    command = commands.RegisterPerson(
        name=name, gender="Female", birth_date=date(1990, 4, 2), identity=identity
    )
    return take(node, command, by)


def give(node: Node, person: str, by: str, days_ago: int = 0) -> str:
    on = node.clock.today() - timedelta(days=days_ago)
    command = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", on=on
    )
    return take(node, command, by)


def code_of(node: Node, person: str) -> str:
    """The code on the paper that a site gives somebody."""
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found is not None
    return found.code


def ask(here: Node, ours: str, there: Node, theirs: str) -> int:
    """Ask for somebody who shows the paper of the other site."""
    return here.history.ask_shown(ours, "V1", code_of(there, theirs))


@pytest.mark.slow
def test_a_dose_given_elsewhere_is_asked_for_and_counts_here(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs = register(there)
    given = give(there, theirs, "V2", days_ago=60)
    ours = register(here, identity="did:IN.gov.id:5550 1234")
    nation.exchange(*sites)
    client = browser(here, "V1")
    page = client.get(f"/people/{ours}").text
    assert "What other sites gave is not known here." in page
    assert "Ask the registry for the history" in page
    shown = f" {code_of(there, theirs).lower()} "
    answer = client.post(f"/people/{ours}/ask-history", data={"shown": shown})
    assert answer.status_code == 303
    (dose,) = doses(here, ours)
    assert (dose.reported, dose.lot, dose.facility) == (True, "CP2611A", "DEMO02")
    page = client.get(f"/people/{ours}").text
    assert "History as of" in page
    assert "from the registry" in page
    file = client.get(f"/api/v1/people/{ours}").get_json()
    covid = next(one for one in file["verdicts"] if one["programme"] == "covid-19")
    assert covid["dose"] == 2
    assert file["historyAsOf"] == datetime.now(UTC).date().isoformat()

    # Asked again, nothing is new; and nobody is told of it a second time.
    told = client.post(f"/api/v1/people/{ours}/history").get_json()
    assert told["new"] == 0
    nation.exchange(*sites)
    give(here, ours, "V1")
    nation.exchange(*sites)
    there.history.ask([theirs], "V2")  # its own person has shown its paper here
    assert [one.id for one in doses(there, theirs) if not one.reported] == [given]
    assert len(doses(there, theirs)) == 2
    with there.journal.reading() as db:
        told = db.execute("SELECT type FROM history WHERE person = ? ORDER BY type", (theirs,))
        assert [type_ for (type_,) in told] == ["DoseGiven", "PersonRegistered"]
    (echo,) = of_type(here, "DoseReported")[-1:]
    assert (echo.body["source"], echo.body["origin"]) == ("registry", given)
    schema = json.loads(
        (resource("config/schemas/entries") / "DoseReported.schema.json").read_text()
    )
    Draft202012Validator(schema).validate(echo.body)
    assert all(nation.store.verdicts(one.node) == [] for one in nation.store.nodes())


def test_a_correction_made_elsewhere_is_followed_and_no_stock_moves_here(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    given = give(there, theirs, "V2", days_ago=60)
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    day = there.clock.today() - timedelta(days=58)
    receive = commands.ReceiveStock(
        vaccine="coviprotect", lot="CP9", expiry=date(2031, 1, 1), quantity=9
    )
    for node in sites:
        take(node, receive, "S1")
    correct = commands.CorrectDose(dose=given, reason="Misread the vial", on=day, lot="CP9")
    take(there, correct, "V2")
    nation.exchange(*sites)
    with here.journal.reading() as db:
        before = views.lots(db)
    assert ask(here, ours, there, theirs) == 0
    (dose,) = doses(here, ours)
    assert (dose.on, dose.lot) == (day, "CP9")
    assert ask(here, ours, there, theirs) == 0
    assert len(of_type(here, "DoseCorrected")) == 1
    with here.journal.reading() as db:
        assert views.lots(db) == before


def test_a_dose_zero_given_elsewhere_is_one_here_as_well(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    on = (there.clock.today() - timedelta(days=90)).isoformat()
    zero = commands.CardDose(programme="covid-19", vaccine="coviprotect", on=on, number=0)
    take(there, commands.ReportCard(person=theirs, doses=(zero,)), "V2")
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    assert [(dose.number, dose.total) for dose in doses(here, ours)] == [(0, 2)]


def test_a_dose_that_is_rejected_or_of_another_identity_is_not_told(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    other = register(there, identity="did:in.gov.id:9", name="Another Name")
    give(there, other, "V2", days_ago=60)
    mistaken = register(there, identity="did:in.gov.id:7", name="Third Name")
    give(there, mistaken, "V2", days_ago=50)
    for identity in (IDENTITY + "5", "did:in.gov.id:8"):
        correct = commands.CorrectPerson(
            person=mistaken, reason="Another number", identity=identity
        )
        take(there, correct, "S1")
    nation.exchange(*sites)
    nation.behind = timedelta(days=3)
    give(there, theirs, "V2")
    nation.exchange(*sites)
    nation.behind = timedelta(0)
    assert ask(here, ours, there, theirs) == 0
    assert doses(here, ours) == []
    with here.journal.reading() as db:
        kept = db.execute("SELECT type FROM history WHERE person = ?", (ours,)).fetchall()
    assert kept == [("PersonRegistered",)]


def test_an_observation_made_elsewhere_is_considered_here(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    until = there.site.clock.today() + timedelta(days=99)
    take(there, commands.RecordObservation(person=theirs, code="pregnant", until=until), "V2")
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    with here.journal.reading() as db:
        assert views.observations(db, ours)["pregnant"].until == until
    no_more = commands.RecordObservation(person=theirs, code="pregnant", present=False)
    take(there, no_more, "V2")
    nation.exchange(*sites)
    for _ in range(2):
        ask(here, ours, there, theirs)
    with here.journal.reading() as db:
        assert views.observations(db, ours) == {}
    assert len(of_type(here, "ObservationRecorded")) == 2


def test_the_age_of_a_history_is_told_in_days(nation: Nation, sites: tuple[Node, Node]) -> None:
    here, there = sites
    ours, theirs = register(here), register(there)
    nation.exchange(*sites)
    nation.behind = timedelta(days=40)  # a site's clock is no reason not to be answered
    ask(here, ours, there, theirs)
    today = here.clock.today()
    with here.journal.reading() as db:
        as_of = db.execute("SELECT as_of FROM history_age").fetchone()[0]
        later = age_of(db, ours, today + timedelta(days=3), "UTC")
        assert age_of(db, "nobody", today, "UTC") is None
    assert later is not None
    assert later.as_of == datetime.fromisoformat(as_of).date()
    assert later.days == (today + timedelta(days=3) - later.as_of).days


@pytest.mark.slow
def test_without_a_line_the_page_says_so_and_goes_on(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, _ = sites
    ours = register(here)
    here.registry.run()
    client = browser(here, "V1")
    for one in nation.store.nodes():
        nation.store.set_state(one.node, "stopped", "2026-11-24T12:00:00.000Z")
    answer = client.post(f"/people/{ours}/ask-history", data={"shown": "7K2M9QX4TB1C"})
    assert answer.status_code == 409
    assert "The registry did not give the history now." in answer.text
    here.registry.run()
    assert "Ask the registry for the history" not in client.get(f"/people/{ours}").text


def test_who_asked_for_whom_is_written_down_and_a_day_has_its_limit(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    ours, theirs = register(here), register(there)
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    lines = [(line.what, line.whom) for line in reversed(nation.store.audits())]
    assert lines == [("history", f"{ours}:code"), ("history by code", f"{ours} = {theirs}")]
    object.__setattr__(nation.registry.limits, "histories_a_day", 1)
    with pytest.raises(Unavailable):
        ask(here, ours, there, theirs)


def test_the_site_asks_ahead_for_those_it_expects_so_many_at_a_time(
    nation: Nation, sites: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = sites
    with here.journal.reading() as db:
        assert expected_people(db, "DEMO01", "9", 1000) == []  # nobody has shown anything
    known = [one.body["person"] for one in of_type(here, "PersonRegistered")
             if one.body["source"] == "enrolment"][:3]  # fmt: skip
    for one, name in zip(known, ("Zuberi Moss", "Ayo Reed", "Ines Fern"), strict=True):
        theirs = register(there, identity="", name=name)
        nation.exchange(*sites)
        ask(here, one["id"], there, theirs)
        give(there, theirs, "V2", days_ago=60)
    walk_in = register(here)
    take(here, commands.Arrive(person=walk_in, programme="covid-19"), "R1")
    nation.exchange(*sites)
    later = here.clock.now() + timedelta(hours=21)
    with here.journal.reading() as db:
        expected = expected_people(db, "DEMO01", instant(later), 1000)
        assert set(expected) == {walk_in, *(one["id"] for one in known)}
        assert expected[0] == walk_in  # never asked for yet
        assert expected_people(db, "DEMO03", instant(later), 1000) == [walk_in]
    monkeypatch.setattr("edge.services.registry.history.MOST", 2)
    before = len([line for line in nation.store.audits() if line.what == "history"])
    assert [here.history.ask_ahead(later) for _ in range(2)] == [2, 2]
    assert len([line for line in nation.store.audits() if line.what == "history"]) == before + 2
    assert of_type(here, "DoseReported")[-1].document["by"] == "registry"
    for one in nation.store.nodes():
        nation.store.set_state(one.node, "stopped", "2026-11-24T12:00:00.000Z")
    assert here.history.ask_ahead(later) == 0


@pytest.mark.slow
def test_a_site_with_a_list_of_identity_numbers_gets_nobodys_history(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs = register(there)
    give(there, theirs, "V2", days_ago=60)
    ours = register(here)  # the number of somebody who never came here
    nation.exchange(*sites)
    take(here, commands.Arrive(person=ours, programme="covid-19"), "R1")
    assert here.history.ask([ours], "V1") == 0
    here.history.ask_ahead(here.clock.now())
    with pytest.raises(Refusal, match="knows of no other site"):
        here.history.ask_shown(ours, "V1", "")
    assert doses(here, ours) == []
    page = browser(here, "V1").get(f"/people/{ours}").text
    assert "What other sites gave is not known here." in page


@pytest.mark.slow
def test_the_own_paper_of_a_site_and_what_is_no_code_are_refused_in_words(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, _ = sites
    ours = register(here)
    nation.exchange(*sites)
    client = browser(here, "V1")
    for shown, words in (
        (code_of(here, ours), "This is the code that this site gave."),
        (code_of(here, ours).translate(BENGALI), "This is the code that this site gave."),
        ("12345", "A code has 12 letters and digits."),
        ("x" * 80, "no certificate that this site can read and trust."),
        ("7K2M9QX4TB1C", "The registry finds nobody by this code or certificate."),
    ):
        answer = client.post(f"/people/{ours}/ask-history", data={"shown": shown})
        assert answer.status_code == 409 or answer.status_code == 400
        assert words in answer.text
    told = client.post(f"/api/v1/people/{ours}/history", json={"shown": "7K2M9QX4TB1C"})
    assert told.get_json()["code"] == "history.wrong-proof"


def test_a_certificate_that_is_scanned_proves_that_its_owner_is_here(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    vouch_for(there, nation.folder / "authority")
    keys = nation.folder / "divoc.json"
    method = there.certifier.verification_method()
    keys.write_text(json.dumps({method: there.certifier.public_names()[method]}))
    take_list(here.lists, keys, here.clock.now())
    take_list(here.lists, nation.folder / "authority/published/did.json", here.clock.now())
    theirs, ours = register(there), register(here, identity="")
    give(there, theirs, "V2", days_ago=60)
    nation.exchange(*sites)
    with there.journal.reading() as db:
        issued = views.certificates_of(db, theirs)
    (format_, text), *_ = issued[0].credentials.items()
    shown = there.site.certifier.payload(format_, text).decode("latin-1")
    assert here.history.ask_shown(ours, "V1", shown) > 0
    assert nation.store.audits()[0].what == "history by certificate"


@pytest.mark.slow
def test_without_paper_number_name_and_birth_together_are_looked_for_a_few_times_a_day(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    give(there, theirs, "V2", days_ago=60)
    nation.exchange(*sites)
    client = browser(here, "V1")
    page = client.get(f"/people/{ours}").text
    assert "an officer reads who was asked for" in page
    assert client.post(
        f"/people/{ours}/ask-history", data={"without": "paper"}
    ).status_code == 303  # fmt: skip
    assert len(doses(here, ours)) == 1
    assert nation.store.audits()[0].what == "history without paper"
    for _ in range(2):
        client.post(f"/people/{ours}/ask-history", data={"without": "paper"})
    answer = client.post(f"/people/{ours}/ask-history", data={"without": "paper"})
    assert "answers no more of these questions today" in answer.text
    nobody = register(here, identity="", name="Without Number")
    answer = client.post(f"/people/{nobody}/ask-history", data={"without": "paper"})
    assert answer.status_code == 409


def test_a_code_of_a_site_cannot_be_reckoned_out_from_its_other_entries(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    """They were made of the place in the chain, which every history told to others."""
    _, there = sites
    theirs = register(there)
    nation.exchange(there)
    (node,) = nation.store.nodes()
    entry = next(one for one in of_type(there, "PersonRegistered") if one.id == theirs)
    place = f"person/{node.node}/{entry.epoch}/{entry.number}"
    assert code_of(there, theirs) != readable_number(place, 12)


SPOILED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("unsigned", lambda d: d.pop("signature"), "question.signature"),
    (
        "another's",
        lambda d: d.update(people=[{"id": "x", "proof": {"kind": "own"}}]),
        "question.signature",
    ),
    ("another nonce", lambda d: d.update(nonce="another-1"), "question.signature"),
]


@pytest.mark.parametrize(
    ("spoil", "code"), [pytest.param(spoil, code, id=name) for name, spoil, code in SPOILED]
)
def test_a_question_that_the_site_did_not_sign_is_told_nothing(
    nation: Nation, spoil: Callable[[dict[str, Any]], Any], code: str
) -> None:
    from memory_journal import NODE, NODE_KEY, enrolment

    nation.registry.enrol(enrolment())
    bare = make_question([PersonQuery("p")], "12345678") | {"after": instant(nation.now())}
    question = sign_question(bare, "history", NODE, NODE_KEY)
    assert nation.registry.history(NODE, frames.pack(question))["people"][0]["id"] == "p"
    spoil(question)
    with pytest.raises(ProtocolError) as refused:
        nation.registry.history(NODE, frames.pack(question))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "people",
    [
        [],
        [PersonQuery(f"p{number}") for number in range(51)],
        [PersonQuery("")],
        [PersonQuery("x" * 101)],
    ],
    ids=["nobody", "too many", "no id", "a long id"],
)
def test_a_question_for_nobody_or_for_too_many_is_refused(people: list[PersonQuery]) -> None:
    with pytest.raises(ProtocolError) as refused:
        read_question(make_question(people, "12345678"))
    assert refused.value.code == "history.field"


WORDS = st.sampled_from(
    [
        "id",
        "person",
        "dose",
        "changes",
        "name",
        "birthDate",
        "birthYear",
        "on",
        "source",
        "body",
        "programme",
        "vaccine",
        "number",
        "lot",
        "code",
        "present",
        "facility",
    ]
)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from(["covid-19", "coviprotect", "2026-01-01", "x" * 5000, IDENTITY, ""])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(sorted(TYPES)), "body": ANY, "at": st.text(max_size=5)}
    ),
    max_size=4,
)


@pytest.fixture
def reader(sites: tuple[Node, Node]) -> FlaskClient:
    """Give one browser for all examples: an application each took most of the time."""
    return browser(sites[0], "V1")


@pytest.mark.slow
@settings(
    max_examples=share(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=ENTRIES, known=st.booleans())
@example(told=[{"type": "PersonRegistered", "body": "text", "at": ""}], known=True)
@example(told=[{"type": "PersonRegistered", "body": {"person": {}}, "at": ""}], known=True)
@example(
    told=[
        {"type": "PersonRegistered", "body": {"person": {"name": "x" * 100_000}}, "at": ""},
        {
            "type": "PersonCorrected",
            "body": {"person": "", "changes": {"name": {"a": 1}}},
            "at": "",
        },
    ],
    known=True,
)
def test_whatever_other_sites_wrote_of_a_person_the_history_is_taken_and_the_page_shown(
    sites: tuple[Node, Node],
    reader: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    told: list[dict[str, Any]],
    known: bool,
) -> None:
    here, _ = sites
    with here.journal.reading() as db:
        found = views.person_by_identity(db, IDENTITY)
    person = found.id if found else register(here)
    node = "a" * 24
    entries = tuple(
        ForeignEntry(node, "DEMO02", {**one, "id": person if known else f"id-{number}", "by": "V1",
             "node": node, "epoch": "e" * 16, "number": number})
        for number, one in enumerate(told, 1)
    )  # fmt: skip
    answer = Histories("2026-11-24T12:00:00.000Z", {person: entries})
    monkeypatch.setattr(here.registry, "history", lambda _: answer)
    here.history.ask([person], "V1")
    page = reader.get(f"/people/{person}")
    assert page.status_code == 200
    assert "x" * 201 not in page.text


def correct(node: Node, person: str, **fields: Any) -> None:
    take(node, commands.CorrectPerson(person=person, reason="Misspelt", **fields), "S1")


@pytest.mark.slow
def test_what_only_the_other_site_knows_is_joined_and_what_differs_is_asked(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here, name="Nour Saleh")
    correct(there, theirs, phone="555019999")
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    with here.journal.reading() as db:
        person = views.person(db, ours)
    assert person is not None
    assert (person.name, person.phone) == ("Nour Saleh", "")  # a history tells no telephone
    assert here.registry.state().attention == 1
    client = browser(here, "S1")
    (item,) = client.get("/api/v1/attention").get_json()
    assert (item["state"], item["field"]) == ("conflict", "person.name")
    assert (item["value"], item["theirs"], item["facility"]) == (
        "Nour Saleh",
        "Noor Saleh",
        "DEMO02",
    )
    page = client.get("/attention").text
    assert 'value="keep"' in page
    assert 'value="take"' in page
    technician = browser(here, "T1")
    assert "Saleh" not in technician.get("/attention").text
    assert "Saleh" not in technician.get("/api/v1/attention").text
    form = {"person": ours, "field": "name", "theirs": "Noor Saleh", "do": "take"}
    new = here.site.ids.new()
    refused = technician.post("/attention", data={**form, "id": new})
    assert "Your role does not allow this." in refused.text
    assert client.post("/attention", data={**form, "id": new}).status_code == 303
    with here.journal.reading() as db:
        person = views.person(db, ours)
    assert person is not None
    assert person.name == "Noor Saleh"
    assert here.registry.state().attention == 0
    again = client.post("/attention", data={**form, "id": here.site.ids.new()})
    assert "There is no such difference any more." in again.text
    ask(here, ours, there, theirs)
    assert here.registry.state().attention == 0
    nation.exchange(*sites)
    assert all(nation.store.verdicts(one.node) == [] for one in nation.store.nodes())


@pytest.mark.slow
def test_our_own_value_that_was_confirmed_is_not_asked_about_again(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    correct(there, theirs, birth_date=date(1991, 4, 2))
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    client = browser(here, "S1")
    form = {"person": ours, "field": "born", "theirs": "1991-04-02", "do": "keep"}
    data = {**form, "id": here.site.ids.new()}
    for _ in range(2):  # pressed twice is pressed once
        assert client.post("/attention", data=data).status_code == 303
    assert len(of_type(here, "PersonCorrected")) == 1
    ask(here, ours, there, theirs)
    assert here.registry.state().attention == 0
    with here.journal.reading() as db:
        person = views.person(db, ours)
    assert person is not None
    assert person.birth_date == date(1990, 4, 2)
    correct(there, theirs, birth_date=date(1992, 4, 2))  # another value is another question
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    assert here.registry.state().attention == 1


def test_a_dose_of_before_the_birth_is_not_told(nation: Nation, sites: tuple[Node, Node]) -> None:
    here, there = sites
    theirs = register(there)
    give(there, theirs, "V2", days_ago=60)
    late = commands.RegisterPerson(
        name="Noor Saleh",
        gender="Female",
        birth_date=here.clock.today() - timedelta(days=59),
        identity=IDENTITY,
    )
    ours = take(here, late, "S1")
    nation.exchange(*sites)
    assert ask(here, ours, there, theirs) == 0
    assert doses(here, ours) == []


def test_a_dose_taken_back_elsewhere_is_one_no_more_here_with_its_kind(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    given = give(there, theirs, "V2")
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    assert len(doses(here, ours)) == 1
    back = commands.TakeBackDose(dose=given, kind="not-given", reason="The wrong card was open")
    take(there, back, "V2")
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    assert doses(here, ours) == []
    with here.journal.reading() as db:
        (record,) = views.taken_back(db, ours)
    assert record.withdrawn
    assert (record.withdrawn.kind, record.withdrawn.reason) == ("not-given", "registry")
    ask(here, ours, there, theirs)
    assert len(of_type(here, "DoseWithdrawn")) == 1
    nation.exchange(*sites)
    assert all(nation.store.verdicts(one.node) == [] for one in nation.store.nodes())
    schema = json.loads(
        (resource("config/schemas/entries") / "DoseWithdrawn.schema.json").read_text()
    )
    Draft202012Validator(schema).validate(of_type(here, "DoseWithdrawn")[0].body)


def test_a_dose_taken_back_before_it_was_told_never_comes(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    given = give(there, theirs, "V2")
    take(there, commands.TakeBackDose(dose=given, kind="not-given", reason="Not given"), "V2")
    nation.exchange(*sites)
    assert ask(here, ours, there, theirs) == 0
    assert not [one for one in of_type(here, "DoseReported") if one.body.get("origin") == given]


def test_what_another_site_told_is_disbelieved_here_and_does_not_come_back(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    theirs, ours = register(there), register(here)
    give(there, theirs, "V2")
    nation.exchange(*sites)
    ask(here, ours, there, theirs)
    (dose,) = doses(here, ours)
    back = commands.TakeBackDose(dose=dose.id, kind="disbelieved", reason="Her sister's dose")
    wrong = commands.TakeBackDose(dose=dose.id, kind="not-given", reason="Not so")
    with pytest.raises(BadInput, match="believed"):
        take(here, wrong, "S1")
    take(here, back, "S1")
    assert doses(here, ours) == []
    nation.exchange(*sites)
    assert ask(here, ours, there, theirs) == 0
    assert doses(here, ours) == []
    assert all(nation.store.verdicts(one.node) == [] for one in nation.store.nodes())
