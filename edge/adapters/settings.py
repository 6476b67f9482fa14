"""The site's own settings: one small TOML file that a technician can read and change."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.domain.errors import BadInput

FILE = "site.toml"


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """A printer: its name, where it is (a connection URI), and what it is (a profile).

    ``failover`` names the printer that takes over what waits for this one when it is out of action.
    """

    name: str
    connection: str
    profile: str
    failover: str = ""


@dataclass(frozen=True, slots=True)
class FollowerSettings:
    """What brings the journal elsewhere: its name, its kind, and the settings of that kind."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What one site is told: which facility it is, where it listens, prints and delivers.

    ``listen`` is ``host:port``; ``registry`` a URL, ``file:///folder`` for a site that delivers by
    stick only, or empty; ``stick`` the folder where sticks are mounted at a site that has a line
    as well, or empty; ``registry_ca`` a PEM file of the only authority to believe for it, or empty
    for the system's; ``registry_patience`` seconds without a byte after which a line is given up;
    ``zone`` an IANA time zone. The first printer is the usual one. ``papers`` is the folder of a
    virtual printer's pictures, or empty. ``signing_keys`` says where the document signer's
    keys are: ``file:`` or a PKCS#11 URI. ``followers`` bring the journal elsewhere.
    """

    facility: str
    zone: str = "UTC"
    listen: str = "127.0.0.1:8080"
    registry: str = ""
    stick: str = ""
    registry_ca: str = ""
    registry_patience: float = 60.0
    enrolment_code: str = field(default="", repr=False)
    printers: tuple[PrinterSettings, ...] = ()
    papers: str = ""
    signing_keys: str = "file:"
    followers: tuple[FollowerSettings, ...] = ()

    @property
    def has_line(self) -> bool:
        """Whether there is a registry that is reached over a network."""
        return bool(self.registry) and not self.registry.startswith("file://")

    @property
    def stick_folder(self) -> Path | None:
        """The folder where sticks are mounted, if the site looks for any by itself."""
        if self.registry.startswith("file://"):
            return Path(unquote(urlsplit(self.registry).path))
        return Path(self.stick) if self.stick else None


def read_settings(folder: Path) -> Settings:
    """Read ``site.toml``; raises :class:`BadInput` naming the setting that is wrong."""
    path = folder / FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(
            "settings.missing",
            "{folder} is not the data folder of a site: it has no {file}.",
            hint="Make one with: divoc-edge init --data {folder} --facility CODE",
            folder=folder,
            file=FILE,
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            "settings.not-toml", "{path} is not valid TOML: {reason}.", path=path, reason=error
        ) from None
    return _settings(document, path)


def write_settings(folder: Path, settings: Settings) -> None:
    """Write ``site.toml`` with a comment for each setting."""
    lines = [
        "# The settings of this site. Restart the node after a change.",
        "",
        "# The code of the facility this node stands in, as in the campaign.",
        f"facility = {_quoted(settings.facility)}",
        "# The IANA time zone of the site: it decides which day it is.",
        f"zone = {_quoted(settings.zone)}",
        "# Where tablets reach the node.",
        f"listen = {_quoted(settings.listen)}",
        "# The national registry, and the one-time code it gave this site; file:///media/stick",
        "# for a site without a line: the folder where its sticks are mounted.",
        f"registry = {_quoted(settings.registry)}",
        f"enrolment_code = {_quoted(settings.enrolment_code)}",
        "# The same folder for a site that has a line: a stick serves it while the line is away.",
        f"stick = {_quoted(settings.stick)}",
        "# A PEM file with the only authority to believe for it; empty for the system's.",
        f"registry_ca = {_quoted(settings.registry_ca)}",
        "# Seconds without a byte after which a line to it is given up.",
        f"registry_patience = {settings.registry_patience:g}",
        "# Where a printer in software puts the pictures of its paper; empty for none.",
        f"papers = {_quoted(settings.papers)}",
        "# Where the keys are that sign certificates: file: (the folder keys), or",
        "# pkcs11:token=NAME?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/…",
        f"signing_keys = {_quoted(settings.signing_keys)}",
    ]
    for printer in settings.printers:
        lines += [
            "",
            "[[printer]]",
            f"name = {_quoted(printer.name)}",
            "# tcp://host:9100, serial:///dev/ttyUSB0?baud=115200, usb:///dev/usb/lp0,",
            "# file:///path, bluetooth://AA:BB:CC:DD:EE:FF, and for pages",
            "# ipp://host:631/printers/NAME or cups:NAME",
            f"connection = {_quoted(printer.connection)}",
            f"profile = {_quoted(printer.profile)}",
            "# The printer that takes over when this one is out of action; empty: people decide.",
            f"failover = {_quoted(printer.failover)}",
        ]
    for follower in settings.followers:
        lines += [
            "",
            "# What brings the journal elsewhere: its kind, its name, the settings of the kind.",
            "[[follower]]",
            f"kind = {_quoted(follower.kind)}",
            f"name = {_quoted(follower.name)}",
            *(
                f"{_quoted(name)} = {json.dumps(value, ensure_ascii=False)}"
                for name, value in follower.options.items()
            ),
        ]
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _settings(document: dict[str, Any], path: Path) -> Settings:
    known = {*_TEXTS, "follower", "printer", "registry_patience"}
    for name in document:
        if name not in known:
            raise _wrong(path, name, "is not a setting", "one of: " + ", ".join(sorted(known)))
    texts = {name: document.get(name, default) for name, default in _TEXTS.items()}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise _wrong(path, name, "is not text", "text in quotation marks")
    if not texts["facility"].strip():
        raise _wrong(path, "facility", "is missing", "the facility's code, as in the campaign")
    try:
        ZoneInfo(texts["zone"])
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise _wrong(path, "zone", "is not a time zone", "a name like Asia/Kolkata") from None
    host, _, port = texts["listen"].rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise _wrong(path, "listen", "is not host:port", "for example 0.0.0.0:8080")
    if texts["registry"] and not _ADDRESS.match(texts["registry"]):
        raise _wrong(
            path, "registry", "is not a web address", "https://…, file:///folder or nothing"
        )
    if texts["stick"] and not Path(texts["stick"]).is_absolute():
        raise _wrong(path, "stick", "is not a whole path", "for example /media/stick, or nothing")
    if texts["stick"] and (not texts["registry"] or texts["registry"].startswith("file://")):
        raise _wrong(
            path, "stick", "is for a site with a line", "the folder as registry: file:///folder"
        )
    if texts["signing_keys"] != "file:" and not _PLACE.match(texts["signing_keys"]):
        raise _wrong(path, "signing_keys", "is not a place for keys", "file: or pkcs11:…")
    if texts["registry_ca"] and not Path(texts["registry_ca"]).is_file():
        raise _wrong(path, "registry_ca", "is not a file", "the path of a PEM file, or nothing")
    patience = document.get("registry_patience", 60)
    if not isinstance(patience, int | float) or isinstance(patience, bool) or patience < 1:
        raise _wrong(path, "registry_patience", "is not a time", "seconds, for example 60")
    return Settings(
        printers=_printers(document.get("printer", []), path),
        followers=_followers(document.get("follower", []), path),
        registry_patience=float(patience),
        **texts,
    )


_ADDRESS = re.compile(r"(?!file://(?!/))[a-z][a-z0-9+.-]*://")
_PLACE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*:")
"""Which schemes there are is for who opens the place to know: packages may add some."""
_TEXTS = {
    "facility": "",
    "zone": "UTC",
    "listen": "127.0.0.1:8080",
    "registry": "",
    "stick": "",
    "registry_ca": "",
    "enrolment_code": "",
    "papers": "",
    "signing_keys": "file:",
}


_NEEDED = {"name", "connection", "profile"}


def _printers(items: Any, path: Path) -> tuple[PrinterSettings, ...]:
    found: dict[str, PrinterSettings] = {}
    if not isinstance(items, list):
        raise _wrong(path, "printer", "is not a list", "[[printer]] for each printer")
    for index, item in enumerate(items, start=1):
        where = f"printer {index}"
        if not isinstance(item, dict) or set(item) - {"failover"} != _NEEDED:
            raise _wrong(path, where, "is not complete", "name, connection and profile")
        if not all(isinstance(value, str) for value in item.values()) or not all(
            item[name] for name in _NEEDED
        ):
            raise _wrong(path, where, "has an empty value", "text in quotation marks")
        if item["name"] in found:
            raise _wrong(path, where, "has a name that is taken", "another name")
        found[item["name"]] = PrinterSettings(**item)
    for one in found.values():
        if one.failover and (one.failover == one.name or one.failover not in found):
            instead = "another printer of this file, or nothing"
            raise _wrong(path, "failover", "names no other printer", instead)
    return tuple(found.values())


_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_TAKEN = "registry"


def _followers(items: Any, path: Path) -> tuple[FollowerSettings, ...]:
    """Check what every follower has; the settings of its kind are checked where it is made."""
    found: dict[str, FollowerSettings] = {}
    if not isinstance(items, list):
        raise _wrong(path, "follower", "is not a list", "[[follower]] for each follower")
    for index, item in enumerate(items, start=1):
        where = f"follower {index}"
        if not isinstance(item, dict) or not isinstance(item.get("kind"), str) or not item["kind"]:
            raise _wrong(path, where, "has no kind", 'its kind, for example kind = "copy"')
        name = item.get("name", item["kind"])
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _wrong(path, where, "has no good name", "small letters, digits and -")
        if name in found or name == _TAKEN:
            raise _wrong(path, where, "has a name that is taken", "another name")
        options = {key: value for key, value in item.items() if key not in ("name", "kind")}
        if not all(isinstance(value, str | int | float) for value in options.values()):
            raise _wrong(path, where, "has a value that is none", "texts, numbers, true or false")
        found[name] = FollowerSettings(name, item["kind"], options)
    return tuple(found.values())


def wrong_setting(path: Path, name: str, what: str, instead: str) -> BadInput:
    """Say which setting is wrong, in what, and what to write instead."""
    return _wrong(path, name, what, instead)


def _wrong(path: Path, name: str, what: str, instead: str) -> BadInput:
    return BadInput(
        "settings.wrong",
        "In {path} the setting {name} {what}.",
        hint="Write {instead}.",
        field=name,
        path=path,
        name=name,
        what=what,
        instead=instead,
    )
