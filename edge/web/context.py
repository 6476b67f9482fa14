"""What a request is answered from: the node behind it, the languages, and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from edge.domain.catalogue import Staff
from edge.web.backend import Backend
from edge.web.device_key import staff_at_device
from edge.web.translations import Language
from sync.web.translations import choose


@dataclass(frozen=True, slots=True)
class Context:
    """The node that an application is of, and its languages by code."""

    backend: Backend
    languages: Mapping[str, Language]

    def language(self) -> Language:
        """Choose the language of the request at hand, as the campaign's country writes it."""
        accepted = request.headers.get("Accept-Language", "")
        found = choose(self.languages, request.cookies.get("language", ""), accepted)
        catalogue = self.backend.site.catalogues.cached()
        return found.in_country(catalogue.issuer.country) if catalogue else found

    def staff(self) -> Staff | None:
        """Find who is signed in with the request at hand."""
        return staff_at_device(self.backend)
