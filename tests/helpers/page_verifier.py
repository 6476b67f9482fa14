"""The offline page's own verifier, run by Node, beside the site computer's: one verdict or a fault."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from edge.credentials.hcert import FORMAT as HEALTH_CERTIFICATE
from edge.credentials.page_rules import page_key, page_rules
from edge.credentials.profiles import read_profiles
from edge.credentials.trust import Trust
from edge.credentials.verdict import (
    EXPIRED,
    GOOD,
    NOT_YET,
    REVOKED,
    STALE,
    UNREADABLE,
    VALID,
    Verdict,
)
from edge.domain.counting import UNCOUNTED
from sync.resources import resource

READ = (HEALTH_CERTIFICATE, "shc", "cwt")
STATIC = Path(__file__).parents[2] / "edge/web/static"
_NODE = """
import { createInterface } from "node:readline";
if (process.argv[2]) Object.defineProperty(globalThis, "crypto", { value: {} });
const { judge } = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) {
  const { text, keys, now, zone, site } = JSON.parse(line);
  process.env.TZ = zone;
  let found;
  try { found = await judge(text, keys, now, site); } catch (error) { found = { verdict: `thrown: ${error}` }; }
  process.stdout.write(JSON.stringify(found) + "\\n");
}
"""


class PageVerifier:
    """Asks the page's ``judge``, one question a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._rules = page_rules(read_profiles(resource("config/credentials")))
        self._keys: dict[int, tuple[Trust, list[dict[str, Any]]]] = {}

    def verify(
        self, text: str, trust: Trust, at: datetime, documents: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        question = {
            "text": text,
            "keys": self._published(trust),
            "now": at.timestamp(),
            "zone": _zone(at.utcoffset() or timedelta()),
            "site": {"rules": self._rules, **(documents or {})},
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def _published(self, trust: Trust) -> list[dict[str, Any]]:
        kept = self._keys.get(id(trust))
        if kept is None or kept[0] is not trust:
            keys = [page_key(key) for key in trust.all_keys()]
            kept = self._keys[id(trust)] = (trust, keys)
        return kept[1]


def difference(ours: Verdict, theirs: Mapping[str, Any]) -> str:
    """Say where the page's answer is not the site computer's; nothing where it is.

    The page reads health certificates and SMART Health Cards signed with ECDSA, and keeps no
    revocations: whatever else it is shown, it must say that it cannot tell.
    """
    told, word, reason = theirs["verdict"], ours.verdict, theirs.get("reason", "")
    if ours.format in READ and reason == "algorithm":
        return "" if told == UNREADABLE and ours.format == HEALTH_CERTIFICATE else "algorithm"
    if ours.format not in READ or word == UNREADABLE:
        return "" if told == UNREADABLE else f"{told} for {word} of {ours.format or 'nothing read'}"
    if word == REVOKED:
        return "" if told in (VALID, EXPIRED, NOT_YET) else f"{told} for what is revoked"
    if told != (VALID if word == STALE else word):
        return f"{told} ({reason}) for {word}"
    if word not in GOOD:
        return ""
    claims = theirs["claims"]
    limits = [claims.get("validFrom") or None, claims.get("validUntil") or None]
    if limits != [day.isoformat() if day else None for day in (ours.valid_from, ours.valid_until)]:
        return f"other days: {limits}"
    counting = "nothing" if ours.claims.get("kind") == UNCOUNTED else "all"
    counting = "some" if counting == "all" and ours.claims.get("notCounted") else counting
    return (
        ""
        if {"valid": "all", "link": "all"}.get(reason, reason) == counting
        else f"{reason} counts"
    )


@contextmanager
def page_verifier(folder: Path, *, web_crypto: bool = True) -> Iterator[PageVerifier | None]:
    """Start the page's verifier in a folder of its own; None where no Node is installed.

    Without ``web_crypto`` it is as in a page that came over http.
    """
    node = shutil.which("node")
    if node is None:
        yield None
        return
    shutil.copytree(STATIC, folder / "static")
    (folder / "static/package.json").write_text('{"type": "module"}')
    core = (folder / "static/verify-core.js").as_uri()
    with subprocess.Popen(
        [node, "--input-type=module", "--eval", _NODE, core, "" if web_crypto else "http"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield PageVerifier(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def _zone(offset: timedelta) -> str:
    """Name a zone by whole hours, as POSIX does: its sign is turned round."""
    hours = round(offset.total_seconds() / 3600)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
