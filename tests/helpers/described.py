"""An OpenAPI document, played by schemathesis against the application it describes, in this process.

Of each operation requests are made as the document says, and requests that it forbids. Whatever was
sent, the answer's status, type and content must be what the document promises, and none is a fault.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shares import TIMES

if TYPE_CHECKING:
    from flask import Flask

    # schemathesis is imported where something is played: it takes two seconds
    from schemathesis import Case, GenerationMode, Response
    from schemathesis.schemas import APIOperation

Known = Mapping[str, Sequence[str]]
"""Values that are there, by the names of the fields and parameters in which they make sense; those of a
path by its name and the path before it: ``people/{id}``."""
KINDS = ("positive", "negative")


class Described:
    """The operations of one document, and the application that answers them."""

    def __init__(self, document: dict[str, Any], app: Flask, known: Known) -> None:
        import schemathesis

        self._schema = schemathesis.openapi.from_dict(document)
        self._schema.app = app
        self._known = known
        found: list[Any] = [result.ok() for result in self._schema.get_all_operations()]  # type: ignore[union-attr]
        self._operations: dict[str, APIOperation[Any, Any, Any, Any]] = {
            f"{one.method.upper()} {one.path}": one for one in found
        }

    @property
    def names(self) -> list[str]:
        """Method and path of each operation."""
        return list(self._operations)

    def play(self, name: str, kind: str, examples: int, bearer: Callable[[], str]) -> Counter[int]:
        """Send so many requests of a kind, and give how many were answered with which status.

        ``bearer`` gives the token of who asks, empty for nobody; in one of five requests what the
        document's own examples would send instead stays. Raises what a wrong answer is.
        """
        from schemathesis import GenerationMode

        answered: Counter[int] = Counter()
        mode = GenerationMode(kind)

        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=TIMES == 1,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @given(self._operations[name].as_strategy(generation_mode=mode), st.data())
        def sent(case: Case[Any], data: st.DataObject) -> None:
            self._put_known(case, data, mode)
            token = bearer()
            if token and data.draw(st.integers(0, 4)):
                case.headers["Authorization"] = f"Bearer {token}"
            answer = case.call()
            answered[answer.status_code] += 1
            _check(case, answer)

        sent()
        return answered

    def _put_known(self, case: Case[Any], data: st.DataObject, mode: GenerationMode) -> None:
        """Name what is there in half of the paths, and in half of the fields of a right request."""
        if data.draw(st.booleans()):
            for place in re.findall(r"[\w-]+/{\w+}", case.path):
                if place in self._known:
                    name = place.partition("/")[2].strip("{}")
                    case.path_parameters[name] = data.draw(st.sampled_from(self._known[place]))
        if mode.is_positive:
            case.query = self._known_in(case.query, data)
            if isinstance(case.body, dict):
                case.body = self._known_in(case.body, data)

    def _known_in(self, value: Any, data: st.DataObject, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._known_in(one, data, key) for key, one in value.items()}
        if isinstance(value, str) and name in self._known and data.draw(st.booleans()):
            return data.draw(st.sampled_from(self._known[name]))
        return value


def _check(case: Case[Any], answer: Response) -> None:
    """Hold an answer against the document; "not now" (503) only where it says so, in words."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    if answer.status_code == 503:
        told = answer.json()
        assert told["temporary"], told
    else:
        checks.append(not_a_server_error)
    case.validate_response(answer, checks=checks)
