"""Readers of what comes over a line: the protocol's messages, sticks, requests, printers' answers."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from werkzeug.wrappers import Request

from edge.domain.errors import EdgeError
from edge.domain.gs1 import read_gs1
from edge.domain.lots import expiry_day, lot_key, read_label
from edge.domain.modules import EVERY
from edge.domain.numbers import typed_number
from edge.domain.phones import beginnings, is_phone, national_number, same_phone
from edge.domain.search_query import distance, nearer, read_query, without_one
from edge.domain.typed_dates import typed_date
from edge.web import calls
from edge.web.kept_forms import read_kept
from edge.web.ribbon import read_choice
from printers.answers import heard
from printers.connections.ipp import cause_of, is_raw
from printers.connections.ipp_message import request, response
from printers.dialogues import DIALOGUES
from printers.discovery import device_id
from printers.errors import PrinterError
from printers.identity import identify
from printers.interpreter import Interpreter
from printers.probe import probe
from printers.profile import read_profile
from sync.protocol import frames, keys
from sync.protocol.batches import check_batch, check_entry, decode_batch
from sync.protocol.bundles import headers
from sync.protocol.bundles.sealed import new_identity, open_sealed, recipient_of, seal
from sync.protocol.campaign_parts import RegionPart, concerning, with_region
from sync.protocol.entries import canonical, parsed
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.histories import check_answer
from sync.protocol.histories import read_question as read_history_question
from sync.protocol.letters import check_letters
from sync.protocol.paper_keys import PAPER_KEYS, paper_keys, vouched_by_request
from sync.protocol.receipts import check_receipt
from sync.protocol.states import Question, check_state, read_question
from sync.protocol.urgent import check_urgent
from sync.registry.enrolments import read_enrolment
from sync.registry.feeds import read_wanted
from sync.registry.judging.bounds import campaigns_of, first_birthday
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.locker import questions as locker
from sync.registry.locker.settings import LockerSettings
from sync.registry.requests import facts_of, keys_of, read_request
from sync.registry.web.reading_api import read_cursor
from sync.resources import resource
from sync.web.origin import from_another_page
from sync.web.serving import refusals
from sync.web.serving.connection import Connection
from sync.web.serving.connection_table import ConnectionTable
from sync.web.serving.context import ServerContext
from sync.web.serving.limits import Limits
from sync.web.translations import choose
from tests.fuzzing.target import Target

_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
_PUBLIC = _KEY.public_key()
_NODE, _AT, _HASH, _NONCE = keys.node_id(_PUBLIC), "2026-11-25T08:00:00.000Z", "ab" * 32, "n" * 16
_TODAY = date(2026, 11, 24)
_ENTRY = {"id": "1", "type": "CertificateRevoked", "at": _AT, "by": "s", "body": {}}
_QUESTION = {"protocol": 4, "nonce": _NONCE, "tips": [["e1", 3]], "waiting": 3, "software": "1.0"}
_RECEIPT = {"node": _NODE, "epoch": "e1", "number": 3, "hash": _HASH, "count": 9, "at": _AT}
"""The messages' forms are those of tests/syncing/test_shapes.py."""


def message_targets() -> tuple[Target, ...]:
    """Give them all."""
    return (*_protocol(), *_typed(), *_printers(), _http())


def _signed(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "signature": keys.sign(_KEY, document)}


def _resigned(check: Callable[[Any], object]) -> Callable[[bytes], None]:
    """Read a message that is rightly signed, whatever it says: only so all of it is read."""

    def read(data: bytes) -> None:
        found = _object(data)
        check(found)
        found.pop("signature", None)
        check(_signed(found))

    return read


