"""Canonical N-Quads of a JSON-LD document (URDNA2015), quickly and without a network.

PyLD does this well and slowly. Certificates come in few shapes: the same keys, other values. So
PyLD is asked once for each shape, about a document whose values are marks; afterwards the values
are put where the marks stand, and what is left of URDNA2015 (naming the blank nodes by the hash
of their quads) is done here. Whatever does not fit that picture goes to PyLD as it is.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pyld import jsonld
from pyld.nquads import escape

from edge.credentials.contexts import UnknownContextError, caused_by_context, load_contexts

_MARK = "urn:divoc-edge:mark:"
_MARK_NUMBER = 7_000_000_000
_LARGEST_NUMBER = 1_000_000
_VERBATIM = ("@context", "type", "proofPurpose")
"""Keys whose values are terms of a context: part of the shape."""
_ABSOLUTE = re.compile(r'(?:did|urn|https?)(?:://|:)[^\x00-\x20<>"{}|\\^`]+\Z')
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
"""What an N-Quads string escapes, or may: those are few, so the search pays."""
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_SHAPES = 256
"""Shapes kept: ours are a handful, and a flood of foreign ones must not fill memory."""


class _OddError(Exception):
    """A document that could be mistaken for its marks."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A node or value of a quad: fixed text, a blank node, or the place of a leaf."""

    text: str = ""
    blank: str = ""
    leaf: int = -1
    quoted: bool = False


class _Line(NamedTuple):
    """One quad as text with two places: each names a value, a blank node, or nothing."""

    number: int
    before: str
    first: int
    middle: str
    second: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """All documents of one shape.

    ``terms`` are the values' places in the document, quoted (with the tail of the datatype) or
    IRIs; ``subjects`` those that stand as subjects. ``around`` are the lines of each blank node as
    its hash sees them; ``groups`` the lines that could turn out equal.
    """

    terms: tuple[tuple[int, bool, str], ...]
    subjects: tuple[int, ...]
    blanks: int
    lines: tuple[_Line, ...]
    around: tuple[tuple[_Line, ...], ...]
    groups: tuple[tuple[_Line, ...], ...]


class Canonicaliser:
    """Makes canonical N-Quads; keeps what it has learnt about shapes. Safe to share."""

    def __init__(self, folder: Path, added: Mapping[str, Any] | None = None) -> None:
        """Know the contexts of a folder, and those that are ``added`` by their addresses."""
        self._load = load_contexts(folder, added=added or {})
        self._shapes: dict[Hashable, _Shape | None] = {}
        self._lock = threading.Lock()

    def canonical(self, document: Mapping[str, Any]) -> bytes:
        """Give the canonical N-Quads of a document; raises :class:`UnknownContextError`."""
        leaves: list[str | int] = []
        try:
            key = _outline(document, leaves)
        except _OddError:
            return self.slowly(document)
        with self._lock:
            known = key in self._shapes
            shape = self._shapes.get(key)
        if not known:
            shape = self._learn(document)
            with self._lock:
                if len(self._shapes) < _SHAPES:
                    self._shapes[key] = shape
        lines = _fill(shape, leaves) if shape is not None else None
        return lines if lines is not None else self.slowly(document)

    def slowly(self, document: Mapping[str, Any]) -> bytes:
        """Ask PyLD."""
        try:
            text = jsonld.normalize(
                dict(document),
                {
                    "algorithm": "URDNA2015",
                    "format": "application/n-quads",
                    "documentLoader": self._load,
                },
            )
        except jsonld.JsonLdError as error:
            if caused_by_context(error):
                raise UnknownContextError from error
            raise
        return str(text).encode()

    def _learn(self, document: Mapping[str, Any]) -> _Shape | None:
        marked = _marked(document, [0])
        try:
            dataset = jsonld.to_rdf(marked, {"documentLoader": self._load})
        except jsonld.JsonLdError as error:
            if caused_by_context(error):
                raise UnknownContextError from error
            return None
        if set(dataset) - {"@default"}:
            return None
        quads = []
        for triple in dataset.get("@default", []):
            subject, object_ = _term(triple["subject"]), _term(triple["object"])
            if subject is None or object_ is None or triple["predicate"]["type"] != "IRI":
                return None
            quads.append((subject, f"<{triple['predicate']['value']}>", object_))
        return _compiled(quads)


def _outline(value: Any, leaves: list[str | int], key: str = "") -> Hashable:
    """Describe a document without its values, and collect these in the order they stand."""
    if key in _VERBATIM:
        return _fixed(value)
    if type(value) is str:
        leaves.append(value)
        return "s"
    if type(value) is dict:
        shape: list[Hashable] = []
        for name, inner in value.items():
            if type(inner) is str and name not in _VERBATIM:  # most are: a call for each is dear
                leaves.append(inner)
                shape.append((name, "s"))
            else:
                shape.append((name, _outline(inner, leaves, name)))
        return tuple(shape)
    if type(value) is list:
        return ("[", *[_outline(inner, leaves) for inner in value])
    if type(value) is int and abs(value) < _LARGEST_NUMBER:
        leaves.append(value)
        return "i"
    if value is None or isinstance(value, bool):
        return ("=", value)
    raise _OddError


def _fixed(value: Any) -> Hashable:
    """Describe what is part of the shape itself: terms of a context."""
    if isinstance(value, str):
        if _MARK in value:
            raise _OddError
        return ("=", value)
    if isinstance(value, list):
        return ("=[", *[_fixed(inner) for inner in value])
    if isinstance(value, dict):
        return ("={", *[(name, _fixed(inner)) for name, inner in value.items()])
    return ("=", type(value).__name__, value)


