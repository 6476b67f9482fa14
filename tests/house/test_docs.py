"""What the documents say is so: their links lead somewhere, their commands exist and run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.domain.slip_template import OFFERS, TemplateValues
from edge.node import Node
from sync.protocol.entries import canonical
from sync.registry.cli import main as registry

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks/README.md"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith("http"):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if heading:
            titles = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles]
            assert heading in slugs, link


def commands(program: str = "divoc-edge") -> list[str]:
    found = set()
    for page in PAGES:
        for block in re.findall(r"```(?:sh|text)\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                words = line.split()
                if words[:1] == [program]:
                    names = [word for word in words[1:3] if re.fullmatch(r"[a-z-]+", word)]
                    found.add(" ".join(word for word in names if not word.startswith("-")))
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_a_command_in_the_documents_exists_and_explains_itself(command: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "edge", *command.split(), "--help"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "Usage:" in run.stdout


@pytest.mark.parametrize("command", commands("divoc-registry"))
def test_a_command_of_the_registry_in_the_documents_explains_itself(command: str) -> None:
    run = CliRunner().invoke(registry, [*command.split(), "--help"])
    assert run.exit_code == 0, run.output
    assert "Usage:" in run.output


def test_the_readme_gives_the_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("bin/demo", "bin/test"):
        assert f"```sh\n{command}\n```" in readme
        assert (ROOT / command).stat().st_mode & 0o111
    assert "bin/test" in (ROOT / ".ci/run").read_text()


def test_the_example_of_the_protocol_has_the_hash_it_says() -> None:
    text = (ROOT / "docs/protocol.md").read_text()
    example = re.search(r"```json\n(.*?)\n```", text, re.DOTALL)
    assert example
    assert canonical(json.loads(example[1])).decode() == example[1]
    assert f"sha256: {hashlib.sha256(example[1].encode()).hexdigest()}" in text


def test_every_entry_type_is_in_the_architecture_and_every_refusal_in_the_protocol() -> None:
    architecture = (ROOT / "docs/architecture.md").read_text()
    for schema in (ROOT / "config/schemas/entries").glob("[A-Z]*.json"):
        assert f"`{schema.name.split('.')[0]}`" in architecture
    protocol = (ROOT / "docs/protocol.md").read_text()
    source = "".join(path.read_text() for path in (ROOT / "sync").rglob("*.py"))
    codes = set(
        re.findall(r'ProtocolError\(\s*"((?:batch|enrol|node|key|history)\.[a-z-]+)"', source)
    )
    assert len(codes) > 12
    for code in codes:
        assert f"`{code}`" in protocol, code


@pytest.mark.slow
def test_a_wheel_carries_the_pages_the_campaign_and_the_contexts(tmp_path: Path) -> None:
    source = _copied(tmp_path / "source")
    run = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, source],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "share/divoc-edge/templates/pages/person.html",
        "share/divoc-edge/config/demo/campaign/staff.yaml",
        "share/divoc-edge/config/demo/clinic/staff.yaml",
        "share/divoc-edge/config/campaigns/routine-immunisation/schedules/routine.yaml",
        "share/divoc-edge/config/locale/ar.po",
        "share/divoc-edge/config/printers/escpos-80.yaml",
        "share/divoc-edge/systemd/divoc-edge.service",
        "edge/credentials/contexts/vaccination-v2.json",
        "edge/web/static/edge.css",
        "sync/registry/web/pages/registry.html",
    ):
        assert any(name.endswith(wanted) for name in names), wanted
    assert not any("tests/" in name for name in names)


def test_nothing_committed_names_a_path_of_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    for name in listed or pytest.skip("this is not a git checkout"):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".html", ".sh", ""):
            assert "/" + "work/" not in path.read_text(errors="ignore"), name


def _copied(target: Path) -> Path:
    ignore = shutil.ignore_patterns(
        ".*", "build", "demo-data", "*.egg-info", "__pycache__", "tests"
    )
    shutil.copytree(ROOT, target, ignore=ignore)
    return target


def test_the_page_of_slips_names_every_value_a_template_may_use() -> None:
    page = (ROOT / "docs/slips.md").read_text()

    def names(offer: TemplateValues) -> set[str]:
        found = set(offer.texts | offer.codes | set(offer.lists))
        return found.union(*(names(one) for one in offer.lists.values()))

    told = set(re.findall(r"`([a-z_]+)`", page))
    assert set().union(*(names(one) for one in OFFERS.values())) <= told


def test_the_protocols_page_names_each_code_of_a_refusal_once() -> None:
    page = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
    table = page.partition("## Refusals\n")[2].partition("\n## ")[0]
    codes = [
        code
        for line in table.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([\w.-]+)`", line.split(" | ")[0])
    ]
    assert len(codes) > 30
    assert sorted(codes) == sorted(set(codes))


def test_the_protocols_page_tells_of_every_kind_of_letter_that_a_site_takes(tmp_path: Path) -> None:
    page = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
    table = page.partition("| kind | body |")[2].partition("\n\n")[0]
    make_site(tmp_path / "site", Settings(facility="DEMO01"))
    node = Node(tmp_path / "site")
    kinds = node.inbox.kinds
    node.close()
    assert len(kinds) > 4
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == kinds
