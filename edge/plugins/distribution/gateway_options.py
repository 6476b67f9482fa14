"""The settings of a gateway in site.toml: templates are checked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from edge.plugins.distribution.contract import AddressKind, Limits
from edge.plugins.distribution.gateway import GatewayChannel, GatewaySettings
from edge.plugins.distribution.http_template import (
    PLACEHOLDERS,
    json_texts,
    unknown_placeholder,
)
from edge.plugins.distribution.making import ChannelSurroundings, wrong_option
from edge.plugins.distribution.options import flag, integer, text, unknown_options

_LISTS = ("success_values", "number_errors", "delivered_values", "failed_values")
_KNOWN = (
    "url", "method", "headers", "body", "address", "success_field", "id_field", "error_field",
    "idempotent", "report_url", "report_field", "ca_file", "secret_file", "per_minute", "per_hour",
    *_LISTS,
)  # fmt: skip
_LOCAL = ("127.0.0.1", "localhost", "::1")


def make(options: Mapping[str, Any], around: ChannelSurroundings) -> GatewayChannel:
    """Make a channel of kind ``gateway``; raises :class:`BadInput` naming a wrong setting."""
    unknown_options(options, _KNOWN)
    settings = GatewaySettings(
        url=_url(options, "url", needed="for example https://gateway.example/send"),
        method=_one_of(options, "method", ("POST", "GET")),  # type: ignore[arg-type]
        headers=dict(_headers(text(options, "headers"))),
        body=_body(text(options, "body")),
        address=cast("AddressKind", _one_of(options, "address", ("phone", "email"))),
        success_field=text(options, "success_field"),
        id_field=text(options, "id_field"),
        error_field=text(options, "error_field"),
        idempotent=flag(options, "idempotent"),
        report_url=_url(options, "report_url"),
        report_field=text(options, "report_field"),
        ca_file=text(options, "ca_file"),
        success_values=_values(options, "success_values"),
        number_errors=_values(options, "number_errors"),
        delivered_values=_values(options, "delivered_values"),
        failed_values=_values(options, "failed_values"),
    )
    if settings.success_field and not settings.success_values:
        raise wrong_option("success_values", "is missing", 'values with commas: "queued, sent"')
    if settings.report_url and not (settings.report_field and settings.delivered_values):
        raise wrong_option("report_field", "is missing", "it and delivered_values")
    limits = Limits(integer(options, "per_minute", 0), integer(options, "per_hour", 0))
    return GatewayChannel(settings, around, text(options, "secret_file"), limits)


def _url(options: Mapping[str, Any], name: str, *, needed: str = "") -> str:
    url = text(options, name, needed=needed)
    _check_template(name, url)
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if url and not (safe and parts.hostname):
        raise wrong_option(name, "is no safe address", "https://…")
    return url


def _one_of(options: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = text(options, name) or known[0]
    if value not in known:
        raise wrong_option(name, "is not known", "one of: " + ", ".join(known))
    return value


def _headers(lines: str) -> Iterator[tuple[str, str]]:
    for line in filter(str.strip, lines.splitlines()):
        name, colon, value = line.partition(":")
        if not colon or not name.strip().replace("-", "").isalnum():
            raise wrong_option("headers", "has a line that is none", "Name: value on each line")
        _check_template("headers", value)
        if {"{to}", "{text}"} & {part for part in ("{to}", "{text}") if part in value}:
            raise wrong_option("headers", "names the message", "it in the body or the url")
        yield name.strip(), value.strip()


def _body(template: str) -> Any:
    if not template.startswith(("{", "[")):
        _check_template("body", template)
        return template
    try:
        document = json.loads(template)
    except ValueError:
        raise wrong_option("body", "is not JSON", 'for example {"to": "{to}"}') from None
    for part in json_texts(document):
        _check_template("body", part)
    return document


def _check_template(name: str, template: str) -> None:
    wrong = unknown_placeholder(template)
    if wrong is not None:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise wrong_option(name, f"names what there is not: {wrong}", f"only {known}")


def _values(options: Mapping[str, Any], name: str) -> frozenset[str]:
    return frozenset(value for part in text(options, name).split(",") if (value := part.strip()))
