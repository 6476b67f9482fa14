"""What a campaign may say and hardly means: things to look at, which keep nothing from force.

A campaign that was in order stays so: a remark is told by ``campaign check`` and by nobody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from babel import Locale

from edge.campaign.line_hints import curly_marks
from edge.campaign.mistakes import Mistake
from edge.campaign.review_approvals import APPROVALS
from edge.campaign.review_identities import IDENTITIES
from edge.campaign.review_rules import RULES
from edge.campaign.review_schedules import SCHEDULES
from edge.campaign.reviewed import Reviewed
from edge.domain.session_days import session_days

_MOST = 20
"""Remarks of one kind that are told; how many more there are stands in the last of them."""


def review(campaign: Reviewed) -> list[Mistake]:
    """Find what is to be looked at, in order of file and line."""
    found: list[Mistake] = []
    for look in (
        *(_country, _places, _people, _sessions, _programmes, _vaccines),
        *(*SCHEDULES, *APPROVALS, *RULES, *IDENTITIES, _words),
    ):
        of_kind: dict[str, list[Mistake]] = defaultdict(list)
        for remark in look(campaign):
            of_kind[remark.code].append(remark)
        found += [remark for remarks in of_kind.values() for remark in _shortened(remarks)]
    return sorted(found, key=lambda remark: (remark.file, remark.line))


def _shortened(remarks: list[Mistake]) -> list[Mistake]:
    if len(remarks) <= _MOST:
        return remarks
    last, more = remarks[_MOST - 1], len(remarks) - _MOST
    return [*remarks[: _MOST - 1],
            Mistake(last.file, last.line, last.code, last.sentence,
                    {**last.values, "more": more}, hint="And {more} more like this.")]  # fmt: skip


def _places(campaign: Reviewed) -> Iterator[Mistake]:
    """Find facilities that would be shut: a site refuses a campaign without its people."""
    roles: dict[str, set[str]] = defaultdict(set)
    for _, member in campaign.each("staff"):
        for code in member["facilities"]:
            roles[code] |= set(member["roles"])
    for index, facility in campaign.each("facilities"):
        code, here = facility["code"], roles[facility["code"]]
        if not here:
            yield campaign.remark("facilities", (index,), "facility.nobody",
                "Nobody in staff.yaml works at {code}: a site there would refuse this campaign."
                " Give it somebody, or write active: false.", code=code)  # fmt: skip
        elif "vaccinator" not in here:
            yield campaign.remark("facilities", (index,), "facility.no-vaccinator",
                "Nobody at {code} is a vaccinator: no dose could be recorded there.",
                code=code)  # fmt: skip
        elif "supervisor" not in here:
            yield campaign.remark("facilities", (index,), "facility.no-supervisor",
                "Nobody at {code} is a supervisor: PINs could not be given there, and no rule"
                " set aside.", code=code)  # fmt: skip


def _people(campaign: Reviewed) -> Iterator[Mistake]:
    open_ = {facility["code"] for _, facility in campaign.each("facilities")}
    for index, member in campaign.each("staff"):
        if open_.isdisjoint(member["facilities"]):
            yield campaign.remark("staff", (index, "facilities"), "staff.nowhere",
                "{code} works only at facilities that are not active, and can sign in nowhere.",
                code=member["code"])  # fmt: skip


def _sessions(campaign: Reviewed) -> Iterator[Mistake]:
    for index, facility in campaign.each("facilities"):
        if "session_days" in facility and not session_days(
            facility["session_days"], facility.get("closed_days", ())
        ).on_or_after(campaign.today):
            yield campaign.remark("facilities", (index, "session_days"), "facility.no-session",
                "{code} has no session from {today} on: its session days are over or closed.",
                code=facility["code"], today=campaign.today.isoformat())  # fmt: skip


def _programmes(campaign: Reviewed) -> Iterator[Mistake]:
    active = {vaccine["code"] for _, vaccine in campaign.each("vaccines")}
    for index, programme in campaign.each("programmes"):
        code = programme["id"]
        if active.isdisjoint(programme["vaccines"]):
            yield campaign.remark("programmes", (index, "vaccines"), "programme.no-vaccine",
                "No vaccine of {code} is active: nobody could be vaccinated.",
                code=code)  # fmt: skip
        if (end := programme.get("end")) and end < campaign.today.isoformat():
            yield campaign.remark("programmes", (index, "end"), "programme.over",
                "{code} has been over since {end}.", code=code, end=end)  # fmt: skip
        if programme.get("counts_from", "") > programme["start"]:
            yield campaign.remark("programmes", (index, "counts_from"), "programme.counts-late",
                "Doses given elsewhere before {day} would not count for {code}, though it starts"
                " on {start}.", code=code, day=programme["counts_from"],
                start=programme["start"])  # fmt: skip
        for field in ("min_age", "max_age"):
            if field in programme and "schedule" in programme:
                yield campaign.remark("programmes", (index, field), "programme.age-unused",
                    "{field} is not asked about here: schedules/{schedule}.yaml says the ages of"
                    " {code}.", field=field, schedule=programme["schedule"],
                    code=code)  # fmt: skip
        yield from _too_short(campaign, index, programme)


def _too_short(campaign: Reviewed, index: int, programme: Mapping[str, Any]) -> Iterator[Mistake]:
    """Find a programme that is over before the second dose of its vaccine is due."""
    if not programme.get("end") or "schedule" in programme:
        return
    lasts = (date.fromisoformat(programme["end"]) - date.fromisoformat(programme["start"])).days
    for _, vaccine in campaign.each("vaccines"):
        least = sum(gap["min"] for gap in vaccine.get("dose_intervals", ()))
        if vaccine["code"] in programme["vaccines"] and least > lasts:
            yield campaign.remark("programmes", (index, "end"), "programme.too-short",
                "{code} lasts {lasts} days, and the last dose of {vaccine} is {least} days after"
                " the first at the earliest.", code=programme["id"], lasts=lasts,
                vaccine=vaccine["code"], least=least)  # fmt: skip


def _vaccines(campaign: Reviewed) -> Iterator[Mistake]:
    programmes = campaign.files["programmes"].value
    used = {code for programme in programmes for code in programme["vaccines"]}
    for index, vaccine in campaign.each("vaccines"):
        if vaccine["code"] not in used:
            yield campaign.remark("vaccines", (index, "code"), "vaccine.unused",
                "{code} is in no programme: nobody could be given it.",
                code=vaccine["code"])  # fmt: skip


def _country(campaign: Reviewed) -> Iterator[Mistake]:
    """Find a country that ISO 3166-1 does not have; its codes for invented ones begin with X."""
    country = campaign.files["campaign"].value["issuer"]["country"]
    known = {str(code) for code in Locale("en").territories} - {"UK"}
    if country not in known and not country.startswith("X"):
        yield campaign.remark("campaign", ("issuer", "country"), "campaign.country",
            "ISO 3166-1 has no country {country}: certificates would name none."
            + (" The United Kingdom is GB." if country == "UK" else ""),
            country=country)  # fmt: skip


def _words(campaign: Reviewed) -> Iterator[Mistake]:
    language = campaign.files["campaign"].value.get("language", "en")
    if language not in campaign.languages:
        yield campaign.remark("campaign", ("language",), "campaign.language",
            "The words on paper are not translated into {language}: they would be English. Known"
            " are: {known}.", language=language,
            known=", ".join(sorted(campaign.languages)))  # fmt: skip
    for file in (*campaign.files.values(), *campaign.schedules.values()):
        for hint in curly_marks(file.text):
            yield Mistake(file.name, hint.line, hint.code, hint.sentence, hint.values)
