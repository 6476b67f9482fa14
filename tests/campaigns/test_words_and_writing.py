"""A campaign's own words, calendars, digits and pictures: what is checked, and what is made of it."""

from __future__ import annotations

import base64
import shutil
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from convertdate import coptic
from PIL import Image, ImageDraw

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.new_words import write_words
from edge.campaign.pictures import MOST_TALL, MOST_WIDE
from edge.campaign.words import packed_words
from edge.domain.calendars import CALENDARS, local_words
from edge.domain.date_forms import DateForms, dated, names_a_day
from edge.domain.errors import BadInput
from edge.web.translations import load_languages, speaker, with_words
from printers.document import Picture
from printers.placed import placed
from printers.scripts import scripts_of
from sync.protocol.counted import Counted
from sync.resources import resource

SCHEMAS = resource("config/schemas")
LOCALE = resource("config/locale")
HEADER = 'msgid ""\nmsgstr ""\n"Language: sw\\n"\n\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(resource("config/demo/campaign"), tmp_path / "campaign")
    return tmp_path / "campaign"


def with_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def told(folder: Path) -> list[str]:
    with pytest.raises(CampaignErrors) as refused:
        read_campaign(folder, SCHEMAS)
    return [str(mistake) for mistake in refused.value.mistakes]


def png(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def entry(english: str, said: str) -> str:
    return f'msgid "{english}"\nmsgstr "{said}"\n\n'


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("words/sw.po", HEADER + entry("Next from {day}.", "Ijayo."), "words/sw.po, line 5: The translation of “Next from {day}.” lacks {day}, which is put in there."),
        ("words/sw.po", HEADER + entry("Next from {day}.", "Kuanzia {day}, {siku}."), "words/sw.po, line 5: The translation of “Next from {day}.” has {siku}, and nothing is put in there. It has: {day}."),
        ("words/sw.po", HEADER + entry("Next from {day}.", "Kuanzia {day."), "words/sw.po, line 5: A brace of the translation of “Next from {day}.” is not closed"),
        ("words/sw.po", HEADER + entry("Next from {day}.", "Kuanzia {day!r}."), "words/sw.po, line 5: A brace of the translation"),
        ("words/sw.po", HEADER + entry("Find", "{}"), "words/sw.po, line 5: A brace of the translation of “Find”"),
        ("words/sw.po", HEADER + entry("New persn", "Mtu mpya"), "words/sw.po, line 5: Nothing says “New persn”. Did you mean “New person”?"),
        ("words/sw.po", HEADER + 'msgid "Find\nmsgstr "Tafuta"\n', "words/sw.po, line 5: This line is neither msgid nor msgstr"),
        ("words/sw.po", b"\xff\xfeF\x00", "words/sw.po, line 1: The file is not UTF-8."),
        ("words/swahili.po", HEADER, "words/swahili.po, line 1: A file of words is called by the code of its language"),
        ("words/sw.txt", HEADER, "words/sw.txt, line 1: A file of words is called by the code of its language"),
        ("words/qqx.po", HEADER + entry("Find", "Qq"), "words/qqx.po, line 1: The language qqx is not known here."),
        ("pictures/Logo.PNG", b"", "pictures/Logo.PNG, line 1: A picture is a PNG or a JPEG, called in small letters"),
        ("pictures/logo.png", b"GIF89a", "pictures/logo.png, line 1: This is no PNG or JPEG"),
        ("pictures/logo.png", png(Image.new("L", (50, 50), 255)), "pictures/logo.png, line 1: In black and white nearly nothing"),
        ("pictures/logo.png", png(Image.new("L", (50, 50), 0)), "pictures/logo.png, line 1: 100 % of this picture is black"),
        ("pictures/logo.png", png(Image.new("1", (5000, 10), 0)), "pictures/logo.png, line 1: This is no PNG or JPEG of at most 4096"),
        ("slips/sticker.yaml", "blocks:\n  - picture: lgoo\n", "slips/sticker.yaml, line 2: There is no picture lgoo in the folder pictures."),
    ],
)  # fmt: skip
def test_a_mistake_in_words_or_pictures_is_named_with_file_line_and_remedy(
    folder: Path, name: str, content: str | bytes, sentence: str
) -> None:
    found = told(with_file(folder, name, content))
    assert len(found) == 1
    assert found[0].startswith(sentence), found[0]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("dates: {calendar: gregorian}\n", "There is no calendar gregorian. Known are: ethiopian, nepali"),
        ("dates: {calendar: etiopian}\n", "There is no calendar etiopian. Did you mean ethiopian?"),
        ("dates: {digits: roman}\n", "There is no set of digits roman. Known are: latn"),
        ("dates: {form: MM/dd}\n", "MM/dd does not name day (d), month (M) and year (y) once each."),
        ("modules: [registration, vacination]\n", "There is no module vacination. Did you mean vaccination?"),
        ("modules: [billing]\n", "There is no module billing. Known are: registration"),
        ("modules: [stock, registry]\n", "The module registry is switched by each site (site.toml)"),
        ("modules: [appointments]\n", "The module appointments needs registration or vaccination beside it."),
    ],
)  # fmt: skip
def test_a_mistake_in_what_a_campaign_says_of_writing_and_modules_has_its_line(
    folder: Path, written: str, sentence: str
) -> None:
    text = (folder / "campaign.yaml").read_text(encoding="utf-8")
    lines = len(text.splitlines())
    with_file(folder, "campaign.yaml", text + written)
    found = [one for one in told(folder) if sentence in one]
    assert len(found) == 1
    assert found[0].startswith("campaign.yaml, line ")
    assert int(found[0].split("line ")[1].split(":")[0]) > lines


