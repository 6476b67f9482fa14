"""A campaign that is being written: nothing that was saved is lost, and nothing odd is kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from sync.protocol.errors import SyncError
from sync.registry.drafts import drafting
from sync.registry.drafts.archives import packed_archive, read_archive
from sync.registry.drafts.drafting import (
    LARGEST_FILE,
    MOST_DRAFTS,
    MOST_FILES,
    ChangeReason,
    RevisionConflict,
    is_path,
)
from sync.registry.store.drafts import Draft
from sync.registry.store.interface import Store

AMINA = ChangeReason("Amina", "2026-11-30T09:00:00Z", "the first one")
JONAS = ChangeReason("Jonas", "2026-11-30T09:05:00Z", "a nurse left")
FILES = {"campaign.yaml": b"id: measles\n", "staff.yaml": b"- code: V1\n"}


def begun(store: Store) -> Draft:
    return drafting.begin(store, "d1", "  Measles   2027 ", FILES, AMINA)


def now(store: Store) -> Draft:
    found = store.draft("d1")
    assert found is not None
    return found


def files(store: Store, revision: int = 0) -> dict[str, bytes | None]:
    number = revision or now(store).revision
    return {path: one.content for path, one in store.draft_files("d1", number).items()}


def test_each_change_is_a_revision_with_who_when_and_why_and_the_one_before_stays(
    store: Store,
) -> None:
    assert begun(store).name == "Measles 2027"
    changes = {"staff.yaml": b"- code: V2\n", "slips.yaml": b"certificate: {}\n"}
    assert drafting.save(store, now(store), changes, {"staff.yaml": 1}, JONAS) == 2
    assert files(store) == {**FILES, **changes}
    assert files(store, 1) == FILES
    second, first = store.revisions("d1", 99, 10)
    assert (second.who, second.at, second.why) == ("Jonas", JONAS.at, "a nurse left")
    assert second.paths == ("slips.yaml", "staff.yaml")
    assert (first.number, first.who) == (1, "Amina")


def test_who_saves_a_file_that_another_saved_meanwhile_is_told_and_nothing_is_written_over(
    store: Store,
) -> None:
    seen = {"staff.yaml": begun(store).revision}
    drafting.save(store, now(store), {"staff.yaml": b"theirs\n"}, seen, JONAS)
    with pytest.raises(RevisionConflict):
        drafting.save(store, now(store), {"staff.yaml": b"mine\n"}, seen, AMINA)
    assert files(store)["staff.yaml"] == b"theirs\n"
    assert (
        drafting.save(store, now(store), {"staff.yaml": b"mine\n"}, {"staff.yaml": 2}, AMINA) == 3
    )
    assert files(store, 2)["staff.yaml"] == b"theirs\n"


def test_two_who_save_different_files_are_in_nobodys_way(store: Store) -> None:
    draft = begun(store)
    assert drafting.save(store, draft, {"staff.yaml": b"a\n"}, {"staff.yaml": 1}, JONAS) == 2
    assert drafting.save(store, draft, {"campaign.yaml": b"b\n"}, {"campaign.yaml": 1}, AMINA) == 3
    assert files(store) == {"staff.yaml": b"a\n", "campaign.yaml": b"b\n"}


def test_a_new_file_does_not_take_the_place_of_one_that_another_has_begun(store: Store) -> None:
    draft = begun(store)
    drafting.save(store, draft, {"slips.yaml": b"theirs\n"}, {}, JONAS)
    with pytest.raises(RevisionConflict):
        drafting.save(store, draft, {"slips.yaml": b"mine\n"}, {}, AMINA)


def test_a_draft_goes_back_to_a_revision_by_a_new_one_that_can_be_taken_back_as_well(
    store: Store,
) -> None:
    begun(store)
    changes = {"staff.yaml": None, "slips.yaml": b"certificate: {}\n"}
    drafting.save(store, now(store), changes, {"staff.yaml": 1}, JONAS)
    assert drafting.back_to(store, now(store), 1, replace(AMINA, why="too early")) == 3
    assert files(store) == FILES
    assert drafting.back_to(store, now(store), 2, AMINA) == 4
    assert files(store) == {"campaign.yaml": b"id: measles\n", "slips.yaml": b"certificate: {}\n"}
    with pytest.raises(SyncError, match="no revision 9"):
        drafting.back_to(store, now(store), 9, AMINA)


def test_what_changes_nothing_is_no_revision(store: Store) -> None:
    assert drafting.save(store, begun(store), FILES, dict.fromkeys(FILES, 1), JONAS) == 0
    assert now(store).revision == 1


def test_a_draft_that_was_put_away_is_out_of_the_list_and_comes_back(store: Store) -> None:
    begun(store)
    store.put_draft_away("d1", JONAS.at)
    assert ([one.id for one in store.drafts()], len(store.drafts(put_away=True))) == ([], 1)
    store.put_draft_away("d1", "")
    assert [one.id for one in store.drafts()] == ["d1"]


@pytest.mark.parametrize(
    ("changes", "why", "said"),
    [
        ({"staff.yaml": b"x"}, "  a ", "Say why"),
        ({"staff.yaml": b"x"}, "w" * 201, "Say why"),
        ({"../staff.yaml": b"x"}, "because", "is called like"),
        ({"a/../staff.yaml": b"x"}, "because", "is called like"),
        ({"words/a/b.po": b"x"}, "because", "is called like"),
        ({"staff.yaml": b"x" * (LARGEST_FILE + 1)}, "because", "larger than 2 MB"),
        ({"staff.yaml": b'pin: "$argon2id$v=19$..."'}, "because", "verifiers of PINs"),
        ({f"words/a{n}.po": b"x" for n in range(MOST_FILES)}, "because", "at most 300 files"),
        ({f"words/a{n}.po": b"x" * LARGEST_FILE for n in range(5)}, "because", "8 MB"),
    ],
)  # fmt: skip
def test_what_may_not_be_kept_is_refused_in_words_and_nothing_is_saved(
    store: Store, changes: dict[str, bytes | None], why: str, said: str
) -> None:
    draft = begun(store)
    with pytest.raises(SyncError, match=said):
        drafting.save(store, draft, changes, {"staff.yaml": 1}, replace(JONAS, why=why))
    assert (now(store).revision, files(store)) == (1, FILES)


def test_there_are_so_many_drafts_and_one_that_is_put_away_makes_room(store: Store) -> None:
    for number in range(MOST_DRAFTS):
        drafting.begin(store, f"d{number}", "Measles", FILES, AMINA)
    with pytest.raises(SyncError, match="There are 100 drafts"):
        drafting.begin(store, "one more", "Measles", FILES, AMINA)
    store.put_draft_away("d7", JONAS.at)
    drafting.begin(store, "one more", "Measles", FILES, AMINA)


def zipped(*files: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return written.getvalue()


def test_a_folder_goes_out_as_an_archive_and_comes_back_the_same() -> None:
    files = {**FILES, "schedules/measles.yaml": b"schedule: measles\n"}
    packed = packed_archive(files)
    assert packed == packed_archive(dict(reversed(files.items())))
    assert read_archive(packed, is_path) == files


def test_the_folder_around_an_archive_is_left_away_and_so_is_what_no_campaign_has() -> None:
    packed = zipped(
        ("measles/campaign.yaml", b"id: m\n"),
        ("measles/words/sw.po", b""),
        ("measles/.DS_Store", b"x"),
        ("measles/../../etc/passwd", b"x"),
    )
    assert read_archive(packed, is_path) == {"campaign.yaml": b"id: m\n", "words/sw.po": b""}


@pytest.mark.parametrize(
    "made",
    [
        lambda: b"",
        lambda: b"PK\x03\x04 no archive",
        lambda: zipped(("staff.yaml", b"x" * (9 * 1024 * 1024))),
        lambda: zipped(*((f"a{n}.yaml", b"") for n in range(MOST_FILES + 1))),
        lambda: zipped(("staff.yaml", b"x" * 4096))[:-30],
    ],
)
def test_an_archive_that_is_none_or_unpacks_to_too_much_is_refused_in_words(
    made: Callable[[], bytes],
) -> None:
    with pytest.raises(SyncError, match="This is no ZIP file"):
        read_archive(made(), is_path)


@pytest.mark.parametrize("name", [".", "./.", "\0x", "//", "/", "..", "../../staff.yaml"])
def test_a_file_of_an_archive_that_has_no_name_of_its_own_is_left_away(name: str) -> None:
    packed = zipped(("staff.yaml", b"- code: V1\n"), ("ab", b""))
    odd = packed.replace(b"ab", name[:2].encode()) if len(name) == 2 else zipped((name, b"x"))
    assert set(read_archive(odd, is_path)) <= {"staff.yaml"}


@pytest.mark.parametrize("name", ["words/a\u043a\u043b.po", "words/a" + "\U00010400" * 90 + ".po"])
def test_a_file_that_no_header_or_no_disk_can_name_is_not_taken(store: Store, name: str) -> None:
    begun(store)
    with pytest.raises(SyncError, match="A file of a campaign is called like"):
        drafting.save(store, now(store), {name: b"x"}, {}, JONAS)


def test_a_sign_that_no_text_of_a_database_holds_is_left_out_of_a_name_and_a_reason(
    store: Store,
) -> None:
    odd = replace(AMINA, why="the\0first one")
    assert drafting.begin(store, "d2", "Measles\0 2027", FILES, odd).name == "Measles 2027"
    turned = drafting.begin(store, "d3", "\u202e7202 selsaeM\u2066", FILES, odd)
    assert turned.name == "7202 selsaeM", "what is kept is what is seen"
    with pytest.raises(SyncError, match="what the draft is called"):
        drafting.begin(store, "d4", "\u202e\u2069 ", FILES, odd)
    assert store.revisions("d2", 9, 1)[0].why == "the first one"


@pytest.mark.parametrize("files", [{}, {"IMG1.jpg": b"x"}])
def test_a_folder_that_is_no_campaigns_makes_no_draft(
    store: Store, files: dict[str, bytes]
) -> None:
    with pytest.raises(SyncError, match="A file of a campaign is called like"):
        drafting.begin(store, "d2", "Photos", files, AMINA)
    assert not store.drafts()
