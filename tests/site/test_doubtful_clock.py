"""A site whose clock is wrong: it says so in those words, and goes on once the date is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed, Refusal, Unavailable
from edge.journal import views
from edge.journal.entries import keep_latest, latest_instant
from edge.node import Node
from edge.services.commands import GiveDose, RegisterPerson
from edge.services.doubtful_clock import clock_unsure, named

FindStaff = Callable[[str], Staff]
NEWBORN = RegisterPerson(name="Amina Diallo", gender="Female", birth_date=date(2026, 11, 20))


def test_what_a_wrong_date_may_be_the_reason_of_is_refused_in_the_name_of_the_clock(
    node: Node, staff: FindStaff, dose: Callable[..., GiveDose], monkeypatch: pytest.MonkeyPatch
) -> None:
    today, taking = node.clock.today(), node.desk.take
    old = datetime(2020, 1, 1, 9, tzinfo=UTC)
    monkeypatch.setattr(node.clock, "_machine", lambda: old)
    for command in (NEWBORN, dose()):
        with pytest.raises(Unavailable) as refused:
            taking(node.site.ids.new(), command, staff("V1"))
        assert refused.value.code == "clock.unsure"
        assert str(refused.value).startswith("The clock of this machine says 2020-01-01, which")
        assert "supervisor confirm" in refused.value.hint
    with pytest.raises(EdgeError) as other:
        taking(node.site.ids.new(), dose(lot="NO-SUCH-LOT"), staff("V1"))
    assert other.value.code == "clock.unsure", "the day is the first thing that is looked at"
    node.clock.confirm(today)
    assert taking(node.site.ids.new(), NEWBORN, staff("V1")).entries
    given = taking(node.site.ids.new(), dose(), staff("V1")).entries[0]
    assert (given.document["clock"], given.body["on"]) == ("believed", today.isoformat())


def test_what_no_date_is_the_reason_of_is_refused_as_ever(node: Node) -> None:
    recalled = Refusal("lot.recalled", "The lot is recalled.")
    assert named(recalled, node.clock) is recalled
    assert clock_unsure(node.clock, "Nothing was changed.").code == "clock.unsure"


def test_what_was_dated_ahead_is_listed_and_replaced_once_the_date_is_confirmed(
    vouched: Node, staff: FindStaff, dose: Callable[..., GiveDose], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, dates = vouched, vouched.use_cases.clock_dates
    now = node.clock.now()
    monkeypatch.setattr(node.clock, "_machine", lambda: now + timedelta(days=60))
    given = node.desk.take(node.site.ids.new(), dose(), staff("V1")).entries
    earlier = dose("Kwame", on=now.date())
    node.desk.take(node.site.ids.new(), earlier, staff("S1"))
    wrong = [entry.body["certificate"] for entry in given if entry.type == "CertificateIssued"]
    monkeypatch.setattr(node.clock, "_machine", lambda: now)
    node.clock._floor = now + timedelta(days=60)
    assert dates.ahead() == [], "nobody knows what day it is"
    with pytest.raises(Unavailable, match="it was"):
        dates.replace(now.date(), staff("S1"))
    with pytest.raises(NotAllowed):
        dates.confirm(now.date(), staff("V1"))
    for day in (date(1970, 1, 1), date(2106, 2, 7)):
        with pytest.raises(BadInput, match="Today cannot be"):
            dates.confirm(day, staff("S1"))
    dates.confirm(now.date(), staff("S1"))
    assert len(dates.ahead()) == 2
    replaced = dates.replace(now.date(), staff("S1"))
    assert (replaced.done, replaced.refused) == (2, [])
    assert dates.ahead() == []
    with node.journal.reading() as db:
        old = views.certificate(db, wrong[0])
        assert old is not None
        new = views.certificate(db, old.replaced_by)
        assert new is not None
        assert new.issued_at < old.issued_at
    node.journal.run(lambda unit: keep_latest(unit.db))
    with node.journal.reading() as db:
        floor = latest_instant(db)
        assert floor is not None
        assert floor.date() == now.date(), "what was written ahead binds the clock no more"
