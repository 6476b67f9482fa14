"""Lists of people who are expected, for a site without a line: pieces on a stick."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from expected_people import name_of, row, small_pieces, table
from stick_sites import Country

from edge.adapters.site_database import reading
from edge.cli import main as edge_main
from sync.registry.cli import main as registry_main

pytestmark = pytest.mark.slow


def publish(country: Country, count: int) -> None:
    path = country.folder / "people.csv"
    path.write_text(table(row(number) for number in range(count)))
    words = ["--list", "spring", "--programme", "covid-19", "--by", "Amina"]
    where = ["--data", str(country.data)]
    done = CliRunner().invoke(registry_main, ["enrolments", "publish", str(path), *words, *where])
    assert done.exit_code == 0, done.output


def here(site: Path) -> set[str]:
    with reading(site) as db:
        return {name for (name,) in db.execute("SELECT name FROM person")}


def expected(country: Country, site: Path) -> tuple[int, int]:
    status = json.loads(country.edge(site, "status", "--json").output)
    (one,) = status["lists"]
    return one["taken"], one["people"]


def test_half_a_stick_tells_what_is_missing_and_the_next_one_brings_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pieces(monkeypatch, 5)
    monkeypatch.setattr("sync.registry.sealed_pieces._ANSWER", 600)
    country = Country(tmp_path)
    site = country.site("site")
    country.enrol(site, country.invite())
    country.read(site)
    publish(country, 18)
    country.export(site)
    assert all(one["answered"] for one in country.take())
    pieces = sorted(country.stick.glob("*.pieces.age"))
    assert len(pieces) == 4
    names = {name_of(number) for number in range(18)}
    for path in country.stick.iterdir():
        assert all(name.encode() not in path.read_bytes() for name in names)
        assert path.name.startswith("divoc-edge-")
    pieces[1].unlink()  # the stick was full, or was pulled out
    pieces[2].write_bytes(pieces[2].read_bytes()[:500])
    pieces[3].write_bytes(pieces[3].read_bytes() + pieces[0].read_bytes())
    large = pieces[0].with_name(pieces[0].name.replace("0001", "0009"))
    with large.open("wb") as file:
        file.truncate(2 << 30)  # of nothing: it takes no room on the disk
    pieces[0].with_name(pieces[0].name.replace("0001", "0010")).mkdir()
    first = country.read(site)
    assert (first["pieces"], first["missingPieces"]) == (1, 3)
    assert expected(country, site) == (5, 18)
    country.export(site)
    country.take()
    assert not large.exists()
    assert len([path for path in country.stick.glob("*.pieces.age") if path.is_file()]) == 3
    last = country.read(site)
    assert (last["pieces"], last["missingPieces"]) == (3, 0)
    assert names <= here(site)
    again = country.read(site)  # the same stick a second time
    assert again["pieces"] == 0
    country.export(site)
    country.take()
    assert [path for path in country.stick.glob("*.pieces.age") if path.is_file()] == []
    status = CliRunner().invoke(
        registry_main, ["enrolments", "status", "spring", "--data", str(country.data)]
    )
    assert "DEMO01       18 of 18" in status.output
    told = CliRunner().invoke(edge_main, ["status", "--data", str(site)])
    assert "Expected      spring: 18 of 18 people\n" in told.output
