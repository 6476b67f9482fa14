"""A document of any kind: described by files of the campaign, recorded, certified, printed, verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import (
    CARD,
    CARD_CONTENTS,
    TEST,
    TEST_CONTENTS,
    TYPES,
    certificates,
    describe_documents,
    record,
)
from next_edition import put_in_force
from rebuilding import rebuilt_is_the_same
from registry_server import Nation
from ruamel.yaml import YAML
from site_factory import demonstration, fill, vouch_for

from edge.domain.catalogue import Staff
from edge.domain.documents import key_words
from edge.domain.errors import BadInput, Conflict, NotAllowed
from edge.journal import views
from edge.journal.entries import entries_of_type
from edge.node import Node
from edge.services.admission import NOBODY
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import (
    CorrectDocument,
    PrintCopy,
    RevokeCertificate,
    RevokeDocument,
)
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest
from printers.document import Document, Field, Qr, Text
from sync.registry.documents import find_document
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.revocations import PUBLISHED, gathered


@pytest.fixture
def described(vouched: Node, tmp_path: Path) -> Node:
    describe_documents(vouched, tmp_path / "with-documents")
    return vouched


def paper(node: Node, number: str) -> Document:
    return node.print_room.slip(SlipRequest("certificate", number), NO_PRINTER)


def codes(document: Document) -> list[bytes]:
    return [block.payload for block in document.blocks if isinstance(block, Qr)]


@pytest.mark.slow
def test_a_document_is_recorded_certified_printed_and_verified_by_files_of_the_campaign_alone(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    _, number = record(described, staff("V1"), TEST, TEST_CONTENTS)
    slip = paper(described, number)
    fields = {block.label: block.value for block in slip.blocks if isinstance(block, Field)}
    assert (fields["Name"], fields["Test"], fields["Result"]) == (
        "Grace Wanjiru",
        "RT-PCR",
        "Negative",
    )
    assert "Phone, e-mail" not in fields, "paper has what is certified, and nothing else"
    verdicts = [described.verify(code) for code in codes(slip)]
    assert [(one.verdict, one.format) for one in verdicts] == [("valid", "cwt"), ("valid", "vc")]
    for verdict in verdicts:
        assert verdict.claims["documentType"] == TEST
        assert verdict.claims["document"]["result"] == "Negative"
        assert verdict.claims["document"]["laboratory"].startswith("Demoland")
    assert "contact" not in verdicts[0].claims["document"]

    _, number = record(described, staff("S1"), CARD, CARD_CONTENTS)
    card = paper(described, number)
    assert "Training card" in [block.text for block in card.blocks if isinstance(block, Text)]
    verdict = described.verify(codes(card)[0])
    assert verdict.verdict == "valid"
    assert verdict.claims["document"]["courses"] == "cold chain, injection safety"


def test_a_correction_revokes_the_paper_and_the_new_one_says_which_it_replaces(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    id_, first = record(described, staff("V1"), TEST, TEST_CONTENTS)
    shown = codes(paper(described, first))
    wrong = CorrectDocument(
        document=id_, changes={"result": "Positive"}, reason="Two tubes mixed up"
    )
    described.desk.take(described.site.ids.new(), wrong, staff("V1"))
    assert [described.verify(code).verdict for code in shown] == ["revoked", "revoked"]
    old, new = certificates(described, id_)
    assert (old.id, old.replaced_by, new.replaces) == (first, new.id, first)
    slip = paper(described, new.id)
    assert f"REPLACES {first[:4]}" in "\n".join(
        block.text for block in slip.blocks if isinstance(block, Text)
    )
    verdicts = [described.verify(code) for code in codes(slip)]
    assert {verdict.claims["document"]["result"] for verdict in verdicts} == {"Positive"}
    with described.journal.reading() as db:
        recorded = views.document(db, id_)
        assert recorded is not None
        assert recorded.contents["result"] == "Positive"
        assert recorded.contents["contact"] == TEST_CONTENTS["contact"]
    with pytest.raises(Conflict, match="revoked"):
        described.desk.take(described.site.ids.new(), PrintCopy(certificate=first), staff("V1"))


def test_a_revoked_document_stays_readable_and_its_paper_counts_no_longer(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    id_, number = record(described, staff("S1"), CARD, CARD_CONTENTS)
    (code,) = codes(paper(described, number))[:1]
    with pytest.raises(Conflict, match="of a document"):
        described.desk.take(
            described.site.ids.new(),
            RevokeCertificate(certificate=number, reason="Lost"),
            staff("S1"),
        )
    take_away = RevokeDocument(document=id_, reason="The course was never held")
    described.desk.take(described.site.ids.new(), take_away, staff("S1"))
    assert described.verify(code).verdict == "revoked"
    assert not codes(paper(described, number)), "nobody is to take it for one that counts"
    with described.journal.reading() as db:
        recorded = views.document(db, id_)
        (entry,) = entries_of_type(db, "CertificateRevoked", 0)
    assert recorded is not None
    assert (recorded.contents["name"], recorded.reason) == (
        "Samuel Otieno",
        "The course was never held",
    )
    assert entry.body["dcc"], "the national lists have it under the names that they use"
    with pytest.raises(Conflict, match="This document is revoked"):
        described.desk.take(described.site.ids.new(), take_away, staff("S1"))


def test_a_type_says_who_may_do_what(described: Node, staff: Callable[[str], Staff]) -> None:
    with pytest.raises(NotAllowed):
        record(described, staff("V1"), CARD, CARD_CONTENTS)
    id_, number = record(described, staff("S1"), CARD, CARD_CONTENTS)
    with pytest.raises(NotAllowed):
        described.desk.take(
            described.site.ids.new(), RevokeDocument(document=id_, reason="Lost"), staff("V1")
        )
    with pytest.raises(NotAllowed):
        described.desk.take(described.site.ids.new(), PrintCopy(certificate=number), staff("V1"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"result": "Perhaps"}, "result"),
        ({"birthDate": "1991-02-30"}, "birthDate"),
        ({"name": None}, "name"),
        ({"contact": "tel:+254700000001"}, "contact"),
        ({"nickname": "G"}, "nickname"),
        ({"identity": "1234"}, "identity"),
    ],
)
def test_contents_that_do_not_fit_are_refused_by_field_and_never_repeated(
    described: Node, staff: Callable[[str], Staff], changes: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        record(described, staff("V1"), TEST, {**TEST_CONTENTS, **changes})
    assert refused.value.field == f"contents.{field}"
    told = f"{refused.value} {refused.value.hint} {refused.value.values}"
    assert not any(str(value) in told for value in changes.values() if value)
    with described.journal.reading() as db:
        assert not list(entries_of_type(db, "DocumentRecorded", 0))


def test_a_type_that_the_next_campaign_does_not_have_stays_readable_and_its_papers_count(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    id_, number = record(described, staff("V1"), TEST, TEST_CONTENTS)
    shown = codes(paper(described, number))
    put_in_force(described, demonstration())
    with pytest.raises(BadInput, match="no documents of the type"):
        record(described, staff("V1"), TEST, TEST_CONTENTS)
    assert [described.verify(code).verdict for code in shown] == ["valid", "valid"]
    assert codes(paper(described, number)) == shown
    wrong = CorrectDocument(document=id_, changes={"result": "Void"}, reason="Not enough material")
    described.desk.take(described.site.ids.new(), wrong, staff("V1"))
    assert [described.verify(code).verdict for code in shown] == ["revoked", "revoked"]


def test_the_tables_are_what_the_journal_says(
    described: Node, staff: Callable[[str], Staff], site_folder: Path
) -> None:
    id_, _ = record(described, staff("V1"), TEST, TEST_CONTENTS)
    wrong = CorrectDocument(document=id_, changes={"name": "Grâce Mwangi"}, reason="Misheard")
    described.desk.take(described.site.ids.new(), wrong, staff("V1"))
    with described.journal.reading() as db:
        assert [one.id for one in views.find_documents(db, TEST, key_words("grace mwa"), 5)] == [
            id_
        ]
        assert not views.find_documents(db, TEST, key_words("Wanjiru"), 5)
        assert [one.id for one in views.find_documents(db, TEST, key_words("254700000001"), 5)] == [
            id_
        ]
    assert rebuilt_is_the_same(described, site_folder)


def test_an_exchanged_or_added_field_is_seen_under_a_right_signature(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    id_, _ = record(described, staff("V1"), TEST, TEST_CONTENTS)
    text = certificates(described, id_)[0].credentials["vc"]
    whole = json.loads(text)
    evidence = whole["evidence"][0]
    for changed in (
        {**evidence, "result": "Positive"},
        {**evidence, "testName": evidence["result"], "result": evidence["testName"]},
        {**evidence, "batch": "X1"},
        {name: value for name, value in evidence.items() if name != "result"},
    ):
        forged = json.dumps({**whole, "evidence": [changed]}).encode()
        assert described.verify(forged).verdict == "invalid"
    assert described.verify(text.encode()).verdict == "valid"


def test_the_product_knows_no_name_of_any_type_so_that_none_needed_a_line_of_code() -> None:
    names = {TEST, CARD, "sampleCollected", "trainedUntil", "TrainingCardCredential"}
    for path in TYPES.glob("*.yaml"):
        names.add(YAML(typ="safe").load(path)["credential"]["context"])
    root = Path(__file__).parents[2]
    read = 0
    for part in ("edge", "sync", "printers", "templates", "config"):
        for path in (root / part).rglob("*"):
            if path.suffix in (".py", ".js", ".html", ".yaml", ".json", ".po", ".css"):
                text = path.read_text(encoding="utf-8")
                assert not [name for name in names if name in text], path
                read += 1
    assert read > 700


@pytest.mark.parametrize(
    ("until", "verdict"),
    [
        ("9999-12-31", "valid"),
        ("9999-12-30", "valid"),
        ("1950-01-01", "expired"),
        ("0001-01-01", "expired"),
    ],
)
def test_a_document_until_any_day_of_the_calendar_is_signed_and_read(
    described: Node, staff: Callable[[str], Staff], until: str, verdict: str
) -> None:
    id_, _ = record(described, staff("S1"), CARD, {**CARD_CONTENTS, "trainedUntil": until})
    for text in certificates(described, id_)[0].credentials.values():
        assert described.verify(text.encode(), NOBODY).verdict == verdict
    late = {**TEST_CONTENTS, "sampleCollected": "9999-12-31"}  # three days on there is no day
    assert record(described, staff("S1"), TEST, late)[1]


def test_other_contents_under_a_known_context_do_not_come_into_force(
    described: Node, staff: Callable[[str], Staff]
) -> None:
    with described.journal.reading() as db:
        body = views.catalogue_body(db)
    types = json.loads(json.dumps(body["documents"]))
    types[CARD]["credential"]["subject"]["claims"]["code"] = "name"
    put_in_force(described, demonstration())
    changed = CheckedCampaign({**demonstration().body, "documents": types})
    with pytest.raises(BadInput, match="papers that exist would be read wrongly"):
        put_in_force(described, changed)
    types[CARD]["credential"]["context"] += "2"
    put_in_force(described, changed)


@pytest.mark.slow  # two programs that speak
def test_a_document_reaches_the_registry_and_its_revocation_is_published(
    nation: Nation, tmp_path: Path
) -> None:
    node = nation.site("DEMO01", fill)
    vouch_for(node, tmp_path / "authority")
    describe_documents(node, tmp_path / "with-documents")
    with node.journal.reading() as db:
        supervisor = node.site.catalogues.current(db).staff["S1"]
    id_, number = record(node, supervisor, CARD, CARD_CONTENTS)
    nation.exchange(node)
    found = find_document(nation.store, number)
    assert found is not None
    assert (found.facility, found.contents["name"]) == ("DEMO01", "Samuel Otieno")
    node.desk.take(
        node.site.ids.new(), RevokeDocument(document=id_, reason="Never held"), supervisor
    )
    nation.exchange(node)
    found = find_document(nation.store, number)
    assert found is not None
    assert found.reason == "Never held"
    (revoked,) = gathered(nation.store, Schemas(schemas_folder()))
    assert (revoked.state, revoked.certificate) == (PUBLISHED, number)
