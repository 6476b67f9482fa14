"""What speaks against a dose is named one by one to whoever decides, and set aside one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from asking import DEMO, campaign_with, certified
from forms import objections
from next_edition import put_in_force

from edge.domain.catalogue import Staff
from edge.domain.errors import Refusal
from edge.journal.entries import entries_of
from edge.node import Node
from edge.services import commands
from edge.web.app import create_app

Dose = Callable[..., commands.GiveDose]
Find = Callable[[str], Staff]
FEVER = """\
- code: fever
  asks: Has the child a fever?
  otherwise: supervisor
  answers:
  - {code: none, words: 'No'}
  - {code: fever, words: 'Yes', against: true}
"""


def give(node: Node, dose: commands.GiveDose, who: Staff) -> str:
    return node.desk.take(node.site.ids.new(), dose, who).id


def test_each_objection_is_named_to_whoever_decides_and_may_have_a_reason_of_its_own(
    node: Node, dose: Dose, staff: Find, tmp_path: Path, person: Callable[[str], str]
) -> None:
    files = {"staff": certified(node, -1), "questions": FEVER}
    put_in_force(node, campaign_with(tmp_path / "both", **files))
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    path, id_ = f"/people/{person('Grace')}/give", node.site.ids.new()
    form = {"id": id_, "programme": "covid-19", "lot": "coviprotect|CP2611A"}
    signed = {"supervisor": "S1", "pin": "2468"}
    first = client.post(path, data={**form, "answer.fever": "none"}).text
    seen = objections(first)
    assert [name for name in seen if name.startswith("objection.")] == ["objection.0"]
    blind = {**form, "answer.fever": "fever", **seen, **signed, "reason": "Nobody else is here"}
    second = client.post(path, data=blind)
    assert second.status_code == 409, "a supervisor who saw one thing has not decided on another"
    assert "Has the child a fever? Yes" in second.text
    assert 'name="why.1"' in second.text
    both = {**form, "answer.fever": "fever", **objections(second.text), **signed}
    assert 'name="reason" maxlength="200" value=""' in second.text, "not of what is new"
    assert client.post(path, data={**both, "why.1": ""}).status_code == 409
    whole = {**both, "why.0": "A warm day", "why.1": "", "reason": "Her course ends on Friday"}
    assert client.post(path, data=whole).status_code == 303
    with node.journal.reading() as db:
        entry, *more = entries_of(db, id_)
    told = {one.body["rule"]: one.body["reason"] for one in more if one.type == "RuleOverridden"}
    assert entry.body["overrides"] == ["question.fever", "vaccinator.not-certified"]
    assert told == {
        "question.fever": "A warm day", "vaccinator.not-certified": "Her course ends on Friday"
    }  # fmt: skip


def test_an_override_that_names_nothing_stands_for_the_only_objection_and_for_no_other(
    node: Node, dose: Dose, staff: Find, tmp_path: Path
) -> None:
    put_in_force(node, campaign_with(tmp_path / "only", staff=certified(node, -1)))
    word = commands.Override(reason="Nobody else is here", supervisor="S1")
    give(node, dose(override=word), staff("V1"))
    with pytest.raises(Refusal) as caught:
        give(node, dose(override=word), staff("V1"))
    codes = [objection.code for objection in caught.value.together]
    assert codes == ["vaccinator.not-certified", "dose.same-day", "dose.too-early"]
    one, *others = caught.value.together
    seen = (commands.DecidedObjection(id=one.id, reason="Nobody else"),)
    with pytest.raises(Refusal, match="no second dose on one day"):
        give(node, dose(override=msgspec.structs.replace(word, objections=seen)), staff("V1"))
    assert others[0].overridable


@pytest.mark.slow
def test_a_page_that_asks_for_somebody_who_does_not_work_here_says_where_to_go(
    node: Node, tmp_path: Path, person: Callable[[str], str]
) -> None:
    staff = certified(node, -1).replace("supervisor, clinician", "supervisor")
    asked = (DEMO / "campaign.yaml").read_text(encoding="utf-8")
    asked += "\napproval: {certification: clinician}\n"
    put_in_force(node, campaign_with(tmp_path / "nobody", staff=staff, campaign=asked))
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    form = {"id": node.site.ids.new(), "programme": "covid-19", "lot": "coviprotect|CP2611A"}
    page = client.post(f"/people/{person('Grace')}/give", data=form).text
    assert "No clinician works at this facility" in page
    assert 'name="supervisor"' not in page
