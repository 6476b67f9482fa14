"""The site's clock: what it says, and a supervisor's word about it."""

from __future__ import annotations

import msgspec

from edge.web import calls, serializers
from edge.web.backend import Backend
from edge.web.calls import ApiInput
from edge.web.clock_answers import (
    ClockAnswer,
    ClockRequest,
    DatedAheadAnswer,
    ReplaceAheadRequest,
    ReplacedAnswer,
)
from edge.web.noting import showed
from edge.web.serializers import answer_of
from edge.web.translations import Language
from sync.protocol.instants import instant

_CONFIRMED = msgspec.json.Decoder(ClockRequest)
_REPLACED = msgspec.json.Decoder(ReplaceAheadRequest)


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


def confirm(call: ApiInput) -> ClockAnswer:
    """Go by the date that a supervisor confirms."""
    asked = calls.decode(_CONFIRMED, call.body)
    call.backend.clock_dates.confirm(asked.day, calls.signed_in(call.staff))
    return clock_answer(call.backend, call.language)


def ahead(call: ApiInput) -> list[DatedAheadAnswer]:
    """List what is dated after now."""
    found = call.backend.clock_dates.ahead()
    showed(dated.person for dated in found)
    return [answer_of(DatedAheadAnswer, dated) for dated in found]


def replace(call: ApiInput) -> ReplacedAnswer:
    """Date what is dated ahead on a day, and sign its certificates anew."""
    asked = calls.decode(_REPLACED, call.body)
    found = call.backend.clock_dates.replace(asked.on, calls.signed_in(call.staff))
    refused = {
        dated.dose: serializers.problem(error, call.language) for dated, error in found.refused
    }
    return ReplacedAnswer(done=found.done, refused=refused)
