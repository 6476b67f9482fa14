"""A campaign from answered questions: the files of one for a new vaccine, or of a shipped one."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edge.domain.schedule.calendar import Period, at_age, period
from printers.plain_yaml import plain_yaml

_PLAIN = re.compile(r"[A-Za-z][\w.()/-]*( [\w.()/-]+)*")
_SPECIAL = frozenset(["null", "true", "false"])
_BORN = date(2020, 1, 1)
"""The birth of the worked cases: a day that every month has."""


@dataclass(frozen=True, slots=True)
class Ministry:
    """Who issues the certificates: ``country`` as ISO 3166-1 alpha-2, ``web`` the web address."""

    country: str
    name: str
    web: str

    def issuer(self) -> dict[str, str]:
        """Give the issuer's fields of ``campaign.yaml``."""
        base = self.web.rstrip("/")
        return {
            "name": self.name,
            "url": f"{base}/",
            "did": f"did:web:{urlsplit(base).netloc.replace(':', '%3A')}",
            "base_url": f"{base}/c/",
            "country": self.country,
        }


@dataclass(frozen=True, slots=True)
class FirstFacility:
    """The facility with which a campaign begins."""

    code: str
    name: str
    district: str


@dataclass(frozen=True, slots=True)
class NewVaccine:
    """A vaccine and its rule: ages and intervals as schedules write them; no ``until``: no limit.

    ``gap`` lies between two doses.
    """

    name: str
    manufacturer: str
    begin: str
    until: str
    doses: int
    gap: str

    def is_for_somebody(self) -> bool:
        """Say whether there is an age at which it may be given."""
        end = at_age(_BORN, period(self.until))
        begin = at_age(_BORN, period(self.begin))
        return end is None or begin is None or begin < end


def new_files(
    title: str, ministry: Ministry, place: FirstFacility, vaccine: NewVaccine,
    start: date,
) -> dict[str, str]:  # fmt: skip
    """Write the files of a campaign for a vaccine that no shipped campaign has, by their names."""
    from edge.domain.nearest import plain_code

    code = _text(plain_code(vaccine.name).lower() or "vaccine")
    name = json.loads(code) if code.startswith('"') else code
    issuer = "".join(f"  {key}: {_text(text)}\n" for key, text in ministry.issuer().items())
    return {
        "campaign.yaml": f"""id: {code}
# Give each edition a higher version.
version: "1"
name: {_text(title)}
issuer:
{issuer}# A small code, which fits on narrow paper.
certificates:
  formats: [divoc-compact]
""",
        "programmes.yaml": f"""- id: {code}
  name: {_text(title)}
  vaccines: [{code}]
  start: {start}
  schedule: {code}
""",
        "vaccines.yaml": f"""- code: {code}
  name: {_text(vaccine.name)}
  manufacturer: {_text(vaccine.manufacturer)}
  prophylaxis: {_text(f"{vaccine.name} vaccine"[:120])}
""",
        "facilities.yaml": f"""- code: {_text(place.code)}
  name: {_text(place.name)}
  address:
    district: {_text(place.district)}
""",
        "staff.yaml": _staff(_text(place.code)),
        "slips.yaml": f"""certificate:
  title: Vaccination certificate
  subtitle: {_text(ministry.name)}
  footer: Keep this paper dry and away from heat. Anybody can check it with the QR code.
""",
        f"schedules/{name}.yaml": _schedule(code, title, vaccine),
        f"schedules/{name}.cases.yaml": _cases(code, name, vaccine),
    }


def like_files(
    folder: Path, title: str, ministry: Ministry, place: FirstFacility
) -> dict[str, str]:
    """Give the files of a shipped campaign with a country's own names, comments and all.

    Its first facility becomes ``place``; the others go, and its people work there.
    """
    found = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.yaml"))
    }

    def change(name: str, how: Any) -> None:
        writer = plain_yaml("rt")
        writer.width, writer.preserve_quotes = 100, True
        value = writer.load(found[name])
        how(value)
        written = io.StringIO()
        writer.dump(value, written)
        found[name] = written.getvalue()

    def campaign(value: Any) -> None:
        value["name"] = title
        value["issuer"].update(ministry.issuer())

    def facilities(value: Any) -> None:
        value[0].update(code=place.code, name=place.name)
        value[0]["address"] = {"district": place.district}
        del value[1:]

    def staff(value: Any) -> None:
        for member in value:
            member["facilities"] = [place.code]

    change("campaign.yaml", campaign)
    change("facilities.yaml", facilities)
    change("staff.yaml", staff)
    change("slips.yaml", lambda value: value["certificate"].update(subtitle=ministry.name))
    return found


def _schedule(code: str, title: str, vaccine: NewVaccine) -> str:
    until = f", until: {vaccine.until}" if vaccine.until else ""
    later = "".join(
        f"      - vaccines: [{code}]\n        after: {{ previous: {vaccine.gap} }}\n"
        for _ in range(vaccine.doses - 1)
    )
    return f"""# What each word means is in docs/schedule.md.
schedule: {code}
title: {_text(title)}
vaccines:
  {code}: [{code}]
series:
  - name: {_text(vaccine.name)}
    against: {code}
    usual: true
    doses:
      - vaccines: [{code}]
        age: {{ from: {vaccine.begin}{until} }}
{later}"""


def _cases(code: str, name: str, vaccine: NewVaccine) -> str:
    """Write what the answers say as worked cases: too young, due, the next dose, complete."""
    begin = (period(vaccine.begin) or Period()).after(_BORN)
    gap = period(vaccine.gap) or Period()
    days = [begin]
    for _ in range(vaccine.doses - 1):
        days.append(gap.after(days[-1]))
    given = [f"{day} {name}" for day in days]
    first = {"dose": 1, "earliest": str(begin)}
    cases: list[dict[str, Any]] = [
        {"why": f"At {vaccine.begin} the first dose is due", "on": begin, "next": first}
    ]
    if begin > _BORN:
        young = begin - timedelta(days=1)
        cases.append({"why": "The day before is too early", "on": young, "next": first})
    if vaccine.doses > 1:
        second = {"dose": 2, "earliest": str(days[1])}
        cases.append({"why": f"The second dose is due {vaccine.gap} after the first",
                      "doses": given[:1], "on": days[1], "next": second})  # fmt: skip
    cases.append({"why": "After all doses nothing is due", "doses": given, "on": days[-1]})
    return "".join(_case(code, case) for case in cases)


def _case(code: str, case: Mapping[str, Any]) -> str:
    lines = [f"- why: {case['why']}", f"  born: {_BORN}"]
    if "doses" in case:
        lines.append(f"  doses: [{', '.join(case['doses'])}]")
    lines += [f"  on: {case['on']}", f"  group: {code}"]
    lines.append(f"  status: {'Not Complete' if 'next' in case else 'Complete'}")
    if "next" in case:
        lines.append(
            f"  next: {{ dose: {case['next']['dose']}, earliest: {case['next']['earliest']} }}"
        )
    return "\n".join(lines) + "\n"


def _staff(facility: str) -> str:
    people = (
        ("R1", "Registrar of your facility", "registrar"),
        ("V1", "Vaccinator of your facility", "vaccinator"),
        ("S1", "Supervisor of your facility", "supervisor"),
        ("T1", "Technician of your facility", "technician"),
    )
    rows = "".join(
        f"- code: {code}\n  name: {name}\n  facilities: [{facility}]\n  roles: [{role}]\n"
        for code, name, role in people
    )
    return (
        "# Put names in the place of these. Each site gives its own PINs:\n"
        f"# divoc-edge staff set-pin CODE\n{rows}"
    )


def _text(text: str) -> str:
    """Write a text in YAML, in quotation marks where it needs them."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _SPECIAL
    return text if plain else json.dumps(text, ensure_ascii=False)
