"""``divoc-edge demo``: a whole country in one folder, to try out."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from edge.adapters.settings import FILE, PrinterSettings, Settings, read_settings, write_settings
from edge.campaign.divoc_csv import read_certificates, read_enrolments
from edge.campaign.stock_csv import read_stock
from edge.cli.demo_locker import DemoLocker
from edge.cli.demo_peers import hand_out_cards
from edge.cli.demo_systems import DemoSystems
from edge.cli.serving import serve
from edge.cli.site import make_site
from edge.credentials.vouchers import Voucher, VoucherSigner, issue
from edge.domain.errors import Conflict, Unavailable
from edge.node import Node
from edge.services.campaigns import Progress
from edge.services.csv_lines import csv_lines
from printers.virtual import VirtualPrinter
from printers.virtual.panel import obey_all
from sync.protocol.keys import fingerprint, public_text
from sync.registry.authority import Authority
from sync.registry.keys import registry_key
from sync.registry.lifetimes import SIGNER_DAYS, SIGNER_USE_DAYS
from sync.resources import resource

_CODE, _FACILITY = "demoland", "DEMO01"
_PROGRAMME = "routine"
_CAMPAIGN, _CLINIC, _PEOPLE = (
    "config/campaigns/routine-immunisation",
    "config/demo/clinic",
    "config/demo/people",
)
_TOLD_ON = date(2026, 11, 1)
"""The day from which the tables of the demonstration are told; all their days move to today."""
_DAY = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")
_PASSPHRASE = b"demonstration"
_VOUCHERS = 5


def demonstrate(
    folder: Path, *, fresh: bool, port: int, registry_port: int, zone: str, narrow: bool
) -> None:
    """Run the demonstration in a folder until it is stopped."""
    if fresh and folder.exists():
        if not (folder / "site" / FILE).exists() and any(folder.iterdir()):
            raise Conflict(
                "demo.other-folder",
                "{folder} holds something else than a demonstration; it is left alone.",
                folder=folder,
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    papers = (folder / "papers").absolute()
    printer = VirtualPrinter(384 if narrow else 576, folder=papers)
    printer.start()
    locker = DemoLocker(folder / "locker", f"http://127.0.0.1:{registry_port}")
    registry = _start_registry(folder / "registry", registry_port, locker.options())
    today = datetime.now(UTC).date()
    systems = DemoSystems(folder, _FACILITY, today, _PROGRAMME, click.echo, locker)
    try:
        node = _site(folder / "site", port, registry_port, printer, papers, zone, systems)
        try:
            _tell(node, folder, registry_port, registry)
            signal.signal(signal.SIGTTIN, signal.SIG_IGN)
            threading.Thread(target=_switches, args=(printer, systems), daemon=True).start()
            serve(node)
        finally:
            node.close()
    finally:
        registry.terminate()
        registry.wait(10)
        systems.close()
        printer.stop()


def _switches(printer: VirtualPrinter, systems: DemoSystems) -> None:
    """Let what is typed go wrong with the printer or one of the country's systems."""
    with contextlib.suppress(OSError):  # a terminal cannot be read from the background
        for said in obey_all(systems.obey(sys.stdin), printer):
            click.echo(said)


def _start_registry(folder: Path, port: int, options: list[str]) -> subprocess.Popen[bytes]:
    """Start the registry as a process of its own, so that its plug can be pulled."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-c",
        "from sync.registry.cli import main; main()",
        "run",
        "--data",
        str(folder),
        "--listen",
        f"127.0.0.1:{port}",
        "--enrolment-code",
        _CODE,
        *options,
    ]
    with (folder / "registry.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            command, stdout=log, stderr=log, start_new_session=True
        )
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            if requests.get(f"http://127.0.0.1:{port}/v1/ping", timeout=1).ok:
                return process
        except requests.RequestException:
            time.sleep(0.05)
    process.terminate()
    raise Unavailable(
        "demo.registry",
        "The registry did not start on port {port}.",
        hint="Perhaps the port is in use: try --registry-port. See {log}.",
        port=port,
        log=folder / "registry.log",
    )


def _site(
    folder: Path,
    port: int,
    registry_port: int,
    printer: VirtualPrinter,
    papers: Path,
    zone: str,
    systems: DemoSystems,
) -> Node:
    profile = "virtual-58" if printer.width == 384 else "virtual-80"
    settings = Settings(
        facility=_FACILITY,
        zone=zone,
        listen=f"127.0.0.1:{port}",
        registry=f"http://127.0.0.1:{registry_port}",
        registry_fingerprint=fingerprint(registry_key(folder.parent / "registry").public_key()),
        enrolment_code=_CODE,
        printers=(PrinterSettings("desk", f"tcp://127.0.0.1:{printer.port}", profile),),
        papers=str(papers),
        schedulers=systems.schedulers(),
        channels=systems.channels(),
        sign_in=systems.sign_in(),
    )
    if (folder / FILE).exists():
        write_settings(folder, replace(settings, zone=read_settings(folder).zone))
        return Node(folder)
    click.echo("Preparing the demonstration …")
    make_site(folder, settings)
    node = Node(folder)
    try:
        load(node, folder.parent, lambda face: click.echo(f"  font {face}"))
        vouch_for(node, folder.parent / "authority")
        hand_out_cards(node, folder.parent / "cards")
    except BaseException:
        node.close()
        raise
    return node


def load(node: Node, folder: Path, progress: Progress = lambda _: None) -> None:
    """Load the demonstration's campaign, people, earlier doses and stock, by files in a folder."""
    campaign, tables = _write_files(folder, node.clock.today() - _TOLD_ON)
    node.campaigns.apply(node.campaigns.reader.folder(campaign), progress=progress)
    today, table = node.clock.today(), tables.joinpath

    def quietly(rows: int) -> None:
        """The demonstration is small."""

    people = read_enrolments(table("enrolments.csv"), today)
    node.importer.enrolments("enrolments.csv", people, _PROGRAMME, quietly)
    certificates = read_certificates(table("certificates.csv"), today)
    node.importer.certificates("certificates.csv", certificates, _PROGRAMME, quietly)
    node.importer.stock("stock.csv", read_stock(table("stock.csv")), quietly)


