"""The enrolment code: taken out of the settings at the first start, kept in the journal's file."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from edge.adapters.settings import Settings, forget_enrolment_code
from edge.domain.disk import Purpose
from edge.domain.errors import Unavailable
from edge.journal.journal import Journal
from edge.journal.settings import keep_setting, setting

_NAME = "enrolment-code"
_log = logging.getLogger("divoc_edge")


def with_kept_code(folder: Path, settings: Settings, journal: Journal) -> Settings:
    """Give the settings with the code, which from now on is in the encrypted database alone.

    A code in the settings takes the place of the one that was kept. The site may need it again: a
    registry that was restored from before its enrolment asks for it.
    """
    code = settings.enrolment_code
    if not code:
        with journal.reading() as db:
            return replace(settings, enrolment_code=setting(db, _NAME))
    try:
        journal.run(lambda unit: keep_setting(unit.db, _NAME, code), Purpose.UPKEEP)
        forget_enrolment_code(folder)
    except (Unavailable, OSError) as error:  # a disk that takes nothing: at the next start
        _log.error("the enrolment code stays in the settings: %s", type(error).__name__)
    return settings
