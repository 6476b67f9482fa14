"""Contexts of those who issue W3C credentials of version 2.0, such as users of Inji and Sunbird RC.

What a credential says is shown under its terms, and its signature keeps apart what has IRIs of its
own. So a context is taken only where no two terms that can stand side by side mean one thing, and
where it stands beside W3C's context without changing it. Nothing is fetched by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyld import jsonld

from edge.credentials.context_terms import NAMES, PLAIN, Path, term_error, whole_iri
from edge.credentials.contexts import CONTEXTS_2, CREDENTIALS_2, UnknownContextError, load_contexts
from sync.resources import resource

_SAID_OF_A_TERM = frozenset({"@id", "@type", "@context", "@container", "@protected"})
_CONTAINERS = ("@set", "@list")
_DEEPEST = 8
"""Contexts within contexts: a type's, its field's, and room for more."""
_RESERVED = ("VerifiableCredential", "VerifiablePresentation", "proof")


def check_issuer_context(address: str, context: Mapping[str, Any]) -> None:
    """Check the terms of a context; raises :class:`edge.domain.errors.BadInput` naming one."""
    terms = list(_terms(address, context, {}, ()))
    if not terms:
        raise term_error(address, (), "is missing: it says nothing")
    by_meaning: dict[str, list[Path]] = {}
    for path, iri in terms:
        for other in by_meaning.setdefault(iri, []):
            if other[-1] != path[-1] and _side_by_side(path, other):
                raise term_error(address, path, f"means the same as {'.'.join(other)}")
        by_meaning[iri].append(path)
    _check_beside(address, context)


def _side_by_side(one: Path, other: Path) -> bool:
    """Say whether two terms count in one place: a term counts in all that is below its place."""
    shorter = min(len(one), len(other)) - 1
    return one[:shorter] == other[:shorter]


def _terms(
    address: str, context: Mapping[str, Any], around: Mapping[str, str], place: Path
) -> Iterator[tuple[Path, str]]:
    prefixes = {**around, **{name: iri for name, iri in context.items() if isinstance(iri, str)}}
    for name, value in context.items():
        path = (*place, name)
        if name.startswith("@"):
            if name not in PLAIN:
                raise term_error(address, path, "is nothing that a context may say here")
            continue
        if name in NAMES:
            if value != NAMES[name]:
                raise term_error(address, path, f"always means {NAMES[name]}")
            continue
        if name in _RESERVED:
            raise term_error(address, path, "has its meaning from W3C's context of credentials")
        said = value if isinstance(value, dict) else {"@id": value}
        inner = said.get("@context", {})
        if (
            not isinstance(said.get("@id"), str)
            or not isinstance(inner, dict)
            or not said.keys() <= _SAID_OF_A_TERM
            or said.get("@container", "@set") not in _CONTAINERS
        ):
            raise term_error(address, path, "is not an IRI, nor an @id with a @type or a @context")
        if len(path) > _DEEPEST:
            raise term_error(address, path, "is nested too deep")
        yield path, whole_iri(address, path, said["@id"], prefixes)
        kind = said.get("@type", "@id")
        if kind != "@id":
            whole_iri(address, path, str(kind), prefixes)
        yield from _terms(address, inner, prefixes, path)


def _check_beside(address: str, context: Mapping[str, Any]) -> None:
    """Refuse what JSON-LD does not take beside W3C's context, as it stands in a credential."""
    load = load_contexts(
        resource("edge/credentials/contexts"), CONTEXTS_2, {address: {"@context": dict(context)}}
    )
    inner = [name for name, value in context.items() if "@context" in _said(value)]
    for types in ([], *([name] for name in inner)):
        document = {
            "@context": [CREDENTIALS_2, address],
            "type": ["VerifiableCredential", *types],
        }
        try:
            jsonld.JsonLdProcessor().expand(document, {"documentLoader": load, "base": "urn:x"})
        except (jsonld.JsonLdError, UnknownContextError, TypeError, ValueError, KeyError) as error:
            raise term_error(
                address, tuple(types), "does not stand beside W3C's context of credentials"
            ) from error


def _said(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
