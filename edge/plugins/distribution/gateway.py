"""The channel of kind ``gateway``: a message is one request over HTTP, as site.toml writes it.

Also for messaging applications that are reached so. What is not known to have been refused may
have been taken, and is not asked for again, unless the gateway knows a reference it has seen.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import requests
from urllib3.exceptions import HTTPError

from edge.domain.errors import BadInput, Unavailable
from edge.plugins.contract import READY, Health, Need
from edge.plugins.distribution.contract import (
    AddressKind,
    Handed,
    Limits,
    OutgoingMessage,
    Reply,
    Report,
)
from edge.plugins.distribution.http_template import at_path, in_address, in_json
from edge.plugins.distribution.making import ChannelSurroundings
from sync.timed_session import TimedSession

_CONNECT, _READ = 10.0, 20.0
_IN_ALL = 30.0
"""Seconds for a whole answer, and for asking of arrivals: well below what a channel has."""
_LARGEST = 64 * 1024
_BUSY = (429, 503)
_NOT_US = (401, 402, 403, 407)
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 900.0
_OUTSTANDING = 200
"""Messages at the most of whose arrival the gateway is still asked."""
_AT_ONCE, _FIRST_LOOK, _LOOKS = 5, 30.0, 12
"""Messages asked of at a time; seconds to the first look, doubled each time; looks in all."""
_KEPT = "outstanding"
_CUT_OFF = "gateway.cut-off", "The gateway was cut off before it answered."
_ADDRESSES = re.compile(r"\S+(?:@|%40)\S+|\d(?:[\s().-]{0,3}\d){5,}")
"""Telephone numbers, however they are grouped, and addresses of e-mail in a gateway's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """How a gateway is asked, and what in its answers says what.

    ``body`` is a JSON document of templates, or a template of a form; ``success`` and the others
    are paths in its answer with the values that mean so; empty: any answer of 2xx is success.
    """

    url: str
    method: Literal["POST", "GET"] = "POST"
    headers: Mapping[str, str]
    body: Any = ""
    address: AddressKind = "phone"
    success_field: str = ""
    success_values: frozenset[str] = frozenset()
    id_field: str = ""
    error_field: str = ""
    number_errors: frozenset[str] = frozenset()
    idempotent: bool = False
    report_url: str = ""
    report_field: str = ""
    delivered_values: frozenset[str] = frozenset()
    failed_values: frozenset[str] = frozenset()
    ca_file: str = ""


@dataclass(slots=True)
class _Look:
    """When a message's arrival is asked for next, and how often it was."""

    at: float
    count: int = 0


