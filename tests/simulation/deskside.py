"""One site with the whole way of a dose: the real desk, rules, signatures and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from boxes import Box, Identity
from clockwork import Clockwork
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from ledger import CANARY
from swarm import QUIET
from tablets import Ask, Clinic

from edge.adapters.clock import BUILT
from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.campaign.stock_csv import read_stock
from edge.credentials.verdict import Verdict
from edge.domain.believable import Belief
from edge.domain.catalogue import Catalogue
from edge.domain.errors import EdgeError
from edge.journal import views
from edge.journal.derived_ids import derived_id
from edge.journal.entries import entries, entry
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.services.campaigns import record_campaign
from edge.services.catalogue_cache import CatalogueCache
from edge.services.certificates.certifier import SiteCertifier
from edge.services.certificates.formats import load_formats
from edge.services.commands import (
    CorrectDose,
    DistinguishPeople,
    GiveDose,
    MergePeople,
    RecordStatus,
    RegisterPerson,
    TakeBackDose,
    UndoMerge,
)
from edge.services.desk import Desk
from edge.services.identities import Identities
from edge.services.imports.importer import Importer
from edge.services.payments.payers import Payers
from edge.services.pins import PinSeal
from edge.services.site import Site
from sync.resources import resource

if TYPE_CHECKING:
    from country import Country

FACILITY = "DEMO01"
_MISTAKES = 0.25
"""The share of what is asked at the desk that puts something right."""
_TRIES = 3
_VIALS = (("coviprotect", "CP2611A"), ("adenovax", "AV4417"))


_CHANGES: Any = (
    CorrectDose | TakeBackDose | MergePeople | UndoMerge | DistinguishPeople | RecordStatus
)
_COUNTED: dict[type, str] = {MergePeople: "merged", UndoMerge: "merges undone", DistinguishPeople: "told apart",
            RecordStatus: "died, went or came"}  # fmt: skip


class DeskBox(Box):
    """A computer whose tablets speak to the real desk."""

    _desk: Desk | None = None
    _noted = 0

    def boot(self, *, like: Box | None = None) -> None:
        """Start, and lay the desk out anew."""
        super().boot(like=like)
        clock = _Clock(self)
        keys = _Keys(self.identity)
        catalogues = CatalogueCache(to_catalogue)
        certifier = SiteCertifier(
            _formats(), keys, lambda: (), FACILITY, lambda: "did:web:demoland.example"
        )
        site = Site(FACILITY, catalogues, clock, _Ids(self.work), certifier, _no_judge, None,  # type: ignore[arg-type]
                    Identities({}, None, lambda: _in_force(catalogues, self.journal), lambda _: None))  # fmt: skip
        self._desk = Desk(self.journal, site, Payers({}))
        with self.journal.reading() as db:
            self._noted = sum(1 for _ in entries(db))
            fresh = self._noted == 0
        if fresh:
            importer = Importer(self.journal, site)
            self.journal.run(lambda unit: _found(unit, PinSeal(keys.signing_key("node"))))
            catalogues.forget()
            stock = resource("config/demo/data") / "stock.csv"
            importer.stock("stock.csv", read_stock(stock), lambda rows: None)
            self._note_new()
        with self.journal.reading() as db:
            staff = catalogues.current(db).staff
        self._staff, self._supervisor = staff["V1"], staff["S1"]

    def record(self, asks: Sequence[Ask]) -> list[Entry | None]:
        """Register each person and give each dose at the desk; None: the desk refused it."""
        answers = [self._give(ask) for ask in asks]
        self._note_new()
        return answers

    def _give(self, ask: Ask) -> Entry | None:
        assert self._desk is not None
        body = ask.body
        if "takes" in body:
            return self._change(ask)
        person = RegisterPerson(name=body["name"], gender="Female", birth_date=date(1990, 5, 17))
        vaccine, lot = body["vial"]
        dose = GiveDose(person=ask.certificate, programme="covid-19", vaccine=vaccine, lot=lot)
        try:
            self._desk.take(ask.certificate, person, self._staff)
            return self._desk.take(ask.id, dose, self._staff).entries[0]
        except EdgeError as error:
            self.work.log(f"{self.name} refuses {error.code}")
            if error.code == "clock.unsure" and self.country.faults is QUIET:
                self._floor = BUILT  # the clock was put right: a supervisor confirms the date
            return self._given_today(ask.certificate) if error.code == "dose.same-day" else None

    def _given_today(self, person: str) -> Entry | None:
        """Find the dose that was given instead, as the nurse is told: of who is the same person.

        Two may have been made one, or a dose moved, while a clock that was wrong refused this one.
        """
        with self.journal.reading() as db:
            doses = views.history(db, person)
            return entry(db, doses[-1].id) if doses else None

    def _change(self, ask: Ask) -> Entry | None:
        """Do what somebody at the table says who knows better: of a dose, of who is one."""
        assert self._desk is not None
        command = msgspec.convert(ask.body["takes"], _CHANGES)
        try:
            entries = self._desk.take(ask.id, command, self._supervisor).entries
        except EdgeError as error:
            self.work.log(f"{self.name} refuses {error.code}")
            return None
        self.country.ledger.counts[_COUNTED.get(type(command), "taken back or corrected")] += 1
        return entries[0]

    def _note_new(self) -> None:
        with self.journal.reading() as db:
            for entry in entries(db, after=self._noted):
                self.country.ledger.write(self.identity.node, dict(entry.document), entry.hash)
                self.country.ledger.counts["entries"] += 1
                self._noted = entry.position


class DeskClinic(Clinic):
    """People who are registered with a name that holds the canary; ``certificate`` is their id."""

    box = DeskBox

    def __init__(self, country: Country, identity: Identity, pace: float) -> None:
        super().__init__(country, identity, pace)
        self._asked: list[Ask] = []
        self._merged: list[str] = []
        self._tries: Counter[str] = Counter()

    def _keep(self, asks: list[Ask]) -> None:
        """Ask for a dose until it is heard of; for a change of one that may be lost, three times."""
        self._tries.update(ask.id for ask in asks if "takes" in ask.body)
        super()._keep([ask for ask in asks if self._tries[ask.id] < _TRIES])

    def _ask(self) -> Ask:
        random = self._country.work.random
        if len(self._asked) > 1 and random.random() < _MISTAKES:
            id_ = self._id()
            takes = random.choice((self._mistake, self._mistake, self._people))(id_)
            return Ask(id_, {"takes": takes})
        dose = self._dose()
        self._asked.append(dose)
        return dose

    def _people(self, id_: str) -> dict[str, Any]:
        """Say of two that they are one, two again, or two; or of one that they died or went."""
        random = self._country.work.random
        one, other = (ask.certificate for ask in random.sample(self._asked, 2))
        kind = random.choice(("merge", "merge", "undo", "apart", "status"))
        if kind == "undo" and self._merged:
            merge = random.choice(self._merged)
            return {"type": "UndoMerge", "merge": merge, "reason": "They are two"}
        if kind == "apart":
            return {"type": "DistinguishPeople", "persons": [one, other], "reason": "Sisters"}
        if kind == "status":
            status = random.choice(("died", "moved", "lost", "active"))
            return {"type": "RecordStatus", "person": one, "status": status, "reason": "Heard"}
        self._merged.append(id_)
        told = {"type": "MergePeople", "kept": one, "merged": other, "reason": "One card"}
        return {**told, "although": random.random() < 0.5}

    def _mistake(self, _id: str) -> dict[str, Any]:
        random = self._country.work.random
        dose, other = random.sample(self._asked, 2)
        kinds = ("not-given", "other-person", "other-dose", "lot", "number", "day")
        kind = random.choice(kinds)
        told = {"dose": dose.id, "reason": "It was not so"}
        if kind == "lot":
            return {**told, "type": "CorrectDose", "lot": "X1", "expiry": "2031-01-01"}
        if kind == "number":
            return {**told, "type": "CorrectDose", "number": 2}
        if kind == "day":
            day = self._country.work.moment().date() - timedelta(days=random.randrange(3))
            return {**told, "type": "CorrectDose", "on": day.isoformat()}
        right = {"other-person": {"person": other.certificate}}.get(kind, {})
        if kind == "other-dose":
            vaccine, lot = random.choice(_VIALS)
            right = {"vaccine": vaccine, "lot": lot}
        return {**told, "type": "TakeBackDose", "kind": kind, **right}

    def _dose(self) -> Ask:
        self._given += 1
        serial = f"{CANARY}{self.identity.facility}-{self._given}"
        vial = self._country.work.random.choice(_VIALS)
        return Ask(self._id(), {"name": serial, "vial": vial}, self._id())


class _Clock:
    """The clock of a box, as the desk asks it."""

    zone = UTC

    def __init__(self, box: Box) -> None:
        self._box = box

    def now(self) -> datetime:
        return self._box.stamp().at

    def today(self) -> date:
        return self.now().date()

    def believed(self) -> bool:
        return self._box.stamp().believed

    def belief(self) -> Belief:
        return Belief(believed=self.believed())


class _Ids:
    def __init__(self, work: Clockwork) -> None:
        self._work = work

    def new(self) -> str:
        return self._work.uuid()


class _Keys:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def signing_key(self, name: str) -> Ed25519PrivateKey:
        return self._identity.key

    def rsa_key(self) -> RSAPrivateKey:
        raise NotImplementedError

    def has_rsa_key(self) -> bool:
        return False


def _in_force(catalogues: CatalogueCache, journal: Journal) -> Catalogue:
    with journal.reading() as db:
        return catalogues.current(db)


def _no_judge(_: bytes) -> Verdict:
    raise NotImplementedError


@cache
def _formats() -> Any:
    return load_formats()


def _found(unit: Unit, seal: PinSeal) -> None:
    id_ = derived_id("campaign", _campaign())
    record_campaign(unit, _campaign(), id_, by="import", seal=seal, facility=FACILITY)


@cache
def _campaign() -> Any:
    return read_campaign(resource("config/demo/campaign"), resource("config/schemas"))


def open_desk(country: Country) -> DeskClinic:
    """Found the site with the real desk."""
    key = Ed25519PrivateKey.from_private_bytes(country.work.random.randbytes(32))
    return DeskClinic(country, Identity(key, FACILITY), 1.0)
