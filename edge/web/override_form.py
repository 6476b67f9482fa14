"""What speaks against a request, as a form shows it to whoever decides and brings back why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.web.problem_answers import ProblemAnswer

_ID, _SAYS, _WHY = "objection.", "says.", "why."
_MOST = 50


@dataclass(frozen=True, slots=True)
class ShownObjection:
    """An objection of a form: ``why`` was typed for it alone; empty: the form's reason holds."""

    id: str
    sentence: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownOverride:
    """What a form asks of whoever decides: on which objections, and the reason for them all."""

    objections: Sequence[ShownObjection]
    reason: str


def shown_override(problem: ProblemAnswer | None, form: Mapping[str, str]) -> ShownOverride:
    """Give what somebody decides on: of the refusal, else what the form was drawn with before.

    A form that comes back for another reason, such as a wrong PIN, keeps it. Where an objection is
    new, what was typed stays with those that it was typed for: nothing stands for the new one yet.
    """
    before, reason = _of_form(form), form.get("reason", "").strip()[:200]
    if problem is None or not problem.overridable:
        return ShownOverride(before, reason)
    typed = {shown.id: shown.why for shown in before}
    if any(objection.id not in typed for objection in problem.objections):
        typed, reason = {id_: why or reason for id_, why in typed.items()}, ""
    return ShownOverride(
        [
            ShownObjection(objection.id, objection.sentence, typed.get(objection.id, ""))
            for objection in problem.objections
        ],
        reason,
    )


def decided_objections(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the objections that a form showed, and why each is set aside, as a request has them.

    One without a reason of its own has the form's.
    """
    return [{"id": shown.id, "reason": shown.why} for shown in _of_form(form)]


def _of_form(form: Mapping[str, str]) -> list[ShownObjection]:
    numbers = [name.removeprefix(_ID) for name in form if name.startswith(_ID)]
    return [
        ShownObjection(
            form[_ID + number][:200],
            form.get(_SAYS + number, ""),
            form.get(_WHY + number, "").strip()[:200],
        )
        for number in numbers[:_MOST]
    ]
