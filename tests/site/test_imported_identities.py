"""Numbers in tables are read as those that are typed: one person in another spelling is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import campaign_with
from next_edition import put_in_force

from edge.campaign.divoc_csv import read_enrolments
from edge.domain.errors import Unavailable
from edge.journal import views
from edge.journal.entries import entries
from edge.node import Node
from edge.services.identities import key_check
from edge.services.imports.reports import Report, unseen
from edge.web.app import create_app

KEY = bytes(range(32))
IDENTITIES = f"""\
key: {key_check(KEY)}
types:
- {{type: in.gov.uidai.aadhaar, name: Aadhaar number, kept: keyed}}
- {{type: none, name: No papers}}
"""
HEADER = "phone,identity,nationality,dob,gender,name,email,addressLine1,addressLine2,district,state,pincode,enrollmentScopeId\n"


@pytest.fixture
def asked(node: Node, tmp_path: Path) -> Node:
    node.site.identities._key = KEY
    put_in_force(node, campaign_with(tmp_path / "identities", identities=IDENTITIES))
    return node


def imported(node: Node, tmp_path: Path, *rows: str) -> Report:
    path = tmp_path / "enrolments.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    read = read_enrolments(path, node.clock.today(), "KE")
    return node.importer.enrolments(path.name, read, "covid-19", unseen)


def row(identity: str, name: str = "Rosa Lima") -> str:
    return f",{identity},,1990-02-03,Female,{name},,,,,,,DEMO01"


def test_a_row_is_taken_once_however_its_number_is_spelled_and_the_number_is_not_kept(
    asked: Node, tmp_path: Path
) -> None:
    first = imported(asked, tmp_path, row("did:in.gov.uidai.aadhaar:2341 2341 2346"))
    assert (first.taken, first.mistakes) == (1, ())
    again = imported(asked, tmp_path, row("did:in.gov.uidai.aadhaar:२३४१-२३४१-२३४६"))
    assert (again.taken, again.known, again.mistakes, again.questions) == (0, 1, (), ())
    with asked.journal.reading() as db:
        told = "".join(str(entry.document) for entry in entries(db))
    assert "234123412346" not in told
    assert "2341 2341 2346" not in told


def test_a_row_of_before_the_campaign_hid_its_number_is_the_same_person_after(
    node: Node, tmp_path: Path
) -> None:
    once = row("did:in.gov.uidai.aadhaar:234123412346")
    assert imported(node, tmp_path, once).taken == 1
    node.site.identities._key = KEY
    put_in_force(node, campaign_with(tmp_path / "identities", identities=IDENTITIES))
    again = imported(node, tmp_path, once)
    assert (again.taken, again.known, again.questions, again.mistakes) == (0, 1, (), ())


def test_a_row_with_a_slip_is_named_with_its_column_and_others_are_taken(
    asked: Node, tmp_path: Path
) -> None:
    report = imported(
        asked, tmp_path,
        row("did:in.gov.uidai.aadhaar:234123412347"), row("did:none:", "Omar Diallo"), row("", "Ines Sy"),
    )  # fmt: skip
    assert report.taken == 2
    (mistake,) = report.mistakes
    assert (mistake.line, mistake.column, mistake.code) == (2, "identity", "identity.check-digit")
    assert "2341" not in str(mistake)
    with asked.journal.reading() as db:
        (omar,) = views.find_people(db, "Omar Diallo")
    assert omar.identity == f"did:none:{omar.code}"


def test_without_the_key_nothing_is_taken_and_it_is_tried_again(
    asked: Node, tmp_path: Path
) -> None:
    asked.site.identities._key = None
    with pytest.raises(Unavailable, match="does not have the key"):
        imported(asked, tmp_path, row("did:in.gov.uidai.aadhaar:234123412346"))


def test_a_number_that_is_kept_as_a_digest_is_found_by_all_of_it_and_by_its_end(
    asked: Node, tmp_path: Path
) -> None:
    imported(asked, tmp_path, row("did:in.gov.uidai.aadhaar:234123412346"))
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    for text in ("2341 2341 2346", "did:in.gov.uidai.aadhaar:2341-2341-2346", "2346"):
        found = client.post("/api/v1/people/search", json={"text": text}).json
        assert found is not None
        assert [person["name"] for person in found] == ["Rosa Lima"], text
        assert found[0]["identity"] == "did:in.gov.uidai.aadhaar:XXXX2346"