def _marked(value: Any, count: list[int], key: str = "") -> Any:
    """Put a mark where each value of the outline stands, in the same order."""
    if key in _VERBATIM:
        return value
    if isinstance(value, dict):
        return {name: _marked(inner, count, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, count) for inner in value]
    if isinstance(value, str) or (type(value) is int and abs(value) < _LARGEST_NUMBER):
        number = count[0]
        count[0] += 1
        return f"{_MARK}{number}" if isinstance(value, str) else _MARK_NUMBER + number
    return value


def _term(node: Mapping[str, str]) -> _Term | None:
    kind, value = node["type"], node["value"]
    if kind == "blank node":
        return _Term(blank=value)
    if kind == "IRI":
        if value.startswith(_MARK):
            return _Term(leaf=int(value.removeprefix(_MARK)))
        return _Term(text=f"<{value}>")
    datatype = node["datatype"]
    tail = "" if datatype == _XSD_STRING else f"^^<{datatype}>"
    if value.startswith(_MARK):
        return _Term(text=tail, leaf=int(value.removeprefix(_MARK)), quoted=True)
    if datatype == _XSD_INTEGER and int(value) >= _MARK_NUMBER:
        return _Term(text=tail, leaf=int(value) - _MARK_NUMBER, quoted=True)
    return None if node.get("language") else _Term(text=f'"{escape(value)}"{tail}')


def _compiled(quads: Sequence[tuple[_Term, str, _Term]]) -> _Shape:
    """Turn quads into lines with places: first-degree hashing is then joining and sorting."""
    terms: dict[_Term, int] = {}
    blanks: dict[str, int] = {}
    for subject, _, object_ in quads:
        for term in (subject, object_):
            if term.blank:
                blanks.setdefault(term.blank, len(blanks))
            elif term.leaf >= 0:
                terms.setdefault(term, len(terms))
    empty = len(terms) + len(blanks)

    def place(term: _Term) -> tuple[str, int]:
        if term.blank:
            return "", len(terms) + blanks[term.blank]
        return ("", terms[term]) if term.leaf >= 0 else (term.text, empty)

    lines = []
    for number, (subject, predicate, object_) in enumerate(quads):
        (before, first), (middle, second) = place(subject), place(object_)
        lines.append(_Line(number, before, first, f" {predicate} {middle}", second))
    around = tuple(
        tuple(
            _seen_from(line, len(terms) + index, len(terms), empty)
            for line in lines
            if len(terms) + index in (line.first, line.second)
        )
        for index in range(len(blanks))
    )
    groups: dict[tuple[str, int, str], list[_Line]] = {}
    for line in lines:
        groups.setdefault((line.before, line.first, line.middle), []).append(line)
    return _Shape(
        terms=tuple((term.leaf, term.quoted, term.text) for term in terms),
        subjects=tuple({line.first for line in lines if line.first < len(terms)}),
        blanks=len(blanks),
        lines=tuple(lines),
        around=around,
        groups=tuple(tuple(group) for group in groups.values() if len(group) > 1),
    )


def _seen_from(line: _Line, blank: int, terms: int, empty: int) -> _Line:
    """Write a line as the hash of one blank node sees it: itself ``_:a``, every other ``_:z``."""

    def text(place: int) -> str:
        return "_:a" if place == blank else "_:z"

    before, first, middle, second = line.before, line.first, line.middle, line.second
    if terms <= first < empty:
        before, first = before + text(first), empty
    if terms <= second < empty:
        middle, second = middle + text(second), empty
    return _Line(line.number, before, first, middle, second)


def _fill(shape: _Shape, leaves: list[str | int]) -> bytes | None:
    """Put the values in and name the blank nodes; none when PyLD has to decide.

    URDNA2015, sections 4.4 to 4.6: a blank node is named by the place of the hash of its quads.
    Two equal hashes need the full algorithm: none.
    """
    texts: list[str] = []
    for leaf, quoted, tail in shape.terms:
        value = str(leaves[leaf])
        if quoted:
            texts.append(f'"{escape(value) if _SPECIAL.search(value) else value}"{tail}')
        elif type(leaves[leaf]) is str and _ABSOLUTE.match(value):
            texts.append(f"<{value}>")
        else:
            return None
    if len({texts[place] for place in shape.subjects}) < len(shape.subjects):
        return None  # two nodes of the document are one
    twice = _twice(shape, texts) if shape.groups else frozenset()
    names = texts + [""] * (shape.blanks + 1)
    hashes: dict[str, int] = {}
    for index, around in enumerate(shape.around):
        seen = [
            f"{line.before}{names[line.first]}{line.middle}{names[line.second]} .\n"
            for line in around
            if line.number not in twice
        ]
        seen.sort()
        hashes[hashlib.sha256("".join(seen).encode()).hexdigest()] = index
    if len(hashes) < shape.blanks:
        return None
    for place, hash_ in enumerate(sorted(hashes)):
        names[len(texts) + hashes[hash_]] = f"_:c14n{place}"
    lines = [
        f"{line.before}{names[line.first]}{line.middle}{names[line.second]} .\n"
        for line in shape.lines
        if line.number not in twice
    ]
    lines.sort()
    return "".join(lines).encode()


def _twice(shape: _Shape, texts: list[str]) -> frozenset[int]:
    """Find the lines that say what another line says: a set of quads holds them once."""
    found = set()
    for group in shape.groups:
        seen = set()
        for line in group:
            text = texts[line.second] if line.second < len(texts) else ""
            if not text:
                continue
            if text in seen:
                found.add(line.number)
            seen.add(text)
    return frozenset(found)
