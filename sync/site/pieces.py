"""A site's pieces of lists of people: asked for one after another, each kept once it is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.enrolment_lists import ASKED, check_answer, make_question, open_pieces
from sync.site.asking import Asker
from sync.site.transports import Transport


class PieceIntake(Protocol):
    """Where a site takes pieces in."""

    def missing(self) -> Sequence[str]:
        """Give the hashes of the pieces that can be taken in and are not here, in order."""
        ...

    def identity(self) -> str:
        """Give the age identity that opens what is sealed to this site."""
        ...

    def take(self, frames: Mapping[str, bytes]) -> int:
        """Take in what is missing of these frames, by their hashes; durably, piece by piece.

        Gives how many pieces that were. A frame that no list names is let be.
        """
        ...


def fetch_pieces(
    transport: Transport, asker: Asker, intake: PieceIntake, nonce: Callable[[], str]
) -> int:
    """Ask for every missing piece; give how many came.

    One at first, then twice as many each time: a line that breaks off at once still brings one.
    Raises :class:`~sync.protocol.errors.SyncError`; what came before stays, and the next pass goes
    on behind it.
    """
    taken, several = 0, 1
    withheld: set[str] = set()
    while want := [hash_ for hash_ in intake.missing() if hash_ not in withheld][:several]:
        asked, identity = nonce(), intake.identity()
        question = make_question(want, recipient_of(identity), asked)
        answer = asker.ask(transport, "pieces", question)
        at, sealed = check_answer(answer, asker.node, asked, asker.registry_key)
        asker.heard(at)
        came = intake.take(open_pieces(sealed, [identity])) if sealed else 0
        if not came:  # a newer edition is on its way, or the registry has lost them
            withheld.update(want)
        taken, several = taken + came, min(2 * several, ASKED)
    return taken
