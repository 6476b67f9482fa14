"""A site that means harm, or whose machine is ill: what it sends must not reach the other sites."""

from __future__ import annotations

import base64
import json
import logging
import re
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from delivering_nodes import NOW, correction, dose, entry, person, uuid
from memory_journal import REGISTRY_KEY, enrolment
from second_factors import confirm
from signed_messages import EPOCH, NOON, Centre, Sender, ahead

from sync.protocol.entries import DEEPEST, LARGEST_ENTRY, Link, canonical, chain_hash
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import PersonQuery
from sync.protocol.list_keys import number_key
from sync.protocol.proofs import CodeProof
from sync.registry.cli import main
from sync.registry.codes import make_code
from sync.registry.histories import histories
from sync.registry.judging.schemas import MISSING, OTHER, Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.requests import keys_of
from sync.registry.store.interface import Store
from sync.registry.store.records import SigningRequest
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.registry.web.translations import load_languages

NOTHING = "\0"


@pytest.fixture
def centre(store: Store) -> Centre:
    return Centre(store)


@pytest.mark.parametrize(
    "spoiled",
    [
        {**person(7), "id": f"{NOTHING}x"},
        person(7, id=f"a{NOTHING}b"),
        person(7, identity=f"a{NOTHING}b"),
        dose(7, 8) | {"body": {"person": f"a{NOTHING}b"}},
        dose(7, 8) | {"body": {f"a{NOTHING}b": 1}},
        {**correction(7, 1), "body": {"dose": f"a{NOTHING}b", "changes": {}}},
        {**correction(7, 1), "body": {"dose": NOTHING, "changes": {f"{NOTHING}": NOTHING}}},
    ],
    ids=lambda one: repr(one["body"])[:40],
)
def test_a_text_that_the_database_cannot_keep_stops_nobody_from_being_judged(
    centre: Centre, spoiled: dict[str, Any]
) -> None:
    ill, well = Sender(centre, 3), Sender(centre, 4)
    assert ill.deliver(spoiled, dose(9, 9, on=None))["stored"] == 2
    assert well.deliver(person(1), dose(2, 1, on=None))["stored"] == 2
    assert centre.judging.run() == 4
    assert centre.store.to_judge(10) == []
    assert [one.id for one in centre.store.verdicts(well.node, "rejected")] == [uuid(2)]
    assert uuid(9) in [one.id for one in centre.store.verdicts(ill.node, "rejected")]


class Failing(Schemas):
    """Schemas that nobody has thought through: they fail at one entry, with its text."""

    def mistake(self, document: Any) -> Any:
        if document["id"] == uuid(300):
            raise RecursionError("Amina Bello")
        return super().mistake(document)


