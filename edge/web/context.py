"""What a request is answered from: the node behind it, the languages, and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from edge.domain.catalogue import Catalogue, Staff
from edge.web.backend import Backend
from edge.web.device_key import staff_at_device
from edge.web.translations import Language, with_words
from sync.web.translations import choose


@dataclass(frozen=True, slots=True)
class Context:
    """The node that an application is of, and the ``product``'s languages by code."""

    backend: Backend
    product: Mapping[str, Language]
    _last: list[tuple[Catalogue, Mapping[str, Language]]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    """The languages of the campaign that was last asked about: each request asks."""

    @property
    def languages(self) -> Mapping[str, Language]:
        """The languages by code, as the campaign in force has them."""
        catalogue = self.backend.site.catalogues.cached()
        if catalogue is None:
            return self.product
        last = self._last[0] if self._last else None
        if last is None or last[0] is not catalogue:
            last = (catalogue, with_words(self.product, catalogue))
            self._last[:] = [last]
        return last[1]

    def language(self) -> Language:
        """Choose the language of the request at hand."""
        accepted = request.headers.get("Accept-Language", "")
        return choose(self.languages, request.cookies.get("language", ""), accepted)

    def staff(self) -> Staff | None:
        """Find who is signed in with the request at hand."""
        return staff_at_device(self.backend)
