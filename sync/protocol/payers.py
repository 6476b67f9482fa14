"""What the project's own payers are called, at the sites and at the centre."""

from __future__ import annotations

from collections.abc import Mapping

PAYER_TITLES: Mapping[str, str] = {
    "government": "The government pays",
    "individual": "Cash",
    "employer": "The employer pays",
    "voucher": "Voucher",
    "exemption": "Pays nothing",
}
"""By their codes in entries; a site shows the campaign's own words for them where it has any."""
