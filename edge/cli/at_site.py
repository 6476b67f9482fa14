"""Has a task done at a site: by the node that runs there, else by this process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from edge.cli.common import data_folder
from edge.domain.errors import BadInput
from sync.bounded_files import MB
from sync.own_files import private_files

if TYPE_CHECKING:
    from edge.node import Node

_MOST = 64 * MB
"""Bytes that are taken through a pipe or from a device; a file on the disk has an end."""
_PIECE = 64 * 1024


def do_at_site(
    data: Path,
    task: str,
    arguments: Mapping[str, Any],
    files: Sequence[Path] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Have a task done at the site in a folder and give its answer; raises :class:`EdgeError`.

    The node that runs there does it, with the tablets at work; where none runs, this process does.
    """
    from edge.adapters.control import reached, reopened
    from edge.tasks import do_task

    folder = data_folder(data)
    with contextlib.ExitStack() as stack:
        streams = [(path.name, stack.enter_context(_opened(path))) for path in files]
        caller = stack.enter_context(reached(folder))
        if caller is not None:
            return caller.ask(task, arguments, streams, progress)
        node = stack.enter_context(opened(folder))
        readers = [(name, partial(reopened, stream.fileno())) for name, stream in streams]
        return do_task(node, task, arguments, readers, progress)


@contextlib.contextmanager
def opened(data: Path) -> Iterator[Node]:
    """Open a site for one command, without its pages and jobs."""
    from edge.node import Node

    with private_files():
        node = Node(data_folder(data))
        try:
            yield node
        finally:
            node.close()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file; what comes through a pipe is kept, as it is read more than once."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise BadInput("csv.missing", "There is no file {file}.", file=path.name) from None
    except OSError:
        raise BadInput(
            "csv.unreadable", "The file {file} cannot be read.", file=path.name
        ) from None
    with stream:
        if path.is_file():
            yield stream
            return
        # in memory: people are in it, and a temporary file would have them in clear on a disk
        with os.fdopen(os.memfd_create("table"), "w+b") as kept:
            left = _MOST
            while left >= 0 and (piece := stream.read(min(_PIECE, left + 1))):
                kept.write(piece)
                left -= len(piece)
            if left < 0:
                raise BadInput(
                    "csv.endless",
                    "{file} is no file, and gives more than {most} MB.",
                    hint="Name a file on the disk.",
                    file=path.name,
                    most=_MOST // MB,
                )
            kept.flush()
            yield kept
