"""``divoc-edge people``: two records of one person, and doses that were not given as recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.at_site import do_at_site
from edge.cli.common import catalogue_in_force, data_folder, data_option
from edge.cli.pins import pin_option
from edge.domain.errors import NotFound
from sync.commands.answers import json_option, show_json

if TYPE_CHECKING:
    from edge.domain.people import Person
    from edge.services.duplicates import LikelyPair

_KINDS = ("not-given", "other-person", "other-dose", "disbelieved")
_MOST = 200


def _deciding(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what every decision takes: who decides, and why."""
    for option in (
        click.option("--reason", required=True, help="Why; it is kept."),
        click.option("--by", required=True, metavar="STAFF", help="The staff code of who decides."),
        pin_option(),
        click.option("--dry-run", is_flag=True, help="Only say what would be recorded."),
        data_option,
        json_option,
    ):
        command = option(command)
    return command


@click.group()
def people() -> None:
    """People who are recorded twice, and doses that were not given as they are recorded.

    People are named by their code or id. Who decides signs with the PIN of the tablets, and may
    what they may there. The node may be running or not.
    """


@people.command()
@data_option
@json_option
def alike(data: Path, as_json: bool) -> None:
    """List those who look like somebody else here, the most alike first."""
    from edge.adapters.site_database import reading
    from edge.services.duplicates import likely_pairs

    found: list[LikelyPair] = []
    with reading(data_folder(data)) as db:
        before = 0
        while len(found) < _MOST:
            part = likely_pairs(db, before)
            found += part.pairs
            before = part.before
            if not before:
                break
    found.sort(key=lambda pair: -pair.likeness.score)
    for pair in found[:_MOST]:
        if as_json:
            one, other = _told(pair.one), _told(pair.other)
            show_json({"one": one, "other": other, "score": pair.likeness.score})
        else:
            click.echo(f"{_line(pair.one)}  ~  {_line(pair.other)}")


@people.command()
@data_option
@json_option
def merges(data: Path, as_json: bool) -> None:
    """List who was merged with whom, the newest first: its id, by which it is undone."""
    from edge.adapters.site_database import reading
    from edge.journal import views
    from edge.journal.merges import newest_merges

    with reading(data_folder(data)) as db:
        for merge in newest_merges(db, _MOST):
            one, other = views.recorded_people(db, [merge.kept, merge.merged])
            if as_json:
                told = {"id": merge.id, "kept": _told(one), "merged": _told(other)}
                show_json(
                    {**told, "mergedAt": merge.merged_at, "undoneAt": merge.undone_at or None}
                )
            else:
                undone = f"  undone {merge.undone_at[:10]}" if merge.undone_at else ""
                click.echo(
                    f"{merge.id}  {merge.merged_at[:10]}  {_line(one)}  <-  {_line(other)}{undone}"
                )


@people.command()
@click.argument("person")
@data_option
@json_option
def doses(person: str, data: Path, as_json: bool) -> None:
    """List the doses of PERSON with their ids, also those that were taken back."""
    from edge.adapters.site_database import reading
    from edge.domain.dose_kinds import kind_on_record, place_by_command
    from edge.journal import views

    with reading(data_folder(data)) as db:
        catalogue = catalogue_in_force(db)
        known = _person(db, person)
        standing = (views.recorded(db, dose.id) for dose in views.all_doses(db, known.id))
        records = [record for record in standing if record] + views.taken_back(db, known.id)
    for record in records:
        dose, back = record.dose, record.withdrawn
        if as_json:
            told = {
                "id": dose.id, "on": dose.on, "programme": dose.programme, "vaccine": dose.vaccine,
                "number": dose.number, "total": dose.total, "lot": dose.lot,
                "facility": dose.facility, "reported": dose.reported,
                "takenBack": back.kind if back else None,
            }  # fmt: skip
            show_json(told)
        else:
            state = f"  taken back ({back.kind})" if back else ""
            programme = catalogue.find_programme(dose.programme)
            kind = kind_on_record(dose.number, dose.total, programme, dose.vaccine)
            which = f"{dose.vaccine} {place_by_command(dose.number, dose.total, kind)}"
            click.echo(f"{dose.id}  {dose.on}  {which}  {dose.lot or '-'}{state}")


@people.command()
@click.argument("kept")
@click.argument("merged")
@click.option("--although", is_flag=True, help="It was said that they are not the same.")
@_deciding
def merge(kept: str, merged: str, although: bool, **options: Any) -> None:
    """Make KEPT and MERGED one person, who is shown as KEPT."""
    ids = _ids(options, kept, merged)
    told = {"kept": ids[0], "merged": ids[1], "although": although}
    _decide("MergePeople", told, options)


@people.command(name="not-same")
@click.argument("one")
@click.argument("other")
@_deciding
def not_same(one: str, other: str, **options: Any) -> None:
    """Say that ONE and OTHER are two people, so that nobody is asked again."""
    _decide("DistinguishPeople", {"persons": _ids(options, one, other)}, options)


@people.command(name="undo-merge")
@click.argument("merge")
@_deciding
def undo_merge(merge: str, **options: Any) -> None:
    """Make two people again of those whom MERGE made one: its id, as `people merges` has it."""
    _decide("UndoMerge", {"merge": merge}, options)


@people.command(name="take-back")
@click.argument("dose")
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="What is not so of it.")
@click.option("--person", default="", help="Who got it: for other-person.")
@click.option("--programme", default="", help="For other-dose, where it differs.")
@click.option("--vaccine", default="", help="For other-dose, where it differs.")
@click.option("--lot", default="", help="For other-dose, where it differs.")
@click.option("--expiry", default="", metavar="DAY", help="Of a lot that is not in stock.")
@_deciding
def take_back(
    dose: str, kind: str, person: str, programme: str, vaccine: str, lot: str, expiry: str,
    **options: Any,
) -> None:  # fmt: skip
    """Take DOSE back: its id, as `people doses` has it. What hangs on it follows."""
    told = {
        "dose": dose,
        "kind": kind,
        "person": _ids(options, person)[0] if person else "",
        "programme": programme,
        "vaccine": vaccine,
        "lot": lot,
        **({"expiry": expiry} if expiry else {}),
    }
    _decide("TakeBackDose", told, options)


def _decide(type_: str, told: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    from edge.tasks import COMMAND

    document = {"type": type_, **told, "reason": options["reason"]}
    asked = {"command": document, "staff": options["by"], "pin": options["pin"]}
    dry_run = options["dry_run"]
    answer = do_at_site(options["data"], COMMAND, {**asked, "dryRun": dry_run})
    if options["as_json"]:
        show_json({**answer, **({"dryRun": True} if dry_run else {})})
        return
    counts = Counter(entry["type"] for entry in answer["entries"])
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(f"{'Would be recorded' if dry_run else 'Recorded'}: {said}.")


def _ids(options: Mapping[str, Any], *named: str) -> list[str]:
    """Give the ids of people who are named by code or id."""
    from edge.adapters.site_database import reading

    with reading(data_folder(options["data"])) as db:
        return [_person(db, name).id for name in named]


def _person(db: Any, named: str) -> Person:
    from edge.journal import views

    found = views.person_by_code(db, named.strip()) or views.person(db, named.strip())
    if found is None:
        raise NotFound(
            "person.unknown",
            "This person is not registered here.",
            hint="Name the person by the code on the paper, or by the id.",
            field="person",
        )
    return found


def _told(person: Person) -> dict[str, str]:
    return {"id": person.id, "code": person.code, "name": person.name, "born": person.born_text}


def _line(person: Person) -> str:
    return f"{person.code} {person.name}, {person.born_text}"
