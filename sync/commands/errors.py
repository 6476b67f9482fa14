"""An error as a command line shows it: in words, or as JSON when ``--json`` was given."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import IO, Any, ClassVar

import click

from sync.commands.answers import printable
from sync.commands.exits import Exit


class WordedError(click.ClickException):
    """An error of ours: its sentence, its hint, and the code with which the command ends.

    ``error`` has a ``code``, a ``sentence`` with its ``values``, says whether it is ``temporary``,
    and may have a ``hint``, a ``field`` and ``mistakes``.
    """

    exit_code: ClassVar[int] = Exit.FAILED

    def __init__(self, error: Any) -> None:
        hint = getattr(error, "hint", "").format(**error.values)
        told = f"{error}\n{hint}" if hint else str(error)
        # a sentence may quote what a site, or who answers in the registry's place, has said
        super().__init__("\n".join(map(printable, told.splitlines())))
        self.document: Mapping[str, Any] = {
            "code": error.code,
            "sentence": str(error),
            "hint": hint,
            "field": getattr(error, "field", ""),
            "temporary": bool(error.temporary),
            "mistakes": [str(value) for value in getattr(error, "mistakes", ())],
        }


class TemporaryError(WordedError):
    """An error of ours after which the same call can succeed later."""

    exit_code: ClassVar[int] = Exit.TRY_LATER


class FileTrouble(click.ClickException):
    """A file or folder that the machine does not give or take; a disk that fails names none."""

    exit_code: ClassVar[int] = Exit.FAILED

    def __init__(self, error: OSError) -> None:
        name = "" if error.filename is None else os.fsdecode(error.filename)
        super().__init__(f"{name}: {error.strerror}." if name else f"{error.strerror}.")
        self.document: Mapping[str, Any] = {**_document(self, "file.unusable"), "field": name}


class UnansweredError(click.ClickException):
    """A question to which the answer ended, or which somebody broke off."""

    exit_code: ClassVar[int] = Exit.FAILED

    def __init__(self) -> None:
        super().__init__("A question was not answered; nothing was done.")
        self.document: Mapping[str, Any] = _document(self, "command.unanswered")


class JsonError(click.ClickException):
    """The same error for a script: one line of JSON on the standard output."""

    def __init__(self, error: click.ClickException) -> None:
        super().__init__(error.format_message())
        self._code = error.exit_code
        self._document = getattr(error, "document", None) or _document(error, "command.failed")

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it, and end with the code of the error that it stands for."""
        click.echo(json.dumps({"error": self._document}, ensure_ascii=False), file=file)
        raise SystemExit(self._code)


def worded(error: Any) -> WordedError:
    """Give an error of ours as click shows it."""
    return TemporaryError(error) if error.temporary else WordedError(error)


def _document(error: click.ClickException, code: str) -> Mapping[str, Any]:
    usage = isinstance(error, click.UsageError)
    param = getattr(error, "param", None)
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"Try '{error.ctx.command_path} --help'."
    return {
        "code": "command.usage" if usage else code,
        "sentence": error.format_message(),
        "hint": hint,
        "field": _field(error, param),
        "temporary": error.exit_code == Exit.TRY_LATER,
        "mistakes": [],
    }


def _field(error: click.ClickException, param: click.Parameter | None) -> str:
    """Name the option or argument as it is typed."""
    if param is not None:
        return param.opts[0] if isinstance(param, click.Option) else str(param.human_readable_name)
    told = getattr(error, "option_name", None) or getattr(error, "param_hint", None) or ""
    return told if isinstance(told, str) else " / ".join(told)
