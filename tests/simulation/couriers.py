"""Couriers: a stick carries a site's pass to the nation and the answer back, late, lost or astray."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from clockwork import Violation
from swarm import QUIET

from edge.domain.errors import EdgeError
from sync.protocol.errors import DivergedError, SyncError
from sync.registry.sticks import take

if TYPE_CHECKING:
    from boxes import Box
    from country import Country

_RIDE = 4 * 3600.0
"""Virtual seconds of a ride, as a mean."""
_LOST = 0.15


def courier(country: Country) -> None:
    """Give a courier a site's stick, if the site knows whom to seal it for."""
    work = country.work
    box = work.random.choice(country.boxes)
    stick = Path(tempfile.mkdtemp(dir=country.folder, prefix="stick-"))
    try:
        exported = box.sticks.export(stick)
    except (EdgeError, SyncError) as error:
        work.log(f"{box.name} stick {error.code}")
        return
    for path in stick.iterdir():
        country.ledger.peek("finder of a stick", path.read_bytes())
    country.ledger.counts["sticks"] += 1
    work.log(f"{box.name} stick {exported.entries}")
    _ride(country, f"arrives {box.name}", lambda: _arrive(country, box, stick))


def _ride(country: Country, name: str, act: Callable[[], None]) -> None:
    work = country.work

    def there() -> None:
        if country.faults is not QUIET:  # nobody rides in a calm, which is for what heals itself
            act()

    if work.chance(_LOST):
        country.ledger.counts["sticks lost"] += 1
    else:
        work.after(work.random.expovariate(1 / _RIDE), f"stick {name}", there)


def _arrive(country: Country, box: Box, stick: Path) -> None:
    """The registry takes the stick and writes the answer; it may get the same stick again."""
    nation, node = country.nation, box.identity.node
    for done in take(nation.registry, [nation.identity], stick, stick, lambda _: None):
        country.work.log(f"stick stored {done.stored} had {done.had}")
        for refused in done.refused:
            country.work.log(f"stick refused {refused.code}")
            if refused.code == "bundle.failed":
                raise Violation(f"the registry failed at a stick: {refused.sentence}")
            if refused.code == "batch.fork":
                nation.forks.add(node)
    again = country.work.chance(country.faults.duplicated)
    if again:
        _ride(country, f"again {box.name}", lambda: _arrive(country, box, stick))
    _ride(country, f"returns {box.name}", lambda: _return(country, box, stick))


def _return(country: Country, box: Box, stick: Path) -> None:
    """The answer comes back, to any of the copies of the site's card."""
    reader = country.work.random.choice(country.boxes_of(box.identity.node))
    try:
        heard = reader.sticks.take_in(stick).heard
    except DivergedError:
        if not reader.diverges:
            raise Violation(f"a stick says that {reader.name} has diverged; it has not") from None
    except (EdgeError, SyncError) as error:
        country.work.log(f"{reader.name} stick {error.code}")
    else:
        country.ledger.counts["sticks answered"] += 1
        country.work.log(f"{reader.name} stick {heard.moved if heard else ''}")
    reader.look_at_the_screen()
