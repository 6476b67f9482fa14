"""What was typed against an objection stays with it, and with no other."""

from __future__ import annotations

from edge.web.override_form import shown_objections
from edge.web.problem_answers import ObjectionAnswer, ProblemAnswer

YOUNG = ObjectionAnswer("age", "dose.too-young", "This person is too young.", overridable=True)
CLOSED = ObjectionAnswer("hours", "facility.hours", "No session now.", overridable=True)
ONE_SHOWN = {"objection.0": "age", "says.0": YOUNG.sentence, "reason": "Measles at school"}


def refusal(*objections: ObjectionAnswer) -> ProblemAnswer:
    first = objections[0]
    return ProblemAnswer(first.code, first.sentence, overridable=True, objections=list(objections))


def test_the_reason_of_the_only_objection_stays_with_it_when_another_joins_it() -> None:
    shown = shown_objections(refusal(CLOSED, YOUNG), ONE_SHOWN)
    assert [(one.id, one.why) for one in shown] == [("hours", ""), ("age", "Measles at school")]


def test_each_of_several_keeps_its_own_reason() -> None:
    form = {"objection.0": "age", "why.0": "Measles at school", "objection.1": "hours", "why.1": "",
            "reason": "not of these"}  # fmt: skip
    shown = shown_objections(refusal(CLOSED, YOUNG), form)
    assert [(one.id, one.why) for one in shown] == [("hours", ""), ("age", "Measles at school")]
