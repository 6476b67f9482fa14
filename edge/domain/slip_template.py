"""A slip's template: blocks of words with names of values in them, and which names there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["text", "field", "rule", "space", "qr", "picture", "mark", "repeat"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_NAME = re.compile(r"\{([^{}]*)\}")
"""``{name}`` and nothing more: no conversion, no format, no expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateBlock:
    """One block.

    ``words`` are a text's or a field's label, as English message ids with ``{name}`` in them; of
    ``qr``, ``picture``, ``mark`` and ``repeat`` the name. ``when`` names what must not be empty for
    the block to be laid out. ``dots`` is the height of a space.
    """

    kind: Kind
    words: str = ""
    value: str = ""
    size: Literal["small", "normal", "large"] = "normal"
    bold: bool = False
    align: Literal["left", "centre", "right"] = "left"
    when: str = ""
    dots: int = 0
    blocks: tuple[TemplateBlock, ...] = ()


SlipTemplate = tuple[TemplateBlock, ...]


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """What a template may name: texts, what a QR code can hold, lists and what their items have."""

    texts: frozenset[str]
    codes: frozenset[str] = frozenset()
    lists: Mapping[str, TemplateValues] = field(default_factory=dict)

    def within(self, name: str) -> TemplateValues:
        """Give what may be named inside a repeat: the item's own names before those around it."""
        item = self.lists[name]
        return TemplateValues(
            self.texts | item.texts, self.codes | item.codes, {**self.lists, **item.lists}
        )

    def names(self) -> frozenset[str]:
        """Give everything that a ``when`` may name."""
        return self.texts | self.codes | frozenset(self.lists)


def _offer(texts: str, for_qr: str = "", /, **lists: TemplateValues) -> TemplateValues:
    return TemplateValues(frozenset(texts.split()), frozenset(for_qr.split()), lists)


_SITE = "facility facility_code programme_name issuer printed_at "
_DOSE = _SITE + (
    "name person_code identity identity_kind birth_date age sex vaccine manufacturer lot expiry"
    " dose date vaccinator next_date next_dose "
)
_CODES = TemplateValues(frozenset({"caption"}), frozenset({"code"}))
_OF_DOSES = ("dcc", "icvp", "divoc", "shc")
_OF_DOCUMENTS = ("cwt", "vc")


def _named(families: Iterable[str]) -> tuple[str, str]:
    """Name the code of each family of formats, and what it is for."""
    texts = " ".join(f"{family}_caption" for family in families)
    return texts, " ".join(f"{family}_code" for family in families)


