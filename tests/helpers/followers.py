"""What any follower must stand, as a class whose tests run on each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol

from edge.domain.errors import EdgeError
from edge.followers.follower import Follower, Result
from edge.followers.runner import Runner
from edge.journal import following, maintenance
from edge.journal.delivery import delivery
from edge.journal.entries import entries
from edge.journal.entry import Entry

NAME = "under-test"


class Place(Protocol):
    """Where a follower brings entries, as its tests see it."""

    def follower(self) -> Follower:
        """Make the follower anew, as a restart does."""
        ...

    def arrived(self) -> list[str]:
        """Give the content of what arrived, in order of arrival, copies and all."""
        ...

    def away(self, gone: bool) -> None:
        """Take the place away, or bring it back."""
        ...


class Between:
    """Stands between runner and follower, and fails where the test says."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self.types, self.most, self.every = follower.types, follower.most, follower.every
        self.before: BaseException | None = None
        self.after: BaseException | None = None
        self.poison = ""
        self.given: list[list[str]] = []

    def deliver(self, entries: Sequence[Entry]) -> Result:
        self.given.append([one.id for one in entries])
        if self.before:
            raise self.before
        if any(one.id == self.poison for one in entries):
            raise ZeroDivisionError
        result = self._follower.deliver(entries)
        if self.after:
            raise self.after
        return result


class Killed(BaseException):
    """The process ends here."""


class ArrivalContract:
    """What holds of everything that follows the journal, whatever proves that it arrived.

    Inherit, give the fixture ``place``, and say how one run is made.
    """

    def follow(self, box: Any, place: Place) -> None:
        """Make one run that nothing hinders."""
        assert self.runner(box, place.follower()).run().trouble is None

    def cut_off(self, box: Any, place: Place, where: str) -> None:
        """Make a run whose process ends ``before`` or ``after`` entries arrive; start again."""
        between = Between(place.follower())
        setattr(between, where, Killed())
        try:
            self.runner(box, between).run()
        except Killed:
            box.restart()

    def cursor(self) -> str:
        """Give the name under which the cursor is kept."""
        return NAME

    def wanted(self, box: Any, place: Place) -> list[str]:
        types = place.follower().types
        with box.journal.reading() as db:
            return [one.content for one in entries(db) if types is None or one.type in types]

    def runner(self, box: Any, follower: Follower) -> Runner:
        return Runner(NAME, follower, box.journal, box.time.ports())

    def test_everything_arrives_once_and_in_order(self, box: Any, place: Place) -> None:
        box.append(*["ThingDone"] * 30)
        for _ in range(2):
            self.follow(box, place)
            assert place.arrived() == self.wanted(box, place) != []

    def test_entries_of_types_that_this_version_does_not_know_stop_nothing(
        self, box: Any, place: Place
    ) -> None:
        box.append("ThingDone", "FromTheFuture", "ThingDone", "AlsoNew")
        self.follow(box, place)
        assert place.arrived() == self.wanted(box, place)

    def test_what_is_appended_later_follows_also_over_restarts(
        self, box: Any, place: Place
    ) -> None:
        for _ in range(4):
            box.append(*["ThingDone"] * 3)
            self.follow(box, place)
            box.restart()
        assert place.arrived() == self.wanted(box, place)

    def test_a_process_that_ends_at_any_point_loses_nothing(self, box: Any, place: Place) -> None:
        chance = random.Random(16)
        for _ in range(12):
            box.append(*["ThingDone"] * chance.randint(1, 4))
            self.cut_off(box, place, chance.choice(("before", "after")))
            if chance.random() < 0.3:
                self.follow(box, place)
        self.follow(box, place)
        assert list(dict.fromkeys(place.arrived())) == self.wanted(box, place)

    def test_a_rebuild_of_the_tables_delivers_nothing_again(
        self, box: Any, place: Place, writer: Any
    ) -> None:
        box.append(*["ThingDone"] * 5)
        self.follow(box, place)
        box.journal.close()
        db = writer(box.path)
        maintenance.rebuild(db)
        db.conn.close()
        box.open()
        box.append("ThingDone")
        self.follow(box, place)
        assert place.arrived() == self.wanted(box, place)

    def test_a_cursor_whose_hash_is_not_ours_counts_for_nothing(
        self, box: Any, place: Place
    ) -> None:
        box.append(*["ThingDone"] * 3)
        self.follow(box, place)
        box.journal.run(lambda unit: unit.db.execute("UPDATE delivery SET hash = 'other'"))
        with box.journal.reading() as db:
            assert delivery(db, self.cursor()).delivered == 0
        self.follow(box, place)
        assert list(dict.fromkeys(place.arrived())) == self.wanted(box, place)
        with box.journal.reading() as db:
            assert delivery(db, self.cursor()).delivered > 0


