"""Random histories: doses given, corrected and taken back in any order, by two tablets.

What must come of it is counted beside the software: a list of the doses that stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shares import share
from site_factory import fill, vouch_for

from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.domain.errors import EdgeError
from edge.domain.scheduled import judge
from edge.domain.tally import tally
from edge.journal import maintenance, tallies, views
from edge.journal.entries import entries
from edge.journal.entry import Entry
from edge.journal.projections import TABLES, project
from edge.node import Node
from edge.services import commands
from edge.services.commands import CorrectDose, GiveDose, Override, RegisterPerson, TakeBackDose
from edge.web.serializers import case_of

pytestmark = pytest.mark.slow  # a site, and a rebuild of its journal for each history

LOTS = {
    "coviprotect": ("covid-19", "CP2611A"),
    "adenovax": ("covid-19", "AV4417"),
    "amarilia": ("yellow-fever", "Y1"),
    "duomorb": ("measles-rubella", "D1"),
}
EXPIRY = date(2040, 1, 1)
SIGNED = Override(reason="By the paper", supervisor="S1")
NUMBERS = count(1)


@dataclass(frozen=True)
class Standing:
    """A dose that somebody knows was given."""

    person: str
    vaccine: str
    lot: str
    on: date


@dataclass
class Ledger:
    """What the people at the table know: the doses that stand, by id, and who there is."""

    people: list[str]
    doses: dict[str, Standing] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)

    def some(self, place: int) -> str:
        return list(self.doses)[place % len(self.doses)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("way-back")
    make_site(folder / "site", Settings(facility="DEMO01", zone="UTC"))
    node = Node(folder / "site")
    fill(node)
    vouch_for(node, folder / "authority")
    for vaccine, (_, lot) in LOTS.items():
        receive = commands.ReceiveStock(vaccine=vaccine, lot=lot, expiry=EXPIRY, quantity=999)
        if vaccine in ("amarilia", "duomorb"):
            node.desk.take(node.site.ids.new(), receive, staff(node, "S1"))
    yield node
    node.close()


def staff(node: Node, code: str) -> Any:
    with node.journal.reading() as db:
        return node.site.catalogues.current(db).staff[code]


def take(node: Node, command: commands.Command, by: str) -> tuple[Entry, ...]:
    """Ask for something; what is refused leaves nothing behind."""
    before = length(node)
    try:
        return node.desk.take(node.site.ids.new(), command, staff(node, by)).entries
    except EdgeError:
        assert length(node) == before
        return ()


def length(node: Node) -> int:
    with node.journal.reading() as db:
        return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def newcomers(node: Node) -> list[str]:
    people = []
    for _ in range(2):
        person = RegisterPerson(
            name=f"Newcomer {next(NUMBERS)}",
            gender="Female",
            birth_date=date(1990, 5, 17),
            different_person=True,
        )
        people.append(node.desk.take(node.site.ids.new(), person, staff(node, "R1")).id)
    return people


GIVEN = st.tuples(
    st.just("give"),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([*LOTS, *["coviprotect"] * 5]),
    st.sampled_from([0, 0, 1, 10, 20, 27, 28, 60, 120]),
)
ACTS = st.lists(
    st.one_of(
        *[GIVEN] * 7,
        st.tuples(st.just("day"), st.integers(0, 9), st.sampled_from([0, 1, 30, 90]), st.none()),
        st.tuples(st.just("lot"), st.integers(0, 9), st.none(), st.none()),
        st.tuples(st.just("number"), st.integers(0, 9), st.integers(1, 4), st.none()),
        st.tuples(st.just("not-given"), st.integers(0, 9), st.none(), st.none()),
        st.tuples(st.just("other-person"), st.integers(0, 9), st.none(), st.none()),
        st.tuples(st.just("other-dose"), st.integers(0, 9), st.sampled_from(list(LOTS)), st.none()),
    ),
    min_size=4,
    max_size=12,
)


def act(node: Node, ledger: Ledger, by: str, what: tuple[Any, ...]) -> None:
    """Do one thing as somebody at a tablet who last looked some time ago."""
    kind, place, one, ago = what
    today = node.clock.today()
    if kind == "give":
        programme, lot = LOTS[one]
        on, person = today - timedelta(days=ago), ledger.people[place]
        dose = GiveDose(person=person, programme=programme, vaccine=one, lot=lot, on=on,
                        override=SIGNED)  # fmt: skip
        for entry in take(node, dose, by)[:1]:
            ledger.doses[entry.id] = Standing(person, one, lot, on)
        return
    if not ledger.doses:
        return
    id_ = ledger.some(place)
    known = ledger.doses[id_]
    more: dict[str, Any] = {"reason": "So it was", "override": SIGNED, "seen": ledger.seen[-1]}
    if kind == "day":
        on = today - timedelta(days=one)
        if take(node, CorrectDose(dose=id_, on=on, **more), by):
            ledger.doses[id_] = replace(known, on=on)
    elif kind == "lot":
        other = CorrectDose(dose=id_, lot="X9", expiry=EXPIRY, **more)
        if take(node, other, by):
            ledger.doses[id_] = replace(known, lot="X9")
    elif kind == "number":
        take(node, CorrectDose(dose=id_, number=one, **more), by)
    else:
        _take_back(node, ledger, by, id_, kind, one, more)


def _take_back(
    node: Node, ledger: Ledger, by: str, id_: str, kind: str, vaccine: str, more: dict[str, Any]
) -> None:
    known = ledger.doses[id_]
    right: dict[str, Any] = {}
    if kind == "other-person":
        (right["person"],) = [one for one in ledger.people if one != known.person]
        after = replace(known, person=right["person"])
    elif kind == "other-dose":
        right["programme"], right["lot"] = LOTS[vaccine]
        right["vaccine"] = vaccine
        after = replace(known, vaccine=vaccine, lot=right["lot"])
    found = take(node, TakeBackDose(dose=id_, kind=kind, **right, **more), by)  # type: ignore[arg-type]
    if found:
        del ledger.doses[id_]
        if right:
            ledger.doses[found[0].body["replacedBy"]] = after


def check(node: Node, ledger: Ledger, before: dict[str, int]) -> None:
    """Compare what is read from the journal with what the people at the table know."""
    with node.journal.reading() as db:
        histories = {person: views.history(db, person) for person in ledger.people}
        papers = [one for person in ledger.people for one in views.certificates_of(db, person)]
        records = {id_: views.recorded(db, id_) for id_ in ledger.doses}
    standing = {
        dose.id: Standing(dose.person, dose.vaccine, dose.lot, dose.on)
        for doses in histories.values()
        for dose in doses
    }
    assert standing == ledger.doses
    for doses in histories.values():
        held = Counter((dose.programme, dose.number) for dose in doses)
        assert not [one for one, times in held.items() if times > 1], "a number is held twice"
        order = sorted(doses, key=lambda one: (one.on, one.position))
        for programme, _ in LOTS.values():
            numbers = [one.number for one in order if one.programme == programme]
            assert numbers == sorted(numbers)
    live = {one.dose: one for one in papers if not one.revoked_at}
    assert live.keys() == ledger.doses.keys(), "each dose that stands has its one paper"
    assert len(live) == sum(not one.revoked_at for one in papers)
    for id_, paper in live.items():
        record = records[id_]
        assert record
        for name in paper.credentials:
            claims = node.verify(node.certifier.payload(name, paper.credentials[name])).claims
            if claims.get("dose"):
                assert int(claims["dose"]) == record.dose.number
    taken = Counter(one.lot for one in ledger.doses.values())
    for lot, left in stock(node).items():
        assert left == before[lot] - taken[lot]


def stock(node: Node) -> dict[str, int]:
    with node.journal.reading() as db:
        return {one.lot: one.quantity for one in views.lots(db)}


def looked_at(node: Node, ledger: Ledger) -> tuple[Any, ...]:
    """Give verdicts, numbers, stock and tally as they stand."""
    today = node.clock.today()
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        counted = tally(tallies.counted_on(db, today))
        found: list[Any] = []
        for id_ in ledger.people:
            person, doses = views.person(db, id_), views.history(db, id_)
            assert person
            case = case_of(person, doses, {}, catalogue, node.clock)
            judged = [
                judge(case, programme, catalogue.vaccines[code], today)
                for programme in catalogue.programmes.values()
                for code in programme.vaccines
            ]
            found.append([(one.vaccine, one.number, one.status, one.next_due) for one in judged])
            found.append([(one.id, one.number, one.total, one.on) for one in doses])
    return found, stock(node), counted


def rebuilt(node: Node) -> bool:
    """Say whether the tables are what the journal makes of them."""

    def work(unit: Any) -> bool:
        live = maintenance.fingerprint(unit.db)
        for table in TABLES:
            unit.db.execute(f"DELETE FROM {table}")
        for entry in list(entries(unit.db)):
            project(unit.db, entry)
        return live == maintenance.fingerprint(unit.db)

    return node.journal.run(work)


@settings(
    max_examples=share(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=ACTS, turns=st.lists(st.sampled_from(["V1", "V2", "S1"]), min_size=12, max_size=12),
       last=st.tuples(st.just("give"), st.integers(0, 1), st.sampled_from(list(LOTS)),
                      st.sampled_from([0, 0, 40])))  # fmt: skip
def test_whatever_is_given_corrected_and_taken_back_the_record_ends_up_true(
    site: Node, acts: list[tuple[Any, ...]], turns: list[str], last: tuple[Any, ...]
) -> None:
    before = stock(site)
    ledger = Ledger(newcomers(site), seen=[length(site)])
    for by, what in zip(turns, acts, strict=False):
        act(site, ledger, by, what)
        ledger.seen.append(length(site))
    check(site, ledger, before)
    as_before = looked_at(site, ledger)
    known = set(ledger.doses)
    act(site, ledger, "V1", last)
    for id_ in set(ledger.doses) - known:
        assert looked_at(site, ledger) != as_before
        back = TakeBackDose(dose=id_, kind="not-given", reason="It was nothing")
        assert take(site, back, "V1")
        del ledger.doses[id_]
    assert looked_at(site, ledger) == as_before
    check(site, ledger, before)
    assert rebuilt(site)
