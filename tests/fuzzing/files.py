"""Readers of files that somebody brings: tables, workbooks, campaigns, lists, profiles of printers."""

from __future__ import annotations

import base64
import io
import json
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from keyring import certificate
from PIL import Image

from edge.campaign import divoc_csv
from edge.campaign.files.table_file import TableFile
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.pictures import packed_pictures, read_pictures
from edge.campaign.stock_csv import read_stock
from edge.campaign.yaml_files import read_list, read_yaml
from edge.credentials.revocation_files import read_revocations
from edge.credentials.trust_files import read_trust
from edge.domain.errors import EdgeError
from edge.wiring.campaigns import campaign_reader
from printers.errors import PrinterError
from printers.profile import read_profile
from sync.resources import resource
from tests.fuzzing.target import Target

_TODAY = date(2026, 11, 24)
_TABLES = (
    "edge/campaign/files/text.py", "edge/campaign/files/rows.py", "edge/campaign/files/table_file.py",
    "edge/campaign/tables.py", "edge/campaign/cells.py", "edge/campaign/stock_csv.py",
    "edge/campaign/divoc_csv.py", "edge/campaign/files/enrolment_rows.py",
)  # fmt: skip
_WORKBOOKS = ("edge/campaign/files/workbook.py", "edge/campaign/files/unpacking.py")
_CAMPAIGN = (
    "edge/campaign/loader.py", "edge/campaign/catalogue.py", "edge/campaign/schedules.py", "edge/campaign/packs.py",
    "edge/campaign/chosen.py", "edge/campaign/skips.py", "edge/campaign/slip_templates.py", "edge/campaign/codes.py",
    "edge/campaign/cross_checks.py", "edge/campaign/schedule_checks.py", "edge/campaign/merging.py",
)  # fmt: skip
_ENROLMENT = json.dumps([{
    "code": "EN1", "osid": "1-2", "name": "Zawadi Otieno", "gender": "Female", "yob": 1990, "identity": "did:x:1",
    "nationalId": "Demolander", "address": {"district": "North Delta"},
    "appointments": [{"appointmentDate": "2026-12-01", "appointmentSlot": "10:00-11:00", "dose": "1",
                      "enrollmentScopeId": "DEMO01", "certified": False}],
}]).encode()  # fmt: skip
_READERS: dict[str, Callable[[TableFile], Iterator[Any]]] = {
    "stock": lambda file: read_stock(file, _TODAY),
    "enrolments": lambda file: divoc_csv.read_enrolments(file, _TODAY),
    "certificates": lambda file: divoc_csv.read_certificates(file, _TODAY),
    "facilities": divoc_csv.read_facilities,
    "vaccinators": divoc_csv.read_vaccinators,
}


def file_targets() -> tuple[Target, ...]:
    """Give them, with the tables of the demonstration as right inputs."""
    data = resource("config/demo/data")
    stock, people, papers = (
        b"".join((data / f"{name}.csv").read_bytes().splitlines(keepends=True)[:4])
        for name in ("stock", "enrolments", "certificates")
    )
    reader = campaign_reader()
    campaign = resource("config/demo/campaign")
    packed = json.dumps(reader.folder(campaign).body).encode()
    tables = (
        stock,
        people,
        papers,
        stock.replace(b",", b";"),
        stock.decode().encode("utf-16"),
        _ENROLMENT,
    )
    yaml = tuple((campaign / f"{name}.yaml").read_bytes() for name in ("programmes", "slips"))
    return (
        Target("table", _TABLES, partial(_table, "a.csv"), tables, (EdgeError,)),
        Target(
            "workbook", _WORKBOOKS, partial(_table, "a.xlsx"), (_book(stock), _book(people)), (EdgeError,), 512 * 1024
        ),
        Target(
            "packed-campaign", (*_CAMPAIGN, "edge/web/campaign_import.py"), partial(_packed, reader), (packed,),
            (EdgeError, CampaignErrors), 512 * 1024,
        ),
        Target("yaml", ("edge/campaign/yaml_files.py", "printers/plain_yaml.py"), partial(_yaml, read_yaml), yaml),
        Target("long-yaml", ("edge/campaign/quick_yaml.py",), partial(_yaml, read_list), yaml),
        Target("campaign-picture", ("edge/campaign/pictures.py",), _campaign_picture, (_picture("PNG"), _picture("JPEG"))),
        Target(
            "printer-profile", ("printers/profile.py",), _profile,
            ((resource("config/printers") / "escpos-80.yaml").read_bytes(),), (PrinterError,),
        ),
        Target(
            "trust-list", ("edge/credentials/trust_files.py", "edge/credentials/trusted_certificates.py", "edge/credentials/listed_keys.py", "edge/credentials/x509.py", "edge/credentials/trust.py"),
            lambda data: _at(data, read_trust), _trust_lists(), (EdgeError,),
        ),
        Target(
            "revocations", ("edge/credentials/revocation_files.py", "edge/credentials/revocation_entries.py", "edge/credentials/revocation.py"),
            lambda data: _at(data, lambda path: list(read_revocations(path, "did:x").entries)), _revocations(), (EdgeError,),
        ),
    )  # fmt: skip


