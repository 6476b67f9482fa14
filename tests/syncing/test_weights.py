"""What a stranger sends to the registry is small, or it is not read."""

from __future__ import annotations

import json
import zlib

import pytest
import zstandard
from signed_messages import Centre, Sender

from sync.protocol import frames
from sync.registry.store.interface import Store

LARGE = b'{"a":"' + b"x" * frames.SMALL + b'"}'
FORMS = {
    "as it is": LARGE,
    "in zlib": zlib.compress(LARGE, 9),
    "in zstd": zstandard.ZstdCompressor(level=19).compress(LARGE),
}
QUESTIONS = ["/v1/enrol", "/v1/nodes/{}", "/v1/nodes/{}/letters", "/v1/nodes/{}/history"]


@pytest.fixture
def centre(store: Store) -> Centre:
    return Centre(store)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", QUESTIONS)
def test_a_question_and_an_enrolment_are_64_kb_at_most_opened_or_not(
    centre: Centre, path: str, form: str
) -> None:
    site = Sender(centre, 7)
    answer = centre.client.post(path.format(site.node), data=FORMS[form])
    assert answer.status_code == 413, answer.text
    assert answer.get_json()["code"] == "frame.too-large"
    assert answer.get_json()["sentence"] == "The message is larger than 64 kB."


def test_an_enrolment_as_large_as_one_may_be_is_read(centre: Centre) -> None:
    document = {"key": "x", "facility": "DEMO01", "name": "", "code": "code", "more": ""}
    document["more"] = "x" * (frames.SMALL - len(json.dumps(document)))
    answer = centre.client.post("/v1/enrol", data=json.dumps(document))
    assert answer.get_json()["code"] == "key.form", answer.text


def test_batches_may_be_large_and_are_opened_only_for_a_site_that_is_enrolled(
    centre: Centre,
) -> None:
    site = Sender(centre, 7)
    for path in (f"/v1/nodes/{site.node}/batches", f"/v1/nodes/{site.node}/urgent"):
        large = centre.client.post(path, data=frames.compress(LARGE))
        assert large.get_json()["code"] != "frame.too-large", path
    unknown = centre.client.post("/v1/nodes/nobody/batches", data=FORMS["in zstd"])
    assert unknown.get_json()["code"] == "node.unknown"


def test_a_form_of_the_office_is_as_small(centre: Centre) -> None:
    assert centre.client.post("/", data={"token": "x" * frames.SMALL}).status_code == 413


@pytest.mark.parametrize("number", ["9" * 30, "²", "٣"])
def test_a_place_in_a_list_that_no_database_can_hold_is_none(centre: Centre, number: str) -> None:
    browser = centre.signed_in()
    site = Sender(centre, 7)
    for path in (f"/audit?after=a~b~{number}", f"/nodes/{site.node}?after=a~b~{number}"):
        assert browser.get(path).status_code == 200, path
