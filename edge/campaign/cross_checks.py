"""What a campaign's files must agree on among themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from edge.campaign.approval import (
    approval_mistakes,
    certification_mistakes,
    facility_mistakes,
    recall_mistakes,
)
from edge.campaign.distinct import distinct
from edge.campaign.distribution import distribution_mistakes
from edge.campaign.eligibility import eligibility_mistakes
from edge.campaign.identities import identity_mistakes
from edge.campaign.mistakes import Mistake
from edge.campaign.module_checks import check_modules
from edge.campaign.payments import payment_mistakes
from edge.campaign.questions import question_mistakes
from edge.campaign.sign_in import sign_in_mistakes
from edge.campaign.writing import check_writing
from edge.campaign.yaml_files import YamlFile
from edge.domain.catalogue import LIST_KEYS
from edge.domain.certificate import needs_of
from edge.domain.code_captions import CAPTIONS, is_known
from edge.domain.session_days import session_days


def cross_check(
    files: Mapping[str, YamlFile], observable: Collection[str] = ()
) -> Iterator[Mistake]:
    """Find codes that are used twice or lead nowhere, and numbers that contradict each other.

    ``observable`` are the codes that the campaign asks about people. What a file that is not there
    would have to say is not asked.
    """
    for needs, check in _CHECKS:
        if files.keys() >= needs:
            yield from check(files)
    for name, of_people in _OF_PEOPLE.items():
        if files.keys() >= {name, "programmes", "vaccines"}:
            yield from of_people(files, observable)


def _unique_codes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    for name, key in LIST_KEYS.items():
        if name in files:
            yield from distinct(files[name], key)


def _active(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    if not any(facility.get("active", True) for facility in files["facilities"].value):
        yield files["facilities"].mistake(
            (), "facilities.none", "No facility of the campaign is active."
        )


def _programmes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    programmes = files["programmes"]
    for index, programme in enumerate(programmes.value):
        if programme.get("end") and programme["end"] < programme["start"]:
            yield programmes.mistake(
                (index, "end"),
                "programme.dates",
                "The programme ends before it starts.",
            )
        if programme.get("max_age") and programme["max_age"] < programme.get("min_age", 0):
            yield programmes.mistake(
                (index, "max_age"),
                "programme.ages",
                "The greatest age is below the least.",
            )


def _programmes_vaccines(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    programmes, known = files["programmes"], _codes(files["vaccines"])
    for index, programme in enumerate(programmes.value):
        for place, code in enumerate(programme["vaccines"]):
            if code not in known:
                yield programmes.unknown(
                    (index, "vaccines", place),
                    "programme.vaccine",
                    "The vaccine {code} is not in vaccines.yaml.",
                    code,
                    known,
                )


def check_schedules(programmes: YamlFile, schedules: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find programmes whose schedule is not there or does not know one of their vaccines."""
    for index, programme in enumerate(programmes.value):
        name = programme.get("schedule")
        if name is None:
            continue
        if name not in schedules:
            yield programmes.unknown(
                (index, "schedule"),
                "programme.schedule",
                "There is no file schedules/{code}.yaml.",
                name,
                schedules,
            )
            continue
        for place, code in enumerate(programme["vaccines"]):
            if code not in schedules[name].value["vaccines"]:
                yield programmes.unknown(
                    (index, "vaccines", place),
                    "programme.schedule-vaccine",
                    "The vaccine {code} is not in schedules/{schedule}.yaml.",
                    code,
                    schedules[name].value["vaccines"],
                    schedule=name,
                )


