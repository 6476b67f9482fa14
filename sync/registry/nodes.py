"""Every site that is enrolled."""

from __future__ import annotations

from collections.abc import Iterator

from sync.registry.store.interface import Store
from sync.registry.store.records import NodeRecord


def all_nodes(store: Store) -> Iterator[NodeRecord]:
    """Give every site, in order of their ids."""
    after = ""
    while page := store.nodes(after):
        yield from page
        after = page[-1].node
