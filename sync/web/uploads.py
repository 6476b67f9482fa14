"""Requests whose uploads stay in memory, each once."""

from __future__ import annotations

from io import SEEK_END, BytesIO
from typing import IO

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import get_input_stream


class InMemoryRequest(Request):
    """A request whose uploads are never in a temporary file: people are in them, in clear.

    A form's body is let go of as soon as its files are read out of it: it is as large as they are.
    """

    @cached_property
    def stream(self) -> IO[bytes]:
        """Give the body: as our server has it in memory, where Werkzeug would copy it twice.

        Raises ``RequestEntityTooLarge`` where it is more than this request may have.
        """
        body, most = self.environ["wsgi.input"], self.max_content_length
        if not (isinstance(body, BytesIO) and "wsgi.input_terminated" in self.environ):
            return get_input_stream(self.environ, max_content_length=most)
        size = body.seek(0, SEEK_END)
        body.seek(0)
        if most is not None and size > most:
            raise RequestEntityTooLarge
        return body

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()

    def _load_form_data(self) -> None:
        super()._load_form_data()
        body = self.environ.get("wsgi.input")
        if self.mimetype == "multipart/form-data" and isinstance(body, BytesIO):
            body.seek(0)
            body.truncate()


def bytes_of(file: FileStorage) -> bytes:
    """Give what was uploaded, without a second copy of what is in memory."""
    stream = file.stream
    return stream.getvalue() if isinstance(stream, BytesIO) else file.read()
