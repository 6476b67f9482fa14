"""Says of a certificate, truthfully, what can be known here and now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.credentials.aadhaar_qr import AadhaarCodes
from edge.credentials.claim169 import Identities
from edge.credentials.code_systems import RESULTS
from edge.credentials.context_canonicalisers import ContextCanonicalisers
from edge.credentials.divoc_check import DivocCredentials
from edge.credentials.evidence import Evidence, Format, ScannedInput
from edge.credentials.hcert import FORMAT as HEALTH_CERTIFICATE
from edge.credentials.hcert import HealthCertificates
from edge.credentials.kinds import other_kind
from edge.credentials.pixelpass import unpacked
from edge.credentials.profiles import Profile
from edge.credentials.rdf import Canonicaliser
from edge.credentials.reading import ReadPicture, no_pictures, shown_in
from edge.credentials.revocation import NoRevocations, Revocations
from edge.credentials.shc import HealthCards, each_card
from edge.credentials.trust import Trust, TrustedKey
from edge.credentials.vdsnc import SealedCertificates
from edge.credentials.verdict import (
    NO,
    REVOKED,
    STALE,
    UNCHECKED,
    UNREADABLE,
    VALID,
    YES,
    CheckError,
    UnreadableError,
    Verdict,
    together,
)
from edge.credentials.version_2 import DataIntegrityCredentials
from edge.credentials.window import ValidPeriod, Window
from edge.domain.counting import NOTHING_COUNTS, SOME_COUNT, UNCOUNTED, counted
from sync.protocol.counted import Counted

STALE_AFTER = timedelta(days=7)
"""How old a revocation list may be before a verdict says so, unless the campaign decides."""
_RIGHT = "The signature is right and the issuer is trusted."
_OLD_LIST = Counted(
    "The signature is right and the issuer is trusted, but the revocation list is {days} day old.",
    "The signature is right and the issuer is trusted, but the revocation list is {days} days old.",
)
_NO_LONGER = (
    "The signature is right and the issuer is trusted. The protection that it tells of ended on"
    " {end}."
)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_CODED = ("vaccine", "prophylaxis", "manufacturer", "disease")


def verified_formats(
    canonicaliser: Canonicaliser,
    added: ContextCanonicalisers,
    profiles: Sequence[Profile],
    folder: Path,
) -> tuple[Format, ...]:
    """Give every format there is, the trustworthiest first.

    ``added`` know lists' contexts, the software's own are in ``folder``.
    """
    return (
        HealthCertificates(profiles),
        HealthCards(),
        SealedCertificates(),
        DataIntegrityCredentials(folder),
        DivocCredentials(canonicaliser, added),
        Identities(),
        AadhaarCodes(),
    )


class Verifier:
    """Verifies whatever somebody shows, without a network and without ever raising."""

    def __init__(
        self,
        formats: Sequence[Format],
        trust: Trust,
        revocations: Revocations | None = None,
        *,
        stale_after: timedelta = STALE_AFTER,
        value_sets: Mapping[str, str] | None = None,
        described: Sequence[Format] = (),
    ) -> None:
        """``described`` are the formats of documents that a campaign describes: asked first."""
        self._described = described
        self._formats = (*formats, *described)
        self._trust = trust
        self._revocations = revocations or NoRevocations()
        self._stale_after = stale_after
        self._value_sets = value_sets or {}

    def verify(
        self, payload: bytes, at: datetime, read_picture: ReadPicture = no_pictures
    ) -> Verdict:
        """Judge a payload (a picture, a QR code's bytes, or a text) as of an instant.

        Where a certificate limits itself to days, they are those of the instant's zone.

        Each code of a picture, and each card of a file, is judged: the gravest verdict is given,
        with the others in it.
        Nothing is raised but what reading a picture raises because there is no room for it now.
        """
        try:
            codes = shown_in(payload, read_picture)
        except UnreadableError as error:
            return Verdict(UNREADABLE, "", str(error))
        order = [known.name for known in self._formats]
        return together([found for code in codes for found in self._verdicts(code, at)], order)

    def _verdicts(self, scanned: ScannedInput, at: datetime) -> list[Verdict]:
        shown = unpacked(scanned)
        cards = each_card(shown)
        if not cards or other_kind(shown):
            return [replace(self._found(shown, at), payload=scanned.data)]
        return [replace(self._found(card, at), payload=card.data) for card in cards]

    def _found(self, shown: ScannedInput, at: datetime) -> Verdict:
        own = [known for known in self._described if known.recognises(shown)]
        if not own and (other := other_kind(shown)):
            return Verdict(UNREADABLE, "", other)
        for known in own or self._formats:
            if own or known.recognises(shown):
                try:
                    evidence = known.examine(shown, self._trust)
                except UnreadableError as error:
                    return Verdict(UNREADABLE, "", str(error))
                return self._judged(evidence, at)
        return Verdict(UNREADABLE, "", "This is not a certificate in a form known here.")

    def _judged(self, evidence: Evidence, at: datetime) -> Verdict:
        checks, problem = evidence.checks, evidence.problem
        word, reason = VALID, ""
        values: Mapping[str, object] = {}
        claims = counted(self._named(evidence), at, evidence.from_one)
        if problem is None:
            problem = self._first_problem(evidence, at)
        if problem is not None:
            word, reason, values = problem.verdict, problem.reason, problem.values
        else:
            word, reason, values = self._age(evidence, at)
            if not reason:
                reason, values = self._caution(evidence, claims, at)
        signed = checks.get("signature") == YES
        days = evidence.days.within(evidence.window, at.tzinfo) if signed else ValidPeriod()
        return Verdict(
            verdict=word,
            format=evidence.format,
            reason=reason,
            values=values,
            checks=checks,
            claims=claims,
            profile=evidence.profile,
            valid_from=days.first,
            valid_until=days.last,
        )

    def _first_problem(self, evidence: Evidence, at: datetime) -> CheckError | None:
        """Ask usage, lists and clock; every answer is kept, the gravest decides."""
        found: list[CheckError] = []
        for check, name in (
            (self._check_usage, "usage"),
            (self._check_lists, "revocation"),
            (self._check_time, "time"),
            (self._check_key, "key"),
        ):
            try:
                evidence.checks[name] = check(evidence, at)
            except CheckError as error:
                evidence.checks[name] = NO
                found.append(error)
        return found[0] if found else None

    def _check_usage(self, evidence: Evidence, at: datetime) -> str:  # noqa: ARG002
        if evidence.keys and not any(_may_sign(key, evidence) for key in evidence.keys):
            raise CheckError("usage", "The key it was signed with may not sign this kind.")
        return YES

    def _check_time(self, evidence: Evidence, at: datetime) -> str:
        evidence.window.check(at)
        evidence.days.check(at.date())
        return YES

    def _check_key(self, evidence: Evidence, at: datetime) -> str:
        """A key must count now; for what never expires itself it must have counted when it signed.

        The first is the shell model of the EU specification; the second is the only reading under
        which a certificate for life outlives the key of the clinic.
        """
        if not evidence.keys:
            return UNCHECKED
        lifelong = evidence.window.end is None and evidence.issued_at is not None
        moment = evidence.issued_at if lifelong and evidence.issued_at else at
        _key_time(evidence, moment).check_key(moment)
        return YES

    def _check_lists(self, evidence: Evidence, at: datetime) -> str:
        if evidence.lookup is None:
            return "no list is kept here"
        standing = self._revocations.standing(evidence.lookup)
        late = standing.before and evidence.issued_at and evidence.issued_at >= standing.before
        over = standing.until is not None and at > standing.until
        if standing.revoked and not late and not over:
            raise CheckError("revocation", "The issuer has revoked it.", verdict=REVOKED)
        return YES if standing.as_of else "no list is kept here"

    def _age(self, evidence: Evidence, at: datetime) -> tuple[str, str, dict[str, object]]:
        as_of = self._revocations.standing(evidence.lookup).as_of if evidence.lookup else None
        if as_of is None or at - as_of <= self._stale_after:
            return VALID, "", {}
        days = (at - as_of).days
        evidence.checks["revocation"] = "the list is old"
        return (
            STALE,
            _OLD_LIST,
            {"days": days},
        )

    def _caution(
        self, evidence: Evidence, claims: Mapping[str, object], at: datetime
    ) -> tuple[str, Mapping[str, object]]:
        """Say so when the paper is genuine, and what it tells of is no dose, or not all of it."""
        if claims.get("kind") == UNCOUNTED:
            return NOTHING_COUNTS, {}
        if claims.get("notCounted"):
            return SOME_COUNT, {}
        ended = evidence.protects_until
        if ended is not None and at.date() > ended:
            return _NO_LONGER, {"end": ended}
        return (evidence.caution, evidence.caution_values) if evidence.caution else (_RIGHT, {})

    def _named(self, evidence: Evidence) -> dict[str, object]:
        """Put names in place of codes: the value sets are of the health certificates' systems."""
        found = dict(evidence.claims)
        for name in _CODED if evidence.format == HEALTH_CERTIFICATE else ():
            code = found.get(name)
            if isinstance(code, str) and code in self._value_sets:
                found[name], found[f"{name}Code"] = self._value_sets[code], code
        result = found.get("result")
        if isinstance(result, str) and result in RESULTS:
            found["result"], found["resultCode"] = RESULTS[result], result
        return found


def _may_sign(key: TrustedKey, evidence: Evidence) -> bool:
    return not key.usages or not evidence.group or evidence.group in key.usages


def _key_time(evidence: Evidence, at: datetime) -> Window:
    """Give the time of the entry that fits best, wherever it stands in the lists.

    One that may sign this comes first, then one that counts at the moment; of several that do not,
    the last to end and the first to begin.
    """

    def fitness(key: TrustedKey) -> tuple[bool, bool, datetime, timedelta]:
        time = Window(key.not_before, key.not_after)
        start, end = time.start or _FIRST, time.end or _LAST
        return _may_sign(key, evidence), time.holds(at), end, _LAST - start

    best = max(evidence.keys, key=fitness)
    return Window(best.not_before, best.not_after)
