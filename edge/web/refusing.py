"""What the web server answers for the site: to the API a problem, to people words."""

from __future__ import annotations

from pathlib import Path

import msgspec
from werkzeug.http import parse_cookie

from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.web import serializers
from edge.web.translations import load_languages
from sync.web.serving import RefusedRequest, ServerRefusal, Words
from sync.web.translations import choose


def refusing(locale: Path) -> Words:
    """Read the catalogues of a folder, and give what says a refusal."""
    languages = load_languages(locale)

    def say(refusal: ServerRefusal, asked: RefusedRequest) -> tuple[str, bytes]:
        wanted = parse_cookie(asked.headers.get("cookie", "")).get("language", "")
        language = choose(languages, wanted, asked.headers.get("accept-language", ""))
        problem = serializers.problem(_error(refusal), language)
        if asked.path.startswith("/api/"):
            return "application/json", msgspec.json.encode(problem)
        text = f"{problem.sentence} {problem.hint}".rstrip()
        return "text/plain; charset=utf-8", text.encode()

    return say


def too_large() -> BadInput:
    """Say of a request that it is larger than anything a tablet has to send."""
    return BadInput(
        "request.too-large", "The request is too large.", hint="Send a smaller picture."
    )


def _error(refusal: ServerRefusal) -> EdgeError:
    if refusal.status == 413:
        return too_large()
    kind = Unavailable if refusal.temporary else BadInput
    return kind(refusal.code, refusal.sentence)
