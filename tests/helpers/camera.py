"""A film that Chromium shows as a tablet's camera, and the detector of codes that a tablet has."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import zxingcpp
from chromium import launched
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright

DETECTOR = """
  window.BarcodeDetector = class {
    async detect(canvas) { return window.decoded(canvas.toDataURL("image/png")); }
  };
"""
"""Android's Chromium reads codes by itself, the one on a desk does not: zxing reads for it."""


def film(picture: Image.Image, path: Path) -> None:
    """Write a still as an uncompressed film (YUV4MPEG2), as Chromium's pretended camera reads it."""
    frame = Image.new("L", (1280, 720), 180)
    scale = max(1, min(1240 // picture.width, 680 // picture.height))
    size = (picture.width * scale, picture.height * scale)
    frame.paste(picture.resize(size, Image.Resampling.NEAREST), (20, 20))
    colours = bytes([128]) * (1280 * 720 // 2)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W1280 H720 F10:1 Ip A1:1 C420jpeg\n")
        for _ in range(10):
            file.write(b"FRAME\n" + frame.tobytes() + colours)


def with_camera(play: Playwright, path: Path) -> Browser:
    """Start a browser whose camera shows a film."""
    return launched(
        play,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    )


def reads_codes(page: Page) -> None:
    """Give a page what a tablet's browser reads codes with."""
    page.expose_function("decoded", _decoded)
    page.add_init_script(DETECTOR)


def _decoded(address: str) -> list[dict[str, str]]:
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    return [{"rawValue": found.text} for found in zxingcpp.read_barcodes(picture)]
