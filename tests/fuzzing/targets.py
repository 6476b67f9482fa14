"""Every target that is fuzzed."""

from __future__ import annotations

from functools import cache

from tests.fuzzing.codes import code_targets
from tests.fuzzing.files import file_targets
from tests.fuzzing.lists import list_targets
from tests.fuzzing.messages import message_targets
from tests.fuzzing.nation_files import nation_targets
from tests.fuzzing.people_answers import channel_targets
from tests.fuzzing.sign_in import sign_in_targets
from tests.fuzzing.target import Target


@cache
def all_targets() -> dict[str, Target]:
    """Give them by their names; made once, as some have keys of their own."""
    found = (
        *code_targets(),
        *file_targets(),
        *list_targets(),
        *message_targets(),
        *nation_targets(),
        *sign_in_targets(),
        *channel_targets(),
    )
    return {target.name: target for target in found}
