"""Whatever bytes a stranger sends: each reader takes them or refuses in words, soon, in little memory.

The readers, and what each may refuse with, are a table (``targets``); a longer run is
``python -m tests.fuzzing --inputs 5000 --seed 2``. What it finds is kept in ``corpus`` and played here.
"""

from __future__ import annotations

import ast
import contextlib
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from shares import FUZZED_INPUTS, TIMES

from tests.fuzzing.playing import ROOM, play
from tests.fuzzing.spoiling import spoil
from tests.fuzzing.target import CORPUS, Target
from tests.fuzzing.targets import all_targets

ROOT = Path(__file__).resolve().parents[2]
NAMES = tuple(all_targets())


@cache
def told(inputs: int) -> dict[str, Any]:
    """Play all targets in one process of its own, which forks and has no threads."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", "--json", f"--inputs={inputs}", f"--seed={0 if TIMES == 1 else TIMES}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout, ran.stderr[-2000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_right_inputs_and_those_that_were_once_too_much_are_taken_or_refused_in_words(
    name: str,
) -> None:
    target = all_targets()[name]
    for data in target.all_seeds():
        with contextlib.suppress(*target.refusals):
            target.read(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_right_inputs_and_those_that_were_once_too_much_take_little_time_and_memory(
    name: str,
) -> None:
    assert told(0)[name]["findings"] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_spoilt_inputs_are_taken_or_refused_in_words_soon_and_in_little_memory(name: str) -> None:
    found = told(FUZZED_INPUTS)[name]
    assert found["inputs"] >= FUZZED_INPUTS
    assert found["findings"] == []


def test_every_kept_input_is_of_a_target_and_small() -> None:
    for path in CORPUS.glob("*/*"):
        assert path.parent.name in NAMES
        assert path.stat().st_size <= all_targets()[path.parent.name].largest


def faulty(data: bytes) -> object:
    """Fail as readers do: with another error, without end, with memory, and by dying."""
    if data == b"time":
        while True:
            pass
    if data == b"memory":
        return bytearray(ROOM * 2)
    if data == b"words":
        raise KeyError
    return [][1] if data == b"error" else None


@pytest.mark.slow
def test_another_error_endless_work_and_memory_are_each_found_and_the_rest_is_played() -> None:
    target = Target("faulty", (), faulty, (), (KeyError,))
    given = [b"fine", b"error", b"time", b"words", b"memory", b"fine"]
    found = {one.data: one.what for one in play(target, given)}
    assert list(found) == [b"error", b"time", b"memory"]
    assert "IndexError" in found[b"error"]
    assert "SIGPROF" in found[b"time"]
    assert "MemoryError" in found[b"memory"]


def test_the_same_seed_spoils_the_same_way_and_no_input_is_larger_than_its_door() -> None:
    import random

    right = [b'{"a": [1, 2, {"b": "c"}]}', b"HC1:6BFOXN"]
    one, other = (
        [spoil(chance, right[0], right, 500) for _ in range(300)]
        for chance in (random.Random(7), random.Random(7))
    )
    assert one == other
    assert len(set(one)) > 200
    assert max(map(len, one)) == 500


READING = {
    "loads", "b45decode", "b64decode", "urlsafe_b64decode", "decompress", "decompressobj", "unpack", "unpack_from",
    "ZipFile", "load_workbook", "iterparse", "load_pem_x509_csr", "load_der_x509_csr", "load_der_x509_certificate",
    "load_pem_x509_certificate", "load_der_public_key", "load_pem_public_key", "decrypt", "reader", "DictReader",
    "next_event", "receive_data", "Decoder", "convert", "plain_yaml", "PngImageFile", "JpegImageFile", "recv_fds",
}  # fmt: skip
"""Names of calls that make something of bytes or of text."""
OWN_WORDS = {
    "edge/adapters": "the site's own files, sockets and keys",
    "edge/cli": "what a technician types; files go to the readers of their kind",
    "edge/followers": "the site's own entries",
    "edge/journal": "the site's own tables",
    "edge/services": "what the site wrote itself, or what a reader of the table has read",
    "edge/slips": "the campaign in force",
    "edge/wiring": "the site's own keys",
    "sync/site": "what a reader of the table has read",
    "sync/commands": "what an operator types",
    "sync/registry/cli": "what an operator types; files go to the readers of their kind",
    "sync/registry/judging": "entries that were checked when they came",
    "sync/registry/store": "the registry's own tables",
    "printers/previews": "our own drawings",
}  # fmt: skip
"""Rooms whose readers no stranger reaches past those of the table, and what they read."""
OTHERS = {
    "edge/campaign/case_rows.py": "a technician's table of cases, by a command alone",
    "edge/campaign/document_checks.py": "schemas that came with the software",
    "edge/credentials/document_formats.py": "the site's own signatures",
    "edge/web/clock_api.py": "calls.py reads it (command)",
    "edge/web/documents_api.py": "calls.py reads it (command)",
    "sync/registry/locker/certificates.py": "entries that were checked when they came",
    "sync/registry/registered_people.py": "entries that were checked when they came",
    "edge/plugins/distribution/email.py": "a technician's settings, by types",
    "edge/peers/locker.py": "no part of a site: demonstrations and tests alone",
    "edge/peers/mail_server.py": "no part of a site: demonstrations and tests alone",
    "edge/peers/sms_gateway.py": "no part of a site: demonstrations and tests alone",
    "edge/plugins/distribution/gateway.py": "an answer of 64 kB at the most, as JSON; what is found in it: gateway",
    "edge/plugins/distribution/gateway_options.py": "a technician's settings, by types",
    "edge/plugins/sign_in/badge.py": "a digest that the node made itself",
    "sync/registry/provider.py": "a cookie that the registry sealed itself",
    "sync/registry/payments.py": "entries that were checked when they came",
    "sync/registry/documents.py": "entries that were checked when they came",
    "edge/credentials/contexts.py": "JSON-LD contexts that came with the software",
    "edge/credentials/issuing.py": "the campaign in force",
    "edge/credentials/signing.py": "the site's own signatures",
    "edge/web/certificate_pages.py": "base64 of a form; what it holds goes to the verifier (code)",
    "edge/web/serializers.py": "our own answers",
    "edge/web/people_api.py": "calls.py reads it (command)",
    "sync/registry/authority.py": "the nation's own key and certificates; its requests: certificate-request",
    "edge/campaign/list_edit.py": "a technician's list, part by part, after its reader took all of it (yaml)",
    "edge/campaign/list_tables.py": "the schemas that came with the software; tables by their reader (table)",
    "edge/campaign/new_campaign.py": "the campaigns that came with the software",
    "edge/campaign/worked_cases.py": "a technician's YAML, by its reader (yaml); the schema that came with the software",
    "edge/campaign/region_files.py": "a technician's YAML, by its reader (yaml)",
    "sync/registry/campaigns/letters.py": "the registry's own letters; a region's part: campaign-region",
    "sync/registry/campaigns/signers.py": "the ministry's own keys, by its commands alone",
    "sync/registry/histories.py": "the registry's own entries",
    "edge/office/slips.py": "pictures of our own",
    "edge/office/tools.py": "an officer's files, by the readers of a campaign (yaml, packed-campaign, table)",
    "sync/registry/drafts/published.py": "the registry's own letters",
    "sync/registry/enrolment_lists.py": "an officer's table, by its reader (expected-table)",
    "sync/registry/publishing.py": "an officer's files; signed ones: campaign-region",
    "sync/registry/sealed_pieces.py": "pieces that the registry sealed itself; questions: message-question",
    "sync/registry/presence.py": "the registry's own entries",
    "sync/registry/revocations.py": "entries that were checked when they came",
    "sync/registry/withheld.py": "the registry's own entries",
    "edge/domain/dose.py": "the site's own entries",
    "edge/tasks.py": "what commands of the node's own user ask, by types",
    "edge/web/api.py": "a verdict of our own",
    "edge/web/site_pages.py": "fields of forms, by types: tests/web/test_odd_forms.py",
    "edge/web/take_back_pages.py": "fields of forms, by types: tests/web/test_odd_forms.py",
    "edge/web/visit.py": "fields of forms, by types: tests/web/test_odd_forms.py",
    "sync/key_wrapping.py": "keys that site and registry wrapped themselves",
    "sync/registry/second_factors.py": "secrets that the registry sealed itself; a code is typed digits",
    "printers/connections/device.py": "the system's own words about a USB device",
    "printers/connections/stream.py": "the system's own words about a socket",
    "printers/placed.py": "a campaign's pictures as its reader made them (campaign-picture)",
    "printers/proof.py": "pictures of our own",
    "printers/raster.py": "pictures of our own",
    "printers/virtual/roll.py": "pictures of our own",
    "sync/registry/registry.py": "by frames.py (frame)",
    "sync/registry/sticks.py": "by frames.py (frame) and sealed.py (stick)",
    "sync/registry/web/node_api.py": "by frames.py (frame)",
}  # fmt: skip


@cache
def readers() -> frozenset[str]:
    """Give the source files that call something that reads."""
    found = set()
    for room in ("edge", "sync", "printers"):
        for path in (ROOT / room).rglob("*.py"):
            calls = (
                node.func
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Call)
            )
            names = {getattr(one, "attr", getattr(one, "id", "")) for one in calls}
            if names & READING:
                found.add(str(path.relative_to(ROOT)))
    return frozenset(found)


@pytest.mark.slow
def test_every_file_that_reads_bytes_has_a_target_or_a_reason_why_no_stranger_reaches_it() -> None:
    fuzzed = {module for target in all_targets().values() for module in target.modules}
    assert {module for module in fuzzed if not (ROOT / module).is_file()} == set()
    left = {
        path
        for path in readers() - fuzzed - OTHERS.keys()
        if not any(path.startswith(f"{room}/") for room in OWN_WORDS)
    }
    assert left == set(), "add a target to tests/fuzzing, or say why no stranger reaches it"
    assert {path for path in OTHERS if path not in readers() or path in fuzzed} == set()


DOORS = {
    "the request": "http", "a picture": "picture", "a code or a text": "code", "a PIN": "command", "a pairing code": "command",
    "plain HTTP": "http", "every other request": "http", "JSON of the site's API": "command", "a search": "typed-text",
    "a certificate that a form carries": "code", "a voucher that is scanned": "voucher", "pictures of a calibration slip": "picture", "`POST /v1/enrol`": "message-enrolment",
    "/letters`": "message-wanted", "/batches`": "batch", "/second-factor/": "http", "`GET /v1/key`": "http", "forms of the registry's office": "http", "a bundle on a stick": "stick",
    "a campaign, schedules": "yaml", "a type of document": "packed-campaign", "what is recorded in a document": "command", "a printer's profile": "printer-profile", "a list that the ministry signed": "signed-list", "a signed campaign": "campaign-region", "trust lists": "trust-list",
    "tables in text and workbooks": "workbook", "every file that a command is given": "certificate-request",
    "the socket": "packed-campaign", "a campaign in the office": "draft-archive", "a table of people": "expected-table",
    "what a modem says": "modem", "what a gateway answers": "gateway",
    "a piece of a list": "list-piece", "`/invited`": "command", "/cert/api/": "locker", "/my-certificate": "typed-text",
    "what a method asks first": "command", "a passkey's answer": "passkey", "an identity provider": "identity-provider",
    "a card in a registration": "identity-zone", "a scheduler's answer": "table",
}  # fmt: skip
"""The doors of docs/limits.md by a part of their name, and the target that is behind each."""


def test_every_door_of_the_page_of_limits_has_a_target() -> None:
    rows = [
        line.split("|")[1]
        for line in (ROOT / "docs/limits.md").read_text().splitlines()
        if line.startswith("|")
    ][2:]
    assert len(rows) > 15
    assert [row for row in rows if not any(part in row for part in DOORS)] == []
    assert {target for target in DOORS.values() if target not in NAMES} == set()
