"""What is owed and spent goes with whom it is of: also after a merge, and after a death."""

from __future__ import annotations

from pathlib import Path

import pytest
from desks import of_type, take
from paying import asks_payment, voucher

from edge.domain.errors import EdgeError
from edge.journal import views
from edge.journal.views.payments import to_settle
from edge.node import Node
from edge.services.commands import (
    GiveDose,
    MergePeople,
    PayDose,
    PaymentInput,
    RecordStatus,
    RegisterPerson,
)


def given(node: Node, name: str, payment: PaymentInput) -> tuple[str, str]:
    """Register somebody and give a dose; give both ids."""
    person = take(node, RegisterPerson(name=name, gender="Female", birth_year=1961), "R1")
    asked = GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", payment=payment
    )
    return person, take(node, asked, "V1")


def owed(node: Node) -> list[str]:
    with node.journal.reading() as db:
        return [one.dose for one in to_settle(db, 10) if one.owed]


def test_a_merge_and_a_death_leave_owed_what_is_owed_and_spent_what_is_spent(
    node: Node, tmp_path: Path
) -> None:
    asks_payment(node, tmp_path / "paying")
    spender, _ = given(node, "Fatou Ndiaye", PaymentInput(payer="voucher", told=voucher()))
    kept, owing = given(node, "Ines Okafor", PaymentInput(payer="individual", later=True))
    take(node, MergePeople(kept=kept, merged=spender, reason="One card", although=True), "S1")
    take(node, RecordStatus(person=kept, status="died"), "S1")
    with pytest.raises(EdgeError, match=r"pays for another dose|spent"):
        take(node, PayDose(dose=owing, payment=PaymentInput(payer="voucher", told=voucher())), "V1")
    assert owed(node) == [owing]
    take(node, PayDose(dose=owing, payment=PaymentInput(payer="individual")), "V1")
    assert owed(node) == []


def test_a_number_of_a_record_that_was_merged_leads_to_the_one_that_was_kept(node: Node) -> None:
    number = "did:demo.id:79927398713"
    told = RegisterPerson(name="Fatou Ndiaye", gender="Female", birth_year=1961, identity=number)
    merged = take(node, told, "R1")
    other = RegisterPerson(name="Ines Okafor", gender="Female", birth_year=1961)
    kept = take(node, other, "R1")
    take(node, MergePeople(kept=kept, merged=merged, reason="One card", although=True), "S1")
    take(node, RecordStatus(person=kept, status="died"), "S1")
    with node.journal.reading() as db:
        found = views.person_by_identity(db, number)
        assert found is not None
        assert found.id == kept
    again = RegisterPerson(
        name="Somebody Else", gender="Male", birth_year=1990, identity=number, different_person=True
    )
    with pytest.raises(EdgeError, match="already registered"):
        take(node, again, "R1")
    assert (
        len(
            [
                one
                for one in of_type(node, "PersonRegistered")
                if one.body["person"].get("identity") == number
            ]
        )
        == 1
    )
