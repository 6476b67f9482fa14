"""How a passport writes letters with marks, Cyrillic and Arabic: by ICAO's tables.

ICAO Doc 9303 part 3, section 6: table A (Latin), B (Cyrillic), C (Arabic). A script that the
document has no table for is written as the library anyascii has it, and so are letters that are in
no table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from anyascii import anyascii


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


_LATIN: Mapping[str, str] = {
    "Ä": "AE",
    "Å": "AA",
    "Æ": "AE",
    "Ð": "D",
    "Đ": "D",
    "Ħ": "H",
    "Ĳ": "IJ",
    "Ł": "L",
    "Ŀ": "L",
    "Ŋ": "N",
    "Ö": "OE",
    "Ø": "OE",
    "Œ": "OE",
    "Ŧ": "T",
    "Ü": "UE",
    "Þ": "TH",
    "ẞ": "SS",
}
"""Table A, where it does more than drop the mark."""
_CYRILLIC: Mapping[str, str] = _table(
    "А:A Б:B В:V Г:G Ґ:G Ѓ:G Ғ:G Д:D Ђ:D Е:E Ё:E Є:IE Ж:ZH З:Z Ѕ:DZ И:I І:I Ї:I Й:I Ј:J К:K "
    "Ќ:K Л:L Љ:LJ М:M Н:N Њ:NJ О:O П:P Р:R С:S Т:T Ћ:C У:U Ў:U Ү:U Ф:F Х:KH Һ:C Ц:TS Ч:CH "
    "Џ:DZ Ш:SH Щ:SHCH Ъ:IE Ы:Y Ь: Э:E Ю:IU Я:IA Ѫ:U Ѵ:Y"
)
"""Table B; Ѓ, Ћ, Ь and Ү are added, for which it has no row."""
_NATIONAL: Mapping[str, Mapping[str, str]] = {
    "BY": {"Г": "H", "Ё": "IO"},
    "BG": {"Щ": "SHT"},
    "MK": {"Ѓ": "GJ", "Ќ": "KJ", "Х": "H", "Ц": "C", "Џ": "DJ"},
    "RS": {"Ж": "Z", "Х": "H", "Ц": "C", "Ч": "C", "Ш": "S"},
    "UA": {"Г": "H", "И": "Y"},
}
"""What table B has of its own for a state (ISO 3166-1 alpha-2), without two errors in its print.

It has H for a Serbian Г, which no Serbian name has, and GJ beside Ғ in place of the Macedonian Ѓ.
"""
_FIRST_IN_UKRAINIAN: Mapping[str, str] = {"Є": "YE", "Ї": "YI", "Й": "Y", "Ю": "YU", "Я": "YA"}
"""At the beginning of a Ukrainian word."""
_STATE_BY_LETTER: Mapping[str, str] = {
    **dict.fromkeys("ҐЄЇ", "UA"),
    "Ў": "BY",
    **dict.fromkeys("ЂЋ", "RS"),
    **dict.fromkeys("ЃЌЅ", "MK"),
}
"""Letters that only one of these alphabets has."""
_ARABIC: Mapping[str, str] = _table(
    "ء:XE آ:XAA أ:XAE ؤ:U إ:I ئ:XI ا:A ب:B ة:XTA ت:T ث:XTH ج:J ح:XH خ:XKH د:D ذ:XDH ر:R ز:Z "
    "س:S ش:XSH ص:XSS ض:XDZ ط:XTT ظ:XZZ ع:E غ:G ف:F ق:Q ك:K ل:L م:M ن:N ه:H و:W ى:XAY ي:Y "
    "ٱ:XXA ٹ:XXT ټ:XRT پ:P ځ:XKE څ:XXH چ:XC ڈ:XXD ډ:XDR ڑ:XXR ړ:XRR ږ:XRX ژ:XJ ښ:XXS ک:XKK "
    "ګ:XXK ڭ:XNG گ:XGG ں:XNN ڼ:XXN ھ:XDO ۀ:XYH ہ:XXG ۂ:XGE ۃ:XTG ی:XYA ۍ:XXY ې:Y ے:XYB ۓ:XBE "
    "ڤ:V ڥ:XF ڜ: ڢ: ڧ: ڨ:"
)
"""Table C and appendix B.5.4; vowel marks, the tatweel and four old letters are not written."""
_ARABIC_MARKS = frozenset(map(chr, (*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670)))
_TEH_MARBUTA, _SHADDA, _TATWEEL = "\u0629", "\u0651", "\u0640"
_AT_THE_END = "XAH"
"""A teh marbuta at the end of a name; a shadda writes the letter before it twice."""
_IN_FULL = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "MODIFIER")
"""Scripts that write every sound as a letter: none is lost on the way to Latin letters."""


def in_latin_letters(name: str, state: str = "") -> str:
    """Write a name in Latin capitals, without marks; blanks, hyphens and signs stay.

    Typed in whatever form, it is read as composed (NFC). Where Cyrillic letters are written
    otherwise in some states, the letters themselves say which, else ``state`` (ISO 3166-1 alpha-2).
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).upper())
    own = next((_STATE_BY_LETTER[sign] for sign in text if sign in _STATE_BY_LETTER), state.upper())
    letters: list[str] = []
    for sign, first, last in _placed(text):
        if sign == _SHADDA:
            letters.extend(letters[-1:])
        elif written := _written(sign, own, first=first, last=last):
            letters.append(written)
    return "".join(letters)


def is_written_in_full(name: str) -> bool:
    """Say whether a name keeps its vowels and letters when it is written in Latin letters.

    Arabic and Hebrew leave out vowels, the scripts of India imply them, Chinese writes none.
    """
    return all(
        unicodedata.name(sign, "").startswith(_IN_FULL)
        for sign in unicodedata.normalize("NFC", name)
        if sign.isalpha()
    )


def _placed(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Give each sign, whether it begins a word, and whether a word ends with it."""
    seen = [sign for sign in text if sign != _TATWEEL]
    for place, sign in enumerate(seen):
        behind = [other for other in seen[place + 1 :] if not unicodedata.combining(other)]
        first = place == 0 or not _of_word(seen[place - 1])
        yield sign, first, not behind or not _of_word(behind[0])


def _of_word(sign: str) -> bool:
    return sign.isalpha() or unicodedata.combining(sign) != 0


def _written(sign: str, state: str, *, first: bool, last: bool) -> str:
    if sign in _ARABIC_MARKS:
        return ""
    if sign == _TEH_MARBUTA and last:
        return _AT_THE_END
    if state == "UA" and first and sign in _FIRST_IN_UKRAINIAN:
        return _FIRST_IN_UKRAINIAN[sign]
    for table in (_LATIN, _NATIONAL.get(state, {}), _CYRILLIC, _ARABIC):
        if sign in table:
            return table[sign]
    plain = unicodedata.normalize("NFD", sign)[0]
    return plain if "A" <= plain <= "Z" else anyascii(sign).upper().replace("'", "")
