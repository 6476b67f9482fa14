"""JSON-LD contexts that the ministry hands out beside those of the software, and what they may say.

A context with DIVOC's type is for DIVOC's certificates; any other is for credentials of version 2.0
(:mod:`edge.credentials.issuer_contexts`). Fields of a certificate are read by their terms, and what
a signature keeps apart is said by the terms' IRIs. So a context of the first kind is taken only
where it has the terms of a dose in DIVOC's places, gives no term an IRI that a known context gives
to something else, and lets no two of them mean one thing that DIVOC keeps apart. It is plain:
nothing is fetched, coerced, nested or left out by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from edge.credentials import divoc
from edge.credentials.context_terms import (
    NAMES,
    PLAIN,
    Path,
    context_error,
    term_error,
    whole_iri,
)
from edge.credentials.contexts import CONTEXTS, CONTEXTS_2, LIST_CONTEXTS, load_contexts
from edge.credentials.issuer_contexts import check_issuer_context
from sync.resources import resource

CONTEXT_LIST = "divoc-edge contexts"
_MOST, _LONGEST = 50, 64 * 1024
_VACCINATION = (divoc.VACCINATION_V1, divoc.VACCINATION_V2)
_TYPE = "ProofOfVaccinationCredential"
_PREFIXES = (("schema",), ("vac",))
"""Terms of DIVOC's contexts that only shorten others."""
_NEEDED: tuple[Path, ...] = (
    (_TYPE,),
    ("Person",),
    ("Person", "name"),
    ("Vaccination",),
    ("Vaccination", "vaccine"),
    ("Vaccination", "date"),
)
"""Without these a certificate tells of no dose of anybody. Another country may leave out the rest:
a field without a term is not believed."""


def read_contexts(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Read a list of contexts: ``{"type", "contexts": {address: {"@context": …}}}``.

    Raises :class:`BadInput` that names the context and the term.
    """
    found = document.get("contexts")
    if not isinstance(found, dict) or not 0 < len(found) <= _MOST:
        raise context_error(
            "contexts.form", "The list has no contexts, or more than {most}.", most=_MOST
        )
    return {str(address): _checked(str(address), value) for address, value in found.items()}


def _checked(address: str, value: Any) -> Mapping[str, Any]:
    if any(address in own for own in (CONTEXTS, CONTEXTS_2, LIST_CONTEXTS)):
        raise context_error(
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
        raise context_error(
            "contexts.form",
            "{address} is no address with a context of at most 64 kB: an object that has @context"
            " and nothing else.",
            address=address,
        )
    if has_divocs_type(value):
        _check_terms(address, terms_of(address, value["@context"]))
    else:
        check_issuer_context(address, value["@context"])
    return dict(value)


def has_divocs_type(document: Mapping[str, Any]) -> bool:
    """Say whether a context is for DIVOC's certificates, and not for credentials of version 2.0."""
    return _TYPE in document["@context"]


def _check_terms(address: str, terms: Mapping[Path, str]) -> None:
    meanings = _meanings()
    for path in _NEEDED:
        if path not in terms:
            raise term_error(address, path, "is missing: nobody would sign its field")
    nodes: dict[tuple[Path, str], Path] = {}
    for path, iri in terms.items():
        places = meanings.get(iri, frozenset())
        if places and path not in places:
            other = ".".join(min(places))
            raise term_error(address, path, f"means what {other} means in DIVOC's context")
        first = nodes.setdefault((path[:-1], iri), path)
        if first != path and not places >= {first, path}:
            raise term_error(address, path, f"means the same as {'.'.join(first)}")


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
            if name not in PLAIN:
                raise term_error(address, path, "is nothing that a context may say here")
            continue
        if name in NAMES and not place:
            if value != NAMES[name]:
                raise term_error(address, path, f"always means {NAMES[name]}")
            continue
        if name in ("VerifiableCredential", "proof"):
            raise term_error(address, path, "has its meaning from W3C's context of credentials")
        inner = value.get("@context", {}) if isinstance(value, dict) else {}
        iri = value.get("@id") if isinstance(value, dict) else value
        more = value.keys() - {"@id", "@context"} if isinstance(value, dict) else ()
        if not isinstance(iri, str) or not isinstance(inner, dict) or more:
            raise term_error(address, path, "is not an IRI, nor an @id with a @context")
        yield path, whole_iri(address, path, iri, prefixes)
        yield from _terms(address, inner, prefixes, path)
