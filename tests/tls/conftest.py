"""A site with TLS, made once for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tls_sites import TlsSite


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsSite]:
    made = TlsSite(tmp_path_factory.mktemp("tls") / "site")
    yield made
    made.close()
