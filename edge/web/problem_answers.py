"""Why the API did not do something, and what speaks against it."""

from __future__ import annotations

from datetime import date

import msgspec

from edge.web.answer import Answer


class ObjectionAnswer(Answer, frozen=True):
    """One thing that speaks against a request: ``id`` is how an override names it."""

    id: str
    code: str
    sentence: str
    hint: str = ""
    overridable: bool = False
    decides: str = "supervisor"


class ProblemAnswer(Answer, frozen=True):
    """Why something was not done (in the manner of RFC 9457).

    ``code`` is stable; ``sentence`` and ``hint`` are in the language asked for; ``field`` names
    what was wrong in the request; ``temporary``: the same request may succeed later; ``earliest``:
    the first date on which it would; ``overridable``: somebody may decide otherwise, ``decides``
    in which role. ``objections`` are all that speak against it, where an override names them.
    """

    code: str
    sentence: str
    hint: str = ""
    field: str = ""
    temporary: bool = False
    overridable: bool = False
    earliest: date | None = None
    decides: str = "supervisor"
    objections: list[ObjectionAnswer] = msgspec.field(default_factory=list)
