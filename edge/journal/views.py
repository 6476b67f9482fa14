"""Questions the tables answer, in the domain's words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import LIST_KEYS, Lot
from edge.domain.dose import Dose
from edge.domain.people import Address, Person
from edge.domain.search import folded

if TYPE_CHECKING:
    from sqlite_utils import Database

_PERSON = (
    "id, code, name, gender, birth_date, birth_year, identity, nationality, phone, email, address"
)
_DOSE = (
    "id, person, programme, vaccine, number, total, lot, given_on, facility, vaccinator, reported,"
    " evidence, given_at, clock"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the queue; ``arrived_at`` is an instant in ISO 8601."""

    person: Person
    programme: str
    arrived_at: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A dose as the list of records shows it, with what became of its paper."""

    dose: Dose
    person: Person
    given_at: str
    expiry: date | None
    effective_until: date | None
    next_due: date | None
    certificate: str
    print_job: int | None
    print_state: str


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate as it was signed: the text of each format, the usual one first.

    ``replaces`` and ``replaced_by`` are numbers of certificates, ``revoked_at`` an instant in
    ISO 8601; each empty where there is none.
    """

    id: str
    dose: str
    person: str
    issued_at: str
    replaces: str
    replaced_by: str
    revoked_at: str
    reason: str
    credentials: Mapping[str, str]

    @property
    def format(self) -> str:
        """The usual format."""
        return next(iter(self.credentials))


def catalogue_body(db: Database) -> dict[str, Any]:
    """Give the catalogue in force in the form of a campaign's body, lists in order of code."""
    body: dict[str, Any] = {kind: [] for kind in LIST_KEYS}
    for kind, text in db.execute("SELECT kind, body FROM catalogue ORDER BY kind, code"):
        item = json.loads(text)
        if kind == "general":
            body.update(item)
        else:
            body[kind].append(item)
    return body


