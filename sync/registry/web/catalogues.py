"""Brings the registry's catalogues up to date: ``python -m sync.registry.web.catalogues``.

Found are the texts of ``_()`` in the pages, the words of the table of roles and alarms, and every
sentence of a :class:`~sync.protocol.errors.SyncError` that a page may show.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from sync.registry.web.policy import POLICY, ROLES
from sync.registry.web.translations import FOLDER
from sync.web.translations import bring_up_to_date

_HERE = Path(__file__).parent
_SPOKEN = (
    *("web/access.py", "web/fleet_pages.py", "web/decision_pages.py", "web/meanings.py"),
    *("codes.py", "requests.py"),
    *("judging/rules.py", "judging/schemas.py", "revocations.py"),
)
_SENTENCE = re.compile(r"[A-Z].* .*[.?:]\Z", re.DOTALL)
_WRITTEN = (
    "signed in",
    "was refused",
    "a wrong token",
    "a wrong code",
    "stopped a site",
    "let in again",
    "approved a revocation",
    "refused a revocation",
    "made a code for",
    "made an invitation for",
    "published a campaign",
    "published revocations",
    "published enrolments",
    "sent a certificate",
    "let in no more",
    *(f"let in as {role}" for role in ROLES),
    "held",
    "rejected",
    "superseded",
)
"""What the audit and the verdicts say, besides the table of routes."""


def messages() -> list[str]:
    """Find every text that a catalogue must have, sorted."""
    found = {*_in_pages(), *ROLES, *_WRITTEN}
    for rule in POLICY.values():
        if rule.what:
            found.add(rule.what)
    for name in _SPOKEN:
        found.update(_in_python(_HERE.parent / name))
    return sorted(found)


def update(folder: Path = FOLDER) -> dict[str, int]:
    """Bring each catalogue up to date; count what is not translated yet."""
    return bring_up_to_date(folder, "divoc-registry", messages())


def _in_pages() -> Iterator[str]:
    method = [("**.html", "jinja2.ext:babel_extract")]
    found = extract_from_dir(str(_HERE / "pages"), method, keywords={"_": None})
    for _, _, text, _, _ in found:
        yield text if isinstance(text, str) else text[0]


def _in_python(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ("Silence", "Meaning"):
            words = [one for one in node.args[-3:] if isinstance(one, ast.Constant)]
            yield from (str(one.value) for one in words if re.search("[a-z] ", str(one.value)))
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
            and _SENTENCE.match(node.value)
        ):
            yield node.value


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


if __name__ == "__main__":
    for language, count in update().items():
        print(f"{language}: {count} to translate")  # noqa: T201
