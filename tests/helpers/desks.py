"""What tests with whole sites ask of each: something recorded, what stands there, a browser."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from flask.testing import FlaskClient

from edge.domain.catalogue import Staff
from edge.domain.dose import Dose
from edge.domain.errors import Refusal
from edge.journal import views
from edge.journal.entries import entries
from edge.journal.entry import Entry
from edge.node import Node
from edge.services.commands import SIGNED, Command, DecidedObjection, Override
from edge.web.app import create_app


def take(node: Node, command: Command, by: str = "S1") -> str:
    """Have something recorded by a member of staff, by code; give the id."""
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff[by]
    return node.desk.take(node.site.ids.new(), command, staff).id


_Asked = TypeVar("_Asked", bound=Command)
WORD = Override(reason="So it was", supervisor="S1")


def named(node: Node, command: _Asked, staff: Staff) -> _Asked:
    """Give a request with somebody's word on each thing that it is refused for."""
    assert isinstance(command, SIGNED)
    word = command.override or WORD
    try:
        node.desk.rehearse(msgspec.structs.replace(command, override=None), staff)
    except Refusal as refused:
        seen = tuple(DecidedObjection(id=objection.id) for objection in refused.together)
        word = msgspec.structs.replace(word, objections=seen)
    return msgspec.structs.replace(command, override=word)


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
