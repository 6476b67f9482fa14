"""What can go wrong between a node and the registry, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SyncError(Exception):
    """Base of all sync errors: a code, a sentence template with its values, and how lasting it is.

    ``sentence`` is a template for translation; ``str()`` is the English text. ``temporary`` says
    whether trying again later, unchanged, can succeed. ``hint`` says what helps, ``field`` what of
    the request was wrong, where an error has them.
    """

    temporary: bool = False
    hint: str = ""
    field: str = ""

    def __init__(self, code: str, sentence: str, /, **values: object) -> None:
        self.code = code
        self.sentence = sentence
        self.values = values
        super().__init__(sentence.format(**values))


class LocalError(SyncError):
    """Something of this machine's own, such as a key or a token, is not there or does not fit.

    ``hint`` says what helps, ``field`` which option of the call was wrong.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        /,
        *,
        hint: str = "",
        field: str = "",
        temporary: bool = True,
        **values: object,
    ) -> None:
        super().__init__(code, sentence, **values)
        self.hint, self.field, self.temporary = hint, field, temporary


class EntryError(SyncError):
    """An entry cannot be brought into its one byte form."""

    @classmethod
    def not_canonical(cls, path: str, what: str) -> EntryError:
        """Say where in the entry the value stands, never what it is: it may be personal."""
        return cls(
            "entry.not-canonical",
            "The entry holds {what} at {path}. Use text, whole numbers, true, false or null.",
            what=what,
            path=path.lstrip(".") or "its top",
        )


class ProtocolError(SyncError):
    """One end said something that the protocol does not have, or may not have now."""

    def __init__(
        self,
        code: str,
        sentence: str,
        /,
        *,
        temporary: bool = False,
        retry_after: float | None = None,
        **values: object,
    ) -> None:
        super().__init__(code, sentence, **values)
        self.temporary = temporary
        self.retry_after = retry_after


class TransportError(SyncError):
    """The other end was not reached, or something between answered for it.

    ``too_much``: what was on its way was lost, or took too long: less of it may get through.
    """

    temporary = True

    def __init__(
        self,
        code: str,
        sentence: str,
        /,
        *,
        retry_after: float | None = None,
        too_much: bool = False,
        **values: object,
    ) -> None:
        super().__init__(code, sentence, **values)
        self.retry_after = retry_after
        self.too_much = too_much


class LineError(TransportError):
    """The line is away, broke off, or something else answers on it: it may be back any moment."""


class DatabaseError(SyncError):
    """The registry's database cannot be used now: it is away, full, or busy for too long.

    ``retry_after`` are the seconds after which it is worth another try.
    """

    temporary = True
    retry_after = 10.0


class DivergedError(SyncError):
    """Both ends hold an entry under one number, and not the same: for people to find out why."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "registry.diverged",
            "The registry holds another entry {number} of this site than the site itself."
            " Nothing more is sent; call the national help desk.",
            number=number,
        )


def raise_refusal(answer: Any) -> None:
    """Turn a refusal into an error; the registry's sentence is quoted, not believed to be ours."""
    if not isinstance(answer, Mapping):
        raise ProtocolError("registry.form", "The registry answered something unknown.")
    if "code" in answer and isinstance(answer.get("sentence"), str):
        code, sentence = str(answer["code"])[:60], str(answer["sentence"])[:300]
        if answer.get("temporary") is True:
            raise TransportError(code, "The registry says: {reason}", reason=sentence)
        raise ProtocolError(code, "The registry refuses: {reason}", reason=sentence)
