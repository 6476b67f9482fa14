"""Both command lines: what they load, what every command offers a script, and how they end."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from errno import EIO, ENOSPC, EROFS
from os import fsdecode, strerror
from pathlib import Path

import click
import pytest
import sqlcipher3
from click.testing import CliRunner
from requirements import missing

from edge.cli import main as edge
from edge.domain.errors import BadInput, Unavailable
from sync.commands.errors import worded
from sync.commands.exits import MEANINGS, Exit
from sync.commands.groups import CommandLine
from sync.commands.manual import manual
from sync.registry.cli import main as registry

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS: dict[str, CommandLine] = {"divoc-edge": edge, "divoc-registry": registry}

HEAVY = {
    *("flask", "h11", "jinja2", "babel", "requests", "urllib3", "zeroconf"),
    *("PIL", "zxingcpp", "qrcode", "fontTools", "uharfbuzz", "fpdf", "escpos", "serial"),
    *("pyld", "cbor2", "jsonschema", "jsonschema_rs", "ruamel", "argon2", "pyrage", "psycopg"),
    *("edge.node", "edge.folder", "edge.campaign", "edge.credentials", "edge.domain.schedule"),
    *("edge.services", "edge.slips", "edge.web", "printers.fonts", "printers.languages"),
    *("sync.site", "sync.registry.registry", "sync.registry.store", "sync.registry.judging"),
}
"""What takes long to load, and no help and no status needs."""

ANSWERS_NOTHING = {
    "divoc-edge": {
        *(
            "demo",
            "enrol",
            "run",
            "init",
            "man",
            "campaign pack",
            "staff set-pin",
            "trust forget",
            "staff end-session",
            "keys move",
        ),
    },
    "divoc-registry": {
        *("run", "man", "operator remove", "authority deliver", "authority withdraw"),
        *("revocations approve", "revocations refuse", "merges approve", "merges refuse", "move"),
        *("keys move", "operator second-factor", "operator reset-second-factor"),
    },
}
"""Commands that do something and say no more than that it is done: their exit code tells it."""


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, one in group.commands.items():
        yield (*before, name), one
        if isinstance(one, click.Group):
            yield from commands(one, *before, name)


def loaded(code: str) -> set[str]:
    """The modules that are there after a piece of code has run in a fresh interpreter."""
    tail = "\nimport sys\nprint('MODULES', *sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code + tail],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.rpartition("MODULES ")[2].split())


def heavy(modules: set[str]) -> set[str]:
    return {name for name in HEAVY if any(f"{one}.".startswith(f"{name}.") for one in modules)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_help_in_the_table_is_the_help_of_the_command_itself(program: str) -> None:
    group = PROGRAMS[program]
    for name, row in group.table.items():
        command = group.commands[name]
        assert command.name == name
        assert row.help == command.get_short_help_str(1000), name
        for limit in (20, 45, 60, 100):
            shown = click.Command(name, help=row.help).get_short_help_str(limit)
            assert shown == command.get_short_help_str(limit), name


@pytest.mark.parametrize("place", ["edge.cli", "sync.registry.cli"])
def test_the_help_of_a_program_loads_no_command_and_nothing_heavy(place: str) -> None:
    modules = loaded(f"from {place} import main\nmain(['--help'], standalone_mode=False)")
    assert "click" in modules
    assert heavy(modules) == set()
    assert {one for one in modules if one.startswith(f"{place}.")} <= {f"{place}.common"}


@pytest.mark.parametrize("place", ["edge.cli", "sync.registry.cli"])
def test_the_help_of_every_command_loads_nothing_heavy(place: str) -> None:
    modules = loaded(
        f"from {place} import main\n"
        "def walk(group):\n"
        "    for one in group.commands.values():\n"
        "        if hasattr(one, 'commands'): walk(one)\n"
        "walk(main)"
    )
    assert len([one for one in modules if one.startswith(f"{place}.")]) > 6
    assert heavy(modules) == set()


def test_the_status_of_a_site_loads_nothing_heavy(tmp_path: Path) -> None:
    site = tmp_path / "site"
    made = CliRunner().invoke(edge, ["init", "--data", str(site), "--facility", "DEMO01"])
    assert made.exit_code == Exit.GOOD, made.output
    words = ["status", "--data", str(site)]
    modules = loaded(f"from edge.cli import main\nmain({words!r}, standalone_mode=False)")
    assert "sqlcipher3" in modules
    assert heavy(modules) == set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_answers_as_json_or_answers_nothing(program: str) -> None:
    leaves = {
        " ".join(words): {name for one in command.params for name in one.opts}
        for words, command in commands(PROGRAMS[program])
        if not isinstance(command, click.Group)
    }
    assert len(leaves) > 15
    mute = {name for name, options in leaves.items() if "--json" not in options}
    assert mute == ANSWERS_NOTHING[program]


@pytest.mark.parametrize(("error", "code"), [
    (BadInput("a.b", "The {x} is wrong.", hint="Write {x}.", field="f", x="y"), Exit.FAILED),
    (Unavailable("a.b", "The {x} is wrong.", hint="Write {x}.", field="f", x="y"), Exit.TRY_LATER),
])  # fmt: skip
def test_an_error_is_a_sentence_and_a_hint_or_one_line_of_json(
    error: BadInput | Unavailable, code: Exit
) -> None:
    group = CommandLine("x", table={}, errors=(BadInput, Unavailable))

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    def fail(as_json: bool) -> None:
        raise error

    group.commands = {"fail": fail}
    said = CliRunner().invoke(group, ["fail"])
    assert (said.exit_code, said.stdout) == (code, "")
    assert said.stderr == "Error: The y is wrong.\nWrite y.\n"
    told = CliRunner().invoke(group, ["fail", "--json"])
    assert (told.exit_code, told.stderr) == (code, "")
    assert json.loads(told.stdout) == {
        "error": {
            "code": "a.b",
            "sentence": "The y is wrong.",
            "hint": "Write y.",
            "field": "f",
            "temporary": code == Exit.TRY_LATER,
            "mistakes": [],
        }
    }


WRONG_CALLS = [
    (["status", "--jsn"], "--jsn"),
    (["sttus"], ""),
    (["--colour"], "--colour"),
    (["import", "stock"], "file"),
    (["sync"], ""),
    (["journal", "list", "--last", "many"], "--last"),
    (["recall", "--until"], "--until"),
    (["init"], "--facility"),
]


@pytest.mark.parametrize(("words", "field"), WRONG_CALLS)
def test_a_wrong_call_ends_with_two_and_is_json_as_well(words: list[str], field: str) -> None:
    assert CliRunner().invoke(edge, words).exit_code == Exit.WRONG_CALL
    for place in range(len(words) + 1) if words[-1] != "--until" else [0]:
        told = CliRunner().invoke(edge, [*words[:place], "--json", *words[place:]])
        assert told.exit_code == Exit.WRONG_CALL
        error = json.loads(told.stdout)["error"]
        assert error["code"] == "command.usage"
        assert error["temporary"] is False
        assert error["sentence"]
    if words[0] in ("import", "init", "journal"):
        told = CliRunner().invoke(edge, [*words, "--json"])
        if "--json" not in json.loads(told.stdout)["error"]["sentence"]:
            assert json.loads(told.stdout)["error"]["field"].casefold() == field


CHECKED_BY_THEIR_COMMANDS = {
    *("--root-threshold", "--campaign-threshold", "--threshold"),  # of so many keys
    *("code add --days", "stick invite --days"),  # as long as a code counts
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_whole_number_has_bounds(program: str) -> None:
    for words, command in commands(PROGRAMS[program]):
        for one in command.params:
            names = {one.opts[0], " ".join((*words, one.opts[0]))}
            if one.type is click.INT and not names & CHECKED_BY_THEIR_COMMANDS:
                pytest.fail(f"{' '.join(words)} {one.opts[0]} takes any number")
            if isinstance(one.type, click.IntRange) and None in (one.type.min, one.type.max):
                pytest.fail(f"{' '.join(words)} {one.opts[0]} takes what no database does")


@pytest.mark.parametrize(
    "words",
    [
        "campaign add FOLDER {file} --days 99999999",
        "campaign publish FOLDER --days 0",
        "campaign region put FOLDER NORTH {file} --days -1",
        "audit trim --by Amina --days 99999999",
        "documents list --most 0",
        "histories --most -1",
        "publish withdraw 99999999999999999999999",
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_its_option(words: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = CliRunner().invoke(registry, words.format(file=file).split())
    assert done.exit_code == Exit.WRONG_CALL
    assert "is not in the range" in done.output


@pytest.mark.parametrize("words", ["campaign online {file}", "campaign publish {file}"])
def test_a_folder_without_a_registry_is_told_in_words(words: str, tmp_path: Path) -> None:
    call = words.format(file=tmp_path / "new").split()
    done = CliRunner().invoke(registry, [*call, "--data", str(tmp_path / "none")])
    assert done.stderr == f"Error: There is no registry in {tmp_path / 'none'}.\n"
    assert not list(tmp_path.iterdir())


def test_a_file_that_the_machine_does_not_give_or_take_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("secret")
    inside = str(tmp_path / "file/folder")
    secret = ("--passphrase-file", str(tmp_path / "file"))
    root = ("authority", "init", "--country", "XD", "--name", "Ministry", *secret)
    for program, words in ((edge, ("man", inside)), (registry, (*root, "--folder", inside))):
        said = CliRunner().invoke(program, words)
        assert said.exit_code == Exit.FAILED
        assert isinstance(said.exception, SystemExit)
        assert said.stderr == f"Error: {inside}: Not a directory.\n"
    error = json.loads(CliRunner().invoke(registry, [*words, "--json"]).stdout)["error"]
    assert (error["code"], error["field"]) == ("file.unusable", inside)


def test_a_database_that_finds_no_room_is_told_as_a_disk_that_is_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fills(*_: object, **__: object) -> None:
        db = sqlcipher3.connect(":memory:")
        db.execute("PRAGMA max_page_count = 2")
        db.execute("CREATE TABLE large AS SELECT zeroblob(100000)")

    (tmp_path / "file").write_text("secret")
    secret = ("--passphrase-file", str(tmp_path / "file"), "--folder", str(tmp_path / "new"))
    words = ["authority", "init", "--country", "XD", "--name", "Ministry", *secret]
    monkeypatch.setattr(Path, "mkdir", fills)
    said = CliRunner().invoke(registry, words)
    assert (said.exit_code, said.stderr) == (Exit.FAILED, f"Error: {strerror(ENOSPC)}.\n")
    error = json.loads(CliRunner().invoke(registry, [*words, "--json"]).stdout)["error"]
    assert (error["code"], error["sentence"]) == ("file.unusable", f"{strerror(ENOSPC)}.")


@pytest.mark.parametrize("errno", [EIO, ENOSPC, EROFS])
def test_a_disk_that_fails_on_the_way_is_told_though_no_file_is_named(
    errno: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno, strerror(errno))

    monkeypatch.setattr(Path, "write_text", fails)
    words = ["man", str(tmp_path)]
    told = CliRunner().invoke(edge, words)
    assert (told.exit_code, told.stderr) == (Exit.FAILED, f"Error: {strerror(errno)}.\n")
    assert isinstance(told.exception, SystemExit)


LATIN = fsdecode("kamp\xe4la".encode("latin-1"))
"""A name from a stick that was written elsewhere: not UTF-8."""


@pytest.mark.parametrize(
    ("program", "words", "code"),
    [
        (edge, ("campaign", "check", LATIN), Exit.FAILED),
        (edge, ("status", "--data", LATIN), Exit.TRY_LATER),
        (edge, ("man", LATIN), Exit.GOOD),
        (edge, ("init", "--facility", "A", "--data", LATIN), Exit.GOOD),
        (registry, ("code", "add", LATIN), Exit.FAILED),
        (registry, ("operator", "remove", LATIN), Exit.WRONG_CALL),
    ],
)
def test_a_word_that_is_not_utf_8_makes_no_command_fall_over(
    program: CommandLine,
    words: tuple[str, ...],
    code: Exit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        CliRunner()
        .invoke(registry, ("code", "add", "F1", "--address", "https://r.example"))
        .exit_code
        == Exit.GOOD
    )
    told = CliRunner().invoke(program, words)
    assert told.exit_code == code
    assert told.exception is None or isinstance(told.exception, SystemExit)
    if any(one.name == "as_json" for one in _command(program, words).params):
        asked = CliRunner().invoke(program, [*words, "--json"])
        assert asked.exit_code == code
        assert json.loads(asked.stdout)["error"]["sentence"]


def _command(group: click.Group, words: tuple[str, ...]) -> click.Command:
    found = group.commands[words[0]]
    return _command(found, words[1:]) if isinstance(found, click.Group) else found


def test_every_exit_code_is_explained_in_the_documents_and_no_command_ends_with_another() -> None:
    page = (ROOT / "docs/commands.md").read_text()
    rows = dict(re.findall(r"^\| `(\d+)` \| (.*) \|$", page, re.MULTILINE))
    assert rows == {str(int(code)): said for code, said in MEANINGS.items()}
    assert set(MEANINGS) == set(Exit)
    for folder in ("edge/cli", "sync/registry/cli", "sync/commands"):
        for path in (ROOT / folder).glob("*.py"):
            for ends in re.findall(r"(?:SystemExit|sys\.exit|ctx\.exit)\((.*)\)", path.read_text()):
                assert ends.startswith(("Exit.", "self._code")), (path.name, ends)


def test_what_others_said_steers_no_terminal_when_an_error_quotes_it() -> None:
    """Whoever answers in the registry's place before its key is known may say what he likes."""
    error = BadInput(
        "x.y", "The registry says: {reason}", hint="Ask {reason}.", reason="\x1b[2J\x9b"
    )
    told = worded(error).format_message()
    assert told == "The registry says: \ufffd[2J\ufffd\nAsk \ufffd[2J\ufffd."


