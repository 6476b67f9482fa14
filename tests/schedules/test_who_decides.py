"""Who decides on a dose: a supervisor, or a clinician where a schedule asks for judgement."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from edge.domain.catalogue import Catalogue, Role, Staff
from edge.domain.errors import NotAllowed, Refusal
from edge.domain.left_to_judgement import ask_to_judge
from edge.services.commands import DecidedObjection, Override
from edge.services.doses.overriding import overridden
from edge.services.site import Site

HERE = cast("Site", SimpleNamespace(facility="F1"))
EARLY = Refusal("dose.too-early", "Too early.", overridable=True)
STOPPED = Refusal("vaccine.stopped", "Stopped.")
CLINICAL = ask_to_judge(("Severe allergy",), "clinician")
BY_SUPERVISOR = ask_to_judge(("Severe allergy",), "supervisor")


def staff(code: str, *roles: Role, **more: Any) -> Staff:
    return Staff(code=code, name=code, **{"facilities": ("F1",), "roles": frozenset(roles), **more})


STAFF = {
    member.code: member
    for member in (
        staff("S", "supervisor"),
        staff("C", "clinician"),
        staff("B", "clinician", "supervisor"),
        staff("V", "vaccinator"),
        staff("X", "clinician", facilities=("F2",)),
        staff("Y", "clinician", active=False),
    )
}
CATALOGUE = cast("Catalogue", SimpleNamespace(staff=STAFF))


def decided(by: str, *objections: Refusal) -> list[str]:
    seen = tuple(DecidedObjection(id=objection.id) for objection in objections)
    override = Override(reason="Looked at the child", supervisor=by, objections=seen)
    found = overridden(objections, override, STAFF["V"], CATALOGUE, HERE)
    assert {line["supervisor"] for line in found} == {by}
    return [line["rule"] for line in found]


@pytest.mark.parametrize(
    ("objections", "may"),
    [
        ((EARLY,), "SB"),
        ((CLINICAL,), "CB"),
        ((EARLY, CLINICAL), "CB"),
        ((CLINICAL, EARLY), "CB"),
        ((BY_SUPERVISOR,), "SB"),
    ],
)
def test_whoever_the_schedule_names_decides_and_nobody_else(
    objections: tuple[Refusal, ...], may: str
) -> None:
    for code in STAFF:
        if code in may:
            assert decided(code, *objections) == [refusal.code for refusal in objections]
            continue
        with pytest.raises(NotAllowed) as refused:
            decided(code, *objections)
        clinical = CLINICAL in objections
        assert refused.value.code == (
            "override.not-a-clinician" if clinical else "override.not-a-supervisor"
        )


def test_a_dose_without_a_word_is_refused_by_what_needs_a_clinician_if_anything_does() -> None:
    for objections, first in (((EARLY, CLINICAL), CLINICAL), ((EARLY,), EARLY),
                              ((STOPPED, CLINICAL), STOPPED)):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            overridden(objections, None, STAFF["V"], CATALOGUE, HERE)
        assert refused.value is first


def test_what_nobody_may_decide_a_clinician_does_not_either() -> None:
    with pytest.raises(Refusal) as refused:
        decided("B", CLINICAL, STOPPED)
    assert refused.value is STOPPED


def test_who_is_named_in_words_and_code_is_who_may_decide() -> None:
    for asked, own, other in ((CLINICAL, "clinician", "supervisor"),
                              (BY_SUPERVISOR, "supervisor", "clinician")):  # fmt: skip
        said = f"{asked.code} {asked} {asked.hint}".casefold()
        assert (own in said, other in said, asked.decides) == (True, False, own)
