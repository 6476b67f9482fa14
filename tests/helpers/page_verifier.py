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

from edge.credentials.trust import Trust, web_key

STATIC = Path(__file__).parents[2] / "edge/web/static"
_NODE = """
import { createInterface } from "node:readline";
const { judge } = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) {
  const { text, keys, now, zone, documents } = JSON.parse(line);
  process.env.TZ = zone;
  let found;
  try { found = await judge(text, keys, now, documents); } catch (error) { found = { verdict: `thrown: ${error}` }; }
  process.stdout.write(JSON.stringify(found) + "\\n");
}
"""


class PageVerifier:
    """Asks the page's ``judge``, one question a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._keys: dict[int, tuple[Trust, list[dict[str, Any]]]] = {}

    def verify(
        self, text: str, trust: Trust, at: datetime, documents: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        question = {
            "text": text,
            "keys": self._published(trust),
            "now": at.timestamp(),
            "zone": _zone(at.utcoffset() or timedelta()),
            "documents": dict(documents or {}),
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
            keys = [one for key in trust.all_keys() if (one := web_key(key)) is not None]
            kept = self._keys[id(trust)] = (trust, keys)
        return kept[1]


@contextmanager
def page_verifier(folder: Path) -> Iterator[PageVerifier | None]:
    """Start the page's verifier in a folder of its own; None where no Node is installed."""
    node = shutil.which("node")
    if node is None:
        yield None
        return
    shutil.copytree(STATIC, folder / "static")
    (folder / "static/package.json").write_text('{"type": "module"}')
    core = (folder / "static/verify-core.js").as_uri()
    with subprocess.Popen(
        [node, "--input-type=module", "--eval", _NODE, core],
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
