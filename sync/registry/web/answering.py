"""How the registry answers programs: JSON, and a refusal with its code and status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from sync.protocol.errors import SyncError

_STATUS = {
    "node.unknown": 401,
    "node.stopped": 403,
    "node.quota": 429,
    "history.quota": 429,
    "question.again": 409,
    "node.pace": 429,
    "enrol.slow": 429,
    "operator.slow": 429,
    "registry.load": 503,
    "enrol.code": 403,
    "enrol.facility": 403,
    "frame.too-large": 413,
    "operator.none": 401,
    "operator.role": 403,
    "operator.form": 403,
    "operator.code": 401,
    "operator.factor": 403,
    "operator.program": 403,
    "page.unknown": 404,
    "document.unknown": 404,
    "registry.database": 503,
    "registry.old-database": 503,
    "registry.newer": 503,
    "registry.other-history": 503,
}


def as_json(document: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with a JSON document."""
    return Response(
        json.dumps(document, ensure_ascii=False), status=status, mimetype="application/json"
    )


def refuse(error: SyncError) -> Response:
    """Answer an error: its code, sentence and values, and when to try again."""
    answer = {
        "code": error.code,
        "sentence": str(error),
        "values": {name: value for name, value in error.values.items() if _plain(value)},
        "temporary": error.temporary,
    }
    conflict = error.code.startswith("batch.")
    response = as_json(answer, _STATUS.get(error.code, 409 if conflict else 400))
    if error.temporary:
        wait = getattr(error, "retry_after", None)
        response.headers["Retry-After"] = str(60 if wait is None else max(1, int(wait) + 1))
    return response


def _plain(value: object) -> bool:
    return isinstance(value, str | int)
