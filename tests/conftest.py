"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from shares import share

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

settings.register_profile("suite", max_examples=share(100))
settings.load_profile("suite")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Third-party test data that stays outside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the third-party test data (../shared/data) is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def who_cases(shared_data: Path) -> Path:
    """WHO's example patients that are open; their licence keeps them outside the project."""
    path = shared_data / "who/cases-open-half.csv"
    if not path.is_file():
        pytest.skip("WHO's example patients (../shared/data/who) are not beside this checkout")
    return path
