"""What was typed against an objection stays with it, and with no other."""

from __future__ import annotations

from edge.web.override_form import ShownOverride, decided_objections, shown_override
from edge.web.problem_answers import ObjectionAnswer, ProblemAnswer

YOUNG = ObjectionAnswer("age", "dose.too-young", "This person is too young.", overridable=True)
CLOSED = ObjectionAnswer("hours", "facility.hours", "No session now.", overridable=True)
ONE_SHOWN = {"objection.0": "age", "says.0": YOUNG.sentence, "reason": "Measles at school"}

BOTH_SHOWN = {"objection.0": "age", "says.0": YOUNG.sentence, "objection.1": "hours"}


def refusal(*objections: ObjectionAnswer) -> ProblemAnswer:
    first = objections[0]
    return ProblemAnswer(first.code, first.sentence, overridable=True, objections=list(objections))


def whys(shown: ShownOverride) -> list[tuple[str, str]]:
    return [(one.id, one.why) for one in shown.objections]


def test_the_reason_stays_with_what_it_was_typed_for_when_another_objection_joins_it() -> None:
    shown = shown_override(refusal(CLOSED, YOUNG), ONE_SHOWN)
    assert whys(shown) == [("hours", ""), ("age", "Measles at school")]
    assert shown.reason == "", "nobody has said why the new one is set aside"


def test_the_reason_goes_with_an_objection_that_another_has_replaced() -> None:
    shown = shown_override(refusal(CLOSED), ONE_SHOWN)
    assert (whys(shown), shown.reason) == ([("hours", "")], "")


def test_one_reason_for_all_stays_while_nothing_new_speaks_against_it() -> None:
    form = {**BOTH_SHOWN, "reason": "Measles at school", "why.1": "Opened for her"}
    for problem in (refusal(CLOSED, YOUNG), refusal(YOUNG), None):
        assert shown_override(problem, form).reason == "Measles at school"
    assert whys(shown_override(refusal(CLOSED, YOUNG), form)) == [
        ("hours", "Opened for her"), ("age", "")
    ]  # fmt: skip


def test_what_was_typed_before_any_objection_was_named_stands_for_none() -> None:
    assert shown_override(refusal(YOUNG), {"reason": "Measles at school"}).reason == ""


def test_each_of_several_keeps_its_own_reason() -> None:
    form = {**BOTH_SHOWN, "why.0": "Measles at school", "why.1": "Opened for her"}
    shown = shown_override(refusal(CLOSED, YOUNG), form)
    assert whys(shown) == [("hours", "Opened for her"), ("age", "Measles at school")]
    assert decided_objections(form) == [
        {"id": "age", "reason": "Measles at school"}, {"id": "hours", "reason": "Opened for her"}
    ]  # fmt: skip
