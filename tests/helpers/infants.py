"""Demoland's campaign with the infant schedule beside it, and enough vaccine for a busy morning."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from next_edition import put_in_force
from ruamel.yaml import YAML

from edge.node import Node
from sync.resources import resource

VACCINES = ("BCG", "HepB-birth", "OPV", "IPV", "Penta", "PCV", "Rota", "MR")


def with_infants(node: Node, folder: Path) -> None:
    """Apply the demonstration's campaign with a programme of eight vaccines, and take in a lot of each.

    ``folder`` does not exist yet.
    """
    shutil.copytree(resource("config/demo/campaign"), folder)
    shutil.copy(resource("config/schedules/who-infant.yaml"), folder / "schedules")
    yaml = YAML()
    for name, more in (
        ("vaccines.yaml", [{"code": code, "name": code, "manufacturer": "Delta Biologicals",
                            "icd11": "XM0N24", "prophylaxis": f"{code} vaccine"}
                           for code in VACCINES]),
        ("programmes.yaml", [{"id": "infants", "name": "Infants", "vaccines": list(VACCINES),
                              "start": date(2020, 1, 1), "schedule": "who-infant",
                              "certificates": {"formats": ["divoc"]}}]),
    ):  # fmt: skip
        found = yaml.load((folder / name).read_text(encoding="utf-8"))
        found.extend(more)
        with (folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(found, file)
    put_in_force(node, node.campaigns.reader.folder(folder))
    expiry = (node.clock.today() + timedelta(days=300)).isoformat()
    lines = [f"{code},B{number}204,{expiry},20" for number, code in enumerate(VACCINES, 1)]
    table = folder.parent / "infants.csv"
    table.write_text("\n".join(["vaccine,lot,expiry,quantity", *lines, ""]), encoding="utf-8")
    from edge.campaign.stock_csv import read_stock

    node.importer.stock(table.name, read_stock(table), lambda _: None)
