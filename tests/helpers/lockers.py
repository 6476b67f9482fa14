"""A registry's digital locker in tests: what both ends agreed on, and a locker that asks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint
from flask.testing import FlaskClient

from edge.peers.locker import SoftwareLocker
from sync.registry.locker.settings import LockerSettings
from sync.registry.registry import Registry
from sync.registry.web.locker_api import Locker, locker_api

KEY = b"of-the-tests-locker-0123456789"
SETTINGS = LockerSettings("in.gov.demoland", "VACER", "in.gov.locker", KEY)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def locker_of(registry: Registry) -> Blueprint:
    """Give the addresses of a locker, whose papers are empty pages."""
    return locker_api(Locker(registry, SETTINGS, lambda _: b"%PDF-1.7"))


def locker_asking(client: FlaskClient, key: bytes = KEY) -> SoftwareLocker:
    """Give a locker that asks the registry behind a client, at the hour of the tests."""

    def post(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        answer = client.post(path, data=body, headers=dict(headers))
        return answer.status_code, answer.data

    locker = SoftwareLocker(post, replace(SETTINGS, key=key))
    locker.at = NOW
    return locker
