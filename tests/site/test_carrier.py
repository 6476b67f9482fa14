"""The paper is the carrier: what another site gave comes in by its certificate."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from site_factory import filled_site, vouch_for

from edge.adapters.settings import Settings
from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Refusal
from edge.domain.told_doses import doses_told
from edge.journal import views
from edge.node import Node
from edge.services.certificates.trust_lists import take_list
from edge.services.commands import GiveDose, RegisterPerson, ReportDoses

Make = Callable[..., GiveDose]


@pytest.fixture
def paper(
    node: Node, staff: Callable[[str], Staff], dose: Make, tmp_path: Path
) -> dict[str, bytes]:
    """What the codes hold that another site has printed: a first dose of Grace Wanjiru."""
    vouch_for(node, tmp_path / "nation")
    given = dose(on=node.clock.today() - timedelta(days=30))
    outcome = node.desk.take(node.site.ids.new(), given, staff("V1"))
    return {
        one["format"]: node.certifier.payload(one["format"], one["credential"])
        for one in outcome.entries[1].body["credentials"]
    }


@pytest.fixture
def elsewhere(tmp_path: Path, node: Node) -> Iterator[Node]:
    """The next site: it has the nation's trust list, and has never heard of Grace."""
    folder = tmp_path / "elsewhere"
    other = filled_site(folder, Settings(facility="DEMO02"))
    keys = tmp_path / "divoc.json"
    method = node.certifier.verification_method()
    keys.write_text(json.dumps({method: node.certifier.public_names()[method]}))
    yield other
    other.close()


def trusted(other: Node, tmp_path: Path) -> None:
    for file in (tmp_path / "nation/published/did.json", tmp_path / "divoc.json"):
        take_list(other.lists, file, other.clock.now())


def command(person: str, payload: bytes) -> ReportDoses:
    return ReportDoses(person=person, certificate=base64.b64encode(payload).decode())


def staff_of(other: Node, code: str) -> Staff:
    with other.journal.reading() as db:
        return other.site.catalogues.current(db).staff[code]


def register(other: Node, **more: object) -> str:
    asked = {"name": "Grace W.", "gender": "Female", "birth_year": 1957, **more}
    made = RegisterPerson(**asked)  # type: ignore[arg-type]
    return other.desk.take(other.site.ids.new(), made, staff_of(other, "S1")).id


@pytest.mark.parametrize("name", ["dcc-1.3", "divoc"])
def test_a_dose_given_elsewhere_counts_after_its_paper_is_scanned(
    elsewhere: Node, paper: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    trusted(elsewhere, tmp_path)
    person = register(elsewhere, different_person=True)
    taken = elsewhere.desk.take(
        elsewhere.site.ids.new(), command(person, paper[name]), staff_of(elsewhere, "S1")
    )
    (told,) = taken.entries
    assert told.type == "DoseReported"
    assert told.body["evidence"]["format"] == {"dcc-1.3": "hcert", "divoc": "divoc"}[name]
    assert told.body["vaccine"] == "coviprotect"
    with elsewhere.journal.reading() as db:
        (dose,) = views.history(db, person)
    assert (dose.reported, dose.number, dose.evidence != "") == (True, 1, True)
    second = GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", vaccinator=""
    )
    outcome = elsewhere.desk.take(elsewhere.site.ids.new(), second, staff_of(elsewhere, "S1"))
    assert outcome.entries[0].body["number"] == 2


def test_the_same_paper_twice_adds_nothing(
    elsewhere: Node, paper: dict[str, bytes], tmp_path: Path
) -> None:
    trusted(elsewhere, tmp_path)
    person, by = register(elsewhere, different_person=True), staff_of(elsewhere, "S1")
    elsewhere.desk.take(elsewhere.site.ids.new(), command(person, paper["divoc"]), by)
    for name in ("divoc", "dcc-1.3"):
        with pytest.raises(Refusal, match="recorded here already"):
            elsewhere.desk.take(elsewhere.site.ids.new(), command(person, paper[name]), by)


def test_paper_that_does_not_verify_here_never_becomes_history(
    elsewhere: Node, paper: dict[str, bytes], tmp_path: Path
) -> None:
    person, by = register(elsewhere, different_person=True), staff_of(elsewhere, "S1")
    for payload in (paper["dcc-1.3"], b"HC1:6BFOXN", b"hello"):
        with pytest.raises(BadInput, match="not valid"):
            elsewhere.desk.take(elsewhere.site.ids.new(), command(person, payload), by)
    wrong = ReportDoses(person=person, certificate="!!!!")
    with pytest.raises(BadInput, match="base64"):
        elsewhere.desk.take(elsewhere.site.ids.new(), wrong, by)
    trusted(elsewhere, tmp_path)
    other = register(elsewhere, name="Somebody Else", birth_year=1990)
    with pytest.raises(Refusal, match="date of birth on this certificate is another"):
        elsewhere.desk.take(elsewhere.site.ids.new(), command(other, paper["dcc-1.3"]), by)
    with elsewhere.journal.reading() as db:
        assert views.history(db, person) == []


