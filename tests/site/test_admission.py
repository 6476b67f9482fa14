"""Heavy work in turns: staff first, guests by address, and no more waiting than there is room."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.errors import Unavailable
from edge.services.admission import Asker, Places, Turns
from edge.services.pictures import Pictures, busy

NURSE, GUEST, OTHER = Asker("10.0.0.9", staff=True), Asker("10.0.0.1"), Asker("10.0.0.2")


class Slow:
    """A decoder that reads nothing until it may, and writes down whose picture it had."""

    def __init__(self) -> None:
        self.had: list[bytes] = []
        self.together = 0
        self.most_together = 0
        self.go = threading.Event()

    def codes(self, picture: bytes, seconds: float) -> list[bytes]:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        self.go.wait(60)
        self.had.append(picture)
        self.together -= 1
        return [picture]

    def close(self) -> None:
        self.go.set()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


class Crowd:
    """People who show pictures, one after the other, each in a thread."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.threads: list[threading.Thread] = []
        self.refused: list[bytes] = []

    def show(self, name: bytes, asker: Asker) -> None:
        def ask() -> None:
            try:
                self.pictures.codes(name, asker)
            except Unavailable:
                self.refused.append(name)

        before = self.waiting() + len(self.refused)
        thread = threading.Thread(target=ask)
        thread.start()
        self.threads.append(thread)
        until(lambda: self.waiting() + len(self.refused) > before)

    def waiting(self) -> int:
        turns = self.pictures._turns
        return len(turns._waiting) + turns._busy

    def end(self) -> None:
        for thread in self.threads:
            thread.join(60)


def test_a_nurse_is_next_whatever_guests_wait_and_guests_take_turns_by_address() -> None:
    slow = Slow()
    crowd = Crowd(Pictures(slow))
    for name, asker in ((b"guest 1", GUEST), (b"guest 2", GUEST), (b"other 1", OTHER),
                        (b"nurse 1", NURSE), (b"nurse 2", NURSE)):  # fmt: skip
        crowd.show(name, asker)
    slow.go.set()
    crowd.end()
    assert slow.had == [b"guest 1", b"nurse 1", b"nurse 2", b"guest 2", b"other 1"]
    assert slow.most_together == 1


def test_an_address_that_had_its_turn_lets_another_go_first() -> None:
    slow = Slow()
    crowd = Crowd(Pictures(slow))
    for name, asker in ((b"guest 1", GUEST), (b"guest 2", GUEST), (b"other 1", OTHER)):
        crowd.show(name, asker)
    slow.go.set()
    crowd.end()
    assert slow.had == [b"guest 1", b"other 1", b"guest 2"]


def test_what_is_too_much_is_refused_at_once_and_later_there_is_room_again() -> None:
    slow = Slow()
    crowd = Crowd(Pictures(slow))
    for number in range(5):
        crowd.show(b"guest", GUEST)
        crowd.show(b"other", Asker(f"10.0.1.{number}"))
    assert crowd.refused.count(b"guest") == 3
    assert crowd.refused.count(b"other") == 3
    crowd.show(b"nurse", NURSE)
    assert b"nurse" not in crowd.refused
    slow.go.set()
    crowd.end()
    assert crowd.pictures.codes(b"later", GUEST) == [b"later"]


def test_who_waits_too_long_is_told_and_holds_up_nobody() -> None:
    turns = Turns(Places(4, 2, busy), 0.05, busy)
    with turns.turn(GUEST):
        refused: list[Unavailable] = []

        def wait() -> None:
            with pytest.raises(Unavailable) as error, turns.turn(NURSE):
                pass
            refused.append(error.value)

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(60)
        assert refused
    with turns.turn(OTHER):
        pass


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=40))
def test_places_given_back_can_be_taken_again_and_never_more_than_there_are(
    asked: list[tuple[bool, int]],
) -> None:
    places, held = Places(4, 2, busy), []
    for staff, address in asked:
        asker = Asker(str(address), staff)
        try:
            places.take(asker)
            held.append(asker)
        except Unavailable:
            places.give_back(held.pop(0)) if held else pytest.fail("there was room")
        assert sum(not one.staff for one in held) <= 4
        assert sum(one.staff for one in held) <= 4
        assert all(held.count(one) <= 2 for one in held if not one.staff)
    for one in held:
        places.give_back(one)
    for number in range(4):
        places.take(Asker(f"new {number}"))
        places.take(Asker("nurse", staff=True))