def test_an_entry_at_which_judging_fails_is_rejected_by_itself_and_its_text_is_in_no_log(
    centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    ill, well = Sender(centre, 3), Sender(centre, 4)
    ill.deliver(person(1), *(dose(number) for number in range(2, 700)))
    well.deliver(person(1000, name=None))
    judging = Judging(centre.store, Failing(schemas_folder()), lambda: NOW)
    with caplog.at_level(logging.WARNING):
        assert judging.run() == 700
    (verdict,) = centre.store.verdicts(ill.node)
    assert (verdict.id, verdict.state, verdict.sentence) == (uuid(300), "rejected", OTHER)
    assert [one.id for one in centre.store.verdicts(well.node)] == [uuid(1000)]
    assert "RecursionError" in caplog.text
    assert "Amina" not in caplog.text


def test_what_is_held_and_cannot_be_looked_at_again_keeps_no_other_held(centre: Centre) -> None:
    ill, well = Sender(centre, 3), Sender(centre, 4)
    ill.deliver(dose(300))
    well.deliver(dose(2))
    centre.judging.run()
    judging = Judging(centre.store, Failing(schemas_folder()), lambda: NOW)
    Sender(centre, 5).deliver(person(1))
    judging.run()
    judging.sweep()
    assert [one.state for one in centre.store.verdicts(well.node)] == ["stored"]


@pytest.mark.slow  # 1600 doses, to every store
def test_the_sweep_looks_at_everything_that_a_site_has_held(centre: Centre) -> None:
    site = Sender(centre, 3)
    for first in range(2, 1602, 400):
        site.deliver(*(dose(number, number + 5000) for number in range(first, first + 400)))
    site.deliver(dose(1700, 1))
    centre.judging.run()

    class Deaf:
        """A store whose worker is stopped before it releases what it makes known."""

        def __getattr__(self, name: str) -> Any:
            return getattr(centre.store, name)

        def mentions(self, *_: Any) -> Any:
            return []

    deaf: Any = Deaf()
    Sender(centre, 4).deliver(person(1))
    Judging(deaf, Schemas(schemas_folder()), lambda: NOW).run()
    assert centre.judging.sweep() == 1
    assert len(centre.store.verdicts(site.node, "held", 5000)) == 1600


def test_an_entry_longer_than_an_entry_may_be_is_refused_whole(centre: Centre) -> None:
    site = Sender(centre, 3)
    just = "a" * (LARGEST_ENTRY - 600)
    answer = site.deliver(person(1), entry(2, "NewerType", {"text": "a" * LARGEST_ENTRY}))
    assert (answer["code"], answer["temporary"]) == ("entry.too-large", False)
    assert centre.store.count(site.node) == 0
    assert site.deliver(person(1), entry(2, "NewerType", {"text": just}))["stored"] == 2


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_an_entry_nested_deeper_than_every_end_can_read_is_refused(centre: Centre) -> None:
    site = Sender(centre, 3)
    answer = site.deliver(person(1, note=nested(DEEPEST)))
    assert answer["code"] == "entry.not-canonical"
    assert centre.store.count(site.node) == 0
    brackets = "[{" * 500  # in a text they nest nothing
    assert site.deliver(person(1, note=[nested(DEEPEST - 4), brackets]))["stored"] == 1


def test_long_entries_weigh_more_in_a_sites_day(store: Store) -> None:
    centre = Centre(store, Limits(entries_a_day=40))
    site = Sender(centre, 3)
    long = entry(1, "NewerType", {"text": "a" * 100_000})
    assert site.deliver(long)["stored"] == 1
    assert site.deliver(long)["stored"] == 1
    assert site.deliver(dose(1))["code"] == "node.quota"


@pytest.mark.slow
def test_judging_reads_no_more_at_once_than_fits_in_memory(centre: Centre) -> None:
    site = Sender(centre, 3)
    for number in range(1, 61):
        site.deliver(entry(number, "NewerType", {"text": "a" * 1_000_000}))
    tracemalloc.start()
    try:
        assert centre.judging.run() == 60
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_reader_of_long_entries_gets_them_in_small_pages_and_misses_none(store: Store) -> None:
    centre = Centre(store)
    site = Sender(centre, 3)
    for number in range(1, 11):
        site.deliver(entry(number, "NewerType", {"text": "a" * 1_000_000}))
    found, after, pages = [], "", 0
    headers = {"Authorization": "Bearer operator"}
    while True:
        query = {"epoch": "00000000000000e1", "after": after or "0", "limit": "1000"}
        page = centre.client.get(
            f"/v1/nodes/{site.node}/entries", query_string=query, headers=headers
        )
        assert len(page.data) < 6_000_000
        entries = page.get_json()["entries"]
        if not entries:
            break
        found += [one["number"] for one in entries]
        after, pages = str(page.get_json()["next"]), pages + 1
    assert found == list(range(1, 11))
    assert pages >= 2


def revoked(site: Sender, number: int, name: str) -> dict[str, Any]:
    body = {"certificate": name, "reason": "stolen", "keys": [name * 32]}
    return ahead(site, number, "CertificateRevoked", body)


def held(centre: Centre) -> list[str]:
    return [
        json.loads(one.content)["body"]["certificate"]
        for one in centre.store.of_type("CertificateRevoked")
    ]


def test_only_what_cannot_wait_may_be_sent_ahead_and_it_counts_to_the_sites_day(
    store: Store,
) -> None:
    centre = Centre(store, Limits(entries_a_day=3))
    site = Sender(centre, 3)
    answer = site.hurry(revoked(site, 8, "a"), ahead(site, 9, "DoseGiven", {}))
    assert (answer["code"], answer["values"]["field"]) == ("urgent.field", "type")
    assert held(centre) == []
    assert site.hurry(revoked(site, 8, "a"), revoked(site, 9, "b"))["new"] == 2
    assert site.hurry(revoked(site, 8, "a"))["new"] == 0
    assert site.hurry(revoked(site, 10, "c"))["new"] == 1
    assert site.hurry(revoked(site, 11, "d"))["code"] == "node.quota"
    assert site.deliver(person(1))["code"] == "node.quota"
    assert sorted(held(centre)) == ["a", "b", "c"]


def test_two_revocations_sent_ahead_for_one_place_are_both_in_force_and_an_alarm(
    centre: Centre,
) -> None:
    site = Sender(centre, 3)
    assert site.hurry(revoked(site, 9, "a"))["new"] == 1
    assert centre.store.alarms(site.node) == []
    assert site.hurry(revoked(site, 9, "b"))["new"] == 1
    assert [(one.kind, one.number) for one in centre.store.alarms(site.node)] == [("fork", 9)]
    assert sorted(held(centre)) == ["a", "b"]


def test_a_node_that_is_stopped_while_it_hurries_leaves_nothing(centre: Centre) -> None:
    site = Sender(centre, 3)
    centre.store.set_state(site.node, "stopped", "2026-11-24T12:00:00.000Z")
    assert site.hurry(revoked(site, 9, "a"))["code"] == "node.stopped"
    assert held(centre) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "body"),
        ({"certificate": "c", "reason": "r", "keys": [1]}, "keys.0"),
        ({"certificate": "c", "reason": "r", "keys": ["a" * 32], "dcc": ["UCI"]}, "dcc.0"),
        ({"certificate": "c", "reason": "r", "keys": ["a" * 32], "divoc": "abc"}, "divoc"),
        ("text", "body"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_revocation_that_is_none_is_left_out_of_the_published_list_by_name(
    store: Store, address: str, tmp_path: Path, body: Any, field: str
) -> None:
    centre = Centre(store)
    ill, well = Sender(centre, 3), Sender(centre, 4)
    wrong = entry(1, "CertificateRevoked", body)
    if body is None:
        del wrong["body"]
    ill.deliver(wrong)
    odd = {"dcc": [{"UCI": "x"}, {"kid": 5, "UCI": "x"}], "divoc": {"dose": 1}}
    name = number_key("did:web:x", "c").hex()
    sound = {"certificate": "c", "reason": "r", "keys": [name], "scopes": ["divoc:did:web:x"]}
    issued = {"certificate": "c", "dose": uuid(6), "person": uuid(5), "format": "divoc"}
    well.deliver(
        person(5),
        dose(6, 5, on=None),
        entry(7, "CertificateIssued", {**issued, "credential": "{}"}),
        entry(8, "CertificateRevoked", {**sound, **odd}),
    )
    centre.judging.run()
    (tmp_path / "pass").write_text("secret")
    authority = ("--folder", str(tmp_path / "nation"))
    root = ("--country", "XD", "--name", "M", "--passphrase-file", str(tmp_path / "pass"))
    made = CliRunner().invoke(main, ["authority", "init", *authority, *root])
    assert made.exit_code == 0, made.output
    lists = ("--out", str(tmp_path / "out"), "--did", "did:web:x", "--database", address)
    done = CliRunner().invoke(main, ["authority", "publish", *authority, *lists])
    assert done.exit_code == 0, done.output
    assert "1 revoked names." in done.output
    assert f"{ill.node} {EPOCH} 1, field {field}" in done.output
    assert (tmp_path / "out/revocations.txt").read_text().splitlines()[1:] == [name]
    assert json.loads((tmp_path / "out/dcc-batches.json").read_text()) == []


def test_guesses_at_the_same_moment_are_looked_at_no_more_than_one_after_the_other(
    store: Store,
) -> None:
    """Each is counted before it is looked at, however slowly that goes."""
    looked: list[str] = []

    class Codes(frozenset[str]):
        def __iter__(self) -> Iterator[str]:
            looked.append("")
            sleep(0.1)
            return super().__iter__()

    registry = Registry(store, REGISTRY_KEY, Codes({"code"}), now=lambda: NOON)

    def guess(seed: int) -> str:
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        try:
            registry.enrol(enrolment(by=key, code=f"code-{seed}"), "192.0.2.1", proven=True)
        except ProtocolError as error:
            return error.code
        return "let in"

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(guess, range(1, 9)))
    assert told == [*["enrol.code"] * 3, *["enrol.slow"] * 5]
    assert len(looked) == 3


