"""A type of document that is wrong or hostile is refused with the file, the line and a sentence."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from documents import TYPES, campaign_with
from ruamel.yaml import YAML
from site_factory import demonstration

from edge.campaign.document_checks import document_mistakes
from edge.campaign.document_types import to_document_type
from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.document_types import in_language
from edge.domain.documents import as_text, counts_until, search_keys
from edge.services.documents.contents import checked
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

SCHEMAS = resource("config/schemas")


def type_of(changes: dict[str, Any]) -> dict[str, Any]:
    """Give a small sound type with changes."""
    sound = {
        "name": "Pass",
        "schema": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "maxLength": 40},
                "day": {"type": "string", "format": "date"},
                "kind": {"type": "string", "enum": ["a", "b"]},
            },
        },
        "credential": {
            "type": "PassCredential",
            "context": "https://moh.example/pass/v1",
            "subject": {"type": "Holder", "claims": {"name": "name", "day": "day"}},
        },
    }
    return {**sound, **changes}


def with_field(field: Any) -> dict[str, Any]:
    properties = {"name": {"type": "string"}, "odd": field}
    return type_of({"schema": {"type": "object", "properties": properties}, "credential": None})


def told(value: dict[str, Any]) -> list[Mistake]:
    plain = {key: part for key, part in value.items() if part is not None}
    return document_mistakes(YamlFile("documents/pass.yaml", plain, plain), SCHEMAS)


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        found = {"type": "array", "items": found}
    return found


def test_a_sound_type_has_no_mistake() -> None:
    assert told(type_of({})) == []


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ({"$ref": "https://evil.example/schema.json"}, "$ref is not followed"),
        ({"type": "string", "$ref": "#/properties/name"}, "$ref is not followed"),
        ({"type": "string", "pattern": "(?=a+)b"}, "looks around or back"),
        ({"type": "string", "pattern": r"(a)\1"}, "looks around or back"),
        ({"type": "string", "pattern": "((a{900}){900}){900}"}, "too large"),
        ({"type": "string", "pattern": "a" * 201}, "longer than 200"),
        ({"type": "string", "pattern": "["}, "no regular expression"),
        ({"type": "string", "pattern": 7}, "no regular expression"),
        ({"type": "string", "enum": [str(number) for number in range(201)]}, "1 to 200"),
        ({"type": "string", "enum": [True, False]}, "quotation marks"),
        ({"type": "string", "enum": ["a", "a"]}, "different texts"),
        ({"type": "string", "enum": []}, "1 to 200"),
        ({"type": "string", "format": "regex"}, "must be one of: date, email"),
        ({"type": "string", "maxLength": 10**9}, "at most 200"),
        ({"type": "string", "minLength": 9, "maxLength": 3}, "Nothing fits here"),
        ({"type": "string", "not": {}}, "The keyword not is not supported"),
        ({"type": "number"}, "a string with a pattern"),
        ({"type": "object", "properties": {}}, "fields side by side"),
        ({"type": ["string", "null"]}, "one of these under type"),
        ({"type": "integer", "minimum": 0.5}, "must be a whole number"),
        ({"type": "array"}, "what it is a list of"),
        (deep(5), "what it is a list of"),
        (deep(50_000), "nested too deep"),
        ("string", "one of these under type"),
        (None, "one of these under type"),
    ],
)
def test_a_field_that_is_no_form_or_takes_for_ever_is_refused(field: Any, sentence: str) -> None:
    began = time.process_time()
    mistakes = told(with_field(field))
    assert any(sentence in str(mistake) for mistake in mistakes), [*map(str, mistakes)]
    assert time.process_time() - began < 5, "a hostile schema costs no time"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"schema": {"type": "object"}}, "at least one field"),
        ({"schema": {"type": "array", "items": {}}}, "must have type: object"),
        (
            {"schema": {"$ref": "x", "type": "object", "properties": {"a": {"type": "string"}}}},
            "$ref",
        ),
        ({"form": [{"field": "day"}]}, "required and not in the form"),
        ({"form": [{"field": "name"}, {"field": "name"}]}, "in the form twice"),
        ({"form": [{"field": "nam"}]}, "There is no field nam in the schema"),
        (
            {"form": [{"field": "name"}, {"field": "kind", "choices": {"c": "C"}}]},
            "none of the choices",
        ),
        ({"list": ["naem"]}, "There is no field naem"),
        ({"search": ["phone"]}, "There is no field phone"),
        ({"roles": {"record": ["nurse"]}}, "nurse must be one of"),
        ({"valid": {"until": "name"}}, "no field with format: date"),
        ({"valid": {"until": "day", "days": 3}}, "either until which day"),
        ({"slip": {"blocks": [{"text": "{name}"}]}}, "A certificate must keep"),
        ({"slip": {"blocks": [{"text": "{phone}"}]}}, "has no phone here"),
        ({"nmae": "Pass"}, "Did you mean name?"),
    ],
)
def test_parts_that_do_not_agree_are_told(changes: dict[str, Any], sentence: str) -> None:
    mistakes = told(type_of(changes))
    assert any(sentence in str(mistake) for mistake in mistakes), [*map(str, mistakes)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"terms": {"day": "https://moh.example/pass/v1#name"}}, "mean the same"),
        ({"subject": {"type": "Holder", "claims": {"id": "name"}}}, "means something else"),
        ({"subject": {"type": "Holder", "claims": {"@id": "name"}}}, "letters and digits"),
        ({"subject": {"type": "PassCredential", "claims": {"name": "name"}}}, "type of their own"),
        ({"subject": {"type": "Holder", "claims": {"name": "phone"}}}, "There is no field phone"),
        ({"context": "http://moh.example/pass"}, "https://moh.example"),
        ({"context": "https://moh.example/pass#v1"}, "without # and ?"),
        ({"formats": ["cwt"], "paper": {"80": ["vc"]}}, "goes on paper but is not issued"),
        ({"formats": ["divoc"]}, "must be one of: vc, cwt"),
    ],
)
def test_a_credential_that_could_be_read_in_two_ways_is_refused(
    changes: dict[str, Any], sentence: str
) -> None:
    credential = {**type_of({})["credential"], **changes}
    mistakes = told(type_of({"credential": credential}))
    assert any(sentence in str(mistake) for mistake in mistakes), [*map(str, mistakes)]


def test_each_mistake_names_its_line(tmp_path: Path) -> None:
    folder = campaign_with(TYPES, tmp_path / "campaign")
    path = folder / "documents/training-card.yaml"
    lines = path.read_text().splitlines()
    place = next(number for number, line in enumerate(lines, 1) if "staffCode:" in line)
    path.write_text(path.read_text().replace("[A-Z0-9]{2,12}$", "(?!X)[A-Z0-9]+$"))
    with pytest.raises(CampaignErrors) as refused:
        read_campaign(folder, SCHEMAS)
    (mistake,) = refused.value.mistakes
    assert (mistake.file, mistake.line) == ("documents/training-card.yaml", place)


def packed(types: dict[str, Any]) -> dict[str, Any]:
    return {**demonstration().body, "documents": types}


def test_a_code_too_large_for_its_paper_is_a_mistake_before_it_is_printed() -> None:
    names = [f"part{number}" for number in range(28)]
    properties = {name: {"type": "string", "maxLength": 40} for name in names}
    large = type_of({"schema": {"type": "object", "properties": properties}})
    subject = {"type": "Holder", "claims": {name: name for name in names}}
    large["credential"] = {**large["credential"], "subject": subject, "paper": {"58": ["vc"]}}
    with pytest.raises(CampaignErrors) as refused:
        campaign_reader().packed(packed({"pass": large}))
    assert "On paper of 58 mm the format vc of pass" in str(refused.value.mistakes[0])
    large["credential"]["paper"] = {"80": ["vc"]}
    assert campaign_reader().packed(packed({"pass": large})).body["documents"]["pass"] == large


def test_two_types_do_not_share_a_context() -> None:
    with pytest.raises(CampaignErrors) as refused:
        campaign_reader().packed(packed({"pass": type_of({}), "permit": type_of({})}))
    assert "has this context already" in str(refused.value.mistakes[0])


def test_the_context_that_is_made_gives_every_term_a_meaning_of_its_own() -> None:
    for path in sorted(TYPES.glob("*.yaml")):
        type_ = to_document_type(path.stem, YAML(typ="safe").load(path))
        assert type_.mapping is not None
        made = type_.mapping.document()["@context"]
        for group in type_.mapping.groups:
            scoped = made[group.type]["@context"]
            meanings = [scoped[term] for term in group.claims]
            assert len(set(meanings)) == len(meanings) == len(group.claims)
            assert all(re.match(r"https://[\w.]+/", iri) for iri in meanings)


def test_a_document_counts_until_its_own_day_or_some_days_from_one_of_its_fields() -> None:
    today, contents = date(2026, 11, 30), {"day": "2026-11-28"}
    for valid, last in (
        ({"until": "day"}, date(2026, 11, 28)),
        ({"days": 3, "from": "day"}, date(2026, 12, 1)),
        ({"days": 3}, date(2026, 12, 3)),
        ({}, None),
    ):
        type_ = to_document_type("pass", type_of({"valid": valid}))
        assert counts_until(type_, contents, today) == last
    assert (
        counts_until(to_document_type("pass", type_of({"valid": {"until": "day"}})), {}, today)
        is None
    )


def test_words_are_in_the_readers_language_or_in_one_that_there_is() -> None:
    label = {"en": "Name", "fr": "Nom"}
    assert [in_language(label, code) for code in ("fr", "ar", "fr-SN")] == ["Nom", "Name", "Nom"]
    assert in_language({"": "Naam"}, "ar") == in_language({"nl": "Naam"}, "ar") == "Naam"


def test_a_document_is_found_by_words_in_any_case_and_by_numbers_without_their_signs() -> None:
    contents = {"name": "Zoë  O’Neill", "phone": ["+254 700-000 001"], "secret": "x"}
    keys = search_keys(("name", "phone"), contents)
    assert {"zoe", "254700000001"} <= set(keys)
    assert "x" not in keys


def test_values_are_written_as_text_and_nothing_that_is_empty_is_kept() -> None:
    assert [as_text(value) for value in (None, True, 7, ["a", "b"])] == ["", "true", "7", "a, b"]
    type_ = to_document_type("pass", type_of({}))
    assert checked(type_, {"name": "A", "day": "", "kind": None}) == {"name": "A"}
