"""A route of the API: its path and modules, who may, what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.domain.catalogue import Role
from edge.domain.modules import Needs
from edge.web.calls import ApiInput
from edge.web.noting import Sight

EVERYBODY: frozenset[Role] = frozenset()
CLINICAL: frozenset[Role] = frozenset({"registrar", "vaccinator", "supervisor", "clinician"})
"""A technician keeps the machine running and has no business with people's records."""

STAFF: frozenset[Role] = CLINICAL | {"technician"}

OFFICE: frozenset[Role] = frozenset({"supervisor", "technician"})
"""Those who put right what the registry does not accept, and those who call its help desk."""

OBSERVERS: frozenset[Role] = frozenset({"vaccinator", "supervisor", "clinician"})
"""Those who note what a schedule asks about a person."""

SUPERVISORS: frozenset[Role] = frozenset({"supervisor"})
"""Those who decide whether two records are of one person."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; ``roles`` empty: open to everybody on the network.

    ``needs``: the modules that it is of; where they do not run there is no such route. ``sees``:
    what it shows of people.
    """

    method: str
    path: str
    needs: Needs
    roles: frozenset[Role]
    handler: Callable[[ApiInput], Any]
    answer: Any
    body: Any = None
    query: tuple[str, ...] = ()
    media: str = "application/json"
    sees: Sight | None = None

    @property
    def summary(self) -> str:
        """The first sentence of the handler's documentation."""
        return (self.handler.__doc__ or "").split("\n")[0]
