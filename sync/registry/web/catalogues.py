"""Brings the registry's catalogues up to date: ``python -m sync.registry.web.catalogues``.

Found are the texts of ``_()`` in the pages, the words of the table of roles and alarms, and every
sentence of a :class:`~sync.protocol.errors.SyncError` that a page may show.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from sync.protocol.counted import Said
from sync.protocol.payers import PAYER_TITLES
from sync.registry.web.payment_pages import STATE_WORDS
from sync.registry.web.policy import POLICY, ROLES
from sync.registry.web.translations import FOLDER
from sync.web.sentences import in_code, in_pages
from sync.web.translations import bring_up_to_date, in_order

_HERE = Path(__file__).parent
_SPOKEN = (
    *("web/access.py", "web/fleet_pages.py", "web/decision_pages.py", "web/alarm_texts.py"),
    "web/payment_pages.py",
    *("codes.py", "requests.py", "second_factors.py", "passkeys.py", "web/factor_pages.py"),
    *("provider.py", "web/provider_pages.py", "../sign_in/openid.py", "../sign_in/fetching.py"),
    *("judging/bounds.py", "judging/rules.py", "judging/schemas.py", "revocations.py"),
    *("web/refusing.py", "../web/serving/refusals.py"),
    *("drafts/drafting.py", "drafts/archives.py", "drafts/tools.py"),
    *("web/campaign_access.py", "web/drafts/opened.py", "web/drafts/pages.py"),
    *("web/drafts/lists.py", "web/drafts/signing.py", "drafts/signing.py", "publishing.py"),
    *("campaigns/folder.py", "campaigns/metadata_files.py", "campaigns/letters.py"),
)
_WRITTEN = (
    "signed in",
    "was refused",
    "a wrong token",
    "a wrong code",
    "a wrong second factor",
    "set up a second factor",
    "used a recovery code",
    "reset the second factor of",
    "trimmed the audit",
    "stopped a site",
    "let in again",
    "approved a revocation",
    "refused a revocation",
    "approved a merge",
    "refused a merge",
    "moved a site",
    "made a code for",
    "made an invitation for",
    "published a campaign",
    "told sites of another root",
    "published a list",
    "published revocations",
    "published enrolments",
    "withdrew enrolments",
    "invited staff",
    "withdrew an invitation",
    "withdrew a letter",
    "sent a certificate",
    "let in no more",
    *(f"let in as {role}" for role in ROLES),
    "history",
    *("history by code", "history by certificate", "history without paper"),
    *("history of its own person", "history refused"),
    "held",
    "rejected",
    "superseded",
    *STATE_WORDS.values(),
    *PAYER_TITLES.values(),
)
"""What the audit and the verdicts say, besides the table of routes."""


def messages() -> list[Said]:
    """Find every text that a catalogue must have, sorted."""
    found: set[Said] = {*in_pages(_HERE / "pages"), *ROLES, *_WRITTEN}
    for rule in POLICY.values():
        if rule.what:
            found.add(rule.what)
    for name in _SPOKEN:
        found.update(in_code(_HERE.parent / name, _meant))
    return in_order(found)


def update(folder: Path = FOLDER) -> dict[str, int]:
    """Bring each catalogue up to date; count what is not translated yet."""
    return bring_up_to_date(folder, "divoc-registry", messages())


def _meant(call: str, arguments: list[ast.expr]) -> list[ast.expr]:
    """What a state or an alarm is called, and what it means."""
    if call not in ("ContactStatus", "Meaning"):
        return []
    return [
        argument
        for argument in arguments[-3:]
        if re.search("[a-z] ", str(getattr(argument, "value", "")))
    ]


if __name__ == "__main__":
    for language, count in update().items():
        print(f"{language}: {count} to translate")  # noqa: T201
