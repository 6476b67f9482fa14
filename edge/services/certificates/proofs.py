"""What a nurse holds in her hand as proof that the person is there: a code, or a certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edge.credentials.evidence import ScannedInput
from edge.credentials.packing import in_archive
from edge.credentials.verdict import UNREADABLE, UnreadableError, Verdict
from edge.domain.errors import BadInput, Refusal
from edge.domain.numbers import in_ascii_digits
from edge.domain.people import Person
from sync.protocol.identities import identity_digest
from sync.protocol.proofs import (
    CODE_DIGITS,
    CertificateProof,
    CodeProof,
    Proof,
    StatedProof,
    plain_code,
    signed_digest,
)

_SHORTEST = 60
"""Characters: no certificate is shorter, and no code is longer."""


def shown_proof(shown: str, judge: Callable[[bytes], Verdict], own: Person) -> Proof:
    """Read what was scanned or typed; raises :class:`BadInput` for what proves nothing."""
    if len(shown.strip()) >= _SHORTEST:
        proof = certificate_proof(judge(shown.strip().encode()))
        if proof is not None:
            return proof
        raise BadInput(
            "history.unread",
            "This is no certificate that this site can read and trust.",
            hint="Scan it again, or type the code on the person's paper.",
            field="shown",
        )
    code = plain_code(in_ascii_digits(shown))
    if code in {plain_code(known) for known in (own.code, *own.codes)}:
        raise BadInput(
            "history.own-code",
            "This is the code that this site gave. Other sites know the person by another one.",
            hint="Ask for the paper of another site; or ask the registry without a code.",
            field="shown",
        )
    if len(code) != CODE_DIGITS or not code.isascii() or not code.isalnum():
        raise BadInput(
            "history.code-form",
            "A code has 12 letters and digits.",
            hint="Compare it with the person's paper, or scan it.",
            field="shown",
        )
    return CodeProof(code)


def certificate_proof(verdict: Verdict) -> CertificateProof | None:
    """Make the proof that a certificate was in the hand; None for what is none, or unread."""
    number = str(verdict.claims.get("certificateId") or "").rpartition(":")[2]
    if verdict.verdict == UNREADABLE or not number or not verdict.payload:
        return None
    text = verdict.payload.decode("utf-8", "replace")
    try:
        archive = text.lstrip().startswith(("PK", "B64:")) or verdict.payload.startswith(b"PK")
        signed = in_archive(ScannedInput(verdict.payload, text)) if archive else text
    except UnreadableError:
        return None
    return CertificateProof(number[:200], signed_digest(signed))


def stated_proof(person: Person) -> StatedProof:
    """Ask by the person's word alone; raises :class:`Refusal` where too little is known."""
    identity = identity_digest(person.identity)
    if not identity or not person.born_text:
        raise Refusal(
            "history.no-identity",
            "Without paper the registry looks for identity number, name and birth together.",
            hint="Ask whether somebody at home can photograph the card.",
            field="identity",
        )
    return StatedProof(identity, person.name[:200], person.born_text)


def not_told(refused: Mapping[str, str], proof: Proof) -> Refusal:
    """Say why the registry told nothing."""
    if "limit" in refused.values():
        return Refusal(
            "history.too-often",
            "The registry answers no more of these questions today.",
            hint="Go on without it. It counts them so that nobody guesses.",
        )
    if isinstance(proof, StatedProof):
        return Refusal(
            "history.nobody",
            "The registry finds nobody with this identity number, name and birth.",
            hint="Compare them with the person's papers. Perhaps no other site knows them.",
        )
    return Refusal(
        "history.wrong-proof",
        "The registry finds nobody by this code or certificate.",
        hint="Compare it with the paper. Perhaps its site has not delivered it yet.",
        field="shown",
    )


def nothing_linked() -> Refusal:
    """Say that others have linked nothing to this site's own record of a person."""
    return Refusal(
        "history.nothing-linked",
        "The registry knows of no other site at which this person has shown this site's paper.",
        hint="Ask for the paper of the other site, and scan it.",
    )
