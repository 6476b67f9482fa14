"""What is installed and where: three packages, and the data they read.

The top level holds code (edge, sync, printers) beside data (templates, config, systemd), so
setuptools is told both instead of guessing. Data goes to ``share/divoc-edge`` of the
environment; ``sync/resources.py`` finds it there or in the checkout.
"""

from pathlib import Path

from setuptools import find_packages, setup

VERSION = "0.1.0"
DATA = ("templates", "config", "systemd")


def data_files() -> list[tuple[str, list[str]]]:
    """Every file below the data folders, by the folder it is installed to."""
    here = Path(__file__).parent
    folders: dict[str, list[str]] = {}
    for top in DATA:
        for path in sorted((here / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                relative = path.relative_to(here)
                folders.setdefault(f"share/divoc-edge/{relative.parent}", []).append(str(relative))
    return sorted(folders.items())


setup(
    version=VERSION,
    packages=find_packages(include=["edge*", "sync*", "printers*"]),
    package_data={
        "edge.web": ["static/*", "static/**/*"],
        "edge.credentials": ["contexts/*.json"],
        "sync": ["dictionaries/*.zdict"],
        "sync.web": ["*.js"],
        "sync.registry.web": ["pages/*.html", "pages/*.css", "locale/*.po"],
        "": ["py.typed"],
    },
    data_files=data_files(),
)
