"""The site's command line, called in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from edge.cli import main


def run(*arguments: object, given: bytes | str | None = None) -> Result:
    """Call ``divoc-edge`` with these words; ``given`` is what it reads from its input."""
    return CliRunner().invoke(main, [str(word) for word in arguments], input=given)
