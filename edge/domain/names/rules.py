"""Which letters count as one when somebody is looked for: data, each table with its source.

Nothing here changes what is kept or printed: a name is kept as it was written. The tables are
applied to text without case in compatibility decomposition (Unicode UAX 15, NFKD).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

APOSTROPHES = "'`´ʹʺʻʼʽʾʿˈˊˋ˴ʹ՚׳´῾’‘‛′‵ꞌʔˮ՝՛"
"""Signs written for one another in Ukrainian, Uzbek, Hawaiian, Hausa, Irish and Semitic names.

Source: Unicode Standard, ch. 6.2 "Apostrophes"; CLDR exemplar punctuation; U+A78C saltillo, U+0294.
"""

JOINERS = "-‐‑‒–—―−⁃­﹘﹣－־᐀᠆〜゠⸗⸺⸻._·•‧・"
"""Dashes of every kind, the dot of initials, the Catalan middle dot and the Japanese one.

Source: Unicode property ``Dash``; Unicode Standard, ch. 6.2.
"""

MARKS: tuple[tuple[int, int], ...] = (
    (0x0300, 0x036F),  # Latin, Greek, Cyrillic accents and tones (Yoruba, Vietnamese, Pinyin)
    (0x0483, 0x0487),  # Old Cyrillic
    (0x0591, 0x05BD),  # Hebrew points
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),  # Arabic honorifics
    (0x0640, 0x0640),  # tatweel
    (0x064B, 0x065F),  # Arabic harakat, and hamza that NFKD took off its bearer
    (0x0670, 0x0670),  # superscript alef
    (0x06D6, 0x06DC),  # Quranic signs
    (0x06DF, 0x06E8),
    (0x06EA, 0x06ED),
    (0x0730, 0x074A),  # Syriac points
    (0x07EB, 0x07F3),  # N'Ko tones
    (0x08D3, 0x08FF),  # Arabic of West Africa and others
    (0x093C, 0x093C),  # nukta: Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Kannada
    (0x0951, 0x0954),  # Vedic tones
    (0x09BC, 0x09BC),
    (0x0A3C, 0x0A3C),
    (0x0A71, 0x0A71),  # Gurmukhi addak: often left out
    (0x0ABC, 0x0ABC),
    (0x0B3C, 0x0B3C),
    (0x0CBC, 0x0CBC),
    (0x0E47, 0x0E4C),  # Thai tones and silencers
    (0x0E4E, 0x0E4E),
    (0x0EC8, 0x0ECC),  # Lao tones
    (0x1037, 0x1038),  # Burmese tones
    (0x135D, 0x135F),  # Ethiopic length
    (0x17C8, 0x17D1),  # Khmer registers and signs
    (0x17DD, 0x17DD),
    (0x1AB0, 0x1AFF),
    (0x1CD0, 0x1CFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0x1E944, 0x1E94A),  # Adlam length
    (0xFE20, 0xFE2F),
)
"""Signs that people leave out when they type.

Source: Unicode Character Database (blocks and names); CLDR collation, where they are of the second
level or ignored; for Arabic N. Habash, Introduction to Arabic NLP (2010), ch. 3.2.
"""

LETTERS: Mapping[str, str] = {
    # Latin letters without a mark to take off, as people type them (CLDR Latin-ASCII)
    **{"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"},
    **{"ð": "d", "ŋ": "n", "ŧ": "t", "ɨ": "i", "ʉ": "u", "ƀ": "b", "ĸ": "k", "ə": "a", "ƶ": "z"},
    # Hausa, Fulfulde, Ewe, Akan, Lingala: African reference alphabet (Niamey 1978)
    **{"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɖ": "d", "ɛ": "e", "ɔ": "o", "ɣ": "g", "ʋ": "v"},
    **{"ƒ": "f", "ɩ": "i", "ɲ": "ny", "ʊ": "u", "ɠ": "g", "ɟ": "j", "ƭ": "t", "ɦ": "h", "ɪ": "i"},
    **{"ʃ": "sh", "ʒ": "zh", "ǃ": "", "ǀ": "", "ǁ": "", "ǂ": "", "ß": "ss", "ĳ": "ij"},
    # Cyrillic of Ukraine, Belarus and Central Asia (CLDR; ё and й lose their mark already)
    **{"ґ": "г", "қ": "к", "ғ": "г", "ң": "н", "ө": "о", "ү": "у", "ұ": "у", "һ": "х", "ә": "а"},
    **{"ҳ": "х", "ҷ": "ч", "є": "е", "і": "и", "ј": "и", "ѓ": "г", "ќ": "к", "ў": "у", "ҙ": "з"},
    # Greek
    "ς": "σ",
    # Arabic, Persian, Urdu, Pashto, Kurdish, Uyghur (Habash 2010; Unicode Standard, ch. 9.2)
    **{"ٱ": "ا", "ٲ": "ا", "ٳ": "ا", "ة": "ه", "ۃ": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه"},
    **{"ۂ": "ه", "ى": "ي", "ی": "ي", "ې": "ي", "ۍ": "ي", "ێ": "ي", "ے": "ي", "ۓ": "ي", "ئ": "ي"},
    **{"ک": "ك", "ڪ": "ك", "ګ": "گ", "ؤ": "و", "ۆ": "و", "ۇ": "و", "ۈ": "و", "ۋ": "و", "ء": ""},
    **{"ں": "ن", "ڵ": "ل", "ڕ": "ر", "ٴ": "", "ۏ": "و", "ۉ": "و", "ڽ": "ن"},
    # Hebrew final letters
    **{"ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ"},
    # Devanagari and Bengali: one sign for the nasal; Bengali khanda ta (Unicode Standard, ch. 12)
    **{"ँ": "ं", "ঁ": "ং", "ৎ": "ত", "ઁ": "ં", "ਁ": "ਂ", "ੰ": "ਂ", "ः": "", "ঃ": ""},
    # Malayalam chillus are their letter with a virama (Unicode Standard, ch. 12.9)
    **{"ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൿ": "ക്"},
    # Tamil: sa and sha in Sri
    "ஶ": "ஸ",
    # Burmese: letters that look alike and are typed for each other; great sa
    **{"ဉ": "ဥ", "ဿ": "သ္သ", "၀": "ဝ"},
    # Armenian ligature, Georgian and others need none; hiragana for katakana is by place
    "և": "եւ",
    "ー": "",
}
"""A letter (in NFKD, without case) and what it counts as."""

SEQUENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("เเ"), "แ"),  # Thai: two short strokes typed for one letter
    (re.compile("្ដ"), "្ត"),  # Khmer: below the line da and ta look the same
    # a nasal before a consonant is written as its letter or as anusvara (Unicode Standard, 12.1)
    (re.compile("[ङञणनम]्(?=[क-ह])"), "ं"),
    (re.compile("[ঙঞণনম]্(?=[ক-হ])"), "ং"),
)
"""Pairs of letters that are written for one another; after :data:`LETTERS`."""

ETHIOPIC_SERIES: tuple[tuple[int, int], ...] = (
    (0x1210, 0x1200),  # ሐ like ሀ
    (0x1280, 0x1200),  # ኀ like ሀ
    (0x12B8, 0x1200),  # ኸ like ሀ
    (0x1220, 0x1230),  # ሠ like ሰ
    (0x12D0, 0x12A0),  # ዐ like አ
    (0x1340, 0x1338),  # ፀ like ጸ
)
ETHIOPIC_LETTERS: Mapping[str, str] = {
    **{"ሃ": "ሀ", "ኣ": "አ", "ዉ": "ው", "ዪ": "ይ", "ሗ": "ኋ"},
    **{"ጐ": "ጎ", "ቈ": "ቆ", "ኰ": "ኮ", "ኈ": "ሆ", "ጒ": "ጉ", "ቍ": "ቁ", "ኵ": "ኩ"},
}
"""Amharic letters that sound the same today, eight forms each; and forms that do.

