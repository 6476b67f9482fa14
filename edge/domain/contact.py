"""How somebody wants to be told, and what a campaign lets them be told: consent, hours, texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Literal

from edge.domain.campaign_texts import CampaignText
from edge.domain.people import Person

PLACEHOLDERS = ("facility", "day", "stop")
"""What a text may name: the facility, the day a dose is due, and the word that ends messages.

No person, vaccine, disease or number: a telephone is read by whoever holds it.
"""
STOP_WORDS = ("stop", "arret", "stopp", "parar", "pare", "basta", "توقف", "قف", "الغاء")
"""Words that end messages wherever they come from, folded as :func:`ends_messages` folds."""
HANDED_OUT = ("paper", "screen")
"""Channels that every site has: whoever wants only these is sent nothing, and gets it there."""
Consent = Literal["yes", "no", ""]
"""Whether somebody agreed to be told; empty: nobody asked."""


@dataclass(frozen=True, slots=True)
class ContactPreference:
    """What somebody said: consent, and the channel and language they prefer; empty: none said."""

    consent: Consent = ""
    channel: str = ""
    language: str = ""
    by_reply: bool = False
    """They answered a message with the word that ends them."""


NOTHING_SAID = ContactPreference()


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when to when at the site nobody is told anything; over midnight where ``until`` is less.

    The same time twice: never quiet.
    """

    begin: time
    until: time

    def holds(self, at: time) -> bool:
        """Say whether a time of the day is quiet."""
        if self.begin <= self.until:
            return self.begin <= at < self.until
        return at >= self.begin or at < self.until


STOP = CampaignText.read("STOP", "en")
NEVER_QUIET = QuietHours(time.min, time.min)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionPlan:
    """What a campaign sends people, and how.

    ``channels`` are the names of channels in the order in which they are tried; ``texts`` are
    templates by event. ``reminders`` are days counted from the day a dose is due: on
    each of them people are told once. ``attempts`` are tries of one message, ``waiting`` messages
    that may wait at a site for one channel. ``assumed``: who was never asked agrees. ``stop`` is
    the word that ends messages, as texts name it. ``download``: people take their certificate to
    their own telephone in the site's Wi-Fi.
    """

    channels: tuple[str, ...]
    texts: Mapping[str, CampaignText] = field(default_factory=dict)
    assumed: bool = False
    reminders: tuple[int, ...] = ()
    quiet: QuietHours = NEVER_QUIET
    attempts: int = 5
    waiting: int = 2000
    stop: CampaignText = STOP
    download: bool = False

    @property
    def languages(self) -> frozenset[str]:
        """The codes of all languages in which something is written."""
        return frozenset(code for text in self.texts.values() for code in text.languages)

    def agreed(self, preference: ContactPreference) -> bool:
        """Say whether somebody may be told."""
        return self.assumed if not preference.consent else preference.consent == "yes"


SENDS_NOTHING = DistributionPlan(channels=())


def phone_on_record(person: Person) -> str:
    """Give the number somebody is called under, as recorded: their own, or their guardian's."""
    return person.phone or (person.guardian.phone if person.guardian else "")


def channel_for(
    plan: DistributionPlan, preference: ContactPreference, reachable: frozenset[str]
) -> str:
    """Choose the channel: the preferred one, or the first of the campaign's that reaches them.

    ``reachable`` are the channels that a site has and for which an address is recorded.
    """
    there = [name for name in plan.channels if name in reachable]
    if preference.channel in there:
        return preference.channel
    return there[0] if there else ""


def ends_messages(reply: str, stop: CampaignText) -> bool:
    """Say whether an answer asks for no more messages: it begins with a word that ends them."""
    words = _folded(reply)
    ending = (*map(_folded, stop.in_every_language()), *([word] for word in STOP_WORDS))
    return any(word and words[: len(word)] == word for word in ending)


def _folded(text: str) -> list[str]:
    """Give the words of a text without case, marks on letters, and whatever is no letter.

    Vowel signs are marks too, also those that stand beside their letter (Bengali, Hindi, Tamil);
    what only joins letters or turns a line around is left out.
    """
    marked = unicodedata.normalize("NFKD", text.casefold())
    bare = (sign for sign in marked if unicodedata.category(sign) not in ("Mn", "Mc", "Me", "Cf"))
    return "".join(sign if sign.isalpha() else " " for sign in bare).split()
