"""For how many days certificates count, and for how many of them their keys sign."""

from __future__ import annotations

ROOT_DAYS, ROOT_USE_DAYS = 1461, 366
SIGNER_DAYS, SIGNER_USE_DAYS = 731, 184
"""WHO's certificate governance: root 4 years (used 1), signer 2 years (used half a year)."""
