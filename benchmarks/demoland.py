"""Demoland's campaign, people, doses and stock for a measured site, as the tests have them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/helpers"))

from channels import ChannelOf, send_by, surroundings
from desks import take
from site_factory import fill

__all__ = ["ChannelOf", "fill", "send_by", "surroundings", "take"]
