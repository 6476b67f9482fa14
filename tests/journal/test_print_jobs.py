"""Print jobs: the states they go through, and what an older database holds of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from edge.journal import database, print_jobs
from edge.journal.schema import MIGRATIONS, migrate
from printers.jobs import IN_FLIGHT, MOVABLE, MOVES, PENDING, ForbiddenMoveError, PrintState, moved

NOW = "2026-11-25T08:00:00.000Z"
SENT_ONCE = {PrintState.SENT, PrintState.UNKNOWN, PrintState.PRINTED, PrintState.FAILED}

STEPS = st.lists(
    st.tuples(
        st.sampled_from([*map(str, PrintState), "hold", "remark", "give"]),
        st.sampled_from(["", "no-answer", "printer.paper-out", print_jobs.SETTLED]),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("jobs") / "journal.db"
    db = database.open_writer(path, bytes(32))
    migrate(db, datetime(2026, 11, 25, tzinfo=UTC))
    yield db
    db.conn.close()


@pytest.mark.slow
@given(steps=STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_every_walk_a_job_goes_where_the_table_leads_and_stays_where_it_does_not(
    db: Database, steps: list[tuple[str, str]]
) -> None:
    db.execute("BEGIN")
    try:
        id_ = print_jobs.queue(db, "sticker", "dose", 1, "desk", NOW)
        state, remark = "queued", False
        for step, cause in steps:
            before = print_jobs.job(db, id_)
            if step == "hold":
                print_jobs.hold(db, id_, cause, NOW)
            elif step == "remark":
                print_jobs.remark_missing_letters(db, id_)
                remark = True
            elif step == "give":
                print_jobs.give(db, id_, "spare", NOW)
                remark = False
            elif step in MOVES[PrintState(state)]:
                print_jobs.move(db, id_, step, cause, NOW)
                remark = remark and step != "sending"
                state = step
            else:
                with pytest.raises(ForbiddenMoveError) as refused:
                    print_jobs.move(db, id_, step, cause, NOW)
                assert refused.value.code == "print.forbidden-move"
                assert print_jobs.job(db, id_) == before
            job = print_jobs.job(db, id_)
            assert job is not None
            assert (job.state, job.missing_letters) == (state, remark)
            stored = db.execute("SELECT state FROM print_job WHERE id = ?", (id_,)).fetchone()[0]
            assert type(stored) is str
            assert stored == state
    finally:
        db.execute("ROLLBACK")


@given(walk=st.lists(st.sampled_from(list(PrintState)), max_size=40))
def test_no_walk_leads_back_to_the_queue_once_a_byte_may_be_on_paper(
    walk: list[PrintState],
) -> None:
    state, been = PrintState.QUEUED, set[PrintState]()
    for to in walk:
        try:
            state = moved(state, to)
        except ForbiddenMoveError:
            assert to not in MOVES[state]
            continue
        been.add(state)
        if been & SENT_ONCE:
            assert state not in MOVABLE
            assert state is not PrintState.SENDING


def test_every_state_has_its_moves_and_only_those_with_an_end_have_none() -> None:
    assert set(MOVES) == set(PrintState)
    ends = {state for state, moves in MOVES.items() if not moves}
    assert ends == {PrintState.PRINTED, PrintState.FAILED}
    assert set(PENDING) == set(MOVABLE) | set(IN_FLIGHT)
    assert set(PENDING) == set(PrintState) - ends - {PrintState.UNKNOWN}


def test_a_state_that_nobody_knows_is_refused(db: Database) -> None:
    id_ = print_jobs.queue(db, "sticker", "dose", 1, "desk", NOW)
    with pytest.raises(ForbiddenMoveError):
        print_jobs.move(db, id_, "burnt", "", NOW)


def test_jobs_of_an_older_database_keep_their_state_and_their_remark(tmp_path: Path) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    db = database.open_writer(tmp_path / "journal.db", bytes(32))
    migrate(db, now, MIGRATIONS[:5])
    old = [
        (state, cause)
        for state in PrintState
        for cause in ("", "fonts.missing-letters", "no-answer", print_jobs.SETTLED)
    ]
    for state, cause in old:
        db.execute(
            "INSERT INTO print_job (slip, subject, copy, printer, state, cause, sha256, queued_at,"
            " changed_at) VALUES ('sticker', 'dose', 1, 'desk', ?, ?, 'ab', ?, ?)",
            (state, cause, NOW, NOW),
        )
    migrate(db, now)
    jobs = print_jobs.jobs_of(db, "dose", "sticker")
    assert [(job.state, job.cause, job.missing_letters) for job in jobs] == [
        (state, "", True) if cause == "fonts.missing-letters" else (state, cause, False)
        for state, cause in old
    ]
    db.conn.close()