SWAHILI = 'msgid ""\nmsgstr ""\n"Language: sw\\n"\n"Plural-Forms: {}\\n"\n\n'
DAYS = 'msgid "{count} day"\nmsgid_plural "{count} days"\n'


def test_a_campaigns_own_language_says_a_number_in_its_own_forms(folder: Path) -> None:
    """The header's rule is followed also where its forms stand in another order than ours."""
    rule = "nplurals=3; plural=(n==1 ? 1 : n==2 ? 2 : 0);"
    forms = 'msgstr[0] "siku {count}"\nmsgstr[1] "siku moja"\nmsgstr[2] "siku mbili"\n'
    with_file(folder, "words/sw.po", SWAHILI.format(rule) + DAYS + forms)
    with_file(folder, "words/en.po", HEADER + DAYS + 'msgstr[0] "one day"\nmsgstr[1] "{count} d"\n')
    catalogue = to_catalogue(read_campaign(folder, SCHEMAS))
    languages = with_words(load_languages(LOCALE), catalogue)
    words = Counted("{count} day", "{count} days")
    said = {code: [languages[code].say(words, {"count": n}) for n in (0, 1, 2)]
            for code in ("sw", "en", "fr")}  # fmt: skip
    assert said["sw"] == ["siku 0", "siku moja", "siku mbili"]
    assert said["en"] == ["0 d", "one day", "2 d"]
    assert said["fr"] == ["0 jour", "1 jour", "2 jours"]
    assert write_words(folder, "sw") > 0
    again = (folder / "words/sw.po").read_text(encoding="utf-8")
    assert forms in again
    assert "nplurals=3" in again
    assert to_catalogue(read_campaign(folder, SCHEMAS)).words == catalogue.words


