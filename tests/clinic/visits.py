"""A clinic of random visits at one whole site: what the page offers is held against the oracle.

People come as infants, children and adults, some of them twins or of an age that is only estimated;
they bring late papers, are given what is offered, now and then what is not; two tablets have the
same page open; and supervisors correct births and days. Every day the clock goes on.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from edge.adapters.settings import Settings
from edge.campaign.divoc_csv import ReportedDose
from edge.campaign.tables import ValidRow
from edge.cli.site import make_site
from edge.domain.births import AgeUnit
from edge.domain.catalogue import Catalogue, Staff
from edge.domain.errors import EdgeError, Refusal
from edge.domain.people import Person
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.web.offers import Offer
from edge.web.person_file import PersonFile, person_file
from edge.web.ribbon import read_choice, ribbon
from tests.clinic.oracle import ORACLE, counted, due_for_all, related
from tests.schedules.test_in_the_doses_way import with_infants

BEGIN = date(2026, 12, 1)
A_DAY = 40
"""Visits in a day of the clinic."""
FACILITY, ELSEWHERE = "DEMO01", "Hill Post"
_AGES = (0, 3, 13, 42, 44, 70, 98, 120, 200, 275, 300, 365, 460, 730, 1900, 4380, 5480, 9000, 20000)
"""Days around which people are born: where what is due changes."""
EXPIRES = date(2030, 1, 1)


class Mismatch(AssertionError):
    """The page and the oracle differ, or a refusal has no reason."""


@dataclass
class Clinic:
    """One site, its people, and what the visits came to."""

    folder: Path
    seed: int
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        site = self.folder / "site"
        make_site(site, Settings(facility=FACILITY, zone="UTC"))
        self.node = Node(site)
        self.clock = _Clock(BEGIN)
        object.__setattr__(self.node.site, "clock", self.clock)
        campaign = with_infants(self.folder / "campaign")
        self.node.campaigns.apply(self.node.campaigns.reader.folder(campaign))
        self.people: list[str] = []
        with self.node.journal.reading() as db:
            self.catalogue: Catalogue = self.node.site.catalogues.current(db)
        for code in ORACLE:
            self._take(
                commands.ReceiveStock(
                    vaccine=code, lot=f"{code[:8]}1", expiry=EXPIRES, quantity=100_000
                )
            )
        self.backend = self.node.backend()

    def close(self) -> None:
        """Leave the site."""
        self.node.close()

    def run(self, visits: int, played: Callable[[int], None] = lambda _: None) -> None:
        """Play so many visits; raises :class:`Mismatch` at the first that is wrong.

        ``played`` is told how many were, after each.
        """
        for number in range(visits):
            self.clock.day = BEGIN + timedelta(days=number // A_DAY)
            person = self._somebody()
            try:
                self._visit(person)
            except Mismatch as error:
                error.add_note(f"seed {self.seed}, visit {number}, on {self.clock.day}")
                error.add_note(self._told(person))
                raise
            self.counts["visits"] += 1
            played(number + 1)

    def _visit(self, person: str) -> None:
        chance = self.random.random()
        if chance < 0.12:
            self._late_paper(person)
        elif chance < 0.18:
            self._correct(person)
        before = file = self._page(person)
        self._compare(file)
        due = list(file.offers.due)
        self.random.shuffle(due)
        for offer in due[: self.random.choice((1, 2, 4, 9))]:
            if _still_due(file, offer):
                self._give(person, offer)
                file = self._page(person)
        if self.random.random() < 0.15:
            others = [offer for offer in file.offers.others if not offer.due]
            if others and self._against(person, self.random.choice(others)):
                file = self._page(person)
        if file is not before:
            self._compare(file)

    def _compare(self, file: PersonFile) -> None:
        """Hold what the page offers in green against the oracle."""
        given = [(dose.vaccine, dose.on) for dose in file.doses]
        span, today = file.person.born, self.clock.today()
        last = min(span.last, today)
        births = [span.first + timedelta(days=n) for n in range((last - span.first).days + 1)]
        green = {offer.vaccine.code: offer.judged.number for offer in file.offers.due}
        for code in ORACLE:
            siblings = related(code) - {code}
            others = [day for vaccine, day in given if vaccine in siblings]
            if others and (any(vaccine == code for vaccine, _ in given)):
                continue  # two products against one disease: the engine's own tests have them
            wanted = due_for_all(code, births, given, today)
            if others:
                begun = {counted(one, born, given, today)[0] for one in siblings for born in births}
                if len(begun) > 1:
                    continue
                if today in others or begun != {0}:
                    wanted = 0  # a series that is begun is ended with its own product
            held = {dose.number for dose in file.doses if dose.vaccine == code}
            # a dose that does not count keeps its number: the next has one that nobody holds
            if code in green and (not wanted or green[code] < wanted or green[code] in held):
                raise Mismatch(f"{code} is offered as dose {green[code]}, and due is {wanted}")
            if wanted and code not in green and not siblings & green.keys():
                raise Mismatch(f"{code} is due, dose {wanted}, and is not offered")
            self.counts["offers" if code in green else "not offered"] += 1
        for offer in file.offers.others:
            reasons = [str(one) for one in offer.judged.objections]
            if not offer.due and not all(reasons or [""]):
                raise Mismatch(f"{offer.vaccine.code} is refused without a reason")

    def _give(self, person: str, offer: Offer) -> None:
        command = self._dose(person, offer)
        try:
            self._take(command, "V1")
        except EdgeError as error:
            raise Mismatch(f"{offer.vaccine.code} is offered, and refused: {error}") from error
        self.counts["doses"] += 1
        if self.random.random() < 0.1:  # another tablet has the page of before on it
            self._refused(self._dose(person, offer), {"dose.same-day"})
            self.counts["second taps"] += 1

    def _against(self, person: str, offer: Offer) -> bool:
        """Give what is not due: refused with its reason; true: a supervisor let it through."""
        told = {refusal.code for refusal in offer.judged.objections}
        refused = self._refused(self._dose(person, offer), told)
        if not refused.overridable or self.random.random() >= 0.2:
            return False
        seen = tuple(commands.DecidedObjection(id=objection.id) for objection in refused.together)
        signed = commands.Override(reason="was decided so", supervisor="S1", objections=seen)
        try:
            self._take(commands_with(self._dose(person, offer), signed), "V1")
        except Refusal as error:
            raise Mismatch(f"{error.code} was overridden, and refused again") from error
        self.counts["overrides"] += 1
        return True

    def _refused(self, command: commands.GiveDose, codes: set[str]) -> Refusal:
        try:
            self._take(command, "V1")
        except Refusal as refusal:
            if refusal.code not in codes or not str(refusal):
                raise Mismatch(f"{command.vaccine} is refused for {refusal.code}") from refusal
            self.counts["refusals"] += 1
            return refusal
        raise Mismatch(f"{command.vaccine} is given, against {', '.join(sorted(codes))}")

    def _dose(self, person: str, offer: Offer) -> commands.GiveDose:
        code = offer.vaccine.code
        return commands.GiveDose(
            person=person, programme=offer.programme.id, vaccine=code, lot=f"{code[:8]}1"
        )

    def _late_paper(self, person: str) -> None:
        """Import a dose of some day since the programmes began, of a vaccine they may have had."""
        with self.node.journal.reading() as db:
            known = views.person(db, person)
            history = views.history(db, person)
        assert known is not None
        first = max(known.born.last, date(2026, 1, 1))
        if first > self.clock.today():
            return
        days = (self.clock.today() - first).days
        on = self.clock.today() - timedelta(days=self.random.randint(0, days))
        code = self.random.choice([*ORACLE])
        if any(dose.vaccine in related(code) - {code} for dose in history):
            return
        programme = next(one for one in self.catalogue.programmes.values() if code in one.vaccines)
        row = ReportedDose(
            person=replace(known, id=""), vaccine=self.catalogue.vaccines[code].name, lot="P1",
            on=on, number=1, total=1, effective_until=None, vaccinator="", facility=ELSEWHERE,
        )  # fmt: skip
        report = self.node.importer.certificates(
            "papers.csv", [ValidRow(2, row)], programme.id, lambda _: None
        )
        self.counts["late papers"] += report.taken

    def _correct(self, person: str) -> None:
        """Put right a birth by some days, or the day of a dose, by a supervisor."""
        with self.node.journal.reading() as db:
            known = views.person(db, person)
            own = [dose for dose in views.history(db, person) if not dose.reported]
        assert known is not None
        days = timedelta(days=self.random.randint(-40, 40))
        command: commands.Command
        if own and self.random.random() < 0.5:
            dose = self.random.choice(own)
            on = max(min(dose.on + days, self.clock.today()), BEGIN - timedelta(days=200))
            command = commands.CorrectDose(dose=dose.id, reason="another day", on=on)
        elif known.birth_date is not None:
            born = min(known.birth_date + days, self.clock.today())
            command = commands.CorrectPerson(person=person, reason="misread", birth_date=born)
        else:
            born = known.born.first + (known.born.last - known.born.first) // 2
            born = min(born, self.clock.today())
            command = commands.CorrectPerson(person=person, reason="asked", birth_date=born)
        try:
            self._take(command)
            self.counts["corrections"] += 1
        except EdgeError as error:
            if not str(error):
                raise Mismatch("a correction is refused without a reason") from error
            self.counts["corrections refused"] += 1

    def _somebody(self) -> str:
        if self.people and self.random.random() < 0.65:
            return self.random.choice(self.people)
        return self._newcomer()

    def _newcomer(self) -> str:
        today = self.clock.today()
        ago = max(0, self.random.choice(_AGES) + self.random.randint(-5, 40))
        born = today - timedelta(days=ago)
        told: dict[str, Any] = {"birth_date": born}
        chance = self.random.random()
        if chance < 0.06:
            told = {"birth_year": born.year}
        elif chance < 0.12:
            months = (today.year - born.year) * 12 + today.month - born.month
            unit: AgeUnit = "months" if months < 60 else "years"
            count = max(0, months - 1) if unit == "months" else months // 12
            told = {"age": commands.AgeInput(count=count, unit=unit)}
        twins = 2 if self.random.random() < 0.08 else 1
        for twin in range(twins):
            person = commands.RegisterPerson(
                name=f"Visitor {len(self.people)} {'AB'[twin]}",
                gender=self.random.choice(("Female", "Male")),
                different_person=True,
                **told,
            )
            self.people.append(self._take(person, "R1"))
        self.counts["people"] += twins
        return self.people[-1]

    def _page(self, person: str) -> PersonFile:
        """Give what a tablet's page shows of a person."""
        with self.node.journal.reading() as db:
            lots = views.lots(db)
        staff, today = self.catalogue.staff["V1"], self.clock.today()
        held = ribbon(read_choice(""), self.catalogue, lots, staff, FACILITY, today)
        visit: Any = SimpleNamespace(backend=self.backend, ribbon=held)
        return person_file(visit, person)

    def _take(self, command: commands.Command, by: str = "S1") -> str:
        staff: Staff = self.catalogue.staff[by]
        return self.node.desk.take(self.node.site.ids.new(), command, staff).id

    def _told(self, person: str) -> str:
        file = self._page(person)
        doses = ", ".join(f"{dose.vaccine} {dose.on}" for dose in file.doses)
        return f"born {_born(file.person)}; doses: {doses}"


def _still_due(file: PersonFile, offer: Offer) -> bool:
    return any(one.vaccine.code == offer.vaccine.code for one in file.offers.due)


def commands_with(command: commands.GiveDose, override: commands.Override) -> commands.GiveDose:
    """Put a supervisor's word to a dose."""
    return commands.GiveDose(
        person=command.person, programme=command.programme, vaccine=command.vaccine,
        lot=command.lot, override=override,
    )  # fmt: skip


def _born(person: Person) -> str:
    return person.born_text


class _Clock:
    """The clinic's clock: noon of the day that is played."""

    zone = UTC

    def __init__(self, day: date) -> None:
        self.day = day

    def now(self) -> datetime:
        return datetime.combine(self.day, time(12), UTC)

    def today(self) -> date:
        return self.day

    def believed(self) -> bool:
        return True
