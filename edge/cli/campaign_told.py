"""What another campaign would change, told to whoever tries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sync.commands.answers import show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.campaign.field_diff import CampaignChange
    from edge.domain.errors import BadInput
    from edge.services.campaign_people import PeopleChange
    from edge.services.campaign_trial import CampaignTrial, SiteChange

_CHANGES = {
    "due": "due then",
    "notDue": "not due any more",
    "overdue": "overdue then",
    "notEligible": "not eligible any more",
    "eligible": "eligible then",
}


def tell_changes(changes: Sequence[CampaignChange], as_json: bool) -> None:
    """Tell what is otherwise in a campaign, a line each."""
    for change in changes:
        if as_json:
            show_json(change.document())
        else:
            click.echo(str(change))
    if not changes and not as_json:
        click.echo("Nothing is otherwise.")


def tell_site(change: SiteChange) -> None:
    """Tell what is otherwise at a site: staff, vaccine in stock, recalled lots, paper."""
    if change.signed_out:
        click.echo(f"Could not sign in any more: {', '.join(change.signed_out)}.")
    if change.without_pin:
        told = ", ".join(change.without_pin)
        click.echo(f"Would need a PIN first (divoc-edge staff set-pin CODE): {told}.")
    for vaccine, left in change.stock.items():
        click.echo(f"In stock, and nobody could give it any more: {vaccine}, doses: {left}.")
    for recall in change.recalls:
        click.echo(
            f"Recall {recall.code}: {recall.vaccine}, lots {', '.join(recall.lots)}. People who"
            f" got it here: {recall.people:,}. Doses in stock: {recall.stock:,}."
        )
    for paper in change.paper:
        before, after = (", ".join(names) or "nothing" for names in (paper.before, paper.after))
        click.echo(
            f"Certificates of {paper.programme} on paper of {paper.width} mm: {after} in place of"
            f" {before}."
        )


def tell_people(people: PeopleChange, where: str) -> None:
    """Tell how many people are concerned, and by what."""
    click.echo(
        f"Of {people.people:,} people {where} {people.due:,} become due, {people.not_due:,} are"
        f" not due any more, {people.overdue:,} become overdue."
    )
    for (change, programme, vaccine, number), count in sorted(people.doses.items()):
        click.echo(f"  {count:,} {_CHANGES[change]}: {programme}, dose {number} of {vaccine}")
    for (change, programme, vaccine), count in sorted(people.rules.items()):
        click.echo(f"  {count:,} {_CHANGES[change]}: {programme}, {vaccine}")


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
        "changes": [change.document() for change in changes],
    }
