"""What stands beside a name is one line of words with it, whatever the name's length and script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from sync.resources import resource

STYLES = "edge/web/static/edge.css"
ROWS_OF_PARTS = {"actions", "bar", "carried", "problem", "ribbon", "row", "session", "who"}
"""Classes that lay several parts beside each other, each a sentence of its own."""
WITHOUT_END = {"input", "br", "hr", "img", "link", "meta"}
WORDS = "words"


def laid_out_apart() -> set[str]:
    """Give the classes whose children the style sheet lays out as columns (``display: flex``)."""
    rules = resource(STYLES).read_text(encoding="utf-8").splitlines()
    found = {
        match[1]
        for line in rules
        if (match := re.match(r"\.([a-z]+) \{[^}]*display: (?:inline-)?flex", line))
    }
    return (found | {"button"}) - ROWS_OF_PARTS


@dataclass
class Open:
    """An element that is open: its tag, whether its children are columns, and its children."""

    tag: str
    apart: bool
    line: int
    children: list[str] = field(default_factory=list)


class LooseWords(HTMLParser):
    """Finds words that stand beside other elements as columns of their own."""

    def __init__(self, classes: set[str]) -> None:
        super().__init__()
        self.classes, self.open, self.found = classes, list[Open](), list[int]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.open and tag != "input":
            self.open[-1].children.append(tag)
        if tag not in WITHOUT_END:
            own = set((dict(attrs).get("class") or "").split())
            apart = bool(own & self.classes) or tag in ("button", "summary")
            self.open.append(Open(tag, apart, self.getpos()[0]))

    def handle_data(self, data: str) -> None:
        if self.open and data.strip() and self.open[-1].children[-1:] != [WORDS]:
            self.open[-1].children.append(WORDS)

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            ended = self.open.pop()
            if ended.apart and len(ended.children) > 1 and WORDS in ended.children:
                self.found.append(ended.line)
            if ended.tag == tag:
                return


def loose_words(template: str, classes: set[str]) -> list[int]:
    """Give the lines of a template with words that are a column beside an element."""
    for kept, pattern in (
        ("", r"\{#.*?#\}"),
        ("", r"\{\{\s*icon\([^}]*\)\s*\}\}"),
        ("", r"\{%.*?%\}"),
        ("x", r"\{\{.*?\}\}"),
    ):
        pieces = re.split(f"({pattern})", template, flags=re.S)
        pieces[1::2] = [kept + "\n" * one.count("\n") for one in pieces[1::2]]
        template = "".join(pieces)
    reader = LooseWords(classes)
    reader.feed(template)
    return reader.found


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        ('<p class="state">{{ icon("wait") }}{{ _("In the queue") }}: <bdi>{{ a }}</bdi></p>', [1]),
        ('<p class="state">{{ icon("wait") }}<span>{{ _("Queue") }}: <bdi>b</bdi></span></p>', []),
        ('<p>\n<a class="button">{{ day(a) }} · <bdi>{{ b }}</bdi></a></p>', [2]),
        ("<button>{{ icon('yes') }}{{ _('Book') }}</button>", []),
    ],
)
def test_words_beside_a_name_are_found(template: str, lines: list[int]) -> None:
    assert loose_words(template, laid_out_apart()) == lines


def test_no_words_of_a_page_are_a_column_beside_a_name() -> None:
    classes = laid_out_apart()
    assert {"button", "choice", "note", "state"} <= classes
    pages = sorted(resource("templates/pages").glob("*.html"))
    assert len(pages) > 60
    found = {
        page.name: lines
        for page in pages
        if (lines := loose_words(page.read_text(encoding="utf-8"), classes))
    }
    assert found == {}


NAMES = re.compile(
    r"(?P<before>[^{}]{0,12})\{\{ (?:[\w.]+(?:\[[\w.]+\])?\.name|(?:name|programme)_of\([\w.]+\))"
    r"(?: if [^}]*)? \}\}(?P<after>[^{]{0,9})"
)
"""A name of the campaign's, of a person or of a thing, as a template shows it."""
ALONE = ("</a>", "</option>", "</button>", "</td>", '"')
"""What ends after a name that stands in no sentence, or is no text of the page."""


def names_that_may_turn(template: str) -> list[str]:
    """Give the names that stand beside other words without ``<bdi>``, which keeps their order."""
    shown = re.sub(r"<option.*?</option>|\{% macro \w+_of.*?%\}.*?\{% endmacro %\}", "", template)
    return [
        one[0]
        for one in NAMES.finditer(shown)
        if not re.search(r'<bdi[^>]*>$|"$', one["before"]) and not one["after"].startswith(ALONE)
    ]


def test_a_name_beside_words_of_another_script_is_found() -> None:
    turned = '<span class="soft">{{ offer.programme.name }}: {{ _("due") }}</span>'
    assert len(names_that_may_turn(turned)) == 1
    assert names_that_may_turn("<bdi>{{ offer.programme.name }}</bdi>: {{ _('due') }}") == []
    assert names_that_may_turn('<input name="{{ one.name }}">') == []


def test_names_keep_their_order_beside_words_that_are_read_from_the_right() -> None:
    found = {
        page.name: names
        for page in sorted(resource("templates/pages").glob("*.html"))
        if (names := names_that_may_turn(page.read_text(encoding="utf-8")))
    }
    assert found == {}


LEGEND = re.compile(r"<fieldset(?P<how>[^>]*)><legend>(?P<words>.*?)</legend>", re.S)
ONE_LINE = 26
"""Signs of a legend that stand beside each other on a telephone, whatever their language."""


def legends_in_a_border(template: str) -> list[str]:
    """Give the long legends, and those of a campaign, that a border would run through."""
    return [
        found["words"]
        for found in LEGEND.finditer(template)
        if not re.search(r"\b(?:inside|asked)\b", found["how"])
        and (
            re.search(r"\.(?:label|words)\b", found["words"])
            or any(len(words) > ONE_LINE for words in re.findall(r'"([^"]+)"', found["words"]))
        )
    ]


def test_a_legend_of_more_than_one_line_stands_inside_its_box() -> None:
    long = '<fieldset class="wide"><legend>{{ _("May this person be sent messages?") }}</legend>'
    assert len(legends_in_a_border(long)) == 1
    assert legends_in_a_border(long.replace("wide", "wide inside")) == []
    found = {
        page.name: legends
        for page in sorted(resource("templates/pages").glob("*.html"))
        if (legends := legends_in_a_border(page.read_text(encoding="utf-8")))
    }
    assert found == {}
