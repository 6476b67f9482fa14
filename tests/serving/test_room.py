"""What the server may use: files, memory, places, workers and time."""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intruders import ANOTHER, HALF, MANY, WHOLE, Crowd, asked, many_files

from sync.web.serving.connection_table import ConnectionTable
from sync.web.serving.limits import Limits, connections_within
from sync.web.serving.timeouts import Phase, Timeouts
from sync.web.serving.worker_pool import WorkerPool

LIMITS = Limits()
MB = 1024 * 1024
HELPERS = Path(__file__).parents[1] / "helpers"
PROGRAM = f"""
import resource, sys
sys.path[:0] = [{str(HELPERS)!r}]
from echoing import Site
from sync.web.serving import Server
files = int(sys.argv[1])
if files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
server = Server(Site().app, "127.0.0.1", 0, threads=8)
print(server.port, flush=True)
server.run()
print("stopped", flush=True)
"""


@contextlib.contextmanager
def process(files: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-c", PROGRAM, str(files)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    try:
        with many_files():
            yield run, int(run.stdout.readline())
    finally:
        run.kill()
        run.wait(10)
        run.stdout.close()


def peak(run: subprocess.Popen[str]) -> int:
    """Give the most memory that a process ever had, in MB."""
    status = Path(f"/proc/{run.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def send(port: int, address: str, size: int, held: list[socket.socket]) -> None:
    """Send all of a body but its last byte, or what of it is taken."""
    one = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(address, 0))
    held.append(one)
    with contextlib.suppress(OSError):
        one.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        one.sendall(bytes(size - 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    "addresses",
    [ANOTHER, pytest.param(MANY, marks=pytest.mark.slow)],
    ids=["one address", "many addresses"],
)
def test_200_bodies_of_8_mb_at_once_do_not_take_the_memory_nor_the_turn_of_a_tablet(
    addresses: tuple[str, ...],
) -> None:
    held: list[socket.socket] = []
    with process() as (run, port):
        threads = [
            threading.Thread(
                target=send, args=(port, addresses[number % len(addresses)], 8 * MB, held)
            )
            for number in range(200)
        ]
        for thread in threads:
            thread.start()
        for _ in range(3):
            assert asked(port, "POST", "/", b"x" * 900) == b"x" * 900
        for thread in threads:
            thread.join(60)
        assert asked(port, "POST", "/", bytes(2 * MB)) == bytes(2 * MB)
        assert peak(run) < 300
        for one in held:
            one.close()


@pytest.mark.slow
def test_answers_that_nobody_reads_do_not_take_the_memory() -> None:
    with process() as (run, port), Crowd(port, 1000, WHOLE["never reads"], MANY):
        for _ in range(3):
            assert asked(port) == b"hello"
        assert len(asked(port, path="/large")) == 8 * MB
        assert peak(run) < 300


@pytest.mark.slow
def test_a_process_that_may_open_128_files_outlives_1000_connections() -> None:
    with process(files=128) as (_, port), Crowd(port, 1000, HALF["half a header"], MANY):
        for _ in range(3):
            assert asked(port) == b"hello"


def test_sigterm_ends_the_server_cleanly_beside_connections_that_are_held() -> None:
    with process() as (run, port), Crowd(port, 100, HALF["half a body"]):
        assert asked(port) == b"hello"
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == 0
        assert run.stdout is not None
        assert run.stdout.read() == "stopped\n"


@pytest.mark.parametrize(("files", "connections"), [(1024, 512), (256, 128), (4096, 512), (20, 16)])
def test_connections_leave_half_of_the_files_to_the_rest(
    monkeypatch: pytest.MonkeyPatch, files: int, connections: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert connections_within(512) == connections


@given(st.sampled_from([Phase.BODY, Phase.ANSWER]), st.integers(0, 60))
def test_a_byte_a_second_is_over_within_two_minutes(phase: Phase, at_once: int) -> None:
    timeouts = Timeouts(LIMITS, 0)
    looks = [timeouts.is_over(phase, now, at_once * 1000 + now) for now in range(1, 122)]
    assert any(looks)


@given(st.integers(1, 7), st.integers(1, 600))
@pytest.mark.slow
def test_a_bad_line_that_carries_16_kb_a_minute_is_borne(look: int, minutes: int) -> None:
    timeouts = Timeouts(Limits(whole_seconds=10**6), 0)
    for now in range(look, minutes * 60, look):
        assert not timeouts.is_over(Phase.BODY, now, now * 16 * 1024 // 60)


@dataclass(eq=False)
class Somebody:
    """A connection on paper."""

    address: str
    held: int = 0
    waits_for_us: bool = False
    ended: bool = False
    tables: list[ConnectionTable] = field(default_factory=list)

    def drop(self) -> None:
        self.ended = True
        self.tables[0].leave(self)

    give_way = end = drop

    def check(self, now: float) -> None: ...


def enter(table: ConnectionTable, address: str, *, waits: bool = False) -> tuple[Somebody, bool]:
    one = Somebody(address, waits_for_us=waits, tables=[table])
    return one, table.take(one)


@given(st.lists(st.integers(0, 9), max_size=300))
def test_who_has_one_connection_keeps_it_while_another_has_more(crowd: list[int]) -> None:
    table = ConnectionTable(Limits(connections_by_address=20), 40)
    tablet, _ = enter(table, "tablet")
    for address in crowd:
        assert enter(table, f"peer {address}")[1]
        assert table.taken <= 40
    assert not tablet.ended


def test_who_waits_for_us_keeps_his_place_and_when_all_do_nobody_comes_in() -> None:
    table = ConnectionTable(LIMITS, 3)
    first = [enter(table, address, waits=True)[0] for address in "abc"]
    assert enter(table, "d")[1] is False
    first[1].waits_for_us = False
    assert enter(table, "d")[1] is True
    assert [one.ended for one in first] == [False, True, False]


def test_who_has_every_place_and_waits_for_us_on_each_gives_his_last_to_another() -> None:
    table = ConnectionTable(LIMITS, 3)
    guest = [enter(table, "guest", waits=True)[0] for _ in range(3)]
    tablet, comes_in = enter(table, "tablet", waits=True)
    assert comes_in
    assert [one.ended for one in guest] == [False, False, True]
    assert enter(table, "guest", waits=True)[1] is False
    assert enter(table, "tablet", waits=True)[1] is False
    assert not tablet.ended


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3 * MB)), max_size=200))
def test_what_is_held_stays_within_the_limit_and_is_counted_right(
    told: list[tuple[int, int]],
) -> None:
    table = ConnectionTable(Limits(held=8 * MB), 1000)
    peers: list[Somebody] = []
    for address, size in told:
        one, _ = enter(table, str(address))
        peers.append(one)
        if not table.hold(one, size):
            one.drop()
        assert table.held <= 8 * MB + 200 * LIMITS.small
    for one in peers:
        if not one.ended:
            table.release(one, one.held)
    assert table.held == 0


