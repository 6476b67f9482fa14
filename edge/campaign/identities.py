"""A campaign's ``identities.yaml``: which numbers and papers are asked for, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import language_of, text_in, text_mistakes
from edge.campaign.yaml_files import YamlFile
from edge.domain.identities import BY_PATTERN, CARD_QR, READ_BY, IdentityRule, IdentityRules

_ADDED = "x-"
"""Begins the names of what installed packages read; which there are is for the site to know."""


def to_identities(body: Mapping[str, Any], language: str) -> IdentityRules:
    """Read what a campaign asks for."""
    told = body.get("identities", {})
    return IdentityRules(
        types=tuple(
            IdentityRule(
                type=item["type"],
                words=text_in(item, "name", language),
                read_by=_read_by(item),
                pattern=item.get("pattern", ""),
                example=item.get("example", ""),
                issued_by=item.get("issued_by", ""),
                needed_from=item.get("needed_from"),
                kept=item.get("kept", "whole"),
                shown=_shown(item),
            )
            for item in told.get("types", ())
        ),
        key=told.get("key", ""),
    )


def _read_by(item: Mapping[str, Any]) -> str:
    """Give what reads a number: what is said, or what has the name of the type itself."""
    told: str = item.get("read_by", item["type"])
    return told if told in READ_BY or told.startswith(_ADDED) else BY_PATTERN


def _shown(item: Mapping[str, Any]) -> Any:
    """What is not kept whole is shown by its end."""
    return item.get("shown", "whole" if item.get("kept", "whole") == "whole" else "last_four")


def identity_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find kinds that nothing reads, patterns that cannot be, and numbers that cannot be shown."""
    file, language = files["identities"], language_of(files)
    types = file.value.get("types", ())
    yield from distinct(file, "type", ("types",))
    for index, item in enumerate(types):
        path = ("types", index)
        yield from text_mistakes(file, (*path, "name"), item["name"], language)
        yield from _reading(file, path, item)
        yield from _keeping(file, path, item)


def _reading(
    file: YamlFile, path: tuple[str | int, ...], item: Mapping[str, Any]
) -> Iterator[Mistake]:
    named = item.get("read_by", "")
    if named and named not in READ_BY and not named.startswith(_ADDED):
        sentence = "Nothing reads numbers of the kind {code}."
        yield file.unknown((*path, "read_by"), "identities.reader", sentence, named, READ_BY)
    elif _read_by(item) == BY_PATTERN and "pattern" not in item:
        yield file.mistake(
            path,
            "identities.unread",
            "Nothing says what a number of {type} looks like: write read_by or pattern.",
            type=item["type"],
        )
    if "pattern" not in item:
        return
    try:
        regex.compile(item["pattern"])
    except (regex.error, ValueError) as error:  # of flags that contradict each other
        yield file.mistake(
            (*path, "pattern"),
            "identities.pattern",
            "The pattern is no regular expression: {reason}.",
            reason=getattr(error, "msg", error),
        )


def _keeping(
    file: YamlFile, path: tuple[str | int, ...], item: Mapping[str, Any]
) -> Iterator[Mistake]:
    if _read_by(item) == CARD_QR and item.get("kept") != "keyed":
        yield file.mistake(
            path,
            "identities.reference",
            "The reference of an Aadhaar card is not to be kept. Write kept: keyed.",
        )
    if item.get("kept") == "keyed" and item.get("shown") == "whole":
        yield file.mistake(
            (*path, "shown"),
            "identities.shown",
            "A number that is kept as keyed is not known here, and cannot be shown whole. Write"
            " last_four or hidden.",
        )