class GatewayChannel:
    """Sends by somebody else's gateway, over a line."""

    needs: frozenset[Need] = frozenset({"line", "secret"})
    seconds = 90.0

    def __init__(
        self,
        settings: GatewaySettings,
        around: ChannelSurroundings,
        secret_file: str,
        limits: Limits,
    ) -> None:
        self._settings = settings
        self._around = around
        self._secret_file = secret_file
        self.limits = limits
        self.address: AddressKind = settings.address
        self._not_before, self._pause = 0.0, _FIRST_PAUSE
        kept: list[str] = json.loads(around.remembered(_KEPT) or "[]")
        self._looks = {id_: _Look(around.elapsed()) for id_ in kept}

    def health(self) -> Health:
        """Say that it is ready: what is wrong is said when it is used."""
        return READY

    def details(self) -> Mapping[str, str]:
        """Give how many messages the gateway has yet to report on."""
        return {"No report yet": str(len(self._looks))} if self._settings.report_url else {}

    def send(self, message: OutgoingMessage) -> Handed:
        """Ask the gateway once."""
        if self._around.elapsed() < self._not_before:
            raise _no_answer()
        values = {
            "to": message.address,
            "text": message.text,
            "reference": message.reference,
            "language": message.language,
            "secret": self._around.secret("secret", self._secret_file),
        }
        try:
            status, answer = self._ask(self._settings.method, self._settings.url, values)
        except requests.exceptions.ChunkedEncodingError:
            return self._unclear(*_CUT_OFF)
        except requests.ConnectionError as error:
            if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
                raise _no_answer() from None
            return self._unclear(*_CUT_OFF)
        except requests.RequestException:
            return self._unclear("gateway.silent", "The gateway did not answer in time.")
        return self._read(status, answer)

    def reports(self) -> Sequence[Report]:
        """Ask for the arrival of a few messages whose time it is."""
        if not self._settings.report_url:
            return []
        now = self._around.elapsed()
        due = [id_ for id_, look in self._looks.items() if look.at <= now][:_AT_ONCE]
        found = []
        with contextlib.suppress(requests.RequestException):  # then the others are not asked of
            for id_ in due:
                report = self._look(id_)
                found += [report] if report is not None else []
                if self._around.elapsed() >= now + _IN_ALL:
                    break
        if due:
            self._keep()
        return found

    def replies(self) -> Sequence[Reply]:
        """Give none: answers go to the gateway's own number."""
        return []

    def _read(self, status: int, answer: Any) -> Handed:
        told, settings = at_path(answer, self._settings.error_field), self._settings
        if status in _BUSY:
            raise Unavailable(
                "gateway.busy", "The gateway takes nothing at present.", hint="It is tried again."
            )
        if status in _NOT_US:
            raise Unavailable(
                "gateway.refused",
                "The gateway refuses this site ({status}).",
                hint="Look at the account, its credit, and the secret in site.toml.",
                status=status,
            )
        if status >= 500:
            return self._unclear("gateway.failed", "The gateway failed while it took the message.")
        refused = status >= 400 or (
            settings.success_field
            and at_path(answer, settings.success_field) not in settings.success_values
        )
        unread = answer is None and bool(settings.success_field)
        if status < 400 and (unread or status >= 300):
            return self._unclear("gateway.answer", "The gateway's answer cannot be read.")
        if not refused:
            self._pause = _FIRST_PAUSE
            return self._taken(at_path(answer, settings.id_field))
        if told in settings.number_errors:
            raise BadInput(
                "gateway.number",
                "The gateway cannot write to this number.",
                hint="Check the number with the person.",
            )
        sentence = "The gateway answered with an error ({error})."
        return Handed("later", (), "gateway.error", sentence, {"error": _of_nobody(told) or status})

    def _taken(self, id_: str) -> Handed:
        if id_ and self._settings.report_url:
            self._looks[id_] = _Look(self._around.elapsed() + _FIRST_LOOK)
            for old in list(self._looks)[:-_OUTSTANDING]:
                del self._looks[old]
            self._keep()
        return Handed("handed", (id_,) if id_ else ())

    def _unclear(self, code: str, sentence: str) -> Handed:
        """Say that nobody knows; and ask nothing for a while, so that not each is lost so."""
        self._not_before = self._around.elapsed() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        return Handed("again" if self._settings.idempotent else "unknown", (), code, sentence)

    def _look(self, id_: str) -> Report | None:
        look, settings = self._looks[id_], self._settings
        look.count += 1
        look.at = self._around.elapsed() + _FIRST_LOOK * 2**look.count
        values = {"id": id_, "secret": self._around.secret("secret", self._secret_file)}
        status, answer = self._ask("GET", settings.report_url, values)
        state = at_path(answer, settings.report_field) if status < 300 else ""
        if state in settings.delivered_values | settings.failed_values or look.count >= _LOOKS:
            del self._looks[id_]
        if state in settings.delivered_values:
            return Report(id_, "delivered")
        if state in settings.failed_values:
            sentence = "The gateway says that it did not arrive ({state})."
            return Report(id_, "bounced", "gateway.bounced", sentence, {"state": state[:40]})
        return None

    def _keep(self) -> None:
        self._around.remember(_KEPT, json.dumps(list(self._looks)))

    def _ask(self, method: str, url: str, values: Mapping[str, str]) -> tuple[int, Any]:
        """Ask once, without following anybody elsewhere; the answer as JSON, or None.

        Raises an error of requests, also for an answer that breaks off or has no end in time.
        """
        settings, data = self._settings, None
        headers = {name: text.format(**_all(values)) for name, text in settings.headers.items()}
        if method == "POST" and isinstance(settings.body, str):
            data = in_address(settings.body, _all(values)).encode()
        elif method == "POST":
            data = json.dumps(in_json(settings.body, _all(values))).encode()
        try:
            with TimedSession(_IN_ALL) as session:
                session.verify = settings.ca_file or True
                with session.request(
                    method,
                    in_address(url, _all(values)),
                    data=data,
                    headers={name: text.encode() for name, text in headers.items()},
                    timeout=(_CONNECT, _READ),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    content = response.raw.read(_LARGEST, decode_content=True)
        except HTTPError as error:  # urllib3's own, of an answer that had begun
            if not session.over:
                raise requests.exceptions.ChunkedEncodingError(error) from None
        if session.over:
            raise requests.ReadTimeout
        try:
            return response.status_code, cast("Any", json.loads(content))
        except (ValueError, RecursionError):
            return response.status_code, None


def _of_nobody(told: str) -> str:
    """Give the beginning of what a gateway says, which is kept and shown, without whose it is."""
    return _ADDRESSES.sub("…", told[:400])[:40]


def _all(values: Mapping[str, str]) -> dict[str, str]:
    return {"to": "", "text": "", "reference": "", "language": "", "id": "", **values}


def _never_connected(error: requests.ConnectionError) -> bool:
    """Say whether no connection came about, so that nothing of the request was sent."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

    reason = error.args[0] if error.args else None
    cause = reason.reason if isinstance(reason, MaxRetryError) else reason
    return isinstance(cause, NewConnectionError | SSLError)


def _no_answer() -> Unavailable:
    return Unavailable(
        "gateway.away", "The gateway cannot be reached.", hint="It is tried again by itself."
    )
