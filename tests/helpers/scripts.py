"""A line of every script, drawn as on paper, and how alike two drawings are."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from printers.document import Text
from printers.fonts import Fonts
from printers.installed import FOLDERS
from printers.raster import Setter, stacked

SAMPLES = {
    "devanagari": "क्षत्रिय सिंह, टीका कार्ड 12",
    "bengali": "রহিমা খাতুন, টিকা কেন্দ্র ক্ষ",
    "tamil": "கமலா தேவி, தடுப்பூசி க்ஷ",
    "telugu": "లక్ష్మీ దేవి, టీకా స్త్రీ",
    "sinhala": "ශ්‍රී ලංකා, එන්නත ක්‍රම",
    "burmese": "မောင်အောင် သတ္တဝါ ကာကွယ်ဆေး",
    "khmer": "ហេង សុខា កម្ពុជា ស្ត្រី",
    "thai": "สมชาย ใจดี วัคซีน น้ำ",
    "lao": "ສົມສັກ ວັກຊີນ ນ້ຳ",
    "ethiopic": "አልማዝ ተስፋዬ፣ ክትባት",
    "arabic": "السلام عليكم لا إله فاطمة",
    "hebrew": "שלום עולם, תעודת חיסון",
    "cyrillic": "Наталья Соколова, ѓ ќ ї ў ё й",
    "greek": "Ελένη Παπαδοπούλου, ΐ ώ ᾳ",
    "chinese": "接种证明 王小明 疫苗批号",
    "latin": "Đặng Łukasiewicz Şahin Ẹ̀kọ́ Ångström ß ő ñ",
    "mixed": "Lot 4121Z025 नमस्ते السلام สวัสดี አልማዝ Ж",
    "arabic-values": "اتصل 0123-456-789 رقم 4121Z025 يوم 2026-11-23",
    "hebrew-values": "אצווה 4121Z025 ביום 2026-11-23 טלפון",
    "gujarati": "ક્ષત્રિય પટેલ શ્રી જ્ઞાન ર્કિ",
    "gurmukhi": "ਹਰਪ੍ਰੀਤ ਸਿੰਘ ਸ੍ਵਰ ਟੀਕਾ",
    "oriya": "ଲକ୍ଷ୍ମୀ ସ୍ତ୍ରୀ ପ୍ରଧାନ ଟୀକା",
    "kannada": "ಲಕ್ಷ್ಮೀ ಕೃಷ್ಣ ಸ್ತ್ರೀ ಲಸಿಕೆ",
    "malayalam": "ലക്ഷ്മി സ്ത്രീ കൃഷ്ണൻ ന്റെ",
    "tibetan": "བསྟན་འཛིན་ སྒྲོལ་མ་ རྒྱལ་མཚན་ ཧཱུྃ",
    "georgian": "ნინო ბერიძე აცრა",
    "armenian": "Արմեն Հակոբյան և",
    "thaana": "އައިޝަތު މުޙައްމަދު ފަހުމީ",
    "tifinagh": "ⵜⴰⵏⵉⵔⵜ ⵓⵛⵛⵏ ⴳⵯⵎⴰⵔ",
    "nko": "ߒߞߏ ߡߊ߬ߡߊ߬ߘߌ߫ ߞߎ߲߬ߠߊ߲",
    "adlam": "𞤀𞤤𞤭𞥅𞤵 𞤄𞤢𞤪𞤪𞤭 𞤊𞤢𞥄𞤼𞤵",
    "mongolian": "ᠮᠣᠩᠭᠣᠯ ᠪᠠᠲᠤ ᠰᠠᠢᠬᠠᠨ",
    "ol-chiki": "ᱥᱟᱱᱛᱟᱲᱤ ᱨᱟᱢ ᱢᱩᱨᱢᱩ",
    "meetei-mayek": "ꯃꯤꯇꯩ ꯃꯌꯦꯛ ꯏꯕꯣꯝꯆꯥ",
    "chakma": "𑄌𑄋𑄴𑄟𑄳𑄦 𑄃𑄧𑄢𑄨𑄚𑄴",
    "syriac": "ܐܦܪܝܡ ܣܘܪܝܝܐ ܡܳܪܰܢ",
    "cherokee": "ᏣᎳᎩ ᏎᏉᏯ ꮳꮃꭹ",
    "tai-tham": "ᨲᩫ᩠ᩅᨾᩮᩬᩥᨦ ᨣᩤᩴᨾᩮᩬᩥᨦ ᩈᩣᩈ᩠ᨶᩣ",
    "tai-le": "ᥖᥭᥰ ᥖᥬᥲ ᥑᥨᥒᥰ",
    "new-tai-lue": "ᦟᦲᧅᦷᦎᦺᦑ ᦺᦑᦟᦹᧉ",
    "tai-viet": "ꪼꪕꪒꪾ ꪎꪳ ꪼꪕ",
    "cham": "ꨌꩌ ꨕꨮꨭ ꨀꨇꩉ ꨚꨯꩀ",
    "balinese": "ᬅᬓ᭄ᬱᬭ ᬩᬮᬶ ᬓ᭄ᬢᬸᬢ᭄",
    "javanese": "ꦲꦏ꧀ꦱꦫꦗꦮ ꦱꦿꦶ ꦒꦼꦢꦺ",
    "sundanese": "ᮃᮊ᮪ᮞᮛ ᮞᮥᮔ᮪ᮓ",
    "buginese": "ᨒᨚᨈᨑ ᨅᨔ ᨕᨘᨁᨗ",
    "batak": "ᯅᯖᯂ᯲ ᯖᯬᯅᯉᯪ",
    "lepcha": "ᰛᰩᰵ ᰆᰦᰵ ᰙᰬᰛᰧᰵ",
    "limbu": "ᤛᤡᤖᤡᤈᤱᤗ ᤏᤠᤰ",
    "syloti-nagri": "ꠍꠤꠟꠐꠤ ꠘꠣꠉꠞꠤ",
    "hanifi-rohingya": "𐴌𐴟𐴇𐴥𐴝𐴚𐴒𐴙𐴝",
    "kayah-li": "ꤊꤢꤛꤢ꤭ ꤜꤟꤤ꤬",
    "lisu": "ꓡꓲ‐ꓢꓴ ꓐꓬꓲꓸ",
    "miao": "𖼞𖽔 𖼀𖽡𖾐",
    "vai": "ꕙꔤ ꗋꘋ",
    "bamum": "ꚠꛠ ꚳꛤ꛱",
    "canadian-aboriginal": "ᐃᓄᒃᑎᑐᑦ ᓄᓇᕗᑦ",
    "osage": "𐓏𐓘𐓻𐓘𐓻𐓟 𐒻𐒷",
    "wancho": "𞋒𞋀𞋉𞋃𞋕",
    "warang-citi": "𑢹𑢤𑣉 𑢫𑣂",
    "sora-sompeng": "𑃐𑃢𑃙 𑃟𑃨",
    "yi": "ꆈꌠꉙ ꁱꂷ",
    "newa": "𑐣𑐾𑐥𑐵𑐮 𑐨𑐵𑐲𑐵 𑐎𑑂𑐲",
    "mandaic": "ࡌࡀࡍࡃࡀࡉࡀ ࡋࡉࡔࡀࡍࡀ",
    "coptic": "ⲙⲁⲣⲓⲁ ⲓⲱⲥⲏⲫ",
    "vietnamese": "NGUYỄN THỊ ẨN Đỗ Ữ ẴẶ",
    "urdu": "محمّد ﷺ گھڑی ٹیکہ ڈاکٹر",
    "sorani": "ئازاد ڕەحمان پێشڕەو ۆڵ",
}
"""Invented names and words on vaccination; each has what its script finds hard."""


def drawn(fonts: Fonts, text: str) -> Image.Image:
    """Set a text on paper of 80 mm and cut it to its ink (white 255, black 0)."""
    lines = Setter(fonts, 576).block(Text(text))
    paper = Image.new("L", (576, sum(line.height for line in lines)), 255)
    top = 0
    for line in lines:
        paper.paste(line, (0, top))
        top += line.height
    return paper.crop(paper.point(lambda value: 255 - value).getbbox())


def difference(one: Image.Image, other: Image.Image) -> float:
    """Say how unlike two drawings are: 0 the same, 1 as much misplaced ink as there is ink.

    Widths that differ by more than a thirtieth, which is a letter or two, are 1. Both are looked at
    a quarter as fine, the first stretched to the other's size and moved by up to a dot: so a dot
    more or less, as versions of FreeType differ, counts little, and a letter in another place or
    shape counts whole.
    """
    if abs(one.width - other.width) * 30 > other.width:
        return 1.0
    coarse = (max(1, other.width // 4), max(1, other.height // 4))
    fitted, second = one.resize(other.size), other.resize(coarse, Image.Resampling.BOX)
    ink = ImageStat.Stat(ImageChops.invert(second)).sum[0]
    wrong = []
    for move in ((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)):
        moved = Image.new("L", other.size, 255)
        moved.paste(fitted, move)
        first = moved.resize(coarse, Image.Resampling.BOX)
        wrong.append(ImageStat.Stat(ImageChops.difference(first, second)).sum[0])
    return min(1.0, min(wrong) / ink)


def sheet(fonts: Fonts) -> Image.Image:
    """Put every sample that can be drawn here under its name, in three columns."""
    names = [name for name in SAMPLES if not fonts.missing(SAMPLES[name])]
    long = -(-len(names) // 3)
    columns = []
    for first in range(0, len(names), long):
        rows = []
        for name in names[first : first + long]:
            title = Setter(fonts, 600).block(Text(name, "small"))[0]
            rows += [title, drawn(fonts, SAMPLES[name]), Image.new("L", (1, 14), 255)]
        columns.append(stacked(rows, 600))
    page = Image.new("L", (1820, max(column.height for column in columns) + 20), 255)
    for place, column in enumerate(columns):
        page.paste(column, (12 + 605 * place, 10))
    return page


def main(*folders: str) -> None:
    """Draw the golden pictures and the page's sheet again, with more folders of fonts."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as cache:
        fonts = Fonts(Path(cache), [*FOLDERS, *map(Path, folders)])
        for name, text in SAMPLES.items():
            if not fonts.missing(text):
                path = root / "tests/printing/golden" / f"{name}.png"
                drawn(fonts, text).convert("1").save(path, optimize=True)
        sheet(fonts).convert("1").save(root / "docs/pictures/scripts.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
