"""A site revokes what it issued, and nothing else, unless an officer approves it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from delivering_nodes import NOW, dose, entry, person, uuid
from hypothesis import given
from hypothesis import strategies as st
from signed_messages import EPOCH, NOON, Centre, Sender

from sync.protocol.entries import GENESIS, Link, linked
from sync.protocol.list_keys import UNKNOWN_KID, dcc_key, divoc_key, number_key, shc_key
from sync.registry.authority import Authority
from sync.registry.cli import main
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.revocations import (
    CONTESTED,
    ELSEWHERE,
    NAMES,
    PENDING,
    PUBLISHED,
    STOPPED,
    UNKNOWN,
    decide,
    gathered,
    waiting,
)
from sync.registry.store.interface import Store
from sync.registry.store.postgres import schema as postgres
from sync.registry.store.sqlite import schema as sqlite
from sync.registry.trust_documents import kid, thumbprint

DID = "did:web:nation.example"
SCHEMAS = Schemas(schemas_folder())


class Nation:
    """A registry with its authority; sites 3 and 4 stand at two facilities."""

    def __init__(self, store: Store, address: str, folder: Path) -> None:
        self.centre, self.store, self.address, self.folder = Centre(store), store, address, folder
        self.one, self.two = Sender(self.centre, 3, "FAC1"), Sender(self.centre, 4, "FAC2")
        self.number = 100
        self.authority = Authority(folder / "nation")
        self.authority.create("XD", "Ministry", b"secret", NOON)
        self.signed = {one: self._sign(one) for one in ("FAC1", "FAC2")}

    def _sign(self, facility: str) -> x509.Certificate:
        names = ((NameOID.COUNTRY_NAME, "XD"), (NameOID.COMMON_NAME, f"{facility} main"))
        subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
        key = ec.generate_private_key(ec.SECP256R1())
        asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
        pem = asked.public_bytes(Encoding.PEM)
        return self.authority.sign(pem, b"secret", NOON, days=700, use_days=180)

    def uuid(self) -> int:
        self.number += 1
        return self.number

    def issue(self, site: Sender, certificate: str, **more: Any) -> dict[str, Any]:
        who, what, third = self.uuid(), self.uuid(), self.uuid()
        body: dict[str, Any] = {"certificate": certificate, "dose": uuid(what), "person": uuid(who)}
        body |= {"credentials": [{"format": "divoc", "credential": "{}"}], **more}
        issued = entry(third, "CertificateIssued", body)
        assert "receipt" in site.deliver(person(who), dose(what, who, on=None), issued)
        self.centre.judging.run()
        return issued

    def revoke(self, site: Sender, certificate: str, **more: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "certificate": certificate,
            "reason": "stolen",
            **divoc(certificate),
            **more,
        }
        return entry(self.uuid(), "CertificateRevoked", body)

    def run(self, *words: str) -> Any:
        done = CliRunner().invoke(main, [*words, "--database", self.address])
        assert done.exit_code == 0, done.output
        return done

    def published(self) -> set[str]:
        out = self.folder / "out"
        did = ("--did", DID)
        self.told = self.run(
            "authority", "publish", "--folder", str(self.folder / "nation"), "--out", str(out), *did
        ).output
        return set((out / "revocations.txt").read_text().splitlines()[1:])

    def why(self) -> list[str]:
        return [one.why for one in gathered(self.store, SCHEMAS) if one.state == PENDING]

    def references(self) -> list[str]:
        lines = self.run("revocations", "pending", "--json").output.splitlines()
        return [json.loads(line)["reference"] for line in lines]


def divoc(certificate: str) -> dict[str, Any]:
    """What DIVOC's credential of a certificate is called in lists."""
    row = {"previousCertificateId": certificate, "dose": "1", "preEnrollmentCode": "12-34"}
    keys = [divoc_key(*row.values()), number_key(DID, certificate)]
    scopes = [f"divoc:{DID}:FAC1#key"]
    return {"divoc": row, "keys": [key.hex() for key in keys], "scopes": scopes}


