"""Somebody else's ZPL: labels drawn by zpl-renderer-js (MIT, WebAssembly) in Node."""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
from pathlib import Path

from PIL import Image
from requirements import missing

PACKAGE = "zpl-renderer-js@3.4.0"
_SCRIPT = """
const { ready } = require("zpl-renderer-js");
let zpl = "";
process.stdin.on("data", (part) => { zpl += part; });
process.stdin.on("end", async () => {
  const { api } = await ready;
  const [width, height] = process.argv.slice(2).map(Number);
  const labels = await api.zplToBase64MultipleAsync(zpl, width, height, 8);
  process.stdout.write(labels.join("\\n"), () => process.exit(0));
});
"""


def render(zpl: bytes, width_mm: float, height_mm: float) -> list[Image.Image]:
    """Draw labels at 8 dots a millimetre."""
    node = shutil.which("node")
    if node is None:
        missing("Node")
    folder = _installed()
    done = subprocess.run(
        [str(node), "draw.js", str(width_mm), str(height_mm)],
        cwd=folder,
        input=zpl,
        capture_output=True,
        timeout=120,
        check=True,
    )
    pictures = [base64.b64decode(line) for line in done.stdout.split()]
    return [Image.open(io.BytesIO(picture)).convert("L") for picture in pictures]


def _installed() -> Path:
    """Install it once, in this user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "divoc-edge-tests" / PACKAGE.replace("@", "-")
    if not (folder / "node_modules" / "zpl-renderer-js").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            missing("npm")
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [str(npm), "install", "--no-save", "--no-audit", "--no-fund", "--prefix", ".", PACKAGE],
            cwd=folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            missing(f"The npm package {PACKAGE}")
    (folder / "draw.js").write_text(_SCRIPT, encoding="utf-8")
    return folder
