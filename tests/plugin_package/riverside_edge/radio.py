# riverside_edge/radio.py
"""A channel: the community radio reads out who is called, by number alone, from a folder."""

from pathlib import Path

from edge.domain.errors import BadInput, Unavailable
from edge.plugins.contract import READY
from edge.plugins.distribution.contract import Handed, Limits


class Radio:
    needs = frozenset({"device"})
    address = "phone"
    limits = Limits(per_minute=10)
    seconds = 10.0

    def __init__(self, folder):
        self._folder = folder

    def health(self):
        return READY

    def details(self):
        return {}

    def send(self, message):
        try:
            new = self._folder / f"{message.reference}.new"
            new.write_text(f"…{message.address[-4:]}\n{message.text}\n", encoding="utf-8")
            count = len(list(self._folder.glob("*.txt")))
            new.rename(self._folder / f"{count:06}-{message.reference}.txt")
        except OSError:
            raise Unavailable("radio.folder", "The radio's folder is not there.") from None
        return Handed("handed")

    def reports(self):
        return []

    def replies(self):
        return []


def make(options, surroundings):
    if "folder" not in options:
        raise BadInput("radio.folder", "The setting folder is missing.")
    return Radio(Path(options["folder"]))
