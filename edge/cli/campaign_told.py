"""What another campaign would change, told to whoever tries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from edge.domain.phrases import Joined, Phrase, Tell, in_english, label
from sync.commands.answers import show_json
from sync.protocol.counted import Counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.campaign.field_diff import CampaignChange
    from edge.domain.errors import BadInput
    from edge.services.campaign_people import PeopleChange
    from edge.services.campaign_trial import CampaignTrial, SiteChange

_DOSES = {
    "due": label("{count} due then: {programme}, dose {number} of {vaccine}"),
    "notDue": label("{count} not due any more: {programme}, dose {number} of {vaccine}"),
    "overdue": label("{count} overdue then: {programme}, dose {number} of {vaccine}"),
}
_RULES = {
    "notEligible": label("{count} not eligible any more: {programme}, {vaccine}"),
    "eligible": label("{count} eligible then: {programme}, {vaccine}"),
}
_BECOME = {
    True: Counted(
        "Of {people} person at {facility} {due} becomes due, {not_due} is not due any more,"
        " {overdue} becomes overdue.",
        "Of {people} people at {facility} {due} become due, {not_due} are not due any more,"
        " {overdue} become overdue.",
        "people",
    ),
    False: Counted(
        "Of {people} person here {due} becomes due, {not_due} is not due any more,"
        " {overdue} becomes overdue.",
        "Of {people} people here {due} become due, {not_due} are not due any more, {overdue} become"
        " overdue.",
        "people",
    ),
}
"""By whether the facility is named."""


def tell_changes(changes: Sequence[CampaignChange], as_json: bool, tell: Tell = in_english) -> None:
    """Tell what is otherwise in a campaign, a line each."""
    for change in changes:
        sentence = tell(change.sentence, change.values)
        if as_json:
            show_json(change.document(sentence))
        else:
            click.echo(sentence)
    if not changes and not as_json:
        click.echo(tell("Nothing is otherwise.", {}))


def tell_site(change: SiteChange, tell: Tell = in_english) -> None:
    """Tell what is otherwise at a site: staff, vaccine in stock, recalled lots, paper."""
    for sentence, values in _at_the_site(change):
        click.echo(tell(sentence, values))


def _at_the_site(change: SiteChange) -> Iterator[tuple[str, dict[str, object]]]:
    if change.signed_out:
        yield "Could not sign in any more: {codes}.", {"codes": Joined(change.signed_out)}
    if change.without_pin:
        yield ("Would need a PIN first (divoc-edge staff set-pin CODE): {codes}.",
               {"codes": Joined(change.without_pin)})  # fmt: skip
    for vaccine, left in change.stock.items():
        yield ("In stock, and nobody could give it any more: {vaccine}, doses: {left}.",
               {"vaccine": vaccine, "left": left})  # fmt: skip
    if change.unkept:
        yield ("Appointments that would have no place, people to be called: {count}.",
               {"count": change.unkept})  # fmt: skip
    for recall in change.recalls:
        yield ("Recall {code}: {vaccine}, lots {lots}. People here who got it: {people}. Doses in"
               " stock: {stock}.",
               {"code": recall.code, "vaccine": recall.vaccine, "lots": Joined(recall.lots),
                "people": recall.people, "stock": recall.stock})  # fmt: skip
    for paper in change.paper:
        before, after = (
            Joined(formats) if formats else Phrase(label("nothing"))
            for formats in (paper.before, paper.after)
        )
        yield ("Certificates of {programme} on paper of {width} mm: {after} in place of {before}.",
               {"programme": paper.programme, "width": paper.width,
                "before": before, "after": after})  # fmt: skip


def tell_people(people: PeopleChange, facility: str = "", tell: Tell = in_english) -> None:
    """Tell how many people are concerned, and by what; ``facility``: where, if it is named."""
    values: dict[str, object] = {"people": people.people, "due": people.due, "facility": facility,
                                 "not_due": people.not_due, "overdue": people.overdue}  # fmt: skip
    click.echo(tell(_BECOME[bool(facility)], values))
    for (change, programme, vaccine, number), count in sorted(people.doses.items()):
        values = {"programme": programme, "number": number, "vaccine": vaccine, "count": count}
        click.echo(f"  {tell(_DOSES[change], values)}")
    for (change, programme, vaccine), count in sorted(people.rules.items()):
        values = {"programme": programme, "vaccine": vaccine, "count": count}
        click.echo(f"  {tell(_RULES[change], values)}")


def tell_refused(error: BadInput, as_json: bool) -> None:
    """Tell why a signed campaign would be refused before anybody looked at what is in it."""
    if as_json:
        show_json({"wouldApply": False, "refused": {"code": error.code, "sentence": str(error)}})
    else:
        click.echo(f"It would be refused. {error} {error.hint}".rstrip(), err=True)


def tell_verdict(body: dict[str, Any], trial: CampaignTrial, *, unsigned: bool) -> None:
    """Tell whether a campaign would come into force; ``unsigned``: once it is signed."""
    named = f"The campaign {body['id']} {body['version']}"
    if trial.refusal is not None:
        click.echo(f"It would be refused. {trial.refusal} {trial.refusal.hint}".rstrip(), err=True)
    elif trial.unchanged:
        click.echo(f"{named} is in force here already.")
    elif unsigned:
        click.echo(
            f"{named} is not signed, and {trial.facility} takes none without the ministry's"
            " signatures. Signed it would come into force there. Nothing was applied."
        )
    else:
        click.echo(f"{named} would come into force at {trial.facility}. Nothing was applied.")


def trial_document(
    body: dict[str, Any],
    trial: CampaignTrial,
    people: PeopleChange | None,
    changes: Sequence[CampaignChange],
    *,
    unsigned: bool,
) -> dict[str, Any]:
    """Give a trial as a JSON object."""
    refusal = trial.refusal
    return {
        "id": body["id"],
        "version": body["version"],
        "facility": trial.facility,
        "wouldApply": refusal is None and not trial.unchanged,
        "refused": {"code": refusal.code, "sentence": str(refusal)} if refusal else None,
        "needsSignatures": unsigned,
        **trial.change.document(),
        "people": people.document() if people is not None else None,
        "changes": [change.document(str(change)) for change in changes],
    }
