"""What befalls a country as a whole, beside what befalls each of its computers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clockwork import DAY

if TYPE_CHECKING:
    from boxes import Box
    from country import Country

MOST_BOXES = 8


def clone(country: Country) -> None:
    """A card is copied; both run, each of them from its own start."""
    if len(country.boxes) >= MOST_BOXES:
        return
    box = country.work.random.choice(country.boxes)
    country.add(_copy(country, box))


def _copy(country: Country, box: Box) -> Box:
    copy = type(box)(country, box.identity, f"{box.name}c{len(country.boxes)}", box.image())
    copy.told, copy.diverges = dict(box.told), box.diverges
    return copy


def twin(country: Country) -> None:
    """A running machine is copied with its memory: two write in one epoch."""
    if len(country.boxes) >= MOST_BOXES or country.ledger.twinned:
        return
    box = country.work.random.choice(country.boxes)
    copy = _copy(country, box)
    copy.off()
    copy.boot(like=box)
    country.ledger.twin(box.epoch)
    country.add(copy)
    for one in country.boxes_of(box.identity.node):
        one.diverges = True


def registry_clock(country: Country) -> None:
    """The registry's clock is set to something else."""
    country.nation.offset = country.work.random.choice((0.0, -DAY, 3600.0, 345_000_000.0, -3.15e8))


def version(country: Country) -> None:
    """The registry is replaced by one of the other version."""
    country.nation.old = not country.nation.old


def quota(country: Country) -> None:
    """Sites may send only so much a day, and are asked to come back later."""
    country.nation.limit(
        country.work.random.randrange(50, 400), country.work.random.choice((0, 900))
    )


def letter(country: Country) -> None:
    """The nation tells everybody something, or one site what it makes of an entry."""
    random = country.work.random
    if random.random() < 0.5:
        country.nation.post("*", "notice", {"text": country.work.hex(8)})
        return
    node = random.choice(list(country.clinics))
    rows = country.nation.look("SELECT id FROM entry WHERE node = ? ORDER BY id LIMIT 40", node)
    if rows:
        state = random.choice(("held", "rejected", "stored"))
        entry = random.choice(rows)[0]
        country.nation.post(node, "verdict", {"entry": entry, "state": state})


def stop(country: Country, box: Box) -> None:
    """An operator stops a site, or lets it in again."""
    state = country.work.random.choice(("stopped", "active"))
    country.nation.store.set_state(box.identity.node, state, "2026-11-24T12:00:00.000Z")
