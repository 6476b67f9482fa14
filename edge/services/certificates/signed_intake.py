"""What a site takes of lists: those that a key of the ministry has signed, and of each the newest.

A list that is refused changes nothing: the last good one of its name stays. One that is withdrawn
goes: by an empty edition that the ministry signed, or by a signed campaign that names it no more.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.adapters.trust_store import Provenance, TrustStore
from edge.domain.errors import BadInput, EdgeError, told_by_sync
from edge.services.certificates.trust_lists import (
    TrustListResult,
    forget_list,
    take_list,
    taken_document,
)
from sync.protocol.campaign_parts import LIST
from sync.protocol.signed_lists import WITHDRAWN, ListError, SignedList, checked, read_line

_HINTS = {
    "list.unsigned": "The ministry signs lists: divoc-edge lists take, or lists vouch.",
    "list.key": "Is the key that the ministry told you in site.toml, as ministry_keys?",
    "list.cut": "Fetch or copy the list again.",
    "list.changed": "Fetch or copy the list again.",
    "list.signature": "Fetch or copy the list again, and call the ministry if it stays so.",
}


@dataclass(frozen=True, slots=True)
class FolderResult:
    """What a folder of lists came to: each list by its file, and why others were refused.

    ``withdrawn`` are the names of those that a campaign named before, and names no more.
    """

    taken: Mapping[str, TrustListResult] = field(default_factory=dict)
    refused: Mapping[str, EdgeError] = field(default_factory=dict)
    withdrawn: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """Give it for commands: what was taken, and of each other list the sentence why not."""
        return {
            "taken": [taken_document(name, result) for name, result in self.taken.items()],
            "refused": [
                f"{name}: {error} {error.hint.format(**error.values)}".rstrip()
                for name, error in self.refused.items()
            ],
            "withdrawn": list(self.withdrawn),
        }


class SignedIntake:
    """Takes lists into a store; ``ministry`` are the keys that this site has pinned, in base64."""

    def __init__(
        self, store: TrustStore, ministry: frozenset[str], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._ministry = ministry
        self._now = now

    def take(self, path: Path, issuer: str = "") -> TrustListResult:
        """Take a signed list; ``issuer`` is a DID for DIVOC's rows, which do not say whose.

        Raises :class:`BadInput`; then nothing changed.
        """
        return self._take(path, issuer, self._ministry)

    def take_signed(self, lists: Mapping[str, bytes], issuer: str) -> FolderResult:
        """Take the lists that a signed campaign names; its signatures are the ministry's word.

        ``lists`` are files by their targets' names, proven. Whose key signed a file itself makes no
        difference; one that is no newer than the edition here is left. What a campaign of before
        named and this one does not is withdrawn.
        """
        taken: dict[str, TrustListResult] = {}
        refused: dict[str, EdgeError] = {}
        for name, content in lists.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / name
                path.write_bytes(content)
                try:
                    found = read_line(path)
                    if self._is_new(found):
                        taken[name] = self._take(path, issuer, frozenset({found.key}))
                except ListError as error:
                    refused[name] = told_by_sync(error, _HINTS.get(error.code, ""))
                except EdgeError as error:
                    refused[name] = error
        gone = self._withdraw(name.removeprefix(LIST) for name in lists)
        return FolderResult(taken, refused, gone)

    def _is_new(self, found: SignedList) -> bool:
        """Say whether an edition is newer than the one here, or nothing of its name is."""
        known = self._store.provenance(found.name)
        if known is None or known.sequence < found.sequence:
            return True
        there = {source.name for source in self._store.sources()}
        return not found.withdrawn and found.name not in there

    def _withdraw(self, named: Iterable[str]) -> list[str]:
        """Let go what a campaign named before and does not name now; gives what that was."""
        there = frozenset(named)
        with self._store.at_once():
            gone = sorted(self._store.of_campaign() - there)
            for name in gone:
                word = self._store.provenance(name)
                forget_list(self._store, name)
                self._store.put_provenance(name, word)  # that no older edition comes back
            for name in there:
                self._store.mark_campaign(name)
        return gone

    def take_folder(self, folder: Path, issuer: str) -> FolderResult:
        """Take every file of a campaign's folder of lists; what is refused stops no other."""
        taken: dict[str, TrustListResult] = {}
        refused: dict[str, EdgeError] = {}
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                try:
                    taken[path.name] = self.take(path, issuer)
                except EdgeError as error:
                    refused[path.name] = error
        return FolderResult(taken, refused)

    def _take(self, path: Path, issuer: str, keys: frozenset[str]) -> TrustListResult:
        """Take a list that one of these keys has signed."""
        with tempfile.TemporaryDirectory() as folder:
            content = Path(folder) / path.name  # which a refusal names
            try:
                line = read_line(path)
                if not keys:
                    raise _no_ministry()
                if line.key in keys:  # else checked() says so
                    refuse_old(line, self._store.provenance(line.name), self._now())
                with content.open("wb") as out:
                    found = checked(path, keys, out)
            except ListError as error:
                raise told_by_sync(error, _HINTS.get(error.code, "")) from None
            return self._keep(found, content, issuer)

    def _keep(self, found: SignedList, content: Path, issuer: str) -> TrustListResult:
        with self._store.at_once():  # what a list says, and whose it is
            if found.withdrawn:
                forget_list(self._store, found.name)
                taken = TrustListResult(())
            else:
                taken = take_list(
                    self._store,
                    content,
                    self._now(),
                    name=found.name,
                    issuer=issuer,
                    issued_at=_instant(found),
                )
            self._store.put_provenance(found.name, _provenance(found))
        return taken


def _no_ministry() -> BadInput:
    return BadInput(
        "list.no-ministry",
        "This site knows no key of the ministry, so it takes no list.",
        hint="Write the key that the ministry told you into site.toml: ministry_keys.",
    )


def refuse_old(found: SignedList, known: Provenance | None, now: datetime) -> None:
    """Refuse an edition whose time is over, that is older than the one here, or of another."""
    if found.good_until < now:
        raise BadInput(
            "list.stale",
            "The list {name} counted until {day}, and is taken no more.",
            hint="Fetch the newest. Is the clock of this machine right?",
            name=found.name,
            day=found.good_until.date(),
        )
    if known is None:
        return
    withdrawal = found.withdrawn or known.digest == WITHDRAWN  # an officer's, of whosever list
    whose, before = (found.publisher, bool(found.officer)), (known.publisher, bool(known.officer))
    if whose != before and not withdrawal:
        raise BadInput(
            "list.publisher",
            "The list {name} is of another publisher than the one of that name here.",
            hint="If that is meant: divoc-edge trust forget {name}, and take it again.",
            name=found.name,
        )
    older = found.sequence < known.sequence or (known.version and found.version < known.version)
    if older or (found.sequence == known.sequence and found.digest != known.digest):
        raise BadInput(
            "list.older",
            "The list {name} is an older edition than the one here: {coming} before {here}.",
            hint="Fetch the newest.",
            name=found.name,
            coming=found.version or found.sequence,
            here=known.version or known.sequence,
        )


def _provenance(found: SignedList) -> Provenance:
    return Provenance(
        publisher=found.publisher,
        officer=found.officer,
        version=found.version,
        sequence=found.sequence,
        good_until=found.good_until,
        digest=found.digest,
        key=found.key,
    )


def _instant(found: SignedList) -> datetime:
    """Say of which moment the list is: the publisher's, else the ministry's."""
    try:
        stated = datetime.fromisoformat(found.version)
    except ValueError:
        return found.issued_at
    return stated if stated.tzinfo else found.issued_at