def test_a_second_dose_on_paper_is_the_second_of_its_series(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    today = node.clock.today()
    day = (today - timedelta(days=40)).isoformat()
    claims = {"kind": "vaccination", "vaccine": "CoviProtect", "dose": 2, "date": day}
    (told,) = doses_told(claims, catalogue, today)
    assert (told.number, told.total, told.programme) == (2, 2, "covid-19")


def code(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


MRNA, COVID = code("prophylaxis", "1119349007"), code("disease", "840539006")
MEASLES, COVIPROTECT = code("cvx", "04"), code("product", "XD-COVIPROTECT")


@pytest.mark.parametrize(
    ("told", "vaccine"),
    [
        ({"vaccine": "CoviProtect"}, "coviprotect"),
        ({"vaccine": "covIPROTECT"}, "coviprotect"),
        ({"vaccine": "Unheard of"}, ""),
        ({"vaccine": ""}, ""),
        ({"vaccine": "04"}, ""),  # a name is no code
        ({"vaccine": "XD-COVIPROTECT"}, ""),
        ({"vaccine": "04", "codings": []}, ""),
        ({"vaccine": "CoviProtect", "codings": []}, ""),  # nor a code's display a name
        ({"codings": [MEASLES]}, "duomorb"),
        ({"codings": [code("product", "04")]}, ""),
        ({"codings": [code("icd11", "04")]}, ""),
        ({"codings": [code("prophylaxis", "04"), COVID]}, ""),
        ({"codings": [code("cvx", "XD-COVIPROTECT")]}, ""),
        ({"codings": [code("cvx", "999"), MEASLES]}, "duomorb"),
        ({"codings": [COVIPROTECT, MRNA, COVID]}, "coviprotect"),
        ({"codings": [code("product", "EU/0"), MRNA, COVID]}, "coviprotect"),
        ({"codings": [MRNA]}, "coviprotect"),
        ({"codings": [MRNA, code("disease", "14189004")]}, ""),  # against measles
        ({"codings": [COVID]}, ""),
        ({"codings": [COVIPROTECT, MEASLES]}, ""),  # it cannot be both
        ({"codings": [code("icd11", "XM8L15"), MEASLES]}, "duomorb"),
        ({"codings": [code("icd11", "")]}, ""),
        ({"codings": [code("icvp", "*")]}, ""),
    ],
)
def test_a_code_is_a_vaccine_only_under_its_own_system(
    node: Node, told: dict[str, object], vaccine: str
) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    today = node.clock.today()
    claims = {"kind": "vaccination", "date": (today - timedelta(days=1)).isoformat(), **told}
    assert [one.vaccine for one in doses_told(claims, catalogue, today)] == [vaccine] * bool(
        vaccine
    )


def test_only_a_vaccination_on_a_day_of_the_persons_life_is_a_dose(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    today = node.clock.today()
    day, born = (today - timedelta(days=1)).isoformat(), (today - timedelta(days=30)).isoformat()
    good = {"kind": "vaccination", "vaccine": "CoviProtect", "date": day, "birthDate": born}
    for wrong in (
        {"date": "yesterday"},
        {"date": day[:7]},
        {"date": day[:4]},
        {"date": day.replace("-", "")},
        {"date": None},
        {"date": (today + timedelta(days=1)).isoformat()},
        {"date": (today - timedelta(days=31)).isoformat()},
        {"date": f"{int(born[:4]) - 1}-12-31", "birthDate": born[:4]},
        {"date": "2020-02-30"},
        {"kind": "test"},
        {"kind": "recovery"},
        {"kind": "identity"},
        {"kind": "uncounted"},
    ):
        assert doses_told({**good, **wrong}, catalogue, today) == [], wrong
    for right in (
        {},
        {"birthDate": day},
        {"birthDate": day[:7]},
        {"date": f"{day}T23:59:00-11:00"},
    ):
        assert len(doses_told({**good, **right}, catalogue, today)) == 1, right
    assert doses_told({}, catalogue, today) == []


def test_doses_of_several_programmes_are_numbered_each_in_its_own_and_count_once(
    node: Node,
) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    today = node.clock.today()
    days = [(today - timedelta(days=count)).isoformat() for count in (90, 60, 30)]
    doses = [
        {"codings": [MEASLES], "date": days[0]},
        {"codings": [COVIPROTECT], "date": days[1]},
        {"codings": [COVIPROTECT], "date": days[1], "lot": "TWICE"},
        {"codings": [COVIPROTECT], "date": days[2]},
    ]
    told = doses_told({"kind": "vaccination", "doses": doses[::-1]}, catalogue, today)
    assert [(one.programme, one.number) for one in told] == [
        ("measles-rubella", 1),
        ("covid-19", 1),
        ("covid-19", 2),
    ]


@pytest.mark.parametrize(
    ("born", "fits"), [(1957, True), (1958, True), (1950, False), (1990, False)]
)
def test_a_certificate_without_a_date_of_birth_must_be_of_the_same_age(
    elsewhere: Node, node: Node, tmp_path: Path, born: int, fits: bool
) -> None:
    """DIVOC's first context has an age and no date."""
    vouch_for(node, tmp_path / "nation")
    person = register(node, name="Ines Moreau", birth_year=1957)
    dose = GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", vaccinator=""
    )
    outcome = node.desk.take(node.site.ids.new(), dose, staff_of(node, "S1"))
    (text,) = [
        one["credential"]
        for one in outcome.entries[1].body["credentials"]
        if one["format"] == "divoc"
    ]
    assert "dob" not in json.loads(text)["credentialSubject"]
    trusted(elsewhere, tmp_path)
    other = register(elsewhere, name="Moreau, Inès", birth_year=born)
    by = staff_of(elsewhere, "S1")
    payload = node.certifier.payload("divoc", text)
    if fits:
        assert elsewhere.desk.take(elsewhere.site.ids.new(), command(other, payload), by).entries
        return
    with pytest.raises(Refusal, match="its name or age is another one"):
        elsewhere.desk.take(elsewhere.site.ids.new(), command(other, payload), by)
