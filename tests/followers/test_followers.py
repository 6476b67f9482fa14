"""Followers of the journal: one contract, held by each; cursor, verdicts and pauses by name."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyrage
import pytest
from followers import NAME, ArrivalContract, FollowerContract
from memory_journal import NODE, Line, cut, follower, open_registry

from edge.adapters.journal_source import JournalSource
from edge.adapters.settings import FILE, Settings, read_settings, write_settings
from edge.adapters.settings_kinds import FollowerSettings
from edge.domain.errors import BadInput, EdgeError
from edge.followers import copy
from edge.followers.follower import LATER, REFUSED, Follower, Result, Verdict
from edge.followers.runner import Runner
from edge.followers.table import FOLLOWERS, Surroundings, health, runners
from edge.journal import following
from edge.journal.delivery import REGISTRY, delivery
from edge.journal.entries import entries
from edge.journal.entry import Entry
from sync.protocol.entries import chain_hash

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())


class Disk:
    """A folder with the sealed copy of a journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._hidden = folder.with_name("unplugged")

    def follower(self) -> copy.Copy:
        return copy.Copy(self.folder, RECIPIENT)

    def away(self, gone: bool) -> None:
        self.folder.rename(self._hidden) if gone else self._hidden.rename(self.folder)

    def arrived(self) -> list[str]:
        return [
            line
            for path in sorted(self.folder.iterdir())
            for line in pyrage.decrypt(path.read_bytes(), [IDENTITY]).decode().splitlines()
        ]


class Ledger:
    """A follower in memory that wants one type only."""

    types = frozenset({"ThingDone"})
    most, every = 3, 1.0

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.gone = False
        self.answer: Callable[[Entry], Verdict] = lambda entry: Verdict()

    def follower(self) -> Ledger:
        return self

    def away(self, gone: bool) -> None:
        self.gone = gone

    def arrived(self) -> list[str]:
        return self.lines

    def deliver(self, entries: Sequence[Entry]) -> Result:
        if self.gone:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        verdicts = [self.answer(one) for one in entries]
        self.lines += [
            one.content
            for one, verdict in zip(entries, verdicts, strict=True)
            if verdict.state == "delivered"
        ]
        return Result(verdicts)


