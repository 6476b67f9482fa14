"""Who may be vaccinated: a campaign's rules as data, and which of them speaks against a dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from edge.domain.campaign_texts import CampaignText
from edge.domain.errors import Refusal
from edge.domain.people_groups import PeopleGroup, PersonFacts, is_of_any

Otherwise = Literal["advise", "supervisor", "clinician", "refuse"]
"""What comes of it where a rule is not met: a word to the nurse, somebody who decides, or no."""
NO_TEXT = CampaignText()
CODE = "eligibility."
"""Begins the code of a refusal; the rule's own code ends it."""


@dataclass(frozen=True, slots=True)
class RuleScope:
    """Of which programmes and vaccines something is, by their codes; none named: of all."""

    programmes: frozenset[str] = frozenset()
    vaccines: frozenset[str] = frozenset()

    def holds(self, programme: str, vaccine: str) -> bool:
        """Say whether a vaccine of a programme is meant."""
        return (not self.programmes or programme in self.programmes) and (
            not self.vaccines or vaccine in self.vaccines
        )


EVERYTHING = RuleScope()


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRule:
    """Who is vaccinated: people of one of the groups ``only``, and of none of ``excluded``.

    ``says`` is the rule in the campaign's words, ``note`` what the nurse is to do or to know.
    """

    code: str
    says: CampaignText
    scope: RuleScope = EVERYTHING
    only: tuple[PeopleGroup, ...] = ()
    excluded: tuple[PeopleGroup, ...] = ()
    otherwise: Otherwise = "supervisor"
    note: CampaignText = NO_TEXT


def against(
    rules: Iterable[EligibilityRule], programme: str, vaccine: str, facts: PersonFacts, on: date
) -> list[Refusal]:
    """Give a refusal for each rule that a dose on a day would not meet; none that only advises."""
    return list(_found(rules, programme, vaccine, facts, on, advising=False))


def advice(
    rules: Iterable[EligibilityRule], programme: str, vaccine: str, facts: PersonFacts, on: date
) -> list[Refusal]:
    """Give the same of the rules that only advise: nobody has to decide anything."""
    return list(_found(rules, programme, vaccine, facts, on, advising=True))


def in_order(objections: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Put first what nobody may set aside: nobody is asked to sign for a dose that is refused."""
    return tuple(sorted(objections, key=lambda refusal: refusal.overridable))


def refusal_of(
    otherwise: Otherwise,
    code: str,
    sentence: str,
    /,
    *,
    hint: str = "",
    field: str,
    **values: object,
) -> Refusal:
    """Make the refusal of a campaign's rule: who decides is what the campaign says."""
    usual = {"supervisor": "Ask a supervisor.", "clinician": "Ask a clinician."}
    earliest = values.pop("earliest", None)
    return Refusal(
        code,
        sentence,
        hint=hint or usual.get(otherwise, ""),
        field=field,
        overridable=otherwise in usual,
        decides="clinician" if otherwise == "clinician" else "supervisor",
        earliest=earliest if isinstance(earliest, date) else None,
        **values,
    )


def counted_vaccines(rules: Sequence[EligibilityRule]) -> frozenset[str] | None:
    """Name the vaccines of which doses are counted by rules; None: of all."""
    counts = [
        group.doses
        for rule in rules
        for group in (*rule.only, *rule.excluded)
        if group.doses is not None
    ]
    if any(not count.vaccines for count in counts):
        return None
    return frozenset(code for count in counts for code in count.vaccines)


def _found(
    rules: Iterable[EligibilityRule],
    programme: str,
    vaccine: str,
    facts: PersonFacts,
    on: date,
    *,
    advising: bool,
) -> Iterator[Refusal]:
    for rule in rules:
        if rule.scope.holds(programme, vaccine) and (rule.otherwise == "advise") == advising:
            refusal = _of_rule(rule, facts, on)
            if refusal is not None:
                yield refusal


def _of_rule(rule: EligibilityRule, facts: PersonFacts, on: date) -> Refusal | None:
    wanted = is_of_any(rule.only, facts, on) if rule.only else None
    barred = is_of_any(rule.excluded, facts, on)
    if (wanted is None or wanted.holds) and barred.holds is False:
        return None
    days, missing = [], list[str]()
    if wanted is not None and not wanted.holds:
        days.append(wanted.turns)
        missing += wanted.missing
    if barred.holds is not False:
        days.append(barred.turns)
        missing += barred.missing
    if missing and not ((wanted is not None and wanted.holds is False) or barred.holds):
        return refusal_of(
            rule.otherwise,
            CODE + rule.code,
            "{says} It hangs on what is not recorded of this person: {missing}.",
            hint="Correct the person where it is known.",
            field="person",
            says=rule.says,
            missing=", ".join(dict.fromkeys(missing)),
        )
    then = _first_day(rule, facts, max(filter(None, days)) if all(days) else None)
    return refusal_of(
        rule.otherwise,
        CODE + rule.code,
        "{says}",
        hint=_hint(rule, then),
        field="person",
        says=rule.says,
        note=rule.note,
        earliest=then,
    )


def _hint(rule: EligibilityRule, then: date | None) -> str:
    if rule.note:
        return "{note}"
    return "Ask the person to come back on {earliest}." if then else ""


def _first_day(rule: EligibilityRule, facts: PersonFacts, day: date | None) -> date | None:
    """Give the day again if the rule is met on it: nobody is told to come back to hear no again."""
    if day is None:
        return None
    met = not rule.only or is_of_any(rule.only, facts, day).holds
    return day if met and is_of_any(rule.excluded, facts, day).holds is False else None
