"""What the server itself answers, where no application is asked: in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerRefusal:
    """An HTTP status, a code, an English sentence, and in how many seconds to come again."""

    status: int
    code: str
    sentence: str
    retry_after: int = 0

    @property
    def temporary(self) -> bool:
        """Say whether the same request may succeed later."""
        return self.retry_after > 0


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """What is known of a request that is refused: nothing, if its header was not read."""

    path: str
    headers: Mapping[str, str]


Words = Callable[[ServerRefusal, RefusedRequest], tuple[str, bytes]]
"""Says a refusal in an application's own form: a media type and a body. It may not wait."""

BUSY = ServerRefusal(
    503, "server.busy", "Too many requests are waiting. Try again in a few seconds.", 5
)
FULL = ServerRefusal(
    503, "server.full", "Too much is being sent at once. Try again in a few seconds.", 5
)
TOO_LARGE = ServerRefusal(413, "server.too-large", "The request is too large.")
HEADER_TOO_LARGE = ServerRefusal(
    431, "server.header-too-large", "The request's header is too large."
)
MALFORMED = ServerRefusal(400, "server.malformed", "The request cannot be read.")
IN_CRUMBS = ServerRefusal(400, "server.crumbs", "The request comes in too many small pieces.")
NO_TUNNEL = ServerRefusal(405, "server.tunnel", "This is not a proxy.")
FAILED = ServerRefusal(500, "server.failed", "Something went wrong on this computer.")


def plain(refusal: ServerRefusal, _: RefusedRequest) -> tuple[str, bytes]:
    """Say it in English, as text."""
    return "text/plain; charset=utf-8", refusal.sentence.encode()
