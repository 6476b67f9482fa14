"""The manual pages of a command line, one a command, written from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import click

from sync.commands.exits import MEANINGS


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def man(ctx: click.Context, folder: Path) -> None:
    """Write the manual pages of this program and its commands into FOLDER.

    For example into /usr/local/share/man/man1, where the command man looks for them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = manual(ctx.find_root().command)
    for name, text in pages.items():
        (folder / f"{name}.1").write_text(text, encoding="utf-8")
    click.echo(f"{len(pages)} manual pages are in {folder}.")


def manual(program: click.Command) -> Mapping[str, str]:
    """Give the text of each page (roff, as man(7) describes it) by its name, such as ``x-run``."""
    root = click.Context(program, info_name=program.name)
    return {ctx.command_path.replace(" ", "-"): _page(ctx) for ctx in _contexts(root)}


def _contexts(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    for name, command in _commands(ctx):
        yield from _contexts(click.Context(command, info_name=name, parent=ctx))


def _commands(ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            found = ctx.command.get_command(ctx, name)
            if found is not None and not found.hidden:
                yield name, found


def _page(ctx: click.Context) -> str:
    name = ctx.command_path.replace(" ", "-")
    root = ctx.find_root().info_name or ""
    about, *more = _paragraphs(ctx.command.help or "")
    first, _, rest = about.partition(". ")
    release = version("divoc-edge")
    lines = [
        f'.TH "{_text(name.upper())}" "1" "" "{_text(f"{root} {release}")}" "DIVOC Edge"',
        *(".SH NAME", rf"{_text(name)} \- {_text(first.rstrip('.'))}"),
        *(".SH SYNOPSIS", rf"\fB{_text(ctx.command_path)}\fR {_usage(ctx)}"),
    ]
    described = [rest] * bool(rest) + more
    if described:
        lines += [".SH DESCRIPTION", *_joined(described)]
    options = [
        found for param in ctx.command.get_params(ctx) if (found := param.get_help_record(ctx))
    ]
    lines += [".SH OPTIONS", *_listed(options)]
    below = [(sub, one.get_short_help_str(400)) for sub, one in _commands(ctx)]
    if below:
        lines += [".SH COMMANDS", *_listed(below)]
    lines += [".SH EXIT STATUS", *_listed((str(int(one)), said) for one, said in MEANINGS.items())]
    if also := _also(ctx, [sub for sub, _ in below]):
        lines += [".SH SEE ALSO", also]
    return "\n".join(lines) + "\n"


def _usage(ctx: click.Context) -> str:
    return _text(" ".join(ctx.command.collect_usage_pieces(ctx)))


def _also(ctx: click.Context, below: list[str]) -> str:
    own = ctx.command_path.replace(" ", "-")
    names = [ctx.parent.command_path.replace(" ", "-")] if ctx.parent else []
    names += [f"{own}-{name}" for name in below]
    return ", ".join(rf"\fB{_text(name)}\fR(1)" for name in names)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]


def _joined(paragraphs: list[str]) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        yield _text(paragraph)


def _listed(rows: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Iterator[str]:
    for name, said in rows:
        yield from (".TP", rf"\fB{_text(name)}\fR", _text(said) or r"\&")


def _text(text: str) -> str:
    r"""Write text so that roff sets it as it is: no escapes, no requests, hyphens to be copied."""
    plain = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain
