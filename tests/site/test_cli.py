"""The technician's command line: what it says, and with which code it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import run
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.credentials.trust import base58
from edge.domain.catalogue import Staff
from edge.journal import database, views
from edge.node import Node
from edge.services.commands import GiveDose
from printers.virtual import VirtualPrinter
from sync.resources import resource

DEMO = resource("config/demo")


@pytest.fixture
def certificate(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> tuple[str, bytes]:
    """Give a dose; its certificate's text, and a picture of its QR code."""
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    with node.journal.reading() as db:
        issued = views.certificate(db, outcome.entries[1].body["certificate"])
    assert issued is not None
    picture = node.backend().qr_image(issued, "")
    node.close()
    return issued.credentials["divoc"], picture


def test_the_help_reads_well_and_names_every_command() -> None:
    text = run("--help").output
    for name in (
        "campaign",
        "demo",
        "import",
        "init",
        "journal",
        "keys",
        "print",
        "run",
        "staff",
        "status",
        "verify",
    ):
        assert f"\n  {name} " in text
    assert "A vaccination site that works without a network." in text


def test_a_command_that_needs_no_node_loads_none() -> None:
    program = (
        "import sys\nfrom edge.cli import main\n"
        "main(['trust', 'list', '--help'], standalone_mode=False)\n"
        "sys.exit('edge.node' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)


def test_a_site_is_made_once(tmp_path: Path) -> None:
    made = run("init", "--data", tmp_path / "s", "--facility", "DEMO01", "--zone", "Asia/Kolkata")
    assert made.exit_code == 0
    assert "The site DEMO01 is ready" in made.output
    assert oct((tmp_path / "s/keys/node.pem").stat().st_mode)[-3:] == "600"
    again = run("init", "--data", tmp_path / "s", "--facility", "DEMO01")
    assert again.exit_code == 1
    assert "is a site already." in again.output


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--facility", "X", "--zone", "Mars/Base"], "the setting zone is not a time zone"),
    (["--facility", "X", "--listen", "8080"], "the setting listen is not host:port"),
    (["--facility", "X", "--registry", "ftp://x"], "the setting registry is not a web address"),
    (["--facility", ""], "the setting facility is missing"),
    (["--facility", "X", "--printer", "desk"], "desk is not NAME=URI=PROFILE."),
    (["--facility", "X", "--printer", "desk=tcp://x=laser"], "There is no printer profile laser."),
])  # fmt: skip
def test_a_wrong_setting_is_refused_in_words_and_leaves_nothing_behind(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    result = run("init", "--data", tmp_path / "s", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output
    assert not (tmp_path / "s").exists()
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "note.txt").write_text("of the technician")
    assert run("init", "--data", tmp_path / "s", *arguments).exit_code == 1
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["note.txt"]


def test_a_demonstration_has_ports_that_its_page_can_name(tmp_path: Path) -> None:
    for option in ("--port", "--registry-port"):
        refused = run("demo", "--folder", tmp_path / "demo", option, "0")
        assert refused.exit_code == 2
        assert f"'{option}'" in refused.output
        assert not (tmp_path / "demo").exists()


def test_without_a_data_folder_every_command_says_how_to_make_one(tmp_path: Path) -> None:
    for command in (
        ["status"],
        ["run"],
        ["journal", "verify"],
        ["print", "test"],
        ["import", "stock", "x"],
    ):
        result = run(*command, "--data", tmp_path / "none")
        assert result.exit_code == 75
        assert "divoc-edge init" in result.output


@pytest.mark.parametrize("command", [
    ["recall"], ["keys", "show"], ["keys", "request"], ["print", "slip", "tally"],
    ["print", "slip", "setup", "--picture", "x.png"],
])  # fmt: skip
def test_before_a_campaign_every_command_that_needs_one_says_how_to_apply_it(
    tmp_path: Path, command: list[str]
) -> None:
    printer = ("--printer", f"desk=file://{tmp_path}/paper.bin=virtual-80")
    run("init", "--data", tmp_path / "s", "--facility", "X", *printer)
    result = run(*command, "--json", "--data", tmp_path / "s")
    assert result.exit_code == 75, result.output
    error = json.loads(result.stdout.splitlines()[-1])["error"]
    assert error["code"] == "campaign.none"
    assert "divoc-edge import campaign" in error["hint"]


def test_while_a_site_is_open_nobody_else_writes_to_it(node: Node, site_folder: Path) -> None:
    result = run("import", "stock", DEMO / "data/stock.csv", "--data", site_folder)
    assert result.exit_code == 75
    assert "This site is already running, as process" in result.output
    assert run("status", "--data", site_folder).exit_code == 0  # but anybody may look


def test_a_campaign_with_mistakes_names_them_and_changes_nothing(
    site_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(DEMO / "campaign", folder)
    (folder / "slips.yaml").write_text("certificate: {}\n")
    checked = run("campaign", "check", folder)
    assert checked.exit_code == 1
    assert "slips.yaml, line 1, certificate: The field title is missing." in checked.output
    assert "Mistakes in the campaign: 1. Nothing was applied." in checked.output
    assert run("import", "campaign", folder, "--data", site_folder).exit_code == 1
    assert json.loads(run("status", "--json", "--data", site_folder).stdout)["entries"] == 0


def test_importing_again_adds_only_what_is_new(site_folder: Path) -> None:
    run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    again = run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    assert "was in force already" in again.output
    command = ["import", "enrolments", DEMO / "data/enrolments.csv", "--programme", "covid-19"]
    assert "36 taken, 0 with mistakes." in run(*command, "--data", site_folder).output
    assert "0 taken, 36 known before" in run(*command, "--data", site_folder).output
    unknown = run(*command[:-1], "polio", "--data", site_folder)
    assert unknown.exit_code == 1
    assert "Choose one of: covid-19" in unknown.output


def test_divocs_tables_are_imported_and_bad_rows_end_with_one(
    site_folder: Path, shared_data: Path
) -> None:
    tables = shared_data / "divoc/csv"
    run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    for kind, name in (("facilities", "facilities"), ("vaccinators", "vaccinators")):
        result = run("import", kind, tables / f"{name}.csv", "--data", site_folder)
        assert result.exit_code == 0, result.output
    people = run(
        "import",
        "enrolments",
        tables / "enrollments.csv",
        "--programme",
        "covid-19",
        "--data",
        site_folder,
    )
    assert "0 taken, 3 with mistakes." in people.output
    assert "is of the facility DEL010, and this site is DEMO01." in people.output
    codes = shared_data / "divoc/codes"
    filled = run(
        "import", "codes", codes / "VACCINE_ICD.json", codes / "ICD.json", "--data", site_folder
    )
    assert filled.exit_code == 0, filled.output
    stock = site_folder.parent / "stock.csv"
    stock.write_text("vaccine,lot,expiry,quantity\nwater,L1,2030-01-01,5\n")
    bad = run("import", "stock", stock, "--data", site_folder)
    assert bad.exit_code == 1
    assert (
        "stock.csv, line 2, vaccine: The vaccine water is not in the campaign in force."
        in bad.output
    )


def test_a_row_of_certificates_with_another_date_of_birth_is_of_another_person(
    site_folder: Path,
) -> None:
    """DIVOC's codes of people are short: two sites can have given the same one."""
    run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    head, first = (DEMO / "data/certificates.csv").read_text().splitlines()[:2]
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    for number, (born, code) in enumerate(
        [(cells["recipientDOB"], 0), ("1951-01-02", 1), (cells["recipientDOB"], 0)]
    ):
        row = {**cells, "recipientDOB": born, "vaccinationBatch": f"L{number}"}
        file = site_folder.parent / f"rows{number}.csv"
        file.write_text(head + "\n" + ",".join(row.values()) + "\n")
        result = run(
            "import", "certificates", file, "--programme", "covid-19", "--data", site_folder
        )
        assert result.exit_code == code, result.output
        assert ("is of somebody here whose recipientDOB is another." in result.output) is bool(code)


def test_a_certificate_of_a_vaccine_of_another_programme_is_a_mistake(site_folder: Path) -> None:
    run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    table = DEMO / "data/certificates.csv"
    result = run(
        "import", "certificates", table, "--programme", "yellow-fever", "--data", site_folder
    )
    assert result.exit_code == 1
    assert "The vaccine CoviProtect is not part of the programme yellow-fever." in result.output


def test_a_certificate_is_verified_as_a_picture_and_as_text_with_the_sites_own_key(
    certificate: tuple[str, bytes], site_folder: Path, tmp_path: Path
) -> None:
    text, picture = certificate
    (tmp_path / "qr.png").write_bytes(picture)
    for file, given in ((tmp_path / "qr.png", None), ("-", text)):
        result = run("verify", file, "--data", site_folder, given=given)
        assert result.exit_code == 0, result.output
        assert "VALID" in result.output
        assert "Grace Wanjiru" in result.output


def test_verification_ends_with_nought_only_if_all_are_valid(
    certificate: tuple[str, bytes], site_folder: Path, tmp_path: Path
) -> None:
    text, _ = certificate
    both = run("verify", "-", "--lines", "--data", site_folder, given=f"{text}\n\n{text}\n")
    assert both.exit_code == 0
    assert [json.loads(line)["verdict"] for line in both.stdout.splitlines()] == ["valid", "valid"]
    one = run("verify", "-", "--lines", "--data", site_folder, given=f"{text}\nnonsense\n")
    assert one.exit_code == 1
    assert [json.loads(line)["verdict"] for line in one.stdout.splitlines()] == [
        "valid",
        "unreadable",
    ]
    tampered = run(
        "verify", "-", "--json", "--data", site_folder, given=text.replace("Grace", "Grete")
    )
    assert tampered.exit_code == 1
    assert json.loads(tampered.stdout)["verdict"] == "invalid"
    assert run("verify", tmp_path / "nothing", "--data", site_folder).exit_code == 1


def test_keys_are_added_from_files(
    certificate: tuple[str, bytes], site_folder: Path, tmp_path: Path
) -> None:
    text, _ = certificate
    public = (
        FileKeys(site_folder / "keys", SystemEntropy()).signing_key("certificates").public_key()
    )
    method = json.loads(text)["proof"]["verificationMethod"]
    raw = base58(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for content in (pem, json.dumps({method: raw}), json.dumps({method: pem})):
        (tmp_path / "keys").write_text(content)
        result = run("verify", "-", "--trust", tmp_path / "keys", "--data", tmp_path, given=text)
        assert result.exit_code == 0, content
    (tmp_path / "keys").write_text(run("keys", "show", "--data", site_folder).output)
    shown = run("verify", "-", "--trust", tmp_path / "keys", "--data", tmp_path, given=text)
    assert shown.exit_code == 0
    stranger = run("verify", "-", "--data", tmp_path, given=text)
    assert "UNKNOWN-ISSUER" in stranger.output


@pytest.mark.parametrize(("content", "sentence"), [
    ("hello", "holds no key in a form known here"),
    ("{", "is not valid JSON"),
    ('{"did:x": 7}', "holds no key in a form known here"),
    ('{"did:x": "0OIl"}', "has a key that is not base58: did:x"),
    ('{"did:x": "' + "z" * 60 + '"}', "has a key that is not base58: did:x"),
])  # fmt: skip
def test_a_wrong_trust_file_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "keys").write_text(content)
    result = run("verify", "-", "--trust", tmp_path / "keys", given="x")
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_broken_journal_is_named_and_a_whole_one_is_proven(
    certificate: tuple[str, bytes], site_folder: Path
) -> None:
    whole = run("journal", "verify", "--data", site_folder)
    assert whole.exit_code == 0
    assert "entries hold together. Head: " in whole.output
    assert "nothing had changed" in run("journal", "rebuild", "--data", site_folder).output
    listed = run("journal", "list", "--last", 3, "--json", "--data", site_folder)
    assert [json.loads(line)["type"] for line in listed.stdout.splitlines()] == [
        "StockReceived", "DoseGiven", "CertificateIssued",
    ]  # fmt: skip
    db = database.open_writer(
        site_folder / "journal.db", FileKeys(site_folder / "keys", SystemEntropy()).journal_key()
    )
    db.execute("DROP TRIGGER entry_is_never_changed")
    db.execute(
        "UPDATE entry SET content = replace(content, 'CP2611A', 'CP2611B') WHERE type = 'DoseGiven'"
    )
    db.conn.close()
    broken = run("journal", "verify", "--data", site_folder)
    assert broken.exit_code == 1
    assert "its hash is not the hash of its content" in broken.output


@pytest.mark.slow
def test_a_test_slip_is_printed_and_the_printers_answer_told(site_folder: Path) -> None:
    printer = VirtualPrinter(576)
    printer.start()
    settings = site_folder / "site.toml"
    text = settings.read_text()
    settings.write_text(
        text.replace(f"file://{site_folder.parent}/paper.bin", f"tcp://127.0.0.1:{printer.port}")
    )
    done = run("print", "test", "--data", site_folder)
    assert done.exit_code == 0, done.output
    assert "desk says that the slip is printed." in done.output
    assert len(printer.papers()) == 1
    printer.stop()
    gone = run("print", "test", "--data", site_folder)
    assert gone.exit_code == 1
    assert "The printer refuses the connection" in gone.output
    assert (
        "There is no printer roof"
        in run("print", "test", "--printer", "roof", "--data", site_folder).output
    )


def test_a_pin_becomes_a_verifier_and_a_staff_member_can_sign_in_with_it(
    node: Node, site_folder: Path
) -> None:
    node.close()
    made = run("staff", "pin", given="975310\n975310\n")
    assert made.output.splitlines()[-1].startswith("$argon2id$")
    assert (
        "A PIN has 4 to 12 digits." in run("staff", "pin", "--pin-file", "-", given="12\n").output
    )
    new = ("--pin-file", "-", "--data", site_folder)
    assert run("staff", "set-pin", "R1", *new, given="975310").exit_code == 0
    unknown = run("staff", "set-pin", "Z9", *new, given="975310")
    assert "There is no staff member Z9" in unknown.output
    opened = Node(site_folder)
    assert opened.authenticator.check_pin("R1", "975310").code == "R1"
    opened.close()


@pytest.mark.parametrize(("change", "sentence"), [
    ("facility = ", "is not valid TOML"),
    ("facility = 7\n", "the setting facility is not text"),
    ('facility = "X"\ncolour = "red"\n', "the setting colour is not a setting"),
    ('facility = "X"\nprinter = 1\n', "the setting printer is not a list"),
    ('facility = "X"\n[[printer]]\nname = "a"\n', "the setting printer 1 is not complete"),
    ('facility = "X"\n' + '[[printer]]\nname = "a"\nconnection = "c"\nprofile = "p"\n' * 2, "the setting printer 2 has a name that is taken"),
    ('facility = "X"\n[[printer]]\nname = "a"\nconnection = "c"\nprofile = "p"\ncolour = "red"\n', "the setting printer 1 is not complete"),
    ('facility = "X"\n[[printer]]\nname = "a"\nconnection = "c"\nprofile = ""\n', "the setting printer 1 has an empty value"),
    ('facility = "X"\n[[printer]]\nname = "a"\nconnection = "c"\nprofile = 5\n', "the setting printer 1 has an empty value"),
    ('facility = "X"\nprinter = ["a"]\n', "the setting printer 1 is not complete"),
    ('facility = "X"\nprinter = [5]\n', "the setting printer 1 is not complete"),
    ('facility = "X"\n"a`b" = 1\n', "the setting a`b is not a setting"),
    ('facility = "X"\nzone = true\n', "the setting zone is not text"),
    ('facility = "X"\nzone = "' + "z" * 300 + '"\n', "the setting zone is not a time zone"),
    ('facility = "X"\nregistry_ca = "' + "z" * 300 + '"\n', "the setting registry_ca is not a file"),
    ('facility = "X"\nlisten = "h:²"\n', "the setting listen is not host:port"),
    ('facility = "X"\nlisten = "h:65536"\n', "the setting listen is not host:port"),
    *((f'facility = "X"\nregistry_patience = {odd}\n', "the setting registry_patience is not a time")
      for odd in ("true", '"60"', "0.5", "nan", "inf", "86401", "1" + "0" * 400)),
])  # fmt: skip
def test_a_settings_file_that_was_spoilt_names_its_setting(
    site_folder: Path, change: str, sentence: str
) -> None:
    (site_folder / "site.toml").write_text(change)
    result = run("status", "--data", site_folder)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_lost_key_is_said_to_be_lost(site_folder: Path) -> None:
    (site_folder / "keys/journal.key").unlink()
    result = run("status", "--data", site_folder)
    assert result.exit_code == 75
    assert "The key of the database is missing or unreadable" in result.output


def test_a_certificate_is_judged_as_of_another_time(
    certificate: tuple[str, bytes], site_folder: Path
) -> None:
    text, _ = certificate
    for moment, word in (
        ("2020-01-01", "not-yet-valid"),
        ("2020-01-01T10:00:00+0200", "not-yet-valid"),
        ("2099-01-01T00:00:00.123456789Z", "valid"),
    ):
        told = run("verify", "--at", moment, "--json", "--data", site_folder, given=text)
        assert json.loads(told.output)["verdict"] == word, moment
    wrong = run("verify", "--at", "yesterday", "--data", site_folder, given=text)
    assert wrong.exit_code == 1
    assert "yesterday is not a time" in wrong.output


def test_a_folder_of_trust_files_counts_whole(
    certificate: tuple[str, bytes], site_folder: Path, tmp_path: Path
) -> None:
    text, _ = certificate
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "b.json").write_text(run("keys", "show", "--data", site_folder).output)
    (folder / "a.json").write_text(json.dumps({"did:x": base58(bytes(range(32)))}))
    told = run("verify", "--trust", folder, "--data", tmp_path / "none", given=text)
    assert told.output.startswith("VALID")


def test_every_line_gets_a_line_with_all_that_a_script_wants(
    certificate: tuple[str, bytes], site_folder: Path
) -> None:
    text, _ = certificate
    lines = "\n".join([text, "", "HC1:6BFOXN", "shc:/1", "hello"])
    told = run("verify", "-", "--lines", "--data", site_folder, given=lines + "\n")
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert [one["verdict"] for one in found] == ["valid", *["unreadable"] * 3]
    for one in found:
        assert set(one) == {
            *("verdict", "format", "profile", "reason", "checks", "claims"),
            *("validFrom", "validUntil", "others"),
        }
    assert told.exit_code == 1


def test_lists_are_taken_in_listed_and_dropped(site_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps({"did:x": base58(bytes(range(32)))}))
    (tmp_path / "rows.csv").write_text("previousCertificateId,dose,preEnrollmentCode\n1,1,2\n")
    data = ("--data", site_folder)
    taken = run("trust", "import", tmp_path / "mine.json", "--unsigned", *data)
    assert taken.output == "mine.json: 1 trusted keys.\n"
    rows = run("trust", "import", tmp_path / "rows.csv", "--issuer", "did:x", "--as-of",
               "2026-11-01", "--unsigned", *data)  # fmt: skip
    assert rows.output == "rows.csv: 1 revoked names.\n"
    listed = run("trust", "list", *data).output
    assert "mine" in listed
    assert "rows" in listed
    kinds = [
        json.loads(line)["kind"]
        for line in run("trust", "list", "--json", *data).output.splitlines()
    ]
    assert sorted(kinds) == ["revocations", "trust"]
    assert run("trust", "forget", "mine", *data).output == "mine is dropped.\n"
    unknown = run("trust", "forget", "mine", *data)
    assert (unknown.exit_code, "no list called mine" in unknown.output) == (1, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("campaign.yaml", "formats: [dcc-1.3, divoc]", "formats: [divoc-rsa-node]", '"58": [dcc-1.3]', '"58": [divoc-rsa-node]', '"80": [dcc-1.3, divoc]', '"80": [divoc-rsa-node]'), "leaves 2 dots a module"),
        (("campaign.yaml", "participant: XDM", "card_issuer: https://x.example/y"), "the same field stands here twice"),
        (("campaign.yaml", '"58": [dcc-1.3]', '"58": [shc]'), "shc goes on paper but is not issued"),
        (("campaign.yaml", "  participant: XDM\n", ""), "icvp-2025 needs the issuer's field participant"),
        (("vaccines.yaml", "product: XD-COVIPROTECT, ", ""), "needs codes of the vaccine coviprotect: product"),
        (("campaign.yaml", "formats: [dcc-1.3, divoc]", "formats: [dcc-2]"), "dcc-2 must be one of"),
    ],
)  # fmt: skip
def test_a_campaign_whose_certificates_cannot_be_made_or_printed_is_refused(
    tmp_path: Path, change: tuple[str, ...], sentence: str
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(DEMO / "campaign", folder)
    file, *pairs = change
    text = (folder / file).read_text()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text)
    told = run("campaign", "check", folder)
    assert told.exit_code == 1
    assert sentence.casefold() in told.output.casefold()


