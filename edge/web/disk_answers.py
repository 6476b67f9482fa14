"""How the site computer's disk is, as the API says it."""

from __future__ import annotations

from edge.domain.disk import DiskState
from edge.web.answer import Answer
from edge.web.translations import Language


class DiskAnswer(Answer, frozen=True):
    """How much of the disk is free, in bytes, and what is still recorded.

    ``records`` is ``everything``, ``essentials`` (people, doses, their corrections) or ``nothing``;
    ``trouble`` says why it is not everything, and ``hint`` what helps.
    """

    free: int
    records: str
    trouble: str = ""
    hint: str = ""


def disk_answer(state: DiskState, language: Language) -> DiskAnswer:
    """Answer how the disk is, in the reader's language."""
    told = state.told
    trouble, hint = (
        (language.say(told.sentence, {}), language.say(told.hint, {})) if told else ("", "")
    )
    return DiskAnswer(state.free, state.records, trouble, hint)
