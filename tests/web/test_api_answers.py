"""Records become answers field by field, and nothing gets another type or is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.catalogue import Lot
from edge.domain.identities import NO_IDENTITIES
from edge.domain.people import Address, Person
from edge.journal.print_jobs import PrintJob
from edge.web import answers
from edge.web.serializers import answer_of, job_answer, person_answer
from printers.jobs import PrintState

PERSON = Person(
    id="019a", code="C1", name="Zoë", gender="Female", birth_date=date(1990, 2, 3),
    birth_year=1990, identity="did:in.gov.uidai:1", nationality="FR", phone="1", email="z@example.org",
    address=Address(district="East", pincode="0011"),
)  # fmt: skip
LOT = Lot(vaccine="a", lot="L1", expiry=date(2030, 1, 1), quantity=3)


def test_every_field_of_a_person_is_answered_as_it_is() -> None:
    answer = person_answer(PERSON, NO_IDENTITIES)
    for name in ("id", "code", "name", "gender", "birth_date", "birth_year", "identity",
                 "nationality", "phone", "email"):  # fmt: skip
        assert getattr(answer, name) == getattr(PERSON, name)
        assert type(getattr(answer, name)) is type(getattr(PERSON, name))
    assert answer.address == {"district": "East", "pincode": "0011"}
    assert msgspec.json.decode(msgspec.json.encode(answer))["birthDate"] == "1990-02-03"
    assert person_answer(replace(PERSON, birth_date=None), NO_IDENTITIES).birth_date is None


@given(
    st.builds(
        Lot,
        vaccine=st.text(),
        lot=st.text(),
        expiry=st.dates(),
        quantity=st.integers(-(2**63), 2**63 - 1),
    )
)
def test_an_answer_says_what_the_record_says_whatever_that_is(lot: Lot) -> None:
    answer = answer_of(answers.LotAnswer, lot)
    assert (answer.vaccine, answer.lot, answer.expiry, answer.quantity) == (
        lot.vaccine, lot.lot, lot.expiry, lot.quantity,
    )  # fmt: skip


def test_what_is_made_comes_before_what_the_record_has() -> None:
    assert answer_of(answers.LotAnswer, LOT, quantity=2).quantity == 2


@dataclass
class Short:
    vaccine: str = "a"
    lot: str = "L1"
    expiry: object = date(2030, 1, 1)
    quantity: object = 1


@pytest.mark.parametrize(
    "wrong",
    [
        Short(quantity="1"),
        Short(quantity=1.5),
        Short(quantity=None),
        Short(quantity=True),
        Short(expiry=datetime(2030, 1, 1)),  # noqa: DTZ001
        Short(expiry="tomorrow"),
        Short(expiry=None),
    ],
)
def test_a_record_of_another_type_than_the_schema_promises_is_not_answered(wrong: Short) -> None:
    with pytest.raises(msgspec.ValidationError):
        answer_of(answers.LotAnswer, wrong)


def test_a_field_that_the_record_or_the_answer_does_not_have_is_a_mistake_and_no_default() -> None:
    with pytest.raises(AttributeError):
        answer_of(answers.DoseAnswer, LOT)
    with pytest.raises(TypeError, match="nextDue"):
        answer_of(answers.LotAnswer, LOT, nextDue=None)


def test_a_print_job_is_answered_without_what_is_not_for_tablets() -> None:
    job = PrintJob(
        1, "certificate", "C1", 1, "desk", PrintState.SENT, "", False, "ab" * 32, "2026", "2026"
    )
    assert msgspec.json.decode(msgspec.json.encode(job_answer(job))) == {
        "id": 1, "slip": "certificate", "printer": "desk", "copy": 1, "state": "sent",
    }  # fmt: skip
