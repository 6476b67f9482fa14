"""JSON-LD contexts that the ministry hands out beside those of the software, and what they may say.

Fields of a certificate are read by their terms, and what a signature keeps apart is said by the
terms' IRIs. So a context is taken only where it has the terms of a dose in DIVOC's places, gives
no term an IRI that a known context gives to something else, and lets no two of them mean one thing
that DIVOC keeps apart. It is plain: nothing is fetched, coerced, nested or left out by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from edge.credentials import divoc
from edge.credentials.contexts import CONTEXTS, LIST_CONTEXTS, load_contexts
from edge.domain.errors import BadInput
from sync.resources import resource

Path = tuple[str, ...]
CONTEXT_LIST = "divoc-edge contexts"
_MOST, _LONGEST = 50, 64 * 1024
_VACCINATION = (divoc.VACCINATION_V1, divoc.VACCINATION_V2)
_NAMES = {"id": "@id", "type": "@type"}
_PLAIN = {"@version", "@protected"}
_PREFIXES = (("schema",), ("vac",))
"""Terms of DIVOC's contexts that only shorten others."""
_NEEDED: tuple[Path, ...] = (
    ("ProofOfVaccinationCredential",),
    ("Person",),
    ("Person", "name"),
    ("Vaccination",),
    ("Vaccination", "vaccine"),
    ("Vaccination", "date"),
)
"""Without these a certificate tells of no dose of anybody. Another country may leave out the rest:
a field without a term is not believed."""
_SCHEMES = ("http", "https", "urn", "did")


def read_contexts(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Read a list of contexts: ``{"type", "contexts": {address: {"@context": …}}}``.

    Raises :class:`BadInput` that names the context and the term.
    """
    found = document.get("contexts")
    if not isinstance(found, dict) or not 0 < len(found) <= _MOST:
        raise _wrong("contexts.form", "The list has no contexts, or more than {most}.", most=_MOST)
    return {str(address): _checked(str(address), value) for address, value in found.items()}


def _checked(address: str, value: Any) -> Mapping[str, Any]:
    if address in CONTEXTS or address in LIST_CONTEXTS:
        raise _wrong(
            "contexts.built-in",
            "The context {address} is the software's own, and nothing takes its place.",
            address=address,
        )
    plain = isinstance(value, dict) and value.keys() == {"@context"}
    if (
        not address.startswith("https://")
        or not plain
        or not isinstance(value["@context"], dict)
        or len(json.dumps(value)) > _LONGEST
    ):
        raise _wrong(
            "contexts.form",
            "{address} is no address with a context of at most 64 kB: an object that has @context"
            " and nothing else.",
            address=address,
        )
    _check_terms(address, terms_of(address, value["@context"]))
    return dict(value)


def _check_terms(address: str, terms: Mapping[Path, str]) -> None:
    meanings = _meanings()
    for path in _NEEDED:
        if path not in terms:
            raise _term(address, path, "is missing: nobody would sign its field")
    nodes: dict[tuple[Path, str], Path] = {}
    for path, iri in terms.items():
        places = meanings.get(iri, frozenset())
        if places and path not in places:
            other = ".".join(min(places))
            raise _term(address, path, f"means what {other} means in DIVOC's context")
        first = nodes.setdefault((path[:-1], iri), path)
        if first != path and not places >= {first, path}:
            raise _term(address, path, f"means the same as {'.'.join(first)}")


@cache
def _meanings() -> Mapping[str, frozenset[Path]]:
    """Give the places at which DIVOC's contexts have a term of an IRI, by the IRI."""
    found: dict[str, set[Path]] = {}
    load = load_contexts(resource("edge/credentials/contexts"))
    for address in _VACCINATION:
        for path, iri in terms_of(address, load(address)["document"]["@context"]).items():
            if path not in _PREFIXES:
                found.setdefault(iri, set()).add(path)
    return {iri: frozenset(places) for iri, places in found.items()}


@cache
def built_in_terms(address: str) -> frozenset[Path]:
    """Give the terms of a context that came with the software, by its address."""
    document = load_contexts(resource("edge/credentials/contexts"))(address)["document"]
    return frozenset(terms_of(address, document["@context"]))


def terms_of(address: str, context: Mapping[str, Any]) -> dict[Path, str]:
    """Give each term of a context by its place, with its IRI; raises for what is not plain."""
    prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str)}
    return dict(_terms(address, context, prefixes, ()))


def _terms(
    address: str, context: Mapping[str, Any], prefixes: Mapping[str, str], place: Path
) -> Iterator[tuple[Path, str]]:
    for name, value in context.items():
        path = (*place, name)
        if name.startswith("@"):
            if name not in _PLAIN:
                raise _term(address, path, "is nothing that a context may say here")
            continue
        if name in _NAMES and not place:
            if value != _NAMES[name]:
                raise _term(address, path, f"always means {_NAMES[name]}")
            continue
        if name in ("VerifiableCredential", "proof"):
            raise _term(address, path, "has its meaning from W3C's context of credentials")
        inner = value.get("@context", {}) if isinstance(value, dict) else {}
        iri = value.get("@id") if isinstance(value, dict) else value
        more = value.keys() - {"@id", "@context"} if isinstance(value, dict) else ()
        if not isinstance(iri, str) or not isinstance(inner, dict) or more:
            raise _term(address, path, "is not an IRI, nor an @id with a @context")
        yield path, _expanded(address, path, iri, prefixes)
        yield from _terms(address, inner, prefixes, path)


def _expanded(address: str, path: Path, iri: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, rest = iri.partition(":")
    if colon and prefix in prefixes and not rest.startswith("//"):
        return prefixes[prefix] + rest
    if not colon or prefix not in _SCHEMES:
        raise _term(address, path, "has no IRI that is whole")
    return iri


def _term(address: str, path: Path, what: str) -> BadInput:
    return _wrong(
        "contexts.term",
        "In the context {address} the term {term} {what}.",
        address=address,
        term=".".join(path)[:80],
        what=what,
    )


def _wrong(code: str, sentence: str, **values: Any) -> BadInput:
    return BadInput(
        code,
        sentence,
        hint="Give it an address of its own and DIVOC's terms in their places. See docs/lists.md.",
        **values,
    )
