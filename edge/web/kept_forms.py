"""A form that was sent after its session had ended, kept through the sign-in.

It stands in the sign-in's own page and goes back with it: it holds what people told, so it is never
in an address and never in the tablet's storage. What somebody signs in or signs with is not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request
from werkzeug.exceptions import HTTPException

FIELD = "kept"
"""The field of the sign-in's form that carries it."""
_OWN = frozenset({"id", "code", "pin", FIELD})


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form and the path, with its query, that it was sent to."""

    path: str
    form: Mapping[str, str]

    def written(self) -> str:
        """Write it as the text of a field."""
        return json.dumps({"path": self.path, "form": dict(self.form)})

    def place(self) -> tuple[str, dict[str, str]] | None:
        """Give the endpoint that takes such forms and the values in the path; None for none."""
        path = self.path.partition("?")[0]
        try:
            endpoint, values = current_app.url_map.bind("").match(path, method="POST")
        except HTTPException:
            return None
        return endpoint, {name: str(value) for name, value in values.items()}


def kept_form() -> KeptForm | None:
    """Keep the form of the request at hand; None: it holds nothing that somebody typed or chose."""
    form = {name: text for name, text in request.form.items() if not _is_secret(name)}
    path = request.full_path.rstrip("?")
    return KeptForm(path, form) if request.method == "POST" and form.keys() - _OWN else None


def read_kept(text: str) -> KeptForm | None:
    """Read a field's text; None for one that no page of ours wrote."""
    try:
        found = json.loads(text)
        path, form = found["path"], found["form"]
        json.dumps(found, ensure_ascii=False).encode()  # half a character is in no page of ours
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    if not (isinstance(path, str) and path.startswith("/") and isinstance(form, dict)):
        return None
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    return KeptForm(path, {name: text for name, text in texts.items() if not _is_secret(name)})


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in ("pin", "password", "passkey", "step"))
