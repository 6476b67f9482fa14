"""What a site's printers are spoken to with: the four tables together, with what was added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image

from printers.connections import CONNECTIONS, Connect, Connection, connect
from printers.dialogues import DIALOGUES, begin
from printers.dialogues.base import Clock, Dialogue
from printers.document import Document
from printers.fonts import Fonts
from printers.interpreter.drawing import drawn
from printers.languages import LANGUAGES, Encoder, encode
from printers.previews import BANDS, PREVIEWS, Bands
from printers.profile import Profile
from printers.proof import proven


@dataclass(frozen=True, slots=True)
class Drivers:
    """Connections by URI scheme; encoders, dialogues and readers (bands) by language."""

    connections: Mapping[str, Connect] = field(default_factory=lambda: CONNECTIONS)
    languages: Mapping[str, Encoder] = field(default_factory=lambda: LANGUAGES)
    dialogues: Mapping[str, type[Dialogue]] = field(default_factory=lambda: DIALOGUES)
    bands: Mapping[str, Bands] = field(default_factory=lambda: BANDS)

    def connect(self, uri: str) -> Connection:
        """Open a connection; raises :class:`PrinterError` in words."""
        return connect(uri, self.connections)

    def begin(self, profile: Profile, connection: Connection, clock: Clock) -> Dialogue:
        """Begin a dialogue over an open connection."""
        return begin(profile, connection, clock, self.dialogues)

    def proven(self, document: Document, profile: Profile, fonts: Fonts) -> bytes:
        """Write a document in its printer's language, and prove the bytes."""
        return proven(document, profile, fonts, self.languages, self.bands)

    def draws(self, profile: Profile) -> bool:
        """Say whether a slip in a profile's language can be shown on a screen."""
        return profile.language in self.bands

    def draw(self, document: Document, profile: Profile, fonts: Fonts) -> Image.Image:
        """Draw a document from the very bytes that a printer would be sent."""
        data = encode(document, profile, fonts, self.languages)
        if profile.language in PREVIEWS:
            return PREVIEWS[profile.language](data, profile)
        return drawn(self.bands[profile.language](data, profile), profile.width)