def test_a_code_that_any_site_may_use_makes_nobody_behind_its_address_wait(store: Store) -> None:
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}), now=lambda: NOON)
    for seed in range(1, 9):
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        assert "key" in registry.enrol(enrolment(by=key), "192.0.2.1", proven=True)


def test_a_code_that_was_given_for_another_facility_is_not_used_up(centre: Centre) -> None:
    code = make_code(centre.store, "DEMO01", 14, NOON)
    first, second = Sender(centre, 3, code=""), Sender(centre, 4, code="")
    assert first.enrol(facility="DEM001", code=code)["code"] == "enrol.code"
    assert "key" in second.enrol(facility="DEMO01", code=code)
    assert first.enrol(facility="DEMO01", code=code)["code"] == "enrol.code"


@pytest.mark.parametrize("field", ["facility", "name"])
def test_a_name_that_cannot_be_shown_is_refused(centre: Centre, field: str) -> None:
    for name in ("a\0b", "a\nb", "\x1b[2J", "\u202eb"):
        refused = Sender(centre, 3, code="").enrol(**{field: name})
        assert (refused["code"], refused["values"]["field"]) == ("enrol.field", field)


CURVE = bytes.fromhex("06082a8648ce3d030107")
"""P-256 in a request (DER)."""


def request(name: bytes, curve: bytes = CURVE) -> str:
    """A request for a certificate, signed by its own key, whose common name is any four bytes."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "QQQQ")])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    told = made.tbs_certrequest_bytes.replace(b"QQQQ", name).replace(CURVE, curve)
    signature = key.sign(told, ec.ECDSA(SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    bits = bytes([3, len(signature) + 1, 0]) + signature
    length = len(told) + len(algorithm) + len(bits)
    der = b"\x30\x81" + bytes([length]) + told + algorithm + bits
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n"


def test_a_request_with_a_key_on_a_curve_that_nobody_knows_is_refused(centre: Centre) -> None:
    site = Sender(centre, 3)
    unknown = request(b"good", CURVE[:-1] + b"\x63")
    assert site.enrol(csr=unknown)["code"] == "enrol.csr"
    assert keys_of(unknown) == set()


def test_a_request_with_a_name_that_cannot_be_read_is_refused(centre: Centre) -> None:
    site = Sender(centre, 3)
    assert site.enrol(csr=request(b"\xff\xff\xff\xff"))["code"] == "enrol.csr"
    assert centre.store.asked_certificates() == []
    assert "key" in site.enrol(csr=request(b"good"))


def test_a_request_that_was_kept_and_cannot_be_read_hides_no_other(
    store: Store, address: str
) -> None:
    centre = Centre(store)
    ill, well = Sender(centre, 3), Sender(centre, 4)
    store.ask_certificate(SigningRequest(ill.node, request(b"\xff\xff\xff\xff"), NOW))
    well.enrol(csr=request(b"a\nb\x1b"))
    done = CliRunner().invoke(main, ["authority", "pending", "--database", address])
    assert done.exit_code == 0, done.output
    assert "This is no request that can be read." in done.output
    assert "CN=a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}" in done.output
    page = centre.signed_in().get(f"/nodes/{ill.node}")
    assert page.status_code == 200
    assert "This is no request that can be read." in page.text


def attention(page: str) -> str:
    return page[page.index("Needs attention") : page.index("Signing certificate")]


def test_what_needs_attention_is_what_is_open_newest_first_and_page_by_page(
    store: Store,
) -> None:
    centre = Centre(store)
    site = Sender(centre, 3)
    site.deliver(*(dose(number, 5000) for number in range(1, 101)))
    page = centre.signed_in().get(f"/nodes/{site.node}").text
    assert "Not judged yet: 100" in page
    assert "plainly stored" not in page
    centre.judging.run()
    site.deliver(person(5000))  # what was held is held no more, and needs nobody's attention
    site.deliver(*(dose(number, 5000, on=None) for number in range(201, 261)))
    centre.judging.run()
    page = attention(centre.client.get(f"/nodes/{site.node}").text)
    assert "Not judged" not in page
    assert re.findall(rf"{EPOCH} (\d+)<", page) == [str(n) for n in range(161, 111, -1)]
    assert ">stored<" not in page
    arabic = centre.client.get(f"/nodes/{site.node}", headers={"Accept-Language": "ar"}).text
    assert MISSING not in arabic
    assert load_languages()["ar"].say(MISSING) in arabic
    (more,) = re.findall(r'href="(\?after=[^"]+)"', page)
    page = attention(centre.client.get(f"/nodes/{site.node}{more}").text)
    assert re.findall(rf"{EPOCH} (\d+)<", page) == [str(n) for n in range(111, 101, -1)]
    assert "?after=" not in page


def test_an_alarm_says_whether_the_other_history_was_kept(centre: Centre) -> None:
    site = Sender(centre, 3)
    site.deliver(person(1), person(2))
    site.hurry(revoked(site, 2, "a"))
    page = centre.signed_in().get(f"/nodes/{site.node}").text
    assert "the other was not put in its place" in page
    assert "Both histories are kept" not in page
    (head,) = centre.store.heads(site.node)
    link = Link(site.node, f"{EPOCH}~{'a' * 8}", 3, head.hash, head)
    content = canonical({**person(9), "number": 3})
    centre.store.accept([(link, content, chain_hash(content))], NOW)
    assert centre.store.unjudged(site.node) == 3  # a branch begins behind what it shares
    for where in (f"/nodes/{site.node}", "/alarms"):
        page = centre.client.get(where).text
        assert "Both histories are kept" in page
        assert "was not put in its place" not in page


def test_a_new_token_in_the_file_ends_the_sign_ins_of_the_old_one(store: Store) -> None:
    centre = Centre(store)
    assert centre.signed_in().get("/audit").status_code == 200
    stolen = centre.client.get_cookie("divoc_registry_operator")
    assert stolen is not None
    again = create_app(centre.registry, office(centre.registry, "a new one")).test_client()
    again.set_cookie("divoc_registry_operator", stolen.value)
    assert again.get("/audit").status_code == 401
    again.post("/", data={"token": "a new one"})
    confirm(again, store, centre.registry.key, "operator")
    assert again.get("/audit").status_code == 200


def test_an_invitation_is_in_the_audit_and_no_longer_than_a_code_may_be(
    store: Store, address: str, tmp_path: Path
) -> None:
    def invite(facility: str, days: str) -> Any:
        words = ["stick", "invite", facility, "--days", days, "--database", address]
        return CliRunner().invoke(main, [*words, "--data", str(tmp_path), "--out", str(tmp_path)])

    assert invite("DEMO01", "30").exit_code == 0
    assert [(one.who, one.what, one.whom) for one in store.audits()] == [
        ("command line", "made an invitation for", "DEMO01")
    ]
    (code,) = store.codes()
    assert (code.facility, code.made_at > NOW) == ("DEMO01", True)
    assert "A code counts for 1 to 365 days." in invite("DEMO01", "4000").output
    assert "Name the facility by its code." in invite(" ", "4").output


def test_a_site_that_writes_much_of_a_person_hides_nothing_that_others_wrote(
    centre: Centre,
) -> None:
    well, ill, asking = (Sender(centre, seed) for seed in (3, 4, 5))
    well.deliver(person(1), dose(2))
    for first in range(10, 1010, 500):
        ill.deliver(*(dose(number) for number in range(first, first + 500)))
    centre.judging.run()
    found = histories(
        centre.store, asking.node, [PersonQuery(uuid(1), CodeProof(f"{1:012d}"))], NOW
    ).people[uuid(1)]
    by_ill = [one.entry["id"] for one in found if one.node == ill.node]
    assert by_ill == [uuid(number) for number in range(812, 1010)]  # its newest, and 200 in all
    assert {one.entry["type"] for one in found if one.node == well.node} == {
        "PersonRegistered",
        "DoseGiven",
    }
