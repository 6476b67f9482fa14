"""A campaign's ``distribution.yaml``: what people are sent and how, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from string import Formatter
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import language_of, text_in, text_mistakes
from edge.campaign.yaml_files import YamlFile
from edge.domain.campaign_texts import CampaignText
from edge.domain.contact import (
    NEVER_QUIET,
    PLACEHOLDERS,
    SENDS_NOTHING,
    STOP,
    DistributionPlan,
    QuietHours,
    ends_messages,
)
from edge.domain.messages import REMINDERS


def to_distribution(body: Mapping[str, Any] | None, language: str) -> DistributionPlan:
    """Read what a campaign sends people; without the file nothing."""
    if body is None:
        return SENDS_NOTHING
    quiet = body.get("quiet")
    return DistributionPlan(
        channels=tuple(body["channels"]),
        texts={event: CampaignText.read(told, language) for event, told in body["texts"].items()},
        assumed=body.get("consent", "asked") == "assumed",
        reminders=tuple(sorted(body.get("reminders", ()))),
        quiet=QuietHours(time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["until"]))
        if quiet
        else NEVER_QUIET,
        attempts=body.get("attempts", SENDS_NOTHING.attempts),
        waiting=body.get("waiting", SENDS_NOTHING.waiting),
        stop=text_in(body, "stop", language) if "stop" in body else STOP,
        download=body.get("download", False),
    )


def distribution_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find texts that name what none may, words that end nothing, reminders that have no text."""
    file, language = files["distribution"], language_of(files)
    told = [name for item in files["vaccines"].value for name in _named(item)]
    for event, text in file.value["texts"].items():
        path = ("texts", event)
        yield from text_mistakes(file, path, text, language)
        for place, words in _each(path, text):
            yield from _placeholders(file, place, words)
            yield from _tells(file, place, words, told)
    yield from text_mistakes(file, ("stop",), file.value.get("stop"), language)
    for place, word in _each(("stop",), file.value.get("stop", str(STOP))):
        if not ends_messages(word, CampaignText.read(word, "")):
            yield file.mistake(
                place,
                "distribution.stop",
                "The word that ends messages has no letters: {word}.",
                "Write a word of letters.",
                word=word,
            )
    for index, day in enumerate(file.value.get("reminders", ())):
        event = REMINDERS[day > 0]
        if event not in file.value["texts"]:
            yield file.mistake(
                ("reminders", index),
                "distribution.no-text",
                "A reminder on day {day} has no text: texts has none of {event}.",
                "Write it under texts, or take the day away.",
                day=day,
                event=event,
            )


def _named(vaccine: Mapping[str, Any]) -> list[str]:
    """Give what a vaccine is called, and what it is against."""
    return [vaccine["name"], vaccine.get("prophylaxis", "")]


def _each(path: tuple[str, ...], text: Any) -> list[tuple[tuple[str, ...], str]]:
    if isinstance(text, Mapping):
        return [((*path, code), words) for code, words in text.items()]
    return [(path, text)]


def _placeholders(file: YamlFile, path: tuple[str, ...], words: str) -> Iterator[Mistake]:
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        yield file.mistake(
            path,
            "distribution.braces",
            "A brace in this text has no other: {{ and }} stand for {known} only.",
            known=_shown(),
        )
        return
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            yield file.mistake(
                path,
                "distribution.placeholder",
                "A message must not name {name}: whoever holds the telephone reads it.",
                "Name only {known}.",
                name=name or "{}",
                known=_shown(),
            )


def _tells(file: YamlFile, path: tuple[str, ...], words: str, told: list[str]) -> Iterator[Mistake]:
    folded = words.casefold()
    for name in filter(None, told):
        if name.casefold() in folded:
            yield file.mistake(
                path,
                "distribution.tells",
                "A message must not name a vaccine or a disease: {name}.",
                "Speak of a vaccination.",
                name=name,
            )


def _shown() -> str:
    return ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
