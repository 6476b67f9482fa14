"""What installed packages add: what does not fit is left out and named, and stops nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from edge.adapters.settings import FILE, Settings
from edge.adapters.signers import NoKeys
from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.cli import main
from edge.cli.site import make_site
from edge.credentials.evidence import Evidence, ScannedInput
from edge.credentials.issuing import ED25519, IssuedFormat, Signers
from edge.credentials.trust import Trust
from edge.credentials.verdict import CheckError
from edge.credentials.verifier import Verifier
from edge.domain.errors import BadInput, Unavailable
from edge.extensions import KEY_STORES, extensions, kinds
from edge.services.certificates.formats import AddedFormat, load_formats
from edge.services.printing.paper_fit import check_paper
from edge.wiring.keys import key_store
from printers.drivers import Drivers
from printers.errors import PrinterError
from sync.plugins import Kind, read_plugins
from sync.protocol.errors import TransportError
from sync.registry.store.sqlite import SqliteStore
from sync.registry.store.stores import StoreKind, open_store
from sync.resources import resource
from sync.site.transports import LineOptions, transport

Install = Callable[..., None]
TABLE = Kind("things", ("own",))


class Installed:
    """Packages in a folder, as an installer leaves them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, package: str, points: str, source: str = "", metadata: str | None = None) -> None:
        info = self.folder / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        told = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        (info / "METADATA").write_text(told if metadata is None else metadata)
        (info / "entry_points.txt").write_text(points)
        (self.folder / f"{package}_code.py").write_text(source)

    def __call__(self) -> Iterable[Distribution]:
        return distributions(path=[str(self.folder)])


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[Installed]:
    folder = tmp_path / "library"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Installed(folder)
    for name in set(sys.modules) - before:
        if name.endswith("_code"):
            del sys.modules[name]


def point(name: str, package: str = "one", group: str = "things", what: str = "thing") -> str:
    return f"[divoc_edge.{group}]\n{name} = {package}_code:{what}\n"


THING = "def thing(*given):\n    return given\n"


def condition(made_of: str) -> str:
    """Write a module that adds a condition."""
    return (
        "from edge.domain.schedule.conditions import AddedCondition\n"
        f"{THING}thing = AddedCondition({made_of})\n"
    )


LEFT_OUT = {
    "a name of the project's own": (point("own"), THING, "is taken"),
    "a module that fails": (
        point("x"),
        "raise RuntimeError('no driver')",
        "RuntimeError: no driver",
    ),
    "a module that ends the process": (point("x"), "raise SystemExit(3)", "SystemExit"),
    "a module that is not there": (point("x", "gone"), "", "ModuleNotFoundError"),
    "a module that does not compile": (point("x"), "def (", "SyntaxError"),
    "an attribute that is not there": (point("x"), "", "AttributeError"),
    "something else": (point("x"), "thing = 7", "It is not a function."),
    "a name with a capital": (point("Xy"), THING, "small letters"),
    "a name that is too long": (point("x" * 41), THING, "small letters"),
    "no module at all": ("[divoc_edge.things]\nx = !!\n", "", "cannot be loaded"),
}


@pytest.mark.parametrize("fault", LEFT_OUT)
def test_what_does_not_fit_is_left_out_with_the_reason_and_the_rest_is_used(
    packages: Installed, fault: str
) -> None:
    points, source, reason = LEFT_OUT[fault]
    packages.add("one", points, source)
    packages.add("two", point("good", "two"), THING)
    plugins = read_plugins([TABLE], packages)
    left = [one for one in plugins.found if one.state == "left out"]
    assert [one.package for one in left] == ["one"]
    assert reason in left[0].reason
    assert list(plugins.with_added("things", {"own": 1})) == ["own", "good"]
    assert plugins.with_added("things", {"own": 1})["own"] == 1


def test_of_two_packages_with_one_name_neither_is_used(packages: Installed) -> None:
    packages.add("one", point("same"), THING)
    packages.add("two", point("same", "two"), THING)
    plugins = read_plugins([TABLE], packages)
    assert plugins.with_added("things", {}) == {}
    assert ["none of them is used" in one.reason for one in plugins.found] == [True, True]


def test_a_package_with_damaged_metadata_harms_no_other(packages: Installed) -> None:
    packages.add("one", "[divoc_edge.things\nx == =\n\0", "")
    packages.add("two", point("good", "two"), THING)
    packages.add("three", point("nameless", "three"), THING, metadata="")
    plugins = read_plugins([TABLE], packages)
    assert "good" in plugins.with_added("things", {})


