"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Mapping

from edge.plugins.sign_in.badge import Badge
from edge.plugins.sign_in.contract import MakeMethod
from edge.plugins.sign_in.oidc import Oidc
from edge.plugins.sign_in.passkey import Passkey
from edge.plugins.sign_in.password import Password
from edge.plugins.sign_in.pin import Pin

SIGN_IN_METHODS: Mapping[str, MakeMethod] = {
    "pin": Pin,
    "password": Password,
    "badge": Badge,
    "passkey": Passkey,
    "oidc": Oidc,
}
"""Every method by its name in a campaign; a new one is a module and a line here."""