def _object(data: bytes) -> dict[str, Any]:
    """Read JSON as the registry's paths and the site's transports do."""
    try:
        found = parsed(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProtocolError("request.form", "The request is not a JSON object.")
    return found


def _protocol() -> tuple[Target, ...]:
    identity = new_identity()
    asked = Question(_NONCE, (("e1", 3),), 3, "1.0", 4)
    sealing = _signed({"recipient": recipient_of(identity), "at": _AT})
    letter = {"number": 2, "id": "i", "kind": "k", "body": {}, "at": _AT}
    cursors = {"nation": [1, "a"], "own": [0, ""]}
    signed: dict[str, tuple[dict[str, Any], Callable[[Any], object]]] = {
        "receipt": (_RECEIPT, lambda one: check_receipt(one, _PUBLIC)),
        "state": (
            {"node": _NODE, "nonce": _NONCE, "at": _AT, "receipt": _signed(_RECEIPT), "nation": [3, "i"], "own": [0, ""],
             "tag": "abcdefghijkl", "comeBack": 4},
            lambda one: check_state(one, asked, _NODE, _PUBLIC),
        ),
        "letters": (
            {"node": _NODE, "nonce": _NONCE, "feed": "own", "letters": [letter], "more": False},
            lambda one: check_letters(one, _NODE, _NONCE, _PUBLIC),
        ),
        "history": (
            {"node": _NODE, "nonce": _NONCE, "at": _AT,
             "people": [{"id": "p", "entries": [{"node": "o", "facility": "F", "entry": {}}]}]},
            lambda one: check_answer(one, _NODE, _NONCE, _PUBLIC),
        ),
        "outward": (
            {"bundle": 1, "kind": "outward", "node": _NODE, "key": keys.public_text(_PUBLIC), "made": _AT, "part": 1,
             "last": True, "after": 0, "through": 4, "count": 1, "question": _QUESTION, "cursors": cursors,
             "recipient": recipient_of(identity)},
            headers.check_outward,
        ),
        "inward": (
            {"bundle": 1, "kind": "inward", "node": _NODE, "nonce": _NONCE, "at": _AT, "held": 3, "cursors": cursors,
             "count": 2, "recipient": sealing},
            lambda one: headers.check_inward(one, _NODE, _PUBLIC),
        ),
        "invitation": (
            {"bundle": 1, "kind": "invitation", "facility": "F", "key": keys.public_text(_PUBLIC), "recipient": sealing,
             "code": "c"},
            headers.check_invitation,
        ),
        "question": (_QUESTION, read_question),
        "wanted": ({"nonce": _NONCE, "nation": [3, "x"]}, read_wanted),
        "history-question": ({"nonce": _NONCE, "people": [{"id": "p", "identity": ""}]}, read_history_question),
        "enrolment": (
            {"key": keys.public_text(_PUBLIC), "facility": "F", "name": "R", "code": "c", "csr": _csr()}, _enrolment,
        ),
    }  # fmt: skip
    modules = ("sync/protocol/shapes.py", "sync/protocol/keys.py", "sync/protocol/instants.py")
    own = {
        "receipt": "sync/protocol/receipts.py", "state": "sync/protocol/states.py", "letters": "sync/protocol/letters.py",
        "history": "sync/protocol/histories.py", "outward": "sync/protocol/bundles/headers.py",
        "enrolment": "sync/registry/enrolments.py", "wanted": "sync/registry/feeds.py",
    }  # fmt: skip
    refusals_ = (SyncError, EdgeError)
    batch = {"protocol": 4, "epoch": "e1", "first": 1, "signature": "s", "entries": [_ENTRY]}
    whole = {
        **batch,
        "first": 2,
        "node": _NODE,
        "count": 1,
        "previous": _HASH,
        "head": _HASH,
        "branch": "e1~abcdefgh",
    }
    urgent = {
        "entries": [{**_ENTRY, "node": _NODE, "epoch": "e1", "number": 4, "previous": _HASH}],
        "signature": "s",
    }
    head = canonical(_signed(signed["outward"][0]))
    return (
        *(
            Target(f"message-{name}", (*modules, *filter(None, [own.get(name)])), _resigned(check),
                   (canonical(document),), refusals_)
            for name, (document, check) in signed.items()
        ),
        Target("frame", ("sync/protocol/frames.py", "sync/protocol/entries.py"), frames.unpack,
               (frames.pack(batch), canonical(batch), frames.pack(_QUESTION)), refusals_),
        Target("batch", ("sync/protocol/batches.py",), _batch,
               tuple(canonical(one) for one in (batch, whole)), refusals_),
        Target("locker", ("sync/registry/locker/questions.py", "sync/registry/web/locker_api.py"), _locker,
               (b'<PullURIRequest ts="2026-11-24T12:00:00+00:00"><DocDetails><UDF1>7Q4W</UDF1></DocDetails></PullURIRequest>',),
               refusals_),
        Target("urgent", ("sync/protocol/urgent.py",),
               lambda data: check_urgent(frames.compress(data), _NODE, _PUBLIC), (canonical(urgent),), refusals_),
        Target("stick", ("sync/protocol/bundles/sealed.py", "sync/protocol/bundles/files.py"), partial(_stick, identity),
               (seal([frames.pack(batch)], recipient_of(identity)), head), refusals_),
        Target("certificate-request", ("sync/registry/requests.py",), _request, (_csr().encode(),), refusals_),
        Target("campaign-region", ("sync/protocol/campaign_parts.py",), _region, (_REGION,), refusals_),
        Target("paper-keys", ("sync/protocol/paper_keys.py",), _paper_keys, (_paper_extension(),), (ValueError,)),
        Target("cursor", ("sync/registry/web/reading_api.py",), lambda data: read_cursor(data.decode("latin-1")),
               (base64.urlsafe_b64encode(canonical([_AT, _NODE, "e1", 3])),), refusals_),
        Target("delivered-entry", ("sync/registry/judging/schemas.py", "sync/registry/judging/bounds.py"), _judged,
               tuple(canonical({**_ENTRY, "type": type_, "body": body}) for type_, body in _BODIES), refusals_),
    )  # fmt: skip


_BODIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("CertificateRevoked", {"certificate": "7Q4WZK2M9XDEA0TB", "reason": "wrong"}),
    ("PersonRegistered", {"name": "Almaz", "gender": "Female", "birthYear": 1990, "birthDate": None}),
    ("CampaignApplied", {"campaign": {"id": "a", "version": "1", "programmes": [{"id": "p", "start": "2026-01-01"}],
                                      "staff": [{"code": "V1", "facilities": ["F"], "roles": ["vaccinator"]}]}}),
)  # fmt: skip