def test_a_distribution_that_raises_harms_no_other(packages: Installed) -> None:
    class Broken(Distribution):
        def read_text(self, filename: str) -> str | None:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "damaged")

        def locate_file(self, path: Any) -> Any:
            raise OSError

    packages.add("two", point("good", "two"), THING)
    plugins = read_plugins([TABLE], lambda: [Broken(), *packages()])
    assert list(plugins.with_added("things", {})) == ["good"]


def test_groups_of_others_and_of_newer_versions_are_not_loaded(packages: Installed) -> None:
    packages.add(
        "one", "[console_scripts]\nx = one_code:thing\n" + point("y", group="later"), "1/0"
    )
    assert read_plugins([TABLE], packages).found == ()
    assert "one_code" not in sys.modules


def test_every_table_can_be_added_to_and_none_of_the_projects_own_is_changed(
    packages: Installed,
) -> None:
    names = {kind.name for kind in kinds()}
    assert names == {
        "connections", "languages", "bands", "dialogues", "formats", "key_stores", "transports",
        "stores", "followers", "conditions", "identity", "payment", "distribution", "sign_in",
    }  # fmt: skip
    source = THING + (
        "from printers.dialogues.base import Dialogue\n"
        "from edge.services.certificates.formats import AddedFormat\n"
        "from sync.registry.store.stores import StoreKind\n"
        "class talk(Dialogue): pass\n"
        "from edge.domain.schedule.conditions import AddedCondition\n"
        "form = AddedFormat()\nasked = AddedCondition(thing)\nstore = StoreKind(thing, thing)\n"
    )
    special = {"dialogues": "talk", "formats": "form", "stores": "store", "conditions": "asked"}
    packages.add(
        "one",
        "".join(point("x-new", group=name, what=special.get(name, "thing")) for name in names),
        source,
    )
    bare, more = extensions(lambda: []), extensions(packages)
    assert {one.state for one in more.found} == {"loaded"}
    assert {one.kind for one in more.found} == names
    for given, own in (
        (more.drivers.connections, bare.drivers.connections),
        (more.drivers.languages, bare.drivers.languages),
        (more.drivers.dialogues, bare.drivers.dialogues),
        (more.drivers.bands, bare.drivers.bands),
        (more.transports, bare.transports),
        (more.key_stores, bare.key_stores),
        (more.followers, bare.followers),
        (more.conditions, bare.conditions),
    ):
        assert set(given) - set(own) == {"x-new"}
        assert "x-new" not in own
    assert len(more.formats) == 1


def test_an_added_name_that_the_project_uses_is_refused_in_every_table(packages: Installed) -> None:
    taken = [(kind.name, name) for kind in kinds() for name in kind.taken]
    assert ("followers", "registry") in taken
    assert ("key_stores", "file") in taken
    packages.add("one", "".join(point(name, group=kind) for kind, name in taken), THING)
    found = extensions(packages).found
    assert len(found) == len(taken)
    assert {one.state for one in found} == {"left out"}


def test_a_format_whose_name_does_not_begin_with_x_is_left_out(packages: Installed) -> None:
    packages.add("one", point("divoc", group="formats"), THING)
    (found,) = extensions(packages).found
    assert "beginning with x-" in found.reason


WRONG_CONDITIONS = {
    "a bare function": "def thing(*_): return True",
    "a schema that is none": condition("thing, {'type': 'horse'}"),
    "a pattern that is none": condition("thing, {'pattern': '('}"),
    "a schema that is a list": condition("thing, []"),
    "something that cannot be asked": condition("7, {}"),
}


@pytest.mark.parametrize("wrong", WRONG_CONDITIONS)
def test_a_condition_that_cannot_be_asked_or_checked_is_left_out(
    packages: Installed, wrong: str
) -> None:
    packages.add("one", point("x-one", group="conditions"), WRONG_CONDITIONS[wrong])
    more = extensions(packages)
    assert more.conditions == {}
    assert "It is not an AddedCondition" in more.found[0].reason


def test_drivers_reach_an_added_connection_and_name_it_among_those_known() -> None:
    drivers = Drivers(connections={"spool": lambda parts: parts})  # type: ignore[dict-item,return-value]
    assert str(drivers.connect("spool:///x")) == str(urlsplit("spool:///x"))
    with pytest.raises(PrinterError, match="Addresses begin with: spool:"):
        drivers.connect("tcp://x")


