"""The quick canonicaliser says what PyLD says, whatever the values are."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.credentials.contexts import UnknownContextError
from edge.credentials.rdf import Canonicaliser

Document = dict[str, Any]
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            '"',
            "\\",
            "\n",
            "\r\n",
            "\t",
            "\x00",
            "\x7f",
            " ",
            "",
            "a\u2028b",
            "é",
            "e\u0301",
            "አ",
            "😀",
        ]
    ),
    st.sampled_from(
        ["urn:divoc-edge:mark:3", "7000000003", "_:c14n0", "<x> .", '"^^<y>', "@id", "null"]
    ),
)
IRIS = st.one_of(
    st.sampled_from(
        [
            "did:demo:1",
            "https://x.example/a?b=c#d",
            "urn:uuid:0",
            "",
            "relative",
            "did:with space",
            "schema:thing",
            "vac:thing",
            "_:blank",
            "@id",
            "did:",
            "http:no-slashes",
            'did:"quoted"',
        ]
    ),
    TEXTS,
)
PLACES = st.sampled_from(
    [
        ("credentialSubject", "name"),
        ("credentialSubject", "refId"),
        ("credentialSubject", "age"),
        ("credentialSubject", "address", "district"),
        ("evidence", 0, "batch"),
        ("evidence", 0, "vaccine"),
        ("evidence", 0, "effectiveUntil"),
        ("evidence", 0, "verifier", "name"),
        ("evidence", 0, "facility", "address", "streetAddress"),
        ("issuanceDate",),
        ("nonTransferable",),
    ]
)


def place(document: Document, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


@pytest.mark.slow
@settings(max_examples=share(250))
@given(changes=st.lists(st.tuples(PLACES, TEXTS), max_size=4), iris=st.tuples(IRIS, IRIS, IRIS))
def test_changed_texts_and_odd_ids_canonicalise_as_pyld_does(
    canonicaliser: Canonicaliser,
    unsigned: Document,
    changes: list[tuple[tuple[Any, ...], str]],
    iris: tuple[str, str, str],
) -> None:
    document = copy.deepcopy(unsigned)
    for path, text in changes:
        place(document, path)[path[-1]] = text
    document["credentialSubject"]["id"], document["evidence"][0]["id"] = iris[:2]
    document["issuer"] = iris[2]
    assert outcome(canonicaliser.canonical, document) == outcome(canonicaliser.slowly, document)


@pytest.mark.slow
@settings(max_examples=share(120))
@given(
    removed=st.lists(PLACES, max_size=5),
    numbers=st.tuples(st.integers(-(2**53), 2**53), st.integers(0, 9)),
    same=st.booleans(),
)
def test_missing_fields_odd_numbers_and_equal_nodes_canonicalise_as_pyld_does(
    canonicaliser: Canonicaliser,
    unsigned: Document,
    removed: list[tuple[Any, ...]],
    numbers: tuple[int, int],
    same: bool,
) -> None:
    document = copy.deepcopy(unsigned)
    for path in removed:
        place(document, path).pop(path[-1], None)
    document["evidence"][0]["dose"], document["evidence"][0]["totalDoses"] = numbers
    if same:  # two blank nodes with the same quads: the full algorithm must decide
        document["credentialSubject"]["address"] = {"city": "Here"}
        document["evidence"][0]["facility"]["address"] = {"city": "Here"}
    assert outcome(canonicaliser.canonical, document) == outcome(canonicaliser.slowly, document)


def test_a_context_from_elsewhere_is_never_fetched(
    canonicaliser: Canonicaliser, unsigned: Document
) -> None:
    document = {**unsigned, "@context": ["https://evil.example/context"]}
    with pytest.raises(UnknownContextError):
        canonicaliser.canonical(document)


def outcome(canonical: Any, document: Document) -> Any:
    try:
        return canonical(document)
    except Exception as error:
        return type(error)


@pytest.fixture(scope="module")
def unsigned(canonicaliser: Canonicaliser) -> Document:
    return {
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://divoc.dev/credentials/vaccination/v2",
        ],
        "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
        "credentialSubject": {
            "type": "Person",
            "id": "did:demo:1",
            "refId": "1",
            "name": "Almaz",
            "age": "30",
            "dob": "1996-01-01",
            "address": {"district": "North", "city": ""},
        },
        "issuer": "https://moh.demo.example/",
        "issuanceDate": "2026-11-24T09:30:00.000Z",
        "evidence": [
            {
                "id": "https://moh.demo.example/c/1",
                "type": ["Vaccination"],
                "batch": "L1",
                "vaccine": "V",
                "effectiveUntil": "2027-01-01",
                "dose": 1,
                "totalDoses": 2,
                "verifier": {"name": "Asha"},
                "facility": {"name": "Riverside", "address": {"streetAddress": "1"}},
            }
        ],
        "nonTransferable": "true",
    }
