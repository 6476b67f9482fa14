"""The registry says of a dose that it cannot be: by birth, programme, and whose hand it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from delivering_nodes import NOW, Place, correction, dose, entry, person, uuid
from hypothesis import given
from hypothesis import strategies as st

from sync.registry.judging.bounds import (
    BEFORE_BIRTH,
    BORN_AFTER,
    NOT_ASSIGNED,
    OUTSIDE,
    campaigns_of,
    first_birthday,
)
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.store.interface import Store

SCHEMAS = Schemas(schemas_folder())


@pytest.fixture
def judge(store: Store) -> Callable[[], int]:
    return Judging(store, SCHEMAS, lambda: NOW).run


def campaign(number: int, start: str = "2026-01-01", **more: Any) -> dict[str, Any]:
    programme = {"id": "covid-19", "name": "C", "vaccines": ["coviprotect"], "start": start, **more}
    staff = [
        {"code": "V1", "name": "A", "facilities": ["DEMO01"], "roles": ["vaccinator"]},
        {"code": "V3", "name": "B", "facilities": ["DEMO02"], "roles": ["vaccinator"]},
    ]
    lists = {"programmes": [programme], "staff": staff, "vaccines": [], "facilities": []}
    return entry(number, "CampaignApplied", {"campaign": lists})


def reborn(number: int, **changes: Any) -> dict[str, Any]:
    body = {"person": uuid(1), "changes": changes, "reason": "misread"}
    return entry(number, "PersonCorrected", body)


def reported(number: int, **more: Any) -> dict[str, Any]:
    return {**dose(number, **more), "type": "DoseReported"}


@pytest.mark.parametrize(
    ("spoiled", "field", "sentence"),
    [
        (dose(on="1989-12-31"), "on", BEFORE_BIRTH),
        (reported(2, on="1989-12-31"), "on", BEFORE_BIRTH),
        (dose(on="2025-12-31"), "on", OUTSIDE),
        (reported(2, on="2025-12-31"), "on", OUTSIDE),
        (dose(vaccinator="V3"), "vaccinator", NOT_ASSIGNED),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_a_dose_that_cannot_be_is_rejected_and_named(
    store: Store, judge: Callable[[], int], spoiled: Any, field: str, sentence: str, together: bool
) -> None:
    place = Place(store, "a")
    place.deliver(campaign(9), person())
    if not together:
        judge()
    place.deliver(spoiled, dose(3), reported(4, vaccinator="V3"))
    judge()
    assert place.states() == {uuid(2): ("rejected", field)}
    assert place.letters()[0]["sentence"] == sentence


def test_without_a_campaign_or_for_a_programme_or_hand_it_does_not_name_nothing_is_said(
    store: Store, judge: Callable[[], int]
) -> None:
    place, other = Place(store, "a"), Place(store, "b", "DEMO03")
    other.deliver(campaign(9))
    place.deliver(person(), dose(on="2025-12-31"), dose(3, vaccinator="V3"))
    judge()
    place.deliver(campaign(10), dose(4, programme="older", on="2025-12-31"))
    place.deliver(dose(5, vaccinator="V9"))
    judge()
    assert place.states() == {}


def test_of_several_editions_and_imports_the_one_that_lets_a_dose_pass_decides(
    store: Store, judge: Callable[[], int]
) -> None:
    place = Place(store, "a")
    place.deliver(campaign(9), campaign(10, start="2026-06-01", end="2026-12-31"), person())
    hand = {"code": "V3", "name": "B", "facilities": ["DEMO01"], "roles": ["vaccinator"]}
    place.deliver(entry(11, "CatalogueRecorded", {"kind": "staff", "items": [hand]}))
    judge()
    place.deliver(dose(on="2026-02-01"), dose(3, vaccinator="V3"))
    judge()
    assert place.states() == {}


def test_doses_given_elsewhere_count_from_the_day_that_the_country_says(
    store: Store, judge: Callable[[], int]
) -> None:
    place = Place(store, "a")
    place.deliver(campaign(9, counts_from="2020-01-01"), person())
    place.deliver(
        reported(2, on="2020-01-01"), reported(3, on="2019-12-31"), dose(4, on="2020-01-01")
    )
    judge()
    assert place.states() == {uuid(3): ("rejected", "on"), uuid(4): ("rejected", "on")}


@pytest.mark.parametrize(
    "changes", [{"on": "1989-12-31"}, {"on": "2025-12-31"}, {"vaccinator": "V3"}]
)
def test_a_correction_to_what_cannot_be_is_rejected_and_the_next_one_may_be_right(
    store: Store, judge: Callable[[], int], changes: dict[str, str]
) -> None:
    place = Place(store, "a")
    place.deliver(campaign(9), person(), dose())
    judge()
    place.deliver(correction(3, 2, **changes))
    judge()
    assert place.states() == {uuid(3): ("rejected", next(iter(changes)))}
    place.deliver(correction(4, 2, on="2026-11-23", vaccinator="V1"))
    place.deliver(correction(5, 2, lot="CP9"))
    judge()
    assert place.states() == {uuid(3): ("rejected", next(iter(changes)))}


def test_a_birth_after_a_dose_is_rejected_and_one_before_it_lets_the_dose_count(
    store: Store, judge: Callable[[], int]
) -> None:
    place = Place(store, "a")
    place.deliver(person(birthYear=None, birthDate="2026-11-24"), dose(), dose(3, on="2026-11-23"))
    judge()
    assert place.states() == {uuid(3): ("rejected", "on")}
    place.deliver(reborn(4, birthDate="2026-11-25"))
    judge()
    assert place.states()[uuid(4)] == ("rejected", "birthDate")
    assert place.letters()[-1]["sentence"] == BORN_AFTER
    place.deliver(reborn(5, birthDate="2026-11-20"))
    judge()
    assert place.states()[uuid(3)] == ("superseded", "on")
    assert uuid(5) not in place.states()


@given(
    st.dictionaries(
        st.sampled_from(["birthDate", "birthYear", "birthEarliest"]),
        st.none() | st.integers() | st.text(max_size=12),
    ),
    st.lists(
        st.none() | st.integers() | st.dictionaries(st.text(max_size=5), st.lists(st.integers()))
    ),
)
@pytest.mark.slow
def test_whatever_a_site_delivers_is_read_without_a_fault(
    fields: dict[str, Any], items: list[Any]
) -> None:
    first_birthday(fields)
    for kind in ("programmes", "staff"):
        campaigns_of([
            {"body": {"campaign": {kind: items}}}, {"body": {"kind": kind, "items": items}},
            {"body": {"campaign": items}}, {"body": items},
        ])  # fmt: skip
