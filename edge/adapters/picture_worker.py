"""The process that decodes pictures: reads one after the other, and may die of any of them.

On the standard input stand the seconds of a processor that a picture may take and its length (a
double and an unsigned integer of four bytes, network order), then the picture; the answer on the
standard output is a length of four bytes and JSON. Started by
:class:`edge.adapters.pictures.PictureWorker`, never by hand.
"""

from __future__ import annotations

import base64
import json
import math
import os
import resource
import select
import struct
import time
from pathlib import Path
from typing import BinaryIO

from edge.credentials.phone_formats import load_phone_formats
from edge.credentials.pictures import codes_in_picture
from edge.credentials.verdict import UnreadableError

QUESTION, ANSWER = struct.Struct("!dI"), struct.Struct("!I")
ROOM = 128 * 1024 * 1024
"""Bytes that one picture may take, beside the process itself: 110 MB were measured at the most."""
_COURTESY = 10
"""How far the process steps back beside others (nice): about a tenth of their time."""
IDLE = 180.0
"""Seconds without a picture after which the process ends."""


def main(question: BinaryIO, answer: BinaryIO) -> None:
    """Answer until nobody asks any more, or a picture took all the memory there is."""
    _hold_back()
    while select.select([question], [], [], IDLE)[0]:
        head = question.read(QUESTION.size)
        if len(head) < QUESTION.size:
            return
        seconds, length = QUESTION.unpack(head)
        _limit_time(seconds)
        found = _found(question.read(length))
        text = json.dumps(found).encode()
        answer.write(ANSWER.pack(len(text)) + text)
        answer.flush()


def _found(picture: bytes) -> dict[str, object]:
    try:
        return {"codes": [base64.b64encode(line).decode() for line in codes_in_picture(picture)]}
    except UnreadableError as error:
        return {"problem": str(error)}


def _hold_back() -> None:
    """Take no more memory than a picture needs, write no file, leave no image of people's data.

    A dose has the processor first: any guest may show pictures that are heavy to read.
    """
    import edge.credentials.document_pages  # noqa: F401  its library is counted with the process

    load_phone_formats()
    os.nice(_COURTESY)
    most = _mapped() + ROOM
    for limit, value in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _limit(limit, value, hard=value)


def _mapped() -> int:
    """Give the bytes of address space in use; a usual figure where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 256 * 1024 * 1024
    return pages * resource.getpagesize()


def _limit_time(seconds: float) -> None:
    """Let the system end the process when the next picture takes longer."""
    end = math.ceil(time.process_time() + seconds)
    _limit(resource.RLIMIT_CPU, end, hard=resource.RLIM_INFINITY)


def _limit(limit: int, soft: int, *, hard: int) -> None:
    """Set a limit, but none higher than the machine gave: to ask for that is an error."""
    _, given = resource.getrlimit(limit)
    if given != resource.RLIM_INFINITY:
        soft, hard = min(soft, given), given if hard == resource.RLIM_INFINITY else min(hard, given)
    resource.setrlimit(limit, (soft, hard))


if __name__ == "__main__":
    with os.fdopen(0, "rb", closefd=False) as given:
        main(given, os.fdopen(os.dup(1), "wb"))
