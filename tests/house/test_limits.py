"""Every open door costs what its page says: a few hostile bytes take neither minutes nor memory."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from pathlib import Path

import base45
import cbor2
import openpyxl
import pytest
import zstandard
from bounded import bounded

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/limits.md"

VERIFY = """
from datetime import UTC, datetime
from edge.credentials.trust import Trust
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import load_formats
answer = Verifier(load_formats().reading, Trust()).verify(data, datetime.now(UTC)).verdict
"""
YAML = """
import tempfile
from pathlib import Path
from edge.campaign.yaml_files import read_yaml
mistakes = []
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.yaml"
    path.write_bytes(data)
    read_yaml(path, mistakes)
answer = [one.code for one in mistakes]
"""
LIST = """
import tempfile
from pathlib import Path
from edge.credentials.revocation_files import read_revocations
from edge.credentials.trust_files import read_trust
from edge.domain.errors import BadInput
answer = []
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a"
    path.write_bytes(data)
    for read in (read_trust, lambda path: list(read_revocations(path, "did:x").entries)):
        try:
            read(path)
        except BadInput as error:
            answer.append(error.code)
"""
FRAME = """
from sync.protocol import frames
from sync.protocol.errors import ProtocolError
try:
    answer = frames.unpack(data, frames.SMALL)
except ProtocolError as error:
    answer = error.code
