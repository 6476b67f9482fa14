"""What a schedule leaves to judgement: who decides, or what somebody has to find out first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.domain.errors import Refusal
from edge.domain.objections import joined
from edge.domain.schedule.forecast import JUDGEMENT, Forecast

ASK_CLINICIAN, ASK_SUPERVISOR = "dose.ask-clinician", "dose.ask-supervisor"
"""The codes of a refusal because the schedule leaves it to judgement, by who ``decides``."""
CLINICIAN = "clinician"
"""The role that judges where a schedule says so; in any other it is a supervisor."""
_BY_CLINICIAN = (
    "A clinician decides whether this dose is given.",
    "A clinician decides whether this dose is given: {because}.",
)
_BY_SUPERVISOR = (
    "A supervisor decides whether this dose is given.",
    "A supervisor decides whether this dose is given: {because}.",
)


def asked(due: Forecast, titles: Mapping[str, str], decides: str) -> Refusal | None:
    """Say what somebody has to decide, or to find out, before a dose is given; None: nothing.

    ``titles`` are the words for what a schedule asks, ``decides`` the role of whoever decides.
    """
    if due.status != JUDGEMENT:
        return None
    if due.by_sex:
        return Refusal(
            "dose.depends-on-sex",
            "Whether this dose is due depends on the sex, which is not recorded of this person.",
            hint="Correct the person where it is known, or ask a supervisor.",
            field="gender",
            overridable=True,
        )
    if due.needs:
        clinical = decides == CLINICIAN
        return Refusal(
            ASK_CLINICIAN if clinical else ASK_SUPERVISOR,
            "This dose needs first: {needs}. Without it a clinician decides."
            if clinical
            else "This dose needs first: {needs}. Without it a supervisor decides.",
            hint="Note it with the person when it is known, or ask a clinician."
            if clinical
            else "Note it with the person when it is known, or ask a supervisor.",
            field="vaccine",
            overridable=True,
            decides=decides,
            needs=joined([titles.get(code, code) for code in due.needs]),
        )
    return ask_to_judge(due.because, decides)


def ask_to_judge(because: Sequence[str], decides: str) -> Refusal:
    """Say that whoever ``decides``, a role, judges whether a dose is given, and why."""
    clinical = decides == CLINICIAN
    plain, why = _BY_CLINICIAN if clinical else _BY_SUPERVISOR
    return Refusal(
        ASK_CLINICIAN if clinical else ASK_SUPERVISOR,
        why if because else plain,
        hint="Ask a clinician." if clinical else "Ask a supervisor.",
        field="vaccine",
        overridable=True,
        decides=decides,
        because=joined(because),
    )
