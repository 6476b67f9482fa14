"""The site's clock: what it says, and a supervisor's word about it."""

from __future__ import annotations

from edge.web.backend import Backend
from edge.web.clock_answers import ClockAnswer
from edge.web.translations import Language
from sync.protocol.instants import instant


def clock_answer(backend: Backend, language: Language) -> ClockAnswer:
    """Say what the clock says, and what speaks against it."""
    belief, step = backend.site.clock.belief(), backend.site.clock.step
    return ClockAnswer(
        believed=belief.believed,
        today=backend.site.clock.today(),
        code=belief.code,
        sentence=language.say(belief.sentence, belief.values),
        set_at=instant(step.at) if step else "",
        set_by=step.seconds if step else 0,
    )
