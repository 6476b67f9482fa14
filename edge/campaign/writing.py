"""What a campaign says of how dates and numbers are written, and in which languages."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from edge.campaign.mistakes import Mistake
from edge.campaign.words import LANGUAGE, is_product_language
from edge.campaign.yaml_files import YamlFile
from edge.domain.calendars import CALENDARS
from edge.domain.date_forms import DIGITS, names_a_day


def check_writing(campaign: YamlFile, words: Collection[str]) -> Iterator[Mistake]:
    """Find calendars, digits and forms that there are not, and a language that nobody speaks.

    ``words`` are the languages that the campaign has words in.
    """
    dates = campaign.value.get("dates", {})
    for field, known, what in (
        ("calendar", CALENDARS, "calendar"),
        ("digits", DIGITS, "set of digits"),
    ):
        if field in dates and dates[field] not in known:
            near = difflib.get_close_matches(dates[field], known, 1)
            yield Mistake(
                campaign.name,
                campaign.line(("dates", field)),
                f"dates.{field}",
                "There is no {what} {value}. Did you mean {near}?"
                if near
                else "There is no {what} {value}. Known are: {known}.",
                {
                    "what": what,
                    "value": dates[field],
                    "near": near[0] if near else "",
                    "known": ", ".join(known),
                },
            )
    if "form" in dates and not names_a_day(dates["form"]):
        yield Mistake(
            campaign.name,
            campaign.line(("dates", "form")),
            "dates.form",
            "{form} does not name day (d), month (M) and year (y) once each. Write, for example,"
            " d MMMM y or dd/MM/yyyy.",
            {"form": dates["form"]},
        )
    code = campaign.value.get("language", "en")
    if code not in words and not is_product_language(code):
        yield Mistake(
            campaign.name,
            campaign.line(("language",)),
            "language.unknown",
            "The language {code} has no words yet: there is no words/{code}.po. Make it with:"
            " divoc-edge campaign words FOLDER {code}"
            if LANGUAGE.fullmatch(code)
            else "{code} is no code of a language. Write, for example, sw or pt_BR.",
            {"code": code},
        )