def _enrolment(document: Any) -> None:
    read_enrolment(document)
    read_request(document)


def _batch(data: bytes) -> None:
    batch = decode_batch(frames.compress(data), _NODE)
    check_batch(batch, _PUBLIC, lambda _epoch, _number: _HASH)


def _stick(identity: str, data: bytes) -> None:
    for one in (data, seal([data], recipient_of(identity)) if data else b""):
        try:
            opened = open_sealed(one, [identity])
        except SyncError:
            continue
        for frame in opened:
            frames.unpack(frame)


def _request(data: bytes) -> None:
    text = data.decode("latin-1")
    keys_of(text)
    try:
        read_request({"csr": text})
    except SyncError:
        facts_of(data)


def _judged(data: bytes) -> None:
    entry = _object(data)
    check_entry(entry)
    _schemas().mistake(entry)
    campaigns_of([entry])
    if isinstance(entry.get("body"), dict):  # what judging looks at after the schema
        first_birthday(entry["body"])


@cache
def _schemas() -> Schemas:
    return Schemas(schemas_folder())


_REGION = json.dumps(
    {
        "facilities": [{"code": "NO1", "name": "North", "address": {"district": "N"}}],
        "staff": [{"code": "V1", "name": "A", "facilities": ["NO1"], "roles": ["vaccinator"]}],
    }
).encode()


def _region(data: bytes) -> None:
    """Read what a region's keys signed, whatever it is, and files that name anything."""
    part = RegionPart("NORTH", 2026113001, data, lambda code: code.startswith("NO"))
    concerning({"metadata/timestamp.json": data, "metadata/1.root.json": data}, "NO1")
    with_region({"version": "1", "staff": [{"code": "N1"}]}, part, "NO1")


def _paper_keys(data: bytes) -> None:
    """Read what a request names, rightly signed, whatever it names."""
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    made = made.add_extension(x509.UnrecognizedExtension(PAPER_KEYS, data), critical=False)
    paper_keys(made.sign(_signer(), SHA256()))


def _paper_extension() -> bytes:
    return vouched_by_request(_signer().public_key(), [_KEY]).value


@cache
def _signer() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(7, ec.SECP256R1())


def _csr() -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "XD")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = made.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


