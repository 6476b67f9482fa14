"""A campaign's folder as one ZIP file, in and out."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping

from sync.protocol.counted import Counted
from sync.protocol.errors import SyncError
from sync.registry.drafts.drafting import MOST_BYTES, MOST_FILES

_SAME_MOMENT = (2020, 1, 1, 0, 0, 0)
"""The time of every file in an archive: two of the same files are the same bytes."""


def packed_archive(files: Mapping[str, bytes]) -> bytes:
    """Write files as a ZIP."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _SAME_MOMENT), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def read_archive(
    content: bytes,
    wanted: Callable[[str], bool],
    most_files: int = MOST_FILES,
    most_bytes: int = MOST_BYTES,
) -> dict[str, bytes]:
    """Read those files of a ZIP whose path is ``wanted``; one folder around all is left away.

    No more is unpacked than is said, by default what a draft may have. Raises :class:`SyncError`.
    """
    unreadable = no_archive(most_files, most_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [each for each in archive.infolist() if not each.filename.endswith("/")]
            if len(members) > 2 * most_files:
                raise unreadable
            around = _around([each.filename for each in members])
            found: dict[str, bytes] = {}
            left = most_bytes
            for member in members:
                path = member.filename.removeprefix(around)
                if not wanted(path):
                    continue
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise unreadable
                with archive.open(member) as file:
                    found[path] = file.read(left + 1)
                left -= len(found[path])
                if left < 0 or len(found) > most_files:
                    raise unreadable
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, OSError):
        raise unreadable from None
    return found


def no_archive(most_files: int, most_bytes: int) -> SyncError:
    """Say that a file is no ZIP of a folder."""
    return SyncError(
        "archive.unreadable",
        Counted(
            "This is no ZIP file of a folder with at most {files} file and {most} MB. Pack the"
            " folder again.",
            "This is no ZIP file of a folder with at most {files} files and {most} MB. Pack the"
            " folder again.",
            "files",
        ),
        files=most_files,
        most=most_bytes // (1024 * 1024),
    )


def _around(names: list[str]) -> str:
    """Give the one folder in which all files lie, where the folder itself was packed."""
    first = {name.partition("/")[0] for name in names}
    every = all("/" in name for name in names)
    inner = {"schedules", "slips", "words", "pictures", "documents", "trust", "metadata", "targets"}
    return f"{first.pop()}/" if every and len(first) == 1 and not first & inner else ""
