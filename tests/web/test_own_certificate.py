"""People take their own certificate to their telephone: by code and birth, and nobody else's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from channels import send_by
from desks import of_type, take
from flask.testing import FlaskClient
from pages import text_of
from site_factory import filled_site

from edge.adapters.settings import Settings
from edge.domain.errors import NotAllowed, NotFound
from edge.journal import access, views
from edge.journal.pin_tries import tries_a_device
from edge.node import Node
from edge.services.commands import (
    CorrectPerson,
    GiveDose,
    RecordContactPreference,
    RegisterPerson,
)
from edge.services.downloads import LASTS, Downloads, OpenedPaper
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest
from edge.web.app import create_app
from printers.document import Text

PAGE = "/my-certificate"
WRONG = "There is no certificate for this code and date of birth."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("downloads") / "site"
    node = filled_site(made, Settings(facility="DEMO01", listen="192.168.7.1:8443"))
    send_by(node, download=True)
    node.close()
    return made


@pytest.fixture
def node(folder: Path, tmp_path: Path) -> Iterator[Node]:
    shutil.copytree(folder, tmp_path / "site")
    made = Node(tmp_path / "site")
    yield made
    made.close()


class Guest:
    """Somebody with a telephone in the site's Wi-Fi, and the use case behind the page."""

    def __init__(self, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node, self.seconds = node, 0.0
        self.waited: list[float] = []
        self.now = node.clock.now()
        monkeypatch.setattr(node.clock, "now", lambda: self.now)
        self.downloads = Downloads(
            node.journal,
            node.site,
            CountedEntropy(),
            node.use_cases.access,
            node.printing.pages,
            lambda: self.seconds,
            self.waited.append,
        )

    def open(self, code: str, born: str, address: str = "10.0.0.9") -> OpenedPaper:
        return self.downloads.open(code, born, address)


class CountedEntropy:
    """Gives the next number."""

    def __init__(self) -> None:
        self.count = 0

    def bytes(self, count: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(count)


@pytest.fixture
def guest(node: Node, monkeypatch: pytest.MonkeyPatch) -> Guest:
    return Guest(node, monkeypatch)


def vaccinated(node: Node, name: str = "Asha Newcomer", **born: Any) -> str:
    """Register somebody and vaccinate them; give their code."""
    told = born or {"birth_date": date(1990, 5, 4)}
    person = take(node, RegisterPerson(name=name, gender="Female", **told))
    take(node, GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found is not None
    return found.code


def test_a_person_opens_their_own_certificates_with_code_and_birth_however_they_are_typed(
    node: Node, guest: Guest, tmp_path: Path
) -> None:
    code, other = vaccinated(node), vaccinated(node, "Binta Elsewhere")
    spaced = f" {code[:4]}-{code[4:8]} {code[8:]} ".lower()
    for born in ("1990-05-04", "4/5/1990", "4 May 1990", "٠٤/٠٥/١٩٩٠"):
        opened = guest.open(spaced, born)
    (own,) = opened.certificates
    assert own.issued.id == of_type(node, "CertificateIssued")[0].body["certificate"]
    pdf = guest.downloads.pdf(opened.ticket, own.issued.id, "10.0.0.9")
    text = text_of(pdf, tmp_path)
    assert "Asha Newcomer" in text
    assert "Binta" not in text
    theirs = guest.open(other, "1990-05-04").certificates[0].issued.id
    with pytest.raises(NotFound, match="does not count"):
        guest.downloads.pdf(opened.ticket, theirs, "10.0.0.9")


def test_a_certificates_number_opens_nothing_and_all_that_is_wrong_is_said_and_timed_alike(
    node: Node, guest: Guest
) -> None:
    code = vaccinated(node)
    unvaccinated = take(node, RegisterPerson(name="Cora None", gender="Female", birth_year=1990))
    with node.journal.reading() as db:
        bare = views.person(db, unvaccinated)
    assert bare is not None
    number = of_type(node, "CertificateIssued")[-1].body["certificate"]
    tries = [
        (number, "1990-05-04"), (code, "1990-05-05"), (code, "1990"), (code, ""),
        ("", "1990-05-04"), ("7" * 12, "1990-05-04"), (bare.code, "1990"), (code[:11], "1990-05-04"),
        ("%", "%"), ("x" * 5000, "y" * 5000),
    ]  # fmt: skip
    said = set()
    for at, (typed, born) in enumerate(tries):
        guest.seconds += at / 100  # what was looked up took its time
        with pytest.raises(NotAllowed) as refused:
            guest.open(typed, born, f"10.0.0.{at}")
        said.add((refused.value.code, refused.value.sentence, refused.value.hint))
    assert len(said) == 1
    assert guest.waited == pytest.approx([0.25] * len(tries))


def test_a_birth_of_which_only_the_year_is_known_is_typed_as_a_year_and_an_age_opens_nothing(
    node: Node, guest: Guest
) -> None:
    year = vaccinated(node, birth_year=1990)
    aged = vaccinated(
        node,
        "Binta Elsewhere",
        birth_earliest=date(1989, 12, 1),
        birth_latest=date(1990, 11, 30),
    )
    assert guest.open(year, "1990").certificates
    for typed in ("1990", "1989-12-01", "1989-12-01/1990-11-30", ""):
        with pytest.raises(NotAllowed):
            guest.open(aged, typed, f"10.0.1.{len(typed)}")


def test_guesses_are_few_for_a_telephone_and_for_a_code_and_touch_no_pin(
    node: Node, guest: Guest
) -> None:
    code = vaccinated(node)
    for at in range(5):
        with pytest.raises(NotAllowed, match="There is no certificate"):
            guest.open(code, f"1990-06-0{at + 1}")
    with pytest.raises(NotAllowed, match="Too many wrong codes"):
        guest.open(code, "1990-05-04")
    for at in range(5):
        with pytest.raises(NotAllowed, match="There is no certificate"):
            guest.open(code, f"1990-07-0{at + 1}", f"10.0.2.{at}")
    with pytest.raises(NotAllowed, match="Too many wrong codes"):
        guest.open(code, "1990-05-04", "10.0.3.1")  # from anywhere
    with node.journal.reading() as db:
        assert tries_a_device(db, "") == []
    assert node.authenticator.sign_in("V1", "2468", "", "10.0.0.9")
    guest.now += timedelta(minutes=16)
    assert guest.open(code, "1990-05-04").certificates


def test_right_ones_are_not_counted_and_each_look_is_in_the_access_log(
    node: Node, guest: Guest
) -> None:
    code = vaccinated(node)
    for _ in range(12):
        opened = guest.open(code, "1990-05-04")
    guest.downloads.pdf(opened.ticket, opened.certificates[0].issued.id, "10.0.0.9")
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        rows = access.page(db, person=opened.person)
    assert len(rows) == 13
    assert {(row.access.kind, row.access.staff, row.access.device) for row in rows} == {
        ("certificate", "", "guest:10.0.0.9")
    }


def test_what_is_open_ends_after_minutes_and_never_shows_what_counts_no_more(
    node: Node, guest: Guest
) -> None:
    code = vaccinated(node)
    opened = guest.open(code, "1990-05-04")
    number = opened.certificates[0].issued.id
    take(node, CorrectPerson(person=opened.person, name="Asha Correct", reason="Misspelt"))
    with pytest.raises(NotFound, match="does not count"):
        guest.downloads.pdf(opened.ticket, number, "")
    (again,) = guest.open(code, "1990-05-04").certificates
    assert again.issued.id != number
    guest.now += LASTS
    with pytest.raises(NotFound, match="not open any more"):
        guest.downloads.opened(opened.ticket)


def test_the_pdf_is_in_the_persons_language(node: Node, guest: Guest, tmp_path: Path) -> None:
    code = vaccinated(node)
    person = guest.open(code, "1990-05-04").person
    take(node, RecordContactPreference(person=person, consent="no", language="fr"))
    opened = guest.open(code, "1990-05-04")
    pdf = guest.downloads.pdf(opened.ticket, opened.certificates[0].issued.id, "")
    assert "Vaccinateur" in text_of(pdf, tmp_path)


def told(node: Node) -> str:
    number = of_type(node, "CertificateIssued")[-1].body["certificate"]
    slip = node.print_room.slip(SlipRequest("certificate", number), NO_PRINTER)
    return "\n".join(block.text for block in slip.blocks if isinstance(block, Text))


def test_the_paper_says_where_and_with_which_code_and_only_where_the_campaign_offers_it(
    node: Node,
) -> None:
    code = vaccinated(node)
    assert f"http://192.168.7.1:8443{PAGE}" in told(node)
    assert f"Your code: {code}" in told(node)
    send_by(node, download=False)
    assert PAGE not in told(node)
    assert code not in told(node)


@pytest.fixture
def client(node: Node) -> FlaskClient:
    return create_app(node.backend()).test_client()


def test_the_page_works_without_a_script_and_keeps_nothing_in_an_address(
    node: Node, client: FlaskClient
) -> None:
    code = vaccinated(node)
    asked = client.get(PAGE)
    assert asked.status_code == 200
    assert 'name="code"' in asked.text
    wrong = client.post(PAGE, data={"code": code, "born": "1991"})
    assert (wrong.status_code, WRONG in wrong.text) == (403, True)
    right = client.post(PAGE, data={"code": code, "born": "1990-05-04"})
    assert right.status_code == 200
    assert "data:image/png;base64," in right.text
    assert right.headers["Cache-Control"] == "no-store"
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', right.text))
    pdf = client.post(f"{PAGE}/pdf", data=form)
    assert (pdf.status_code, pdf.mimetype, pdf.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert "certificate.pdf" in pdf.headers["Content-Disposition"]
    assert client.get(f"{PAGE}/pdf").status_code == 405
    over = client.post(f"{PAGE}/pdf", data={**form, "ticket": "other"})
    assert (over.status_code, "not open any more" in over.text) == (403, True)


def test_where_the_campaign_does_not_offer_it_there_is_no_such_page(
    node: Node, client: FlaskClient
) -> None:
    code = vaccinated(node)
    send_by(node, download=False)
    for answer in (
        client.get(PAGE),
        client.post(PAGE, data={"code": code, "born": "1990-05-04"}),
        client.post(f"{PAGE}/pdf", data={"ticket": "x", "certificate": "y"}),
    ):
        assert answer.status_code == 404
