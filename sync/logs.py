"""What a program writes of its work: a line each with time, level and request, as text or JSON."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from sync.protocol.instants import instant

FORMS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


class LineFormat(logging.Formatter):
    """Writes a record as one line; ``request`` gives the id of the request at hand, or nothing.

    A traceback is told by its last place and never by its text: it may hold somebody's data.
    """

    def __init__(self, form: str, request: Callable[[], str]) -> None:
        super().__init__()
        self._form = form
        self._request = request

    def format(self, record: logging.LogRecord) -> str:
        """Write time (ISO 8601, UTC), level, logger, request and message."""
        told: dict[str, object] = {
            "time": instant(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": self._request(),
            "message": record.getMessage(),
            "error": _place(record),
            **getattr(record, "fields", {}),
        }
        kept = {name: value for name, value in told.items() if value != ""}
        if self._form == "json":
            return json.dumps(kept, ensure_ascii=False)
        time, level, logger, *rest = kept
        more = " ".join(f"{name}={kept[name]}" for name in rest if name != "message")
        text = f"{kept[time]} {kept[level]} {kept[logger]}: {kept['message']} {more}"
        return text.rstrip().replace("\n", " ")


@contextmanager
def logging_to(
    form: str, level: str, request: Callable[[], str], stream: TextIO | None = None
) -> Iterator[None]:
    """Write what the program logs meanwhile to a stream, by default to the standard error."""
    handler, root = logging.StreamHandler(stream or sys.stderr), logging.getLogger()
    handler.setFormatter(LineFormat(form, request))
    before = root.level
    root.addHandler(handler)
    root.setLevel(level.upper())
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def _place(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return ""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f", line {trace.tb_lineno}" if trace is not None else ""
    where = trace.tb_frame.f_code.co_qualname if trace is not None else "?"
    return f"{type(error).__name__} at {where}{line}"
