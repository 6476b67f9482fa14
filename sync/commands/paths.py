"""The files that commands read."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
"""One that is there, and no folder; others their options refuse."""
