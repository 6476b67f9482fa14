"""Two records of one person become one and two again, and nothing of either is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rebuilding import rebuilt_is_the_same
from site_factory import vouch_for

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Conflict, NotAllowed, NotFound, Refusal
from edge.domain.people import Person
from edge.journal import merges, people_pages, views
from edge.journal.entries import entries, last_position
from edge.journal.entry import Entry
from edge.node import Node
from edge.services.commands import (
    Arrive,
    Command,
    CorrectDose,
    CorrectPerson,
    DistinguishPeople,
    GiveDose,
    GuardianInput,
    MergePeople,
    NumberDoses,
    RecordObservation,
    RecordStatus,
    RegisterPerson,
    TakeBackDose,
    UndoMerge,
)
from edge.services.registry.told_people import take_told
from edge.services.seen import RecordChangedConflict
from edge.web.app import create_app

FindStaff = Callable[[str], Staff]
Make = Callable[..., GiveDose]
PROGRAMME = "covid-19"


def take(node: Node, command: Command, by: Staff) -> tuple[Entry, ...]:
    return node.desk.take(node.site.ids.new(), command, by).entries


def known(node: Node, id_: str) -> Person:
    with node.journal.reading() as db:
        found = views.person(db, id_)
    assert found
    return found


class Desk:
    """A site with two records that are perhaps one, and what is done with them."""

    def __init__(self, node: Node, staff: FindStaff) -> None:
        self.node = node
        self.staff = staff
        self.one = self.register("Amina Yusuf", phone="0555123456", programme=PROGRAMME)
        self.two = self.register(
            "Aminah Yussuf",
            identity="did:in.gov.passport:A1234567",
            guardian=GuardianInput(relation="mother", name="Hodan Warsame", phone="0555999888"),
        )

    def register(self, name: str, **fields: Any) -> str:
        asked = {"gender": "Female", "birth_date": date(1990, 5, 17), **fields}
        command = RegisterPerson(name=name, different_person=True, **asked)
        return take(self.node, command, self.staff("R1"))[0].id

    def merge(self, kept: str = "", merged: str = "", **fields: Any) -> str:
        asked = {"although": True, **fields}  # registered as two, on purpose
        command = MergePeople(
            kept=kept or self.one, merged=merged or self.two, reason="Same card", **asked
        )
        return take(self.node, command, self.staff("S1"))[0].id

    def undo(self, merge: str) -> None:
        take(self.node, UndoMerge(merge=merge, reason="Two sisters"), self.staff("S1"))

    def give(self, person: str, **fields: Any) -> str:
        asked = {"programme": PROGRAMME, "vaccine": "coviprotect", "lot": "CP2611A", **fields}
        return take(self.node, GiveDose(person=person, **asked), self.staff("V1"))[0].id

    def waiting(self) -> list[str]:
        with self.node.journal.reading() as db:
            return [row.person.id for row in views.queue(db)]

    def seen(self) -> dict[str, object]:
        """Give everything that the site says of each record."""
        with self.node.journal.reading() as db:
            return {
                "waiting": views.queue(db),
                "roll": people_pages.people_after(db, "", 1000),
                **{
                    id_: (
                        views.person(db, id_),
                        views.history(db, id_),
                        views.certificates_of(db, id_),
                        views.observations(db, id_),
                        views.ids_of(db, id_),
                        people_pages.expected_for(db, id_),
                    )
                    for id_ in (self.one, self.two)
                },
            }


@pytest.fixture
def desk(node: Node, staff: FindStaff, tmp_path: Path) -> Desk:
    vouch_for(node, tmp_path / "authority")
    return Desk(node, staff)


def test_either_code_identity_name_phone_and_mother_finds_the_one_who_is_kept(desk: Desk) -> None:
    codes = [known(desk.node, id_).code for id_ in (desk.one, desk.two)]
    desk.merge()
    with desk.node.journal.reading() as db:
        found = [
            *(views.person_by_code(db, code) for code in codes),
            views.person_by_identity(db, "did:in.gov.passport:A1234567"),
            *(views.person(db, id_) for id_ in (desk.one, desk.two)),
        ]
        for text in (*codes, "aminah yussuf", "amina 0555123456", "hodan", "0555999888"):
            found += views.find_people(db, text)[:1] or [None]
    assert {person.id if person else "nobody" for person in found} == {desk.one}


def test_what_the_kept_record_lacks_the_other_fills_and_what_was_emptied_stays_empty(
    desk: Desk,
) -> None:
    desk.merge()
    one = known(desk.node, desk.one)
    assert (one.name, one.phone) == ("Amina Yusuf", "0555123456")
    assert one.identity == "did:in.gov.passport:A1234567"
    assert one.guardian is not None
    assert one.guardian.name == "Hodan Warsame"
    assert len(one.codes) == 1
    emptied = CorrectPerson(person=desk.two, reason="Not hers", guardian=GuardianInput())
    take(desk.node, emptied, desk.staff("V1"))
    assert known(desk.node, desk.one).guardian is None


def test_histories_are_one_and_are_judged_as_one(desk: Desk) -> None:
    today = desk.node.clock.today()
    desk.give(desk.two, on=today - timedelta(days=1))
    merge = desk.merge()
    with pytest.raises(Refusal) as refused:
        desk.give(desk.one)
    assert refused.value.code == "dose.too-early"
    with desk.node.journal.reading() as db:
        assert [dose.person for dose in views.history(db, desk.two)] == [desk.one]
        assert len(views.certificates_of(db, desk.one)) == 1
    desk.undo(merge)
    desk.give(desk.one)


def test_a_request_that_names_the_merged_record_is_of_the_kept_one(desk: Desk) -> None:
    desk.merge()
    dose = desk.give(desk.two)
    with desk.node.journal.reading() as db:
        record = views.recorded(db, dose)
        certificate = views.certificate(db, record.certificate) if record else None
    assert record
    assert certificate
    assert record.person.id == certificate.person == desk.one


def test_certificates_of_both_stay_valid_after_a_merge_and_after_its_undoing(desk: Desk) -> None:
    today = desk.node.clock.today()
    doses = [desk.give(desk.two, on=today - timedelta(days=40)), desk.give(desk.one)]
    merge = desk.merge()
    for undone in (False, True):
        if undone:
            desk.undo(merge)
        with desk.node.journal.reading() as db:
            papers = [views.recorded(db, dose) for dose in doses]
            issued = [views.certificate(db, paper.certificate) for paper in papers if paper]
        assert len(issued) == 2
        for one in issued:
            assert one
            for name, text in one.credentials.items():
                payload = desk.node.certifier.payload(name, text)
                assert desk.node.verify(payload).verdict == "valid"


def test_two_who_wait_are_one_who_waits_for_what_was_asked_for_first(desk: Desk) -> None:
    take(desk.node, Arrive(person=desk.two, programme=PROGRAMME), desk.staff("R1"))
    assert desk.waiting()[-2:] == [desk.one, desk.two]
    merge = desk.merge(kept=desk.two, merged=desk.one)
    assert desk.waiting().count(desk.two) == 1
    assert desk.one not in desk.waiting()
    desk.give(desk.two)
    assert desk.two not in desk.waiting()
    desk.undo(merge)
    assert desk.waiting()[-1:] == [desk.one]


def test_of_two_statuses_the_one_said_last_is_so_and_undoing_parts_them(desk: Desk) -> None:
    take(desk.node, RecordStatus(person=desk.two, status="died"), desk.staff("V1"))
    merge = desk.merge()
    assert known(desk.node, desk.one).status.name == "died"
    with pytest.raises(Refusal, match="having died"):
        desk.give(desk.one)
    desk.undo(merge)
    assert known(desk.node, desk.one).status.here
    assert known(desk.node, desk.two).status.name == "died"


def test_what_was_recorded_in_between_stays_with_the_one_who_was_shown(desk: Desk) -> None:
    seen = RecordObservation(person=desk.two, code="pregnant")
    take(desk.node, seen, desk.staff("V1"))
    merge = desk.merge()
    dose = desk.give(desk.two)
    over = RecordObservation(person=desk.two, code="pregnant", present=False)
    take(desk.node, over, desk.staff("V1"))
    with desk.node.journal.reading() as db:
        assert views.observations(db, desk.one) == {}
    desk.undo(merge)
    with desk.node.journal.reading() as db:
        assert [one.id for one in views.history(db, desk.one)] == [dose]
        assert views.history(db, desk.two) == []
        assert list(views.observations(db, desk.two)) == ["pregnant"]


def test_a_merge_undone_leaves_everything_as_before(desk: Desk, site_folder: Path) -> None:
    desk.give(desk.two)
    take(desk.node, RecordObservation(person=desk.one, code="pregnant"), desk.staff("V1"))
    before = desk.seen()
    desk.undo(desk.merge())
    assert desk.seen() == before
    assert rebuilt_is_the_same(desk.node, site_folder)


def test_chains_are_followed_and_are_parted_anywhere(desk: Desk) -> None:
    three = desk.register("Amina Y. Yusuf")
    first = desk.merge(kept=desk.two, merged=three)
    second = desk.merge(kept=desk.one, merged=three)  # a merged one: the one it is shown under
    assert {known(desk.node, id_).id for id_ in (desk.one, desk.two, three)} == {desk.one}
    desk.undo(first)
    assert known(desk.node, three).id == three
    assert known(desk.node, desk.two).id == desk.one
    desk.undo(second)
    assert known(desk.node, desk.two).id == desk.two
    assert known(desk.node, desk.two).codes == known(desk.node, desk.one).codes == ()


def test_two_tablets_that_merge_the_same_two_either_way_merge_them_once(desk: Desk) -> None:
    desk.merge()
    for kept, merged in ((desk.one, desk.two), (desk.two, desk.one)):
        with pytest.raises(Conflict, match="one person already"):
            desk.merge(kept=kept, merged=merged)


def test_a_merge_is_undone_once(desk: Desk) -> None:
    merge = desk.merge()
    desk.undo(merge)
    with pytest.raises(Conflict, match="two people again"):
        desk.undo(merge)
    with pytest.raises(NotFound):
        desk.undo(desk.one)
    again = desk.merge(kept=desk.two, merged=desk.one)
    assert known(desk.node, desk.one).id == desk.two
    desk.undo(again)


def test_only_a_supervisor_merges_undoes_and_tells_apart(desk: Desk) -> None:
    merge = desk.merge()
    asked: list[Command] = [
        MergePeople(kept=desk.one, merged=desk.two, reason="Same"),
        UndoMerge(merge=merge, reason="Two"),
        DistinguishPeople(persons=(desk.one, desk.two), reason="Two"),
    ]
    for command in asked:
        for who in ("R1", "V1", "T1"):
            with pytest.raises(NotAllowed):
                take(desk.node, command, desk.staff(who))


def test_two_who_were_told_apart_are_merged_only_by_a_second_word(desk: Desk) -> None:
    apart = DistinguishPeople(persons=(desk.two, desk.one), reason="Twins")
    take(desk.node, apart, desk.staff("S1"))
    with pytest.raises(Refusal, match="not the same person") as refused:
        desk.merge(although=False)
    assert refused.value.overridable
    third = desk.register("Amina Y. Yusuf")
    desk.merge(kept=third, merged=desk.two)
    with pytest.raises(Refusal, match="not the same person"):
        desk.merge(
            kept=third, merged=desk.one, although=False
        )  # said of one of two who are one by now
    desk.merge(kept=third, merged=desk.one, although=True)
    with pytest.raises(Conflict, match="shown as one"):
        take(desk.node, apart, desk.staff("S1"))


def test_a_dose_that_two_sources_tell_of_counts_once(desk: Desk) -> None:
    today = desk.node.clock.today()
    given = desk.give(desk.one, on=today - timedelta(days=30))

    def tell(unit: Any) -> None:
        body = {
            "person": desk.two, "programme": PROGRAMME, "vaccine": "coviprotect", "number": 1,
            "total": 2, "lot": "X", "on": (today - timedelta(days=30)).isoformat(),
            "facility": "Elsewhere", "vaccinator": "",
        }  # fmt: skip
        for _ in range(2):
            unit.append("DoseReported", body, id_=desk.node.site.ids.new(), by="import")

    desk.node.journal.run(tell)
    merge = desk.merge()
    with desk.node.journal.reading() as db:
        assert [one.id for one in views.history(db, desk.two)] == [given]
        assert len(views.all_doses(db, desk.two)) == 3
        (page,) = (
            one for one in people_pages.people_after(db, "", 1000) if one.person.id == desk.one
        )
        assert [one.id for one in page.doses] == [given]
    desk.undo(merge)
    with desk.node.journal.reading() as db:
        assert len(views.history(db, desk.two)) == 1
        assert [one.id for one in views.history(db, desk.one)] == [given]


def test_the_merges_of_a_person_are_listed_with_who_and_why(desk: Desk) -> None:
    first = desk.merge()
    with desk.node.journal.reading() as db:
        (listed,) = merges.merges_of(db, desk.two)
        assert merges.newest_merges(db, 10) == [listed]
    assert (listed.id, listed.kept, listed.merged) == (first, desk.one, desk.two)
    assert (listed.reason, listed.merged_by, listed.undone_at) == ("Same card", "S1", "")
    desk.undo(first)
    with desk.node.journal.reading() as db:
        assert merges.merges_of(db, desk.two) == []
        (undone,) = merges.newest_merges(db, 10)
    assert (undone.undone_by, undone.undone_for) == ("S1", "Two sisters")


def test_paper_that_was_signed_in_between_with_the_others_name_is_replaced_by_the_undoing(
    desk: Desk,
) -> None:
    today = desk.node.clock.today()
    dose = desk.give(desk.two, on=today - timedelta(days=40))
    merge = desk.merge()
    renamed = CorrectPerson(person=desk.one, reason="Misspelt", name="Amina Yusufi")
    take(desk.node, renamed, desk.staff("V1"))
    with desk.node.journal.reading() as db:
        between = [one for one in views.certificates_of(db, desk.one) if not one.revoked_at]
    assert [(one.dose, one.person) for one in between] == [(dose, desk.one)]
    desk.undo(merge)
    with desk.node.journal.reading() as db:
        assert views.certificates_of(db, desk.one) == []
        (own,) = (one for one in views.certificates_of(db, desk.two) if not one.revoked_at)
    assert (own.person, own.replaces) == (desk.two, between[0].id)
    verdict = desk.node.verify(desk.node.certifier.payload("divoc", own.credentials["divoc"]))
    assert verdict.claims["name"] == "Aminah Yussuf"


def test_no_number_is_held_twice_and_undoing_gives_each_dose_its_own_again(desk: Desk) -> None:
    today = desk.node.clock.today()
    first = desk.give(desk.one, on=today - timedelta(days=60))
    second = desk.give(desk.two, on=today - timedelta(days=20))

    def numbers() -> dict[str, tuple[int, int, str, object, object]]:
        with desk.node.journal.reading() as db:
            found = [views.recorded(db, id_) for id_ in (first, second)]
            return {
                one.dose.id: (
                    one.dose.number, one.dose.total, one.certificate, one.effective_until,
                    one.next_due,
                )
                for one in found
                if one
            }  # fmt: skip

    before = numbers()
    assert [before[id_][:2] for id_ in (first, second)] == [(1, 2), (1, 2)]
    merge = desk.merge()
    merged = numbers()
    assert [merged[id_][:2] for id_ in (first, second)] == [(1, 2), (2, 2)]
    assert merged[first] == before[first]  # its paper says nothing untrue
    with desk.node.journal.reading() as db:
        old, new = (views.certificate(db, one[second][2]) for one in (before, merged))
    assert old
    assert new
    assert (old.replaced_by, new.replaces) == (new.id, old.id)
    desk.undo(merge)
    after = numbers()
    for id_ in (first, second):
        assert after[id_][:2] + after[id_][3:] == before[id_][:2] + before[id_][3:]


def test_a_dose_corrected_to_another_vaccine_while_two_are_one_goes_with_its_own_record(
    desk: Desk, site_folder: Path
) -> None:
    dose = desk.give(desk.two)
    merge = desk.merge()
    other = CorrectDose(dose=dose, vaccine="adenovax", lot="AV4417", reason="The other vial")
    take(desk.node, other, desk.staff("S1"))
    with desk.node.journal.reading() as db:
        assert [dose.vaccine for dose in views.history(db, desk.one)] == ["adenovax"]
    desk.undo(merge)
    with desk.node.journal.reading() as db:
        assert views.history(db, desk.one) == []
        assert [dose.vaccine for dose in views.history(db, desk.two)] == ["adenovax"]
        papers = [paper for paper in views.certificates_of(db, desk.two) if not paper.revoked_at]
    assert [paper.person for paper in papers] == [desk.two]
    assert rebuilt_is_the_same(desk.node, site_folder)


def test_another_id_of_the_same_person_is_not_another_person(desk: Desk) -> None:
    dose = desk.give(desk.one)
    desk.merge()
    back = TakeBackDose(dose=dose, kind="other-person", person=desk.two, reason="Wrong card")
    with pytest.raises(BadInput) as refused:
        take(desk.node, back, desk.staff("V1"))
    assert refused.value.code == "dose.take-back-person"


def test_what_was_observed_in_between_is_shown_to_whoever_names_the_other_record(
    desk: Desk,
) -> None:
    desk.merge()
    first = RecordObservation(person=desk.one, code="pregnant")
    seen = take(desk.node, first, desk.staff("V1"))[0].position - 1
    second = RecordObservation(person=desk.two, code="pregnant", present=False, seen=seen)
    with pytest.raises(Conflict) as refused:
        take(desk.node, second, desk.staff("V1"))
    assert refused.value.code == "record.changed"


def refused_fields(desk: Desk, command: Command, by: str = "S1") -> tuple[str, ...]:
    with pytest.raises(RecordChangedConflict) as refused:
        take(desk.node, command, desk.staff(by))
    with desk.node.journal.reading() as db:
        assert refused.value.position == last_position(db)
    return refused.value.fields


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"identity": "did:in.gov.passport:B7654321"}, ("identity",)),
        ({"guardian": GuardianInput(relation="father", name="Ali Yusuf")}, ("guardian",)),
        ({"identity": "did:in.gov.passport:B7654321", "phone": "0555000111"}, ("identity",)),
        ({"phone": "0555000111"}, ()),
        ({"name": "Amina Yusuf Ali"}, ()),
    ],
)
@pytest.mark.parametrize("undone", [False, True])
def test_what_a_merge_has_filled_or_its_undoing_emptied_is_shown_to_whoever_has_not_seen_it(
    desk: Desk, typed: dict[str, Any], fields: tuple[str, ...], undone: bool
) -> None:
    def last() -> int:
        with desk.node.journal.reading() as db:
            return last_position(db)

    seen = last()
    merge = desk.merge()
    if undone:
        seen = last()
        desk.undo(merge)
    command = CorrectPerson(person=desk.one, reason="As she says", seen=seen, **typed)
    if fields:
        assert refused_fields(desk, command) == fields
        command = CorrectPerson(person=desk.one, reason="As she says", seen=last(), **typed)
    take(desk.node, command, desk.staff("S1"))


def test_whoever_saw_the_record_that_is_merged_now_is_shown_every_field_of_the_one_who_is_kept(
    desk: Desk,
) -> None:
    with desk.node.journal.reading() as db:
        seen = last_position(db)
    desk.merge()
    command = CorrectPerson(
        person=desk.two, name="Amina Warsame", phone="0555000111", reason="As she says", seen=seen
    )
    assert refused_fields(desk, command) == ("name", "phone")


@pytest.mark.parametrize("undone", [False, True])
def test_what_a_merge_has_brought_of_health_is_shown_to_whoever_has_not_seen_it(
    desk: Desk, undone: bool
) -> None:
    observed = RecordObservation(person=desk.two, code="pregnant")
    seen = take(desk.node, observed, desk.staff("V1"))[0].position
    merge = desk.merge()
    if undone:
        with desk.node.journal.reading() as db:
            seen = last_position(db)
        desk.undo(merge)
    ended = RecordObservation(person=desk.one, code="pregnant", present=False, seen=seen)
    assert refused_fields(desk, ended) == ("present",)


@pytest.mark.slow
def test_after_an_undoing_told_while_the_clock_was_not_believed_the_page_says_what_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = desk.node.clock.today()
    merge = desk.merge()
    told = {"id": "e9", "type": "MergeUndone", "body": {"merge": merge, "reason": "Two sisters"}}
    first = desk.give(desk.two, on=today - timedelta(days=60))  # stays with the one who was shown
    with desk.node.journal.reading() as db:
        entry = next(one for one in entries(db) if one.id == first)
    assert entry.body["person"] == desk.one
    desk.undo(merge)
    of_two = desk.give(desk.two, on=today - timedelta(days=20))
    merge = desk.merge()
    with desk.node.journal.reading() as db:
        assert [dose.number for dose in views.history(db, desk.one)] == [1, 2]
    told["body"] = {"merge": merge, "reason": "Two sisters"}
    with monkeypatch.context() as unsure:
        unsure.setattr(desk.node.clock, "believed", lambda: False)
        desk.node.journal.run(lambda unit: take_told(unit, desk.node.site, told, "nation"))
    client = create_app(desk.node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = client.get(f"/people/{desk.two}").text
    assert "was dose 2 of 2, and becomes dose 1 of 2" in page
    assert "names somebody else" in page
    assert "names somebody else" not in client.get(f"/people/{desk.one}").text
    number = NumberDoses(person=desk.two)
    id_ = desk.node.site.ids.new()
    answers = [desk.node.desk.take(id_, number, desk.staff("V1")).entries for _ in range(2)]
    assert answers[0] == answers[1]
    with desk.node.journal.reading() as db:
        assert [dose.number for dose in views.history(db, desk.two)] == [1]
        papers = [paper for paper in views.certificates_of(db, desk.two) if not paper.revoked_at]
    assert [(paper.person, paper.dose) for paper in papers] == [(desk.two, of_two)]
    with pytest.raises(Conflict):
        take(desk.node, number, desk.staff("V1"))
