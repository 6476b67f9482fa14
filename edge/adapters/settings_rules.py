"""What ``site.toml`` may hold: each setting's type, and what it must be besides."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from edge.adapters.settings_schedulers import FileScheduler

_KEY_BYTES = 32
Filled = Annotated[str, Meta(min_length=1)]


class FilePrinter(msgspec.Struct, forbid_unknown_fields=True):
    """A printer as it is written in the file."""

    name: Filled
    connection: Filled
    profile: Filled
    failover: str = ""


class File(msgspec.Struct, forbid_unknown_fields=True):
    """The file as it is written; every setting but the facility may be left out."""

    facility: str = ""
    zone: str = "UTC"
    listen: str = "127.0.0.1:8080"
    tls: bool = False
    name: str = ""
    plain: str = ""
    announce: bool = True
    pairing: bool | None = None
    plain_http_reason: str = ""
    behind: str = ""
    registry: str = ""
    stick: str = ""
    registry_fingerprint: str = ""
    registry_ca: str = ""
    registry_patience: Annotated[float, Meta(ge=1, le=86_400)] = 60.0
    enrolment_code: str = ""
    printer: list[FilePrinter] = []
    papers: str = ""
    ministry_keys: list[str] = []
    signing_keys: str = "file:"
    campaign_root: str = ""
    modules: list[str] = []
    follower: list[dict[str, str | int | float | bool]] = []
    channel: list[dict[str, str | int | float | bool]] = []
    sign_in: dict[str, dict[str, str]] = {}
    scheduler: list[FileScheduler] = []
    disk_essentials_below: Annotated[int, Meta(ge=0, le=1_000_000)] = 128
    disk_reading_below: Annotated[int, Meta(ge=0, le=1_000_000)] = 32
    recovery: list[str] = []
    backup: str = ""
    backup_minutes: Annotated[int, Meta(ge=5, le=1440)] = 60
    backup_keep: Annotated[int, Meta(ge=1, le=1000)] = 7


def misfit(error: msgspec.ValidationError) -> tuple[str, str, str]:
    """Put msgspec's error in our words: the setting, what is wrong, and what to write instead."""
    name, index, part = _PLACE.search(str(error)).groups()  # type: ignore[union-attr]
    if name in _LISTS:
        return name, *_INSTEAD[name]
    if index and name in ("follower", "channel"):
        return f"{name} {int(index) + 1}", *(_NO_VALUE if part else NO_KIND)
    if index and name == "scheduler":
        return f"scheduler {int(index) + 1}", *_NO_SCHEDULER
    if index and part:
        return f"printer {int(index) + 1}", "has an empty value", "text in quotation marks"
    if index:
        return f"printer {int(index) + 1}", "is not complete", "name, connection and profile"
    return name, *_INSTEAD.get(name, ("is not text", "text in quotation marks"))


_LISTS = ("ministry_keys", "recovery")
_PLACE = re.compile(r" - at `\$\.(\w+)(?:\[\.\.\.\])*(?:\[(\d+)\](\.\w+|\[\.\.\.\])?)?`\Z")
NAME_TAKEN = ("has a name that is taken", "another name")
NO_KIND = ("has no kind", 'its kind, for example kind = "copy"; see divoc-edge plugins')
_NO_VALUE = ("has a value that is none", "texts, numbers, true or false")
_NO_SCHEDULER = ("is not complete", "name, url and programme; minutes and days as numbers")
_INSTEAD = {
    "sign_in": ("is not a table of texts", '[sign_in.oidc] with issuer = "https://…"'),
    "scheduler": ("is not a list", "[[scheduler]] for each scheduler"),
    "follower": ("is not a list", "[[follower]] for each follower"),
    "channel": ("is not a list", "[[channel]] for each channel"),
    "printer": ("is not a list", "[[printer]] for each printer"),
    "registry_patience": ("is not a time", "seconds, for example 60"),
    "ministry_keys": ("is not a list of texts", "the keys in [ ], each in quotation marks"),
    "recovery": ("is not a list of texts", "the recipients in [ ], each in quotation marks"),
    "backup_minutes": ("is not a number of minutes from 5 to 1440", "for example 60"),
    "backup_keep": ("is not a number from 1 to 1000", "for example 7"),
    **dict.fromkeys(
        ("disk_essentials_below", "disk_reading_below"),
        ("is not a number of megabytes", "for example 128"),
    ),
    **dict.fromkeys(("tls", "announce", "pairing"), ("is neither yes nor no", "true or false")),
}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder, a name too long
        return False
    return True


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and int(port[:6]) <= 65535


