"""A new campaign from answered questions, asked by a page instead of a command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from edge.campaign.answers import (
    CODE,
    COUNTRY,
    LENGTH,
    TEXT,
    WEB,
    answered,
)
from edge.campaign.new_campaign import FirstFacility, Ministry, NewVaccine, like_files, new_files
from edge.campaign.new_parts import part_files
from edge.cli.campaign_new import LIKE, MOST_DOSES
from edge.domain.phrases import label
from edge.web.translations import Language
from sync.registry.drafts.tools import Question, WrongAnswers
from sync.resources import resource

_OWN = "new"
"""The choice of no shipped campaign: a vaccine of one's own."""
_MINISTRY: Mapping[str, tuple[str, str, str]] = {
    "country": (COUNTRY, label("Country, as two letters"), "KE"),
    "ministry": (TEXT, label("Who issues the certificates"), "Ministry of Health"),
    "web": (WEB, label("Web address of the ministry"), "https://moh.example"),
    "title": (TEXT, label("What the campaign is called"), ""),
    "facility": (CODE, label("Code of the first facility"), "NRB001"),
    "facility_name": (TEXT, label("Name of the first facility"), ""),
    "district": (TEXT, label("District of the first facility"), ""),
}
_VACCINE: Mapping[str, tuple[str, str, str]] = {
    "vaccine": (TEXT, label("Name of the vaccine"), ""),
    "manufacturer": (TEXT, label("Who makes it"), ""),
    "from_age": (LENGTH, label("From which age on"), "9 months"),
    "until_age": (LENGTH, label("Until which age; empty: no limit"), "5 years"),
    "doses": ("", label("How many doses"), "2"),
    "between": (LENGTH, label("How long between two doses"), "4 weeks"),
}
_PARTS: Mapping[str, str] = {
    "identities": label("Ask people for numbers and papers"),
    "payments": label("Say who pays for a dose"),
    "distribution": label("Send people messages"),
    "sign_in": label("Say with what each role signs in"),
}
"""Files that a campaign may have besides."""
_WANTED = "yes"
_MAY_BE_EMPTY = {"until_age", "between"}
_LABELS: Mapping[str, str] = {
    _OWN: label("A vaccine of our own"),
    "covid-19": label("COVID-19, as DIVOC ran it"),
    "routine-immunisation": label("Routine immunisation of children"),
    "yellow-fever": label("Yellow fever, with the international certificate"),
    "hpv-in-schools": label("HPV in schools"),
}


def questions(language: Language) -> list[Question]:
    """Give what a new campaign needs to be told; the vaccine's where it is a new one."""
    like = tuple((name, language.gettext(_LABELS[name])) for name in (_OWN, *LIKE))
    return [
        Question("like", language.gettext(label("What it is like")), choices=like),
        *(
            Question(name, language.gettext(label), example)
            for name, (_, label, example) in _MINISTRY.items()
        ),
        *(
            Question(name, language.gettext(label), example, needed=False)
            for name, (_, label, example) in _VACCINE.items()
        ),
        *(
            Question(name, language.gettext(asked), needed=False, choices=_no_or_yes(language))
            for name, asked in _PARTS.items()
        ),
    ]


def _no_or_yes(language: Language) -> tuple[tuple[str, str], ...]:
    return ("", language.gettext(label("No"))), (_WANTED, language.gettext(label("Yes")))


def begun(answers: Mapping[str, str], today: date, language: Language) -> dict[str, bytes]:
    """Make the files; raises :class:`WrongAnswers` with what is wrong with each."""
    like = answers.get("like", "")
    wanted = dict(_MINISTRY)
    if like not in LIKE:
        wanted |= _VACCINE
    wrong: dict[str, str] = {}
    said: dict[str, str] = {}
    for name, (kind, _, _) in wanted.items():
        text = answers.get(name, "")
        try:
            said[name] = answered(kind, text)
            if kind == LENGTH and not said[name] and name not in _MAY_BE_EMPTY:
                answered(LENGTH, "?")
        except ValueError as error:
            wrong[name] = language.gettext(str(error))
    vaccine = None if like in LIKE else _vaccine(said, wrong, language)
    if wrong:
        raise WrongAnswers(wrong)
    ministry = Ministry(said["country"], said["ministry"], said["web"])
    place = FirstFacility(said["facility"], said["facility_name"], said["district"])
    files = (
        like_files(resource("config/campaigns") / like, said["title"], ministry, place)
        if vaccine is None
        else new_files(said["title"], ministry, place, vaccine, today)
    )
    parts = [name for name in _PARTS if answers.get(name) == _WANTED]
    files = part_files(parts, ministry.country) | files
    return {name: text.encode() for name, text in files.items()}


def _vaccine(
    said: Mapping[str, str], wrong: dict[str, str], language: Language
) -> NewVaccine | None:
    count = said.get("doses", "")
    doses = int(count) if count.isascii() and count.isdigit() and len(count) < 3 else 0
    if not 1 <= doses <= MOST_DOSES:
        wrong["doses"] = language.say("A number from 1 to {most}.", {"most": MOST_DOSES})
    if doses > 1 and not said.get("between") and "between" not in wrong:
        wrong["between"] = language.gettext(
            "A length of time, such as 6 weeks, 9 months or 12 years."
        )
    if wrong.keys() & _VACCINE.keys():
        return None
    vaccine = NewVaccine(
        said["vaccine"],
        said["manufacturer"],
        said["from_age"],
        said["until_age"],
        doses,
        said["between"] if doses > 1 else "",
    )
    if not vaccine.is_for_somebody():
        wrong["until_age"] = language.gettext("Give a later age until which it is given.")
    return vaccine