Source: S. Tefera Abate and W. Menzel, normalisation of Amharic text (LREC 2007); Unicode, ch. 19.1.
"""

SECOND_SPELLINGS: Mapping[str, str] = {
    **{"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ñ": "ny", "ç": "ch"},
    **{"ṣ": "sh", "ş": "sh", "š": "sh", "č": "ch", "ž": "zh", "ć": "ch", "ğ": "gh", "đ": "dj"},
}
"""How a letter with its mark is written where there is none: a second way to be found.

Source: ICAO Doc 9303 part 3, section 6 A; CLDR de-ASCII; Yoruba orthography (ṣ as sh).
"""

SOMALI_C = re.compile("c(?!h)")
"""Somali writes the throat sounds of Arabic with c and x (Cali, Axmed), others leave out and h.

Source: the official orthography of 1972 (J. Saeed, Somali, 1999, ch. 2).
"""

TITLES = frozenset(
    [
        *("mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam", "mme", "mlle", "sr", "sra"),
        *("srta", "don", "dona", "haji", "hajj", "hajja", "alhaji", "hadj", "mama", "baba"),
        *("ato", "wzro", "አቶ", "ወሮ", "ወይዘሮ", "السيد", "السيده", "الحاج", "الشيخ", "دكتور"),
    ]
)
"""What people are called by, and nobody is filed under; one alone is still looked for."""

PARTICLES = frozenset(
    (
        *("al", "el", "ul", "il", "ar", "as", "ash", "ad", "an", "at", "az", "ez", "er"),
        *("es", "ed", "en", "et", "de", "da", "do", "dos", "das", "del", "della", "di"),
        *("du", "des", "la", "le", "las", "los", "van", "von", "der", "den", "ter", "ten"),
        *("y", "e", "ibn", "ben", "bin", "bint", "binti", "binte", "ould", "wuld", "ait"),
        *("ap", "ab", "ال", "بن", "ابن", "بنت"),
    )
)
"""Short words of a name that are written, joined or left out; one alone is still looked for.

Source: IFLA, Names of Persons (1996); UK Home Office, A Guide to Names and Naming Practices (2006).
"""

SERVANT = re.compile("abd(?:[aeiou]{0,2}(?:l|r|sh|s|d|n|t|z)?)")
SERVANT_JOINED = re.compile("abd[aeiou]{1,2}(?:l(?=.)|(sh|[rsdntz])(?=\\1))?(.{3,})")
ARTICLE = re.compile("[aeiou]{1,2}(?:l|r|sh|s|d|n|t|z)")
ARABIC_SERVANT, ARABIC_ARTICLE = "عبد", "ال"
"""'Abd (servant of) with a name of God, in one, two or three words, with any spelling of the
article. Source: A. Schimmel, Islamic Names (1989), ch. 2."""

UNSPACED: tuple[tuple[int, int], ...] = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x109F),  # Tibetan, Burmese
    (0x1100, 0x11FF),  # Hangul
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x31FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts in which family name and given name may stand together (Unicode UAX 14, class SA, ID)."""