def test_a_tally_and_a_set_up_sheet_are_printed_or_drawn_while_the_site_runs(
    node: Node, site_folder: Path, tmp_path: Path
) -> None:
    for name in ("tally", "setup"):
        picture = tmp_path / f"{name}.png"
        drawn = run("print", "slip", name, "--picture", picture, "--data", site_folder)
        assert drawn.exit_code == 0, drawn.output
        assert picture.read_bytes().startswith(b"\x89PNG")
    sent = run("print", "slip", "tally", "--date", "2026-02-29", "--data", site_folder)
    assert "must be written as year-month-day" in sent.output
    assert not (tmp_path / "paper.bin").exists()
    run("print", "slip", "tally", "--date", "2026-02-28", "--data", site_folder)
    assert b"2026-02-28" in (tmp_path / "paper.bin").read_bytes()


def test_a_slip_that_names_a_person_is_not_printed_from_the_command_line(site_folder: Path) -> None:
    assert run("print", "slip", "certificate", "--data", site_folder).exit_code == 2


@pytest.mark.slow
def test_fonts_are_prepared_for_the_scripts_that_are_asked_for(site_folder: Path) -> None:
    prepared = run("print", "fonts", "thai", "--data", site_folder)
    assert prepared.output.splitlines() == [
        "Noto Sans Thai regular",
        "Noto Sans Thai bold",
        "The fonts are ready.",
    ]
    refused = run("print", "fonts", "klingon", "--data", site_folder)
    assert refused.exit_code == 1
    assert "No font of this machine has letters of klingon." in refused.output


