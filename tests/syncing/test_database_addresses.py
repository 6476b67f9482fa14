"""A registry says when records may leave its machine in clear on the way to PostgreSQL."""

from __future__ import annotations

import pytest

from sync.registry.store.addresses import leaves_in_clear

FAR = "postgresql://registry@db.example/registry"


@pytest.mark.parametrize(("address", "environment", "clear"), [
    (FAR, {}, True),
    (f"{FAR}?sslmode=prefer", {}, True),
    (f"{FAR}?sslmode=disable", {"PGSSLMODE": "verify-full"}, True),
    (f"{FAR}?sslmode=require", {}, False),
    (f"{FAR}?sslmode=verify-full", {}, False),
    (FAR, {"PGSSLMODE": "verify-full"}, False),
    ("postgres://db.example:5432/registry", {}, True),
    ("postgresql://user:p%40ss@10.0.0.5:6432/registry", {}, True),
    ("postgresql://localhost/registry", {}, False),
    ("postgresql://127.0.0.2:5433/registry", {}, False),
    ("postgresql://[::1]:5433/registry", {}, False),
    ("postgresql://[2001:db8::1]:5433/registry", {}, True),
    ("postgresql:///registry", {}, False),
    ("postgresql:///registry", {"PGHOST": "db.example"}, True),
    ("postgresql:///registry?host=/run/postgresql", {"PGHOST": "db.example"}, False),
    ("postgresql:///registry?host=db.example", {}, True),
    ("postgresql://%2Frun%2Fpostgresql/registry", {}, False),
    ("postgresql://localhost,db.example/registry", {}, True),
    ("sqlite:///data/registry.db", {}, False),
])  # fmt: skip
def test_the_way_to_a_database_is_sure_here_or_with_tls(
    address: str, environment: dict[str, str], clear: bool
) -> None:
    assert leaves_in_clear(address, environment) is clear
