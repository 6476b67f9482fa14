"""DIVOC's npm package certificate-signer-library 2.0.5, driven from here."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from edge.credentials.trust import base58
from sync.resources import resource

PACKAGE = "certificate-signer-library@2.0.5"
SCRIPT = Path(__file__).with_name("divoc_signer.js")


def install(folder: Path) -> Path | None:
    """Install the package into a folder; None where there is no Node.js or no npm registry."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder]
    made = subprocess.run([*command, PACKAGE], capture_output=True, timeout=300, check=False)
    return folder / "node_modules" if made.returncode == 0 else None


def drive(
    modules: Path,
    key: Ed25519PrivateKey | RSAPrivateKey,
    method: str,
    document: dict[str, Any],
    *,
    verify: list[dict[str, Any]],
    seconds: float,
) -> dict[str, Any]:
    """Let the package verify credentials, then sign a document for so many seconds."""
    folder = resource("edge/credentials/contexts")
    contexts = {
        f"https://divoc.dev/credentials/vaccination/{version}": json.loads(
            (folder / f"vaccination-{version}.json").read_text()
        )
        for version in ("v1", "v2")
    }
    job: dict[str, Any] = {
        "did": method,
        "contexts": contexts,
        "document": document,
        "verify": verify,
        "seconds": seconds,
    }
    if isinstance(key, Ed25519PrivateKey):
        public = key.public_key().public_bytes_raw()
        job |= {
            "keyType": "ED25519",
            "publicKeyBase58": base58(public),
            "privateKeyBase58": base58(key.private_bytes_raw() + public),
        }
    else:
        job |= {
            "keyType": "RSA",
            "publicKeyPem": key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode(),
            "privateKeyPem": key.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ).decode(),
        }
    done = subprocess.run(
        ["node", SCRIPT, modules],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=120 + seconds,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
