"""A backup of a running site brings it back elsewhere, whole; anything else is said in words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from site_factory import filled_site

from edge.adapters.backups.making import backups_in, make_backup
from edge.adapters.backups.manifest import NAME, read_manifest
from edge.adapters.backups.recovery import new_recovery_key, on_paper, read_recovery_key
from edge.adapters.backups.restoring import RestoreReport, restore
from edge.adapters.backups.sealed import Member, read_sealed, write_sealed
from edge.adapters.backups.trying import try_backup, try_with
from edge.adapters.entropy import SystemEntropy
from edge.adapters.journal_key import JournalKey
from edge.adapters.keys import file_keys
from edge.adapters.settings import Settings, read_settings, write_settings
from edge.domain.errors import EdgeError
from edge.journal import database, print_jobs
from edge.journal.maintenance import check_chain, fingerprint
from edge.journal.restored import restored
from edge.node import Node
from printers.jobs import PrintState

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A site's backup, the paper with its key, and what the site's tables were then."""

    file: Path
    paper: str
    tables: str
    epoch: str

    @property
    def identities(self) -> list[pyrage.x25519.Identity]:
        return [read_recovery_key(self.paper)]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("backup")
    secret, recipient = new_recovery_key()
    node = filled_site(folder / "site", Settings(facility="DEMO01", recovery=(recipient,)))
    try:
        node.journal.run(
            lambda unit: print_jobs.queue(unit.db, "receipt", "x", 1, "desk", "2026-12-01")
        )
        (folder / "medium").mkdir()
        path = back_up(folder / "site", folder / "medium", NOW)
        with node.journal.reading() as db:
            tables = fingerprint(db)
            (epoch,) = db.execute(
                "SELECT epoch FROM entry ORDER BY position DESC LIMIT 1"
            ).fetchone()
        yield Kept(path, on_paper(secret).lower(), tables, epoch)
    finally:
        node.close()


def back_up(folder: Path, where: Path, now: datetime) -> Path:
    settings = read_settings(folder)
    keys = file_keys(folder)
    path, _ = make_backup(
        folder, keys, settings.recovery, where, settings.facility, now, settings.backup_keep
    )
    return path


def keep_in_a_file(folder: Path, key: bytes) -> None:
    JournalKey(folder).put(key, SystemEntropy(), "file", "", "")


def restored_in(kept: Kept, target: Path, file: Path | None = None) -> RestoreReport:
    return restore(file or kept.file, kept.identities, target, keep_in_a_file, NOW)


@pytest.mark.slow
def test_a_site_that_was_backed_up_while_it_ran_goes_on_elsewhere(
    kept: Kept, tmp_path: Path
) -> None:
    done = restored_in(kept, tmp_path / "new")
    assert done.called_off == 1
    node = Node(tmp_path / "new")
    try:
        with node.journal.reading() as db:
            assert fingerprint(db) == kept.tables
            assert check_chain(db).broken is None
            assert {job for (job,) in db.execute("SELECT state FROM print_job")} == {
                PrintState.FAILED
            }
            came = restored(db)
        assert done.manifest.last is not None
        assert (came.until, came.entries) == (done.manifest.last.at, done.manifest.entries)
        node.authenticator.set_pin("V1", "628104", by="technician")
        with node.journal.reading() as db:
            last = db.execute("SELECT epoch FROM entry ORDER BY position DESC LIMIT 1").fetchone()
            assert last != (kept.epoch,)
            assert check_chain(db).broken is None
    finally:
        node.close()


