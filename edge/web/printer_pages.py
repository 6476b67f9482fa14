"""The pages of the printers: how each is, which one this tablet prints on, and calibration."""

from __future__ import annotations

from urllib.parse import quote, unquote

from flask import make_response, redirect, request

from edge.domain.catalogue import Role
from edge.domain.errors import EdgeError
from edge.services.printing.calibration import carried
from edge.web import serializers
from edge.web.backend import Backend
from edge.web.uploads import asker_of
from edge.web.visit import Answer, Visit, page_or_refusal
from printers.code_pages import CODE_PAGES
from sync.web.uploads import bytes_of

CALIBRATORS: frozenset[Role] = frozenset({"supervisor", "technician"})
_COOKIE = "printer"
_YEAR = 31_536_000


def tablet_printer(backend: Backend) -> str:
    """Give the printer chosen on this tablet; empty: the site's usual one."""
    chosen = unquote(request.cookies.get(_COOKIE, ""))
    return chosen if chosen in backend.site.printers else ""


def printers(visit: Visit) -> Answer:
    """Show the printers, and choose the one that this tablet prints on."""
    if request.method == "POST":
        response = make_response(redirect("/printers", 303))
        chosen = visit.form.get("printer", "")
        if chosen in visit.backend.site.printers:
            value = quote(chosen, safe="")
            response.set_cookie(
                _COOKIE, value, httponly=True, samesite="Strict", max_age=_YEAR,
                secure=request.is_secure,
            )  # fmt: skip
        return response
    return visit.page(
        "printers.html",
        chosen=visit.printer or visit.backend.site.printer,
        found=visit.backend.found_printers(),
        may_calibrate=bool(CALIBRATORS & visit.staff.roles),
        calibrated=visit.backend.print_profiles(),
    )


def calibration(visit: Visit, name: str) -> Answer:
    """Print the calibration slip, read it with the camera, and keep what was found."""
    calibrating, problem, told = visit.backend.calibration, None, ""
    read = visit.form.get("read", "")
    ladder = calibrating.ladder(name, carried(read), read.split())
    try:
        match visit.form.get("do"):
            case "print":
                calibrating.print_slip(name)
                told = "sent"
            case "read":
                pictures = [bytes_of(file) for file in request.files.getlist("picture")]
                texts = visit.form.get("text", "").splitlines()
                ladder = calibrating.read(ladder, pictures, texts, asker_of(visit.backend))
                told = "read"
            case "keep":
                (size,) = carried(visit.form.get("size", ""))[:1] or [-1]
                letters, cut = visit.form.get("letters", ""), visit.form.get("cut", "")
                calibrating.keep(ladder, size, letters, cut)
                return redirect("/printers", 303)  # type: ignore[return-value]
    except EdgeError as error:
        problem = serializers.problem(error, visit.language)
    drawn = visit.page(
        "calibration.html", ladder=ladder, told=told, problem=problem, rows=CODE_PAGES
    )
    return page_or_refusal(problem, drawn)
