"""A random clinic: what the page offers in green is what dates and counts say, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from shares import CLINICS

from edge.domain.objections import objection
from edge.domain.schedule.forecast import Forecast
from edge.domain.schedule.progress import Evaluation
from tests.clinic.visits import Clinic, Mismatch

pytestmark = pytest.mark.slow  # a site, and a hundred visits

VISITS = 110


@pytest.mark.parametrize("seed", CLINICS)
def test_a_random_clinic_offers_what_is_due_and_refuses_nothing_without_a_reason(
    tmp_path: Path, seed: int
) -> None:
    clinic = Clinic(tmp_path, seed)
    try:
        clinic.run(VISITS)
    finally:
        clinic.close()
    assert clinic.counts["visits"] == VISITS
    assert clinic.counts["doses"] > VISITS // 4


def test_a_clinic_that_takes_nothing_found_for_due_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(
        evaluation: Evaluation, due: Forecast, earlier: Sequence[object], on: object
    ) -> object:
        found = objection(evaluation, due, earlier, on)  # type: ignore[arg-type]
        return None if found is not None and found.code == "dose.complete" else found

    monkeypatch.setattr("edge.domain.places.objection", forgetful)
    clinic = Clinic(tmp_path, 1)
    try:
        with pytest.raises(Mismatch, match="is offered as dose"):
            clinic.run(VISITS)
    finally:
        clinic.close()
