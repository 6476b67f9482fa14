"""Sites of the demonstration, as those of tests/site are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from channels import ChannelOf, RecordedChannel, send_by
from site_factory import filled_site

from edge.adapters.settings import Settings
from edge.node import Node


@pytest.fixture(scope="session")
def telling_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a filled site whose campaign sends messages, to be copied."""
    folder: Path = tmp_path_factory.mktemp("telling") / "site"
    node = filled_site(folder, Settings(facility="DEMO01"))
    send_by(node)
    node.close()
    return folder


@pytest.fixture
def node(telling_folder: Path, tmp_path: Path) -> Iterator[Node]:
    """Give a site of the test's own that sends messages."""
    folder = tmp_path / "site"
    shutil.copytree(telling_folder, folder)
    node = Node(folder)
    yield node
    node.close()


@pytest.fixture
def channel() -> RecordedChannel:
    """A channel that keeps what it is handed."""
    return RecordedChannel()


@pytest.fixture
def box(node: Node, channel: RecordedChannel) -> ChannelOf:
    """The site's messages by that channel."""
    return ChannelOf(node, channel)