@pytest.fixture
def nation(store: Store, address: str, tmp_path: Path) -> Nation:
    return Nation(store, address, tmp_path)


def placed(site: Sender, number: int, bare: dict[str, Any]) -> dict[str, Any]:
    """An entry as it is sent ahead, in its place; number 1 begins the epoch."""
    return linked(bare, Link(site.node, EPOCH, number, GENESIS))


def keys(certificate: str) -> set[str]:
    return set(divoc(certificate)["keys"])


def test_a_site_revokes_what_it_issued(nation: Nation) -> None:
    nation.issue(nation.one, "AAAA")
    nation.one.deliver(nation.revoke(nation.one, "AAAA", replacedBy="BBBB"))
    assert nation.published() == keys("AAAA")
    assert nation.why() == []


def test_what_another_site_issued_waits_for_an_officer_and_a_refusal_stays(nation: Nation) -> None:
    nation.issue(nation.one, "AAAA")
    nation.two.deliver(nation.revoke(nation.two, "AAAA"))
    assert nation.published() == set()
    assert "1 wait for an officer" in nation.told
    assert nation.why() == [ELSEWHERE]
    (reference,) = nation.references()
    nation.run("revocations", "refuse", reference, "--by", "Dr Osei")
    assert nation.published() == set()
    assert nation.references() == []
    nation.run("revocations", "approve", reference, "--by", "Dr Osei")
    assert nation.published() == keys("AAAA")
    lines = [(one.who, one.what, one.whom) for one in nation.store.audits()]
    assert ("Dr Osei (command line)", "refused a revocation", reference) in lines
    assert ("Dr Osei (command line)", "approved a revocation", reference) in lines


def test_an_officer_can_refuse_what_a_site_issued_itself(nation: Nation) -> None:
    """A stolen machine revokes everything it has issued, before anybody stops it."""
    nation.issue(nation.one, "AAAA")
    nation.one.deliver(nation.revoke(nation.one, "AAAA"))
    (one,) = gathered(nation.store, SCHEMAS)
    nation.run("revocations", "refuse", one.reference, "--by", "Dr Osei")
    assert nation.published() == set()


def test_a_site_that_says_it_issued_anothers_certificate_revokes_nothing(nation: Nation) -> None:
    nation.issue(nation.one, "AAAA")
    nation.issue(nation.two, "AAAA")
    nation.two.deliver(nation.revoke(nation.two, "AAAA"))
    assert nation.published() == set()
    assert nation.why() == [CONTESTED]


def test_an_issue_that_the_record_rejects_is_none(nation: Nation) -> None:
    nation.issue(nation.one, "AAAA", credentials=[])
    nation.one.deliver(nation.revoke(nation.one, "AAAA"))
    assert nation.published() == set()
    assert nation.why() == [UNKNOWN]


def test_a_revocation_that_was_sent_ahead_waits_until_its_certificate_is_known(
    nation: Nation,
) -> None:
    site = nation.one
    revoked = nation.revoke(site, "AAAA")
    assert site.hurry(placed(site, 900, revoked))["new"] == 1
    assert nation.published() == set()
    assert nation.why() == [UNKNOWN]
    nation.issue(site, "AAAA")
    assert nation.published() == keys("AAAA")
    assert nation.why() == []


def test_a_decision_is_of_the_entry_wherever_it_stands_later(nation: Nation) -> None:
    """It was approved as it was sent ahead; in its place it is the same entry."""
    site, revoked = nation.two, nation.revoke(nation.two, "AAAA")
    nation.issue(nation.one, "AAAA")
    site.hurry(placed(site, 1, revoked))
    (reference,) = nation.references()
    nation.run("revocations", "approve", reference, "--by", "Dr Osei")
    assert site.deliver(revoked)["stored"] == 1
    assert nation.published() == keys("AAAA")


