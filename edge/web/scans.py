"""What a scanner, or a hand, means by a text in Find: somebody's number, a certificate, a name."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import redirect

from edge.credentials.verdict import UNREADABLE, Verdict
from edge.domain.births import told_span
from edge.domain.counting import birth_of
from edge.domain.errors import Refusal
from edge.domain.gs1 import read_gs1
from edge.domain.lots import read_label
from edge.domain.names.folding import plain_words
from edge.domain.numbers import CERTIFICATE_DIGITS, PERSON_DIGITS
from edge.domain.people import Person
from edge.domain.told_doses import doses_told
from edge.journal import views
from edge.web import certificate_pages, site_pages
from edge.web.identity_scans import SHORTEST, card_in, card_of, holder_of
from edge.web.ribbon_pages import came_from, keep_choice
from edge.web.uploads import asker_of
from edge.web.visit import Answer, Visit

if TYPE_CHECKING:
    from sqlite_utils import Database

_LOOKALIKES = str.maketrans("OILU", "011V")
"""Letters that Crockford's base 32 does without, and what they are read as."""


def meant(visit: Visit, text: str) -> Answer | None:
    """Answer a text that names one person, or is a certificate or a vial's code.

    None: it is to be searched for.
    """
    vial = _vial(visit, text)
    if vial is not None:
        return vial
    identities = list(visit.backend.site.identities.sought(text))
    with visit.backend.journal.reading() as db:
        person = _numbered(db, text, identities)
    if person is not None:
        return _to(person)
    if len(text) < SHORTEST:
        return None
    card = card_in(visit, text)
    if card is not None:
        holder = holder_of(visit, card)
        form = {"do": "card", "card": text}
        return _to(holder) if holder else site_pages.register(replace(visit, form=form))
    verdict = visit.backend.verify(text.encode(), asker_of(visit.backend))
    return None if verdict.verdict == UNREADABLE else _shown(visit, verdict)


def _vial(visit: Visit, text: str) -> Answer | None:
    """Choose the lot of a vial whose code was scanned, for the ribbon of this tablet.

    Raises :class:`Refusal` for one that is expired or not at hand.
    """
    today, ribbon = visit.backend.site.clock.today(), visit.ribbon
    if ribbon is None or read_gs1(text, today) is None:
        return None
    label = read_label(text, today)
    with visit.backend.journal.reading() as db:
        expiries = [lot.expiry for lot in views.lots(db) if lot.lot == label.lot]
    expiry = label.expiry or max(expiries, default=today)
    if expiry < today:
        raise Refusal(
            "lot.expired",
            "Lot {lot} expired on {expiry}.",
            hint="Put the vial aside and take another lot.",
            field="lot",
            lot=label.lot,
            expiry=expiry,
        )
    codes = [
        vial.vaccine.code for vial in ribbon.vials if any(lot.lot == label.lot for lot in vial.lots)
    ]
    if len(codes) != 1:
        raise Refusal(
            "lot.unknown",
            "Lot {lot} is not in this site's stock.",
            hint="Read lot and date on the vial again.",
            field="lot",
            lot=label.lot,
        )
    return keep_choice(visit.choice.with_lot(codes[0], label.lot), came_from())


def _numbered(db: Database, text: str, identities: Sequence[str]) -> Person | None:
    """Find the person by an identity, by a code, or by the number of a certificate.

    ``identities`` are those that the text may be the number of.
    """
    for identity in (text, *identities):
        by_identity = views.person_by_identity(db, identity)
        if by_identity is not None:
            return by_identity
    last = text.rstrip("/").rpartition("/")[2] if text.startswith(("http:", "https:")) else text
    number = "".join(letter for letter in last.upper() if letter not in " -\u00a0")
    for written in dict.fromkeys((last.strip(), number, number.translate(_LOOKALIKES))):
        if len(written) == PERSON_DIGITS or written == last.strip():
            found = views.person_by_code(db, written)
            if found is not None:
                return found
        if len(written) == CERTIFICATE_DIGITS:
            issued = views.certificate(db, written)
            if issued is not None:
                return views.person(db, issued.person)
    return None


def _shown(visit: Visit, verdict: Verdict) -> Answer:
    """Go to whose good certificate it is, or on to take its owner in; else say what it is worth."""
    if not verdict.good or not verdict.payload or certificate_pages.tells_of_nobody(verdict):
        return certificate_pages.verified(visit, verdict)
    card = card_of(visit, verdict)
    holder = holder_of(visit, card) if card else None
    with visit.backend.journal.reading() as db:
        holder = holder or _holder(visit, db, verdict.claims)
    if holder is not None:
        return _to(holder)
    carried = base64.b64encode(verdict.payload).decode()
    form = {"do": "scan", "certificate": carried}
    return site_pages.register(replace(visit, form=form))


def _holder(visit: Visit, db: Database, claims: Any) -> Person | None:
    """Find the one person here whose certificate this is, with everything that it tells."""
    number = str(claims.get("certificateId") or "").rpartition(":")[2]
    issued = views.certificate(db, number) if number else None
    if issued is not None:
        person = views.person(db, issued.person)
        if person is not None and _is_of(person, claims):
            return person
    if claims.get("kind") == "identity":
        wanted = str(claims.get("identity") or "")
        known = [person for person in views.find_people(db, wanted) if _is_of(person, claims)]
    else:
        known = [
            person
            for person in views.find_people(db, _name(claims))
            if _is_of(person, claims) and _recorded(visit, db, person, claims)
        ]
    return known[0] if len(known) == 1 else None


def _is_of(person: Person, claims: Any) -> bool:
    """Compare the whole birth date, or as much of it as both have, and a word of the name."""
    born = told_span(birth_of(claims))
    return (
        born is not None
        and born.overlaps(person.born)
        and bool({*plain_words(person.name)} & {*plain_words(_name(claims))})
    )


def _recorded(visit: Visit, db: Database, person: Person, claims: Any) -> bool:
    site = visit.backend.site
    told = doses_told(claims, site.catalogues.current(db), site.clock.today())
    known = {(dose.vaccine, dose.on) for dose in views.history(db, person.id)}
    return bool(told) and all((dose.vaccine, dose.on) in known for dose in told)


def _name(claims: Any) -> str:
    parts = (claims.get("name"), claims.get("givenName"), claims.get("familyName"))
    return next((str(part) for part in parts if part), "")


def _to(person: Person) -> Answer:
    return redirect(f"/people/{person.id}", 303)  # type: ignore[return-value]