"""


def hcert(message: bytes) -> bytes:
    packed: bytes = base45.b45encode(zlib.compress(message, 9))
    return b"HC1:" + packed


def archive(method: int, content: bytes, properties: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.writestr("certificate.json", content)
    data = bytearray(buffer.getvalue())
    if properties:
        place = data.index(b"certificate.json") + len(b"certificate.json") + 4
        data[place : place + len(properties)] = properties
    return bytes(data)


def divoc(subject: object) -> bytes:
    return json.dumps({"@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential"],
                       "issuer": "https://moh.example/", "issuanceDate": "2021-01-01T00:00:00Z",
                       "credentialSubject": subject, "evidence": subject,
                       "proof": {"type": "RsaSignature2018", "jws": "e30..QUJD"}}).encode()  # fmt: skip


CODES = {
    "an archive of 300 MB in bzip2": lambda: archive(zipfile.ZIP_BZIP2, bytes(300_000_000)),
    "an archive of 300 MB": lambda: archive(zipfile.ZIP_DEFLATED, bytes(300_000_000)),
    "an archive in LZMA": lambda: archive(zipfile.ZIP_LZMA, b"{}"),
    "LZMA that asks for 4 GB": lambda: archive(zipfile.ZIP_LZMA, b"{}", b"\x5d\xff\xff\xff\xff"),
    "LZMA that is none": lambda: archive(zipfile.ZIP_LZMA, b"{}", b"\xff" * 5),
    "40 MB in base45": lambda: hcert(bytes(40_000_000)),
    "a list of 2^60": lambda: hcert(b"\xd2\x9b\x10" + bytes(7)),
    "bytes of 2^60": lambda: hcert(b"\xd2\x84\x5b\x10" + bytes(7)),
    "a list of 2^28": lambda: hcert(b"\xd2\x9a\x10" + bytes(3)),
    "a deep nest of CBOR": lambda: hcert(b"\x81" * 60_000),
    "tags upon tags": lambda: hcert(b"\xd2" * 60_000),
    "a number of 100,000 bits": lambda: hcert(cbor2.dumps([2**100_000])),
    "digits of a health card": lambda: b"shc:/" + b"00" * 32_000,
    "dots": lambda: b"a." * 32_000,
    "a deep nest of JSON": lambda: b'{"credentialSubject":' + b"[" * 60_000,
    "a number of 60,000 digits": lambda: b'{"credentialSubject":' + b"9" * 60_000 + b"}",
    "things without names": lambda: divoc([{"type": "Person"}] * 1000),
    "blanks": lambda: b" " * 65_000,
}  # fmt: skip


@pytest.mark.slow
def test_code_that_needs_more_memory_than_there_is_dies_each_time_and_takes_nothing_along() -> None:
    wants = "answer = len(bytearray(int(data)))"
    for size in (1 << 20, 500 << 20, 1 << 20, 500 << 20):
        if size < 400 << 20:
            assert bounded(wants, b"%d" % size) == size
        else:
            with pytest.raises(AssertionError, match="MemoryError"):
                bounded(wants, b"%d" % size)


@pytest.mark.slow
@pytest.mark.parametrize("name", CODES)
def test_a_hostile_code_gets_a_verdict_in_little_time_and_memory(name: str) -> None:
    assert bounded(VERIFY, CODES[name]()) in ("unreadable", "invalid")


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)  # fmt: skip
HAND_WRITTEN = {
    "references to references": (LAUGHS, "yaml.not-plain"),
    "a reference to itself": ("a: &a [*a]", "yaml.not-plain"),
    "a name for nothing": ("a: &a 1", "yaml.not-plain"),
    "a key that is merged": ("a: {<<: {b: 1}}", "yaml.not-plain"),
    "lists without end": ("[" * 100_000, "yaml.not-plain"),
    "groups without end": ("\n".join(" " * depth + "a:" for depth in range(1500)), "yaml.not-plain"),
    "a number of a million digits": ("a: 0x" + "f" * 1_000_000, "yaml.not-plain"),
    "a number in sixties": ("%YAML 1.1\n---\na: " + "1:" * 20_000 + "1", "yaml.not-plain"),
    "a key twice": ("a: 1\na: 2", "yaml.twice"),
    "a list that is open behind the last line": ("a: [b\n", "yaml.open"),
    "3 MB": ("a: " + "x" * 3_000_000, "yaml.too-large"),
}  # fmt: skip


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_hostile_yaml_is_a_mistake_with_its_line(name: str) -> None:
    text, code = HAND_WRITTEN[name]
    assert bounded(YAML, text.encode()) == [code]


def test_a_printers_profile_takes_no_references(tmp_path: Path) -> None:
    from printers.errors import PrinterError
    from printers.profile import read_profile

    (tmp_path / "p.yaml").write_text(LAUGHS)
    with pytest.raises(PrinterError, match="is not a group of fields"):
        read_profile(tmp_path, "p")


def test_a_day_that_no_calendar_has_in_a_printers_profile_is_refused_in_words(
    tmp_path: Path,
) -> None:
    from printers.errors import PrinterError
    from printers.profile import read_profile

    (tmp_path / "p.yaml").write_text("2026-02-30: 1")
    with pytest.raises(PrinterError, match="is not a group of fields"):
        read_profile(tmp_path, "p")


def test_every_reader_of_yaml_is_the_plain_one_or_reads_what_came_with_the_software() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("edge", "sync", "printers")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bYAML\(|\byaml\.(safe_)?load\(", path.read_text())
    } - {"edge/adapters/profiles.py"}  # of the plain one
    shipped = {"edge/credentials/profiles.py", "edge/web/catalogues.py"}
    assert found == shipped | {"printers/plain_yaml.py"}


def test_a_file_with_a_thousand_mistakes_tells_two_hundred() -> None:
    from edge.campaign.yaml_files import YamlFile, check_yaml

    value = {f"field{number}": 1 for number in range(1000)}
    schema = {"properties": {"name": {}}, "additionalProperties": False}
    assert len(list(check_yaml(YamlFile("a.yaml", value, value), schema))) == 200


LISTS = {
    "beginnings without an end": b"-----BEGIN CERTIFICATE-----\n" * 100_000,
    "a deep nest": b"[" * 1_000_000,
    "a number without end": b'{"a":' + b"9" * 1_000_000 + b"}",
    "a long name of a key": json.dumps({"did:x": "z" * 1_000_000}).encode(),
    "a long cell": b"previousCertificateId,dose,preEnrollmentCode\n" + b"a" * 1_000_000 + b",1,x\n",
    "a moment without end": json.dumps({"kid": "a", "method": "rid", "rids": ["a." + "9" * 300]}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_hostile_list_is_refused_by_both_readers_in_words(name: str) -> None:
    assert bounded(LIST, LISTS[name]) == ["trust.file", "revocations.file"]


NEST = b'{"a":[' + b"[]," * 2_700_000 + b"1]}"
SIZED = {
    "zstd": lambda: zstandard.ZstdCompressor(level=19).compress(NEST),
    "zlib": lambda: zlib.compress(NEST, 9),
    "zstd that hides its size": lambda: zstandard.ZstdCompressor(write_content_size=False).compress(NEST),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZED)
def test_a_question_of_a_few_bytes_is_not_opened_to_megabytes(name: str) -> None:
    assert bounded(FRAME, SIZED[name]()) == "frame.too-large"


def test_a_long_cell_of_an_import_is_a_mistake_and_no_more(tmp_path: Path) -> None:
    from edge.campaign.mistakes import Mistake
    from edge.campaign.stock_csv import read_stock

    (tmp_path / "a.csv").write_text(
        "vaccine,lot,expiry,quantity\n" + "x" * 200_000 + ",A,2030-01-01,1\n"
    )
    (found,) = read_stock(tmp_path / "a.csv")
    assert isinstance(found, Mistake)
    assert (found.line, found.final) == (2, True)
    assert "A cell in the row that begins here is longer than any can be." in str(found)


WORKBOOK = """
import warnings
import openpyxl.reader.excel
from edge.campaign.files.rows import rows_of
from edge.campaign.files.table_file import TableError, TableFile
warnings.simplefilter("ignore")
answer = ""
try:
    for _ in rows_of(TableFile.of("a.xlsx", data), ["vaccine", "lot"]):
        pass
