"""A small application behind the server of the product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from echoing import Serve, Site
from intruders import many_files
from serving import Serving

from sync.web.serving import Limits

_LIMITS = Limits()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def serve(site: Site) -> Iterator[Serve]:
    made: list[Serving] = []

    def serving(limits: Limits = _LIMITS, threads: int = 8, **more: Any) -> Serving:
        made.append(Serving(site.app, threads=threads, limits=limits, **more))
        return made[-1]

    with many_files():
        yield serving
        site.go.set()
        for one in made:
            one.close()