def test_an_added_transport_and_an_added_store_are_opened_by_their_schemes(tmp_path: Path) -> None:
    way = object()
    assert transport("lora://x", transports={"lora": lambda uri, line: way}) is way  # type: ignore[dict-item,return-value]
    with pytest.raises(TransportError, match="Addresses begin with: lora://"):
        transport("https://x", LineOptions(), {"lora": lambda uri, line: way})
    kind = StoreKind(lambda uri: SqliteStore(tmp_path / "r.db"), lambda uri, now: ())
    open_store("own://x", {"own": kind}).close()


def test_a_key_store_whose_package_is_gone_holds_no_key_and_says_so(tmp_path: Path) -> None:
    found = key_store(tmp_path, Settings("X", signing_keys="vault:secret/key"), KEY_STORES)
    assert isinstance(found, NoKeys)
    assert found.names() == []
    with pytest.raises(Unavailable, match="vault:") as told:
        found.key("signer-0001")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("wrong", [{"registry": "ftp://x"}, {"signing_keys": "valt:x"}])
def test_a_new_site_with_an_address_of_no_known_kind_is_refused(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        make_site(tmp_path / "site", Settings("X", **wrong))  # type: ignore[arg-type]
    assert not (tmp_path / "site" / FILE).exists()


class Faulty:
    """A reader of a format that fails in every way there is."""

    name = "other"

    def __init__(self, where: str) -> None:
        self._where = where

    def recognises(self, shown: ScannedInput) -> bool:
        if self._where == "recognises":
            raise ZeroDivisionError
        return True

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        if self._where == "examine":
            raise ZeroDivisionError
        return None  # type: ignore[return-value]


@pytest.mark.parametrize("where", ["recognises", "examine", "answer"])
def test_a_fault_in_an_added_reader_is_a_certificate_that_is_not_read(where: str) -> None:
    added = AddedFormat(reading=Faulty(where)).named("x-faulty")
    verifier = Verifier(load_formats([added]).reading, Trust())
    assert verifier.verify(b"anything", datetime.now(UTC)).verdict == "unreadable"


def fail(*_: object) -> Any:
    raise ZeroDivisionError


def test_a_fault_in_an_added_format_is_a_certificate_that_is_left_out() -> None:
    row = IssuedFormat("other", ED25519, fail, fail, fail)
    kept = AddedFormat(issuing=row).named("x-faulty").issuing
    assert kept is not None
    assert kept.name == "x-faulty"
    with pytest.raises(CheckError):
        kept.issue(None, Signers())  # type: ignore[arg-type]
    for work in (kept.payload, kept.lookup):
        with pytest.raises(Unavailable, match="x-faulty"):
            work("x")


def test_a_campaign_with_a_format_that_is_not_installed_is_refused_before_it_is_applied() -> None:
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    body["programmes"][0]["certificates"] = {"formats": ["divoc", "x-gone"]}
    with pytest.raises(CampaignErrors) as told:
        check_paper(body, load_formats().issuing)
    assert "x-gone" in str(told.value.mistakes[0])


def test_a_campaign_with_a_format_that_cannot_be_made_is_refused_in_words() -> None:
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    body["programmes"][0]["certificates"] = {"formats": ["divoc", "x-faulty"]}
    added = AddedFormat(issuing=IssuedFormat("o", ED25519, fail, fail, fail))
    with pytest.raises(CampaignErrors) as told:
        check_paper(body, load_formats([added.named("x-faulty")]).issuing)
    assert {"format": "x-faulty"}.items() <= told.value.mistakes[0].values.items()


def test_the_command_lists_what_was_left_out_and_ends_so(
    packages: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.add(
        "one", point("spool", group="connections") + point("tcp", group="connections"), THING
    )
    found = extensions(packages)
    monkeypatch.setattr("edge.extensions.installed", lambda: found)
    run = CliRunner().invoke(main, ["plugins"])
    assert run.exit_code == 1
    assert "loaded" in run.output
    assert "is taken by a part of divoc-edge" in run.output
    monkeypatch.setattr("edge.extensions.installed", lambda: replace(found, found=()))
    run = CliRunner().invoke(main, ["plugins", "--added"])
    assert (run.exit_code, run.output) == (0, "No installed package adds anything.\n")
