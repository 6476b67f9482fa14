"""Who may do what: every route by method and path; what is not in the table nobody may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VIEWER, READER, STEWARD, ADMIN = ROLES = ("viewer", "reader", "steward", "admin")
"""Looks at the fleet; reads records for a national system; runs the fleet; everything."""


DECIDING = frozenset({STEWARD, ADMIN})
"""Those who publish and decide: they need a second factor for it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``roles`` may; ``what`` is the line of the audit. Open: nobody signs in (nodes sign).

    What is sent changes something, and those who may decide do so with their second factor.
    ``alone``: it needs none; ``first``: it can be asked for before the code is given.
    """

    roles: frozenset[str] = frozenset()
    what: str = ""
    open: bool = False
    alone: bool = False
    first: bool = False


_OPEN = Rule(open=True)


def _only(what: str, *roles: str, alone: bool = False, first: bool = False) -> Rule:
    return Rule(frozenset({*roles, ADMIN}), what, alone=alone or first, first=first)


POLICY: Mapping[tuple[str, str], Rule] = {
    # Sites: each message is signed by the node, or carries its code.
    ("GET", "/v1"): _OPEN,
    ("GET", "/v1/key"): _OPEN,
    ("GET", "/v1/<node>"): _OPEN,
    ("POST", "/v1/enrol"): _OPEN,
    ("POST", "/v1/nodes/<node>"): _OPEN,
    ("POST", "/v1/nodes/<node>/batches"): _OPEN,
    ("POST", "/v1/nodes/<node>/letters"): _OPEN,
    ("POST", "/v1/nodes/<node>/urgent"): _OPEN,
    ("POST", "/v1/nodes/<node>/history"): _OPEN,
    ("POST", "/v1/nodes/<node>/pieces"): _OPEN,
    ("GET", "/v1/ping"): _OPEN,
    # What a load balancer asks.
    ("GET", "/health/live"): _OPEN,
    ("GET", "/health/ready"): _OPEN,
    # A digital locker: each request is signed with the key that both know.
    ("POST", "/cert/api/pullUriRequest"): _OPEN,
    ("POST", "/cert/api/pullDocRequest"): _OPEN,
    # Anybody with a browser: nothing of a site is in these.
    ("GET", "/pages/<path:filename>"): _OPEN,
    ("GET", "/language/<code>"): _OPEN,
    ("GET", "/passkey.js"): _OPEN,
    ("GET", "/provider"): _OPEN,
    ("GET", "/provider/back"): _OPEN,
    ("POST", "/"): _OPEN,
    # National systems.
    ("GET", "/v1/entries"): _only("read entries", READER),
    ("GET", "/v1/nodes/<node>/entries"): _only("read entries of a site", READER),
    ("GET", "/v1/documents/<number>"): _only("read a document", READER),
    ("GET", "/v1/nodes"): _only("read the list of sites", VIEWER, READER, STEWARD),
    # Operators.
    ("POST", "/sign-out"): _only("signed out", VIEWER, READER, STEWARD, first=True),
    ("POST", "/second-factor/code"): _only("gave a code", STEWARD, first=True),
    ("POST", "/second-factor/passkey"): _only("gave a passkey", STEWARD, first=True),
    ("POST", "/second-factor/passkeys"): _only("made a passkey", STEWARD, alone=True),
    ("GET", "/second-factor"): _only("looked at the second factor", STEWARD),
    ("POST", "/second-factor"): _only("began a second factor", STEWARD, alone=True),
    ("POST", "/second-factor/confirm"): _only("confirmed a second factor", STEWARD, alone=True),
    ("GET", "/operators"): _only("looked at the operators"),
    ("POST", "/operators"): _only("reset a second factor"),
    ("GET", "/"): _only("looked at the sites", VIEWER, STEWARD),
    ("GET", "/nodes/<node>"): _only("looked at a site", VIEWER, STEWARD),
    ("GET", "/alarms"): _only("looked at the alarms", VIEWER, STEWARD),
    ("POST", "/nodes/<node>/state"): _only("changed whether a site may send", STEWARD),
    ("GET", "/revocations"): _only("looked at the revocations", STEWARD),
    ("POST", "/revocations"): _only("decided on a revocation", STEWARD),
    ("GET", "/payments"): _only("looked at the payments", STEWARD),
    ("GET", "/documents"): _only("looked at the documents", STEWARD),
    ("GET", "/codes"): _only("looked at the codes", STEWARD),
    ("POST", "/codes"): _only("made a code", STEWARD),
    ("GET", "/audit"): _only("looked at the audit"),
    # Campaigns that are written here.
    ("GET", "/campaigns"): _only("looked at the drafts", STEWARD),
    ("GET", "/campaigns/new"): _only("looked at the questions of a new campaign", STEWARD),
    ("POST", "/campaigns/new"): _only("began a campaign", STEWARD),
    ("POST", "/campaigns/bring"): _only("brought in a campaign", STEWARD),
    ("GET", "/campaigns/sites"): _only("looked at the campaigns of sites", VIEWER, STEWARD),
    ("GET", "/campaigns/<draft>"): _only("looked at a draft", STEWARD),
    ("POST", "/campaigns/<draft>/away"): _only("put a draft away or took it out", STEWARD),
    ("GET", "/campaigns/<draft>/folder.zip"): _only("took a copy of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/file"): _only("looked at a file of a draft", STEWARD),
    ("POST", "/campaigns/<draft>/file"): _only("saved a file of a draft", STEWARD),
    ("POST", "/campaigns/<draft>/files"): _only("added a file to a draft", STEWARD),
    ("GET", "/campaigns/<draft>/raw"): _only("took a copy of a file of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/check"): _only("checked a draft", STEWARD),
    ("GET", "/campaigns/<draft>/list"): _only("looked at a list of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/row"): _only("looked at a row of a draft", STEWARD),
    ("POST", "/campaigns/<draft>/row"): _only("saved a row of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/table"): _only("took a list of a draft as a spreadsheet", STEWARD),
    ("POST", "/campaigns/<draft>/table"): _only("looked at what a spreadsheet changes", STEWARD),
    ("GET", "/campaigns/<draft>/differences"): _only("compared a draft", STEWARD),
    ("GET", "/campaigns/<draft>/preview"): _only("looked at the preview of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/slip"): _only("looked at a slip of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/screen"): _only("looked at a screen of a draft", STEWARD),
    ("GET", "/campaigns/<draft>/sign"): _only("looked at what is to be signed", STEWARD),
    ("POST", "/campaigns/<draft>/sign"): _only("asked for signatures", STEWARD),
    ("GET", "/campaigns/<draft>/sign/folder.zip"): _only("took the folder to sign", STEWARD),
    ("POST", "/campaigns/<draft>/sign/folder"): _only("brought the folder of the keys", STEWARD),
    ("POST", "/campaigns/<draft>/sign/signatures"): _only("brought signatures", STEWARD),
    ("POST", "/campaigns/<draft>/sign/propose"): _only("asked for publishing", STEWARD),
    ("POST", "/campaigns/<draft>/sign/publish"): _only("decided on publishing", STEWARD),
    ("GET", "/campaigns/<draft>/history"): _only("looked at the history of a draft", STEWARD),
    ("POST", "/campaigns/<draft>/history"): _only("went back to a revision", STEWARD),
}


def rule_for(method: str, path: str) -> Rule:
    """Give the rule of a route; one that is not in the table lets nobody through."""
    return POLICY.get(("GET" if method == "HEAD" else method, path), Rule())
