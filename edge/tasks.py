"""What a command has done at a site, in one table: by the node that runs, or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edge.adapters.control import Files, Progress
from edge.campaign.files.table_file import TableFile
from edge.campaign.mistakes import Mistake
from edge.campaign.tables import ValidRow
from edge.domain.errors import BadInput
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.campaigns import CampaignResult, CheckedCampaign
from edge.services.imports.reports import ImportOptions, Question, Report, RowAnswers
from edge.services.imports.tables import ImportRequest
from edge.web import calls

Task = Callable[[Node, Mapping[str, Any], Files, Progress], dict[str, Any]]
IMPORT, CODES, CAMPAIGN, SET_PIN = "import", "codes", "campaign", "set-pin"
COMMAND = "command"
_BY_COMMAND = (
    commands.MergePeople | commands.UndoMerge | commands.DistinguishPeople | commands.TakeBackDose
)
"""What may be asked of the desk by a command; whoever decides signs with a PIN."""
PAIR, REVOKE = "pair", "revoke"
TEST_MESSAGE, RETRY_MESSAGES = "test-message", "retry-messages"
SESSIONS, END_SESSION = "sessions", "end-session"


def do_task(
    node: Node, task: str, arguments: Mapping[str, Any], files: Files, progress: Progress
) -> dict[str, Any]:
    """Do a task at a site; raises :class:`EdgeError`."""
    found = TASKS.get(task)
    if found is None:
        raise BadInput(
            "control.task",
            "The site that runs does not know how to do this.",
            hint="It is of another version: stop it, and start it again.",
        )
    return found(node, arguments, files, progress)


def _import(
    node: Node, arguments: Mapping[str, Any], files: Files, progress: Progress
) -> dict[str, Any]:
    """Take in a table."""
    ((name, opener),) = files
    answers = RowAnswers(
        frozenset(map(int, arguments.get("different", ()))),
        {int(row): str(code) for row, code in arguments.get("same", {}).items()},
        bool(arguments.get("again")),
    )
    report = node.tables.take(
        ImportRequest(
            arguments["kind"], arguments.get("programme", ""), arguments.get("document", "")
        ),
        TableFile(name, opener, arguments.get("encoding", "")),
        ImportOptions("import", answers, bool(arguments.get("dryRun"))),
        progress,
    )
    return report_document(report)


def _codes(
    node: Node, arguments: Mapping[str, Any], _files: Files, progress: Progress
) -> dict[str, Any]:
    """Fill in the codes of vaccines from DIVOC's lists: pairs of (code, prophylaxis) by name."""
    from edge.campaign.codes import with_codes

    listed = {name: (code, term) for name, (code, term) in arguments["listed"].items()}
    with node.journal.reading() as db:
        vaccines = views.catalogue_body(db)["vaccines"]
    filled = [found for vaccine in vaccines if (found := with_codes(vaccine, listed))]
    rows = [ValidRow(number, item) for number, item in enumerate(filled, start=1)]
    how = ImportOptions(dry_run=bool(arguments.get("dryRun")))
    name = arguments["name"]
    return report_document(node.importer.catalogue(name, "vaccines", rows, progress, how))


def _campaign(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Apply a campaign by its body or its signed files, checked here; signed ones bring lists."""
    campaign = _checked(node, arguments)
    if arguments.get("dryRun"):
        result = CampaignResult(node.campaigns.would_change(campaign))
    else:
        result = node.campaigns.apply(campaign)
    return {
        "applied": result.new,
        "id": campaign.body["id"],
        "version": campaign.body["version"],
        "lists": result.lists.document(),
    }


def _checked(node: Node, arguments: Mapping[str, Any]) -> CheckedCampaign:
    files: Mapping[str, str] | None = arguments.get("files")
    if files is not None:
        return node.campaigns.signed({name: text.encode() for name, text in files.items()})
    return node.campaigns.reader.packed(arguments["body"])


def _set_pin(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Give a staff member a PIN."""
    node.authenticator.set_pin(arguments["staff"], arguments["pin"], by="technician")
    return {}


def _command(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Ask something of the desk for who signs with a PIN, or say what it would record."""
    command = calls.convert(arguments["command"], _BY_COMMAND)
    staff = node.authenticator.check_pin(arguments["staff"], arguments["pin"])
    if arguments.get("dryRun"):
        entries = node.desk.rehearse(command, staff)
    else:
        entries = node.desk.take(node.site.ids.new(), command, staff).entries
    return {"entries": [{"id": entry.id, "type": entry.type} for entry in entries]}


def _pair(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Make a secret with which one tablet is paired."""
    code = node.devices.invite(arguments["name"], by="technician")
    return {"name": code.name, "secret": code.secret, "ends": code.ends_at.isoformat()}


def _revoke(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Put a paired tablet out."""
    return {"name": node.devices.revoke(arguments["device"], by="technician").name}


def _sessions(
    node: Node, _arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """List who is signed in."""
    return {
        "sessions": [
            {
                "name": session.name,
                "staff": session.staff.code,
                "address": session.address,
                "since": session.since.isoformat(),
                "seen": session.seen.isoformat(),
            }
            for session in node.authenticator.sessions.listed()
        ]
    }


def _end_session(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """End somebody's session."""
    node.authenticator.end_session(arguments["session"], by="technician")
    return {}


def _test_message(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Send one message that is nobody's by a channel."""
    handed = node.messages.sender(arguments["channel"]).send_test(arguments["address"])
    return {"state": handed.state, "sentence": handed.sentence.format(**handed.values)}


def _retry_messages(
    node: Node, arguments: Mapping[str, Any], _files: Files, _progress: Progress
) -> dict[str, Any]:
    """Let everything that waits for a channel be tried now."""
    return {"again": node.messages.sender(arguments["channel"]).retry()}


TASKS: Mapping[str, Task] = {
    IMPORT: _import,
    CODES: _codes,
    CAMPAIGN: _campaign,
    SET_PIN: _set_pin,
    COMMAND: _command,
    PAIR: _pair,
    REVOKE: _revoke,
    SESSIONS: _sessions,
    END_SESSION: _end_session,
    TEST_MESSAGE: _test_message,
    RETRY_MESSAGES: _retry_messages,
}


def report_document(report: Report) -> dict[str, Any]:
    """Give what an import came to, in English: for the command line and scripts."""
    return {
        "taken": report.taken,
        "known": report.known,
        "mistakes": [_mistake(mistake) for mistake in report.mistakes],
        **({"questions": list(map(_question, report.questions))} if report.questions else {}),
        **({"notes": [str(note) for note in report.notes]} if report.notes else {}),
        **({"broken": True} if report.broken else {}),
    }


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "code": mistake.code,
        "sentence": mistake.sentence.format(**mistake.values),
        "hint": mistake.hint.format(**mistake.values),
        "told": str(mistake),
    }


def _question(question: Question) -> dict[str, Any]:
    people: Sequence[str] = [person.code for person in question.people]
    return {
        "file": question.file,
        "line": question.line,
        "code": question.code,
        "people": people,
        "told": str(question),
    }