def _is_number(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Say whether an address, ``host:port``, is one that only this machine itself reaches."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""A name of a machine, in small letters (RFC 1123 section 2.1)."""


def _is_key(text: str) -> bool:
    """Say whether a text is an Ed25519 public key in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except OSError:  # a name too long
        return False


_ADDRESS = re.compile(r"(?!file://(?!/))[a-z][a-z0-9+.-]*://")
_KEY_STORE = re.compile(r"file:\Z|(?!file:)[a-z][a-z0-9+.-]*:")
"""Which schemes there are is for who opens the place to know: packages may add some."""
_ROOT = re.compile(r"([0-9a-f]{32}|[0-9a-f]{64})?")
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
RULES: tuple[tuple[str, Callable[[File], bool], str, str], ...] = (
    (
        "facility",
        lambda file: bool(file.facility.strip()),
        "is missing",
        "the facility's code, as in the campaign",
    ),
    ("zone", lambda file: _is_zone(file.zone), "is not a time zone", "a name like Asia/Kolkata"),
    (
        "listen",
        lambda file: _is_address(file.listen),
        "is not host:port",
        "for example 0.0.0.0:443",
    ),
    (
        "name",
        lambda file: bool(_LABEL.fullmatch(file.name)) or not (file.name or file.tls),
        "is not a name of a machine",
        "small letters, digits and -, for example clinic-12",
    ),
    (
        "plain",
        lambda file: not file.plain or _is_address(file.plain),
        "is not host:port",
        "for example 0.0.0.0:80, or nothing",
    ),
    (
        "plain",
        lambda file: not file.plain or file.tls,
        "is for a site with TLS",
        "nothing, or tls = true",
    ),
    (
        "plain",
        lambda file: not file.plain or file.plain != file.listen,
        "is the address of the pages themselves",
        "another port, for example 0.0.0.0:80",
    ),
    (
        "behind",
        lambda file: not file.behind or _is_number(file.behind),
        "is not an address in numbers",
        "for example 127.0.0.1, or nothing",
    ),
    (
        "registry",
        lambda file: not file.registry or bool(_ADDRESS.match(file.registry)),
        "is not a web address",
        "https://…, file:///folder or nothing",
    ),
    (
        "stick",
        lambda file: not file.stick or Path(file.stick).is_absolute(),
        "is not a whole path",
        "for example /media/stick, or nothing",
    ),
    (
        "stick",
        lambda file: (
            not file.stick or (bool(file.registry) and not file.registry.startswith("file://"))
        ),
        "is for a site with a line",
        "the folder as registry: file:///folder",
    ),
    (
        "signing_keys",
        lambda file: bool(_KEY_STORE.match(file.signing_keys)),
        "is not a place for keys",
        "file: or pkcs11:…",
    ),
    (
        "ministry_keys",
        lambda file: all(map(_is_key, file.ministry_keys)),
        "has a value that is no key",
        "what divoc-edge lists key printed at the ministry",
    ),
    (
        "registry_ca",
        lambda file: not file.registry_ca or _is_file(file.registry_ca),
        "is not a file",
        "the path of a PEM file, or nothing",
    ),
    (
        "campaign_root",
        lambda file: bool(_ROOT.fullmatch(file.campaign_root)),
        "is not the digits of a root",
        "the 64 digits that divoc-registry campaign status shows",
    ),
    (
        "disk_reading_below",
        lambda file: file.disk_reading_below <= file.disk_essentials_below,
        "is above disk_essentials_below",
        "a smaller number of megabytes, for example 32",
    ),
    (
        "recovery",
        lambda file: all(map(_RECIPIENT.fullmatch, file.recovery)),
        "has a value that is no recipient of age",
        "age1…, as divoc-edge keys recovery writes it",
    ),
    (
        "backup",
        lambda file: not file.backup or Path(file.backup).is_absolute(),
        "is not a whole path",
        "for example /media/backup, or nothing",
    ),
)
"""What a setting must be besides text: whether it fits, what is wrong, what to write instead."""
