"""What stands on the pages of a PDF, read by poppler: another program than wrote it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from PIL import Image
from requirements import missing


def text_of(data: bytes, folder: Path) -> str:
    """Give the text that can be searched for."""
    return run_poppler("pdftotext", data, folder, "-").decode()


def drawn_pages(data: bytes, folder: Path, dots: int = 200) -> list[Image.Image]:
    """Draw each page in grey, with so many dots an inch."""
    run_poppler("pdftoppm", data, folder, str(folder / "page"), "-r", str(dots), "-png")
    return [Image.open(path).convert("L") for path in sorted(folder.glob("page*.png"))]


def run_poppler(program: str, data: bytes, folder: Path, target: str, *options: str) -> bytes:
    found = shutil.which(program)
    if found is None:
        missing(f"{program} (the Debian package poppler-utils)")
    (folder / "slip.pdf").write_bytes(data)
    done = subprocess.run(
        [str(found), *options, str(folder / "slip.pdf"), target],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == b""
    return done.stdout
