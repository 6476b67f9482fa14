"""A person's own certificates for their own telephone, in the site's Wi-Fi, without signing in.

What opens them is the code on the person's paper, 60 bits that nobody can reckon out, together with
the date of birth: neither alone, and no number of a certificate, which its place in the chain
tells. Wrong ones are counted as PINs are; whatever is wrong, the answer is the same and comes after
the same time, one after the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from edge.domain.errors import NotAllowed, NotFound, Refusal
from edge.domain.numbers import in_ascii_digits
from edge.domain.people import Person
from edge.domain.typed_dates import typed_date
from edge.journal import views
from edge.journal.journal import Journal
from edge.journal.views import IssuedCertificate
from edge.journal.views.contact import contact_preference
from edge.ports import Entropy
from edge.services.access_log import AccessLog
from edge.services.certificates.code_order import captioned_formats
from edge.services.guesses import PinAsker, PinGuard
from edge.services.printing.certificate_pages import CertificatePages
from edge.services.site import Site
from edge.slips.slip_maker import DOWNLOAD
from sync.protocol.proofs import plain_code

LASTS = timedelta(minutes=10)
"""How long what was opened stays open."""
_MOST_OPEN = 200
_MOST = 12
"""Certificates of one person, the newest."""
_LONGEST = 64
_WRONG = 0.25
"""Seconds after which a wrong try is answered, whatever was looked up for it."""


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """A certificate of the person who opened it; ``vaccine`` as the campaign names it.

    ``codes`` are its formats, each with what its code is for, the one that matters most first.
    """

    issued: IssuedCertificate
    vaccine: str
    on: date
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenedPaper:
    """What a code and a birth date have opened: under a ``ticket`` until an instant."""

    ticket: str
    until: datetime
    person: str
    language: str
    certificates: tuple[OwnCertificate, ...]


class Downloads:
    """Opens people's certificates; what is open is in memory alone, and ends by itself."""

    def __init__(
        self,
        journal: Journal,
        site: Site,
        entropy: Entropy,
        log: AccessLog,
        pages: CertificatePages,
        elapsed: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """``elapsed`` are seconds that only rise; ``sleep`` waits for some."""
        self._elapsed = elapsed
        self._sleep = sleep
        self._journal = journal
        self._site = site
        self._entropy = entropy
        self._log = log
        self._pages = pages
        self._guard = PinGuard(journal, site.clock.now)
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, OpenedPaper] = OrderedDict()

    def offered(self) -> bool:
        """Say whether the campaign in force lets people take their certificates along."""
        with self._journal.reading() as db:
            try:
                return self._site.catalogues.current(db).distribution.download
            except Refusal:  # before the first campaign
                return False

    def open(self, code: str, born: str, address: str) -> OpenedPaper:
        """Open the certificates that count of the person of a code and a birth date.

        Raises :class:`NotAllowed` where they do not fit, or too many did not from that address or
        for that code.
        """
        self.demand_offered()
        asker = PinAsker(address or "unknown", guest=True)
        plain = plain_code(in_ascii_digits(code[:_LONGEST]))
        account = "paper:" + hashlib.sha256(plain.encode()).hexdigest()[:32]
        with self._guard.trying(asker, account) as one:
            began = self._elapsed()
            found = self._found(plain, born[:_LONGEST])
            one.counted = found is None
            if found is None:
                self._sleep(max(0.0, began + _WRONG - self._elapsed()))
        if found is None:
            raise NotAllowed(
                "download.wrong",
                "There is no certificate for this code and date of birth.",
                hint="Compare both with the paper, or ask at the desk.",
            )
        self._log.note("certificate", device=asker.key, people=(found.person,), place=DOWNLOAD)
        with self._lock:
            self._forget()
            self._opened[found.ticket] = found
        return found

    def opened(self, ticket: str) -> OpenedPaper:
        """Give what is open under a ticket; raises :class:`NotFound` where it is over."""
        self.demand_offered()
        with self._lock:
            self._forget()
            found = self._opened.get(ticket)
        if found is None:
            raise NotFound(
                "download.over",
                "The certificate is not open any more.",
                hint="Type the code and the date of birth again.",
            )
        return found

    def pdf(self, ticket: str, number: str, address: str) -> bytes:
        """Draw one of the certificates that are open under a ticket.

        Raises :class:`NotFound` where it is none of them, or counts no more.
        """
        found = self.opened(ticket)
        if number not in {own.issued.id for own in found.certificates} or not self._counts(number):
            raise NotFound(
                "download.none",
                "This certificate does not count any more.",
                hint="Type the code and the date of birth again, or ask at the desk.",
            )
        asker = PinAsker(address or "unknown", guest=True)
        self._log.note("certificate", device=asker.key, people=(found.person,), place=DOWNLOAD)
        return self._pages.pdf(number, found.language)

    def _counts(self, number: str) -> bool:
        with self._journal.reading() as db:
            issued = views.certificate(db, number)
        return issued is not None and not issued.revoked_at

    def _found(self, code: str, born: str) -> OpenedPaper | None:
        now, today = self._site.clock.now(), self._site.clock.today()
        with self._journal.reading() as db:
            catalogue = self._site.catalogues.current(db)
            person = views.person_by_code(db, code)
            if person is None or not _fits(person, born, today, catalogue.issuer.country):
                return None
            said = contact_preference(db, person.id)
            own = []
            for certificate in reversed(views.certificates_of(db, person.id)):
                record = views.recorded(db, certificate.dose)
                if record is not None and not certificate.revoked_at and not record.withdrawn:
                    vaccine = catalogue.find_vaccine(record.dose.vaccine)
                    name = vaccine.name if vaccine else record.dose.vaccine
                    codes = captioned_formats(db, catalogue, certificate)
                    own.append(OwnCertificate(certificate, name, record.dose.on, tuple(codes)))
        if not own:
            return None
        ticket = base64.urlsafe_b64encode(self._entropy.bytes(24)).decode()
        return OpenedPaper(ticket, now + LASTS, person.id, said.language, tuple(own[:_MOST]))

    def _forget(self) -> None:
        now = self._site.clock.now()
        for ticket in [ticket for ticket, one in self._opened.items() if one.until <= now]:
            del self._opened[ticket]
        while len(self._opened) >= _MOST_OPEN:
            self._opened.popitem(last=False)

    def demand_offered(self) -> None:
        """Raise :class:`NotFound` where the campaign does not offer it: there is no such page."""
        if not self.offered():
            raise NotFound("page.unknown", "There is no such page.")


def _fits(person: Person, born: str, today: date, country: str) -> bool:
    """Compare what was typed with what is known of a birth: its day, or its year where only that.

    Of a birth that was told as an age nothing stands on paper, so nothing fits.
    """
    typed = typed_date(born, today, country)
    told = [day.isoformat() for day in typed.days] if typed else [in_ascii_digits(born).strip()]
    known = person.born_text.encode()
    return person.opens_by_birth and any(hmac.compare_digest(known, text.encode()) for text in told)
