"""Demoland's campaign with rules of its own beside it: who may be vaccinated, what is asked."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

DEMO = resource("config/demo/campaign")
QUESTIONS = """\
- code: fever
  programmes: [covid-19, measles-rubella]
  asks: {en: 'Fever today?', ar: 'هل هناك حمى اليوم؟'}
  answers:
  - {code: none, words: {en: 'No', ar: لا}}
  - {code: fever, words: {en: 'Yes', ar: نعم}, against: true, says: {en: 'Not with a fever: another day.'}}
- code: consent
  asks: Who consents?
  otherwise: refuse
  answers:
  - {code: self, words: The person}
  - {code: guardian, words: A guardian}
  - {code: nobody, words: Nobody, against: true}
- code: pregnant
  vaccines: [coviprotect]
  of: [{sex: female, age: {from: 12 years, until: 55 years}}]
  asks: Pregnant?
  otherwise: clinician
  answers:
  - {code: not-pregnant, words: 'No'}
  - {code: pregnant, words: 'Yes', seen: pregnant}
- code: identity
  asks: Identity checked how?
  otherwise: advise
  answers:
  - {code: card, words: By a card}
  - {code: known, words: Known here}
  - {code: unchecked, words: Not at all, against: true}
- code: remark
  asks: Remark
  needed: false
"""
RULES = """\
observations:
  pregnant: {title: Pregnant, ends: true}
rules:
- code: no-pregnancy
  vaccines: [coviprotect]
  not: [{seen: [pregnant]}]
  otherwise: clinician
  says: Not in pregnancy.
"""


def write_campaign(folder: Path, **files: str) -> Path:
    """Write Demoland's campaign into a folder, with these files beside it or in their place."""
    shutil.copytree(DEMO, folder)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def certified(node: Node, days: int) -> str:
    """Give Demoland's staff, of whom Asha Verma is certified until so many days from today."""
    until = node.clock.today() + timedelta(days=days)
    staff = (DEMO / "staff.yaml").read_text(encoding="utf-8")
    return staff.replace(
        "name: Asha Verma\n", f"name: Asha Verma\n  certified: [{{until: {until}}}]\n"
    )


def campaign_with(folder: Path, **files: str) -> CheckedCampaign:
    """Read Demoland's campaign with these files beside it."""
    return campaign_reader().folder(write_campaign(folder, **files))