def _typed() -> tuple[Target, ...]:
    domain = ("edge/domain/gs1.py", "edge/domain/lots.py", "edge/domain/numbers.py", "edge/domain/phones.py",
              "edge/domain/search_query.py", "edge/domain/typed_dates.py")  # fmt: skip
    texts = (
        b"]d2010123456789012810LOT1\x1d17271231", b"(01)01234567890128(10)A1(17)271231", b"31/12/2026", b"12 Meskerem 2018",
        "Amina Ḥassan 1990-05-04 +251911223344".encode(), b"CP2611A", b"12-2027", "०९-११-२०२६".encode(),
    )  # fmt: skip
    commands = tuple(
        json.dumps(one).encode()
        for one in (
            {"type": "GiveDose", "person": "P", "programme": "covid-19", "vaccine": "v", "lot": "L", "expiry": "12/2027"},
            {"type": "RegisterPerson", "name": "B", "gender": "Male", "birthYear": 1990, "address": {"district": "N"}},
            {"type": "ReceiveStock", "vaccine": "v", "lot": "L", "expiry": "2027-12-31", "quantity": 5},
        )
    )  # fmt: skip
    return (
        Target("typed-text", domain, _text, texts, (EdgeError,), 4096),
        Target("command", ("edge/web/calls.py",), _command, commands, (EdgeError,)),
        Target("kept-form", ("edge/web/kept_forms.py", "edge/web/ribbon.py"), _kept,
               (b'{"path":"/people/1/give","form":{"lot":"A"}}', b"%7B%22lots%22%3A%7B%22a%22%3A%22b%22%7D%7D")),
    )  # fmt: skip


def _locker(data: bytes) -> None:
    question = locker.read_question(data, "PullURIRequest")
    with contextlib.suppress(ProtocolError):
        locker.LockerRequests(_LOCKER).admit(question, datetime(2026, 11, 24, 12, tzinfo=UTC))
    _LOCKER.number_of(question.field("UDF1"))


_LOCKER = LockerSettings("in.gov.demoland", "VACER", "org", b"k" * 16)


def _command(data: bytes) -> None:
    calls.command(data, EVERY)


def _text(data: bytes) -> None:
    text = data.decode(errors="replace")
    read_gs1(text, _TODAY)
    lot_key(text)
    typed_number(text)
    is_phone(text)
    national_number(text, "ET")
    beginnings(text, "ET")
    same_phone(text, text[::-1])
    for region in ("", "US", "ET"):
        typed_date(text, _TODAY, region)
        query = read_query(text, _TODAY, region)
        without_one(query)
        near = distance(nearer(query, {}))
        assert near is not None
        near(text)
    for read in (lambda: read_label(text, _TODAY), lambda: expiry_day(text)):
        try:
            read()
        except EdgeError:
            continue


def _kept(data: bytes) -> None:
    text = data.decode(errors="replace")
    read_kept(text)
    read_kept(unquote(text))
    read_choice(text)


class _Line:
    """A printer that says what it was given, in pieces, and is quiet then; time passes as it is asked."""

    answers = True

    def __init__(self, data: bytes) -> None:
        self._left = data
        self._now = 0.0

    def write(self, data: bytes) -> None:
        """Take it."""

    def read(self, seconds: float) -> bytes:
        """Give the next piece."""
        self._now += max(seconds, 0.01)
        piece, self._left = self._left[:37], self._left[37:]
        return piece

    def close(self) -> None:
        """Do nothing."""

    def clock(self) -> float:
        """Give the time."""
        self._now += 0.001
        return self._now