@pytest.mark.parametrize(
    ("forms", "sentence"),
    [
        ('msgstr[0] "siku moja"\nmsgstr[1] "siku {siku}"\n', "The translation of “{count} days” has {siku}"),
        ('msgstr[0] "siku {"\nmsgstr[1] "siku {count}"\n', "A brace of the translation of “{count} days”"),
        ('msgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n', "The file cannot be read as a catalogue of gettext"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_form_of_a_campaigns_words_is_named(
    folder: Path, forms: str, sentence: str
) -> None:
    (found,) = told(with_file(folder, "words/sw.po", HEADER + DAYS + forms))
    assert found.startswith(f"words/sw.po, line 5: {sentence}") or sentence in found


@pytest.mark.parametrize("rule", ["nonsense(", "", "n % 0", "n / (n - 7)", "(" * 500 + "n"])
def test_a_packed_campaign_whose_plural_rule_is_none_is_refused(rule: str) -> None:
    packed = {"{count} day\x1f{count} days": f"{rule}\x1fa\x1fb"}
    words = {"sw": {"name": "Kiswahili", "direction": "ltr", "texts": packed}}
    assert [mistake.code for mistake in packed_words(words)] == ["words.plural-rule"]


def test_a_language_is_added_and_a_word_changed_by_the_campaign_alone(folder: Path) -> None:
    with_file(folder, "words/sw.po", HEADER + entry("Find", "Tafuta") + entry("Lot", "Kundi"))
    with_file(folder, "words/fr.po", entry("Find", "Rechercher ici"))
    with_file(folder, "words/en.po", entry("Lot", "Batch"))
    catalogue = to_catalogue(read_campaign(folder, SCHEMAS))
    languages = with_words(load_languages(LOCALE), catalogue)
    assert (languages["sw"].name, languages["sw"].direction) == ("Kiswahili", "ltr")
    assert languages["sw"].gettext("Find") == "Tafuta"
    assert languages["sw"].gettext("Stock") == "Stock"  # what it does not say stays English
    assert languages["fr"].gettext("Find") == "Rechercher ici"
    assert languages["fr"].gettext("Stock") == load_languages(LOCALE)["fr"].gettext("Stock")
    assert languages["en"].gettext("Lot") == "Batch"


def test_a_language_that_nobody_knows_brings_its_name_and_direction(folder: Path) -> None:
    header = HEADER.replace("\n\n", '\n"X-Direction: rtl\\n"\n"X-Language-Name: Qaqa\\n"\n\n')
    with_file(folder, "words/qqx.po", header + entry("Find", "Qq"))
    text = (folder / "campaign.yaml").read_text(encoding="utf-8")
    with_file(folder, "campaign.yaml", text + "language: qqx\n")
    (folder / "distribution.yaml").unlink()  # its texts are in English, as the campaign was
    catalogue = to_catalogue(read_campaign(folder, SCHEMAS))
    language = with_words(load_languages(LOCALE), catalogue)["qqx"]
    assert (language.name, language.direction) == ("Qaqa", "rtl")
    speech = speaker(load_languages(LOCALE))(catalogue)
    assert (speech.rtl, speech.say("Find")) == (True, "Qq")


def test_what_was_packed_is_read_again_and_a_broken_placeholder_in_it_is_refused(
    folder: Path,
) -> None:
    with_file(folder, "words/sw.po", HEADER + entry("Next from {day}.", "Kuanzia {day}."))
    body = read_campaign(folder, SCHEMAS)
    assert read_packed(body, SCHEMAS) == body
    body["words"]["sw"]["texts"]["Next from {day}."] = "Kuanzia {day.__class__}."
    with pytest.raises(CampaignErrors):
        read_packed(body, SCHEMAS)
    body["words"] = {"sw": {"texts": "no"}}
    with pytest.raises(CampaignErrors):
        read_packed(body, SCHEMAS)


def test_a_newer_site_takes_words_that_it_no_longer_says(folder: Path) -> None:
    body = read_campaign(folder, SCHEMAS)
    words = {"name": "Kiswahili", "direction": "ltr", "texts": {"Said once.": "Zamani."}}
    packed = {**body, "words": {"sw": words}}
    assert read_packed(packed, SCHEMAS)["words"] == {"sw": words}


def test_a_file_of_words_is_written_with_every_text_and_keeps_what_it_says(folder: Path) -> None:
    with_file(folder, "words/sw.po", HEADER + entry("Find", "Tafuta"))
    left = write_words(folder, "sw")
    text = (folder / "words/sw.po").read_text(encoding="utf-8")
    assert entry("Find", "Tafuta").strip() in text
    assert 'msgid "New person"\nmsgstr ""' in text
    assert "Keep this paper dry" in text  # the campaign's own footer
    assert write_words(folder, "sw") == left > 1000
    read_campaign(folder, SCHEMAS)  # what is not translated yet is no mistake
    with pytest.raises(BadInput):
        write_words(folder, "../sw")


def test_a_picture_becomes_one_bit_within_the_printers_limits(folder: Path) -> None:
    logo = Image.new("RGBA", (1600, 900), (0, 0, 0, 0))
    ImageDraw.Draw(logo).ellipse((300, 100, 1300, 800), outline=(0, 60, 160, 255), width=60)
    with_file(folder, "pictures/logo.png", png(logo))
    body = read_campaign(folder, SCHEMAS)
    assert read_packed(body, SCHEMAS) == body
    made = to_catalogue(body).pictures["logo"]
    with Image.open(BytesIO(made)) as image:
        assert image.mode == "1"
        assert (image.width, image.height) <= (MOST_WIDE, MOST_TALL)
        assert image.getpixel((0, 0)) == 255  # what one sees through is paper
        assert 0.01 < image.histogram()[0] / (image.width * image.height) < 0.5
    large = png(Image.new("1", (MOST_WIDE + 1, 10), 1))
    with pytest.raises(CampaignErrors):
        read_packed({**body, "pictures": {"logo": base64.b64encode(large).decode()}}, SCHEMAS)


@pytest.mark.parametrize(
    ("width", "dots_per_inch"), [(384, 203), (576, 203), (240, 203), (696, 300)]
)
def test_a_picture_stands_at_its_side_and_is_never_wider_than_the_paper(
    width: int, dots_per_inch: int
) -> None:
    drawn = Picture(png(Image.new("1", (300, 30), 0)), "right")
    image = placed(drawn, width, dots_per_inch)
    wide = min(width, round(300 * dots_per_inch / 203))
    assert image.size == (width, round(30 * wide / 300))
    row = [image.getpixel((x, image.height // 2)) for x in range(width)]
    assert row == [255] * (width - wide) + [0] * wide


@pytest.mark.slow
def test_the_ethiopian_calendar_agrees_with_the_coptic_one_of_another_library() -> None:
    for ordinal in range(date(1899, 1, 1).toordinal(), date(2101, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        year, month, of_month = coptic.from_gregorian(day.year, day.month, day.day)
        found = CALENDARS["ethiopian"].of(day)
        assert found
        assert (found.year, found.month, found.day) == (year + 276, month, of_month)


@pytest.mark.parametrize(
    ("calendar", "day", "written"),
    [
        ("ethiopian", date(2007, 9, 12), "1 Meskerem 2000"),  # Ethiopia's millennium
        ("ethiopian", date(2023, 9, 11), "6 Pagume 2015"),  # a leap day
        ("nepali", date(2015, 9, 20), "3 Ashwin 2072"),  # Nepal's constitution came into force
        ("hijri", date(2026, 2, 18), "1 Ramadan 1447 AH"),
        ("buddhist", date(2026, 11, 30), "30 November 2569 BE"),
        ("hijri", date(1900, 1, 1), ""),  # before the tables begin: Gregorian alone
        ("nepali", date(2090, 1, 1), ""),
        ("", date(2026, 11, 30), ""),
    ],
)
def test_a_day_is_written_in_a_countrys_calendar(calendar: str, day: date, written: str) -> None:
    assert local_words(calendar, day, str) == written


def test_the_gregorian_date_is_always_there_and_the_local_one_beside_it() -> None:
    day, forms = date(2026, 11, 30), DateForms("ethiopian")
    assert dated(day, forms, "en_001", "yyyy-MM-dd", str) == "2026-11-30 · 21 Hidar 2019"
    assert dated(day, DateForms(form="dd/MM/y"), "fr", "medium", str) == "30/11/2026"
    assert dated(day, DateForms(digits="deva"), "en", "yyyy-MM-dd", str) == "२०२६-११-३०"
    assert dated(date(1900, 1, 1), DateForms("nepali"), "en", "yyyy-MM-dd", str) == "1900-01-01"


@pytest.mark.parametrize(
    ("form", "good"),
    [
        ("d MMMM y", True),
        ("dd/MM/yyyy", True),
        ("d 'de' MMMM 'de' y", True),
        ("yyyy-MM", False),
        ("d MMMM y HH:mm", False),
        ("dd dd MM y", False),
        ("d 'de MMMM y", False),
        ("", False),
    ],
)
def test_a_form_of_dates_names_day_month_and_year_once(form: str, good: bool) -> None:
    assert names_a_day(form) is good


def test_digits_alone_have_the_face_of_their_script() -> None:
    assert scripts_of("١ ٢") == scripts_of("۱ ۲") == ["Arabic"]
    assert scripts_of("१") == ["Devanagari"]
