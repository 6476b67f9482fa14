"""The page that verifies without a network says what the site computer says, of every vector."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from page_verifier import PageVerifier, difference

from edge.credentials.trust_files import read_trust
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import Formats


@pytest.mark.slow
def test_the_page_judges_the_vectors_of_the_eu_as_the_site_computer_does(
    offline_page: PageVerifier, formats: Formats, shared_data: Path, tmp_path: Path
) -> None:
    """Two programs in two languages, one set of vectors; the page knows P-256 only."""
    differ, tried = [], 0
    for file in sorted((shared_data / "hcert/dgc-testdata").rglob("*.json")):
        vector = json.loads(file.read_text())
        (tmp_path / "signer").write_text(vector["TESTCTX"]["CERTIFICATE"])
        trust = read_trust(tmp_path / "signer").trust
        stated = vector["TESTCTX"].get("VALIDATIONCLOCK") or "2021-06-01T00:00:00+00:00"
        at = datetime.fromisoformat(stated)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        ours = Verifier(formats.reading, trust).verify(vector["PREFIX"].encode(), at)
        theirs = offline_page.verify(vector["PREFIX"], trust, at)
        tried += 1
        if found := difference(ours, theirs):
            differ.append((file.name, found))
    assert differ == []
    assert tried > 180