class TestTheCopyOnADisk(FollowerContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Disk:
        return Disk(tmp_path / "disk")


class TestAFollowerOfOneType(FollowerContract):
    @pytest.fixture
    def place(self) -> Ledger:
        return Ledger()


class Nation:
    """A registry behind a line that can be cut."""

    types = None

    def __init__(self, folder: Path) -> None:
        self.store, client = open_registry(folder / "registry.db")
        self.line = Line(client)

    def follower(self) -> Any:
        return self

    def away(self, gone: bool) -> None: ...

    def arrived(self) -> list[str]:
        return [
            one.content
            for epoch in sorted(head.epoch for head in self.store.heads(NODE))
            for one in self.store.entries(NODE, epoch, 0, 1000)
        ]


class TestTheRegistrysFollower(ArrivalContract):
    """Its cursor is the registry's own receipt, under its name: the rest of the contract holds."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Nation]:
        nation = Nation(tmp_path)
        yield nation
        nation.store.close()

    def follow(self, box: Any, place: Any) -> None:
        assert follower(JournalSource(box.journal), place.line).run().state == "synced"

    def cut_off(self, box: Any, place: Any, where: str) -> None:
        wanted = "before batches" if where == "before" else "batches"
        place.line.fault = lambda what, answer: cut() if what == wanted else answer
        follower(JournalSource(box.journal), place.line).run()
        place.line.fault = lambda what, answer: answer
        box.restart()

    def cursor(self) -> str:
        return REGISTRY


def test_receipts_of_two_registries_are_kept_beside_each_other(box: Any, tmp_path: Path) -> None:
    box.append(*["ThingDone"] * 3)
    nation = Nation(tmp_path)
    source = JournalSource(box.journal, "second")
    assert follower(source, nation.line).run().state == "synced"
    nation.store.close()
    with box.journal.reading() as db:
        assert delivery(db, "second").delivered == 3
        assert delivery(db, REGISTRY).delivered == 0


def test_two_followers_go_each_at_its_own_pace_under_its_own_name(box: Any) -> None:
    box.append(*["ThingDone"] * 7)
    slow, quick = Ledger(), Ledger()
    slow.gone = True
    ports = box.time.ports()
    for name, one in (("slow", slow), ("quick", quick)):
        Runner(name, one, box.journal, ports).run()
    with box.journal.reading() as db:
        assert delivery(db, "quick").delivered == 7
        assert delivery(db, "slow").delivered == 0
        assert following.trouble(db, "slow")["code"] == "follower.not-there"
        assert following.trouble(db, "quick") == {}


def test_an_entry_that_is_put_off_lets_others_pass_and_comes_again_at_its_time(box: Any) -> None:
    box.append(*["ThingDone"] * 5)
    ledger, asked = Ledger(), []

    def answer(entry: Entry) -> Verdict:
        asked.append(entry.position)
        late = entry.position == 2 and asked.count(2) < 3
        return Verdict(LATER, "sms.night", "It is night.", seconds=600) if late else Verdict()

    ledger.answer = answer
    runner = Runner(NAME, ledger, box.journal, box.time.ports())
    runner.run()
    assert asked == [1, 2, 3, 4, 5]
    runner.run()
    assert asked == [1, 2, 3, 4, 5]
    box.restart()
    runner = Runner(NAME, ledger, box.journal, box.time.ports())
    for seconds, times in ((599, 1), (1, 2), (600, 3), (600, 3)):
        box.time.seconds += seconds
        runner.run()
        assert asked.count(2) == times
    with box.journal.reading() as db:
        assert following.undelivered(db, NAME) == []


def test_a_clock_that_was_set_back_keeps_nothing_aside_for_years(box: Any) -> None:
    box.append("ThingDone")
    ledger = Ledger()
    ledger.answer = lambda entry: Verdict(LATER, seconds=60)
    box.time.seconds += 10 * 365 * 86400
    Runner(NAME, ledger, box.journal, box.time.ports()).run()
    box.time.seconds -= 10 * 365 * 86400
    ledger.answer = lambda entry: Verdict()
    Runner(NAME, ledger, box.journal, box.time.ports()).run()
    assert len(ledger.lines) == 1


def test_a_refusal_is_kept_with_its_reason_and_holds_up_nothing(box: Any) -> None:
    box.append(*["ThingDone"] * 4)
    ledger = Ledger()
    ledger.answer = lambda entry: (
        Verdict(REFUSED, "target.unknown-lot", "The lot {lot} is not known there.", {"lot": "A1"})
        if entry.position == 3
        else Verdict()
    )
    assert Runner(NAME, ledger, box.journal, box.time.ports()).run().refused == 1
    assert len(ledger.lines) == 3
    with box.journal.reading() as db:
        (told,) = following.undelivered(db, NAME)
        assert following.counts(db, NAME, None) == following.Counts(0, 0, 1)
    assert told.sentence.format(**told.values) == "The lot A1 is not known there."


@pytest.mark.parametrize(
    "answer",
    [
        None,
        Result(()),
        Result([Verdict()] * 99),
        Result([Verdict("lost")]),
        Result(["x"]),  # type: ignore[list-item]
        Result([Verdict(REFUSED, "x", "{a}")]),
    ],
)
def test_an_answer_that_is_none_moves_no_cursor(box: Any, answer: Any) -> None:
    box.append("ThingDone")
    ledger = Ledger()
    ledger.deliver = lambda entries: answer  # type: ignore[method-assign]
    done = Runner(NAME, ledger, box.journal, box.time.ports()).run()
    assert done.trouble is not None
    with box.journal.reading() as db:
        assert delivery(db, NAME).delivered == 0


def test_what_is_unwanted_costs_a_look_and_no_commit(box: Any) -> None:
    runner = Runner(NAME, Ledger(), box.journal, box.time.ports())
    runner.run()
    box.append(*["Other"] * 20)
    wrote: list[object] = []
    run, box.journal.run = box.journal.run, lambda work: wrote.append(work)
    runner.run()
    box.journal.run = run
    assert wrote == []


def test_a_copy_is_sealed_and_each_of_its_lines_proves_itself(box: Any, tmp_path: Path) -> None:
    disk = Disk(tmp_path / "disk")
    box.append(*["ThingDone"] * 3)
    Runner(NAME, disk.follower(), box.journal, box.time.ports()).run()
    assert not any(b"ThingDone" in path.read_bytes() for path in disk.folder.iterdir())
    with box.journal.reading() as db:
        assert [chain_hash(line.encode()) for line in disk.arrived()] == [
            one.hash for one in entries(db)
        ]


def test_a_full_disk_of_the_copy_leaves_no_half_file_and_is_told(
    box: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    disk = Disk(tmp_path / "disk")
    box.append(*["ThingDone"] * 3)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edge.followers.copy.os.fsync", full)
    done = Runner(NAME, disk.follower(), box.journal, box.time.ports()).run()
    assert "No space left" in str(done.trouble)
    assert list(disk.folder.iterdir()) == []
    monkeypatch.undo()
    Runner(NAME, disk.follower(), box.journal, box.time.ports()).run()
    assert len(disk.arrived()) == 3


def test_a_folder_that_is_not_mounted_is_never_made(box: Any, tmp_path: Path) -> None:
    box.append("ThingDone")
    gone = tmp_path / "media" / "disk"
    done = Runner(NAME, copy.Copy(gone, RECIPIENT), box.journal, box.time.ports()).run()
    assert "There is no folder" in str(done.trouble)
    assert not gone.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "folder is not a whole path"),
        ({"folder": "here", "recipient": RECIPIENT}, "folder is not a whole path"),
        ({"folder": "/x"}, "recipient is missing"),
        ({"folder": "/x", "recipient": "age1nobody"}, "recipient is no age recipient"),
        ({"folder": "/x", "recipient": RECIPIENT, "colour": "red"}, "colour is not a setting"),
    ],
)
def test_settings_of_a_copy_that_are_wrong_are_named(options: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        copy.make(options, None)


SITE = 'facility = "X"\n'
WRONG = {
    "[[follower]]\n": "has no kind",
    '[[follower]]\nkind = ""\n': "has no kind",
    'follower = "copy"\n': "is not a list",
    '[[follower]]\nkind = "copy"\n[[follower]]\nkind = "copy"\n': "has a name that is taken",
    '[[follower]]\nkind = "copy"\nname = "registry"\n': "has a name that is taken",
    '[[follower]]\nkind = "copy"\nname = "A b"\n': "has no good name",
    '[[follower]]\nkind = "copy"\nfolder = []\n': "has a value that is none",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_follower_that_the_settings_get_wrong_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(SITE + text)
    with pytest.raises(BadInput, match=WRONG[text]):
        read_settings(tmp_path)


def test_settings_with_followers_are_written_and_read_again(tmp_path: Path) -> None:
    one = FollowerSettings("disk", "copy", {"folder": "/x é", "times": 3, "on": True})
    write_settings(tmp_path, Settings(facility="X", followers=(one,)))
    assert read_settings(tmp_path).followers == (one,)


def test_a_follower_that_cannot_be_made_stops_neither_the_others_nor_the_node(
    box: Any, tmp_path: Path
) -> None:
    def broken(options: Any, surroundings: Any) -> Follower:
        raise KeyError("secret")

    around = Surroundings("X", tmp_path, box.journal.reading)
    kinds = {**FOLLOWERS, "broken": broken}
    good = FollowerSettings("disk", "copy", {"folder": str(tmp_path), "recipient": RECIPIENT})
    settings = [FollowerSettings("a", "nosuch"), FollowerSettings("b", "broken"), good]
    made, troubles = runners(settings, around, kinds, box.journal, box.time.ports())
    assert [one.name for one in made] == ["disk"]
    assert set(troubles) == {"a", "b"}
    assert all(isinstance(one, EdgeError) for one in troubles.values())
    assert "secret" not in str(troubles["b"])
    with box.journal.reading() as db:
        told = [health(db, one, around, kinds) for one in settings]
    assert [one.state for one in told] == ["trouble", "trouble", "complete"]
    assert "nosuch" in told[0].sentence


def test_health_says_what_waits_and_what_is_wrong(box: Any, tmp_path: Path) -> None:
    around = Surroundings("X", tmp_path, box.journal.reading)
    folder = tmp_path / "gone"
    one = FollowerSettings("disk", "copy", {"folder": str(folder), "recipient": RECIPIENT})
    box.append(*["ThingDone"] * 2)
    ((runner,), _) = runners([one], around, FOLLOWERS, box.journal, box.time.ports())
    states = []
    for step in ("run", "mkdir", "run"):
        folder.mkdir() if step == "mkdir" else runner.run()
        with box.journal.reading() as db:
            found = health(db, one, around, FOLLOWERS)
        states.append((found.state, found.waiting))
    assert states == [("trouble", 2), ("trouble", 2), ("complete", 0)]
    assert json.dumps(found.at)
