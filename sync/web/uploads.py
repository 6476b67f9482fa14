"""Requests whose uploads stay in memory."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Request


class InMemoryRequest(Request):
    """A request whose uploads are never in a temporary file: people are in them, in clear."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()
