"""The script that both ends' pages have for passkeys."""

from __future__ import annotations

from pathlib import Path

from flask import Response

PASSKEY_SCRIPT = "/passkey.js"


def passkey_script() -> Response:
    """Give the script; it holds nothing of anybody."""
    script = Path(__file__).with_name("passkey.js").read_bytes()
    return Response(script, mimetype="text/javascript")
