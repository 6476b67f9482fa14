"""A campaign's ``questions.yaml``: what is asked before a dose, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import (
    group_mistakes,
    mistake,
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
    file = files.get("questions")
    if file is None:
        return
    language = files["campaign"].value.get("language", "en")
    programmes = {item["id"]: item for item in files["programmes"].value}
    vaccines = {item["code"] for item in files["vaccines"].value}
    first: dict[str, int] = {}
    for index, item in enumerate(file.value):
        if item["code"] in first:
            yield mistake(
                file,
                (index, "code"),
                "code.twice",
                "The code {code} is used twice; first on line {first}.",
                code=item["code"],
                first=file.line((first[item["code"]], "code")),
            )
        first.setdefault(item["code"], index)
        yield from scope_mistakes(file, (index,), item, programmes, vaccines)
        yield from text_mistakes(file, (index, "asks"), item["asks"], language)
        yield from group_mistakes(file, (index, "of"), item.get("of", ()), vaccines, observable)
        yield from _answers(file, index, item, observable, language)


def _answers(
    file: YamlFile, index: int, item: Mapping[str, Any], observable: Collection[str], language: str
) -> Iterator[Mistake]:
    choices = item.get("answers", ())
    codes: set[str] = set()
    for place, choice in enumerate(choices):
        path = (index, "answers", place)
        if choice["code"] in codes:
            yield mistake(
                file,
                path,
                "question.answer-twice",
                "The answer {code} stands here twice.",
                code=choice["code"],
            )
        codes.add(choice["code"])
        yield from text_mistakes(file, (*path, "words"), choice["words"], language)
        yield from text_mistakes(file, (*path, "says"), choice.get("says"), language)
        if choice.get("seen") and choice["seen"] not in observable:
            yield unknown_observation(file, path, choice["seen"], observable)
    if choices and all(choice.get("against") for choice in choices):
        yield mistake(
            file,
            (index, "answers"),
            "question.never",
            "Every answer to {code} is against the dose: nobody could get it.",
            code=item["code"],
        )