@pytest.mark.slow  # fonts, a picture, the whole chain
def test_every_answer_is_json_for_a_script(
    site_folder: Path, tmp_path: Path, certificate: tuple[str, bytes]
) -> None:
    data = ("--data", site_folder)

    def told(*words: object) -> list[dict[str, object]]:
        result = run(*words, "--json", given="975310")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def one(*words: object) -> dict[str, object]:
        (answer,) = told(*words)
        return answer

    assert one("campaign", "check", DEMO / "campaign")["id"] == "demoland-2026"
    assert one("import", "campaign", DEMO / "campaign", *data)["applied"] is False
    enrolments = ("import", "enrolments", DEMO / "data/enrolments.csv", "--programme", "covid-19")
    assert one(*enrolments, *data) == {"taken": 0, "known": 36, "mistakes": []}
    assert str(one("staff", "pin", "--pin-file", "-")["verifier"]).startswith("$argon2id$")
    assert one("journal", "rebuild", *data)["changed"] is False
    assert one("journal", "verify", *data)["broken"] is None
    assert "BEGIN CERTIFICATE REQUEST" in str(one("keys", "request", *data)["request"])
    assert one("keys", "show", *data)
    assert one("print", "fonts", "thai", *data)["fonts"]
    picture = ("print", "slip", "tally", "--picture", tmp_path / "t.png", *data)
    shown = one(*picture)
    assert shown == {"file": str(tmp_path / "t.png"), "millimetres": shown["millimetres"]}
    with Image.open(tmp_path / "t.png") as image:
        assert image.height / 203 * 25.4 == pytest.approx(shown["millimetres"], abs=0.51)
    kept = one("print", "calibrate-result", "600", "--width", "576", *data)
    assert kept["found"] == {"native_qr": 600, "width": 576, "columns": 48}
    (tmp_path / "mine.json").write_text(json.dumps({"did:x": base58(bytes(range(32)))}))
    seen = one("trust", "import", tmp_path / "mine.json", "--unsigned", "--dry-run", *data)
    assert not run("trust", "list", "--json", *data).stdout
    taken = one("trust", "import", tmp_path / "mine.json", "--unsigned", *data)
    assert seen == taken
    assert taken == {"file": "mine.json", "counts": {"trust": 1}, "leftOut": []}
    lines = run("recall", "--until", "2030-01-01", *data).stdout.splitlines()
    documents = told("recall", "--until", "2030-01-01", *data)
    assert len(documents) == len(lines) - 1 > 0
    assert set(documents[0]) == set(lines[0].split(","))
    groups = told("schedule", "explain", "--person", documents[0]["code"], *data)
    assert all(group["reasons"] and group["programme"] for group in groups)


def test_mistakes_are_named_one_by_one_in_json(site_folder: Path, tmp_path: Path) -> None:
    run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    (tmp_path / "stock.csv").write_text("vaccine,lot,expiry,quantity\nwater,L1,2030-01-01,5\n")
    bad = run("import", "stock", tmp_path / "stock.csv", "--json", "--data", site_folder)
    assert bad.exit_code == 1
    (mistake,) = json.loads(bad.stdout)["mistakes"]
    assert (mistake["file"], mistake["line"], mistake["column"]) == ("stock.csv", 2, "vaccine")
    folder = tmp_path / "campaign"
    shutil.copytree(DEMO / "campaign", folder)
    (folder / "slips.yaml").write_text("certificate: {}\n")
    checked = run("campaign", "check", folder, "--json")
    assert checked.exit_code == 1
    error = json.loads(checked.stdout)["error"]
    assert error["code"] == "campaign.mistakes"
    assert error["mistakes"] == ["slips.yaml, line 1, certificate: The field title is missing."]
