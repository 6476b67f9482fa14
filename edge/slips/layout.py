"""From a template and its values to a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from edge.domain.names.texts import as_seen
from edge.domain.slip_template import SlipTemplate, TemplateBlock, filled, names_in
from printers.bidi import has_rtl, isolated
from printers.document import (
    Align,
    Block,
    Cut,
    Document,
    Field,
    Picture,
    Qr,
    Rule,
    Space,
    Text,
)

Say = Callable[[str], str]
Values = Mapping[str, "str | bytes | Sequence[Values]"]
"""Texts, what a QR code holds, and lists of such: the names a template may use."""
NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Print:
    """What distinguishes one print of a slip: its ``copy`` (1 is the original) and its serial.

    ``closing`` and ``replaces`` are numbers: that of the thing printed, and of those it replaces.
    """

    copy: int
    serial: int
    printed_at: str
    closing: str = ""
    replaces: tuple[str, ...] = ()


def lay_out(
    template: SlipTemplate,
    values: Values,
    this: Print,
    say: Say,
    *,
    rtl: bool,
    pictures: Mapping[str, bytes] = NO_PICTURES,
) -> Document:
    """Lay out a slip.

    Words go through ``say``; a text or field that comes out empty is left away. A value inside
    words that read from right to left keeps its own order. ``pictures`` are the campaign's by name:
    one that it does not have is left away.
    """
    layout = _Layout(this, say, pictures, rtl=rtl)
    return Document((*layout.blocks(template, values), Cut()), rtl)


_MIRRORED: Mapping[Align, Align] = {"left": "right", "right": "left", "centre": "centre"}
"""``left`` in a template is the side where reading begins."""


class _Layout:
    def __init__(self, this: Print, say: Say, pictures: Mapping[str, bytes], *, rtl: bool) -> None:
        self._this = this
        self._say = say
        self._pictures = pictures
        self._rtl = rtl

    def blocks(self, template: Sequence[TemplateBlock], values: Values) -> Iterator[Block]:
        for block in template:
            if not block.when or values.get(block.when):
                yield from self._block(block, values)

    def _block(self, block: TemplateBlock, values: Values) -> Iterator[Block]:
        match block.kind:
            case "text":
                words = self._words(block.words, values)
                if words:
                    align = _MIRRORED[block.align] if self._rtl else block.align
                    yield Text(words, block.size, block.bold, align)
            case "field":
                value = self._words(block.value, values)
                if value:
                    yield Field(self._words(block.words, values), value, block.bold)
            case "rule":
                yield Rule()
            case "space":
                yield Space(block.dots)
            case "qr" | "picture":
                yield from self._drawn(block, values)
            case "mark":
                yield from self._mark(block.words)
            case "repeat":
                yield from self._repeated(block, values)

    def _drawn(self, block: TemplateBlock, values: Values) -> Iterator[Block]:
        if block.kind == "picture":
            png = self._pictures.get(block.words)
            if png:
                yield Picture(png, _MIRRORED[block.align] if self._rtl else block.align)
            return
        payload = values.get(block.words)
        if isinstance(payload, bytes) and payload:
            yield Qr(payload)

    def _repeated(self, block: TemplateBlock, values: Values) -> Iterator[Block]:
        items = values.get(block.words)
        if not isinstance(items, str | bytes):
            for item in items or ():
                yield from self.blocks(block.blocks, {**values, **item})

    def _words(self, words: str, values: Values) -> str:
        if not words.strip():
            return ""
        names = names_in(words)
        told = {
            name: as_seen(text) for name in names if isinstance(text := values.get(name, ""), str)
        }
        if names and not any(told.values()):
            return ""
        alone = len(names) == 1 and words.strip() == f"{{{names[0]}}}"
        said = words if alone else self._say(words)
        if not alone and (self._rtl or has_rtl(filled(said, told))):
            told = {name: isolated(text) if text else "" for name, text in told.items()}
        return filled(said, told).strip()

    def _mark(self, name: str) -> Iterator[Block]:
        """Word what a template may place but not change."""
        this, say = self._this, self._say
        match name:
            case "copy" if this.copy > 1:
                told = self._kept(f"{this.copy}   {this.printed_at}")
                yield Space(6)
                yield Text(f"{say('COPY')} {told}", bold=True, align="centre")
            case "replaces":
                for number in this.replaces:
                    yield Text(f"{say('REPLACES')} {self._kept(number)}", align="centre")
            case "end":
                closing = self._kept(f"{this.closing} {this.serial}".strip())
                yield Text(f"{say('END')} {closing}", "small", align="centre")

    def _kept(self, value: str) -> str:
        return isolated(value) if self._rtl else value
