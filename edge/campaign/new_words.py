"""Writes a file of words for somebody to translate: every text, and what is said already."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.slip_templates import campaign_texts, read_template_files
from edge.campaign.words import LANGUAGE, as_id, as_text, known_locale, product_messages, said_of
from edge.campaign.yaml_files import read_yaml
from edge.domain.errors import BadInput
from sync.bounded_files import MB, read_bounded_text
from sync.own_files import write_whole
from sync.protocol.counted import Said

_OWN_HEADER = ("X-Direction", "X-Language-Name")


def write_words(folder: Path, code: str) -> int:
    """Write ``words/<code>.po`` in a campaign's folder; count what is not translated.

    Raises :class:`BadInput` for what is no code of a language, and :class:`CampaignErrors` for
    slips that cannot be read.
    """
    if not LANGUAGE.fullmatch(code):
        raise BadInput(
            "words.language",
            "{code} is no code of a language.",
            hint="Write, for example, sw, am or pt_BR.",
            field="language",
            code=code,
        )
    path = folder / "words" / f"{code}.po"
    catalog = Catalog(known_locale(code), project="campaign", fuzzy=False)
    known: dict[Said, str | tuple[str, ...]] = {}
    own = "".join(f'"{name}: \\n"\n' for name in _OWN_HEADER) if known_locale(code) is None else ""
    if path.is_file():
        text = read_bounded_text(path, MB)
        own = "".join(
            f"{line}\n"
            for line in text.splitlines()
            if line.startswith(tuple(f'"{name}:' for name in _OWN_HEADER))
        )
        old = read_po(BytesIO(text.encode()), locale=known_locale(code))
        catalog.mime_headers = old.mime_headers  # for its plural rule
        for message in old:
            if message.id and message.string:
                said = message.string
                known[said_of(message)] = said if isinstance(said, str) else tuple(said)
    texts: set[Said] = {*product_messages(), *_own_texts(folder), *known}
    for english in sorted(texts - {""}, key=as_id):
        catalog.add(english, known.get(english, ""))
    written = BytesIO()
    write_po(written, catalog, width=100, omit_header=True)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {code}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n{own}\n'
    )
    path.parent.mkdir(exist_ok=True)
    write_whole(path, header + written.getvalue().decode())
    return sum(1 for message in catalog if message.id and not as_text(message, catalog)[1])


def _own_texts(folder: Path) -> frozenset[str]:
    mistakes: list[Mistake] = []
    slips = read_yaml(folder / "slips.yaml", mistakes)
    templates = read_template_files(folder / "slips", mistakes)
    if slips is None or mistakes:
        raise CampaignErrors(mistakes)
    return campaign_texts(slips, templates.values())
