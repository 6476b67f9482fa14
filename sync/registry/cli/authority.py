"""``divoc-registry authority``: the national side of signing, on a machine without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.bounded_files import SMALL, read_bounded, read_bounded_text
from sync.commands.answers import json_option, printable, show_json
from sync.commands.numbers import DAYS
from sync.commands.passphrases import passphrase_option, read_passphrase
from sync.commands.paths import FILE
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import data_option, database_option, instant, opening
from sync.registry.lifetimes import SIGNER_DAYS, SIGNER_USE_DAYS

if TYPE_CHECKING:
    from sync.registry.revocations import Revocation, Signers
    from sync.registry.store.records import NodeRecord, SigningRequest

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("authority"),
    show_default=True,
    help="The authority's folder: on a stick in a safe, not on the registry.",
)
_out = click.option("--out", type=click.Path(path_type=Path), required=True)
_did = click.option("--did", required=True, help="The issuer's DID, as in the campaign.")


@click.group()
def authority() -> None:
    """Vouch for the keys of sites, and publish whom to believe."""


@authority.command()
@_folder
@click.option("--country", required=True, help="ISO 3166-1 alpha-2.")
@click.option("--name", required=True, help="The ministry or agency.")
@passphrase_option
@json_option
def init(
    folder: Path, country: str, name: str, passphrase_file: Path | None, as_json: bool
) -> None:
    """Make the nation's root: once, at a ceremony (see docs/ceremony.md)."""
    from sync.registry.authority import Authority

    root = Authority(folder).create(
        country, name, read_passphrase(passphrase_file, "the root", confirm=True), datetime.now(UTC)
    )
    if as_json:
        show_json({"folder": folder, "until": root.not_valid_after_utc})
        return
    click.echo(f"The root is in {folder}; it counts until {root.not_valid_after_utc.date()}.")


@authority.command()
@click.argument("request", required=False, type=FILE)
@click.option("--node", default="", help="Sign what this site sent, and send it the certificate.")
@_folder
@click.option("--out", type=click.Path(path_type=Path), help="Where the certificate is written.")
@click.option(
    "--days", type=DAYS, default=SIGNER_DAYS, show_default=True, help="How long it counts."
)
@click.option(
    "--use-days", type=DAYS, default=SIGNER_USE_DAYS, show_default=True, help="How long it signs."
)
@passphrase_option
@data_option
@database_option
@json_option
def sign(
    request: Path | None,
    node: str,
    folder: Path,
    out: Path | None,
    days: int,
    use_days: int,
    passphrase_file: Path | None,
    data: Path,
    database: str | None,
    as_json: bool,
) -> None:
    """Sign a site's request: the file REQUEST into --out, or what --node sent to the registry.

    Before signing, call the site and compare the facility and the key's digits with what
    divoc-edge keys request shows there.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    from sync.registry.authority import Authority
    from sync.registry.requests import facts_of
    from sync.registry.trust_documents import kid

    if bool(request) == bool(node) or (request and not out):
        raise click.UsageError("Name a REQUEST with --out, or a --node.")
    asked = read_bounded(request, SMALL) if request else _asked(data, database, node).pem.encode()
    subject, key = facts_of(asked)
    click.echo(f"{subject}\nkey {key}", err=as_json)  # to be compared before the passphrase
    signed = Authority(folder).sign(
        asked,
        read_passphrase(passphrase_file, "the root"),
        datetime.now(UTC),
        days=days,
        use_days=use_days,
    )
    pem = signed.public_bytes(Encoding.PEM)
    if out is not None:
        out.write_bytes(pem)
    if node:
        _deliver(data, database, node, pem.decode())
    if as_json:
        until = signed.not_valid_after_utc
        show_json({"subject": subject, "key": key, "kid": kid(signed).hex(), "until": until})
        return
    click.echo(f"Signed: key id {kid(signed).hex()}, until {signed.not_valid_after_utc.date()}.")


@authority.command()
@data_option
@database_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each request into this folder as NODE.csr, to be carried to the authority.",
)
@json_option
def pending(data: Path, database: str | None, out: Path | None, as_json: bool) -> None:
    """List the requests that sites sent to the registry and that nobody has signed."""
    count, after = 0, ""
    with opening(data, database) as store:
        while page := store.asked_certificates(after):
            for asked in page:
                found = _pending(asked, store.node(asked.node))
                if as_json:
                    show_json(found)
                else:
                    _tell(found)
                if out is not None and not found["trouble"]:
                    out.mkdir(parents=True, exist_ok=True)
                    (out / f"{asked.node}.csr").write_text(asked.pem)
            count, after = count + len(page), page[-1].node
    if not count and not as_json:
        click.echo("No request waits.")


def _pending(asked: SigningRequest, known: NodeRecord | None) -> dict[str, str]:
    from sync.registry.requests import facts_of

    subject = key = trouble = ""
    try:
        subject, key = facts_of(asked.pem.encode())
    except SyncError as error:
        trouble = str(error)
    return {
        "node": asked.node,
        "askedAt": asked.at,
        "facility": known.facility if known else "",
        "name": known.name if known else "",
        "subject": subject,
        "key": key,
        "trouble": trouble,
    }


def _tell(found: Mapping[str, str]) -> None:
    place = f"{found['facility']}, {found['name']}" if found["facility"] else "?"
    click.echo(f"{found['node']}  {found['askedAt'][:10]}  {place}")
    click.echo(f"  {found['trouble'] or found['subject']}")
    if not found["trouble"]:
        click.echo(f"  key {found['key']}")


@authority.command()
@click.argument("certificate", type=FILE)
@click.option("--node", required=True, help="The site that asked for it.")
@data_option
@database_option
def deliver(certificate: Path, node: str, data: Path, database: str | None) -> None:
    """Send a site the certificate that was signed elsewhere (authority sign REQUEST --out)."""
    _asked(data, database, node)
    _deliver(data, database, node, read_bounded_text(certificate, SMALL))
    click.echo(f"{node} gets it with its next pass.")


@authority.command(name="list")
@_folder
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """List the certificates that count."""
    from sync.registry.authority import Authority
    from sync.registry.trust_documents import kid

    for certificate in Authority(folder).issued():
        if as_json:
            subject, ends = certificate.subject.rfc4514_string(), certificate.not_valid_after_utc
            show_json({"kid": kid(certificate).hex(), "subject": subject, "until": ends})
            continue
        until = certificate.not_valid_after_utc.date()
        subject = printable(certificate.subject.rfc4514_string())
        click.echo(f"{kid(certificate).hex()}  until {until}  {subject}")


@authority.command()
@click.argument("kid_hex")
@_folder
def withdraw(kid_hex: str, folder: Path) -> None:
    """Take the certificate with this key id off the list: a site's machine was stolen."""
    from sync.registry.authority import Authority

    Authority(folder).withdraw(kid_hex)
    click.echo(f"{kid_hex} is off the list. Publish it again.")


