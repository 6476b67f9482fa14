"""What installed packages add to the tables of a node: read once in a process, by the wiring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from edge.adapters.settings import FILE, Settings
from edge.adapters.settings_kinds import wrong_setting
from edge.adapters.signers import KeyStore
from edge.adapters.token import TokenKeys
from edge.campaign.skips import is_condition
from edge.domain.schedule.conditions import ADDED, AddedConditions
from edge.followers.table import FOLLOWERS, Make
from edge.plugins.distribution.table import CHANNELS
from edge.plugins.identity.table import IDENTITY_TYPES
from edge.plugins.payment.table import PAYERS
from edge.plugins.sign_in.table import SIGN_IN_METHODS
from edge.services.certificates.formats import AddedFormat
from printers.connections import CONNECTIONS
from printers.dialogues import DIALOGUES
from printers.dialogues.base import Dialogue
from printers.drivers import Drivers
from printers.languages import LANGUAGES
from printers.previews import BANDS
from sync.plugins import Kind, Plugin, read_plugins
from sync.registry.store.stores import added_stores
from sync.site.transports import TRANSPORTS, Open

OpenKeys = Callable[[str, Path | None], KeyStore]

KEY_STORES: Mapping[str, OpenKeys] = {
    "pkcs11": TokenKeys,
}
"""Every place for document signers' keys by the scheme of its URI, beside ``file:``.

Opened with the URI and the folder of systemd's credentials, or None.
"""

SYSTEMS: Mapping[str, Mapping[str, Any]] = {
    "identity": IDENTITY_TYPES,
    "payment": PAYERS,
    "distribution": CHANNELS,
    "sign_in": SIGN_IN_METHODS,
}
"""The project's own plug-ins of a country's systems, by kind and name."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """The tables of a node with what was added, and what became of each addition."""

    drivers: Drivers
    transports: Mapping[str, Open]
    formats: Sequence[AddedFormat]
    key_stores: Mapping[str, OpenKeys]
    conditions: AddedConditions
    followers: Mapping[str, Make]
    systems: Mapping[str, Mapping[str, Any]]
    found: Sequence[Plugin]

    def check(self, folder: Path, settings: Settings) -> None:
        """Refuse addresses of kinds that are not known here: for a new site, not a running one."""
        scheme = settings.registry.partition("://")[0]
        if settings.registry and scheme not in (*self.transports, "file"):
            raise wrong_setting(
                folder / FILE,
                "registry",
                "is not a web address",
                "https://…, file:///folder or nothing",
            )
        scheme = settings.signing_keys.partition(":")[0]
        if scheme not in (*self.key_stores, "file"):
            raise wrong_setting(
                folder / FILE, "signing_keys", "is not a place for keys", "file: or pkcs11:…"
            )


def kinds() -> tuple[Kind, ...]:
    """Say what packages may add to, and what an addition must be."""
    return (
        Kind("connections", CONNECTIONS),
        Kind("languages", LANGUAGES),
        Kind("bands", LANGUAGES),  # pages, too, are read back by the project itself
        Kind(
            "dialogues",
            {**DIALOGUES, **LANGUAGES},
            lambda found: isinstance(found, type) and issubclass(found, Dialogue),
            "a class made of printers.dialogues.base.Dialogue",
        ),
        Kind(
            "formats",
            (),  # the project's own do not begin so
            lambda found: isinstance(found, AddedFormat),
            "an AddedFormat of edge.services.certificates.formats",
            begins="x-",
        ),
        Kind(
            "conditions",
            (),  # the project's own do not begin so
            is_condition,
            "an AddedCondition of edge.domain.schedule.conditions with a JSON Schema",
            begins=ADDED,
        ),
        Kind("key_stores", (*KEY_STORES, "file")),
        Kind("transports", (*TRANSPORTS, "file")),
        added_stores(),
        Kind("followers", (*FOLLOWERS, "registry")),
        *(Kind(kind, own, begins="x-") for kind, own in SYSTEMS.items()),
    )


def extensions(
    installed: Callable[[], Iterable[Distribution]] = distributions,
) -> Extensions:
    """Read what is installed, and put it beside what the project has itself."""
    plugins = read_plugins(kinds(), installed)
    return Extensions(
        drivers=Drivers(
            connections=plugins.with_added("connections", CONNECTIONS),
            languages=plugins.with_added("languages", LANGUAGES),
            dialogues=plugins.with_added("dialogues", DIALOGUES),
            bands=plugins.with_added("bands", BANDS),
        ),
        transports=plugins.with_added("transports", TRANSPORTS),
        formats=tuple(one.named(name) for name, one in plugins.with_added("formats", {}).items()),
        key_stores=plugins.with_added("key_stores", KEY_STORES),
        conditions=plugins.with_added("conditions", {}),
        followers=plugins.with_added("followers", FOLLOWERS),
        systems={kind: plugins.with_added(kind, own) for kind, own in SYSTEMS.items()},
        found=plugins.found,
    )


def own_plugins() -> list[Plugin]:
    """List what the project itself has of a country's systems, by kind and name."""
    version = metadata.version("divoc-edge")
    return [
        Plugin(kind, name, "divoc-edge", version)
        for kind, own in sorted(SYSTEMS.items())
        for name in sorted(own)
    ]


@cache
def installed() -> Extensions:
    """Give what is installed beside this very process; read the first time somebody asks."""
    return extensions()
