"""How the settings of ways of signing in are written in ``site.toml``."""

from __future__ import annotations

import json
from collections.abc import Mapping


def sign_in_lines(methods: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Write a table for each method; JSON's escapes are a subset of those of TOML's texts."""
    lines: list[str] = []
    for name, options in methods.items():
        lines += ["", "# A way of signing in: the settings of its kind.", f"[sign_in.{name}]"]
        lines += [
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in options.items()
        ]
    return lines
