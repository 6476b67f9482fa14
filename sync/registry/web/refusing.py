"""What the web server answers for the registry: the protocol to sites, words to people."""

from __future__ import annotations

import json

from werkzeug.http import parse_cookie

from sync.protocol.errors import ProtocolError
from sync.protocol.frames import too_large
from sync.registry.web.translations import load_languages
from sync.web.serving import RefusedRequest, ServerRefusal, Words
from sync.web.translations import choose


def refusing(largest: int) -> Words:
    """Read the catalogues, and give what says a refusal; ``largest``: bytes of a message."""
    languages = load_languages()

    def say(refusal: ServerRefusal, asked: RefusedRequest) -> tuple[str, bytes]:
        error = ProtocolError(refusal.code, refusal.sentence, temporary=refusal.temporary)
        if refusal.status == 413:
            error = too_large(largest)
        if asked.path and not asked.path.startswith("/v1"):
            wanted = parse_cookie(asked.headers.get("cookie", "")).get("language", "")
            language = choose(languages, wanted, asked.headers.get("accept-language", ""))
            said = language.say(error.sentence, **error.values)
            return "text/plain; charset=utf-8", said.encode()
        document = {
            "code": error.code,
            "sentence": str(error),
            "values": error.values,
            "temporary": error.temporary,
        }
        return "application/json", json.dumps(document).encode()

    return say