def test_nothing_is_restored_over_what_is_there(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("facility = 'OTHER'")
    with pytest.raises(EdgeError) as told:
        restored_in(kept, tmp_path)
    assert told.value.code == "restore.exists"
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


def test_another_key_and_a_mistyped_one_are_named(kept: Kept, tmp_path: Path) -> None:
    other, _ = new_recovery_key()
    with pytest.raises(EdgeError) as told:
        try_with(kept.file, [read_recovery_key(other)])
    assert told.value.code == "backup.other-key"
    typed = kept.paper[:-1] + ("q" if kept.paper[-1] != "q" else "p")
    with pytest.raises(EdgeError) as mistyped:
        read_recovery_key(typed)
    assert mistyped.value.code == "backup.recovery-key"


def test_the_backup_shows_nothing_to_who_has_no_key(kept: Kept) -> None:
    content = kept.file.read_bytes()
    for name in (b"DEMO01", b"journal.key", b"manifest.json", b"SQLite"):
        assert name not in content


@pytest.mark.slow
def test_a_backup_that_is_damaged_or_cut_anywhere_is_refused_and_leaves_nothing(
    kept: Kept, tmp_path: Path
) -> None:
    whole = kept.file.read_bytes()
    end = len(whole)
    for place in (0, 30, 120, 200, 400, 700, 70_000, end // 2, end - 20, end - 1):
        spoiled = bytearray(whole)
        spoiled[place] ^= 1
        refused(kept, bytes(spoiled), tmp_path)
    for length in (0, 10, 300, 1000, 66_000, end // 2, end - 1):
        refused(kept, whole[:length], tmp_path)


def refused(kept: Kept, content: bytes, folder: Path) -> None:
    file = folder / "spoiled"
    file.write_bytes(content)
    with pytest.raises(EdgeError) as told:
        restored_in(kept, folder / "new", file)
    assert told.value.code in ("backup.damaged", "backup.other-key")
    assert [path.name for path in folder.iterdir()] == ["spoiled"]


def members(kept: Kept) -> list[Member]:
    found: list[Member] = []
    read_sealed(
        kept.file,
        [*kept.identities],
        lambda name, content: found.append(Member(name, content.read())),
    )
    return found


def sealed(kept: Kept, folder: Path, changed: list[Member]) -> Path:
    with (folder / "made").open("wb") as file:
        write_sealed(file, changed, [kept.identities[0].to_public()])
    return folder / "made"


def test_who_can_seal_a_backup_puts_no_file_beside_the_site(kept: Kept, tmp_path: Path) -> None:
    manifest, *rest = members(kept)
    document = msgspec.json.decode(manifest.content)  # type: ignore[arg-type]
    for name in ("../x", "keys/../../x", "/etc/x", "lock", "keys/a\\b", "keys//x"):
        document["files"]["evil"] = {"bytes": 1, "sha256": ""}
        moved = {**document, "files": {**document["files"], name: {"bytes": 1, "sha256": ""}}}
        made = [Member(NAME, msgspec.json.encode(moved)), *rest, Member(name, b"x")]
        with pytest.raises(EdgeError) as told:
            restored_in(kept, tmp_path / "site" / "new", sealed(kept, tmp_path, made))
        assert told.value.code == "backup.damaged"
    assert not (tmp_path / "x").exists()


def test_a_backup_of_a_newer_version_names_the_version(kept: Kept) -> None:
    newer = b'{"format": 2, "whatever": []}'
    with pytest.raises(EdgeError) as told:
        read_manifest(newer)
    assert told.value.code == "backup.newer"


def test_members_that_are_missing_more_or_changed_are_damage(kept: Kept, tmp_path: Path) -> None:
    whole = members(kept)
    changed = [
        replace(one, content=b"".join(one.pieces()) + b"?") if one.name == "site.toml" else one
        for one in whole
    ]
    for made in (whole[:-1], whole[1:], [*whole, whole[-1]], changed, []):
        with pytest.raises(EdgeError) as told:
            try_with(sealed(kept, tmp_path, made), [*kept.identities])
        assert told.value.code == "backup.damaged"


class PowerCutError(BaseException):
    """The machine stops here."""


class Cuts:
    """Stops at one of the steps that change what a disk holds."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int) -> None:
        self.steps, self.at = 0, at
        for name in ("fsync", "replace", "open", "mkdir", "unlink"):
            patch.setattr(os, name, self.counted(getattr(os, name)))

    def counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **more: Any) -> Any:
            self.steps += 1
            if self.steps == self.at:
                raise PowerCutError
            return real(*given, **more)

        return step


@pytest.mark.slow
def test_a_restore_that_is_cut_anywhere_leaves_no_site_or_all_of_it(
    kept: Kept, tmp_path: Path
) -> None:
    for at in range(1, 200):
        target = tmp_path / f"site-{at}"
        with pytest.MonkeyPatch.context() as patch:
            cuts = Cuts(patch, at)
            try:
                restored_in(kept, target)
                whole = True
            except PowerCutError:
                whole = False
        if target.exists():
            key = file_keys(target).journal_key()
            with closing(database.open_reader(target / "journal.db", key)) as db:
                assert check_chain(db).broken is None
        if whole and cuts.steps < at:
            break
    else:
        pytest.fail("it never came to its end")
    assert at > 10


@pytest.mark.slow
def test_a_backup_that_is_cut_anywhere_leaves_the_one_before(kept: Kept, tmp_path: Path) -> None:
    site, medium = kept.file.parents[1] / "site", tmp_path / "medium"
    medium.mkdir()
    first = back_up(site, medium, NOW)
    content, now = first.read_bytes(), NOW
    for at in range(1, 200):
        now += timedelta(minutes=1)
        with pytest.MonkeyPatch.context() as patch:
            cuts = Cuts(patch, at)
            try:
                back_up(site, medium, now)
                break_off = cuts.steps < at
            except PowerCutError:
                break_off = False
        for found in backups_in(medium):
            try_backup(found, file_keys(site), site)
        if first.exists():
            assert first.read_bytes() == content
        assert backups_in(medium)
        if break_off:
            break
    else:
        pytest.fail("it never came to its end")
    assert not list(medium.glob("*.new"))
    assert len(backups_in(medium)) <= read_settings(site).backup_keep


def test_without_a_recovery_key_or_a_medium_nothing_is_backed_up(
    kept: Kept, tmp_path: Path
) -> None:
    site = kept.file.parents[1] / "site"
    with pytest.raises(EdgeError) as told:
        make_backup(site, file_keys(site), (), tmp_path, "DEMO01", NOW, 7)
    assert told.value.code == "backup.no-recovery-key"
    with pytest.raises(EdgeError) as away:
        back_up(site, tmp_path / "away" / "file", NOW)
    assert away.value.code == "backup.no-medium"


def test_a_medium_that_takes_nothing_is_told_and_keeps_what_was_on_it(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = kept.file.parents[1] / "site"
    before = back_up(site, tmp_path, NOW)

    def failing(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(EdgeError) as told:
        back_up(site, tmp_path, NOW + timedelta(hours=1))
    assert told.value.code == "backup.medium-failed"
    assert list(tmp_path.iterdir()) == [before]


def test_the_settings_of_backups_are_read_as_they_are_written(tmp_path: Path) -> None:
    _, recipient = new_recovery_key()
    told = Settings(
        facility="X", recovery=(recipient,), backup="/media/b", backup_minutes=30, backup_keep=3
    )
    write_settings(tmp_path, told)
    assert read_settings(tmp_path) == told


def test_a_site_opens_its_own_backup_and_no_other_site_does(kept: Kept) -> None:
    site = kept.file.parents[1] / "site"
    assert try_backup(kept.file, file_keys(site), site).facility == "DEMO01"

    class Other:
        def signing_key(self, _name: str) -> Ed25519PrivateKey:
            return Ed25519PrivateKey.generate()

    with pytest.raises(EdgeError) as told:
        try_backup(kept.file, Other(), site)  # type: ignore[arg-type]
    assert told.value.code == "backup.other-key"
