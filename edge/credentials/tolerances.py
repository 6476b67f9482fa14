"""What a verifier forgives: each thing with its source, and why it lets nothing false through.

All of it is for reading what others have signed; what is issued here has one form. Who adds a
tolerance adds a row, and a case to ``tests/credentials/test_tolerances.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

EU = "EU, dcc-quality-assurance, SpecialCaseHandling.md"
HCERT = "EU DCC specification (hcert_spec 1.0.8)"
VECTORS = "EU, dgc-testdata"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """One thing that is forgiven: ``what`` it is, who asks for it, and why it is ``safe``.

    ``name`` is what a table of contents (``config/credentials``) names it by.
    """

    name: str
    what: str
    source: str
    safe: str


_UNSIGNED = "Nothing in front of the packed bytes is signed; the signature is over what they hold"
_SIGNED = "It is signed as it stands, and shown as it stands"

TOLERANCES = (
    Tolerance(
        "around-the-code",
        "A byte order mark, blanks, invisible characters and line ends before and behind the code",
        f"{EU}: whitespace; what scanners and editors add",
        _UNSIGNED,
    ),
    Tolerance(
        "broken-lines",
        "Line ends within the code, with or without an indent",
        "RFC 9285, 4: base45 has no line ends; what e-mails add",
        "No character of base45 is a line end, so there is one way to join the lines",
    ),
    Tolerance(
        "small-letters",
        "Small letters for large ones in the whole code",
        "RFC 9285, 4.2: base45 has no small letters; what keyboards and links change",
        "Each small letter stands for one character of base45",
    ),
    Tolerance(
        "blanks-in-the-prefix",
        "Blanks before and behind the colon of HC1:, which must be there (EU vectors H1 to H3)",
        "RFC 9285, 4: what is packed with zlib never begins with a blank",
        _UNSIGNED,
    ),
    Tolerance(
        "behind-the-stream",
        "Bytes behind a packed stream that is whole (health certificates and SMART Health Cards)",
        "RFC 1950 and 1951: a stream says itself where it ends; some compressors pad",
        "What is packed is whole and signed; what is behind it is not looked at",
    ),
    Tolerance(
        "tags",
        "A signed message without its tag, or with 18, 61 around 18, and CBOR's own (55799)",
        f"RFC 9052, 2, RFC 8392, 6 and RFC 8949, 3.4.6; {VECTORS}, CO28, ES 1501",
        "A tag says what follows; the signature is over the parts",
    ),
    Tolerance(
        "unprotected",
        "Algorithm and key id in the unprotected header; where both have them, the protected count",
        f"{HCERT}, 3.3.1 and 3.3.2",
        "Both only say which key to try; the key decides whether the signature fits",
    ),
    Tolerance(
        "kid-in-letters",
        "A key id in letters: base64 of either alphabet, padded or not, or hex",
        f"{HCERT}, 3.3.2: eight bytes; what issuers write who took its text for it",
        "The id only says which key to try",
    ),
    Tolerance(
        "nothing",
        "null, undefined or an unassigned simple value where a field may be missing",
        f"{EU}: null, nil, undefined",
        "Such a field says nothing, as if it were missing; a field that must be there is missed",
    ),
    Tolerance(
        "empty-groups",
        "Groups (v, t, r) that are null, empty, or have only such entries",
        f"{EU}: t, v, r entries have null values",
        "An empty group tells of no event; there must still be exactly one",
    ),
    Tolerance(
        "blanks-around-texts",
        "Blanks and invisible characters around codes and other texts",
        f"{EU}: all fields are trimmed",
        "No code begins or ends with a blank; names are shown as they are signed",
    ),
    Tolerance(
        "standard-name",
        "Any text in the transliterated names: apostrophe, hyphen, blank, small letters",
        f"{EU}: standardized names with special signs",
        _SIGNED,
    ),
    Tolerance(
        "birth-date",
        "A birth date in any form, as a year or a month, with a time, with XX, empty or null",
        f"{EU}: date of birth with invalid pattern",
        f"{_SIGNED}; a dose is only taken over for a person of the same birth date",
    ),
    Tolerance(
        "date",
        "A day of an event in any form, or with a time",
        f"{EU}: dates with invalid pattern",
        f"{_SIGNED}; what is no day is no dose that counts; limits of validity must be days",
    ),
    Tolerance(
        "dose-number",
        "Any whole number of doses, also 0 and below, and 2.0 for 2",
        f"{EU}: negative doses",
        f"{_SIGNED}; a dose whose number or total is below one does not count",
    ),
    Tolerance(
        "country",
        "A country that is empty or in small letters",
        f"{VECTORS}, NL: an empty country is expected to verify",
        f"{_SIGNED}; whose certificate it is, the key says",
    ),
    Tolerance(
        "moments",
        "Moments with fractions, as texts (ISO 8601), or with CBOR's tags for dates and texts",
        f"RFC 8392, 2 and RFC 8949, 3.4; {VECTORS}, 25 of its vectors",
        "They say the same moment",
    ),
    Tolerance(
        "one-or-a-list",
        "In WHO's card, the dose as an object or as a list of one",
        "WHO, smart-icvp: the model has a list, every real code an object",
        "Exactly one dose is told of either way",
    ),
    Tolerance(
        "more-fields",
        "Fields that the table does not know",
        f"{HCERT}, 3.3.6: newer versions add fields",
        "They are signed, and neither shown nor counted",
    ),
)
"""Every tolerance there is, from the outside of a code to the inside."""
