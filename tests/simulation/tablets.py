"""People and tablets: every dose is asked for under one number until the tablet hears of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from boxes import Box, Identity
from ledger import CANARY
from roads import PowerCut

if TYPE_CHECKING:
    from country import Country

_WORDS = ("Amina", "Chidi", "Dara", "Esi", "Farid", "Hana", "Ibrahim", "Lin", "Mercy", "Noor")


@dataclass(frozen=True, slots=True)
class Ask:
    """A dose as a tablet asks for it; the ids are of the entries that go with it, if any do."""

    id: str
    body: dict[str, Any]
    certificate: str = ""
    revocation: str = ""


class Clinic:
    """The people and tablets of one facility, and of every copy of its computer."""

    box = Box
    retries_with_new_id = False
    """A planted bug: a tablet that has not heard makes a new number."""

    def __init__(self, country: Country, identity: Identity, pace: float) -> None:
        self.identity = identity
        self.unheard: list[Ask] = []
        self._country = country
        self._pace = pace
        self._given = 0

    def burst(self, box: Box) -> None:
        """Give the doses of some minutes, and ask again for those nobody has heard of."""
        work = self._country.work
        count = min(60, round(work.random.expovariate(1 / self._pace)))
        asks = self.unheard + [self._ask() for _ in range(count)]
        self.unheard = []
        if asks:
            self.send(asks, box)

    def again(self, box: Box) -> None:
        """Ask again for what nobody has heard of."""
        asks, self.unheard = self.unheard, []
        if asks:
            self.send(asks, box)

    def send(self, asks: list[Ask], box: Box) -> None:
        """Send to a computer; what is not heard of is kept for the next time."""
        work, faults = self._country.work, self._country.faults
        arrived = []
        for ask in asks:
            if work.chance(faults.tablet_lost):
                self._keep([ask])
            else:
                arrived.append(ask)
        if not arrived:
            return
        try:
            answers = box.record(arrived)
        except PowerCut:
            self._keep(arrived)
            raise
        heard = []
        for ask, entry in zip(arrived, answers, strict=True):
            if entry is None or work.chance(faults.tablet_lost):
                self._keep([ask])
            else:
                heard.append(entry)
        box.tell(heard)
        hashes = "".join(entry.hash[:4] for entry in answers if entry)
        work.log(f"{box.name} doses {len(arrived)} heard {len(heard)} {hashes}")

    def _keep(self, asks: list[Ask]) -> None:
        if self.retries_with_new_id:
            asks = [replace(ask, id=self._id(), certificate="", revocation="") for ask in asks]
        self.unheard += asks

    def _ask(self) -> Ask:
        work = self._country.work
        self._given += 1
        serial = f"{self.identity.facility}-{self._given}"
        body = {
            "person": f"person-{serial}",
            "programme": "covid-19",
            "vaccine": work.random.choice(("coviprotect", "other")),
            "number": 1,
            "total": 2,
            "lot": f"L{work.random.randrange(9)}",
            "expiry": "2027-06-30",
            "on": work.moment().date().isoformat(),
            "facility": self.identity.facility,
            "vaccinator": "V1",
            "name": work.random.choice(_WORDS),
            "canary": f"{CANARY}{serial}",
        }
        certificate = self._id() if work.chance(0.3) else ""
        revocation = self._id() if certificate and work.chance(0.1) else ""
        return Ask(self._id(), body, certificate, revocation)

    def _id(self) -> str:
        return self._country.work.uuid()