_CAPTIONS_OF_DOSES, _CODES_OF_DOSES = _named(_OF_DOSES)
_CAPTIONS_OF_DOCUMENTS, _CODES_OF_DOCUMENTS = _named(_OF_DOCUMENTS)
OFFERS: Mapping[str, TemplateValues] = {
    "certificate": _offer(
        f"{_DOSE} title subtitle footer certificate download {_CAPTIONS_OF_DOSES}",
        _CODES_OF_DOSES,
        codes=_CODES,
    ),
    "appointment": _offer(_DOSE + "slot", "person_qr"),
    "expected": _offer(
        "facility facility_code issuer printed_at date total",
        slots=_offer("hours programme count", people=_offer("name person_code state")),
    ),
    "sticker": _offer(_DOSE),
    "plan": _offer(
        "facility facility_code issuer printed_at name person_code as_of born_about more",
        "person_qr",
        visits=_offer("visit_date weekday come_by", doses=_offer("vaccine dose unsure")),
        unplanned=_offer("vaccine"),
    ),
    "card": _offer(
        "facility facility_code issuer printed_at name person_code identity identity_kind"
        " birth_date age sex as_of born_about more",
        "person_qr",
        given=_offer("vaccine dose date lot place"),
        visits=_offer("visit_date weekday come_by", doses=_offer("vaccine dose unsure")),
        unplanned=_offer("vaccine"),
    ),
    "history": _offer(
        "facility facility_code issuer printed_at name person_code identity identity_kind"
        " birth_date age sex as_of",
        given=_offer("vaccine dose date lot place"),
        codes=_offer("caption code_of", "code"),
    ),
    "vial": _offer("facility facility_code issuer printed_at vaccine manufacturer lot expiry left"),
    "tally": _offer(
        "facility facility_code issuer printed_at date total overridden_doses overridden_rules"
        " recorded delivered waiting proven receipt",
        programmes=_offer(
            "programme total",
            doses=_offer("vaccine dose count"),
            groups=_offer("sex age_group count"),
        ),
        lots=_offer("vaccine lot expiry given left"),
        payers=_offer("payer count amount"),
    ),
    "receipt": _offer(
        "facility facility_code issuer printed_at receipt date vaccine programme_name amount"
        " taken_by state"
    ),
    "cash": _offer(
        "facility facility_code issuer printed_at date",
        payers=_offer("payer count amount"),
        boxes=_offer("holder before after", moves=_offer("what amount")),
    ),
    "setup": _offer(
        "facility facility_code issuer printed_at campaign version fingerprint trust authority",
        "trust_qr",
        addresses=_offer("address", "address_qr"),
        printers=_offer("printer connection profile"),
    ),
    "badge": _offer("facility facility_code issuer printed_at name staff_code", "staff_qr"),
    "document": _offer(
        "facility facility_code issuer printed_at title certificate valid_until recorded_on"
        f" {_CAPTIONS_OF_DOCUMENTS}",
        _CODES_OF_DOCUMENTS,
        codes=_CODES,
        fields=_offer("label value"),
    ),
}
"""Every slip by name, with what its template may name: a closed set."""

MARKS: Mapping[str, tuple[str, ...]] = {
    "certificate": ("copy", "replaces", "end"),
    "appointment": ("copy", "end"),
    "expected": ("copy", "end"),
    "sticker": ("copy", "end"),
    "plan": ("copy", "end"),
    "card": ("copy", "end"),
    "history": ("copy", "end"),
    "vial": ("copy", "end"),
    "tally": ("copy", "end"),
    "receipt": ("copy", "end"),
    "cash": ("copy", "end"),
    "setup": ("copy", "end"),
    "badge": ("copy", "end"),
    "document": ("copy", "replaces", "end"),
}
"""Lines the software words itself. A certificate has each of its three, once, ``end`` last."""


WHOLE = frozenset({"certificate", "document"})
"""Slips that must keep what makes them honest, see :func:`is_whole_certificate`."""


def names_in(words: str) -> list[str]:
    """Find the names in a text, in order."""
    return _NAME.findall(words)


def filled(words: str, values: Mapping[str, str]) -> str:
    """Put values in the place of names; braces that hold no known name stay as they are."""
    return _NAME.sub(lambda found: values.get(found[1], found[0]), words)


def every_block(template: SlipTemplate) -> Iterator[TemplateBlock]:
    """Give all blocks, those inside repeats too."""
    for block in template:
        yield block
        yield from every_block(block.blocks)


def is_whole_certificate(template: SlipTemplate) -> bool:
    """Say whether a certificate's slip keeps what makes it honest.

    Once each and without a condition: the codes, COPY, REPLACES and, last, END.
    """
    marks = [block for block in template if block.kind == "mark" and not block.when]
    codes = [
        block
        for block in template
        if block.kind == "repeat"
        and block.words == "codes"
        and not block.when
        and any(
            inner.kind == "qr" and inner.words == "code" and not inner.when
            for inner in block.blocks
        )
    ]
    every = sorted(block.words for block in every_block(template) if block.kind == "mark")
    return (
        bool(marks)
        and every == sorted(MARKS["certificate"])
        and len(marks) == len(every)
        and marks[-1].words == "end"
        and template[-1] is marks[-1]
        and len(codes) == 1
    )