def test_small_bodies_get_through_when_everything_is_held_by_requests_at_work() -> None:
    table = ConnectionTable(Limits(held=MB), 1000)
    busy, _ = enter(table, "peer", waits=True)
    assert table.hold(busy, MB)
    tablet, _ = enter(table, "tablet")
    assert table.hold(tablet, 900)
    assert not table.hold(enter(table, "another")[0], 100_000)
    assert not busy.ended


def nothing() -> None:
    """Be turned away, and do not mind."""


def test_each_address_has_its_turn() -> None:
    workers = WorkerPool(1, 100, 100, lambda _: None)  # its threads are not begun
    done: list[str] = []
    calls = [lambda name=name: done.append(name) for name in "aaaaabc"]
    for name, call in zip("aaaaabc", calls, strict=True):
        assert workers.add(name, call, nothing)
    handed = workers._handed  # what a thread would take
    for _ in calls:
        work = handed.get_nowait()
        assert work is not None
        work()
        workers._free()
    assert "".join(done) == "aabcaaa"


def test_what_is_put_away_is_put_away_before_anything_is_made() -> None:
    workers = WorkerPool(0, 100, 100, lambda _: None)
    done: list[str] = []
    assert workers.add("peer", lambda: done.append("made"), nothing)
    workers.put_away(lambda: done.append("put away"))
    for _ in range(2):
        workers._free()  # as if a thread were
        work = workers._handed.get_nowait()
        assert work is not None
        work()
    assert done == ["put away", "made"]


def test_when_all_is_full_who_has_most_gives_his_last() -> None:
    workers = WorkerPool(0, 4, 3, lambda _: None)
    away: list[int] = []
    works = [lambda number=number: away.append(number) for number in range(3)]
    assert all(workers.add("peer", work, work) for work in works)
    assert not workers.add("peer", nothing, nothing)
    assert workers.add("tablet", nothing, nothing)
    assert workers.add("another", nothing, nothing)
    assert (away, workers.waiting) == ([2], 4)
    assert not workers.add("tablet", nothing, nothing)
