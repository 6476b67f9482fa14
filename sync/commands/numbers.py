"""The whole numbers that commands take, with their bounds; others their options refuse."""

from __future__ import annotations

import click

MOST_DAYS = 36_500
"""A hundred years: so many days from now there still is a calendar."""
DAYS = click.IntRange(1, MOST_DAYS)
ROWS = click.IntRange(1, 1_000_000)
MOST = 2**62
"""What a database still takes for a number."""
POSITIVE, COUNT = click.IntRange(1, MOST), click.IntRange(0, MOST)
PORT = click.IntRange(1, 65_535)
