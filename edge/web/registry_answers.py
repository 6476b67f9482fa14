"""How a site stands with the national registry, as the API says it."""

from __future__ import annotations

from msgspec import field

from edge.web.answer import Answer


class ExpectedPeopleAnswer(Answer, frozen=True):
    """A list of people whom the nation expects here, and how far it is.

    ``taken`` of the ``people`` came; ``held`` of these rows could not be taken.
    """

    name: str
    programme: str
    people: int
    taken: int
    held: int


class SyncAnswer(Answer, frozen=True):
    """How the site stands with the registry; ``synced`` only if a receipt proves it.

    ``attention`` counts what must be put right; ``letters`` say what was wrong with the nation's;
    ``lists`` are those of the people whom it expects.
    """

    state: str
    recorded: int
    delivered: int
    last_receipt: str = ""
    trouble: str = ""
    attention: int = 0
    letters: list[str] = field(default_factory=list)
    lists: list[ExpectedPeopleAnswer] = field(default_factory=list)
