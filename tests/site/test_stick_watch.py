"""A running site serves a stick by itself, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stick_sites import Country, enrolled, network

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.domain.errors import BadInput
from edge.node import Node
from edge.services.registry.stick_watch import StickState, StickWatch, on_a_mount
from sync.protocol.bundles import files
from sync.protocol.keys import node_id

NAME = "Grace Wanjiru"


@pytest.fixture
def country(tmp_path: Path) -> Country:
    return Country(tmp_path)


def watched(node: Node, country: Country, now: list[float], mounted: list[bool]) -> StickWatch:
    return StickWatch(
        node.sticks,
        node.journal,
        country.stick,
        lambda: now[0],
        node.clock.now,
        lambda folder: mounted[0],
    )


def test_a_running_site_serves_a_stick_by_itself_once_it_is_plugged_in(country: Country) -> None:
    site = country.site("site", registry=country.stick.as_uri())
    assert read_settings(site).stick_folder == country.stick
    assert "delivers by stick" in country.edge(site, "sync", "now").output
    assert country.enrol(site, country.invite()).exit_code == 0
    node = Node(site)
    now, mounted = [0.0], [False]
    watch = watched(node, country, now, mounted)
    watch.run()
    assert not files.outward_parts(country.stick)
    mounted[0] = True
    watch.run()
    (part,) = files.outward_parts(country.stick)
    country.take()
    part.path.unlink()
    now[0] = 1000.0
    watch.run()
    assert node.registry.state().delivered == 0  # the stick stayed in: it was read already
    mounted[0] = False
    watch.run()
    mounted[0] = True
    watch.run()
    assert node.registry.state().state == "synced"
    assert files.outward_parts(country.stick)
    assert "stick" in node.jobs.names
    assert "sync" not in node.jobs.names
    node.close()


def test_a_running_site_whose_line_is_away_is_served_by_a_stick_and_then_by_the_line(
    country: Country,
) -> None:
    site = enrolled(country)
    (site / "site.toml").unlink()
    told = Settings("DEMO01", registry="https://registry.example", stick=str(country.stick))
    write_settings(site, told)
    node = Node(site)
    assert {"stick", "sync"} <= node.jobs.names
    now, mounted = [0.0], [True]
    watch = watched(node, country, now, mounted)
    away = ["a storm"]
    for link in network(node, country, away):
        assert link.run().state == "unreachable"
        watch.run()
        country.take()
        for there in (False, True):
            mounted[0] = there
            watch.run()
        stands = link.state()
        assert (stands.state, stands.delivered) == ("synced", stands.recorded)
        assert stands.by_stick
        away.clear()
        done = link.run()
        assert (done.state, done.sent) == ("synced", 0)
    node.close()


def test_a_stick_says_that_it_must_stay_in_and_then_what_is_on_it(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = enrolled(country)
    node = Node(site)
    now, mounted = [0.0], [False]
    watch = watched(node, country, now, mounted)
    watch.run()
    assert watch.state() == StickState()
    mounted[0] = True
    seen = []

    def slow(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(folder: Path) -> Any:
            seen.append(watch.state())
            return work(folder)

        return run

    for name in ("take_in", "export"):
        monkeypatch.setattr(node.sticks, name, slow(getattr(node.sticks, name)))
    watch.run()
    assert [(one.there, one.busy, one.written_at) for one in seen] == [(True, True, "")] * 2
    done = watch.state()
    assert (done.there, done.busy, done.unread, done.unwritten) == (True, False, None, None)
    assert (done.entries, done.written_at > "2026") == (node.registry.state().recorded, True)
    mounted[0] = False
    watch.run()
    assert watch.state() == replace(done, there=False)
    node.close()


def test_a_stick_that_cannot_be_written_is_told_and_tried_again_within_a_minute(
    country: Country,
) -> None:
    site = enrolled(country)
    node = Node(site)
    now, mounted = [0.0], [True]
    watch = watched(node, country, now, mounted)
    watch.run()
    mounted[0] = False
    watch.run()
    (part,) = files.outward_parts(country.stick)
    in_the_way = part.path.with_name(f"{part.path.name}.new")
    in_the_way.mkdir()
    mounted[0] = True
    watch.run()  # another stick, on which nothing can be written; nothing new was recorded
    told = watch.state()
    assert (told.busy, told.written_at) == (False, "")
    assert told.unwritten
    assert "cannot be written" in told.unwritten.sentence
    in_the_way.rmdir()
    now[0] = 59.0
    watch.run()
    assert watch.state() == told
    now[0] = 60.0
    watch.run()
    assert watch.state().unwritten is None
    assert watch.state().written_at
    node.close()


def test_a_stick_that_holds_nonsense_for_this_site_is_told_and_written_all_the_same(
    country: Country,
) -> None:
    site = enrolled(country)
    country.export(site)
    node = Node(site)
    (country.stick / files.inward_name(node_id(node.sticks._key.public_key()))).write_text("no")
    watch = watched(node, country, [0.0], [True])
    watch.run()
    told = watch.state()
    assert told.unread
    assert "divoc-edge-" in told.unread.sentence.format(**told.unread.values)
    assert (told.unwritten, bool(told.written_at)) == (None, True)
    node.close()


def test_a_stick_that_is_pulled_out_while_it_is_written_is_not_called_written(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(enrolled(country))
    mounted = [True]
    watch = watched(node, country, [0.0], mounted)
    export = node.sticks.export

    def unplugged(folder: Path) -> Any:
        mounted[0] = False  # from here on the folder is one on the site's own disk
        return export(folder)

    monkeypatch.setattr(node.sticks, "export", unplugged)
    watch.run()
    told = watch.state()
    assert told.unwritten
    assert told.unwritten.sentence == "The stick was pulled out too soon."
    assert (told.busy, told.written_at) == (False, "")
    watch.run()
    assert not watch.state().there
    node.close()


@pytest.mark.parametrize(
    ("registry", "stick", "sentence"),
    [
        ("https://registry.example", "media/stick", "stick is not a whole path"),
        ("", "/media/stick", "stick is for a site with a line"),
        ("file:///media/one", "/media/two", "stick is for a site with a line"),
    ],
)
def test_a_stick_folder_that_cannot_be_meant_is_refused_by_its_name(
    tmp_path: Path, registry: str, stick: str, sentence: str
) -> None:
    write_settings(tmp_path, Settings("DEMO01", registry=registry, stick=stick))
    with pytest.raises(BadInput, match=sentence) as refused:
        read_settings(tmp_path)
    assert refused.value.field == "stick"


def test_a_folder_that_nothing_is_mounted_on_is_no_stick(tmp_path: Path) -> None:
    assert not on_a_mount(tmp_path / "not there")
    assert on_a_mount(Path("/proc/self").resolve())
