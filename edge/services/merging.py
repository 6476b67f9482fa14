"""Two records of one person become one, and two again; what only looks alike is kept apart.

Entries stay with the id they were recorded for, so undoing a merge leaves both as they were. What
was recorded in between was recorded for the one who was shown, and stays with that one. Numbers of
doses follow from the history they are in, before and after; and paper follows that says a wrong
number, or that was signed in between for a dose of the other and carries the wrong name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.domain.dose import Dose
from edge.domain.errors import BadInput, Conflict, NotFound, Refusal
from edge.domain.numbering import renumbered_among
from edge.domain.people import Person
from edge.domain.scheduled import Case
from edge.journal import merges, views
from edge.journal.attention import replace_conflicts
from edge.journal.unit import Unit
from edge.services.commands import DistinguishDoses, DistinguishPeople, MergePeople, UndoMerge
from edge.services.corrections.guards import check_clock
from edge.services.doses.following import follow, replace_papers_of_another
from edge.services.doses.judging import case_of
from edge.services.lookups import known_person
from edge.services.people.demographics import list_differences
from edge.services.request import Request
from edge.services.site import Site


def merge_people(unit: Unit, request: Request[MergePeople], site: Site) -> None:
    """Write ``PersonsMerged`` for those under whom the two are shown now.

    Raises :class:`Conflict` where they are one already, :class:`Refusal` where somebody has said
    that they are not the same, or a dose of one was given before the birth or after the death of
    the other.
    """
    check_clock(unit, site)
    command = request.command
    kept = known_person(unit, command.kept)
    merged = known_person(unit, command.merged)
    if kept.id == merged.id:
        raise Conflict(
            "merge.one-already",
            "These two are one person already.",
            hint="Look at the list again.",
            field="merged",
        )
    if not command.although and merges.distinguished_people(unit.db, kept.id, merged.id):
        raise Refusal(
            "merge.distinguished",
            "It was said that these two are not the same person.",
            hint="Look at both again. If they are the same after all, say so and save again.",
            field="merged",
            overridable=True,
        )
    before = judged_apart(unit, site, (kept.id, merged.id))
    append_merge(
        unit,
        {"kept": kept.id, "merged": merged.id, "reason": command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    _check_days(known_person(unit, kept.id), kept, *(case.history for case in before))
    follow_merging(unit, request, site, before, (kept.id, merged.id))


def _check_days(one: Person, kept: Person, own: Sequence[Dose], others: Sequence[Dose]) -> None:
    """Refuse one person of two whose days contradict each other: a dose before the birth."""
    first = min((dose.on for dose in others), default=None)
    if first is not None and not one.lived_on(first):
        raise Refusal(
            "person.born-after-dose",
            "A dose of {on} is recorded: the birth cannot be later.",
            hint="Check the date of birth, or correct the dose first.",
            field="merged",
            on=first,
        )
    if one.status.name != "died" or one.status.on is None:
        return
    told = [*others, *(own if one.status != kept.status else ())]
    last = max((dose.on for dose in told if not dose.reported), default=one.status.on)
    if last > one.status.on:
        raise Refusal(
            "status.before-dose",
            "A dose of {last} is recorded: the death cannot be earlier.",
            hint="Check the day, or take that dose back first.",
            field="merged",
            last=last,
        )


def append_merge(unit: Unit, body: dict[str, Any], *, id_: str, by: str, command: str = "") -> None:
    """Write ``PersonsMerged`` and bring what hangs on it up to date."""
    unit.append("PersonsMerged", body, id_=id_, by=by, command=command)
    replace_conflicts(unit.db, body["merged"], [])
    list_differences(unit, body["kept"])


def undo_merge(unit: Unit, request: Request[UndoMerge], site: Site) -> None:
    """Write ``MergeUndone``; raises :class:`Conflict` where that was done already."""
    check_clock(unit, site)
    merge = merges.merge(unit.db, request.command.merge)
    if merge is None:
        raise NotFound("merge.unknown", "There is no such merge here.", field="merge")
    if merge.undone_at:
        raise Conflict(
            "merge.undone",
            "These two are two people again already.",
            hint="Look at the list again.",
            field="merge",
        )
    people = (merge.kept, merge.merged)
    before = judged_apart(unit, site, people)
    append_undone(
        unit,
        merge,
        request.command.reason,
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    follow_merging(unit, request, site, before, people)


def judged_apart(unit: Unit, site: Site, people: Sequence[str]) -> list[Case]:
    """Give the doses of those under whom these are shown now, each with whose they are."""
    shown = {person.id: person for id_ in people if (person := views.person(unit.db, id_))}
    return [
        case_of(unit, site, person, views.history(unit.db, person.id)) for person in shown.values()
    ]


def follow_merging(
    unit: Unit, request: Request[Any], site: Site, before: Sequence[Case], people: Sequence[str]
) -> None:
    """Number doses by the history they are in now, and replace paper that is untrue now.

    With a clock that is not believed nothing is signed: the person's page says what waits.
    """
    if not unit.stamp.believed:
        return
    follow(unit, request, site, renumbered_among(before, judged_apart(unit, site, people)))
    replace_papers_of_another(unit, request, site, people)


def append_undone(
    unit: Unit,
    merge: merges.Merge,
    reason: str,
    *,
    id_: str,
    by: str,
    command: str = "",
    **told: str,
) -> None:
    """Write ``MergeUndone`` and bring what hangs on it up to date; ``told``: by whom it was."""
    body = {"merge": merge.id, "reason": reason, **told}
    if merge.origin:
        body["origin"] = merge.origin
    unit.append("MergeUndone", body, id_=id_, by=by, command=command)
    for person in (merge.kept, merge.merged):
        shown = views.ids_of(unit.db, person)
        list_differences(unit, shown[0] if shown else person)


def distinguish_people(unit: Unit, request: Request[DistinguishPeople], site: Site) -> None:  # noqa: ARG001
    """Write ``PersonsDistinguished``; raises :class:`Conflict` for two who are shown as one."""
    command = request.command
    one, other = (known_person(unit, id_) for id_ in command.persons)
    if one.id == other.id:
        raise Conflict(
            "distinguish.one",
            "These two are shown as one person.",
            hint="Undo the merge first.",
            field="persons",
        )
    unit.append(
        "PersonsDistinguished",
        {"persons": [one.id, other.id], "reason": command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def distinguish_doses(unit: Unit, request: Request[DistinguishDoses], site: Site) -> None:  # noqa: ARG001
    """Write ``DosesDistinguished`` for two doses of one person."""
    command = request.command
    one, other = (views.recorded(unit.db, id_) for id_ in command.doses)
    if one is None or other is None:
        raise NotFound("dose.unknown", "There is no such dose here.", field="doses")
    if one.dose.id == other.dose.id or one.person.id != other.person.id:
        raise BadInput(
            "distinguish.doses",
            "These are not two doses of one person.",
            hint="Look at the list again.",
            field="doses",
        )
    unit.append(
        "DosesDistinguished",
        {"doses": [one.dose.id, other.dose.id], "reason": command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
