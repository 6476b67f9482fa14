"""What must be so once nothing goes wrong any more: everything, everywhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boxes import KEY, Box
from clockwork import Violation
from watchers import letters_of

from edge.journal import maintenance, views
from edge.journal.database import open_writer
from edge.journal.merges import distinguished_people, papers_of_another

if TYPE_CHECKING:
    from country import Country


def check_everything(country: Country) -> list[str]:
    """Check all of it; give the ids of the doses that are lost, each of them explained."""
    held = {node: _registry(country, node) for node in country.clinics}
    for box in country.boxes:
        _box(country, box, held[box.identity.node])
    _alarms(country)
    return _losses(country, held)


def _registry(country: Country, node: str) -> dict[str, set[str]]:
    """Check a node's whole history in the registry; give the hashes that each id has there."""
    nation = country.nation
    heads = nation.look("SELECT epoch, number, hash FROM head WHERE node = ? ORDER BY epoch", node)
    nation._proven.clear()
    for epoch, number, hash_ in heads:
        nation.prove(node, epoch, number)
        if nation.hash_at(node, epoch, number) != hash_:
            raise Violation(f"the registry's head of {epoch} is not its last entry")
    rows = nation.look("SELECT id, hash, content FROM entry WHERE node = ?", node)
    counted = sum(number - nation.begins_behind(node, epoch) for epoch, number, _ in heads)
    ((entries,),) = nation.look("SELECT entries FROM node WHERE node = ?", node) or [(0,)]
    if not len(rows) == counted == entries:
        raise Violation(
            f"{len(rows)} entries of {node} are held, {counted} proven, {entries} counted"
        )
    ((ahead,),) = nation.look(
        "SELECT count(*) FROM advance JOIN entry USING (node, epoch, number, hash) WHERE node = ?",
        node,
    )
    if ahead:
        raise Violation(f"{ahead} entries of {node} came in their place and are still held ahead")
    found: dict[str, set[str]] = {}
    doses: dict[str, str] = {}
    for id_, hash_, content in rows:
        found.setdefault(id_, set()).add(hash_)
        canary = json.loads(content)["body"].get("canary")
        if canary is not None and doses.setdefault(canary, id_) != id_:
            raise Violation(f"one dose is in the registry under two ids, {id_} is one")
    return found


def _box(country: Country, box: Box, held: Mapping[str, set[str]]) -> None:
    """Check one computer: everything on it is delivered, and it says so."""
    state = box.look_at_the_screen()
    with box.journal.reading() as db:
        broken = maintenance.check_chain(db).broken
        if broken is not None:
            raise Violation(f"the journal of {box.name} does not hold together: {broken}")
        rows = db.execute("SELECT id, hash FROM entry").fetchall()
        missing = {id_ for id_, hash_ in rows if hash_ not in held.get(id_, ())}
        if state != "synced":
            raise Violation(f"{box.name} is {state} after the calm, with {len(missing)} to deliver")
        if missing:
            raise Violation(f"{box.name} says synced; {len(missing)} entries are not held")
        _letters(country, box, db)
    _projection(box)
    _people(box)
    _doses(box)


def _letters(country: Country, box: Box, db: Any) -> None:
    """Every letter that the feeds hold now was taken, in order and whole."""
    nation = country.nation
    kept = letters_of(db)
    cursors = {
        feed: (number, id_) for feed, number, id_ in db.execute("SELECT feed, number, id FROM mail")
    }
    for name, feed in nation.feeds(box.identity.node).items():
        letters = nation.look(
            "SELECT number, id, kind, body FROM letter WHERE feed = ? ORDER BY number", feed
        )
        if not letters:
            continue
        number, id_, _, _ = letters[-1]
        if cursors.get(name) != (number, id_):
            raise Violation(f"{box.name} has read {name} to {cursors.get(name)}, not {number}")
        for number, _, kind, body in letters:
            if kind == "notice" and kept.get((name, number)) != json.loads(body):
                raise Violation(f"{box.name} moved behind letter {number} and did not take it")
    if nation.generation == 0:
        _attention(country, box, db)


def _attention(country: Country, box: Box, db: Any) -> None:
    expected: dict[str, str] = {}
    for (body,) in country.nation.look(
        "SELECT body FROM letter WHERE feed = ? AND kind = 'verdict' ORDER BY number",
        box.identity.node,
    ):
        verdict = json.loads(body)
        expected[verdict["entry"]] = verdict["state"]
    found = dict(db.execute("SELECT entry, state FROM attention"))
    open_ = {entry: state for entry, state in expected.items() if state in ("rejected", "held")}
    if found != open_:
        raise Violation(f"what needs attention at {box.name} is not what the verdicts say")


def _projection(box: Box) -> None:
    """What is read from the journal is what the journal makes."""
    path = box.journal_copy()
    db = open_writer(path, KEY)
    try:
        live = maintenance.fingerprint(db)
        maintenance.rebuild(db)
        if maintenance.fingerprint(db) != live:
            raise Violation(f"the tables of {box.name} are not what its journal makes")
    finally:
        db.conn.close()


