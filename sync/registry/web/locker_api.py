"""The two addresses at which a digital locker asks for certificates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from flask import Blueprint, Response, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.locker.answers import Draw, refused, told
from sync.registry.locker.certificates import LockerCertificate, by_number, by_paper
from sync.registry.locker.questions import (
    Asks,
    LockerQuestion,
    LockerRequests,
    check_signature,
    read_question,
)
from sync.registry.locker.settings import LockerSettings
from sync.registry.rate_limits import sender_of
from sync.registry.registry import Registry
from sync.registry.store.records import AuditLine

LARGE = frozenset({"locker.pull_uri", "locker.pull_document"})
"""Endpoints whose request may hold a photograph."""
A_MINUTE = 600
"""Requests of the locker that are looked up in a minute."""
_STATUS = {
    "locker.hmac": 401,
    "locker.key": 401,
    "locker.org": 401,
    "locker.again": 409,
    "locker.time": 400,
    "locker.xml": 400,
    "locker.form": 400,
    "locker.busy": 429,
    "locker.slow": 429,
    "locker.no-papers": 503,
}
_DAY = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Locker:
    """A digital locker as one worker of the registry serves it; ``draw`` makes its PDFs."""

    registry: Registry
    settings: LockerSettings
    draw: Draw
    requests: LockerRequests = field(init=False)
    schemas: Schemas = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "requests", LockerRequests(self.settings))
        object.__setattr__(self, "schemas", Schemas(schemas_folder()))


def locker_api(locker: Locker) -> Blueprint:
    """Make both addresses, under the paths that DIVOC has them at."""
    routes = Blueprint("locker", __name__, url_prefix="/cert/api")
    for path, name, view in (
        ("/pullUriRequest", "pull_uri", partial(_answered, locker, "PullURIRequest")),
        ("/pullDocRequest", "pull_document", partial(_answered, locker, "PullDocRequest")),
    ):
        routes.add_url_rule(path, name, view, methods=["POST"])
    return routes


def _answered(locker: Locker, asks: Asks) -> Response:
    question: LockerQuestion | None = None
    try:
        question = _read(locker, asks)
        locker.requests.admit(question, locker.registry.now())
        _paced(locker)
        found = _found(locker, question)
        _note(locker, question, found)
        if found is None:
            return _xml(refused(asks, question, ""))
        return _xml(told(question, found, locker.settings, locker.draw))
    except SyncError as error:
        if error.code not in _STATUS:
            raise
        answer = _xml(refused(asks, question, locker.registry.instant()), _STATUS[error.code])
        answer.headers["X-Refused"] = error.code  # for whoever sets the two ends up
        return answer


def _read(locker: Locker, asks: Asks) -> LockerQuestion:
    """Read a request of who holds the key; whoever does not waits longer each time."""
    registry, sender = locker.registry, f"locker {sender_of(request.remote_addr or '')}"
    if registry.attempts.begin(sender, registry.now().timestamp()):
        raise ProtocolError("locker.slow", "Too many wrong requests. Wait, and try again.")
    body, header = request.get_data(), request.headers.get("x-digilocker-hmac", "")[:200]
    try:
        check_signature(body, header, locker.settings.key)
    except ProtocolError:
        registry.store.audit(AuditLine(registry.instant(), "locker", "was refused", sender))
        raise
    registry.attempts.succeeded(sender)
    return read_question(body, asks)


def _paced(locker: Locker) -> None:
    now = locker.registry.now().timestamp()
    if locker.registry.rates.wait("locker", A_MINUTE, now):
        raise ProtocolError("locker.busy", "Too many requests in this minute.")


def _found(locker: Locker, question: LockerQuestion) -> LockerCertificate | None:
    store, schemas, settings = locker.registry.store, locker.schemas, locker.settings
    if question.asks == "PullDocRequest":
        number = settings.number_of(question.field("URI"))
        return by_number(store, schemas, number) if number else None
    if question.field("DocType").upper() != settings.document:
        return None
    born = _born(question.field("DOB"))
    name, code = question.field("FullName"), question.field("UDF1")
    return by_paper(store, schemas, code, name, born) if born and name and code else None


def _note(locker: Locker, question: LockerQuestion, found: LockerCertificate | None) -> None:
    """Write down what the locker was shown, by the person's id; nothing of what it asked with."""
    whom = f"{found.number} = {found.person}" if found else "nothing"
    line = AuditLine(locker.registry.instant(), "locker", question.asks, whom)
    locker.registry.store.audit(line)


def _born(text: str) -> str:
    """Read a day as lockers write it, DD-MM-YYYY; empty for none."""
    found = _DAY.fullmatch(text)
    if not found:
        return ""
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return ""


def _xml(document: bytes, status: int = 200) -> Response:
    return Response(document, status=status, mimetype="application/xml")
