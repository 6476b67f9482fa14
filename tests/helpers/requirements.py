"""Programs that tests need and machines may lack."""

from __future__ import annotations

import os

import pytest


def missing(what: str) -> None:
    """Skip for want of a program on a user's machine; fail in CI, which must have it."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is missing on this machine")
