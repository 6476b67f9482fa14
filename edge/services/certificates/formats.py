"""The formats of certificates, put together once from the data beside the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.credentials.evidence import Format
from edge.credentials.issuing import IssuedFormat, issued_formats
from edge.credentials.profiles import read_profiles
from edge.credentials.rdf import Canonicaliser
from edge.credentials.verifier import verified_formats
from sync.resources import resource


@dataclass(frozen=True, slots=True)
class Formats:
    """What reads and what writes certificates, over one canonicaliser and one set of tables."""

    reading: tuple[Format, ...]
    issuing: Mapping[str, IssuedFormat]


def load_formats() -> Formats:
    """Read contexts and tables, and make both halves."""
    canonicaliser = Canonicaliser(resource("edge/credentials/contexts"))
    profiles = read_profiles(resource("config/credentials"))
    return Formats(
        reading=verified_formats(canonicaliser, profiles),
        issuing=issued_formats(canonicaliser, profiles),
    )
