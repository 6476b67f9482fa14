"""A campaign's ``questions.yaml``: what is asked before a dose, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import (
    group_mistakes,
    language_of,
    scope_mistakes,
    text_in,
    text_mistakes,
    to_group,
    to_scope,
    unknown_observation,
)
from edge.campaign.yaml_files import YamlFile
from edge.domain.questions import AnswerChoice, Question


def to_question(item: Mapping[str, Any], language: str) -> Question:
    """Read a question of a campaign."""
    return Question(
        code=item["code"],
        words=text_in(item, "asks", language),
        choices=tuple(
            AnswerChoice(
                code=choice["code"],
                words=text_in(choice, "words", language),
                against=choice.get("against", False),
                says=text_in(choice, "says", language),
                seen=choice.get("seen", ""),
            )
            for choice in item.get("answers", ())
        ),
        scope=to_scope(item),
        groups=tuple(map(to_group, item.get("of", ()))),
        otherwise=item.get("otherwise", "supervisor"),
        needed=item.get("needed", True),
    )


def question_mistakes(
    files: Mapping[str, YamlFile], observable: Collection[str]
) -> Iterator[Mistake]:
    """Find questions that are never asked, or whose answers lead nowhere."""
    file, language = files["questions"], language_of(files)
    programmes = {item["id"]: item for item in files["programmes"].value}
    vaccines = {item["code"] for item in files["vaccines"].value}
    yield from distinct(file)
    for index, item in enumerate(file.value):
        yield from scope_mistakes(file, (index,), item, programmes, vaccines)
        yield from text_mistakes(file, (index, "asks"), item["asks"], language)
        yield from group_mistakes(file, (index, "of"), item.get("of", ()), vaccines, observable)
        yield from _answers(file, index, item, observable, language)


def _answers(
    file: YamlFile,
    index: int,
    item: Mapping[str, Any],
    observable: Collection[str],
    language: str | None,
) -> Iterator[Mistake]:
    choices = item.get("answers", ())
    yield from distinct(file, path=(index, "answers"))
    for place, choice in enumerate(choices):
        path = (index, "answers", place)
        yield from text_mistakes(file, (*path, "words"), choice["words"], language)
        yield from text_mistakes(file, (*path, "says"), choice.get("says"), language)
        if choice.get("seen") and choice["seen"] not in observable:
            yield unknown_observation(file, path, choice["seen"], observable)
    if choices and all(choice.get("against") for choice in choices):
        yield file.mistake(
            (index, "answers"),
            "question.never",
            "Every answer to {code} is against the dose: nobody could get it.",
            code=item["code"],
        )
