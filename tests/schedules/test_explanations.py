"""An explanation names each rule, where it stands, and what would change the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from edge.campaign.schedules import to_schedule
from edge.domain.schedule.changes import CHANGE, explain_with_changes
from edge.domain.schedule.engine import assess
from edge.domain.schedule.explanation import Reason
from edge.domain.schedule.forecast import JUDGEMENT
from edge.domain.schedule.model import Shot, Subject

BORN, TODAY = date(2026, 1, 1), date(2026, 11, 1)
TABLE = "Demoland's manual, table 4, row 12"
BODY: dict[str, Any] = {
    "vaccines": {"BCG": ["tuberculosis"], "MR": ["measles"], "YF": ["yellow-fever"]},
    "observations": {
        "tb-test-negative": {"title": "TB test negative", "valid": "6 months"},
        "ill": {"title": "Severe acute illness", "ends": True},
        "weak": "Severely weakened immunity",
        "had-measles": "Laboratory evidence of measles",
    },
    "immune": {"measles": {"seen": ["had-measles"]}},
    "contraindicated": {
        "measles": ["weak"],
        "yellow-fever": [
            {"from": "6 months", "until": "12 months", "judgement": "Only in an epidemic",
             "source": "Demoland's manual, table 9, row 2"},
        ],
    },
    "series": [
        {"name": "BCG late", "against": "tuberculosis", "needs": ["tb-test-negative"],
         "doses": [{"vaccines": ["BCG"], "age": {"from": "29 days"}}]},
        {"name": "Measles", "against": "measles", "source": TABLE,
         "doses": [{"vaccines": ["MR"], "age": {"from": "9 months"}},
                   {"vaccines": ["MR"], "age": {"from": "15 months"}, "after": {"previous": "4 weeks"},
                    "source": "Demoland's manual, table 4, row 13"}]},
        {"name": "Yellow fever", "against": "yellow-fever",
         "doses": [{"vaccines": ["YF"], "age": {"from": "9 months"}}]},
    ],
}  # fmt: skip


def told(group: str, *shots: Shot, body: dict[str, Any] = BODY, **subject: Any) -> list[Reason]:
    schedule = to_schedule(body)
    found = assess(schedule, Subject(born=BORN, **subject), shots, TODAY)
    return list(explain_with_changes(found[group], schedule, TODAY))


def changes(reasons: list[Reason]) -> list[str]:
    return [str(reason) for reason in reasons if reason.rule == CHANGE and reason.depth == 2]


def test_each_rule_says_where_it_stands_in_the_countrys_schedule_and_in_which_step_of_cdsi() -> (
    None
):
    reasons = told("measles", Shot(date(2026, 10, 5), "MR"))
    by_sentence = {str(reason): reason.source for reason in reasons}
    assert by_sentence["Old enough: from 2026-10-01 on."] == (
        f"{TABLE}; CDSi Logic Specification, section 6.4"
    )
    due = next(source for text, source in by_sentence.items() if text.startswith("Dose 2 can be"))
    assert due == "Demoland's manual, table 4, row 13; CDSi Logic Specification, section 7.5"
    assert reasons[0].source.startswith(TABLE)


def test_a_rule_without_a_source_of_its_own_names_the_step_of_cdsi_alone() -> None:
    reasons = told("tuberculosis", Shot(date(2026, 1, 20), "BCG"))
    broken = next(reason for reason in reasons if str(reason).startswith("Too young"))
    assert broken.source == "CDSi Logic Specification, section 6.4"


def test_what_comes_later_says_the_day_and_who_may_decide_before_it() -> None:
    assert changes(told("measles", Shot(date(2026, 10, 5), "MR"))) == [
        "From 2027-04-01 on it can be given.",
        "If a supervisor agrees, with the reason.",
    ]


def test_what_is_due_now_needs_no_change() -> None:
    assert changes(told("measles")) == []


def test_a_dose_that_needs_a_test_says_which_in_a_nurses_words() -> None:
    assert changes(told("tuberculosis")) == [
        "If this is noted: TB test negative.",
        "If a supervisor agrees, with the reason.",
    ]
    assert "It needs first: TB test negative." in [str(reason) for reason in told("tuberculosis")]
    clinician = {**BODY, "decides": "clinician"}
    assert changes(told("tuberculosis", body=clinician))[-1] == (
        "If a clinician agrees, with the reason."
    )
    noted = told("tuberculosis", observations={"tb-test-negative": date(2026, 10, 30)})
    assert changes(noted) == []


def test_what_speaks_against_a_dose_says_when_it_ends_or_what_has_to_be_so_no_more() -> None:
    assert changes(told("measles", observations={"weak": None})) == [
        "If this is so no more: Severely weakened immunity.",
        "If a supervisor agrees, with the reason.",
    ]
    epidemic = told("yellow-fever")
    assert changes(epidemic) == [
        "From 2027-01-01 on this speaks against it no more: Only in an epidemic.",
        "If a supervisor agrees, with the reason.",
    ]
    (ends,) = (reason for reason in epidemic if "no more" in str(reason))
    assert ends.source == "Demoland's manual, table 9, row 2"


def test_who_is_immune_is_told_by_what() -> None:
    assert changes(told("measles", observations={"had-measles": None}))[0] == (
        "If this is so no more: Laboratory evidence of measles."
    )


@pytest.mark.parametrize("group", ["measles", "tuberculosis", "yellow-fever"])
def test_every_sentence_of_an_explanation_can_be_filled_in(group: str) -> None:
    for observations in ({}, {"weak": None}, {"had-measles": None}, {"ill": TODAY}):
        for shots in ((), (Shot(date(2026, 10, 5), "MR"),), (Shot(date(2026, 2, 5), "BCG"),)):
            for reason in told(group, *shots, observations=observations):
                assert "{" not in str(reason)


@pytest.mark.parametrize(
    ("decides", "other"), [("supervisor", "clinician"), ("clinician", "supervisor")]
)
def test_an_explanation_names_the_role_that_may_decide_and_no_other(
    decides: str, other: str
) -> None:
    body = {**BODY, "decides": decides}
    for group in ("tuberculosis", "yellow-fever"):
        for observed in ((), ("weak",)):
            reasons = told(group, body=body, observations=dict.fromkeys(observed))
            judged = [str(one) for one in reasons if one.rule == JUDGEMENT]
            words = " ".join(map(str, reasons))
            if judged:
                assert decides in words
                assert other not in words
    assert any(one.rule == JUDGEMENT for one in told("tuberculosis", body=body))
