"""The options of ``divoc-registry run`` for an identity provider: the first two, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sync.bounded_files import read_bounded
from sync.commands.paths import FILE
from sync.sign_in.openid import is_safe

_MOST_SECRET = 4096


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """Which provider, as which client; ``roles`` are what roles here are called there."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    authority: str
    roles: dict[str, tuple[str, ...]]


def provider_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a provider; it takes ``provider``, None without them."""

    @click.option(
        "--oidc-issuer", metavar="URL", help="Operators may sign in at this identity provider."
    )
    @click.option("--oidc-client", metavar="ID", help="The registry's client id there.")
    @click.option(
        "--oidc-secret",
        type=FILE,
        help="The file with the client's secret; a public client has none.",
    )
    @click.option(
        "--oidc-ca",
        type=FILE,
        help="A PEM file of the only authority to believe for it.",
    )
    @click.option(
        "--oidc-role",
        "oidc_roles",
        metavar="ROLE=NAME",
        multiple=True,
        help="What a role here is called there, in realm_access.roles; any number.",
    )
    @wraps(command)
    def with_provider(
        oidc_issuer: str | None,
        oidc_client: str | None,
        oidc_secret: Path | None,
        oidc_ca: Path | None,
        oidc_roles: tuple[str, ...],
        **others: Any,
    ) -> Any:
        named = oidc_secret or oidc_ca or oidc_roles
        if bool(oidc_issuer) != bool(oidc_client) or (named and not oidc_issuer):
            raise click.UsageError("An identity provider needs --oidc-issuer and --oidc-client.")
        if oidc_issuer and not is_safe(oidc_issuer):
            raise click.BadParameter("write it with https://", param_hint="--oidc-issuer")
        provider = None
        if oidc_issuer and oidc_client:
            secret = read_bounded(oidc_secret, _MOST_SECRET).decode().strip() if oidc_secret else ""
            authority = str(oidc_ca) if oidc_ca else ""
            provider = ProviderOptions(
                oidc_issuer, oidc_client, secret, authority, _roles(oidc_roles)
            )
        return command(provider=provider, **others)

    return with_provider


def _roles(texts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        role, _, name = text.partition("=")
        if role not in ("viewer", "reader", "steward", "admin") or not name:
            raise click.BadParameter(
                "write it as steward=NAME, for viewer, reader, steward or admin",
                param_hint="--oidc-role",
            )
        found[role] = (*found.get(role, ()), name)
    return found
