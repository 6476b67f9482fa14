"""The page of what somebody signs in with: a password, a badge, passkeys; added by two people."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed
from edge.domain.sign_in_rules import BADGE, PASSKEY, PASSWORD
from edge.journal.sign_in_methods import SignInMethodRow
from edge.web import serializers
from edge.web.asking import pin_asker, place_of, signature_of
from edge.web.office import staff_here
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal
from sync.protocol.instants import read_instant

METHOD_WORDS = {
    PASSWORD: "Password",
    BADGE: "Badge",
    PASSKEY: "Passkey",
}
"""What somebody registers, as it is called on the screen."""


@dataclass(frozen=True, slots=True)
class ShownMethod:
    """Something registered, as a page lists it: what, since when, approved by whom."""

    row: SignInMethodRow

    @property
    def word(self) -> str:
        """What it is called."""
        return METHOD_WORDS.get(self.row.method, self.row.method)

    @property
    def since(self) -> str:
        """The day on which it was added, in UTC."""
        return read_instant(self.row.added_at).date().isoformat()


def sign_in_methods(visit: Visit) -> Answer:
    """List what somebody signs in with; add or remove some of it."""
    problem, members = None, staff_here(visit.backend)
    whose = _whose(visit, members, request.args.get("of", "") or visit.form.get("of", ""))
    if request.method == "POST":
        try:
            _change(visit, whose)
            own = "" if whose.code == visit.staff.code else f"?of={whose.code}"
            return redirect(f"/sign-in-methods{own}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    wanted = visit.backend.authenticator.methods()
    drawn = visit.page(
        "sign_in_methods.html",
        whose=whose,
        own=whose.code == visit.staff.code,
        registered=[ShownMethod(row) for row in visit.backend.registrations.of(whose.code)],
        wanted=wanted,
        signers=[
            member
            for member in members
            if member.code != whose.code
            and ("supervisor" in member.roles or "supervisor" in whose.roles)
        ],
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def _whose(visit: Visit, members: list[Staff], code: str) -> Staff:
    """Find whose page it is: one's own, or for a supervisor somebody's who works here."""
    if code in ("", visit.staff.code):
        return visit.staff
    if "supervisor" not in visit.staff.roles:
        raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
    found = {member.code: member for member in members}.get(code)
    if found is None:
        raise BadInput(
            "staff.not-here",
            "Nobody with this code works here.",
            hint="Choose somebody of the list.",
            field="of",
        )
    return found


def _change(visit: Visit, whose: Staff) -> None:
    form, backend = visit.form, visit.backend
    if form.get("do") == "remove":
        why = "lost" if form.get("why") == "lost" else "unused"
        backend.registrations.remove(form.get("id") or form_missing("id"), visit.staff, why)
        return
    method = form.get("do", "")
    if method != BADGE and whose.code != visit.staff.code:
        raise NotAllowed(
            "sign-in.theirs",
            "A password and a passkey are added by whoever signs in with them.",
            hint="Have them sign in and open this page.",
        )
    backend.registrations.add(
        method,
        whose,
        _shown(visit, method),
        form.get("second") or form_missing("second"),
        signature_of(form if method != PASSKEY else {**form, "passkey": "", "step": ""}),
        pin_asker(backend),
        place_of(backend),
        step=form.get("step", "") if method == PASSKEY else "",
        label=form.get("label", ""),
    )


def _shown(visit: Visit, method: str) -> dict[str, str]:
    if method == PASSKEY:
        return {"passkey": visit.form.get("passkey", "")}
    password = visit.form.get("newPassword", "")
    if method == PASSWORD and password != visit.form.get("newPasswordAgain", ""):
        raise BadInput(
            "password.differ",
            "The two passwords are not the same.",
            hint="Type the new password twice.",
            field="newPasswordAgain",
        )
    return {"password": password, "shown": visit.form.get("shown", "")}