class FollowerContract(ArrivalContract):
    """What a follower must stand that is given entries by the runner."""

    def left(self, box: Any, place: Place) -> following.Counts:
        with box.journal.reading() as db:
            return following.counts(db, NAME, place.follower().types)

    def test_the_same_entries_twice_do_no_harm(self, box: Any, place: Place) -> None:
        box.append(*["ThingDone"] * 5)
        with box.journal.reading() as db:
            some = list(entries(db))
        for _ in range(3):
            assert [one.state for one in place.follower().deliver(some).verdicts] == ["delivered"] * 5  # fmt: skip
        assert list(dict.fromkeys(place.arrived())) == [one.content for one in some]

    def test_an_entry_that_brings_it_down_is_refused_after_a_few_tries_and_alone(
        self, box: Any, place: Place
    ) -> None:
        box.append(*["ThingDone"] * 9)
        with box.journal.reading() as db:
            poison = list(entries(db))[4]
        tries = 0
        for _ in range(20):
            between = Between(place.follower())
            between.poison = poison.id
            runner = self.runner(box, between)
            runner.run()
            tries += between.given.count([poison.id])
            box.restart()
        assert tries == 5
        wanted = [one for one in self.wanted(box, place) if one != poison.content]
        assert list(dict.fromkeys(place.arrived())) == wanted
        with box.journal.reading() as db:
            (told,) = following.undelivered(db, NAME)
        assert (told.position, told.state, told.code) == (5, "refused", "follower.poison")
        box.journal.run(lambda unit: following.ask_again(unit.db, NAME))
        self.runner(box, place.follower()).run()
        assert set(place.arrived()) == set(self.wanted(box, place))
        assert self.left(box, place) == following.Counts(0, 0, 0)

    def test_a_follower_that_always_fails_refuses_one_entry_at_a_time_with_pauses(
        self, box: Any, place: Place
    ) -> None:
        box.append(*["ThingDone"] * 40)
        between = Between(place.follower())
        between.before = ZeroDivisionError()
        runner = self.runner(box, between)
        for _ in range(4):
            runner.run()
        assert self.left(box, place) == following.Counts(40, 0, 0)
        assert runner.run_when_due() is None
        with box.journal.reading() as db:
            assert following.trouble(db, NAME)["code"] == "follower.fault"

    def test_a_place_that_is_away_is_told_of_and_found_again_and_tried_with_growing_pauses(
        self, box: Any, place: Place
    ) -> None:
        box.append(*["ThingDone"] * 3)
        runner = self.runner(box, place.follower())
        place.away(True)
        pauses = []
        for _ in range(5):
            done = runner.run_when_due()
            assert done is not None
            assert done.trouble is not None
            assert done.trouble.temporary
            start = box.time.seconds
            while not runner._backoff.due():
                box.time.seconds += 1
            pauses.append(box.time.seconds - start)
        assert pauses == sorted(pauses)
        assert pauses[-1] > 4 * pauses[0]
        with box.journal.reading() as db:
            assert following.trouble(db, NAME)["code"]
        place.away(False)
        runner.run_when_due()
        assert place.arrived() == self.wanted(box, place)
        with box.journal.reading() as db:
            assert following.trouble(db, NAME) == {}

    def test_a_full_disk_of_the_site_moves_no_cursor_and_ends_no_follower(
        self, box: Any, place: Place, monkeypatch: Any
    ) -> None:
        from edge.domain.disk import disk_trouble

        box.append(*["ThingDone"] * 6)
        runner = self.runner(box, place.follower())

        def full(work: Any, *_: Any) -> None:
            raise disk_trouble("full")

        with monkeypatch.context() as patch:
            patch.setattr(box.journal, "run", full)
            done = runner.run()
        assert isinstance(done.trouble, EdgeError)
        with box.journal.reading() as db:
            assert delivery(db, NAME).delivered == 0
        assert runner.run().trouble is None
        assert list(dict.fromkeys(place.arrived())) == self.wanted(box, place)

    def test_a_slow_follower_stops_after_a_spell_and_goes_on_there(
        self, box: Any, place: Place
    ) -> None:
        box.append(*["ThingDone"] * 12)
        between = Between(place.follower())
        between.most = 2
        deliver = between.deliver

        def slow(entries: Sequence[Entry]) -> Result:
            box.time.seconds += 4
            return deliver(entries)

        between.deliver = slow  # type: ignore[method-assign]
        runner = self.runner(box, between)
        assert runner.run().delivered == 6
        assert runner.run().delivered == 6
        assert place.arrived() == self.wanted(box, place)
