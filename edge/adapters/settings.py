"""The site's own settings: one small TOML file that a technician can read and change."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from edge.adapters.settings_kinds import (
    ChannelSettings,
    FollowerSettings,
    kind_lines,
    of_kinds,
    quoted,
    wrong_setting,
)
from edge.adapters.settings_modules import MODULE_LINES, module_trouble
from edge.adapters.settings_rules import (
    NAME_TAKEN,
    RULES,
    File,
    FilePrinter,
    is_loopback,
    misfit,
)
from edge.adapters.settings_schedulers import (
    SchedulerSettings,
    scheduler_lines,
    schedulers_of,
)
from edge.adapters.settings_sign_in import sign_in_lines
from edge.domain.disk import MB, DiskLimits
from edge.domain.errors import BadInput
from edge.domain.modules import EVERY
from sync.own_files import write_whole

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
class Settings:
    """What one site is told: which facility it is, where it listens, prints and delivers.

    ``listen`` is ``host:port``, with ``tls`` for HTTPS under ``name`` and ``.local``, which is then
    announced on the LAN if ``announce``; ``plain`` is where plain HTTP tells how to trust the site,
    and nothing else. ``pairing`` says whether staff sign in on paired tablets alone; None: with TLS
    only. ``plain_http_reason`` says why tablets are spoken to without TLS; ``behind`` is the proxy
    that is believed when it says who asks, by its address.

    ``registry`` is a URL, ``file:///folder`` for a site that delivers by stick only, or empty;
    ``stick`` the folder where sticks are mounted at a site that has a line as well, or empty;
    ``registry_fingerprint`` the SHA-256 of its key in hex, at least its first 16 digits: nothing is
    sent to a registry with another; ``registry_ca`` a PEM file of the only authority to believe for
    it, or empty for the system's; ``registry_patience`` seconds without a byte after which a line
    is given up; ``zone`` an IANA time zone. The first printer is the usual one. ``papers`` is the
    folder of a virtual printer's pictures, or empty. ``ministry_keys`` are the keys whose lists are
    taken (Ed25519, base64). ``signing_keys`` says where the document signer's keys are: ``file:``
    or a PKCS#11 URI. ``followers`` bring the journal elsewhere, ``channels`` messages to people;
    ``schedulers`` tell who is expected. ``campaign_root`` is the fingerprint of the keys that must
    have signed a campaign, at least its first 32 digits; the site remembers it. ``sign_in`` are the
    settings of ways of signing in, by their names. ``modules`` are those that run here if the
    campaign wants them too; none: every one. ``disk_essentials_below`` and ``disk_reading_below``
    are megabytes of free disk below which only the essentials are recorded, and nothing.
    ``recovery`` are the age recipients of the keys that open backups, ``backup`` the folder on
    another medium where they are put every ``backup_minutes`` while it is there, ``backup_keep`` of
    them; empty: by command only.
    """

    facility: str
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
    registry_patience: float = 60.0
    enrolment_code: str = field(default="", repr=False)
    printers: tuple[PrinterSettings, ...] = ()
    papers: str = ""
    ministry_keys: tuple[str, ...] = ()
    signing_keys: str = "file:"
    campaign_root: str = ""
    modules: tuple[str, ...] = ()
    followers: tuple[FollowerSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    sign_in: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    schedulers: tuple[SchedulerSettings, ...] = ()
    disk_essentials_below: int = 128
    disk_reading_below: int = 32
    recovery: tuple[str, ...] = ()
    backup: str = ""
    backup_minutes: int = 60
    backup_keep: int = 7

    @property
    def disk_limits(self) -> DiskLimits:
        """Below how many free bytes less is recorded."""
        return DiskLimits(self.disk_essentials_below * MB, self.disk_reading_below * MB)

    @property
    def running_modules(self) -> frozenset[str]:
        """The modules that may run here."""
        return frozenset(self.modules) or EVERY

    @property
    def has_line(self) -> bool:
        """Whether there is a registry that is reached over a network."""
        return bool(self.registry) and not self.registry.startswith("file://")

    @property
    def pairing_demanded(self) -> bool:
        """Whether staff sign in on paired tablets alone."""
        return self.tls if self.pairing is None else self.pairing

    @property
    def is_bare(self) -> bool:
        """Whether others than this machine would be spoken to without TLS, for no reason given."""
        return not (self.tls or is_loopback(self.listen) or self.plain_http_reason.strip())

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
        f"facility = {quoted(settings.facility)}",
        "# The IANA time zone of the site: it decides which day it is.",
        f"zone = {quoted(settings.zone)}",
        *_lan(settings),
        "# The national registry, its key's fingerprint and the secret of the one-time code, as",
        "# divoc-edge enrol takes them from its enrolment code; file:///media/stick for a site",
        "# without a line: the folder where its sticks are mounted.",
        f"registry = {quoted(settings.registry)}",
        f"registry_fingerprint = {quoted(settings.registry_fingerprint)}",
        f"enrolment_code = {quoted(settings.enrolment_code)}",
        "# The same folder for a site that has a line: a stick serves it while the line is away.",
        f"stick = {quoted(settings.stick)}",
        "# A PEM file with the only authority to believe for it; empty for the system's.",
        f"registry_ca = {quoted(settings.registry_ca)}",
        "# Seconds without a byte after which a line to it is given up.",
        f"registry_patience = {settings.registry_patience:g}",
        "# Where a printer in software puts the pictures of its paper; empty for none.",
        f"papers = {quoted(settings.papers)}",
        "# The ministry's keys: lists of trusted keys and of what was revoked are taken when",
        "# one of these has signed them, and no others.",
        f"ministry_keys = [{', '.join(map(quoted, settings.ministry_keys))}]",
        "# Where the keys are that sign certificates: file: (the folder keys), or",
        "# pkcs11:token=NAME?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/…",
        f"signing_keys = {quoted(settings.signing_keys)}",
        "# The digits of the ministry's keys, which must sign each campaign; an enrolment code",
        "# brings them, and the site remembers them.",
        f"campaign_root = {quoted(settings.campaign_root)}",
        *MODULE_LINES,
        f"modules = [{', '.join(map(quoted, settings.modules))}]",
        "# Free megabytes of the disk below which only people, doses and their corrections are",
        "# recorded; and below which nothing is: the site is read.",
        f"disk_essentials_below = {settings.disk_essentials_below}",
        f"disk_reading_below = {settings.disk_reading_below}",
        *_backup_lines(settings),
    ]
    lines += _printer_lines(settings.printers)
    lines += kind_lines(
        "follower",
        "# What brings the journal elsewhere: its kind, its name, the settings of the kind.",
        settings.followers,
    )
    lines += kind_lines(
        "channel",
        "# A way to people: its kind, its name in campaigns, the settings of the kind.",
        settings.channels,
    )
    lines += sign_in_lines(settings.sign_in)
    lines += scheduler_lines(settings.schedulers)
    write_whole(folder / FILE, "\n".join(lines) + "\n")


def _printer_lines(printers: Sequence[PrinterSettings]) -> list[str]:
    lines: list[str] = []
    for printer in printers:
        lines += [
            "",
            "[[printer]]",
            f"name = {quoted(printer.name)}",
            "# tcp://host:9100, serial:///dev/ttyUSB0?baud=115200, usb:///dev/usb/lp0,",
            "# file:///path, bluetooth://AA:BB:CC:DD:EE:FF, and for pages",
            "# ipp://host:631/printers/NAME or cups:NAME",
            f"connection = {quoted(printer.connection)}",
            f"profile = {quoted(printer.profile)}",
            "# The printer that takes over when this one is out of action; empty: people decide.",
            f"failover = {quoted(printer.failover)}",
        ]
    return lines


def forget_enrolment_code(folder: Path) -> None:
    """Take the enrolment code out of ``site.toml``, and leave every other line as it stands."""
    path = folder / FILE
    text = _CODE_LINE.sub('enrolment_code = ""', path.read_text(encoding="utf-8"))
    try:
        gone = not tomllib.loads(text)["enrolment_code"]
    except (tomllib.TOMLDecodeError, KeyError):
        gone = False
    if gone:
        write_whole(path, text)
    else:  # it was written over several lines
        write_settings(folder, replace(read_settings(folder), enrolment_code=""))


_CODE_LINE = re.compile(r"^[ \t]*enrolment_code[ \t]*=.*$", re.MULTILINE)


def _backup_lines(settings: Settings) -> list[str]:
    """Write what backups are sealed to, and where they are put."""
    return [
        "# What backups are sealed to, as divoc-edge keys recovery writes it: the key is on paper.",
        f"recovery = [{', '.join(map(quoted, settings.recovery))}]",
        "# The folder on another medium where a backup is put every so many minutes while it is",
        "# there, and how many of them stay; empty: by command only.",
        f"backup = {quoted(settings.backup)}",
        f"backup_minutes = {settings.backup_minutes}",
        f"backup_keep = {settings.backup_keep}",
    ]


def _lan(settings: Settings) -> list[str]:
    """Write how tablets reach the site."""
    return [
        "# Where tablets reach the node; with TLS by HTTPS, under NAME.local and its addresses.",
        f"listen = {quoted(settings.listen)}",
        f"tls = {quoted(settings.tls)}",
        f"name = {quoted(settings.name)}",
        "# Where plain HTTP tells tablets how to trust the site, and nothing else; empty: nowhere.",
        f"plain = {quoted(settings.plain)}",
        "# Whether NAME.local is announced on the network (mDNS).",
        f"announce = {quoted(settings.announce)}",
        "# Whether staff sign in on paired tablets alone; without this line: where there is TLS.",
        *([] if settings.pairing is None else [f"pairing = {quoted(settings.pairing)}"]),
        "# Why tablets are spoken to without TLS, if they are: such as, nginx stands before it.",
        f"plain_http_reason = {quoted(settings.plain_http_reason)}",
        "# The address of that proxy: what it says of who asks, and by HTTPS or not, is believed.",
        f"behind = {quoted(settings.behind)}",
    ]


def _settings(document: dict[str, Any], path: Path) -> Settings:
    known = File.__struct_fields__
    for name in document:
        if name not in known:
            one = "one of: " + ", ".join(sorted(known))
            raise wrong_setting(path, name, "is not a setting", one)
    try:
        file = msgspec.convert(document, File)
    except msgspec.ValidationError as error:
        raise wrong_setting(path, *misfit(error)) from None
    for name, fits, what, instead in RULES:
        if not fits(file):
            raise wrong_setting(path, name, what, instead)
    if trouble := module_trouble(file.modules, file.registry):
        raise wrong_setting(path, "modules", *trouble)
    texts = msgspec.structs.asdict(file)
    return Settings(
        printers=_printers(texts.pop("printer"), path),
        followers=of_kinds("follower", FollowerSettings, texts.pop("follower"), path),
        channels=of_kinds("channel", ChannelSettings, texts.pop("channel"), path),
        schedulers=schedulers_of(texts.pop("scheduler"), partial(wrong_setting, path)),
        ministry_keys=tuple(texts.pop("ministry_keys")),
        modules=tuple(texts.pop("modules")),
        recovery=tuple(texts.pop("recovery")),
        **texts,
    )


def _printers(items: list[FilePrinter], path: Path) -> tuple[PrinterSettings, ...]:
    found: dict[str, PrinterSettings] = {}
    for index, item in enumerate(items, start=1):
        if item.name in found:
            raise wrong_setting(path, f"printer {index}", *NAME_TAKEN)
        found[item.name] = PrinterSettings(**msgspec.structs.asdict(item))
    for printer in found.values():
        if printer.failover and (printer.failover == printer.name or printer.failover not in found):
            instead = "another printer of this file, or nothing"
            raise wrong_setting(path, "failover", "names no other printer", instead)
    return tuple(found.values())
