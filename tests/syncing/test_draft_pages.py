"""The office's pages on which a campaign is written, as a clerk goes through them."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from clerks import ANSWERS, Clerk
from click.testing import CliRunner
from memory_journal import REGISTRY_KEY
from PIL import Image

from edge.office.tools import tools
from sync.plugins import Kind
from sync.registry.cli import main
from sync.registry.drafts.tools import campaign_tools
from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.resources import resource


class Office:
    def __init__(self, folder: Path, **how: Any) -> None:
        self.store = SqliteStore(folder / "registry.db")
        self.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
        registry = Registry(self.store, REGISTRY_KEY, now=lambda: self.now)
        self.app = create_app(registry, office(registry, "operator", **{"tools": tools, **how}))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def clerk(place: Office) -> Clerk:
    return Clerk(place, "Amina")


def test_answers_make_a_campaign_that_is_in_order_at_once(clerk: Clerk) -> None:
    draft = clerk.begin()
    assert "The campaign is in order." in clerk.get(f"{draft}/check").text
    assert "Facilities (1): where vaccinations are given" in clerk.get(draft).text


def test_a_shipped_campaign_is_taken_over_with_ones_own_names(clerk: Clerk) -> None:
    draft = clerk.begin(like="yellow-fever", vaccine="", doses="")
    assert "The campaign is in order." in clerk.get(f"{draft}/check").text
    assert "NRB1" in clerk.get(f"{draft}/file?path=facilities.yaml").text


def test_wrong_answers_are_told_beside_their_fields_and_the_others_are_kept(clerk: Clerk) -> None:
    answer = clerk.post("/campaigns/new", **{**ANSWERS, "country": "Kenya", "between": ""})
    assert answer.status_code == 400
    assert re.search(r'id="country-wrong">⚠ Two capital letters', answer.text)
    assert re.search(r'id="between-wrong">⚠ A length of time', answer.text)
    assert 'value="Nairobi Central"' in answer.text


def test_a_mistake_is_told_with_its_line_and_beside_it_and_links_lead_there(clerk: Clerk) -> None:
    draft = clerk.begin()
    text = "- code: V1\n  name: Zawadi\n  facilities: [NRB2]\n  roles: [vaccinator]\n"
    assert clerk.save(draft, "staff.yaml", text).status_code == 303
    check = clerk.get(f"{draft}/check").text
    link = re.search(r'href="([^"]*file\?path=staff.yaml#line-3)"', check)
    assert link
    assert "The facility NRB2 is not in facilities.yaml." in check
    assert "Did you mean NRB1?" in check
    page = clerk.get(link[1].partition("#")[0]).text
    line = page.split('id="line-3"')[1].split("</li>")[0]
    assert "facilities: [NRB2]" in line
    assert "is not in facilities.yaml" in line


def test_the_second_of_two_who_save_one_file_sees_both_and_chooses(
    place: Office, clerk: Clerk
) -> None:
    draft, jonas = clerk.begin(), Clerk(place, "Jonas")
    seen = clerk.seen(draft, "slips.yaml")
    assert clerk.save(draft, "slips.yaml", "certificate:\n  title: Hers\n").status_code == 303
    late = jonas.save(draft, "slips.yaml", "certificate:\n  title: His\n", seen)
    assert late.status_code == 409
    assert "Somebody else has saved this file" in late.text
    assert "Amina" in late.text
    assert "-  title: Hers" in late.text
    assert "+  title: His" in late.text
    again = re.search(r'name="seen" value="(\d+)"', late.text)
    assert again
    done = jonas.save(draft, "slips.yaml", "certificate:\n  title: Both\n", again[1])
    assert done.status_code == 303
    history = clerk.get(f"{draft}/history?number=2").text
    assert "+  title: Hers" in history


def test_a_draft_goes_back_to_a_revision_and_the_history_says_who_and_why(clerk: Clerk) -> None:
    draft = clerk.begin()
    clerk.save(draft, "staff.yaml", "- nothing\n")
    assert clerk.post(f"{draft}/history", number="1", why="a slip of mine").status_code == 303
    assert "The campaign is in order." in clerk.get(f"{draft}/check").text
    history = clerk.get(f"{draft}/history").text
    assert re.findall(r"the measles of 2027|it is better so|a slip of mine", history) == [
        "a slip of mine", "it is better so", "the measles of 2027"
    ]  # fmt: skip


def test_a_folder_goes_out_as_zip_and_a_zip_comes_in_as_a_draft(clerk: Clerk) -> None:
    draft = clerk.begin()
    packed = clerk.get(f"{draft}/folder.zip").data
    made = clerk.post(
        "/campaigns/bring", name="Again", why="from a stick", folder=(io.BytesIO(packed), "m.zip")
    )
    assert made.status_code == 303
    assert "The campaign is in order." in clerk.get(f"{made.location}/check").text


def test_files_with_carriage_returns_of_a_form_are_saved_without_them(clerk: Clerk) -> None:
    draft = clerk.begin()
    clerk.save(draft, "slips.yaml", "certificate:\r\n  title: T\r\n")
    raw = clerk.get(f"{draft}/raw?path=slips.yaml").data
    assert raw == b"certificate:\n  title: T\n"


def test_a_saved_change_without_a_reason_is_asked_for_again_with_the_text(clerk: Clerk) -> None:
    draft = clerk.begin()
    said = {"path": "slips.yaml", "text": "typed for an hour", "seen": "1", "why": " "}
    answer = clerk.post(f"{draft}/file", **said)
    assert answer.status_code == 400
    assert "Say why" in answer.text
    assert "typed for an hour" in answer.text


def test_who_only_looks_at_the_fleet_sees_no_draft_and_no_name_of_staff(place: Office) -> None:
    draft, viewer = Clerk(place, "Amina").begin(), Clerk(place, "Vera", "viewer")
    for address in ("/campaigns", draft, f"{draft}/file?path=staff.yaml", f"{draft}/folder.zip"):
        assert viewer.get(address).status_code == 403
    assert 'href="/campaigns"' not in viewer.get("/").text


def test_a_draft_or_file_that_is_none_is_told_in_words(clerk: Clerk) -> None:
    draft = clerk.begin()
    for address, status in (
        ("/campaigns/nothing", 404),
        (f"{draft}/file?path=../../registry.pem", 400),
        (f"{draft}/raw?path=/etc/passwd", 400),
        (f"{draft}/history?number=99", 400),
    ):
        answer = clerk.get(address)
        assert answer.status_code == status, address
        assert 'role="alert"' in answer.text


def test_without_the_sites_package_the_pages_say_plainly_what_they_need(tmp_path: Path) -> None:
    place = Office(tmp_path, tools=lambda: campaign_tools(lambda: ()))
    answer = Clerk(place, "Amina").get("/campaigns/new")
    assert answer.status_code == 400
    assert "Install the package divoc-edge on this machine" in answer.text
    place.store.close()


def test_the_audit_names_the_draft_and_the_file_and_nobody_of_the_staff(
    place: Office, clerk: Clerk
) -> None:
    draft = clerk.begin()
    clerk.save(draft, "staff.yaml", "- code: V1\n  name: Zawadi Kamau\n")
    lines = [(one.who, one.what, one.whom) for one in place.store.audits()]
    id_ = draft.rpartition("/")[2]
    assert ("Amina", "saved a file of a draft", id_) in lines
    assert not any("Zawadi" in whom for _, _, whom in lines)


def test_the_entry_point_that_the_project_declares_gives_the_tools() -> None:
    import tomllib

    declared = tomllib.loads((resource("templates").parent / "pyproject.toml").read_text())
    points = declared["project"]["entry-points"]["divoc_edge.campaign_tools"]
    assert points == {"divoc-edge": "edge.office.tools:tools"}
    assert Kind("campaign_tools", ()).fits(tools)


@pytest.mark.slow
def test_a_form_of_a_campaign_is_read_of_officers_alone_and_so_much_of_it(
    place: Office, clerk: Clerk
) -> None:
    draft = clerk.begin()
    large = "# " + "x" * 1_500_000
    assert clerk.save(draft, "slips.yaml", large).status_code == 303
    assert clerk.save(draft, "slips.yaml", large * 4).status_code == 413
    said = {"path": "slips.yaml", "text": large, "seen": "1", "why": "to fill the memory"}
    stranger = place.app.test_client().post(f"{draft}/file", data=said)
    assert stranger.status_code == 401
    assert clerk.post("/codes", facility="x" * 70_000, days="3").status_code == 413


def cells(**said: Any) -> dict[str, Any]:
    return {f"cell-{name}": value for name, value in said.items()}


def test_a_row_is_changed_added_and_taken_away_and_the_rest_of_the_file_stays(
    clerk: Clerk,
) -> None:
    draft = clerk.begin()
    about = {"path": "staff.yaml", "why": "a new colleague"}
    seen = clerk.seen(draft, "staff.yaml")
    person = {"name": "Zawadi Kamau", "facilities": "NRB1", "active": "no"}
    roles = ["vaccinator", "supervisor"]
    done = clerk.post(f"{draft}/row", row="V1", seen=seen, **about, **cells(**person, roles=roles))
    assert done.status_code == 303
    seen = clerk.seen(draft, "staff.yaml")
    clerk.post(f"{draft}/row", row="T1", seen=seen, gone="yes", **about)
    seen = clerk.seen(draft, "staff.yaml")
    new = {"code": "V2", "name": "Baraka", "facilities": "NRB1", "roles": "vaccinator"}
    assert clerk.post(f"{draft}/row", seen=seen, **about, **cells(**new)).status_code == 303
    text = clerk.get(f"{draft}/raw?path=staff.yaml").text
    assert text.startswith("# Put names in the place of these.")
    assert "roles: [vaccinator, supervisor]\n  active: false" in text
    assert "code: T1" not in text
    assert text.endswith(
        "- code: V2\n  name: Baraka\n  facilities: [NRB1]\n  roles: [vaccinator]\n"
    )
    assert "The campaign is in order." in clerk.get(f"{draft}/check").text


def test_a_wrong_row_is_told_and_what_was_typed_stays_in_the_form(clerk: Clerk) -> None:
    draft = clerk.begin()
    about = {"path": "staff.yaml", "why": "a new colleague", "seen": "1"}
    said = {"code": "V2", "name": "Baraka", "facilities": "NRB9", "roles": "vaccinator"}
    answer = clerk.post(f"{draft}/row", **about, **cells(**said))
    assert answer.status_code == 400
    assert "The facility NRB9 is not in facilities.yaml." in answer.text
    assert 'value="Baraka"' in answer.text
    twice = clerk.post(f"{draft}/row", **about, **cells(**{**said, "code": "V1"}))
    assert "There is a row with this code already." in twice.text
    assert clerk.get(f"{draft}/row?path=staff.yaml&code=V9").status_code == 400


def test_a_spreadsheet_goes_out_shows_what_it_would_change_and_is_saved_after_that(
    clerk: Clerk,
) -> None:
    draft = clerk.begin()
    csv = clerk.get(f"{draft}/table?path=staff.yaml&kind=csv").data.decode("utf-8-sig")
    assert csv.splitlines()[0] == "code,name,facilities,roles,active"
    csv = csv.replace("V1,Vaccinator of your facility", "V1,Zawadi Kamau")
    csv = f"{csv}V2,Baraka,NRB1,vaccinator,yes\r\n"
    table = (io.BytesIO(csv.encode()), "staff.csv")
    shown = clerk.post(f"{draft}/table", path="staff.yaml", table=table).text
    assert "Zawadi" not in clerk.get(f"{draft}/raw?path=staff.yaml").text
    assert re.search(r"<dt>New</dt><dd><span[^>]*>1</span> <bdi[^>]*>V2</bdi>", shown)
    assert re.search(r"<dt>Changed</dt><dd><span[^>]*>1</span> <bdi[^>]*>V1</bdi>", shown)
    text = html.unescape(shown.split("hidden>\n")[1].split("</textarea>")[0])
    assert clerk.save(draft, "staff.yaml", text).status_code == 303
    assert "Zawadi Kamau" in clerk.get(f"{draft}/raw?path=staff.yaml").text


def test_a_spreadsheet_with_a_wrong_row_changes_nothing_and_names_the_row(clerk: Clerk) -> None:
    draft = clerk.begin()
    csv = b"code,name,facilities,roles\nV2,Baraka,NRB1,vacinator\n"
    answer = clerk.post(f"{draft}/table", path="staff.yaml", table=(io.BytesIO(csv), "staff.csv"))
    assert answer.status_code == 400
    assert "vacinator must be one of" in answer.text
    assert '<span class="number">2</span>' in answer.text
    nothing = clerk.post(f"{draft}/table", path="staff.yaml", table=(io.BytesIO(b"PK"), "s.xlsx"))
    assert nothing.status_code == 400


def test_a_list_with_mistakes_is_mended_as_text_first(clerk: Clerk) -> None:
    draft = clerk.begin()
    clerk.save(draft, "staff.yaml", "- code: V1\n")
    answer = clerk.get(f"{draft}/list?path=staff.yaml")
    assert answer.status_code == 400
    assert "Mend it as text first" in answer.text
    assert clerk.get(f"{draft}/list?path=slips.yaml").status_code == 400


def test_the_second_of_two_who_change_a_row_sees_both(place: Office, clerk: Clerk) -> None:
    draft, jonas = clerk.begin(), Clerk(place, "Jonas")
    about = {"path": "vaccines.yaml", "row": "measles", "seen": "1", "why": "another maker"}
    said = {"name": "Measles", "prophylaxis": "Measles vaccine"}
    clerk.post(f"{draft}/row", **about, **cells(**said, manufacturer="One"))
    late = jonas.post(f"{draft}/row", **about, **cells(**said, manufacturer="Two"))
    assert late.status_code == 409
    assert "-  manufacturer: One" in late.text
    assert "+  manufacturer: Two" in late.text


def test_sites_are_listed_with_the_version_they_run_to_who_watches_them(place: Office) -> None:
    viewer = Clerk(place, "Vera", "viewer")
    place.store.enrol("n1", "key", "NRB1", "Nairobi", "2026-11-30T09:00:00Z")
    page = viewer.get("/campaigns/sites")
    assert page.status_code == 200
    assert "none yet" in page.text
    assert "NRB1" in page.text


@pytest.mark.slow
def test_slips_are_drawn_for_each_format_and_width_as_they_are_printed(clerk: Clerk) -> None:
    draft = clerk.begin()
    page = clerk.get(f"{draft}/preview")
    assert "img-src 'self'" in page.headers["Content-Security-Policy"]
    names = re.findall(r'src="([^"]*/slip\?name=[^"]*)"', page.text)
    assert [name.split("name=")[1] for name in names] == [
        f"{kind}~measles~{paper}~{form}"
        for paper in (58, 80)
        for kind, form in (("certificate", "divoc-compact"), ("appointment", ""), ("sticker", ""))
    ]
    widths = {}
    for name in (names[0], names[3]):
        answer = clerk.get(name)
        assert answer.content_type == "image/png"
        with Image.open(io.BytesIO(answer.data)) as picture:
            widths[name] = picture.width
            codes = [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]
        assert codes, "the code of the certificate can be read from the picture"
    assert list(widths.values()) == [384, 576]
    assert clerk.get(f"{draft}/slip?name=../../x").status_code == 400


@pytest.mark.slow
def test_screens_are_real_pages_of_a_site_in_which_nothing_is_executed_or_sent(
    clerk: Clerk,
) -> None:
    draft = clerk.begin(title="Measles <b>of</b> 2027")
    page = clerk.get(f"{draft}/preview").text
    frames = re.findall(r'<iframe sandbox src="([^"]*)"', page)
    assert len(frames) == 5
    person = clerk.get(f"{draft}/screen?name=person")
    policy = person.headers["Content-Security-Policy"]
    assert policy.endswith("sandbox")
    assert "default-src 'none'" in policy
    assert "Amina Wanjiru" in person.text
    assert "Nairobi Central" in person.text
    assert "<script" not in person.text
    assert "<b>of</b>" not in person.text
    assert "Measles &lt;b&gt;of&lt;/b&gt; 2027" in person.text
    assert clerk.get(f"{draft}/screen?name=nothing").status_code == 404


def test_where_nobody_works_at_an_open_facility_slips_are_shown_and_why_there_is_no_screen(
    clerk: Clerk,
) -> None:
    draft = clerk.begin()
    text = "- code: NRB1\n  name: Shut\n  active: false\n- code: NRB2\n  name: Open\n"
    clerk.save(draft, "facilities.yaml", text)
    page = clerk.get(f"{draft}/preview").text
    assert "/slip?name=certificate" in page
    assert "<iframe" not in page
    assert "there is no screen to show" in page


def test_a_draft_with_mistakes_has_no_preview_and_is_not_asked_to_be_signed(clerk: Clerk) -> None:
    draft = clerk.begin()
    clerk.save(draft, "staff.yaml", "- code: V1\n")
    assert "Mend them first" in clerk.get(f"{draft}/preview").text
    for part in ("slip?name=x", "screen?name=person"):
        assert clerk.get(f"{draft}/{part}").status_code == 400
    assert "Mend them first" in clerk.post(f"{draft}/sign", why="in a hurry").text


@pytest.mark.slow
def test_the_folders_in_memory_that_a_draft_was_read_from_are_gone(clerk: Clerk) -> None:
    before = set(Path("/dev/shm").glob("divoc-*"))
    draft = clerk.begin()
    clerk.get(f"{draft}/preview")
    assert set(Path("/dev/shm").glob("divoc-*")) - before == set()


def test_the_commands_of_the_registry_are_the_sites_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.registry.drafts.tools.campaign_tools", tools)
    folder = tmp_path / "measles"
    words = [f"--{name.replace('_', '-')}={answer}" for name, answer in ANSWERS.items()
             if name not in ("like", "why")]  # fmt: skip
    made = CliRunner().invoke(main, ["campaign", "new", str(folder), *words, "--until-age", ""])
    assert made.exit_code == 0, made.output
    checked = CliRunner().invoke(main, ["campaign", "check", str(folder), "--json"])
    assert json.loads(checked.stdout)["id"] == "measles"
    (folder / "staff.yaml").write_text("- code: V1\n")
    wrong = CliRunner().invoke(main, ["campaign", "check", str(folder)])
    assert wrong.exit_code == 1
    assert "staff.yaml, line 1" in wrong.output
    helped = CliRunner().invoke(main, ["campaign", "diff", "--help"])
    assert "Usage: divoc-registry campaign diff" in helped.output


def test_without_the_sites_package_a_command_says_plainly_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "sync.registry.drafts.tools.campaign_tools", lambda: campaign_tools(lambda: ())
    )
    done = CliRunner().invoke(main, ["campaign", "check", "anywhere"])
    assert done.exit_code == 1
    assert "Install the package divoc-edge on this machine" in done.output
