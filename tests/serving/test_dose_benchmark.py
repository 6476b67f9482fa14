"""The benchmark of doses measures doses that a site gives: one that a rule refuses is no figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.doses import CLIENTS, measure


@pytest.mark.slow
def test_the_benchmark_of_doses_gives_a_dose_to_each_of_its_people(tmp_path: Path) -> None:
    found = measure(tmp_path, 60, people=CLIENTS * 60)
    assert found["doses given"] == CLIENTS * 60
    assert 0 < found["median of a dose, milliseconds"] <= found["p99 of a dose, milliseconds"]
