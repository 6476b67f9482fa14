"""What is known of a person that speaks against a vaccine, or needs a clinician's judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.model import Antigen, Contraindication, Schedule, Subject


@dataclass(frozen=True, slots=True)
class Held:
    """A contraindication that holds; ``lifts`` is the first day on which it does not, if known."""

    rule: Contraindication
    lifts: date | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """What holds of an antigen's contraindications: outright ones, and those to be judged."""

    outright: tuple[Held, ...] = ()
    judged: tuple[Held, ...] = ()

    def of(self, vaccine: str) -> Against:
        """Give what speaks against one vaccine; none (an empty code): against all of them."""
        if not self.outright and not self.judged:
            return self
        return Against(_about(self.outright, vaccine), _about(self.judged, vaccine))

    @property
    def because(self) -> tuple[str, ...]:
        """The words for it, without any that are empty; an outright reason goes before others."""
        words = [held.rule.because for held in self.outright or self.judged]
        return tuple(dict.fromkeys(text for text in words if text))

    @property
    def lifts(self) -> date | None:
        """The first day on which none of it holds any more; None: nobody knows."""
        days = [held.lifts for held in self.outright or self.judged]
        known = [day for day in days if day is not None]
        return max(known, default=None) if len(known) == len(days) else None

    def __bool__(self) -> bool:
        return bool(self.outright or self.judged)


NOTHING_AGAINST = Against()


def speaks_against(antigen: Antigen, subject: Subject, on: date) -> Against:
    """Find what speaks on a day against the vaccines of an antigen, or against some of them.

    ``subject`` is as of that day: see :func:`edge.domain.schedule.observed.as_of`.
    """
    if not antigen.contraindications:
        return NOTHING_AGAINST
    found = [
        Held(rule, _lifts(rule, subject))
        for rule in antigen.contraindications
        if (not rule.seen or any(code in subject.observations for code in rule.seen))
        and within(on, at_age(subject.born, rule.begin), at_age(subject.born, rule.end))
    ]
    return Against(
        tuple(held for held in found if not held.rule.judgement),
        tuple(held for held in found if held.rule.judgement),
    )


def against_vaccine(schedule: Schedule, subject: Subject, vaccine: str, on: date) -> Against:
    """Find what speaks on a day against giving a vaccine, by any antigen that it carries."""
    found = [
        speaks_against(schedule.antigens[association.antigen], subject, on).of(vaccine)
        for association in schedule.vaccines.get(vaccine, ())
        if association.antigen in schedule.antigens
    ]
    return Against(
        tuple(held for against in found for held in against.outright),
        tuple(held for against in found for held in against.judged),
    )


def _about(items: Sequence[Held], vaccine: str) -> tuple[Held, ...]:
    return tuple(held for held in items if not held.rule.vaccines or vaccine in held.rule.vaccines)


def _lifts(rule: Contraindication, subject: Subject) -> date | None:
    """Say when a rule ends: by age where it is about an age alone, else with what was observed."""
    if not rule.seen:
        return at_age(subject.born, rule.end)
    days = [subject.until.get(code) for code in rule.seen if code in subject.observations]
    known = [day for day in days if day is not None]
    return max(known) + timedelta(days=1) if known and len(known) == len(days) else None
