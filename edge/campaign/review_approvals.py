"""What is to be looked at in approvals: programmes, vaccines and people for whom there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import to_scope
from edge.campaign.reviewed import Reviewed
from edge.domain.lots import lot_key

_LISTS = (("programmes", "vaccines"), ("staff", "facilities"), ("staff", "roles"))


def _facilities(campaign: Reviewed) -> Iterator[Mistake]:
    """Find programmes that no facility is approved for, now or later."""
    open_ = [facility for _, facility in campaign.each("facilities")]
    if any("programmes" not in facility for facility in open_):
        return
    approved = {plan["id"] for facility in open_ for plan in facility["programmes"]
                if plan.get("active", True) and not _over(campaign, plan)}  # fmt: skip
    for index, programme in campaign.each("programmes"):
        if programme["id"] not in approved:
            yield campaign.remark("programmes", (index,), "programme.nowhere",
                "No facility in facilities.yaml is approved for {code} any more: every dose would"
                " be one without approval.", code=programme["id"])  # fmt: skip


def _certified(campaign: Reviewed) -> Iterator[Mistake]:
    """Find certifications that are over, and vaccines for which nobody is certified."""
    staff = list(campaign.each("staff"))
    if not any("certified" in member for _, member in staff):
        return
    valid = []
    for index, member in staff:
        trainings = member.get("certified", ())
        for place, training in enumerate(trainings):
            if _over(campaign, training):
                yield campaign.remark("staff", (index, "certified", place), "staff.expired",
                    "{code} was certified until {until}, and that is over.", code=member["code"],
                    until=training["until"])  # fmt: skip
            elif "vaccinator" in member["roles"]:
                valid.append(to_scope(training))
        if "vaccinator" in member["roles"] and not trainings:
            yield campaign.remark("staff", (index,), "staff.not-certified",
                "{code} is a vaccinator and certified for nothing, as others are: each dose of"
                " theirs would be one without approval.", code=member["code"])  # fmt: skip
    for index, programme in campaign.each("programmes"):
        for place, code in enumerate(programme["vaccines"]):
            if not any(scope.holds(programme["id"], code) for scope in valid):
                yield campaign.remark("programmes", (index, "vaccines", place),
                    "vaccine.nobody-certified", "Nobody is certified to give {code}.",
                    code=code)  # fmt: skip


def _over(campaign: Reviewed, item: Mapping[str, Any]) -> bool:
    return str(item.get("until", "9999")) < campaign.today.isoformat()


def _recalled_twice(campaign: Reviewed) -> Iterator[Mistake]:
    file = campaign.files.get("lot_recalls")
    first: dict[tuple[str, str], str] = {}
    for index, item in enumerate(file.value if file is not None else ()):
        for lot in item["lots"]:
            before = first.setdefault((item["vaccine"], lot_key(lot)), item["code"])
            if before != item["code"]:
                yield campaign.remark("lot_recalls", (index, "lots"), "recall.twice",
                    "Lot {lot} of {vaccine} is recalled by {before} already.", lot=lot,
                    vaccine=item["vaccine"], before=before)  # fmt: skip


def _twice(campaign: Reviewed) -> Iterator[Mistake]:
    for name, field in _LISTS:
        for index, item in campaign.each(name):
            for code, times in Counter(item[field]).items():
                if times > 1:
                    yield campaign.remark(name, (index, field), "list.twice",
                        "{code} stands twice in {field}. Leave it out once, or write what is"
                        " meant in its place.", code=code, field=field)  # fmt: skip


APPROVALS: tuple[Callable[[Reviewed], Iterator[Mistake]], ...] = (
    _facilities, _certified, _recalled_twice, _twice
)  # fmt: skip