def _printers() -> tuple[Target, ...]:
    folder = resource("config/printers")
    profiles = [read_profile(folder, name) for name in
                ("escpos-80", "star-mc-print3", "zebra-203", "brother-ql-62")]  # fmt: skip

    def dialogue(data: bytes) -> None:
        for profile in profiles:
            line = _Line(data)
            asked = DIALOGUES[profile.language](profile, line, line.clock)
            asked.look(1.0)
            asked.dressed(b"slip", 7)
            asked.listen(0.5)
            asked.watch(0.5)
            asked.printed(7, 1.0)
            asked.resynchronise(1.0)
            again = _Line(data)
            identify(again, profile.language, 1.0, again.clock)
        line = _Line(data)
        probe(line, 0.5, line.clock)

    said = (
        b"\x16\x12\x12\x12", b"\x14\x00\x00\x0f\x00", b"7\"001\x00", b"_TM-T88V\x00_EPSON\x00", b"\x23\x86\x00\x00\x00\x00\x00\x00\x00",
        b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n",
        b"\x80 B0\x30\x30\x00\x00\x00\x00\x3e\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x02ZD421-203dpi,V92.21.16Z,8,8192KB\x03\r\n",
    )  # fmt: skip
    ipp = request(0x000B, 7, {"printer-uri": "ipp://x/ipp/print"})
    return (
        Target("printer-answer", ("printers/answers.py", "printers/identity.py", "printers/probe.py",
               "printers/dialogues/escpos.py", "printers/dialogues/zpl.py", "printers/dialogues/starprnt.py",
               "printers/dialogues/brother_ql.py"), dialogue, said, (PrinterError,), 4096),
        Target("printer-answer-parts", ("printers/answers.py",), heard, said),
        Target("ipp-answer", ("printers/connections/ipp_message.py", "printers/connections/ipp.py"), _ipp,
               (ipp,), (PrinterError,)),
        Target("device-id", ("printers/discovery.py",), lambda data: device_id(data.decode("latin-1")),
               (b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;",)),
        Target("paper-commands", ("printers/interpreter/commands.py", "printers/interpreter/drawing.py"),
               lambda data: Interpreter(576).feed(data), (b"\x1b@hello\n\x1dv0\x00\x02\x00\x02\x00\xff\xff\xff\xff\x1dVA\x00",),
               (PrinterError,), 4096),
    )  # fmt: skip


def _ipp(data: bytes) -> None:
    told = response(data)
    cause_of(told)
    is_raw(told)


class _Wire(asyncio.Transport):
    """The other end: takes everything, and is never full."""

    def __init__(self) -> None:
        super().__init__()
        self.open = True

    def write(self, data: Any) -> None:
        """Take it."""

    def set_write_buffer_limits(self, high: Any = None, low: Any = None) -> None:
        """Have none."""

    def can_write_eof(self) -> bool:
        """Say no, as TLS does."""
        return False

    def is_reading(self) -> bool:
        """Say yes."""
        return True

    def pause_reading(self) -> None:
        """Read on."""

    def resume_reading(self) -> None:
        """Read on."""

    def close(self) -> None:
        """End."""
        self.open = False

    abort = close


def _http() -> Target:
    limits = Limits()

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        """Look at all that the site and the registry look at before a route is found."""
        asked = Request(environ)
        from_another_page(asked)
        languages = cast(Any, {"en": "en", "fr": "fr", "pt_BR": "pt"})
        choose(languages, "", asked.headers.get("Accept-Language", ""))
        read_choice(asked.cookies.get("ribbon", ""))
        asked.max_form_memory_size = asked.max_content_length = 512 * 1024
        try:
            dict(asked.args), dict(asked.form), list(asked.files), asked.host
        except Exception as error:  # werkzeug's own refusals, which Flask answers
            if not hasattr(error, "code"):
                raise
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    def read(data: bytes) -> None:
        workers = SimpleNamespace(
            add=lambda _address, work, _busy: (work(), True)[1], go_on=lambda _address, work: work(),
            withdraw=lambda *_: True, put_away=lambda work: work(),
        )  # fmt: skip
        for trusted in ("", "10.0.0.1"):
            context = ServerContext(
                application, limits, ConnectionTable(limits, 16), cast(Any, workers), refusals.plain,
                lambda work, *given: work(*given), "http", 80, trusted, memoryview(bytearray(64 * 1024)), lambda: 0.0,
            )  # fmt: skip
            connection, wire = Connection(context, "10.0.0.1"), _Wire()
            connection.connection_made(wire)
            for place in range(0, len(data), 4096):
                piece = data[place : place + 4096]
                if not wire.open:
                    break
                context.buffer[: len(piece)] = piece
                connection.buffer_updated(len(piece))
            connection.connection_lost(None)

    requests = (
        b"GET /people?x=1 HTTP/1.1\r\nHost: site.local\r\nCookie: ribbon=%7B%7D; a=b\r\nAccept-Language: pt-BR,fr;q=0.5\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n"
        b"Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n\r\ncode=V1&p",
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: 1.2.3.4, [::1]:80\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
        b"GET http://a/b HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 77\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
    )  # fmt: skip
    return Target(
        "http", ("sync/web/serving/connection.py", "sync/web/serving/wsgi.py", "sync/web/origin.py",
                 "sync/web/serving/response_heads.py", "sync/web/translations.py"), read, requests,
    )  # fmt: skip
