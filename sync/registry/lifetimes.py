"""For how many days certificates count, their keys sign, and the audit is kept."""

from __future__ import annotations

ROOT_DAYS, ROOT_USE_DAYS = 1461, 366
SIGNER_DAYS, SIGNER_USE_DAYS = 731, 184
"""WHO's certificate governance: root 4 years (used 1), signer 2 years (used half a year)."""

AUDIT_DAYS, LEAST_AUDIT_DAYS = 1096, 30
"""Three years, and no less than a month: nobody wipes out what was done yesterday."""
