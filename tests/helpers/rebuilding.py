"""Whether what is read from a site's journal is what the journal makes."""

from __future__ import annotations

import shutil
from pathlib import Path

from expected_people import letter_for, pieces_of, row
from next_edition import put_in_force
from paying import pay_and_count
from registering import BY_BADGE, add_badge
from site_factory import demonstration

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.journal import database, maintenance, views
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import (
    Arrive,
    BookAppointment,
    CorrectPerson,
    DistinguishPeople,
    GiveDose,
    MergePeople,
    RecordContactPreference,
    RecordDocument,
    RecordObservation,
)
from sync.protocol.letters import WITHDRAWN, Letter


def fill_every_table(node: Node) -> None:
    """Do at a filled site what leaves a row in every table that is read from the journal."""
    put_in_force(node, _with_a_document())
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff
        moyo, grace = (
            views.find_people(db, name)[0].id for name in ("Tendai Moyo", "Grace Wanjiru")
        )
    misspelt = CorrectPerson(person=grace, reason="Misspelt", name="Grace Wanjirũ", birth_year=1990)
    apart = DistinguishPeople(persons=(grace, moyo), reason="Cousins")
    one = MergePeople(kept=grace, merged=moyo, reason="Same card", although=True)
    dose = GiveDose(person=grace, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
    visit = BookAppointment(person=grace, programme="covid-19", on=node.clock.today())
    pass_ = RecordDocument(document_type="pass", contents={"name": "Tendai Moyo"})
    for who, command in (
        ("S1", pass_),
        ("R1", visit),
        ("R1", Arrive(person=moyo, programme="covid-19")),
        ("V1", dose),
        ("V1", misspelt),
        ("R1", RecordContactPreference(person=moyo, consent="yes", channel="sms")),
        ("V1", RecordObservation(person=moyo, code="pregnant")),
        ("S1", apart),
        ("S1", one),
    ):
        node.desk.take(node.site.ids.new(), command, staff[who])
    pieces = pieces_of([row(1)])
    node.inbox.take([letter_for(pieces)])
    node.expected.take(pieces)
    node.expected.settle()
    node.authenticator.set_pin("V1", "135790", by="S1")
    add_badge(node, "R1")
    pay_and_count(node, node.folder.parent / "paying")
    node.journal.run(lambda unit: node.use_cases.invitations.withdrawn(unit, _withdrawn()))


def _withdrawn() -> Letter:
    return Letter("own", 1, "withdrawn:i", WITHDRAWN, {"letter": "i", "kind": "invitation"}, "")


def _with_a_document() -> CheckedCampaign:
    field = {"type": "object", "properties": {"name": {"type": "string"}}}
    types = {"pass": {"name": "Pass", "schema": field, "search": ["name"]}}
    body = demonstration().body
    return CheckedCampaign(
        {**body, "version": "2026.11.1", "documents": types, "sign_in": BY_BADGE}
    )


def rebuilt_is_the_same(node: Node, folder: Path) -> bool:
    """Make the tables of a copy again, and compare."""
    with node.journal.reading() as db:
        live = maintenance.fingerprint(db)
    copy = folder / "copy.db"
    for ending in ("", "-wal"):
        file = folder / f"journal.db{ending}"
        if file.exists():
            shutil.copy(file, f"{copy}{ending}")
    db = database.open_writer(copy, FileKeys(folder / "keys", SystemEntropy()).journal_key())
    try:
        maintenance.rebuild(db)
        return maintenance.fingerprint(db) == live
    finally:
        db.conn.close()
