"""What the nation approves, held against a dose on its day: facility, person, lot, time, rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import DEMO, write_campaign

from edge.campaign.catalogue import to_catalogue
from edge.campaign.editions import SiteCampaign, check_edition
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.domain.approval import (
    ApprovalRules,
    Certification,
    GivenHere,
    LotRecall,
    approve,
)
from edge.domain.eligibility import RuleScope
from edge.domain.facility_programmes import FacilityProgramme, OpeningTime
from edge.domain.session_days import session_days
from sync.resources import resource

SCHEMAS, TODAY = resource("config/schemas"), date(2026, 11, 24)  # a Tuesday
USUAL = ApprovalRules()
DOSE = GivenHere(
    programme="covid-19", programme_name="COVID-19", vaccine="coviprotect",
    vaccine_name="CoviProtect", lot="CP2611A", on=TODAY, facility_name="Riverside",
    vaccinator_name="Asha Verma",
)  # fmt: skip
RECALL = LotRecall(code="R1", vaccine="coviprotect", lots=frozenset({"CP2611A"}), on=TODAY)


def told(
    dose: GivenHere, rules: ApprovalRules = USUAL, recalls: tuple[LotRecall, ...] = ()
) -> list[str]:
    found = approve(dose, rules, recalls)
    return [
        *(f"{one.code} {one.decides if one.overridable else 'refuse'}" for one in found.objections),
        *(f"{one.code} advise" for one in found.advice),
    ]


def test_where_nothing_is_said_everything_is_approved() -> None:
    assert told(DOSE) == []


def test_a_facility_is_approved_for_a_programme_from_a_day_until_a_day() -> None:
    plan = FacilityProgramme(first=TODAY, last=TODAY)
    assert told(replace(DOSE, programmes={"covid-19": plan})) == []
    for programmes in (
        {},
        {"measles": plan},
        {"covid-19": replace(plan, active=False)},
        {"covid-19": replace(plan, first=TODAY + timedelta(days=1))},
        {"covid-19": replace(plan, last=TODAY - timedelta(days=1))},
    ):
        assert told(replace(DOSE, programmes=programmes)) == ["facility.not-for-programme refuse"]


def test_a_certification_counts_through_its_last_day_and_for_its_vaccines() -> None:
    for_covid = Certification(RuleScope(vaccines=frozenset({"coviprotect"})), TODAY)
    assert told(replace(DOSE, certified=[for_covid])) == []
    tomorrow = replace(DOSE, certified=[for_covid], on=TODAY + timedelta(days=1))
    assert told(tomorrow) == ["vaccinator.not-certified supervisor"]
    (refusal,) = approve(tomorrow, USUAL, ()).objections
    assert "ended on 2026-11-24" in str(refusal)
    other = Certification(RuleScope(vaccines=frozenset({"adenovax"})))
    assert told(replace(DOSE, certified=[other])) == ["vaccinator.not-certified supervisor"]
    assert told(replace(DOSE, certified=[other, for_covid])) == []
    assert told(replace(DOSE, certified=[])) == ["vaccinator.not-certified supervisor"]


def test_a_recalled_lot_is_refused_however_its_number_is_typed_and_with_what_is_to_be_done() -> (
    None
):
    assert told(DOSE, recalls=(RECALL,)) == ["lot.recalled refuse"]
    assert told(replace(DOSE, lot=" cp2611a"), recalls=(RECALL,)) == ["lot.recalled refuse"]
    assert told(replace(DOSE, lot="CP2611B"), recalls=(RECALL,)) == []
    assert told(replace(DOSE, vaccine="adenovax"), recalls=(RECALL,)) == []


def test_the_doses_of_a_day_are_counted_and_the_last_ten_are_announced() -> None:
    rated = replace(DOSE, programmes={"covid-19": FacilityProgramme(daily_rate=100)})
    assert told(replace(rated, so_far=89)) == []
    assert told(replace(rated, so_far=90)) == ["facility.few-left advise"]
    assert told(replace(rated, so_far=100)) == ["facility.daily-rate advise"]
    strict = ApprovalRules(daily_rate="supervisor")
    assert told(replace(rated, so_far=100), strict) == ["facility.daily-rate supervisor"]
    assert told(replace(rated, so_far=99), strict) == ["facility.few-left advise"]


def test_who_was_not_expected_comes_in_the_hours_for_walk_ins() -> None:
    morning = OpeningTime(days=frozenset({1}), opens=time(8), closes=time(12))
    noon = datetime(2026, 11, 24, 11, 59, tzinfo=UTC)
    plan = FacilityProgramme(appointments=(), walk_ins=(morning,))
    walk_in = replace(DOSE, programmes={"covid-19": plan}, now=noon, expected=False)
    assert told(walk_in) == []
    assert told(replace(walk_in, now=noon + timedelta(minutes=1))) == ["facility.hours advise"]
    assert told(replace(walk_in, now=noon + timedelta(days=1))) == ["facility.hours advise"]
    never = {"covid-19": replace(plan, walk_ins=(), appointments=(morning,))}
    assert told(replace(walk_in, programmes=never)) == ["facility.hours advise"]
    assert told(replace(walk_in, programmes=never, expected=True)) == []
    assert told(replace(walk_in, now=None)) == []  # of another day, entered late


def test_on_a_day_without_a_session_it_is_said(tmp_path: Path) -> None:
    assert told(replace(DOSE, sessions=session_days(["Mon"]))) == ["facility.closed advise"]
    strict = ApprovalRules(opening="clinician")
    assert told(replace(DOSE, sessions=session_days(["Mon"])), strict) == [
        "facility.closed clinician"
    ]


FACILITIES = """\
- code: DEMO01
  name: Riverside Health Centre
  run_by: private
  programmes:
  - {id: covid-19, daily_rate: 100, walk_ins: [{days: [Mon, Tue], from: '08:00', until: '12:00'}]}
  - {id: yellow-fever, from: 2026-01-01, until: 2026-12-31}
