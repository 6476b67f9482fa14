"""Somebody else answers in the registry's place: no record goes there, and the site says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from imposters import REDIRECTION, SIGN_IN_PAGE, found_in, portal, relay, stranger
from networks import REGISTRY, Networks
from processes import PORT, Registry, Site, set_up_again

pytestmark = pytest.mark.slow  # real processes on bad lines

Ends = tuple[Site, Registry]
OVER_TLS = f"https://{REGISTRY}:{PORT}"


def test_what_a_listener_finds_is_every_record_when_the_line_is_open(
    networks: Networks, ends: Ends, people: list[str]
) -> None:
    """Else the searches below would find nothing because they cannot."""
    site, _ = ends
    registry = Registry(networks, ends[1].folder, PORT + 1)
    with registry, relay(networks, PORT, registry.address) as heard, site:
        site.settles(60, "synced")
    assert found_in(b"".join(heard.received), people) == set(people)


@pytest.mark.parametrize("answer", [SIGN_IN_PAGE, REDIRECTION], ids=["page", "redirection"])
def test_a_sign_in_page_gets_no_byte_of_a_record_and_is_named(
    networks: Networks, ends: Ends, people: list[str], answer: bytes
) -> None:
    site, _ = ends
    with portal(networks, PORT, answer) as page, site:
        said = site.settles(60)
    assert said["state"] == "unreachable"
    assert said["trouble"] == (
        "Something on the network answers in the place of the registry."
        " Perhaps a sign-in page: open a web page on this line."
    )
    assert page.connections > 0
    assert found_in(b"".join(page.received), people) == set()
    assert found_in(networks.captured.read_bytes(), people) == set()


def behind_a_stranger(networks: Networks, site: Site, folder: Path) -> tuple[str, bytes]:
    """Meet TLS under a root that nobody knows; what the site says, and what it sent."""
    tls, _ = stranger(folder)
    set_up_again(site, registry=OVER_TLS)
    with portal(networks, PORT, SIGN_IN_PAGE, tls) as page, site:
        said = site.settles(60)
    assert page.connections > 0
    assert said["state"] == "unreachable"
    return said["trouble"], b"".join(page.received)


def test_tls_under_a_foreign_root_gets_nothing_at_all(
    networks: Networks, ends: Ends, people: list[str], tmp_path: Path
) -> None:
    _, received = behind_a_stranger(networks, ends[0], tmp_path)
    assert received == b""
    assert found_in(networks.captured.read_bytes(), people) == set()


def test_tls_under_a_foreign_root_is_named(networks: Networks, ends: Ends, tmp_path: Path) -> None:
    trouble, _ = behind_a_stranger(networks, ends[0], tmp_path)
    assert "certificate" in trouble


def test_tls_under_the_nations_own_root_is_believed_and_hides_every_record(
    networks: Networks, ends: Ends, people: list[str], tmp_path: Path
) -> None:
    site, _ = ends
    registry = Registry(networks, ends[1].folder, PORT + 1)
    tls, root = stranger(tmp_path)
    set_up_again(site, registry=OVER_TLS, registry_ca=str(root))
    with registry, relay(networks, PORT, registry.address, tls) as ended, site:
        site.settles(60, "synced")
    assert found_in(b"".join(ended.received), people) == set(people)
    assert found_in(networks.captured.read_bytes(), people) == set()