def test_what_arrives_after_a_site_was_stopped_does_not_count(nation: Nation) -> None:
    nation.issue(nation.one, "AAAA")
    nation.issue(nation.one, "BBBB")
    nation.one.deliver(nation.revoke(nation.one, "AAAA"))
    nation.store.set_state(nation.one.node, "stopped", "2026-11-24T12:00:00.001Z")
    assert nation.one.deliver(nation.revoke(nation.one, "BBBB"))["code"] == "node.stopped"
    assert nation.published() == keys("AAAA")  # before it was stopped
    nation.store.set_state(nation.one.node, "active", NOW)
    nation.one.deliver(nation.revoke(nation.one, "BBBB"))
    # A worker that had let the batch in already stores it after the stop.
    nation.store.set_state(nation.one.node, "stopped", NOW)
    assert nation.published() == set()
    assert nation.why() == [STOPPED, STOPPED]
    nation.store.set_state(nation.one.node, "stopped", "2026-11-25T12:00:00.000Z")
    assert nation.why() == [STOPPED, STOPPED]  # the first stop counts
    nation.store.set_state(nation.one.node, "active", NOW)
    assert nation.published() == keys("AAAA") | keys("BBBB")


def dcc(certificate: x509.Certificate, text: str) -> tuple[dict[str, str], list[str], list[str]]:
    """A row of a health certificate, its keys, and those without a key id."""
    name = base64.b64encode(kid(certificate)).decode()
    digest = hashlib.sha256(text.encode()).digest()[:16]
    row = {"kid": name, "UCI": base64.b64encode(digest).decode()}
    return (
        row,
        [dcc_key(name, "UCI", digest).hex()],
        [dcc_key(UNKNOWN_KID, "UCI", digest).hex()],
    )


@pytest.mark.slow
def test_names_of_another_certificate_are_not_published_beside_its_own(nation: Nation) -> None:
    mine, theirs = nation.signed["FAC2"], nation.signed["FAC1"]
    row, own, unnamed = dcc(mine, "mine")
    other_row, others, others_unnamed = dcc(theirs, "theirs")
    named = hashlib.sha256(f"{thumbprint(theirs)}/AAAA".encode()).digest()[:12]
    card = shc_key(thumbprint(theirs), base64.urlsafe_b64encode(named).decode()).hex()
    foreign = [*others, *others_unnamed, card, *divoc("AAAA")["keys"], "0" * 32]
    nation.issue(nation.two, "CCCC")
    nation.two.deliver(
        nation.revoke(
            nation.two,
            "CCCC",
            keys=[*own, *unnamed, *foreign],
            dcc=[row, other_row],
            scopes=["hcert:FR", "shc:theirs", f"divoc:{DID}:FAC2#key"],
            divoc=divoc("AAAA")["divoc"],
        )
    )
    assert nation.published() == set(own)
    assert f"Published in part: {NAMES}" in nation.told
    header = json.loads((nation.folder / "out/revocations.txt").read_text().splitlines()[0])
    assert not {"hcert:FR", "shc:theirs"} & set(header["scopes"])
    batches = json.loads((nation.folder / "out/dcc-batches.json").read_text())
    assert [one["kid"] for one in batches] == [row["kid"]]
    assert json.loads((nation.folder / "out/divoc-revoked.json").read_text()) == []


def test_every_name_of_a_certificate_is_published_without_a_word(nation: Nation) -> None:
    mine = nation.signed["FAC2"]
    row, own, unnamed = dcc(mine, "mine")
    named = hashlib.sha256(f"{thumbprint(mine)}/CCCC".encode()).digest()[:12]
    card = shc_key(thumbprint(mine), base64.urlsafe_b64encode(named).decode()).hex()
    names = [*own, card, *divoc("CCCC")["keys"]]
    nation.issue(nation.two, "CCCC")
    nation.two.deliver(nation.revoke(nation.two, "CCCC", keys=[*names, *unnamed], dcc=[row]))
    assert nation.published() == set(names)
    assert "in part" not in nation.told


