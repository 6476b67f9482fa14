"""Is a target dose needed? (Logic Specification, section 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from edge.domain.schedule.calendar import within
from edge.domain.schedule.conditions import answer, joined
from edge.domain.schedule.model import Situation, Skip, SkipCondition, TargetDose
from edge.domain.schedule.progress import Context, Progress


def skipped(
    target: TargetDose, progress: Progress, on: date, context: Context, *, forecast: bool
) -> bool:
    """Say whether a target dose is not needed on a day.

    Where that hangs on a condition which nobody here can answer, the dose is taken as needed, and
    the progress names the condition.
    """
    skips = [skip for skip in target.skips if (skip.forecast if forecast else skip.evaluation)]
    if not skips:
        return False
    situation = _situation(progress, on, context)
    unanswered: set[str] = set()

    def ask(condition: SkipCondition) -> bool | None:
        found = answer(condition, situation, context.conditions)
        if found is None:
            unanswered.add(condition.kind)
        return found

    found = joined((_skip_holds(skip, on, ask) for skip in skips), any_of=True)
    if found is None:
        progress.unanswered |= unanswered
    return bool(found)


_Ask = Callable[[SkipCondition], bool | None]


def _skip_holds(skip: Skip, on: date, ask: _Ask) -> bool | None:
    return joined(
        (
            joined((ask(condition) for condition in skip_set.conditions), any_of=skip_set.any_of)
            for skip_set in skip.sets
            if within(on, skip_set.effective, skip_set.cessation)
        ),
        any_of=skip.any_of,
    )


def _situation(progress: Progress, on: date, context: Context) -> Situation:
    last = progress.last
    return Situation(
        on=on,
        subject=context.subject,
        shots=tuple(evaluation.shot for evaluation in progress.evaluations),
        valid=tuple(evaluation.shot for evaluation in progress.valid),
        last=last.shot.on if last is not None else None,
        history=context.all_shots,
        complete_groups=context.complete_groups,
    )
