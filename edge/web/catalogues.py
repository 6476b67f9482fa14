"""Brings the catalogues up to date with the words in the code: ``python -m edge.web.catalogues``.

Found are the texts of ``_()`` in the pages, the words of the shipped slips, those of ``say()``,
and every sentence in the code that can reach a screen: a string constant that begins and ends like
a sentence.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from edge.credentials.code_systems import INTERPRETATIONS, RESULTS
from edge.domain.calendars import CALENDAR_WORDS
from edge.domain.code_captions import CAPTIONS, OTHER
from edge.domain.session_days import WEEKDAY_WORDS
from edge.plugins.payment.table import PAYERS
from edge.services.imports.people import CALLED_OFF, WITHDRAWN
from edge.slips.payments import MOVE_WORDS, TO_BE_PAID, TO_GIVE_BACK
from edge.web.access_pages import ACCESS_WORDS
from edge.web.appointment_words import (
    APPOINTMENT_WORDS,
    CAME_EARLIER,
    CANCEL_REASONS,
    FREED_WORDS,
)
from edge.web.attention_pages import TYPE_WORDS
from edge.web.field_words import FIELD_WORDS, ROLE_WORDS, UNNAMED
from edge.web.guardian_words import RELATION_WORDS
from edge.web.message_words import (
    CHANNEL_WORDS,
    DETAIL_WORDS,
    EVENT_WORDS,
    MESSAGE_WORDS,
    WAY_WORDS,
)
from edge.web.office import KIND_WORDS
from edge.web.payment_pages import PAYMENT_WORDS
from edge.web.person_pages import STATUS_WORDS
from edge.web.sign_in_method_pages import METHOD_WORDS
from edge.web.site_pages import ALIKE_WORDS
from edge.web.status_pages import CHOICES
from sync.protocol.counted import Said
from sync.protocol.payers import PAYER_TITLES
from sync.web.sentences import in_code, in_pages
from sync.web.translations import bring_up_to_date, in_order

_VALUES = (
    "Male",
    "Female",
    "Other",
    "yes",
    "no",
    "not bound by this kind of signature",
    "not bound, and the dates differ",
    "not bound, and it ends before the dose",
    "not bound, and the number stands in another field",
    "no list is kept here",
    "the list is old",
    "not checked",
    *RESULTS.values(),
    *INTERPRETATIONS.values(),
    *STATUS_WORDS.values(),
    *APPOINTMENT_WORDS.values(),
    *FREED_WORDS.values(),
    *MESSAGE_WORDS.values(),
    *EVENT_WORDS.values(),
    *DETAIL_WORDS,
    *WAY_WORDS.values(),
    *CHANNEL_WORDS.values(),
    *CANCEL_REASONS,
    CAME_EARLIER,
    WITHDRAWN,
    CALLED_OFF,
    *TYPE_WORDS.values(),
    *FIELD_WORDS.values(),
    *RELATION_WORDS.values(),
    *CHOICES.values(),
    *ALIKE_WORDS.values(),
    *ACCESS_WORDS.values(),
    *METHOD_WORDS.values(),
    "Born",
    "Code",
    "Village or district",
    "Mother, father or guardian",
    *KIND_WORDS.values(),
    *ROLE_WORDS.values(),
    UNNAMED,
    *CAPTIONS.values(),
    OTHER,
    *WEEKDAY_WORDS,
    *CALENDAR_WORDS,
    *PAYER_TITLES.values(),
    *PAYMENT_WORDS,
    *MOVE_WORDS.values(),
    TO_BE_PAID,
    TO_GIVE_BACK,
    *(payer().typed for payer in PAYERS.values()),
)
"""Words that stand in records and verdicts and are translated where they are shown."""
_SPOKEN = (
    "edge/domain",
    "edge/services",
    "edge/web",
    "edge/credentials",
    "edge/journal",
    "edge/plugins",
    "edge/office",
    "edge/campaign/answers.py",
    "edge/adapters",
    "edge/cli/campaign_told.py",
    "edge/campaign/campaign_diff.py",
    "edge/campaign/cells.py",
    "edge/campaign/diff_sentences.py",
    "edge/campaign/distinct.py",
    "edge/campaign/distribution.py",
    "edge/campaign/divoc_csv.py",
    "edge/campaign/editions.py",
    "edge/campaign/field_diff.py",
    "edge/campaign/files",
    "edge/campaign/identities.py",
    "edge/campaign/payments.py",
    "edge/campaign/phones.py",
    "edge/campaign/schedule_diff.py",
    "edge/campaign/sign_in.py",
    "edge/campaign/stock_csv.py",
    "edge/campaign/tables.py",
    "edge/campaign/told_values.py",
    "printers/condition.py",
    "printers/dialogues",
    "printers/languages",
    "edge/slips",
    "printers/spooler.py",
    "printers/proof.py",
    "printers/connections",
    "sync/key_places.py",
    "sync/key_wrapping.py",
    "sync/tokens.py",
    "sync/protocol",
    "sync/sign_in",
    "sync/site",
    "sync/web/serving/refusals.py",
    "sync/registry/judging/bounds.py",
    "sync/registry/judging/rules.py",
    "sync/registry/judging/schemas.py",
)
"""Where the sentences come from that a tablet shows; the command line speaks English."""

_AT_THE_MINISTRY = (
    "edge/adapters/ministry_folder.py",
    "edge/credentials/cms.py",
    "edge/credentials/did_proof.py",
    "edge/credentials/list_signatures.py",
    "edge/credentials/publishers.py",
    "edge/services/certificates/list_signing.py",
    "edge/services/certificates/publisher_table.py",
)
"""What no site runs: the desk of lists, which is a command line as well."""


def messages(root: Path) -> list[Said]:
    """Find every text that a catalogue must have, sorted."""
    found: set[Said] = {
        *filter(None, _VALUES),
        *in_pages(root / "templates"),
        *_in_slips(root / "templates/slips"),
    }
    unheard = {root / name for name in _AT_THE_MINISTRY}
    for name in _SPOKEN:
        for path in root.glob(name):
            files = [path] if path.is_file() else path.rglob("*.py")
            for file in set(files) - unheard:
                found.update(in_code(file, _said))
    return in_order(found)


def update(root: Path) -> dict[str, int]:
    """Bring each catalogue up to date; count what is not translated yet."""
    return bring_up_to_date(root / "config/locale", "divoc-edge", messages(root))


def _in_slips(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.yaml")):
        pending = list(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))["blocks"])
        while pending:
            block = pending.pop()
            pending += block.get("blocks", ())
            for words in (block.get(part, "") for part in ("text", "field", "value")):
                if re.search(r"[^\W\d_]", re.sub(r"{\w+}", "", words)):
                    yield words


def _said(call: str, arguments: list[ast.expr]) -> list[ast.expr]:
    """What these are given first is shown, also where it is no sentence."""
    return arguments[:1] if call in ("say", "label", "Phrase") else []


if __name__ == "__main__":
    from sync.resources import resource

    for language, count in update(resource("templates").parent).items():
        print(f"{language}: {count} to translate")  # noqa: T201