except TableError as error:
    answer = error.code
"""
STYLES, SHEET, WORDS = "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SPREAD = 32 * 1024 * 1024


def spread(part: str, start: str, one: str, end: str, root: str) -> bytes:
    """Make a workbook one part of which says the same for 32 MB."""
    made = io.BytesIO()
    book = openpyxl.Workbook()
    book.save(made)
    parts = zipfile.ZipFile(made)
    content = f'<{root} xmlns="{MAIN}">{start}{one * (SPREAD // len(one))}{end}</{root}>'
    types = parts.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    if WORDS not in types:
        words = f'<Override PartName="/{WORDS}" ContentType="{kind}"/>'
        types = types.replace("</Types>", f"{words}</Types>")
    replaced = {WORDS: "<sst/>", "[Content_Types].xml": types, part: content}
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as written:
        for name in {*parts.namelist(), *replaced}:
            written.writestr(name, replaced.get(name) or parts.read(name))
    return made.getvalue()


WORKBOOKS = {
    "styles": (STYLES, "<fonts>", "<font/>", "</fonts>", "styleSheet"),
    "cells of one row": (SHEET, "<sheetData><row>", "<c><v>1</v></c>", "</row></sheetData>", "worksheet"),
    "letters of one cell": (SHEET, "<sheetData><row><c><v>", "1", "</v></c></row></sheetData>", "worksheet"),
    "cells that are merged": (SHEET, "<sheetData/><mergeCells>", "<mergeCell ref='A1:B2'/>", "</mergeCells>", "worksheet"),
    "parts of a text": (WORDS, "<si>", "<r><t>a</t></r>", "</si>", "sst"),
    "what no workbook has": (WORDS, "", "<x/>", "", "sst"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_that_unpacks_to_gigabytes_is_refused_in_words(name: str) -> None:
    content = spread(*WORKBOOKS[name])
    assert len(content) < 512 * 1024
    assert bounded(WORKBOOK, content) == "csv.large-workbook"


STOCK = """
from edge.campaign.files.table_file import TableFile
from edge.campaign.stock_csv import read_stock
found = list(read_stock(TableFile.of("a.csv", data)))
answer = [len(found), found[-1].line, found[-1].code, found[-1].final]
"""


def test_a_table_of_millions_of_wrong_rows_is_read_until_it_is_known_to_be_wrong() -> None:
    content = b"vaccine,lot,expiry,quantity\n" + b"x\n" * 4_000_000
    assert bounded(STOCK, content) == [10_001, 10_002, "csv.too-many-mistakes", True]


HEAD = """
from edge.campaign.files.table_file import TableFile
from edge.campaign.stock_csv import read_stock
from edge.domain.errors import BadInput
answer = ""
try:
    list(read_stock(TableFile.of("a.csv", data)))
except BadInput as error:
    answer = error.code
"""


def test_a_first_row_of_columns_without_end_is_refused_before_each_is_compared_with_each() -> None:
    content = b"vaccine,lot,expiry,quantity" + b"," * 900_000 + b"x\n"
    assert bounded(HEAD, content) == "csv.header"


def rows() -> list[list[str]]:
    found = [
        line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("|")
    ]
    return [[cell.strip() for cell in row] for row in found][2:]


def test_every_door_of_the_page_names_a_test_that_exists() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(rows()) > 12
    for door, who, bound, named in rows():
        assert door, bound
        assert who in ("anybody", "staff", "an enrolled site", "an operator", "a technician"), who
        names = re.findall(r"`(test_\w+)`", named)
        assert names, door
        for name in names:
            assert f"def {name}(" in tests, name


def test_every_open_route_of_the_site_and_of_the_registry_stands_on_the_page() -> None:
    from edge.web.routes import ROUTES
    from sync.registry.web.policy import POLICY

    page = PAGE.read_text()
    for route in ROUTES:
        if not route.roles and route.body is not None:
            assert f"`{route.method} /api/v1{route.path}`" in page, route.path
    taken = [path for (method, path), rule in POLICY.items() if method == "POST" and rule.open]
    assert len(taken) > 5
    for path in taken:
        assert path == "/" or f"`POST {path}`" in page, path