@authority.command()
@_folder
@_out
@_did
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The registry's folder: publishes what sites revoked as well.",
)
@database_option
@json_option
def publish(
    folder: Path, out: Path, did: str, data: Path | None, database: str | None, as_json: bool
) -> None:
    """Write the trust list into OUT: a DID document, a JWKS, PEM; and the revocations.

    Those come out of the registry, if --data or --database names one. Sites take a list that the
    ministry signed: divoc-edge lists vouch signs what is in OUT.
    """
    from sync.registry.authority import Authority

    now, own = datetime.now(UTC), Authority(folder)
    keys = own.publish(out, did, now)
    if not as_json:
        click.echo(f"{keys} keys.")
    told: list[str] = []
    count: int | None = None
    if data is not None or database is not None:
        revoked = _revoked(data, database, own.signers(), told)
        count = own.publish_revocations(out, revoked, did, now)
    if as_json:
        show_json({"keys": keys, "revokedNames": count, "remarks": told})
        return
    if count is not None:
        click.echo(f"{count} revoked names.")
    for remark in told:
        click.echo(printable(remark), err=True)


def _revoked(
    data: Path | None, database: str | None, signers: Mapping[str, Signers], told: list[str]
) -> Iterator[Revocation]:
    """Give what is to be published; ``told`` gets a line for what is not, by its place."""
    from sync.registry.judging.schemas import Schemas, schemas_folder
    from sync.registry.revocations import (
        NAMES,
        PENDING,
        PUBLISHED,
        WRONG,
        Signers,
        gathered,
        own_names,
        revocation_of,
    )

    schemas, waiting = Schemas(schemas_folder()), 0
    with opening(data or Path(), database) as store:
        for status in gathered(store, schemas):
            entry = status.entry
            place = f"{entry.node} {entry.epoch} {entry.number}"
            waiting += status.state == PENDING
            if status.state == WRONG:
                told.append(
                    "Left out, for it is not as a revocation must be:"
                    f" {place}, field {status.wrong_field}"
                )
            if status.state != PUBLISHED:
                continue
            found = revocation_of(status.body)
            if status.ruling is None:
                mine = signers.get(status.facility, Signers())
                found, whole = own_names(found, status.certificate, mine)
                if not whole:
                    told.append(f"Published in part: {NAMES} {status.reference}")
            yield found
    if waiting:
        told.append(f"{waiting} wait for an officer: divoc-registry revocations pending")


def _asked(data: Path, database: str | None, node: str) -> SigningRequest:
    with opening(data, database) as store:
        asked = store.asked_certificate(node)
    if asked is None:
        raise SyncError("authority.no-request", "The site {node} has sent no request.", node=node)
    return asked


def _deliver(data: Path, database: str | None, node: str, pem: str) -> None:
    """Post the certificate to the node's own feed; the same one again is one letter."""
    from sync.protocol.entries import canonical
    from sync.registry.requests import keys_of
    from sync.registry.store.records import AuditLine

    if not keys_of(pem) & keys_of(_asked(data, database, node).pem):
        raise SyncError(
            "authority.other-key", "The certificate is not for the key that the site sent."
        )
    with opening(data, database) as store:
        now = instant()
        id_ = hashlib.sha256(pem.encode()).hexdigest()[:32]
        store.post(node, "certificate", id_, canonical({"pem": pem}).decode(), now)
        store.answered_certificate(node, now)
        store.audit(AuditLine(now, "command line", "sent a certificate", node))
