"""Canonical N-Quads of a JSON-LD document (URDNA2015), quickly and without a network.

PyLD does this well and slowly. Certificates come in few shapes: the same keys, other values. So
PyLD is asked once for each shape, about a document whose values are marks; afterwards the values
are put where the marks stand, and what is left of URDNA2015 (naming the blank nodes by the hash
of their quads) is done here. Whatever does not fit that picture goes to PyLD as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyld import jsonld
from pyld.nquads import escape

CONTEXTS: Mapping[str, str] = {
    "https://www.w3.org/2018/credentials/v1": "credentials-v1.json",
    "https://divoc.dev/credentials/vaccination/v1": "vaccination-v1.json",
    "https://divoc.dev/credentials/vaccination/v2": "vaccination-v2.json",
    "https://cowin.gov.in/credentials/vaccination/v1": "vaccination-v1.json",
    "https://cowin.gov.in/credentials/vaccination/v2": "vaccination-v2.json",
    "https://w3id.org/security/v2": "security-v2.json",
}
"""Every context there is: a closed world."""

_MARK = "urn:divoc-edge:mark:"
_MARK_NUMBER = 7_000_000_000
_LARGEST_NUMBER = 1_000_000
_VERBATIM = ("@context", "type", "proofPurpose")
"""Keys whose values are terms of a context: part of the shape."""
_ABSOLUTE = re.compile(r'(?:did|urn|https?)(?:://|:)[^\x00-\x20<>"{}|\\^`]+\Z')
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_SHAPES = 256
"""Shapes kept: ours are a handful, and a flood of foreign ones must not fill memory."""


class _OddError(Exception):
    """A document that could be mistaken for its marks."""


class UnknownContextError(Exception):
    """A document names a JSON-LD context that is not one of ours."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A node or value of a quad: fixed text, a blank node, or the place of a leaf."""

    text: str = ""
    blank: str = ""
    leaf: int = -1
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """The quads of all documents of one shape; ``iris`` are the leaves that stand as IRIs."""

    quads: tuple[tuple[_Term, str, _Term], ...]
    iris: frozenset[int]
    blanks: tuple[str, ...]


class Canonicaliser:
    """Makes canonical N-Quads; keeps what it has learnt about shapes. Safe to share."""

    def __init__(self, folder: Path) -> None:
        self._documents = {
            url: json.loads((folder / name).read_text(encoding="utf-8"))
            for url, name in CONTEXTS.items()
        }
        self._shapes: dict[str, _Shape | None] = {}
        self._lock = threading.Lock()

    def canonical(self, document: Mapping[str, Any]) -> bytes:
        """Give the canonical N-Quads of a document; raises :class:`UnknownContextError`."""
        leaves: list[str | int] = []
        try:
            key = json.dumps(_outline(document, leaves), sort_keys=True)
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
            if _caused_by_context(error):
                raise UnknownContextError from error
            raise
        return str(text).encode()

    def _learn(self, document: Mapping[str, Any]) -> _Shape | None:
        marked = _marked(document, [0])
        try:
            dataset = jsonld.to_rdf(marked, {"documentLoader": self._load})
        except jsonld.JsonLdError as error:
            if _caused_by_context(error):
                raise UnknownContextError from error
            return None
        if set(dataset) - {"@default"}:
            return None
        quads, iris, blanks = [], set(), []
        for triple in dataset.get("@default", []):
            subject, object_ = _term(triple["subject"]), _term(triple["object"])
            if subject is None or object_ is None or triple["predicate"]["type"] != "IRI":
                return None
            for term in (subject, object_):
                if term.blank and term.blank not in blanks:
                    blanks.append(term.blank)
                if term.leaf >= 0 and not term.quoted:
                    iris.add(term.leaf)
            quads.append((subject, f"<{triple['predicate']['value']}>", object_))
        return _Shape(tuple(quads), frozenset(iris), tuple(blanks))

    def _load(self, url: str, _options: object = None) -> dict[str, Any]:
        if url not in self._documents:
            raise UnknownContextError
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": self._documents[url],
            "contentType": "application/ld+json",
        }


def _caused_by_context(error: BaseException) -> bool:
    cause: BaseException | None = error
    for _ in range(8):
        if cause is None:
            return False
        if isinstance(cause, UnknownContextError):
            return True
        cause = getattr(cause, "cause", None) or cause.__cause__
    return False


def _outline(value: Any, leaves: list[str | int], key: str = "") -> Any:
    """Describe a document without its values, and collect these in order of the keys."""
    if key in _VERBATIM:
        if _MARK in json.dumps(value):
            raise _OddError
        return ["=", value]
    if isinstance(value, dict):
        return {name: _outline(value[name], leaves, name) for name in sorted(value)}
    if isinstance(value, list):
        return ["[", *(_outline(inner, leaves) for inner in value)]
    if isinstance(value, str):
        leaves.append(value)
        return "s"
    if type(value) is int and abs(value) < _LARGEST_NUMBER:
        leaves.append(value)
        return "i"
    if value is None or isinstance(value, bool):
        return ["=", value]
    raise _OddError


def _marked(value: Any, count: list[int], key: str = "") -> Any:
    """Put a mark where each value of the outline stands, in the same order."""
    if key in _VERBATIM:
        return value
    if isinstance(value, dict):
        return {name: _marked(value[name], count, name) for name in sorted(value)}
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


def _fill(shape: _Shape, leaves: list[str | int]) -> bytes | None:
    """Put the values in and name the blank nodes; none when PyLD has to decide."""
    for index in shape.iris:
        value = leaves[index]
        if not isinstance(value, str) or not _ABSOLUTE.match(value):
            return None
    filled = list(
        dict.fromkeys(
            (_text(subject, leaves), predicate, _text(object_, leaves))
            for subject, predicate, object_ in shape.quads
        )
    )
    names = _names(filled, shape.blanks)
    if names is None:
        return None
    lines = {
        f"{names.get(subject, subject)} {predicate} {names.get(object_, object_)} .\n"
        for subject, predicate, object_ in filled
    }
    return "".join(sorted(lines)).encode()


def _text(term: _Term, leaves: list[str | int]) -> str:
    if term.blank:
        return term.blank
    if term.leaf < 0:
        return term.text
    value = str(leaves[term.leaf])
    return f'"{escape(value)}"{term.text}' if term.quoted else f"<{value}>"


def _names(quads: list[tuple[str, str, str]], blanks: tuple[str, ...]) -> dict[str, str] | None:
    """Name the blank nodes in the order of their first-degree hashes (URDNA2015 section 4.6).

    Two equal hashes need the full algorithm: none.
    """
    mentioned: dict[str, list[tuple[str, str, str]]] = {blank: [] for blank in blanks}
    for quad in quads:
        for node in {quad[0], quad[2]}:
            if node in mentioned:
                mentioned[node].append(quad)
    hashes: dict[str, str] = {}
    for blank, around in mentioned.items():
        text = "".join(
            sorted(
                f"{_seen(subject, blank, mentioned)} {predicate} "
                f"{_seen(object_, blank, mentioned)} .\n"
                for subject, predicate, object_ in around
            )
        )
        hashes[hashlib.sha256(text.encode()).hexdigest()] = blank
    if len(hashes) != len(mentioned):
        return None
    return {hashes[hash_]: f"_:c14n{place}" for place, hash_ in enumerate(sorted(hashes))}


def _seen(node: str, blank: str, mentioned: Mapping[str, object]) -> str:
    if node == blank:
        return "_:a"
    return "_:z" if node in mentioned else node
