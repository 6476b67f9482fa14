"""How far an answer that travelled is to be believed: it may be older than what is known here.

Nothing of it is a matter of the site's clock: the registry's own instants and counts decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync.protocol.counted import Counted
from sync.protocol.entries import own_epoch
from sync.protocol.errors import DivergedError, ProtocolError
from sync.protocol.letters import Letter
from sync.protocol.receipts import Receipt
from sync.protocol.states import FeedHead, State


@dataclass(frozen=True, slots=True)
class Move:
    """Whether the answer's receipt takes the place of the known one, and which way it moves."""

    keep: bool
    way: str
    position: int


def judge(
    state: State,
    held: int,
    position: int,
    known: Receipt | None,
    find: Callable[[str, int], tuple[int, str] | None],
) -> Move:
    """Compare an answer with the latest receipt, which proves ``position``.

    Only one that the registry gave later counts. It moves the cursor back only if the registry
    also counts fewer entries than it did (it was restored from a backup): an answer to an old
    question names a lower place although nothing was lost. Raises ``DivergedError`` for another
    hash, and :class:`ProtocolError` for a receipt that is not this site's.
    """
    stays = Move(False, "", position)
    receipt = state.receipt
    lost = known is not None and held < known.count
    if receipt is None:
        if known is None or state.at <= known.at or not lost:
            return stays
        return Move(True, "back", 0)
    ours = find(own_epoch(receipt.epoch), receipt.number)
    if receipt.node != state.node or ours is None:
        raise ProtocolError("receipt.other", "The receipt is for another node's entries.")
    if ours[1] != receipt.hash:
        raise DivergedError(receipt.number)
    if receipt.count < ours[0]:
        raise ProtocolError(
            "receipt.count",
            Counted(
                "The registry counts {count} entry of this site and vouches for {position}.",
                "The registry counts {count} entries of this site and vouches for {position}.",
            ),
            count=receipt.count,
            position=ours[0],
        )
    if known is not None and receipt.at <= known.at:
        return stays
    if ours[0] < position and not lost:
        return stays
    way = "on" if ours[0] > position else "back" if ours[0] < position else ""
    return Move(True, way, ours[0])


def fresh(letters: Sequence[Letter], cursor: FeedHead, behind: FeedHead) -> list[Letter]:
    """Give the letters of a page that are new here; ``behind`` is what the page was asked behind.

    They go on after the cursor if the page was asked for with it, or holds its letter. A page that
    begins again at 1 although it was asked for with our cursor says that the feed was restored;
    one that was asked for with another is old, and changes nothing.
    """
    first = letters[0].number
    if behind == cursor and first in (1, cursor.number + 1):
        return list(letters)
    if cursor.number == 0:
        return list(letters) if first == 1 else []
    for index, one in enumerate(letters):
        if (one.number, one.id) == (cursor.number, cursor.id):
            return list(letters[index + 1 :])
    return []