def _vaccines(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    vaccines = files["vaccines"]
    for index, vaccine in enumerate(vaccines.value):
        for place, interval in enumerate(vaccine.get("dose_intervals", [])):
            if interval.get("max") and interval["max"] < interval["min"]:
                yield vaccines.mistake(
                    (index, "dose_intervals", place),
                    "vaccine.interval",
                    "The longest interval is shorter than the shortest.",
                )


def _staff(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    staff, known = files["staff"], _codes(files["facilities"])
    for index, member in enumerate(staff.value):
        for place, code in enumerate(member["facilities"]):
            if code not in known:
                yield staff.unknown(
                    (index, "facilities", place),
                    "staff.facility",
                    "The facility {code} is not in facilities.yaml.",
                    code,
                    known,
                )


def _sessions(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find session days that no calendar has."""
    facilities = files["facilities"]
    for index, facility in enumerate(facilities.value):
        for place, day in enumerate(facility.get("session_days", ())):
            try:
                session_days([day])
            except ValueError:
                yield facilities.mistake(
                    (index, "session_days", place),
                    "facility.session-day",
                    "{day} is no day of the calendar.",
                    day=day,
                )


def _certificates(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Check that what the formats need is there, and that paper carries only what is issued."""
    campaign, programmes = files["campaign"], files["programmes"]
    usual = campaign.value.get("certificates")
    if usual:
        yield from _paper(campaign, ("certificates",), usual)
    vaccines = {vaccine["code"]: vaccine for vaccine in files["vaccines"].value}
    for index, programme in enumerate(programmes.value):
        own = programme.get("certificates")
        if own:
            yield from _paper(programmes, (index, "certificates"), own)
        for name in (own or usual or {}).get("formats", ()):
            needs = needs_of(name)
            for field in needs.issuer:
                if not campaign.value["issuer"].get(field):
                    yield campaign.mistake(
                        ("issuer",),
                        "certificates.issuer",
                        "The format {format} needs the issuer's field {field}.",
                        format=name,
                        field=field,
                    )
            for code in programme["vaccines"]:
                if code not in vaccines:
                    continue
                given = vaccines[code].get("codes", {})
                lacking = [code for code in needs.codes if not given.get(code)]
                if lacking:
                    yield programmes.mistake(
                        (index, "vaccines"),
                        "certificates.codes",
                        "The format {format} needs codes of the vaccine {code}: {codes}.",
                        format=name,
                        code=code,
                        codes=", ".join(lacking),
                    )


def _captions(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Check that words stand over codes that there are."""
    plans = [files["campaign"].value, *files["programmes"].value]
    issued = {
        name for plan in plans for name in (plan.get("certificates") or {}).get("formats", ())
    }
    slips = files["slips"]
    for name in slips.value.get("captions", {}):
        if not is_known(name, issued):
            sentence = "No certificate has a code of the format {code}."
            known = sorted(issued | CAPTIONS.keys())
            path = ("captions", name)
            yield slips.unknown(path, "captions.unknown", sentence, name, known, few=True)


def _paper(
    file: YamlFile, path: tuple[str | int, ...], plan: Mapping[str, Any]
) -> Iterator[Mistake]:
    for width, formats in plan.get("paper", {}).items():
        for place, name in enumerate(formats):
            if name not in plan["formats"]:
                yield file.mistake(
                    (*path, "paper", width, place),
                    "certificates.paper",
                    "The format {format} goes on paper but is not issued.",
                    format=name,
                )


def _codes(file: YamlFile) -> dict[str, None]:
    return dict.fromkeys(item["code"] for item in file.value)


_Check = Callable[[Mapping[str, YamlFile]], Iterator[Mistake]]
_CHECKS: tuple[tuple[frozenset[str], _Check], ...] = (
    (frozenset(), _unique_codes),
    (frozenset({"programmes"}), _programmes),
    (frozenset({"programmes", "vaccines"}), _programmes_vaccines),
    (frozenset({"vaccines"}), _vaccines),
    (frozenset({"staff", "facilities"}), _staff),
    (frozenset({"facilities"}), _sessions),
    (frozenset({"campaign", "programmes", "vaccines"}), _certificates),
    (frozenset({"campaign", "programmes", "slips"}), _captions),
    (frozenset({"facilities"}), _active),
    (frozenset({"campaign"}), check_modules),
    (frozenset({"campaign"}), check_writing),
    (frozenset({"facilities"}), facility_mistakes),
    (frozenset({"facilities", "programmes"}), approval_mistakes),
    (frozenset({"staff", "programmes", "vaccines"}), certification_mistakes),
    (frozenset({"lot_recalls", "vaccines"}), recall_mistakes),
    (frozenset({"payments", "programmes", "vaccines"}), payment_mistakes),
    (frozenset({"identities"}), identity_mistakes),
    (frozenset({"distribution", "vaccines"}), distribution_mistakes),
    (frozenset({"sign_in"}), sign_in_mistakes),
)
"""What is checked, and the files that it needs."""
_OF_PEOPLE: Mapping[str, Callable[[Mapping[str, YamlFile], Collection[str]], Iterator[Mistake]]] = {
    "eligibility": eligibility_mistakes,
    "questions": question_mistakes,
}
"""What is checked with what the campaign asks about people, by its file."""
