"""What all tests share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type, verify_secret
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from shares import later_cases, share
from werkzeug.routing import Rule

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


class _KeptCode(BytecodeCache):
    """Keeps what Jinja compiles of each page, by its address and its source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))  # type: ignore[assignment]

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[(bucket.key, bucket.checksum)] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def compiled_applications() -> Iterator[None]:
    """Compile each route and each page once in a process: most tests make an application anew.

    Its 140 routes and the first page took 200 ms each time.
    """
    compile_builder = Rule._compile_builder
    kept: dict[object, Callable[..., tuple[str, str]]] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made_of = (rule.rule, tuple(rule._trace), str(rule.defaults), append_unknown)
        if made_of not in kept:
            kept[made_of] = compile_builder(rule, append_unknown)
        return kept[made_of]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compiled)
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": _KeptCode()})
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
