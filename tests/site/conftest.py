"""A whole site in a temporary folder, with the demonstration's campaign and people."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from registry_server import Nation
from requirements import missing
from site_factory import fill, vouch_for

from edge.adapters.control import Control
from edge.adapters.settings import FILE, PrinterSettings, Settings, write_settings
from edge.cli.site import make_site
from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.tasks import do_task

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One token for the whole run: the library reads its settings once in a process."""
    if not SOFTHSM.exists() or not shutil.which("softhsm2-util"):
        missing("SoftHSM (softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    subprocess.run(
        [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            "edge",
            "--pin",
            "1234",
            "--so-pin",
            "5678",
        ],
        check=True,
        capture_output=True,
    )
    (folder / "pin").write_text("1234\n")
    return f"pkcs11:token=edge?module-path={SOFTHSM}&pin-source={folder / 'pin'}"


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a new site, to be copied and not to be opened."""
    folder: Path = tmp_path_factory.mktemp("made") / "site"
    make_site(folder, Settings(facility="DEMO01"))
    return folder


@pytest.fixture(scope="session")
def filled_folder(made_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the same site with the demonstration in it, to be copied."""
    folder: Path = tmp_path_factory.mktemp("filled") / "site"
    shutil.copytree(made_site, folder)
    node = Node(folder)
    fill(node)
    node.close()
    return folder


@pytest.fixture
def site_folder(tmp_path: Path, made_site: Path) -> Path:
    """Give the folder of a new site of the test's own, with a printer."""
    folder = tmp_path / "site"
    shutil.copytree(made_site, folder)
    printer = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    write_settings(folder, Settings(facility="DEMO01", zone="UTC", printers=(printer,)))
    return folder


@pytest.fixture
def node(site_folder: Path, filled_folder: Path) -> Iterator[Node]:
    """Give a site of the test's own, as it stands when it was filled and started again."""
    settings = shutil.ignore_patterns(FILE)
    shutil.copytree(filled_folder, site_folder, ignore=settings, dirs_exist_ok=True)
    node = Node(site_folder)
    yield node
    node.close()


@pytest.fixture
def vouched(node: Node, tmp_path: Path) -> Node:
    """Give the same site with the nation's word for its key."""
    vouch_for(node, tmp_path / "authority")
    return node


@pytest.fixture
def nation(tmp_path: Path) -> Iterator[Nation]:
    """Give a registry on a port, at which a test makes sites."""
    nation = Nation(tmp_path)
    yield nation
    nation.close()


@pytest.fixture
def running(node: Node) -> Iterator[Node]:
    """Give the same site with a node that commands reach."""
    control = Control(node.folder, partial(do_task, node))
    yield node
    control.close()


@pytest.fixture
def staff(node: Node) -> Callable[[str], Staff]:
    def find(code: str) -> Staff:
        with node.journal.reading() as db:
            return node.site.catalogues.current(db).staff[code]

    return find


@pytest.fixture
def person(node: Node) -> Callable[[str], str]:
    """Find a person of the demonstration by name; give the id."""

    def find(name: str) -> str:
        with node.journal.reading() as db:
            return views.find_people(db, name)[0].id

    return find


@pytest.fixture
def dose(person: Callable[[str], str]) -> Callable[..., commands.GiveDose]:
    """Make the request for a first dose of COVID-19 vaccine."""

    def make(name: str = "Grace Wanjiru", **fields: object) -> commands.GiveDose:
        asked = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A", **fields}
        return commands.GiveDose(person=person(name), **asked)  # type: ignore[arg-type]

    return make


@pytest.fixture
def read_abroad(
    node: Node,
    staff: Callable[[str], Staff],
    dose: Callable[..., commands.GiveDose],
    tmp_path: Path,
) -> tuple[str, str]:
    """Give a dose with a certificate that is read abroad; its number and its code."""
    vouch_for(node, tmp_path / "nation")
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    with node.journal.reading() as db:
        record = views.recorded(db, outcome.id)
        assert record
        issued = views.certificate(db, record.certificate)
    assert issued
    return record.certificate, issued.credentials["dcc-1.3"]
