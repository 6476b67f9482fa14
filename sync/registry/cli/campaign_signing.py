"""``divoc-registry campaign key`` and ``sign``: with a key in a file, in a token, or far away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.bounded_files import MB, SMALL, read_bounded, read_bounded_text
from sync.commands.answers import json_option, printable, show_json
from sync.commands.passphrases import passphrase_option, read_passphrase
from sync.commands.paths import FILE
from sync.own_files import write_whole
from sync.protocol.campaign_parts import CAMPAIGN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from securesystemslib.signer import CryptoSigner

    from sync.registry.campaigns.offline_signing import AskedRole
    from sync.tokens import Token, TokenAddress

_LARGEST = 16 * MB
_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--token", "uri", default="", metavar="URI",
    help="Make it in a PKCS#11 token: pkcs11:token=NAME?module-path=/usr/lib/….so",
)  # fmt: skip
@passphrase_option
@json_option
def key(file: Path, uri: str, passphrase_file: Path | None, as_json: bool) -> None:
    """Make a key in FILE, and its public half in FILE.pub.

    With --token the key is made in a token, under FILE's name, and never leaves it; the PIN is
    asked for as a passphrase is.
    """
    from sync.registry.campaigns.signers import make_key, make_token_key
    from sync.tokens import read_address

    if uri:
        address = read_address(uri)
        made = make_token_key(file, _token(address, passphrase_file), address.label or file.name)
    else:
        made = make_key(file, read_passphrase(passphrase_file, "the key", confirm=True))
    if as_json:
        show_json({"key": made.keyid, "file": file, "public": f"{file}.pub"})
        return
    where = "the token" if uri else file
    click.echo(f"The key {made.keyid[:8]} is in {where}. Give {file.name}.pub to the others.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option(
    "--key", "named", required=True, metavar="FILE|URI",
    help="The private key: a file, or pkcs11:token=NAME;object=LABEL?module-path=/usr/lib/….so",
)  # fmt: skip
@click.option(
    "--request", "asked", type=FILE, help="In place of FOLDER: what campaign request wrote."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where the signatures for it go.")
@passphrase_option
@json_option
def sign(
    folder: Path | None,
    named: str,
    asked: Path | None,
    out: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Sign what is in FOLDER with a key; look first at what it is (status).

    Where the folder is not to come to the key, sign a request, and carry the signatures back.
    """
    from sync.registry.campaigns.folder import CampaignFolder

    if (folder is None) == (asked is None) or (asked is None) != (out is None):
        raise click.UsageError("Name the folder, or --request FILE and --out FILE.")
    roles: list[AskedRole] = []
    if asked is not None and out is not None:
        roles = _asked_roles(asked, as_json)
        done = _sign_request(roles, out, _signer(named, passphrase_file))
    else:
        signer = _signer(named, passphrase_file)
        done = signer.public_key.keyid, CampaignFolder(folder or Path()).sign(signer)
    if as_json:
        show_json({"key": done[0], "signed": done[1], "asked": list(map(_document, roles))})
        return
    said = f"Signed: {', '.join(done[1])}." if done[1] else "There is nothing for this key to sign."
    click.echo(said)


def _asked_roles(asked: Path, as_json: bool) -> list[AskedRole]:
    """Read what a request asks for, and show it before a key is opened."""
    from sync.registry.campaigns.offline_signing import read_request

    roles = read_request(read_bounded(asked, _LARGEST))
    if not as_json:
        for role in roles:
            _show(role)
    return roles


def _sign_request(
    roles: Sequence[AskedRole], out: Path, signer: CryptoSigner
) -> tuple[str, list[str]]:
    """Sign what a request asks for; gives the key and the roles."""
    from sync.registry.campaigns.offline_signing import as_bytes, signatures_for

    made = signatures_for(roles, signer)
    write_whole(out, as_bytes(made).decode())
    return signer.public_key.keyid, [role["role"] for role in made["signatures"]]


def _show(role: AskedRole) -> None:
    """Show all that a signature would vouch for, whatever the request calls it."""
    click.echo(f"{printable(role.role)} {role.version}: {len(role.digests)} files")
    click.echo(f"    All of it has the SHA-256 {role.digest}: compare it with what request showed.")
    for path, digest in role.digests.items():
        file = "The campaign's file" if path == CAMPAIGN else f"The file {printable(path)}"
        click.echo(f"    {file} has the SHA-256 {printable(digest)}: compare it.")
    for name, (threshold, keys) in role.counting.items():
        click.echo(f"    {printable(name)}: {threshold} of these keys must sign: compare them.")
        for key in keys:
            click.echo(f"        {printable(key)}")


def _document(role: AskedRole) -> dict[str, object]:
    """Give what :func:`_show` shows as an object."""
    return {
        "role": role.role,
        "version": role.version,
        "sha256": role.digest,
        "files": dict(role.digests),
        "counting": {
            name: {"threshold": threshold, "keys": list(keys)}
            for name, (threshold, keys) in role.counting.items()
        },
    }


@click.command()
@_folder
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where it is written.")
@json_option
def request(folder: Path, out: Path, as_json: bool) -> None:
    """Write what is still to be signed in FOLDER into a small file, for a key that is far away."""
    from sync.registry.campaigns.folder import CampaignFolder
    from sync.registry.campaigns.offline_signing import as_bytes, read_request, request_of

    content = as_bytes(request_of(CampaignFolder(folder)))
    write_whole(out, content.decode())
    asked = read_request(content)
    roles = [role.role for role in asked]
    if as_json:
        show_json(
            {"file": out, "roles": roles, "digests": {role.role: role.digest for role in asked}}
        )
        return
    for role in asked:
        click.echo(f"{role.role} {role.version} has the SHA-256 {role.digest}.")
    click.echo(f"{out}: {', '.join(roles)}. Sign it with: divoc-registry campaign sign --request")


@click.command(name="add-signatures")
@_folder
@click.argument("files", nargs=-1, required=True, type=FILE)
@json_option
def add_signatures(folder: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Put the signatures in FILES, which campaign sign --request wrote, into FOLDER."""
    from sync.registry.campaigns.folder import CampaignFolder
    from sync.registry.campaigns.offline_signing import take_signatures

    found = CampaignFolder(folder)
    for file in files:
        roles = take_signatures(found, read_bounded(file, MB))
        if as_json:
            show_json({"file": file, "signed": roles})
            continue
        click.echo(f"{file.name}: {', '.join(roles)}.")


def _signer(named: str, passphrase_file: Path | None) -> CryptoSigner:
    """Open a key by a file's name or a token's URI."""
    from sync.registry.campaigns.signers import read_signer, token_signer
    from sync.tokens import SCHEME, incomplete, read_address

    if named.startswith(SCHEME):
        address = read_address(named)
        if not address.label:
            raise incomplete()
        return token_signer(_token(address, passphrase_file), address.label)
    file = Path(named)
    if not file.is_file():
        raise click.BadParameter(f"File {named!r} does not exist.", param_hint="--key")
    return read_signer(file, read_passphrase(passphrase_file, "the key"))


def _token(address: TokenAddress, passphrase_file: Path | None) -> Token:
    """Open a token; its PIN is in the URI's file, in the option's, or asked for unseen."""
    from sync.tokens import Token

    if address.pin_file is not None:
        pin = read_bounded_text(address.pin_file, SMALL).strip()
    else:
        pin = read_passphrase(passphrase_file, f"the token {address.token}").decode()
    return Token(address, pin)
