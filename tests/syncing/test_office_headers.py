"""What the registry's pages tell a browser, and what they let it keep."""

from __future__ import annotations

from pathlib import Path

from memory_journal import REGISTRY_KEY

from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office


def test_a_page_of_the_registry_loads_nothing_is_framed_by_nobody_and_has_no_other_base(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    registry = Registry(store, REGISTRY_KEY)
    client = create_app(registry, office(registry, "operator")).test_client()
    policy = client.get("/").headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in policy.split("; ")
    cookies = {
        scheme: client.get("/language/fr", base_url=f"{scheme}://registry.example").headers[
            "Set-Cookie"
        ]
        for scheme in ("http", "https")
    }
    assert "Secure" in cookies["https"]
    assert "Secure" not in cookies["http"]  # a browser would not keep it
    store.close()
