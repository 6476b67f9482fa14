"""What tests with whole sites ask of each: something recorded, what stands there, a browser."""

from __future__ import annotations

from flask.testing import FlaskClient

from edge.domain.dose import Dose
from edge.journal import views
from edge.journal.entries import entries
from edge.journal.entry import Entry
from edge.node import Node
from edge.services.commands import Command
from edge.web.app import create_app


def take(node: Node, command: Command, by: str = "S1") -> str:
    """Have something recorded by a member of staff, by code; give the id."""
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff[by]
    return node.desk.take(node.site.ids.new(), command, staff).id


def of_type(node: Node, type_: str) -> list[Entry]:
    """Give the entries of a type, oldest first."""
    with node.journal.reading() as db:
        return [entry for entry in entries(db) if entry.type == type_]


def doses(node: Node, person: str) -> list[Dose]:
    """Give a person's doses, oldest first."""
    with node.journal.reading() as db:
        return views.history(db, person)


def browser(node: Node, code: str) -> FlaskClient:
    """Give a browser in which a member of staff is signed in."""
    client = create_app(node.backend()).test_client()
    assert client.post("/sign-in", data={"code": code, "pin": "2468"}).status_code == 303
    return client
