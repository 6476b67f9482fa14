"""Keys that sign campaigns where no folder goes: in a token, or on a machine that a stick reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from signing_office import Office, registry

from sync.registry.campaigns.folder import CampaignFolder


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def states(office: Office) -> dict[str, bool]:
    return {state.role: state.enough for state in CampaignFolder(office.signed).states()}


def far_away(
    office: Office, name: str, code: int = 0, more: tuple[str, ...] = ()
) -> tuple[str, Path]:
    """Sign the request with a key, as on a machine that has nothing but these two files."""
    out = office.folder / f"{name}.signatures"
    said = registry(
        *("campaign", "sign", "--request", office.folder / "request", "--out", out),
        *("--key", office.folder / name, "--passphrase-file", office.secret),
        *more,
        code=code,
    )
    return said, out


def asked(office: Office) -> str:
    return registry("campaign", "request", office.signed, "--out", office.folder / "request")


def test_keys_in_a_token_sign_with_one_in_a_file_to_a_threshold_of_two(
    office: Office, token: str, tmp_path: Path
) -> None:
    made = registry("campaign", "key", tmp_path / "minister-1", "--token", token)
    assert "is in the token" in made
    assert not (tmp_path / "minister-1").exists()
    again = registry("campaign", "key", tmp_path / "minister-1", "--token", token, code=1)
    assert "is there already" in again
    office.renew("nurse-1", "minister-1")
    office.sign("root-1", "root-2")
    office.add("nurse-1", version="2027.1")
    assert "too few" in office.publish(code=1)
    named = token.replace("token=edge", "token=edge;object=minister-1")
    told = json.loads(registry("campaign", "sign", office.signed, "--key", named, "--json"))
    assert told["signed"] == ["targets"]
    assert "the signed campaign" in office.publish()
    assert "nothing for this key" in registry("campaign", "sign", office.signed, "--key", named)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("token=edge", "token=edge;object=nobody"), "missing or unreadable: nobody"),
        (("token=edge", "token=edge"), "not complete"),
        (("token=edge", "token=nosuch;object=x"), "nosuch cannot be opened"),
    ],
)
def test_a_key_that_no_token_has_is_named(
    office: Office, token: str, change: tuple[str, str], words: str
) -> None:
    code = 1 if words == "not complete" else 75
    assert words in registry(
        "campaign", "sign", office.signed, "--key", token.replace(*change), code=code
    )


def test_a_request_goes_out_and_signatures_come_back_on_a_stick(office: Office) -> None:
    office.add(version="2027.1")
    assert "targets" in asked(office)
    request = (office.folder / "request").read_bytes()
    assert len(request) < 4096
    assert b"Riverside" not in request  # the campaign itself stays where it is
    files = []
    for name in ("nurse-1", "nurse-2"):
        said, out = far_away(office, name)
        digest = json.loads(registry("campaign", "status", office.signed, "--json"))["campaign"]
        assert f"SHA-256 {digest['sha256']}" in said
        assert "Signed: targets." in said
        files.append(out)
    assert not states(office)["targets"]
    registry("campaign", "add-signatures", office.signed, files[0])
    assert not states(office)["targets"]  # one of two
    told = registry("campaign", "add-signatures", office.signed, files[1], "--json")
    assert json.loads(told)["signed"] == ["targets"]
    assert "the signed campaign" in office.publish()
    assert "is signed by enough keys" in registry(
        "campaign", "request", office.signed, "--out", office.folder / "r", code=1
    )


def test_signatures_of_another_edition_of_another_key_and_spoiled_ones_are_refused(
    office: Office,
) -> None:
    office.add(version="2027.1")
    asked(office)
    _, out = far_away(office, "nurse-1")
    good: dict[str, Any] = json.loads(out.read_text())
    assert "Nothing is asked of this key" in far_away(office, "root-1", code=1)[0]

    def refused(change: dict[str, Any]) -> str:
        document = {**good, "signatures": [{**good["signatures"][0], **change}]}
        (office.folder / "spoiled").write_text(json.dumps(document))
        return registry(
            "campaign", "add-signatures", office.signed, office.folder / "spoiled", code=1
        )

    before = (office.signed / "metadata/1.targets.json").read_bytes()
    assert "none of the keys" in refused({"keyid": "0" * 64})
    assert "none of the keys" in refused({"sig": "00" * 64})
    assert "none of the keys" in refused({"sig": "zz"})
    assert "none of the keys" in refused({"role": "root", "version": 1})
    assert "another targets than 7" in refused({"version": 7})
    assert "another nobody than 1" in refused({"role": "nobody"})
    assert "no file of signatures" in refused({"version": "x"})
    assert (office.signed / "metadata/1.targets.json").read_bytes() == before
    office.add(version="2027.2")  # after the request was made
    assert "another targets than 1" in registry(
        "campaign", "add-signatures", office.signed, out, code=1
    )


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"type": "x", "roles": []}', b"\xff"])
def test_what_is_no_request_is_said_so(office: Office, content: bytes) -> None:
    (office.folder / "request").write_bytes(content)
    assert "no request for signatures" in far_away(office, "nurse-1", code=1)[0]


def test_either_the_folder_or_a_request_is_named_and_a_key_that_is_there(office: Office) -> None:
    key = ("--key", office.folder / "nurse-1")
    assert "Name the folder" in registry("campaign", "sign", *key, code=2)
    assert "Name the folder" in registry(
        "campaign", "sign", office.signed, *key, "--out", office.folder / "x", code=2
    )
    missing = registry("campaign", "sign", office.signed, "--key", office.folder / "no", code=2)
    assert "does not exist" in missing


def test_a_signer_sees_what_was_asked_for_whatever_a_changed_request_calls_it(
    office: Office,
) -> None:
    office.add(version="2027.1")
    shown = asked(office).splitlines()[0].rpartition(" ")[2].rstrip(".")
    told = json.loads(registry("campaign", "status", office.signed, "--json"))["campaign"]
    request = office.folder / "request"
    right = json.loads(request.read_bytes())
    (role,) = right["roles"]
    request.write_text(json.dumps({**right, "roles": [{**role, "role": "region.NORTH"}]}))
    said, _ = far_away(office, "nurse-1")
    assert f"All of it has the SHA-256 {shown}" in said
    assert f"The campaign's file has the SHA-256 {told['sha256']}" in said
    spoiled = json.loads(json.dumps(role))
    (file,) = spoiled["metadata"]["signed"]["targets"].values()
    file["hashes"]["sha256"] = "0" * 64
    for wrong in ([{**role, "role": "root"}], [role, spoiled]):
        request.write_text(json.dumps({**right, "roles": wrong}))
        assert "This is no request for signatures" in far_away(office, "nurse-1", code=1)[0]


def test_the_keys_that_a_new_root_would_count_are_shown_to_who_signs_it(office: Office) -> None:
    office.renew("nurse-1", "nurse-2")
    asked(office)
    said, _ = far_away(office, "root-1")
    root = CampaignFolder(office.signed).files.root()
    for role in root.roles.values():
        assert all(key in said for key in role.keyids)


def test_a_program_that_signs_a_request_is_told_what_a_person_compares(office: Office) -> None:
    office.add(version="2027.1")
    told = json.loads(
        registry("campaign", "request", office.signed, "--out", office.folder / "request", "--json")
    )
    shown, _ = far_away(office, "nurse-1")
    said, _ = far_away(office, "nurse-1", more=("--json",))
    done = json.loads(said)
    assert done["signed"] == ["targets"]
    assert {role["role"]: role["sha256"] for role in done["asked"]} == told["digests"]
    for role in done["asked"]:
        assert role["sha256"] in shown
        assert all(digest in shown for digest in role["files"].values())
        assert all(key in shown for group in role["counting"].values() for key in group["keys"])
    assert any(role["files"] for role in done["asked"])
