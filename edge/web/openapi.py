"""The API's own description, made of the table and the types that run it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from edge.domain.modules import EVERY, met
from edge.services.commands import Command
from edge.services.commands.needs import known_commands
from edge.web import answers
from edge.web.device_key import HEADER
from edge.web.route import Route

_ERRORS = {
    "400": "A field of the request is wrong.",
    "401": "Nobody is signed in.",
    "403": "The role does not allow it.",
    "404": "There is no such thing.",
    "409": "The number was used for another request, or a rule of the programme says no.",
    "503": "Something is not working now; the same request may succeed later.",
}


def openapi(
    every: Sequence[Route], version: str, running: frozenset[str] = EVERY
) -> dict[str, Any]:
    """Describe the API of the modules that run as an OpenAPI 3.1 document."""
    routes = [
        replace(route, body=known_commands(running)) if route.body is Command else route
        for route in every
        if met(route.needs, running)
    ]
    types: list[Any] = [answers.ProblemAnswer]
    for route in routes:
        types += [kind for kind in (route.answer, route.body) if kind not in (None, bytes)]
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    found = dict(zip(map(_key, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(f"/api/v1{route.path}", {})[route.method.lower()] = _operation(
            route, found
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "DIVOC Edge",
            "version": version,
            "description": "Records vaccinations at a site without a network.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer"},
                "device": {"type": "apiKey", "in": "header", "name": HEADER},
            },
        },
    }


def _operation(route: Route, found: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "responses": {
            "200": {
                "description": "Done.",
                "content": {route.media: {"schema": _schema(route.answer, found)}},
            },
            **{
                status: {
                    "description": text,
                    "content": {"application/json": {"schema": found[_key(answers.ProblemAnswer)]}},
                }
                for status, text in _ERRORS.items()
            },
        },
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ] + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        media = "application/octet-stream" if route.body is bytes else "application/json"
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": _schema(route.body, found)}},
        }
    if route.roles:
        operation["security"] = [{"session": []}, {"session": [], "device": []}]
        operation["description"] = "Roles: " + ", ".join(sorted(route.roles)) + "."
    return operation


def _schema(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    if kind is bytes:
        return {"type": "string", "contentMediaType": "application/octet-stream"}
    schema: dict[str, Any] = found[_key(kind)]
    return schema


def _key(kind: Any) -> str:
    return repr(kind)