def test_the_officers_page_lists_what_waits_and_decides_with_a_line_in_the_audit(
    nation: Nation,
) -> None:
    nation.issue(nation.one, "AAAA")
    nation.two.deliver(nation.revoke(nation.two, "AAAA"))
    client = nation.centre.signed_in()
    page = client.get("/revocations").text
    assert "AAAA" in page
    assert ELSEWHERE in page
    (reference,) = nation.references()
    form = page.split('name="form" value="')[1].split('"')[0]
    given = {"form": form, "reference": reference}
    assert client.post("/revocations", data={**given, "decision": "burnt"}).status_code == 404
    wrong = {**given, "reference": f"{reference[:-1]}x", "decision": "published"}
    assert client.post("/revocations", data=wrong).status_code == 404
    assert client.post("/revocations", data={"reference": reference, "decision": "published"})
    assert nation.published() == set()
    done = client.post("/revocations", data={**given, "decision": "published"})
    assert done.status_code == 303
    assert "AAAA" not in client.get("/revocations").text
    assert nation.published() == keys("AAAA")
    lines = [(one.who, one.what, one.whom) for one in nation.store.audits()]
    assert ("operator", "approved a revocation", reference) in lines


def test_every_revocation_that_waits_is_on_one_page(nation: Nation) -> None:
    site = nation.two
    for number in range(7):
        site.deliver(nation.revoke(site, f"N{number}"))
    for text in ("a", "b", "c"):  # three contents sent ahead for one place
        site.hurry(placed(site, 90, nation.revoke(site, text)))
    found, place = [], ("", "", 0)
    for _ in range(20):
        page, after = waiting(nation.store, SCHEMAS, place, 2)
        found += [one.certificate for one in page]
        if after is None:
            break
        place = after
    assert sorted(found) == sorted([*(f"N{n}" for n in range(7)), "a", "b", "c"])


@pytest.mark.parametrize(
    "spoil", [lambda r: "", lambda r: r[:-2], lambda r: r.replace("/", "~"), lambda r: f"{r}/1"]
)
def test_a_reference_that_is_none_is_refused_in_words(
    nation: Nation, spoil: Callable[[str], str]
) -> None:
    nation.two.deliver(nation.revoke(nation.two, "AAAA"))
    (reference,) = nation.references()
    words = ["revocations", "approve", spoil(reference), "--by", "X", "--database", nation.address]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "There is no such revocation." in done.output


@given(st.lists(st.sampled_from("abc"), max_size=4), st.booleans())
def test_only_the_one_and_only_issuer_publishes_by_itself(issuers: list[str], late: bool) -> None:
    state, why = decide("a", issuers, after_stop=late)
    assert (state == PUBLISHED) == (set(issuers) == {"a"} and not late)
    assert (state == PUBLISHED) == (why == "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "odd",
    [{}, {"certificate": 5}, {"certificate": None}, {"certificate": ["AAAA"]},
     {"certificate": "A\0"}, {"certificate": {"a": "AAAA"}}, "text", None, ["AAAA"]],
    ids=repr,
)  # fmt: skip
def test_who_issued_what_is_known_of_the_entries_that_were_judged_before_the_update(
    nation: Nation, odd: Any
) -> None:
    site = nation.one
    nation.issue(site, "AAAA")
    site.deliver(
        entry(7, "CertificateIssued", odd), entry(8, "CertificateIssued", {"a": "\\u0000"})
    )
    nation.centre.judging.run()
    store: Any = nation.store
    assert store._run("DELETE FROM mention WHERE key LIKE ?", "certificate:%") >= 1
    step = (postgres if nation.address.startswith("postgres") else sqlite).RULED
    store._run(step.statements[-1])
    store._run(step.statements[-1])  # it does no harm twice
    site.deliver(nation.revoke(site, "AAAA"))
    assert nation.published() == keys("AAAA")
