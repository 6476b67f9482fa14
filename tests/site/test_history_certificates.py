"""One credential of all doses: signed with each, true as long as it counts, on paper and screens."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from next_edition import put_in_force
from site_factory import demonstration, vouch_for

from edge.domain.catalogue import Staff
from edge.journal import views
from edge.journal.entries import entries_of_type
from edge.node import Node
from edge.services.commands import (
    Command,
    CorrectDose,
    CorrectPerson,
    GiveDose,
    MergePeople,
    RegisterPerson,
    RevokeCertificate,
    TakeBackDose,
    UndoMerge,
)
from edge.slips.slip_maker import SlipRequest
from edge.web.app import create_app
from printers.document import Qr

FORMAT = "shc-history"
GIVEN = {
    "covid-19": ("coviprotect", "CP2611A"),
    "yellow-fever": ("amarilia", "YF0091"),
}


class Desk:
    """A site whose programmes all sign ``shc-history`` beside a code of one dose."""

    def __init__(self, node: Node, staff: Callable[[str], Staff]) -> None:
        self.node, self.staff = node, staff
        campaign = demonstration()
        body = copy.deepcopy(dict(campaign.body))
        for programme in body["programmes"]:
            programme["certificates"] = {"formats": ["divoc-compact", FORMAT]}
        put_in_force(node, replace(campaign, body=body))

    def take(self, command: Command, by: str) -> str:
        return self.node.desk.take(self.node.site.ids.new(), command, self.staff(by)).entries[0].id

    def register(self, name: str) -> str:
        told = RegisterPerson(
            name=name, gender="Female", birth_date=date(1990, 5, 17), different_person=True
        )
        return self.take(told, "R1")

    def give(self, person: str, programme: str, **more: Any) -> str:
        vaccine, lot = GIVEN[programme]
        told = GiveDose(person=person, programme=programme, vaccine=vaccine, lot=lot, **more)
        return self.take(told, "V1")

    def papers(self, person: str) -> list[views.IssuedCertificate]:
        with self.node.journal.reading() as db:
            return [one for one in views.certificates_of(db, person) if not one.revoked_at]

    def told(self, paper: views.IssuedCertificate) -> tuple[str, list[tuple[str, str]]]:
        """Give the verdict of the code of all doses, and of each dose the day and the lot."""
        payload = self.node.certifier.payload(FORMAT, paper.credentials[FORMAT])
        found = self.node.site.judge(payload)
        claims = found.claims
        assert "notCounted" not in claims
        doses = claims.get("doses", [claims])
        return found.verdict, [(dose["date"], dose["lot"]) for dose in doses]


@pytest.fixture
def desk(node: Node, staff: Callable[[str], Staff], tmp_path: Path) -> Desk:
    vouch_for(node, tmp_path / "authority")
    return Desk(node, staff)


def test_a_credential_of_all_doses_is_signed_shown_printed_and_replaced_when_one_was_not_so(
    desk: Desk,
) -> None:
    node, person = desk.node, desk.register("Amina Yusuf")
    today = node.clock.today()
    before = (today - timedelta(days=3)).isoformat()
    first = desk.give(person, "covid-19", on=today - timedelta(days=3))
    desk.give(person, "yellow-fever")
    alone, both = desk.papers(person)
    assert desk.told(alone) == ("valid", [(before, "CP2611A")])
    assert desk.told(both) == ("valid", [(before, "CP2611A"), (today.isoformat(), "YF0091")])

    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = client.get(f"/certificates/{both.id}/show").text
    assert "All doses, for health apps on a telephone" in page
    assert "no code of all" not in page
    assert client.get(f"/certificates/{both.id}/qr.png?format={FORMAT}").status_code == 200
    text = node.certifier.payload(FORMAT, both.credentials[FORMAT]).decode()
    judged = client.post("/verify", data={"text": text}).text
    assert all(lot in judged for lot in ("CP2611A", "YF0091"))
    codes = codes_on_slip(node, person)
    payloads = [
        node.certifier.payload(FORMAT, paper.credentials[FORMAT]) for paper in (alone, both)
    ]
    assert codes[0] == payloads[1]
    assert payloads[0] not in codes
    assert len(codes) == 3  # and one of each dose

    desk.take(CorrectDose(dose=first, lot="CP2610X", reason="Misread"), "S1")
    _, renewed = desk.papers(person)
    assert desk.told(both)[0] == "revoked"
    assert (renewed.replaces, renewed.dose) == (both.id, both.dose)
    assert desk.told(renewed) == ("valid", [(before, "CP2610X"), (today.isoformat(), "YF0091")])

    desk.take(TakeBackDose(dose=first, kind="not-given", reason="Another person"), "S1")
    (last,) = desk.papers(person)
    assert desk.told(renewed)[0] == "revoked"
    assert desk.told(last) == ("valid", [(today.isoformat(), "YF0091")])

    desk.take(RevokeCertificate(certificate=last.id, reason="Lost"), "S1")
    assert desk.told(last)[0] == "revoked"


def codes_on_slip(node: Node, person: str) -> list[bytes]:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        slip = node.site.slips.make(db, catalogue, SlipRequest("history", person), 576)
    return [block.payload for block in slip.blocks if isinstance(block, Qr)]


def test_it_tells_of_a_merged_persons_doses_and_of_nobody_elses_once_they_are_two_again(
    desk: Desk,
) -> None:
    one, two = desk.register("Amina Yusuf"), desk.register("Aminah Yussuf")
    first = desk.give(one, "covid-19", on=desk.node.clock.today() - timedelta(days=30))
    other = desk.give(two, "yellow-fever")
    merge = desk.take(MergePeople(kept=one, merged=two, reason="One card", although=True), "S1")
    third = desk.give(one, "covid-19")
    (paper,) = [paper for paper in desk.papers(one) if paper.dose == third]
    assert len(desk.told(paper)[1]) == 3
    with desk.node.journal.reading() as db:
        (entry,) = [
            entry
            for entry in entries_of_type(db, "CertificateIssued", 0)
            if entry.body["certificate"] == paper.id
        ]
    assert set(entry.body["doses"]) == {first, other, third}
    desk.take(UndoMerge(merge=merge, reason="Two sisters"), "S1")
    assert desk.told(paper)[0] == "revoked"
    (alone,) = [paper for paper in desk.papers(one) if paper.dose == third]
    assert [lot for _, lot in desk.told(alone)[1]] == ["CP2611A", "CP2611A"]
    assert [desk.told(paper)[1][0][1] for paper in desk.papers(two)] == ["YF0091"]


def test_a_corrected_name_is_on_every_credential_of_all_doses(desk: Desk) -> None:
    person = desk.register("Amina Yusuf")
    for programme in ("covid-19", "yellow-fever"):
        desk.give(person, programme)
    desk.take(CorrectPerson(person=person, name="Amina Yusuf Ali", reason="Passport"), "S1")
    for paper in desk.papers(person):
        payload = desk.node.certifier.payload(FORMAT, paper.credentials[FORMAT])
        assert desk.node.site.judge(payload).claims["name"] == "Amina Yusuf Ali"
    assert [len(desk.told(paper)[1]) for paper in desk.papers(person)] == [2, 2]