- code: DEMO02
  name: Market Street Clinic
- code: BOAT1
  name: The boat
  kind: outreach
  part_of: DEMO01
"""
RECALLS = """\
- code: R1
  vaccine: coviprotect
  lots: [cp2611a]
  on: 2026-11-20
  why: {en: Glass was found.}
  to_do: {en: 'Put it in quarantine, and call the district.'}
"""


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("approved") / "campaign"
    staff = (DEMO / "staff.yaml").read_text(encoding="utf-8")
    staff = staff.replace(
        "name: Asha Verma\n", "name: Asha Verma\n  certified: [{vaccines: [coviprotect], until: 2026-11-23}]\n"
    )  # fmt: skip
    write_campaign(folder, facilities=FACILITIES, staff=staff, lot_recalls=RECALLS)
    campaign = read_campaign(folder, SCHEMAS)
    assert read_packed(campaign, SCHEMAS) == campaign
    return campaign


def test_a_campaign_says_all_of_it_and_a_sub_site_has_the_staff_of_its_facility(
    body: dict[str, Any],
) -> None:
    catalogue = to_catalogue(body)
    boat = catalogue.facilities["BOAT1"]
    assert (boat.kind, boat.part_of, boat.run_by) == ("outreach", "DEMO01", "government")
    assert catalogue.facilities["DEMO01"].run_by == "private"
    assert catalogue.staff["V1"].facilities == ("DEMO01", "BOAT1")
    assert catalogue.staff["V3"].facilities == ("DEMO02",)
    assert catalogue.lot_recalls[0].names("coviprotect", "CP2611A")
    assert catalogue.asks_for_certification
    check_edition(body, SiteCampaign("BOAT1", {}))  # its people are those of DEMO01


MISTAKES = [
    ("part_of: DEMO01", "part_of: DEMO09", "facilities.yaml, line 12: DEMO09 is no other facility of facilities.yaml."),
    ("part_of: DEMO01", "part_of: BOAT1", "facilities.yaml, line 12: BOAT1 is no other facility of facilities.yaml."),
    ("name: Market Street Clinic", "name: Market Street Clinic\n  part_of: BOAT1", "facilities.yaml, line 9: BOAT1 is itself a part of DEMO01: name that one."),
    ("id: covid-19", "id: covid-91", "facilities.yaml, line 5: covid-91 is not in programmes.yaml. Did you mean covid-19?"),
    ("until: 2026-12-31", "until: 2025-12-31", "facilities.yaml, line 6: The approval ends before it begins."),
    ("id: yellow-fever", "id: covid-19", "facilities.yaml, line 6: The code covid-19 is used twice; first on line 5."),
    ("until: '12:00'", "until: '08:00'", "facilities.yaml, line 5: It closes at 08:00, which is not after 08:00."),
    ("kind: outreach", "kind: boat", "facilities.yaml, line 11, kind: boat must be one of: fixed, mobile, outreach."),
    ("run_by: private", "run_by: church", "facilities.yaml, line 3, run_by: church must be one of: government, private."),
    ("from: '08:00'", "from: '8'", "facilities.yaml, line 5, programmes.walk_ins.from: from is not in the right form. An hour and a minute, as 08:30."),
    ("vaccine: coviprotect", "vaccine: covi", "lot_recalls.yaml, line 1: covi is not in vaccines.yaml."),
    ("why: {en: Glass", "why: {fr: Verre", "lot_recalls.yaml, line 5: These words are not in the campaign's own language, en."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_each_mistake_in_the_approvals_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    texts = {name: text.replace(old, new, 1) for name, text in (("facilities", FACILITIES), ("lot_recalls", RECALLS))}  # fmt: skip
    assert texts != {"facilities": FACILITIES, "lot_recalls": RECALLS}
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(write_campaign(tmp_path / "campaign", **texts), SCHEMAS)
    assert wanted in [str(one) for one in caught.value.mistakes]


def facilities(appointments: str) -> str:
    return (
        "- code: DEMO01\n  name: Riverside Health Centre\n  programmes:\n"
        f"  - {{id: covid-19, appointments: {appointments}}}\n- {{code: DEMO02, name: B}}\n"
    )


def test_a_day_of_a_slot_has_its_own_room_or_the_slots_or_any(tmp_path: Path) -> None:
    text = facilities(
        "[{days: [{day: Mon, max_appointments: 20}, Tue], from: '10:00', until: '11:00',"
        " max_appointments: 5}, {days: [Wed], from: '10:00', until: '11:00'}]"
    )
    body = read_campaign(write_campaign(tmp_path / "rooms", facilities=text), SCHEMAS)
    plans = to_catalogue(body).facilities["DEMO01"].programmes
    assert plans
    assert [slot.rooms for slot in plans["covid-19"].appointments or ()] == [{0: 20, 1: 5}, {}]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("[thr]", "Thu"),
        ("[{day: Thr, max_appointments: 20}]", "Thu"),
        ("[mon]", "Mon"),
        ("[{day: Donnerstag}]", "Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("[Mon, Tue, Mon]", ""),
    ],
)
def test_a_day_that_is_none_is_named_and_is_never_another_day(
    tmp_path: Path, days: str, words: str
) -> None:
    text = facilities(f"[{{days: {days}, from: '10:00', until: '11:00'}}]")
    folder = write_campaign(tmp_path / "days", facilities=text)
    if not words:
        assert read_campaign(folder, SCHEMAS)
        return
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(folder, SCHEMAS)
    (mistake,) = caught.value.mistakes
    assert mistake.line == 4
    assert words in str(mistake)


def test_a_slot_that_is_said_twice_is_named(tmp_path: Path) -> None:
    slot = "{days: [Mon], from: '10:00', until: '11:00', max_appointments: 5}"
    folder = write_campaign(tmp_path / "twice", facilities=facilities(f"[{slot}, {slot}]"))
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(folder, SCHEMAS)
    (mistake,) = caught.value.mistakes
    assert "The slot 10:00 to 11:00 of Mon is said twice" in str(mistake)


def test_the_doses_of_a_vaccinator_in_a_day_are_counted() -> None:
    plan = {"covid-19": FacilityProgramme(rate_per_vaccinator=60)}
    assert told(replace(DOSE, programmes=plan, so_far_by=59)) == []
    assert told(replace(DOSE, programmes=plan, so_far_by=60)) == ["vaccinator.daily-rate advise"]
    strict = ApprovalRules(daily_rate="supervisor")
    assert told(replace(DOSE, programmes=plan, so_far_by=61), strict) == [
        "vaccinator.daily-rate supervisor"
    ]