def _roots(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Give under whom each person is shown by the merges that stand."""
    people = [entry["id"] for entry in entries if entry["type"] == "PersonRegistered"]
    undone = {entry["body"]["merge"] for entry in entries if entry["type"] == "MergeUndone"}
    under = {
        entry["body"]["merged"]: entry["body"]["kept"]
        for entry in entries
        if entry["type"] == "PersonsMerged" and entry["id"] not in undone
    }

    def root(person: str) -> str:
        return root(under[person]) if person in under else person

    return {person: root(person) for person in people}


def _people(box: Box) -> None:
    """Who is one, who is not, and who died is shown as the journal says, read in its own way."""
    with box.journal.reading() as db:
        rows = db.execute("SELECT content FROM entry ORDER BY position").fetchall()
        entries = [json.loads(content) for (content,) in rows]
        roots, statuses = _roots(entries), dict[str, str]()
        for entry in entries:
            if entry["type"] == "PersonStatusRecorded":
                statuses[roots[entry["body"]["person"]]] = entry["body"]["status"]
        for id_, root in roots.items():
            person = views.person(db, id_)
            if person is None or person.id != root:
                raise Violation(f"{box.name} shows somebody as another person than they are")
            if person.status.name != statuses.get(root, "active"):
                raise Violation(f"{box.name} does not say whether somebody is here as it was told")
        for entry in entries:
            one, other = entry["body"].get("persons", ("", ""))
            if one and roots[one] != roots[other] and not distinguished_people(db, one, other):
                raise Violation(f"{box.name} has forgotten that two are not the same")
        wrong = papers_of_another(db, sorted(roots))
    if wrong:
        raise Violation(f"a certificate of {box.name} counts and has the name of another")


def _doses(box: Box) -> None:
    """What the journal says of the doses that stand, read here in its own way, is what is shown."""
    with box.journal.reading() as db:
        standing: dict[str, dict[str, Any]] = {}
        gone: set[str] = set()
        rows = db.execute("SELECT content FROM entry ORDER BY position").fetchall()
        entries = [json.loads(content) for (content,) in rows]
        roots = _roots(entries)
        for entry in entries:
            body = entry["body"]
            if entry["type"] in ("DoseWithdrawn", "DoseCorrected") and body["dose"] in gone:
                raise Violation(f"a dose of {box.name} was changed after it was taken back")
            if entry["type"] == "DoseGiven":
                standing[entry["id"]] = dict(body)
            elif entry["type"] == "DoseWithdrawn":
                gone.add(body["dose"])
                standing.pop(body["dose"], None)  # one that was told stands nowhere here
            elif entry["type"] == "DoseCorrected":
                standing[body["dose"]] |= body["changes"]
        given = dict(db.execute("SELECT vaccine || ' ' || lot, given FROM stock"))
        papers = db.execute("SELECT dose FROM certificate WHERE revoked_at = ''").fetchall()
        shown = {
            dose.id: dose.number
            for (person,) in db.execute("SELECT id FROM person").fetchall()
            for dose in views.history(db, person)
            if not dose.reported
        }
    taken = Counter(f"{dose['vaccine']} {dose['lot']}" for dose in standing.values())
    if any(count != taken[lot] for lot, count in given.items()):
        raise Violation(f"the stock of {box.name} is not what was taken from it")
    if given and shown != {id_: dose["number"] for id_, dose in standing.items()}:
        raise Violation(f"{box.name} shows other doses than those that stand")
    held = Counter(
        (roots.get(dose["person"], dose["person"]), dose["programme"], dose["number"])
        for dose in standing.values()
    )
    if any(count > 1 for count in held.values()):
        raise Violation(f"two doses of a series have one number at {box.name}")
    outlived = {dose for (dose,) in papers} - standing.keys() if given else set()
    if outlived:
        raise Violation(f"a certificate of {box.name} counts, and its dose was taken back")


def _alarms(country: Country) -> None:
    """Every epoch that has a sibling is known to have one, and every fork that was refused."""
    nation = country.nation
    for node in country.clinics:
        heads = nation.look(
            "SELECT epoch, number, parent_epoch, parent_number FROM head WHERE node = ?", node
        )
        numbers = {epoch: number for epoch, number, _, _ in heads}
        parents = [(parent, number) for one, _, parent, number in heads if "~" not in one]
        siblings = len(set(parents)) < len(parents) or any(
            number < numbers.get(parent, number) for parent, number in parents
        )
        alarms = {kind for (kind,) in nation.look("SELECT kind FROM alarm WHERE node = ?", node)}
        if siblings and "siblings" not in alarms:
            raise Violation(f"two histories of {node} go on, and nobody is told")
        if any("~" in epoch for epoch in numbers) and "fork" not in alarms:
            raise Violation(f"two machines write one epoch of {node}, and nobody is told")
        if node in nation.forks and "fork" not in alarms and nation.generation == 0:
            raise Violation(f"a fork of {node} was refused, and nobody is told")


def _losses(country: Country, held: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Give the acknowledged doses that are nowhere: each must be one that a restore removed."""
    on_disks = {id_ for box in country.boxes for id_ in box.told}
    lost = []
    for id_, dose in country.ledger.doses.items():
        if id_ in held[dose.node]:
            continue
        if id_ in on_disks:
            raise Violation(f"dose {id_} is on a disk and not in the registry")
        removed = country.ledger.removed.get(id_)
        if removed is None:
            raise Violation(f"dose {id_} was acknowledged and is nowhere")
        if removed.safe and removed.generation == country.nation.generation:
            raise Violation(f"dose {id_} was held by the registry when a restore removed it")
        lost.append(id_)
    country.ledger.counts["lost"] = len(lost)
    return sorted(lost)
