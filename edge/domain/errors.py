"""What can go wrong, in words a vaccinator understands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any, ClassVar

from sync.protocol.errors import SyncError


class EdgeError(Exception):
    """Base of the node's errors: a code, a sentence with its values, a hint, and how lasting it is.

    ``sentence`` and ``hint`` are templates for translation with named ``{placeholders}``;
    ``str()`` is the English text. ``temporary`` says whether the same request can succeed later,
    unchanged. ``field`` names what was wrong in the request, as its sender wrote it.
    """

    code: str = "edge.failed"
    temporary: ClassVar[bool] = False

    def __init__(
        self,
        code: str,
        sentence: str,
        /,
        *,
        hint: str = "",
        field: str = "",
        **values: object,
    ) -> None:
        self.code = code
        self.sentence = sentence
        self.hint = hint
        self.field = field
        self.values = values
        super().__init__(sentence.format(**values))


class BadInput(EdgeError):
    """The request itself is wrong: a field, its value, and what to write instead."""


class NotFound(EdgeError):
    """What the request names is not here."""


class NotAllowed(EdgeError):
    """The one who asks may not do this."""


class Conflict(EdgeError):
    """The same number was used before for something else."""


class Unavailable(EdgeError):
    """Something the request needs is not working now; the same request may succeed later."""

    temporary = True


def told_by_sync(error: SyncError, hint: str = "") -> BadInput | Unavailable:
    """Give what the sync library says as the site's own error: what may pass, or what is wrong."""
    values: dict[str, Any] = dict(error.values)
    kind = Unavailable if error.temporary else BadInput
    return kind(error.code, error.sentence, hint=hint or error.hint, field=error.field, **values)


class Refusal(EdgeError):
    """A rule of the programme says no; some rules a supervisor may override with a reason.

    ``earliest`` is the first calendar date on which the same dose would be accepted, where
    waiting helps. ``decides`` is the role of whoever may override it; ``together`` are all that
    speak against the same request, this one with them.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        /,
        *,
        hint: str = "",
        field: str = "",
        overridable: bool = False,
        earliest: date | None = None,
        decides: str = "supervisor",
        **values: object,
    ) -> None:
        if earliest is not None:
            values["earliest"] = earliest
        super().__init__(code, sentence, hint=hint, field=field, **values)
        self.overridable = overridable
        self.earliest = earliest
        self.decides = decides
        self.together: tuple[Refusal, ...] = ()

    @property
    def id(self) -> str:
        """Name what this says, as whoever decides against it names it: its code and a digest.

        The same rule that says something else, as of another lot, is another objection.
        """
        said = sha256(f"{self.field}\n{self}".encode()).hexdigest()
        return f"{self.code}#{said[:16]}"

    def among(self, objections: Sequence[Refusal], decides: str) -> Refusal:
        """Say with it what else speaks against the same request, and who decides on all of it."""
        self.together, self.decides = tuple(objections), decides
        return self


def as_a_fact(refusal: Refusal) -> Refusal:
    """Let a supervisor record what was given, also where nobody may give it."""
    if refusal.overridable:
        return refusal
    values: dict[str, Any] = dict(refusal.values)
    return Refusal(
        refusal.code,
        refusal.sentence,
        hint=refusal.hint or "Ask a supervisor.",
        field=refusal.field,
        overridable=True,
        decides=refusal.decides,
        **values,
    )
