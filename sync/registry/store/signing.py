"""What the registry's store keeps of the signing of campaigns: the folder that is carried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignRequest:
    """What the ministry's keys are asked to sign: a revision of a draft, and its campaign.

    ``version`` is the campaign's, ``number`` its version among those signed; ``proposed_by`` asked
    to publish it; ``letter`` is the letter's number once it is published. Instants: ISO 8601, UTC.
    """

    draft: str
    revision: int
    id: str
    version: str
    number: int
    asked_by: str
    asked_at: str
    why: str
    proposed_by: str = ""
    proposed_at: str = ""
    published_by: str = ""
    letter: int = 0


@dataclass(frozen=True, slots=True)
class SigningState:
    """The ministry's folder as a ZIP, the newest request, and how often either was changed."""

    turn: int = 0
    folder: bytes = b""
    request: SignRequest | None = None


class Signing(Protocol):
    """Keeps the one folder that the ministry's keys sign, as it stands in the office."""

    def signing(self) -> SigningState:
        """Give how it stands."""
        ...

    def change_signing(self, state: SigningState) -> bool:
        """Keep another state, its turn one more; false where it is another turn by now."""
        ...
