"""Finding people, and "perhaps known?", in a site's encrypted database of invented people.

``python -m benchmarks.search [people …]``; 100,000 by default, 1,000,000 takes ten minutes.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from edge.domain.people import Address, Person
from edge.journal import database, views
from edge.journal.entry import Entry
from edge.journal.projections import project
from edge.journal.schema import migrate
from edge.services.people.register_person import person_body

if TYPE_CHECKING:
    from sqlite_utils import Database

TODAY = date(2026, 11, 24)
_KEY = bytes(32)
_GIVEN = (
    *("Amina", "Fatuma", "Grace", "Mary", "Wanjiru", "Achieng", "Halima", "Zainab"),
    *("Aïcha", "Khadija", "Esther", "Ruth", "Joy", "Mercy", "Nafula", "John", "Peter"),
    *("Joseph", "Ibrahim", "Yusuf", "Mohamed", "Ahmed", "Hassan", "Ali", "Omar", "Abdi"),
    *("Kamau", "Otieno", "Kiprono", "Juma", "محمد", "أحمد", "فاطمة", "عائشة", "إبراهيم"),
    *("አልማዝ", "ተስፋዬ", "ሰላም", "प्रिया", "मोहन", "रहीमा", "রহিমা", "கமலா", "Наталія"),
    "Олексій",
)
_CONSONANTS = (
    *("b", "ch", "d", "g", "k", "l", "m", "n", "r", "s", "t", "w", "y", "z", "mb", "nj"),
    *("sh", "th"),
)
_SYLLABLES = [a + b for a in _CONSONANTS for b in "aeiou"]


def measure(folder: Path, people: int = 100_000) -> dict[str, float]:
    chance = random.Random(7)
    db = database.open_writer(folder / f"search-{people}.db", _KEY)
    migrate(db, datetime(2026, 11, 24, tzinfo=UTC))
    names = (
        [*_GIVEN * 8, *invented(chance, 3_000)],
        invented(chance, 8_000),
        invented(chance, 900),
    )
    start = time.thread_time()
    db.execute("BEGIN")
    for number in range(people):
        project(db, _registered(chance, number, *names))
    db.execute("COMMIT")
    spent = time.thread_time() - start
    figures = {
        "people": float(people),
        "filing one in bulk, of the processor, milliseconds": spent / people * 1000,
        **_searching(db, chance),
        **_alike(db, chance, *names),
        **_size(db, people),
    }
    db.conn.close()
    return figures


def invented(chance: random.Random, count: int) -> list[str]:
    made = {
        "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4))).capitalize()
        for _ in range(count)
    }
    return sorted(made)


def _registered(
    chance: random.Random,
    number: int,
    given: Sequence[str],
    last: Sequence[str],
    places: Sequence[str],
) -> Entry:
    person = _person(chance, number, given, last, places)
    document = {
        "body": {"person": person_body(person), "source": "walk-in"},
        "at": "2026-11-24T08:00:00.000Z",
    }
    kind = "PersonRegistered"
    return Entry(number + 1, "e", number + 1, person.id, kind, person.id, "", "", document)


def _person(
    chance: random.Random,
    number: int,
    given: Sequence[str],
    last: Sequence[str],
    places: Sequence[str],
) -> Person:
    child = chance.random() < 0.6
    born = TODAY - timedelta(days=chance.randrange(2_000) if child else chance.randrange(29_000))
    return Person(
        id=f"01900000-0000-7000-8000-{number:012x}",
        code=f"{number:07}{chance.randrange(10**5):05}",  # no two alike
        name=" ".join([common(chance, given), common(chance, last), common(chance, last)]),
        gender="Female" if chance.random() < 0.5 else "Male",
        birth_date=born if chance.random() < 0.8 else None,
        birth_year=born.year,
        phone=f"07{chance.randrange(10**8):08}",
        address=Address(district=common(chance, places)),
    )


def common(chance: random.Random, names: Sequence[str]) -> str:
    """Draw a name; the first are much more common than the last, as names are."""
    return names[min(int(chance.expovariate(5 / len(names))), len(names) - 1)]


def _size(db: Database, people: int) -> dict[str, float]:
    """Take the index away, and count the pages that become free."""
    page, before = _pragma(db, "page_size"), _pragma(db, "freelist_count")
    for name in ("person_index", "person_search", "spelling"):
        db.execute(f"DROP TABLE {name}")
    freed = _pragma(db, "freelist_count") - before
    return {"what people are found by, bytes a person": page * freed / people}


def _pragma(db: Database, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _searching(db: Database, chance: random.Random) -> dict[str, float]:
    names = [row[0] for row in db.execute("SELECT name FROM person ORDER BY random() LIMIT 400")]
    words = [word for name in names for word in name.split()]
    phones = [row[0] for row in db.execute("SELECT phone FROM person ORDER BY random() LIMIT 60")]
    asked = {
        "one letter": [word[:1] for word in words[:60]],
        "two letters": [word[:2] for word in words[:200]],
        "three letters": [word[:3] for word in words[:200]],
        "a word": words[:200],
        "a word with a wrong letter": [_wrong(chance, word) for word in words[:200]],
        "two beginnings": [" ".join(one[:2] for one in name.split()[:2]) for name in names[:200]],
        "a name": names[:200],
        "a name with two wrong letters": [
            " ".join(_wrong(chance, one) for one in name.split()[:2]) for name in names[:200]
        ],
        "the end of a phone number": [phone[-4:] for phone in phones],
        "a phone number": phones,
    }
    figures = {}
    for label, texts in asked.items():
        times = list(_times(texts, lambda text: views.search_people(db, text, TODAY, "KE")))
        figures |= _told(f"search by {label}", times)
    return figures


def _wrong(chance: random.Random, word: str) -> str:
    place = chance.randrange(len(word))
    return word[:place] + chance.choice("aeimnrst") + word[place + 1 :]


def _alike(
    db: Database,
    chance: random.Random,
    given: Sequence[str],
    last: Sequence[str],
    places: Sequence[str],
) -> dict[str, float]:
    asked = [_person(chance, 10**9 + number, given, last, places) for number in range(300)]
    times = list(_times(asked, lambda person: views.look_alikes(db, person, 5)))
    return _told("perhaps known?", times)


def _times(asked: Sequence[object], ask: Callable[..., object]) -> Iterator[tuple[float, float]]:
    """Give seconds by the clock, and of the processor, which other work is not in."""
    for one in asked:
        start, used = time.perf_counter(), time.thread_time()
        ask(one)
        yield time.perf_counter() - start, time.thread_time() - used


def _told(label: str, times: Sequence[tuple[float, float]]) -> dict[str, float]:
    clock, used = (sorted(column) for column in zip(*times, strict=True))
    last = int(len(clock) * 0.95)
    return {
        f"{label}: median, milliseconds": statistics.median(clock) * 1000,
        f"{label}: p95, milliseconds": clock[last] * 1000,
        f"{label}: p95 of the processor, milliseconds": used[last] * 1000,
    }


if __name__ == "__main__":
    for count in map(int, sys.argv[1:] or ["100000"]):
        with tempfile.TemporaryDirectory() as folder:
            for label, figure in measure(Path(folder), count).items():
                print(f"{label:70} {figure:12,.2f}")
