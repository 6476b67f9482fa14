"""What a campaign says of how dates and numbers are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.calendars import CALENDARS
from edge.domain.date_forms import DIGITS, names_a_day


def check_writing(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find calendars, digits and forms of dates that there are not."""
    campaign = files["campaign"]
    dates = campaign.value.get("dates", {})
    for field, known, what in (
        ("calendar", CALENDARS, "calendar"),
        ("digits", DIGITS, "set of digits"),
    ):
        if field in dates and dates[field] not in known:
            yield campaign.unknown(
                ("dates", field),
                f"dates.{field}",
                "There is no {what} {code}.",
                dates[field],
                known,
                few=True,
                what=what,
            )
    if "form" in dates and not names_a_day(dates["form"]):
        yield campaign.mistake(
            ("dates", "form"),
            "dates.form",
            "{form} does not name day (d), month (M) and year (y) once each. Write, for example,"
            " d MMMM y or dd/MM/yyyy.",
            form=dates["form"],
        )
