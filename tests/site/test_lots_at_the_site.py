"""One lot at the site, however it is typed, scanned, imported or was recorded before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from edge.campaign.stock_csv import read_stock
from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, Refusal
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.web.app import create_app

FindStaff = Callable[[str], Staff]
Make = Callable[..., commands.GiveDose]
EXPIRED = ["CP2503Z", "cp2503z", " cp2503Z ", "CP\u00a02503Z", "cp 25 03 z", "CP2503\uff3a"]
LATER = date(2031, 1, 1)
GTIN = "09506000134352"


@pytest.fixture
def take(node: Node, staff: FindStaff) -> Callable[..., str]:
    def act(command: commands.Command, by: str = "S1") -> str:
        return node.desk.take(node.site.ids.new(), command, staff(by)).id

    return act


def stock(node: Node) -> dict[str, tuple[date, int]]:
    with node.journal.reading() as db:
        return {lot.lot: (lot.expiry, lot.quantity) for lot in views.lots(db)}


def recorded(node: Node, dose: str) -> views.DoseRecord:
    with node.journal.reading() as db:
        found = views.recorded(db, dose)
    assert found
    return found


@pytest.mark.parametrize("typed", EXPIRED)
def test_no_way_of_typing_an_expired_lot_walks_round_its_expiry(
    take: Callable[..., str], dose: Make, typed: str
) -> None:
    with pytest.raises(Refusal) as refused:
        take(dose(lot=typed))
    assert refused.value.code == "lot.expired"
    with pytest.raises(BadInput) as asked:
        take(dose(lot=typed, expiry=LATER))
    assert asked.value.code == "lot.expiry-differs"
    given = take(dose())
    for expiry, code in ((LATER, "lot.expiry-differs"), (None, "lot.expired")):
        with pytest.raises(EdgeError) as corrected:
            take(commands.CorrectDose(dose=given, reason="another", lot=typed, expiry=expiry))
        assert corrected.value.code == code


def test_a_scanned_code_with_another_expiry_than_the_stocks_is_asked_about(
    take: Callable[..., str], dose: Make
) -> None:
    with pytest.raises(BadInput) as refused:
        take(dose(lot=f"]d201{GTIN}1731010010CP2503Z"))
    assert refused.value.code == "lot.expiry-differs"


def test_a_dose_is_taken_from_its_lot_and_says_it_in_one_form(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    before = stock(node)["CP2611A"][1]
    given = take(dose(lot=" cp2611a"))
    assert recorded(node, given).dose.lot == "CP2611A"
    assert stock(node)["CP2611A"][1] == before - 1
    with pytest.raises(BadInput) as refused:
        take(commands.CorrectDose(dose=given, reason="as typed", lot="cp 2611 a"))
    assert refused.value.code == "correction.nothing"


def test_a_lot_that_was_typed_with_an_expiry_keeps_it_for_the_next_dose(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    first = take(dose(lot="new7", expiry=LATER))
    with pytest.raises(BadInput) as refused:
        take(dose("Tendai Moyo", lot="NEW 7", expiry=date(2032, 1, 1)))
    assert refused.value.code == "lot.expiry-differs"
    second = take(dose("Tendai Moyo", lot="NEW 7"))
    assert {recorded(node, one).expiry for one in (first, second)} == {LATER}


@pytest.mark.parametrize("typed", EXPIRED)
def test_an_expired_lot_is_not_given_or_taken_in_as_another_vaccine(
    node: Node, take: Callable[..., str], dose: Make, typed: str
) -> None:
    with pytest.raises(Refusal) as refused:
        take(dose(vaccine="adenovax", lot=typed, expiry=LATER))
    assert refused.value.code == "lot.other-vaccine"
    given = take(dose(vaccine="adenovax", lot="AV4417"))
    with pytest.raises(Refusal) as refused:
        take(commands.CorrectDose(dose=given, reason="another", lot=typed, expiry=LATER))
    assert refused.value.code == "lot.other-vaccine"
    delivery: dict[str, Any] = {"vaccine": "adenovax", "lot": typed, "quantity": 5}
    with pytest.raises(Refusal) as refused:
        take(commands.ReceiveStock(**delivery, expiry=LATER))
    assert (refused.value.code, refused.value.overridable) == ("lot.other-vaccine", True)
    take(commands.ReceiveStock(**delivery, expiry=LATER, other_vaccine=True))
    take(commands.CorrectDose(dose=given, reason="it was so", lot=typed))
    assert recorded(node, given).expiry == LATER


def test_a_scanned_package_is_taken_in_and_given_with_what_stands_in_its_code(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    code = f"]d201{GTIN}1731020010cp9"
    take(commands.ReceiveStock(vaccine="coviprotect", lot=code, quantity=3))
    assert stock(node)["CP9"] == (date(2031, 2, 28), 3)
    assert recorded(node, take(dose(lot=code))).expiry == date(2031, 2, 28)
    assert stock(node)["CP9"] == (date(2031, 2, 28), 2)
    with pytest.raises(BadInput) as refused:
        take(commands.ReceiveStock(vaccine="coviprotect", lot="CP10", quantity=3))
    assert refused.value.code == "lot.expiry-missing"


@pytest.mark.parametrize("typed", ["CP2611A", "cp2611a", "CP 2611A"])
def test_a_delivery_with_another_expiry_asks_and_changes_the_lot_only_when_told_so(
    node: Node, take: Callable[..., str], typed: str
) -> None:
    before = stock(node)
    delivery: dict[str, Any] = {"vaccine": "coviprotect", "lot": typed, "quantity": 5}
    with pytest.raises(Refusal) as refused:
        take(commands.ReceiveStock(**delivery, expiry=LATER))
    assert (refused.value.code, refused.value.overridable) == ("lot.delivery-differs", True)
    assert stock(node) == before
    take(commands.ReceiveStock(**delivery, expiry=before["CP2611A"][0]))
    take(commands.ReceiveStock(**delivery, expiry=LATER, new_expiry=True))
    assert stock(node) == {**before, "CP2611A": (LATER, before["CP2611A"][1] + 10)}


def test_an_imported_delivery_is_held_against_the_lot_at_the_site(
    node: Node, tmp_path: Path
) -> None:
    before = stock(node)
    file = tmp_path / "more.csv"
    file.write_text(
        "vaccine,lot,expiry,quantity\n"
        f"coviprotect,cp 2611a,{LATER},5\n"
        f"coviprotect,cp 2611a,{before['CP2611A'][0]},5\n"
        "coviprotect,cp77,2031-02,4\n"
        "coviprotect,CP\u202e77,2031-02,4\n"
        "coviprotect,CP78,2031-13,4\n"
    )
    report = node.importer.stock("more.csv", read_stock(file), lambda _: None)
    assert [(one.line, one.code) for one in report.questions] == [(2, "lot.delivery-differs")]
    assert [(one.line, one.code, one.column) for one in report.mistakes] == [
        (5, "lot.forbidden-character", "lot"),
        (6, "csv.date", "expiry"),
    ]
    after = {"CP2611A": (before["CP2611A"][0], before["CP2611A"][1] + 5),
             "CP77": (date(2031, 2, 28), 4)}  # fmt: skip
    assert stock(node) == {**before, **after}


def old_entries(node: Node, person: str) -> None:
    """Record what an older version recorded: the same lot, typed as people did."""
    ids, day = node.site.ids, node.clock.today().isoformat()

    def work(unit: Any) -> None:
        for lot, quantity in (("ab 12", 10), ("AB12", 5)):
            body: dict[str, Any] = {"vaccine": "coviprotect", "lot": lot}
            body |= {"expiry": "2031-01-01", "quantity": quantity}
            unit.append("StockReceived", body, id_=ids.new(), by="S1")
        dose = {"person": person, "programme": "covid-19", "vaccine": "coviprotect", "number": 1,
                "total": 2, "lot": "aB 12", "expiry": "2031-01-01", "on": day,
                "facility": "DEMO01", "vaccinator": "V1"}  # fmt: skip
        unit.append("DoseGiven", dose, id_=ids.new(), by="V1")

    node.journal.run(work)


def test_a_journal_with_lots_typed_in_many_ways_shows_one_of_each(
    node: Node, person: Callable[[str], str]
) -> None:
    old_entries(node, person("Grace"))
    assert stock(node)["AB12"] == (LATER, 14)


def test_rows_that_an_older_version_made_are_made_anew_when_the_site_starts(
    site_folder: Path, node: Node, person: Callable[[str], str]
) -> None:
    old_entries(node, person("Grace"))

    def older(unit: Any) -> None:
        unit.db.execute("UPDATE stock SET lot = 'ab 12' WHERE lot = 'AB12'")
        unit.db.execute("DELETE FROM catalogue_once")
        unit.db.execute("UPDATE projection SET version = 0")

    node.journal.run(older)
    assert "ab 12" in stock(node)
    node.close()
    again = Node(site_folder)
    try:
        assert stock(again)["AB12"] == (LATER, 14)
        with again.journal.reading() as db:
            assert again.site.catalogues.current(db).ever.staff["V1"].worked == ("DEMO01",)
    finally:
        again.close()


def test_the_api_and_the_page_take_a_month_a_scan_and_the_word_that_a_date_is_right(
    node: Node, dose: Make
) -> None:
    browser = create_app(node.backend()).test_client()
    browser.post("/sign-in", data={"code": "S1", "pin": "2468"})

    def put(**fields: Any) -> Any:
        return browser.put(f"/api/v1/entries/{node.site.ids.new()}", json=fields)

    delivery = {"type": "ReceiveStock", "vaccine": "coviprotect", "lot": "cp5", "quantity": 3}
    assert put(**delivery, expiry="2031-02").status_code == 200
    assert stock(node)["CP5"] == (date(2031, 2, 28), 3)
    answer = put(**delivery, expiry="03/2031")
    assert (answer.status_code, answer.get_json()["overridable"]) == (409, True)
    assert put(**delivery, expiry="2031-03-00", newExpiry=True).status_code == 200
    assert stock(node)["CP5"] == (date(2031, 3, 31), 6)
    assert put(**delivery, expiry="some day").get_json()["field"] == "expiry"
    form = {"vaccine": "coviprotect", "lot": "CP 5", "expiry": "2031-04", "quantity": "1"}
    page = browser.post("/stock", data={**form, "id": node.site.ids.new()})
    assert (page.status_code, "newExpiry" in page.text) == (409, True)
    page = browser.post("/stock", data={**form, "id": node.site.ids.new(), "newExpiry": "yes"})
    assert page.status_code == 303
    assert stock(node)["CP5"] == (date(2031, 4, 30), 7)
    slip = browser.get("/slips/vial?of=coviprotect|cp%205")
    assert slip.status_code == 200


def test_a_lot_that_is_used_up_is_recorded_once_somebody_says_that_the_vial_has_its_number(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    take(commands.ReceiveStock(vaccine="coviprotect", lot="LAST1", quantity=1, expiry=LATER))
    take(dose(lot="LAST1"))
    second = dose("Tendai Moyo", lot="last 1")
    with pytest.raises(Refusal) as refused:
        take(second)
    assert (refused.value.code, refused.value.field) == ("lot.used-up", "lot")
    assert stock(node)["LAST1"] == (LATER, 0)
    given = take(structs.replace(second, beyond_stock=True))
    assert recorded(node, given).dose.lot == "LAST1"
    assert stock(node)["LAST1"] == (LATER, -1)
    take(commands.ReceiveStock(vaccine="coviprotect", lot="LAST1", quantity=4, expiry=LATER))
    assert stock(node)["LAST1"] == (LATER, 3)


def test_a_page_that_stayed_open_asks_whether_the_vial_is_of_the_lot_that_is_used_up(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    take(commands.ReceiveStock(vaccine="coviprotect", lot="LAST1", quantity=1, expiry=LATER))
    second = dose("Tendai Moyo", lot="LAST1")
    browser = create_app(node.backend()).test_client()
    browser.post("/sign-in", data={"code": "S1", "pin": "2468"})
    form = {"id": node.site.ids.new(), "programme": second.programme, "vaccinator": "V1",
            "lot": "coviprotect|LAST1"}  # fmt: skip
    path = f"/people/{second.person}/give"
    take(dose(lot="LAST1"))  # at another tablet, meanwhile
    page = browser.post(path, data=form)
    assert page.status_code == 409
    assert "All doses of lot LAST1" in page.text
    assert 'name="beyondStock" value="yes" >' in page.text  # offered, and not chosen by itself
    assert 'value="coviprotect|LAST1" required checked' in page.text
    said = browser.post(path, data={**form, "id": node.site.ids.new(), "beyondStock": "yes"})
    assert said.status_code == 303
    assert "more given than taken in" in browser.get("/stock").text


def test_a_correction_to_a_lot_that_is_used_up_asks_for_the_same_word_as_a_dose(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    take(commands.ReceiveStock(vaccine="coviprotect", lot="LAST1", quantity=1, expiry=LATER))
    last, other = take(dose(lot="LAST1")), take(dose("Tendai Moyo"))
    put_right = commands.CorrectDose(dose=other, reason="the other vial", lot="LAST1")
    with pytest.raises(Refusal) as refused:
        take(put_right)
    assert (refused.value.code, refused.value.field) == ("lot.used-up", "lot")
    take(structs.replace(put_right, beyond_stock=True))
    assert stock(node)["LAST1"] == (LATER, -1)
    take(commands.CorrectDose(dose=last, reason="its own lot", lot="LAST1", vaccinator="V1"))
    assert stock(node)["LAST1"] == (LATER, -1)


def test_a_dose_given_instead_is_of_a_lot_that_has_some_left_or_somebody_says_so(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    take(commands.ReceiveStock(vaccine="adenovax", lot="LAST2", quantity=1, expiry=LATER))
    take(dose("Tendai Moyo", vaccine="adenovax", lot="LAST2"))
    given = take(dose())
    instead = commands.TakeBackDose(
        dose=given, kind="other-dose", vaccine="adenovax", lot="LAST2", reason="the other vial"
    )
    with pytest.raises(Refusal) as refused:
        take(instead)
    assert (refused.value.code, refused.value.field) == ("lot.used-up", "lot")
    take(structs.replace(instead, beyond_stock=True))
    assert stock(node)["LAST2"] == (LATER, -1)


def test_a_dose_that_somebody_else_was_given_needs_no_second_dose_of_its_lot(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    take(commands.ReceiveStock(vaccine="coviprotect", lot="LAST1", quantity=1, expiry=LATER))
    given, other = take(dose(lot="LAST1")), dose("Tendai Moyo").person
    moved = commands.TakeBackDose(
        dose=given, kind="other-person", person=other, reason="the wrong card"
    )
    take(moved)
    assert stock(node)["LAST1"] == (LATER, 0)


def test_the_pages_that_put_a_dose_right_offer_to_say_that_the_vial_is_of_a_used_up_lot(
    node: Node, take: Callable[..., str], dose: Make
) -> None:
    take(commands.ReceiveStock(vaccine="coviprotect", lot="LAST1", quantity=1, expiry=LATER))
    take(dose(lot="LAST1"))
    other = take(dose("Tendai Moyo"))
    browser = create_app(node.backend()).test_client()
    browser.post("/sign-in", data={"code": "S1", "pin": "2468"})
    form = {"id": node.site.ids.new(), "lot": "LAST1", "was.lot": "CP2611A", "reason": "the other"}
    page = browser.post(f"/doses/{other}/correct", data=form)
    assert page.status_code == 409
    assert 'name="beyondStock" value="yes" >' in page.text
    said = {**form, "id": node.site.ids.new(), "beyondStock": "yes"}
    assert browser.post(f"/doses/{other}/correct", data=said).status_code == 303
    assert stock(node)["LAST1"] == (LATER, -1)
    form = {"kind": "other-dose", "given": "covid-19|adenovax", "lot": "adenovax|LAST2"}
    take(commands.ReceiveStock(vaccine="adenovax", lot="LAST2", quantity=1, expiry=LATER))
    take(dose("Kwame", vaccine="adenovax", lot="LAST2"))
    back = f"/doses/{other}/take-back"
    page = browser.post(back, data=form)
    assert page.status_code == 409
    assert 'name="beyondStock" value="yes" >' in page.text
    page = browser.post(back, data={**form, "beyondStock": "yes"})
    assert 'type="hidden" name="beyondStock" value="yes"' in page.text
    said = {"id": node.site.ids.new(), "beyondStock": "yes", "reason": "the other", "do": "take"}
    assert browser.post(back, data={**form, **said}).status_code == 303
    assert stock(node)["LAST2"] == (LATER, -1)
