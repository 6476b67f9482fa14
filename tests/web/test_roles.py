"""Every route was tried with every role: the page of roles says what came of it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tried_roles import (
    NOBODY,
    PAGE,
    SITE_ROLES,
    Tried,
    page,
    tried_at_registry,
    tried_at_site,
)

from edge.web.pages import STAFF_PAGES
from edge.web.routes import ROUTES
from sync.registry.web.policy import POLICY
from sync.registry.web.policy import ROLES as OPERATORS

Tables = tuple[list[Tried], list[Tried]]
OPEN_AT_SITE = {
    *("POST /sign-out", "POST /change", "POST /language", "GET /sign-in", "POST /sign-in"),
    *("GET /verify", "POST /verify", "GET /verify/offline", "GET /verify/keys.json"),
    *("GET /away", "GET /worker.js", "GET /trust", "GET /trust/<name>", "GET /pair", "POST /pair"),
    *("GET /api/v1/ping", "POST /api/v1/session", "POST /api/v1/devices", "POST /api/v1/verify"),
    *("GET /api/v1/openapi.json", "GET /invited", "POST /invited"),
    *("GET /my-certificate", "POST /my-certificate", "POST /my-certificate/pdf"),
    *("GET /passkey.js", "POST /api/v1/session/steps"),
}
"""What somebody in the Wi-Fi who has no PIN gets through to: each is meant."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder: Path = tmp_path_factory.mktemp("roles")
    return tried_at_site(folder), tried_at_registry(folder)


def named(rows: list[Tried]) -> dict[str, frozenset[str]]:
    return {f"{one.method} {one.path}": one.through for one in rows}


@pytest.mark.slow
def test_the_page_of_roles_says_what_was_tried(tables: Tables) -> None:
    wanted = page(*tables)
    found = PAGE.read_text(encoding="utf-8")
    command = "PYTHONPATH=.:tests/helpers python tests/helpers/tried_roles.py"
    assert found == wanted, f"docs/roles.md is not what was tried. Write it anew: {command}"


@pytest.mark.slow
def test_somebody_without_a_pin_gets_through_to_what_is_meant_for_everybody_alone(
    tables: Tables,
) -> None:
    site, registry = tables
    assert {name for name, roles in named(site).items() if NOBODY in roles} == OPEN_AT_SITE
    opened = {f"{method} {path}" for (method, path), rule in POLICY.items() if rule.open}
    assert {name for name, roles in named(registry).items() if NOBODY in roles} == opened


@pytest.mark.slow
def test_a_slip_that_there_is_not_is_refused_in_words_to_every_role(tables: Tables) -> None:
    tried = named(tables[0])  # a fault of ours would have ended the trying
    assert tried["GET /slips/<name>"] == {
        "clinician",
        "registrar",
        "supervisor",
        "technician",
        "vaccinator",
    }


@pytest.mark.slow
def test_what_was_tried_at_a_site_is_what_its_tables_of_routes_say(tables: Tables) -> None:
    tried = named(tables[0])
    for route in ROUTES:
        name = f"{route.method} /api/v1{route.path.replace('{', '<').replace('}', '>')}"
        allowed: frozenset[str] = frozenset(route.roles or SITE_ROLES)
        assert tried[name] <= allowed | {NOBODY}, name
        assert NOBODY not in tried[name] or not route.roles, name
    for staff_page in STAFF_PAGES:
        for method in staff_page.methods:
            assert tried[f"{method} {staff_page.path}"] <= staff_page.roles, staff_page.path


@pytest.mark.slow
def test_no_role_but_the_registrys_administrator_gets_through_to_everything(tables: Tables) -> None:
    for rows, roles in ((tables[0], SITE_ROLES), (tables[1], OPERATORS)):
        everywhere = {role for role in roles if all(role in row.through for row in rows)}
        assert everywhere <= {"admin", "supervisor"}
    vaccinator = {name for name, through in named(tables[0]).items() if "vaccinator" not in through}
    assert {"POST /staff", "POST /imports", "POST /tablets", "GET /access"} <= vaccinator
