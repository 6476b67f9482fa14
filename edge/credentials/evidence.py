"""What a format finds out about something shown, before clock and lists are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from edge.credentials.revocation import Lookup
from edge.credentials.trust import Trust, TrustedKey
from edge.credentials.verdict import INVALID, NO, UNKNOWN_ISSUER, CheckError
from edge.credentials.window import ValidPeriod, Window
from edge.domain.counting import DOSE

WRONG_SIGNATURE = "The signature is wrong: the certificate was changed."
NO_ISSUER = "The issuer is not known here."


@dataclass(slots=True)
class Evidence:
    """One certificate, examined: what was checked, and by which trusted key it is signed.

    ``keys`` are all entries of the lists whose key made the signature: the verifier finds the one
    that counts. ``problem`` is the first check that said no. ``group`` is the kind of event
    (``t``, ``v``, ``r``) a key must be allowed to sign. ``issued_at`` is when it was signed, as it
    says itself. ``window`` is the time of the signature, ``days`` are those that the contents limit
    it to; after ``protects_until`` the dose is still given, and no longer said to protect.
    ``from_one`` are the numbers of a dose that begin with one: a total of DIVOC's may be none.
    ``caution`` is a sentence template for what is genuine and odd, with its values.
    """

    format: str
    profile: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    keys: tuple[TrustedKey, ...] = ()
    window: Window = field(default_factory=Window)
    days: ValidPeriod = field(default_factory=ValidPeriod)
    protects_until: date | None = None
    group: str = ""
    from_one: tuple[str, ...] = (DOSE,)
    issued_at: datetime | None = None
    lookup: Lookup | None = None
    problem: CheckError | None = None
    caution: str = ""
    caution_values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScannedInput:
    """What a reader got out of a picture, a scanner or a file: ``text`` is empty for bytes."""

    data: bytes
    text: str


class Format(Protocol):
    """One way of writing a certificate, as a verifier meets it."""

    @property
    def name(self) -> str:
        """Its name in a verdict."""
        ...

    def recognises(self, shown: ScannedInput) -> bool:
        """Say whether this was meant to be of this format, by its first characters."""
        ...

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer, signature and fields.

        Raises :class:`UnreadableError` for what cannot be read at all.
        """
        ...


def examined(
    format_: str, look: Callable[[Evidence], None], signer_known: Callable[[], bool]
) -> Evidence:
    """Gather evidence; the first check that says no ends the looking, and is kept.

    ``signer_known`` says whether a list has a key of the name under which it is signed, or no name
    can be read. Of what nobody known here signed, nobody can say that it was written wrongly.
    """
    evidence = Evidence(format_)
    try:
        look(evidence)
    except CheckError as error:
        problem = error
        if error.check == "form" and error.verdict == INVALID and not signer_known():
            problem = CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
        evidence.checks[problem.check] = NO
        evidence.problem = problem
    return evidence


def facts_only(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what a certificate leaves empty."""
    return {key: value for key, value in values.items() if value not in (None, "", [], ())}
