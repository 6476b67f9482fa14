"""Canonical N-Quads of a certificate: ours, PyLD's, and pyoxigraph's where it is installed.

``python -m benchmarks.canonical``: processor time of one document, and how many have PyLD's bytes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyld import jsonld

from benchmarks.certificates import claims
from edge.credentials import divoc, rdf

Canonical = Callable[[dict[str, Any]], bytes]
NAMES = ("Almaz Tesfaye", 'A "B" \\ C', "line\nbreak", "tab\tbed", "bell\x07", "አልማዝ", "\x7f")


def documents() -> list[dict[str, Any]]:
    made = []
    for number in range(70):
        made.append(json.loads(json.dumps(divoc._document(claims(number)))))
        made[-1]["credentialSubject"]["name"] = NAMES[number % len(NAMES)]
    return made


def ways(folder: Path) -> dict[str, Canonical]:
    canonicaliser = rdf.Canonicaliser(folder)
    found: dict[str, Canonical] = {
        "ours": canonicaliser.canonical,
        "PyLD": canonicaliser.slowly,
    }
    try:
        import pyoxigraph
    except ImportError:
        return found
    contexts = {
        url: json.loads((folder / name).read_text())["@context"]
        for url, name in rdf.CONTEXTS.items()
    }

    def named(data: str, form: Any) -> bytes:
        dataset = pyoxigraph.Dataset(pyoxigraph.parse(data, form))
        dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
        text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS)
        return b"".join(sorted(text.splitlines(keepends=True)))

    def read_by_pyld(document: dict[str, Any]) -> bytes:
        options = {"documentLoader": canonicaliser._load, "format": "application/n-quads"}
        return named(jsonld.to_rdf(document, options), pyoxigraph.RdfFormat.N_QUADS)

    def alone(document: dict[str, Any]) -> bytes:
        inlined = {**document, "@context": [contexts[url] for url in document["@context"]]}
        return named(json.dumps(inlined), pyoxigraph.RdfFormat.JSON_LD)

    return {**found, "PyLD, named by pyoxigraph": read_by_pyld, "pyoxigraph alone": alone}


def main() -> None:
    folder = Path(rdf.__file__).parent / "contexts"
    made = documents()
    right = [rdf.Canonicaliser(folder).slowly(one) for one in made]
    for name, canonical in ways(folder).items():
        same = sum(canonical(one) == wanted for one, wanted in zip(made, right, strict=True))
        best = min(_seconds(canonical, made) for _ in range(5))
        print(f"{name}: {best * 1e6:.0f} µs, {same} of {len(made)} as PyLD")


def _seconds(canonical: Canonical, made: list[dict[str, Any]]) -> float:
    begun = time.process_time()
    for document in made:
        canonical(document)
    return (time.process_time() - begun) / len(made)


if __name__ == "__main__":
    main()
