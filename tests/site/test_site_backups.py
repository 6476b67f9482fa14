"""A site backs itself up while the medium is there, tries the backup, and says how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.adapters.backups.recovery import new_recovery_key
from edge.adapters.backups.state import backup_state, keep_backup_state
from edge.adapters.settings import Settings, read_settings
from edge.cli.site import make_site
from edge.domain.backups import BackupState
from edge.node import Node
from edge.services.site_backups import SiteBackups

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MADE = BackupState(NOW, "x", entries=5, tried=NOW)


def test_a_backup_is_due_when_something_changed_and_the_time_is_over() -> None:
    assert BackupState().is_due(NOW, 0, 60)
    assert not MADE.is_due(NOW + timedelta(minutes=59), 6, 60)
    assert MADE.is_due(NOW + timedelta(minutes=60), 6, 60)
    assert not MADE.is_due(NOW + timedelta(days=9), 5, 60)
    assert MADE.is_due(NOW - timedelta(minutes=1), 5, 60), "the clock was set back"


def test_a_backup_is_tried_each_night_and_after_it_was_made_first() -> None:
    assert not BackupState().is_trial_due(NOW, 3)
    assert BackupState(NOW, "x").is_trial_due(NOW, 12)
    assert not MADE.is_trial_due(NOW + timedelta(hours=12), 3)
    assert MADE.is_trial_due(NOW + timedelta(hours=21), 3)
    assert not MADE.is_trial_due(NOW + timedelta(hours=21), 12)
    assert MADE.is_trial_due(NOW + timedelta(hours=27), 12)


def test_it_is_said_how_the_last_backup_stands() -> None:
    later = NOW + timedelta(days=3)
    assert BackupState().standing(NOW, 5, set_up=False) == "none"
    assert BackupState().standing(NOW, 5, set_up=True) == "never"
    assert MADE.standing(later, 6, set_up=True) == "old"
    assert MADE.standing(later, 5, set_up=True) == "good", "nothing was recorded since"
    failed = BackupState(NOW, "x", 5, None, "damaged")
    assert failed.standing(NOW, 5, set_up=True) == "failed"


def test_what_is_remembered_is_read_back_and_rubbish_is_nothing(tmp_path: Path) -> None:
    keep_backup_state(tmp_path, MADE)
    assert backup_state(tmp_path) == MADE
    (tmp_path / "backup.json").write_text('{"at": 7')
    assert backup_state(tmp_path) == BackupState()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    _, recipient = new_recovery_key()
    settings = Settings(
        facility="X1", recovery=(recipient,), backup=str(tmp_path / "medium"), backup_minutes=5
    )
    make_site(tmp_path / "site", settings)
    node = Node(tmp_path / "site")
    yield node
    node.close()


def test_a_site_backs_itself_up_while_the_medium_is_there_and_not_beside_itself(
    node: Node, tmp_path: Path
) -> None:
    medium = tmp_path / "medium"

    def backups(*, plugged: bool) -> SiteBackups:
        return SiteBackups(
            node.folder,
            read_settings(node.folder),
            node._keys.files,
            node.journal,
            node.clock,
            lambda path: int(plugged and path.stat() is not None and path == medium),
        )

    backups(plugged=True).run()
    away = backup_state(node.folder)
    assert (away.at, away.file) == (None, "")
    assert "not plugged in" in away.trouble
    medium.mkdir()
    backups(plugged=False).run()
    assert not list(medium.iterdir()), "the place where it is mounted is on the site's own disk"
    backups(plugged=True).run()
    made = backup_state(node.folder)
    assert list(medium.iterdir()) == [Path(made.file)]
    assert made.tried is not None
    assert backups(plugged=True).shown().standing == "good"
    Path(made.file).write_bytes(Path(made.file).read_bytes()[:-9])
    keep_backup_state(node.folder, BackupState(made.at, made.file, made.entries))
    backups(plugged=True).run()
    assert backups(plugged=True).shown().standing == "failed"