def _write_files(folder: Path, shift: timedelta) -> tuple[Path, Path]:
    """Write the campaign with the demonstration's clinic, and its tables with their days moved."""
    campaign, tables = folder / "campaign", folder / "tables"
    shutil.copytree(resource(_CAMPAIGN), campaign, dirs_exist_ok=True)
    shutil.copytree(resource(_CLINIC), campaign, dirs_exist_ok=True)
    _write_vouchers(campaign / "payments.yaml", folder / "vouchers.csv")
    tables.mkdir(parents=True, exist_ok=True)
    for path in sorted(resource(_PEOPLE).glob("*.csv")):
        text = _DAY.sub(
            lambda day: (date.fromisoformat(day[0]) + shift).isoformat(),
            path.read_text(encoding="utf-8"),
        )
        (tables / path.name).write_text(text, encoding="utf-8")
    return campaign, tables


def _write_vouchers(payments: Path, table: Path) -> None:
    """Play a fund: make its key, put it into the campaign, and sign vouchers for a month."""
    key = Ed25519PrivateKey.generate()
    text = payments.read_text(encoding="utf-8")
    payments.write_text(text.replace("{key}", public_text(key.public_key())), encoding="utf-8")
    until = datetime.now(UTC) + timedelta(days=30)
    signer = VoucherSigner(key)
    made = (
        (number, issue(Voucher(issuer="fund", number=number, until=until), signer))
        for number in (f"DEMO-{place:04}" for place in range(1, _VOUCHERS + 1))
    )
    table.write_text("".join(csv_lines(("number", "code"), made)), encoding="utf-8", newline="")


def vouch_for(node: Node, folder: Path) -> None:
    """Play the nation's authority: make a root, and sign the site's request."""
    authority = Authority(folder)
    issuer, now = node.issuer(), node.clock.now()
    authority.create(issuer.country, issuer.name, _PASSPHRASE, now)
    (folder / "passphrase").write_bytes(_PASSPHRASE)
    request = node.signers.request(issuer.country, issuer.name, node.settings.facility)
    signed = authority.sign(
        request.public_bytes(Encoding.PEM),
        _PASSPHRASE,
        now,
        days=SIGNER_DAYS,
        use_days=SIGNER_USE_DAYS,
    )
    node.signers.install(signed.public_bytes(Encoding.PEM))
    node.certifier.look_again()
    authority.publish(folder / "published", issuer.did, now)


def _tell(node: Node, folder: Path, registry_port: int, registry: subprocess.Popen[bytes]) -> None:
    token = (folder / "registry" / "operator.token").read_text().strip()
    rule = "-" * 68
    click.echo(
        f"""
{rule}
The vaccination site    http://{node.settings.listen}/
  sign in as            V1 (vaccinator), S1 (supervisor), R1, T1    PIN 2468

The national registry   http://127.0.0.1:{registry_port}/
  operator token        {token}

The paper               {folder / "papers"}/

Try this:
  1. Sign in as V1 and search for Almaz, or प्रिया, or 55501.
  2. Almaz is ten weeks old, and had her first doses at another clinic. Give
     what is due: the certificate comes out of the printer beside it.
  3. Give her the same vaccine again: it is too early, and says until when.
     S1 may override it, with a reason.
  4. See the record arrive in the registry, then pull its plug:
     kill {registry.pid}   and give another dose. Nothing is lost.
  5. Verify the paper: http://{node.settings.listen}/verify
     or as the world does, with what the authority publishes:
     divoc-edge verify PICTURE --trust {folder / "authority" / "published" / "did.json"}
  6. Let the printer fail: type  cover open  or  paper out  here, then  ok
  7. Correct somebody's telephone to +254 712 345 678, or their e-mail, and say under
     Messages that they agreed: to sms by a modem here, app by a gateway, or email (it
     lies in {folder / "mail"}/). Give a dose; let it fail first: type, here,
     mail later             modem wrong-number      gateway error-in-200
     mail silent-end        modem silent            gateway wrong-number
     mail takes             modem takes             gateway takes
     scheduler error page   scheduler right    (one of these words alone lists its moods)
     Sign in with the national account: for the telephone type  national V1
     and let it fail:  national new keys,  national down,  then  national right
  8. Change the campaign in {folder / "campaign"}, give it a higher
     version, and see what it would do here:
     divoc-edge campaign try {folder / "campaign"} --data {folder / "site"}
  9. Show a card in Find, as a scanner types it: cards are in
     {folder / "cards"}/. One of them was changed. Appointments has
     a child whom a scheduler outside has booked for tomorrow.
  10. The government pays here. To pay otherwise choose another lot or day of a
      vaccine; codes of vouchers are in {folder / "vouchers.csv"}, the cash book is
      under Today. The second time a voucher is refused.
  11. Give somebody's certificate to their digital locker: type its number, the
      name and the day of birth, as a locker asks for it, such as
      locker 7Q4W ZK2M 9XDE A0TB, Almaz Tesfaye, 22-09-2026
      and let it fail first:  locker wrong key,  then  locker right

Stop with Ctrl-C. Everything is in {folder}/; --fresh empties it.
{rule}
""".strip("\n")
    )
