"""The pages on which a tablet's lots and vaccinator are chosen, with one tap each."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request

from edge.domain.errors import NotFound
from edge.web.ribbon import COOKIE, Choice, read_choice, vaccinators
from edge.web.visit import Answer, Visit, form_missing

_SESSION = 12 * 3600
"""Seconds: as long as somebody stays signed in."""
_OWN_PATH = re.compile(r"/(?!/)[\w./|-]*")


def choose_lot(visit: Visit, code: str) -> Answer:
    """Choose the lot of a vaccine for this tablet."""
    ribbon = visit.ribbon
    vial = ribbon.vial(code) if ribbon else None
    if vial is None:
        raise NotFound("vaccine.none-at-hand", "There is none of this vaccine at hand.")
    if request.method == "POST":
        lot = visit.form.get("lot") or form_missing("lot")
        return keep_choice(visit.choice.with_lot(code, lot[:20]), visit.form.get("back", ""))
    return visit.page("choose_lot.html", vial=vial, back=came_from())


def choose_vaccinator(visit: Visit) -> Answer:
    """Choose who gives the doses that this tablet records."""
    if request.method == "POST":
        by = visit.form.get("vaccinator") or form_missing("vaccinator")
        return keep_choice(Choice(visit.choice.lots, by[:64]), visit.form.get("back", ""))
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
    found = vaccinators(catalogue, visit.backend.site.facility)
    return visit.page("choose_vaccinator.html", vaccinators=found, back=came_from())


def tablet_choice() -> Choice:
    """Give what was chosen on the tablet that asks."""
    return read_choice(request.cookies.get(COOKIE, ""))


def forget_vaccinator(response: Response) -> None:
    """Let the next to sign in begin as who they are; the lots lie on the table still."""
    _keep(response, Choice(tablet_choice().lots))


def came_from() -> str:
    """Give the path of our own page that was left; the first page where none is known."""
    page = urlsplit(request.headers.get("Referer", ""))
    return own_path(page.path) if page.netloc == request.host and not page.query else "/"


def own_path(path: str) -> str:
    """Give a path of this site, or that of its first page for anything else."""
    return path if _OWN_PATH.fullmatch(path) else "/"


def keep_choice(choice: Choice, back: str) -> Answer:
    """Keep what was chosen on the tablet that asks, and go back to a page of ours."""
    response = make_response(redirect(own_path(back), 303))
    _keep(response, choice)
    return response


def _keep(response: Response, choice: Choice) -> None:
    response.set_cookie(
        COOKIE, choice.written(), httponly=True, samesite="Strict", max_age=_SESSION,
        secure=request.is_secure,
    )  # fmt: skip
