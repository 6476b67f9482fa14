"""The page that verifies without a network says what the site computer says, of every vector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from page_verifier import PageVerifier, page_verifier
from requirements import missing

from edge.credentials.trust import web_key
from edge.credentials.trust_files import read_trust
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import Formats


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageVerifier]:
    with page_verifier(tmp_path_factory.mktemp("page")) as found:
        if found is None:
            missing("Node.js")
        yield found


@pytest.mark.slow
def test_the_page_judges_the_vectors_of_the_eu_as_the_site_computer_does(
    page: PageVerifier, formats: Formats, shared_data: Path, tmp_path: Path
) -> None:
    """Two programs in two languages, one set of vectors; the page knows P-256 only."""
    differ, tried = [], 0
    for file in sorted((shared_data / "hcert/dgc-testdata").rglob("*.json")):
        vector = json.loads(file.read_text())
        (tmp_path / "signer").write_text(vector["TESTCTX"]["CERTIFICATE"])
        trust = read_trust(tmp_path / "signer").trust
        if not any(web_key(key) for key in trust.all_keys()):
            continue
        stated = vector["TESTCTX"].get("VALIDATIONCLOCK") or "2021-06-01T00:00:00+00:00"
        at = datetime.fromisoformat(stated)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        ours = Verifier(formats.reading, trust).verify(vector["PREFIX"].encode(), at)
        theirs = page.verify(vector["PREFIX"], trust, at)
        tried += 1
        if theirs["verdict"] != ours.verdict:
            differ.append((file.name, ours.verdict, theirs["verdict"]))
    assert differ == []
    assert tried > 180
