"""What the API says of the site's clock."""

from __future__ import annotations

from datetime import date

from edge.web.answer import Answer


class ClockAnswer(Answer, frozen=True):
    """What the site's clock says, and what speaks against it.

    ``sentence`` says why it is not believed, or whose clock differs from it; empty when nothing
    speaks against it. ``setBy`` are the seconds by which it was last set while the node ran, at
    ``setAt``, negative: back; 0: it was not.
    """

    believed: bool
    today: date
    code: str
    sentence: str
    set_at: str
    set_by: int
