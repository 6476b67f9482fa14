"""The formats of certificates, put together once from the data beside the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from edge.credentials.context_canonicalisers import ContextCanonicalisers
from edge.credentials.document_formats import DocumentFormat, document_formats
from edge.credentials.evidence import Evidence, Format, ScannedInput
from edge.credentials.issuing import IssuedFormat, Signers, issued_formats
from edge.credentials.profiles import Profile, read_profiles
from edge.credentials.rdf import Canonicaliser
from edge.credentials.revocation import Lookup
from edge.credentials.trust import Trust
from edge.credentials.verdict import CheckError, UnreadableError
from edge.credentials.verifier import verified_formats
from edge.domain.certificate import Claims
from edge.domain.errors import Unavailable
from sync.resources import resource

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AddedFormat:
    """What a package adds: how its format is read, how it is issued, or both."""

    reading: Format | None = None
    issuing: IssuedFormat | None = None

    def named(self, name: str) -> AddedFormat:
        """Give it under the name it was installed by, kept from doing harm."""
        return AddedFormat(
            _Kept(name, self.reading) if self.reading else None,
            _kept(name, self.issuing) if self.issuing else None,
        )


@dataclass(frozen=True, slots=True)
class Formats:
    """What reads and what writes certificates, over one canonicaliser and one set of tables.

    ``documents`` are the formats of what a campaign describes, ``contexts`` what knows its terms,
    ``profiles`` the tables of what stands where in a health certificate.
    """

    reading: tuple[Format, ...]
    issuing: Mapping[str, IssuedFormat]
    documents: Mapping[str, DocumentFormat]
    contexts: ContextCanonicalisers
    profiles: tuple[Profile, ...]


def load_formats(added: Sequence[AddedFormat] = ()) -> Formats:
    """Read contexts and tables, and make both halves; what was added stands behind them."""
    folder = resource("edge/credentials/contexts")
    canonicaliser, contexts = Canonicaliser(folder), ContextCanonicalisers(folder)
    profiles = read_profiles(resource("config/credentials"))
    return Formats(
        reading=(
            *verified_formats(canonicaliser, contexts, profiles, folder),
            *(added_format.reading for added_format in added if added_format.reading),
        ),
        issuing={
            **issued_formats(canonicaliser, profiles),
            **{
                added_format.issuing.name: added_format.issuing
                for added_format in added
                if added_format.issuing
            },
        },
        documents=document_formats(contexts),
        contexts=contexts,
        profiles=profiles,
    )


class _Kept:
    """A reader from a package (a :class:`Format`): a fault in it is a certificate not read."""

    def __init__(self, name: str, reader: Format) -> None:
        self.name = name
        self._reader = reader

    def recognises(self, shown: ScannedInput) -> bool:
        """Ask the reader; one that fails recognises nothing."""
        try:
            return bool(self._reader.recognises(shown))
        except Exception:
            return False

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Let the reader examine; one that fails has not read it."""
        try:
            found = self._reader.examine(shown, trust)
            return replace(found, format=self.name)
        except UnreadableError:
            raise
        except Exception as error:
            raise UnreadableError("This is not a certificate in a form known here.") from error


def _kept(name: str, row: IssuedFormat) -> IssuedFormat:
    """Keep a fault of a package's format from the dose: what it cannot issue is left out."""

    def issue(claims: Claims, signers: Signers) -> str:
        try:
            return str(row.issue(claims, signers))
        except CheckError:
            raise
        except Exception as error:
            raise CheckError("form", "The certificate could not be made.") from error

    def payload(credential: str) -> bytes:
        return _or_unavailable(name, lambda: bytes(row.payload(credential)))

    def lookup(credential: str) -> Lookup:
        return _or_unavailable(name, lambda: row.lookup(credential))

    return replace(row, name=name, issue=issue, payload=payload, lookup=lookup)


def _or_unavailable(name: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except Exception as error:
        raise unavailable_format(name) from error


def unavailable_format(name: str) -> Unavailable:
    """Say that a certificate was made by a package that is not here, or fails."""
    return Unavailable(
        "format.unavailable",
        "The certificate format {format} cannot be used here now.",
        hint="See divoc-edge plugins.",
        format=name,
    )
