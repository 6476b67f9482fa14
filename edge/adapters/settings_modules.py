"""Which modules ``site.toml`` may name: those that there are, each with what it needs."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.modules import MODULES, unmet
from edge.domain.nearest import nearest

MODULE_LINES = (
    "# The modules that run here, as far as the campaign wants them too; empty: every one. They",
    f"# are {', '.join(MODULES)}.",
)


def module_trouble(names: Sequence[str], registry: str) -> tuple[str, str] | None:
    """Say what is wrong with the modules of a site, and what to write; None: nothing.

    ``registry`` is the setting of that name.
    """
    for name in names:
        if name not in MODULES:
            near = nearest(name, MODULES)
            return (
                f"names {name!r}, and there is no such module",
                f'"{near}"' if near else "some of: " + ", ".join(MODULES),
            )
    for name, needed in unmet(names):
        return (
            f"names {name} without what it needs",
            f"{' or '.join(sorted(needed))} beside it, or leave {name} out",
        )
    if names and registry and "registry" not in names:
        return (
            f"leaves out registry, and this site delivers to {registry}",
            "registry beside the others, or the setting registry as nothing",
        )
    return None
