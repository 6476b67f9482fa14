"""The tools that know campaigns, as pages use them: a few at a time, and what they found last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sync.protocol.errors import ProtocolError
from sync.registry.drafts.tools import CampaignTools, CheckedFiles, Files, ScreenPage

AT_ONCE = 2
"""Campaigns that are read at the same moment: each takes a processor for a second or more."""
PATIENCE = 20.0
"""Seconds that another one waits for its turn."""
_REMEMBERED = 8
"""Checks that are kept in memory, by what was checked."""


class CampaignAccess:
    """Loads the tools when they are first asked for; raises as ``load`` does without any."""

    def __init__(self, load: Callable[[], CampaignTools], patience: float = PATIENCE) -> None:
        self._load = load
        self._patience = patience
        self._tools: CampaignTools | None = None
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._screens: dict[tuple[str, int, str], Sequence[ScreenPage]] = {}
        self._found: OrderedDict[tuple[str, int, str], CheckedFiles] = OrderedDict()

    @contextmanager
    def tools(self) -> Iterator[CampaignTools]:
        """Give the tools, when it is one's turn; raises :class:`ProtocolError` for a long queue."""
        if not self._places.acquire(timeout=self._patience):
            raise ProtocolError(
                "campaign.busy",
                "Others are checking campaigns at this moment. Try again in a minute.",
                temporary=True,
                retry_after=30,
            )
        try:
            with self._lock:
                if self._tools is None:
                    self._tools = self._load()
            yield self._tools
        finally:
            self._places.release()

    def check(self, draft: str, revision: int, files: Files, language: str) -> CheckedFiles:
        """Check a draft's files, or give what was found when they were last checked."""
        key = (draft, revision, language)
        with self._lock:
            found = self._found.get(key)
        if found is None:
            with self.tools() as tools:
                found = tools.check(files, language)
            with self._lock:
                self._found[key] = found
                while len(self._found) > _REMEMBERED:
                    self._found.popitem(last=False)
        return found

    def screens(
        self, draft: str, revision: int, packed: bytes, language: str
    ) -> Sequence[ScreenPage]:
        """Give the screens of a site under a draft, or those that were drawn for it last."""
        key = (draft, revision, language)
        with self._lock:
            found = self._screens.get(key)
        if found is None:
            with self.tools() as tools:
                found = tools.screens(packed, language)
            with self._lock:
                self._screens = {key: found}
        return found
