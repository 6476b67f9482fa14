"""The demonstration's mail server fails when it is told, and keeps what it took as files."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from channels import surroundings

from edge.cli.demo_mail import DemoMail
from edge.domain.errors import BadInput
from edge.plugins.distribution import email
from edge.plugins.distribution.contract import OutgoingMessage


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def mail(tmp_path: Path, said: list[str]) -> Callable[[], DemoMail]:
    return lambda: DemoMail(tmp_path / "mail", said.append)


def test_it_takes_fails_and_takes_again_as_it_is_told_and_other_lines_pass(
    mail: Callable[[], DemoMail], said: list[str]
) -> None:
    server = mail()
    try:
        settings = server.channel()
        channel = email.make(settings.options, surroundings(settings.name))
        message = OutgoingMessage("m-1", "amina@home.example", "Ready.", "en")
        assert channel.send(message).state == "handed"
        passed = list(server.obey(["paper out", "mail later\n", "mail nonsense", "mailbox"]))
        assert passed == ["paper out", "mailbox"]
        assert said[0] == "ok"
        assert "unknown-address" in said[1]
        assert channel.send(message).state == "deferred"
        assert list(server.obey(["mail unknown-address"])) == []
        with pytest.raises(BadInput, match="Wrong address"):
            channel.send(message)
        list(server.obey(["mail takes"]))
        assert channel.send(message).state == "handed"
        kept = sorted(path.name for path in server.folder.glob("*.eml"))
        assert kept == ["1.eml", "2.eml"]
        read = message_from_bytes((server.folder / "2.eml").read_bytes(), policy=policy.default)
        assert read["To"] == "amina@home.example"
    finally:
        server.close()
