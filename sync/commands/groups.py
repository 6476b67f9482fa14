"""A command line that imports the command that is asked for, and says in words what went wrong."""

from __future__ import annotations

import os
import re
import sys
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC, EPIPE
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click
from click.shell_completion import CompletionItem

from sync.commands.errors import FileTrouble, JsonError, UnansweredError, worded

_LONE = re.compile("[\udc80-\udcff]")
"""A byte of the command line that is no text, as Python has it."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where a command is, as ``module:name``, and the first sentence of its help."""

    place: str
    help: str


class _Loaded(UserDict[str, Any]):
    """The commands by name; one is imported when it is asked for: all of them take seconds."""

    def __getitem__(self, key: str) -> click.Command:
        module, _, name = self.data[key].place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


class CommandLine(click.Group):
    """A command line whose commands stand in ``table``, and may raise ``errors``.

    ``words`` gives one of these in the place of another error, or None where it knows none.

    Its help and the completion of a shell import no command: they read the table.
    """

    def __init__(
        self,
        *arguments: Any,
        table: Mapping[str, Row],
        errors: tuple[type[Exception], ...],
        words: Callable[[Exception], Exception | None] = lambda _: None,
        **attributes: Any,
    ) -> None:
        super().__init__(*arguments, **attributes)
        self.commands = _Loaded(table)
        self.table, self.errors, self.words = table, errors, words

    def main(self, *arguments: Any, **attributes: Any) -> Any:
        """Run as click does; a file's name that is no text is written as escapes, in JSON too."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*arguments, **attributes)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **rest: Any,
    ) -> click.Context:
        """Read the words of the call; remember whether they ask for JSON."""
        as_json = "--json" in args
        with self._in_words(as_json):
            made = super().make_context(info_name, args, parent, **rest)
        made.meta[__name__] = as_json
        return made

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say in words what went wrong, or as JSON if that was asked for."""
        with self._in_words(ctx.meta[__name__]):
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands into the help as click does, from the table."""
        del ctx
        limit = formatter.width - 6 - max(map(len, self.table))
        rows = [(name, self._short(name, limit)) for name in sorted(self.table)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table, an option as click does."""
        found = [
            CompletionItem(name, help=self._short(name, 45))
            for name in sorted(self.table)
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def _short(self, name: str, limit: int) -> str:
        return click.Command(name, help=self.table[name].help).get_short_help_str(limit)

    @contextmanager
    def _in_words(self, as_json: bool) -> Iterator[None]:
        try:
            yield
        except self.errors as error:
            found: click.ClickException = worded(error)
        except click.ClickException as error:
            found = error
        except UnicodeEncodeError as error:
            if not _LONE.search(error.object):
                raise
            found = click.UsageError("A word of the call is not written in UTF-8.")
        except OSError as error:
            if error.errno in (None, EPIPE):  # nothing of a file; who reads has enough
                raise
            found = FileTrouble(error)
        except click.Abort:
            if not as_json:
                raise
            found = UnansweredError()
        except Exception as error:
            known = self._known(error)
            if known is None:
                raise
            found = known
        else:
            return
        raise JsonError(found) if as_json else found from None

    def _known(self, error: Exception) -> click.ClickException | None:
        told = self.words(error)
        if told is not None:
            return worded(told)
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            return FileTrouble(OSError(ENOSPC, os.strerror(ENOSPC)))
        return None
