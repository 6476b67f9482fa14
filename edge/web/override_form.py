"""What speaks against a request, as a form shows it to whoever decides and brings back why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.web.problem_answers import ProblemAnswer

_ID, _SAYS, _WHY = "objection.", "says.", "why."
_MOST = 50


@dataclass(frozen=True, slots=True)
class ShownObjection:
    """An objection of a form: ``why`` is what was typed for setting it aside."""

    id: str
    sentence: str
    why: str


def shown_objections(
    problem: ProblemAnswer | None, form: Mapping[str, str]
) -> list[ShownObjection]:
    """Give what somebody decides on: of the refusal, else what the form was drawn with before.

    A form that comes back for another reason, such as a wrong PIN, keeps them.
    """
    before = _of_form(form)
    if problem is None or not problem.overridable:
        return before
    typed = {shown.id: shown.why for shown in before}
    if len(before) == 1:  # the only one has its reason in the field of the whole form
        typed = {before[0].id: before[0].why or form.get("reason", "").strip()[:200]}
    return [
        ShownObjection(objection.id, objection.sentence, typed.get(objection.id, ""))
        for objection in problem.objections
    ]


def decided_objections(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the objections that a form showed, and why each is set aside, as a request has them."""
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
