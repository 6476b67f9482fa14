"""What the server may use: files, memory, places, turns and time."""

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

from sync.web.serving.limits import Limits, connections_within
from sync.web.serving.patience import Patience, Phase
from sync.web.serving.places import Places
from sync.web.serving.turns import Turns

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


@pytest.mark.parametrize("addresses", [ANOTHER, MANY], ids=["one address", "many addresses"])
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


def test_answers_that_nobody_reads_do_not_take_the_memory() -> None:
    with process() as (run, port), Crowd(port, 1000, WHOLE["never reads"], MANY):
        for _ in range(3):
            assert asked(port) == b"hello"
        assert len(asked(port, path="/large")) == 8 * MB
        assert peak(run) < 300


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
    patience = Patience(LIMITS, 0)
    looks = [patience.is_over(phase, now, at_once * 1000 + now) for now in range(1, 122)]
    assert any(looks)


@given(st.integers(1, 7), st.integers(1, 600))
def test_a_bad_line_that_carries_16_kb_a_minute_is_borne(look: int, minutes: int) -> None:
    patience = Patience(Limits(whole_seconds=10**6), 0)
    for now in range(look, minutes * 60, look):
        assert not patience.is_over(Phase.BODY, now, now * 16 * 1024 // 60)


@dataclass(eq=False)
class Somebody:
    """A connection on paper."""

    address: str
    held: int = 0
    waits_for_us: bool = False
    ended: bool = False
    places: list[Places] = field(default_factory=list)

    def drop(self) -> None:
        self.ended = True
        self.places[0].leave(self)

    give_way = end = drop

    def check(self, now: float) -> None: ...


def enter(places: Places, address: str, *, waits: bool = False) -> tuple[Somebody, bool]:
    one = Somebody(address, waits_for_us=waits, places=[places])
    return one, places.take(one)


@given(st.lists(st.integers(0, 9), max_size=300))
def test_who_has_one_connection_keeps_it_while_another_has_more(crowd: list[int]) -> None:
    places = Places(Limits(connections_by_address=20), 40)
    tablet, _ = enter(places, "tablet")
    for address in crowd:
        assert enter(places, f"guest {address}")[1]
        assert places.taken <= 40
    assert not tablet.ended


def test_who_waits_for_us_keeps_his_place_and_when_all_do_nobody_comes_in() -> None:
    places = Places(LIMITS, 3)
    first = [enter(places, "a", waits=True)[0] for _ in range(3)]
    assert enter(places, "b")[1] is False
    first[1].waits_for_us = False
    assert enter(places, "b")[1] is True
    assert [one.ended for one in first] == [False, True, False]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3 * MB)), max_size=200))
def test_what_is_held_stays_within_the_limit_and_is_counted_right(
    told: list[tuple[int, int]],
) -> None:
    places = Places(Limits(held=8 * MB), 1000)
    guests: list[Somebody] = []
    for address, size in told:
        one, _ = enter(places, str(address))
        guests.append(one)
        if not places.hold(one, size):
            one.drop()
        assert places.held <= 8 * MB + 200 * LIMITS.small
    for one in guests:
        if not one.ended:
            places.release(one, one.held)
    assert places.held == 0


def test_small_bodies_get_through_when_everything_is_held_by_requests_at_work() -> None:
    places = Places(Limits(held=MB), 1000)
    busy, _ = enter(places, "guest", waits=True)
    assert places.hold(busy, MB)
    tablet, _ = enter(places, "tablet")
    assert places.hold(tablet, 900)
    assert not places.hold(enter(places, "another")[0], 100_000)
    assert not busy.ended


def nothing() -> None:
    """Be turned away, and do not mind."""


def test_each_address_has_its_turn() -> None:
    turns = Turns(1, 100, 100, lambda _: None)  # its threads are not begun
    done: list[str] = []
    calls = [lambda name=name: done.append(name) for name in "aaaaabc"]
    for name, call in zip("aaaaabc", calls, strict=True):
        assert turns.add(name, call, nothing)
    handed = turns._handed  # what a thread would take
    for _ in calls:
        work = handed.get_nowait()
        assert work is not None
        work()
        turns._free()
    assert "".join(done) == "aabcaaa"


def test_what_is_put_away_is_put_away_before_anything_is_made() -> None:
    turns = Turns(0, 100, 100, lambda _: None)
    done: list[str] = []
    assert turns.add("guest", lambda: done.append("made"), nothing)
    turns.put_away(lambda: done.append("put away"))
    for _ in range(2):
        turns._free()  # as if a thread were
        work = turns._handed.get_nowait()
        assert work is not None
        work()
    assert done == ["put away", "made"]


def test_when_all_is_full_who_has_most_gives_his_last() -> None:
    turns = Turns(0, 4, 3, lambda _: None)
    away: list[int] = []
    works = [lambda number=number: away.append(number) for number in range(3)]
    assert all(turns.add("guest", work, work) for work in works)
    assert not turns.add("guest", nothing, nothing)
    assert turns.add("tablet", nothing, nothing)
    assert turns.add("another", nothing, nothing)
    assert (away, turns.waiting) == ([2], 4)
    assert not turns.add("tablet", nothing, nothing)