def person(db: Database, id_: str) -> Person | None:
    """Find a person by id."""
    row = db.execute(f"SELECT {_PERSON} FROM person WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return _person(row) if row else None


def person_by_code(db: Database, code: str) -> Person | None:
    """Find a person by ``preEnrollmentCode``."""
    row = db.execute(f"SELECT {_PERSON} FROM person WHERE code = ?", (code,)).fetchone()  # noqa: S608
    return _person(row) if row else None


def person_by_identity(db: Database, identity: str) -> Person | None:
    """Find a person by identity URI."""
    row = db.execute(
        f"SELECT {_PERSON} FROM person WHERE identity = ? AND identity <> ''",  # noqa: S608
        (identity,),
    ).fetchone()
    return _person(row) if row else None


def find_people(db: Database, text: str, limit: int = 20) -> list[Person]:
    """Find the people every word of the text fits, as the beginning of a word they are filed under.

    A number with spaces or dashes, such as a phone number, is also tried in one piece.
    """
    words = folded(text)[:6]
    digits = "".join(character for character in text if character.isdigit())
    attempts = [words]
    if digits and not set(text) - set("0123456789 +-()./"):
        attempts.append([digits])
    if text.strip() and text.strip().casefold() not in words:
        attempts.append([text.strip().casefold()])
    found: dict[str, Person] = {}
    for attempt in attempts:
        if not attempt:
            continue
        clauses = " INTERSECT ".join(
            "SELECT person FROM person_word WHERE word >= ? AND word < ?" for _ in attempt
        )
        bounds = [bound for word in attempt for bound in (word, word + "\U0010ffff")]
        for row in db.execute(
            f"SELECT {_PERSON} FROM person WHERE id IN ({clauses}) ORDER BY name, id LIMIT ?",  # noqa: S608
            (*bounds, limit),
        ):
            found.setdefault(row[0], _person(row))
    return list(found.values())[:limit]


def same_name_and_year(db: Database, candidate: Person) -> Person | None:
    """Find somebody already known with the same name and year of birth."""
    year = candidate.birth_date.year if candidate.birth_date else candidate.birth_year
    wanted = sorted(folded(candidate.name))
    for other in find_people(db, candidate.name, limit=50):
        born = other.birth_date.year if other.birth_date else other.birth_year
        if born == year and sorted(folded(other.name)) == wanted:
            return other
    return None


def history(db: Database, person_id: str) -> list[Dose]:
    """Give a person's doses, oldest first."""
    return [
        _dose(row)
        for row in db.execute(
            f"SELECT {_DOSE} FROM dose WHERE person = ? ORDER BY given_on, number, position",  # noqa: S608
            (person_id,),
        )
    ]


def observations(db: Database, person_id: str) -> dict[str, date | None]:
    """Give what was observed of a person and still holds: codes, with the day."""
    return {
        code: date.fromisoformat(on)
        for code, on in db.execute(
            "SELECT code, seen_on FROM observation WHERE person = ?", (person_id,)
        )
    }


def people_after(db: Database, after: str, most: int) -> list[Person]:
    """Give the people whose id comes after another's, in order of id."""
    return [
        _person(row)
        for row in db.execute(
            f"SELECT {_PERSON} FROM person WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
            (after, most),
        )
    ]


def doses_between(db: Database, first: str, last: str) -> list[Dose]:
    """Give the doses of the people whose ids lie between two, both included."""
    return [
        _dose(row)
        for row in db.execute(
            f"SELECT {_DOSE} FROM dose WHERE person BETWEEN ? AND ?"  # noqa: S608
            " ORDER BY person, given_on, number, position",
            (first, last),
        )
    ]


def lots(db: Database) -> list[Lot]:
    """Give every lot at the site, first to expire first; the quantity is what is left."""
    return [
        Lot(vaccine=row[0], lot=row[1], expiry=date.fromisoformat(row[2]), quantity=row[3])
        for row in db.execute(
            "SELECT vaccine, lot, expiry, received - given FROM stock ORDER BY expiry, vaccine, lot"
        )
    ]


def lot(db: Database, vaccine: str, lot_number: str) -> Lot | None:
    """Find one lot of a vaccine."""
    row = db.execute(
        "SELECT vaccine, lot, expiry, received - given FROM stock WHERE vaccine = ? AND lot = ?",
        (vaccine, lot_number),
    ).fetchone()
    if row is None:
        return None
    return Lot(vaccine=row[0], lot=row[1], expiry=date.fromisoformat(row[2]), quantity=row[3])


def queue(db: Database) -> list[Waiting]:
    """Give those who wait, longest first."""
    return [
        Waiting(_person(row[2:]), row[0], row[1])
        for row in db.execute(
            f"SELECT queue.programme, queue.arrived_at, {_of('person', _PERSON)}"  # noqa: S608
            " FROM queue JOIN person ON person.id = queue.person ORDER BY queue.position"
        )
    ]


def certificate(db: Database, id_: str) -> IssuedCertificate | None:
    """Find a certificate by its number."""
    return next(iter(_certificates(db, "id = ?", id_)), None)


def certificates_of(db: Database, person_id: str) -> list[IssuedCertificate]:
    """Give a person's certificates, oldest first."""
    return _certificates(db, "person = ? ORDER BY position", person_id)


def _certificates(db: Database, where: str, value: str) -> list[IssuedCertificate]:
    rows = db.execute(
        "SELECT id, dose, person, issued_at, replaces, replaced_by, revoked_at, reason"  # noqa: S608
        f" FROM certificate WHERE {where}",
        (value,),
    ).fetchall()
    found = []
    for row in rows:
        texts = db.execute(
            "SELECT format, text FROM credential WHERE certificate = ? ORDER BY place", (row[0],)
        ).fetchall()
        whole = (*row, dict(texts))
        found.append(IssuedCertificate(*whole))
    return found


def is_revoked(db: Database, keys: Sequence[str]) -> bool:
    """Say whether this site has revoked a certificate that goes by any of these keys (hex)."""
    marks = ", ".join("?" * len(keys))
    row = db.execute(
        f"SELECT 1 FROM revocation WHERE key IN ({marks})",  # noqa: S608  (marks only)
        tuple(keys),
    ).fetchone()
    return row is not None


def recorded(db: Database, dose_id: str) -> Recorded | None:
    """Find one dose with its paper."""
    return next(iter(_recorded(db, "dose.id = ?", (dose_id,))), None)


def recorded_on(db: Database, day: date) -> list[Recorded]:
    """Give the doses given here on a day, newest first."""
    return _recorded(
        db, "given_on = ? AND reported = 0 ORDER BY dose.position DESC", (day.isoformat(),)
    )


def _recorded(db: Database, where: str, values: tuple[Any, ...]) -> list[Recorded]:
    rows = db.execute(
        f"SELECT {_of('dose', _DOSE)}, {_of('person', _PERSON)}, given_at,"  # noqa: S608
        " expiry, effective_until, next_due,"
        " (SELECT id FROM certificate WHERE dose = dose.id ORDER BY position DESC LIMIT 1) AS paper"
        f" FROM dose JOIN person ON person.id = dose.person WHERE {where}",
        values,
    ).fetchall()
    return [_with_paper(db, row) for row in rows]


def _with_paper(db: Database, row: tuple[Any, ...]) -> Recorded:
    count = len(_DOSE.split(", "))
    given_at, expiry, until, due, paper = row[-5:]
    job = db.execute(
        "SELECT id, state FROM print_job WHERE subject = ?"
        " ORDER BY state = 'unknown' DESC, id DESC LIMIT 1",  # first what a person is to look at
        (paper or "",),
    ).fetchone()
    return Recorded(
        dose=_dose(row[:count]),
        person=_person(row[count:-5]),
        given_at=given_at,
        expiry=_date(expiry),
        effective_until=_date(until),
        next_due=_date(due),
        certificate=paper or "",
        print_job=job[0] if job else None,
        print_state=job[1] if job else "",
    )


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column}" for column in columns.split(", "))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _person(row: tuple[Any, ...]) -> Person:
    address = {
        key: text
        for key, text in json.loads(row[10]).items()
        if key in Address.__dataclass_fields__
    }
    return Person(
        id=row[0],
        code=row[1],
        name=row[2],
        gender=row[3],
        birth_date=_date(row[4]),
        birth_year=row[5],
        identity=row[6],
        nationality=row[7],
        phone=row[8],
        email=row[9],
        address=Address(**address),
    )


def _dose(row: tuple[Any, ...]) -> Dose:
    return Dose(
        id=row[0],
        person=row[1],
        programme=row[2],
        vaccine=row[3],
        number=row[4],
        total=row[5],
        lot=row[6],
        on=date.fromisoformat(row[7]),
        facility=row[8],
        vaccinator=row[9],
        reported=bool(row[10]),
        evidence=row[11],
        at=None if row[10] or row[13] != "believed" else datetime.fromisoformat(row[12]),
    )
