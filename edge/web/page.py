"""What is said of a page: its path, its modules, who may see it, what draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.domain.catalogue import Role
from edge.domain.modules import Needs
from edge.web.context import Context
from edge.web.noting import Sight
from edge.web.visit import Answer


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A page of those who are signed in; ``view`` takes the visit and the path's values.

    ``needs``: the modules that it is of; where they do not run there is no such page. ``again``
    draws the page whose form this is, with the problem, where the form is refused.
    ``sees``: what it shows of people.
    """

    path: str
    needs: Needs
    roles: frozenset[Role]
    view: Callable[..., Answer]
    methods: tuple[str, ...] = ("GET",)
    again: Callable[..., Answer] | None = None
    sees: Sight | None = None
    name: str = ""

    @property
    def endpoint(self) -> str:
        """The name of its route: that of the view, where no other is given."""
        return self.name or self.view.__name__


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page of everybody on the network, of the modules that it ``needs``."""

    path: str
    needs: Needs
    view: Callable[[Context], Answer]
    methods: tuple[str, ...] = ("GET",)

    @property
    def endpoint(self) -> str:
        """The name of its route."""
        return self.view.__name__
