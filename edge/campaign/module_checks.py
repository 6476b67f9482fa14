"""Which modules a campaign may name, and what each of them needs beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.modules import BY_SITE_ALONE, MODULES, unmet


def check_modules(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find modules that there are not, that sites alone switch, and that lack another."""
    campaign = files["campaign"]
    names: list[str] = campaign.value.get("modules", [])
    known = [name for name in MODULES if name not in BY_SITE_ALONE]
    for place, name in enumerate(names):
        if name in BY_SITE_ALONE:
            yield campaign.mistake(
                ("modules", place),
                "modules.site",
                "The module {name} is switched by each site (site.toml): a campaign that switched"
                " it off could never reach its sites again. Leave it out.",
                name=name,
            )
        elif name not in MODULES:
            yield campaign.unknown(
                ("modules", place),
                "modules.unknown",
                "There is no module {code}.",
                name,
                known,
                few=True,
            )
    for name, needed in unmet(names):
        yield campaign.mistake(
            ("modules", names.index(name)),
            "modules.needs",
            "The module {name} needs {needed} beside it. Add it, or leave {name} out.",
            name=name,
            needed=" or ".join(sorted(needed)),
        )
