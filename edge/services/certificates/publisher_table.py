"""Reads the ministry's table of publishers: whose lists it takes, and the keys it has pinned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import check_yaml, read_yaml
from edge.credentials.list_signatures import PinnedKey
from edge.credentials.publishers import Publisher
from edge.credentials.trust import PublicKey
from edge.domain.errors import BadInput, NotFound


def read_table(path: Path, schemas: Path) -> dict[str, Publisher]:
    """Read the table, by the publishers' ids; raises :class:`BadInput` with the first mistake."""
    mistakes: list[Mistake] = []
    file = read_yaml(path, mistakes)
    if file is not None:
        schema = json.loads((schemas / "publishers.schema.json").read_text(encoding="utf-8"))
        mistakes.extend(check_yaml(file, schema))
    if file is None or mistakes:
        raise _wrong(path, str(mistakes[0]))
    found: dict[str, Publisher] = {}
    for row in file.value["publishers"]:
        if row["id"] in found:
            raise _wrong(path, f"The publisher {row['id']} stands here twice.")
        found[row["id"]] = _publisher(row, path)
    return found


def publisher_of(table: Mapping[str, Publisher], name: str) -> Publisher:
    """Give a publisher by its id; raises :class:`NotFound`."""
    if name not in table:
        raise NotFound(
            "publisher.unknown",
            "The table names no publisher {name}.",
            hint="It names: {known}.",
            name=name,
            known=", ".join(sorted(table)),
        )
    return table[name]


def _publisher(row: Mapping[str, Any], path: Path) -> Publisher:
    keys = tuple(_key(text, row["id"], path) for text in row["keys"])
    return Publisher(**{**row, "keys": keys})


def _key(text: str, name: str, path: Path) -> PinnedKey:
    data, not_after = text.encode(), None
    try:
        if b"BEGIN CERTIFICATE" in data:
            certificate = x509.load_pem_x509_certificate(data)
            not_after = certificate.not_valid_after_utc
            key: object = certificate.public_key()
        else:
            key = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, PublicKey):
        raise _wrong(path, f"A key of {name} is no certificate and no public key in PEM.")
    return PinnedKey(key, not_after)


def _wrong(path: Path, what: str) -> BadInput:
    return BadInput(
        "publishers.table",
        "The table of publishers {file} has a mistake: {what}",
        hint="See docs/lists.md.",
        file=path.name,
        what=what,
    )
