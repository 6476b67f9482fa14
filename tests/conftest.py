"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Third-party test data that stays outside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the third-party test data (../shared/data) is not beside this checkout")
    return SHARED_DATA


def missing(what: str) -> None:
    """Skip for want of a program on a user's machine; fail in CI, which must have it."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is missing on this machine")
