"""What the files of a campaign hold, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.campaign.yaml_files import list_in
from edge.domain.phrases import label
from edge.web.translations import Language

_COUNTED: Mapping[str, str] = {
    "programmes.yaml": label("Programmes ({count}): what is given, from when"),
    "vaccines.yaml": label("Vaccines ({count}): names, makers, doses"),
    "facilities.yaml": label("Facilities ({count}): where vaccinations are given"),
    "staff.yaml": label("People ({count}): where they work, and as what"),
    "eligibility.yaml": label("Rules of who may be vaccinated ({count})"),
    "questions.yaml": label("Questions before a dose ({count})"),
    "lot_recalls.yaml": label("Recalls of lots ({count})"),
}
_FIXED: Mapping[str, str] = {
    "campaign.yaml": label(
        "The campaign's name and version, who issues certificates, in which formats"
    ),
    "sign_in.yaml": label("With what staff sign in, by role"),
    "slips.yaml": label("The words on paper"),
    "payments.yaml": label("Who pays for a dose, and what it costs"),
    "identities.yaml": label("Numbers and papers that people are asked for"),
    "distribution.yaml": label("What people are sent, on which channels, and when"),
}
_FOLDERS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda path: path.endswith(".cases.yaml"), label("Worked cases: what the schedule must say")),
    (lambda path: path.startswith("schedules/"), label("A schedule: which dose at which age")),
    (lambda path: path.startswith("slips/"), label("How a slip is laid out")),
    (lambda path: path.startswith("documents/"), label("Another kind of document")),
    (lambda path: path.startswith("words/"), label("Words of screens and paper in a language")),
    (lambda path: path.startswith("pictures/"), label("A picture on paper")),
)


def described(files: Mapping[str, bytes], language: Language) -> dict[str, str]:
    """Say of each file what it holds; of one that cannot be read what it is for."""
    return {path: _described(path, content, language) for path, content in files.items()}


def _described(path: str, content: bytes, language: Language) -> str:
    if path in _COUNTED:
        found = list_in(path, content, [])
        count: Any = len(found.value) if found and isinstance(found.value, list) else "?"
        return language.say(_COUNTED[path], {"count": count})
    if path in _FIXED:
        return language.gettext(_FIXED[path])
    told = (text for fits, text in _FOLDERS if fits(path))
    return language.gettext(next(told, label("A file that no campaign has: take it away")))
