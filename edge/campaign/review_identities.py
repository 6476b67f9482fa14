"""What is to be looked at in a campaign's ``identities.yaml``, though nothing of it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

from edge.campaign.mistakes import Mistake
from edge.campaign.reviewed import Reviewed
from edge.domain.identities import OWN_CODE


def _turned_away(campaign: Reviewed) -> Iterator[Mistake]:
    file = campaign.files.get("identities")
    types = file.value["types"] if file is not None else ()
    if any(item.get("read_by", item["type"]) == OWN_CODE for item in types):
        return
    for index, item in enumerate(types):
        if "needed_from" in item:
            yield campaign.remark("identities", ("types", index, "needed_from"),
                "identities.turned-away",
                "Whoever is {years} years old and has none of these papers cannot be registered."
                " Write {{type: none, name: No papers}} among the types, if that is not meant.",
                years=item["needed_from"])  # fmt: skip


def _example(campaign: Reviewed) -> Iterator[Mistake]:
    file = campaign.files.get("identities")
    for index, item in enumerate(file.value["types"] if file is not None else ()):
        if "example" not in item or "pattern" not in item:
            continue
        try:
            fits = regex.fullmatch(item["pattern"], item["example"], timeout=1) is not None
        except TimeoutError:
            fits = False
        if not fits:
            yield campaign.remark("identities", ("types", index, "example"), "identities.example",
                "The example {example} does not fit the pattern: people would copy a number that"
                " is refused.", example=item["example"])  # fmt: skip


IDENTITIES: tuple[Callable[[Reviewed], Iterator[Mistake]], ...] = (_turned_away, _example)