def test_an_error_ends_with_the_code_that_says_whether_trying_again_helps() -> None:
    assert worded(BadInput("a", "b")).exit_code == Exit.FAILED
    assert worded(Unavailable("a", "b")).exit_code == Exit.TRY_LATER


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_has_a_manual_page_with_its_options_and_the_exit_codes(
    program: str, tmp_path: Path
) -> None:
    run = CliRunner().invoke(PROGRAMS[program], ["man", str(tmp_path / "man1")])
    assert run.exit_code == Exit.GOOD, run.output
    pages = {path.stem: path.read_text() for path in (tmp_path / "man1").glob("*.1")}
    walked = {"-".join((program, *words)): one for words, one in commands(PROGRAMS[program])}
    assert pages.keys() == walked.keys() | {program}
    assert pages == dict(manual(PROGRAMS[program]))
    for name, command in walked.items():
        text = pages[name].replace(r"\-", "-")
        for option in (one for one in command.params if isinstance(one, click.Option)):
            assert option.opts[0] in text, (name, option.opts)
        for code, said in MEANINGS.items():
            assert rf"\fB{int(code)}" in text
            assert said in text
        assert not re.search(r"^[.'](?!TH|SH|TP|PP)", text, re.MULTILINE), name


def test_the_manual_pages_are_as_mandoc_wants_them(tmp_path: Path) -> None:
    if shutil.which("mandoc") is None:
        missing("mandoc")
    for program, group in PROGRAMS.items():
        CliRunner().invoke(group, ["man", str(tmp_path / program)])
        for page in (tmp_path / program).glob("*.1"):
            lint = subprocess.run(
                ["mandoc", "-T", "lint", "-W", "error", str(page)], capture_output=True, check=False
            )
            assert lint.returncode == 0, lint.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_shell_is_given_its_completion_and_the_names_and_options_of_commands(
    program: str, shell: str
) -> None:
    variable = f"_{program.upper().replace('-', '_')}_COMPLETE"
    group = PROGRAMS[program]

    def ask(instruction: str, **environment: str) -> str:
        given = {variable: instruction, **environment}
        run = CliRunner().invoke(group, prog_name=program, env=given)
        assert run.exit_code == Exit.GOOD, run.output
        return run.output

    assert program in ask(f"{shell}_source")
    for typed, wanted in (("", set(group.table)), ("ru", {"run"})):
        cword = typed if shell == "fish" else "1"
        words = f"{program} {typed}"
        out = ask(f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=cword)
        assert wanted <= set(re.split(r"[\s,]+", out))
    words = f"{program} run --da"
    cword = "--da" if shell == "fish" else "2"
    assert "--data" in ask(f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=cword)
