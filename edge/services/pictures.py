"""Pictures that are shown to the site: decoded one at a time, staff's before guests'."""

from __future__ import annotations

from edge.domain.errors import Unavailable
from edge.ports import PictureDecoder
from edge.services.admission import Asker, Places, Turns

_GUESTS, _AN_ADDRESS = 4, 2
"""Pictures of guests that wait or are decoded, and those of one address among them. Each holds a
thread of the site, so that with as many of staff there is still half of them for doses."""
_UPLOADS = 2
"""Large requests of guests, and of staff, that are in memory at a time: each takes 8 MB twice."""
_PATIENCE = 20.0
"""Seconds that anybody waits for the turn."""
_SECONDS, _STAFF_SECONDS = 3.0, 8.0
"""Of a processor for one picture. A good one takes a tenth of a second, a hostile one would take
more than six: a guest's is not to hold up a nurse."""


class Pictures:
    """Reads pictures with a decoder, and says in words when there are too many."""

    def __init__(self, decoder: PictureDecoder) -> None:
        self._decoder = decoder
        self._turns = Turns(Places(_GUESTS, _AN_ADDRESS, busy), _PATIENCE, busy)
        self.uploads = Places(_UPLOADS, 1, busy)

    def codes(self, picture: bytes, asker: Asker) -> list[bytes]:
        """Give what the QR codes of a picture hold.

        Raises ``UnreadableError`` for none, :class:`Unavailable` when too many pictures wait.
        """
        with self._turns.turn(asker):
            return self._decoder.codes(picture, _STAFF_SECONDS if asker.staff else _SECONDS)

    def close(self) -> None:
        """End the decoder."""
        self._decoder.close()


def busy() -> Unavailable:
    """Make the refusal of a picture too many."""
    return Unavailable(
        "pictures.busy",
        "Too many pictures are being read just now.",
        hint="Try again in a few seconds.",
    )
