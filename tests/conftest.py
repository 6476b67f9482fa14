"""What all tests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type, verify_secret
from hypothesis import settings
from shares import later_cases, share

# jsonschema loads it where it is there, for a format that no schema of ours has: 2 s of a processor.
# Only a tool for the list of components brings it; an installed site or registry has none.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# No deadline: a loaded machine is slow at any moment, and a figure is measured in benchmarks/.
settings.register_profile("suite", max_examples=share(100), deadline=None)
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)  # before what has a mark is left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the later cases of each test: a quick run leaves them out."""
    for item in later_cases(items):
        item.add_marker(pytest.mark.later_case)


@pytest.fixture(scope="session", autouse=True)
def computed_pins() -> Iterator[None]:
    """Compute a PIN against a verifier once in a process: the same two give the same every time.

    Argon2 takes 40 ms for each, and nearly every test of a page signs somebody in.
    """

    @cache
    def fits(verifier: bytes, told: bytes, kind: Type) -> bool:
        try:
            return verify_secret(verifier, told, kind)
        except VerifyMismatchError:
            return False

    def remembered(verifier: bytes, told: bytes, kind: Type) -> bool:
        if not fits(verifier, told, kind):
            raise VerifyMismatchError
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argon2._password_hasher.verify_secret", remembered)
        yield


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