def _table(name: str, data: bytes) -> None:
    warnings.simplefilter("ignore")  # openpyxl's, of what it leaves out
    for read, encoding in (
        *((one, "") for one in _READERS.values()),
        (_READERS["stock"], "cp1252"),
    ):
        try:
            for _ in read(TableFile.of(name, data, encoding)):
                pass
        except EdgeError:
            continue


def _packed(reader: Any, data: bytes) -> None:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(body, dict):
        reader.packed(body)


def _yaml(read: Callable[[Path, list[Mistake]], object], data: bytes) -> None:
    with _file(data, "a.yaml") as path:
        read(path, [])


def _picture(kind: str) -> bytes:
    drawn = Image.new("1" if kind == "PNG" else "L", (40, 24), "white")
    drawn.paste(0, (4, 4, 20, 20))
    file = io.BytesIO()
    drawn.save(file, kind)
    return file.getvalue()


def _campaign_picture(data: bytes) -> None:
    """Read a picture as a file of a campaign's folder, and as it is packed."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "logo.png").write_bytes(data)
        read_pictures(Path(folder), [])
    list(packed_pictures({"logo": base64.b64encode(data).decode()}))


def _profile(data: bytes) -> None:
    with _file(data, "model.yaml") as path:
        read_profile(path.parent, "model")


def _at(data: bytes, read: Callable[[Path], object]) -> None:
    with _file(data, "a") as path:
        read(path)


@contextmanager
def _file(data: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def _book(table: bytes) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    sheet: Any = book.active
    for line in table.decode().splitlines():
        sheet.append(line.split(","))
    book.save(made)
    return made.getvalue()


def _trust_lists() -> tuple[bytes, ...]:
    signing = certificate(
        ec.generate_private_key(ec.SECP256R1()), datetime(2026, 11, 1, tzinfo=UTC)
    )
    pem = signing.public_bytes(Encoding.PEM)
    jwk = {"kty": "EC", "crv": "P-256", "kid": "a", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
           "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}  # fmt: skip
    did = {
        "id": "did:web:x.example", "verificationMethod": [
            {"id": "did:web:x.example#k", "type": "JsonWebKey2020", "controller": "did:web:x.example", "publicKeyJwk": jwk},
            {"id": "did:web:x.example#e", "type": "Ed25519VerificationKey2018", "publicKeyBase58": "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS"},
        ],
    }  # fmt: skip
    return (
        pem, json.dumps(did).encode(), json.dumps({"keys": [jwk], "issuer": "https://x.example"}).encode(),
        json.dumps({"certificates": [{"kid": "YWFhYWFhYWE=", "rawData": "MIIB", "country": "XD", "certificateType": "DSC"}]}).encode(),
    )  # fmt: skip


def _revocations() -> tuple[bytes, ...]:
    return (
        b"previousCertificateId,dose,preEnrollmentCode\n1234,1,A1\n",
        json.dumps({"kid": "a", "method": "rid", "ctr": 1, "rids": ["abc", "def.1763000000"]}).encode(),
        json.dumps({"country": "XD", "kid": "YWFhYWFhYWE=", "hashType": "SIGNATURE", "expires": "2027-01-01T00:00:00Z",
                    "entries": [{"hash": "YWFhYWFhYWFhYWFhYWFhYQ=="}]}).encode(),
        b'{"revocations":1,"name":"x","at":"2026-11-24T12:00:00Z","count":1}\n{"key":"00"}\n',
    )  # fmt: skip
