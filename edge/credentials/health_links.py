"""WHO's verifiable health links: a signed link to a health record, which is never followed here.

WHO Trust Network, HCERT claim -260, 5: ``vhlink:/`` and what a SMART Health Link has behind its
prefix, or a list of such (``u``). Where the record lies and the key to it are nobody's business.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge.credentials.other_kinds import sentence
from edge.credentials.strict_json import strict_json
from edge.credentials.verdict import UNREADABLE, CheckError
from edge.credentials.window import moment

CLAIM = 5
KIND = "link"
A_LINK = (
    "The signature is right and the issuer is trusted. This is a link to a health record (WHO VHL):"
    " what it leads to is not in the code, and to ask for it needs a line."
)
_PREFIXES = ("vhlink:/", "shlink:/")
_LONGEST, _LONGEST_LABEL = 4096, 80


@dataclass(frozen=True, slots=True)
class HealthLink:
    """What a link says of itself: how it is called, and until when it works."""

    label: str = ""
    until: datetime | None = None


def read_link(value: Any) -> HealthLink:
    """Read the claim; raises :class:`CheckError` for a link of another form."""
    items = value if isinstance(value, list | tuple) else [value]
    links = [item.get("u") if isinstance(item, Mapping) else item for item in items]
    if not links or not all(_is_link(link) for link in links):
        raise CheckError("form", sentence("vhl"), verdict=UNREADABLE)
    return _contents(str(links[0]).partition(":/")[2])


def _is_link(link: Any) -> bool:
    return isinstance(link, str) and len(link) < _LONGEST and link.startswith(_PREFIXES)


def _contents(text: str) -> HealthLink:
    """Read what is behind the prefix; where it is of another form, nothing is told of it."""
    try:
        packed = text.rpartition("/")[2]
        found = strict_json(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except ValueError:
        return HealthLink()
    if not isinstance(found, dict):
        return HealthLink()
    label, until = found.get("label"), found.get("exp")
    if isinstance(until, str):
        until = None
    shown = label[:_LONGEST_LABEL] if isinstance(label, str) else ""
    return HealthLink(shown, moment(until, "-260.5.exp"))
