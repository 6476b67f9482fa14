"""An issuer makes a key and vouchers on a machine of its own, and a site takes them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paying import voucher

from edge.cli import main
from edge.credentials.vouchers import VoucherSigner, read
from edge.domain.errors import BadInput
from sync.protocol.keys import public_text


def run(*words: str) -> str:
    result = CliRunner().invoke(main, ["campaign", "vouchers", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_vouchers_made_by_the_command_are_read_with_the_key_it_printed(tmp_path: Path) -> None:
    secret, folder = tmp_path / "passphrase", str(tmp_path / "fund")
    secret.write_text("of an invented fund")
    open_with = ("--folder", folder, "--passphrase-file", str(secret))
    printed = run("key", *open_with)
    key = printed.partition("key: ")[2].partition("}")[0]
    table = run(
        *("make", *open_with, "--issuer", "fund", "--count", "3", "--until", "2027-06-30"),
        *("--programme", "covid-19", "--vaccine", "coviprotect"),
    )
    rows = list(csv.DictReader(io.StringIO(table)))
    found = [read(row["code"], {"fund": key}) for row in rows]
    assert [voucher.number for voucher in found] == [row["number"] for row in rows]
    assert len({voucher.number for voucher in found}) == 3
    assert {(one.programmes, one.vaccines, one.until.date().isoformat()) for one in found} == {
        (("covid-19",), ("coviprotect",), "2027-06-30")
    }
    assert "PRIVATE" not in table
    assert CliRunner().invoke(main, ["campaign", "vouchers", "key", *open_with]).exit_code != 0


def test_a_voucher_that_somebody_else_signed_is_none() -> None:
    other = Ed25519PrivateKey.generate()
    forged = voucher(signer=VoucherSigner(other))
    own = public_text(Ed25519PrivateKey.generate().public_key())
    with pytest.raises(BadInput, match="signature does not fit"):
        read(forged, {"fund": own})
    assert read(forged, {"fund": public_text(other.public_key())}).number == "A-0001"
