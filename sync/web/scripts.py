"""The script that both ends' pages have for passkeys."""

from __future__ import annotations

from pathlib import Path

from flask import Response, send_from_directory

PASSKEY_SCRIPT = "/passkey.js"


def passkey_script() -> Response:
    """Give the script; it holds nothing of anybody."""
    return send_from_directory(Path(__file__).parent, "passkey.js")
