"""The tablet's pages: what each shows, and what its forms ask for.

Every form carries the number of its request, made when the page was drawn, so that pressing a
button twice records once. Nobody's data is ever in an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, make_response, redirect, request, send_from_directory

from edge.domain.catalogue import Role
from edge.domain.errors import EdgeError, NotAllowed
from edge.domain.numbers import typed_number
from edge.journal import views
from edge.services.printing.slip_roles import SLIP_ROLES
from edge.web import serializers
from edge.web.attention_pages import attention
from edge.web.backend import Backend
from edge.web.certificate_pages import (
    carried_certificate,
    correct_dose,
    correct_person,
    offline_page,
    prefilled,
    take_in,
    verify_page,
)
from edge.web.person_pages import (
    copy,
    done,
    newest_paper,
    person,
    qr_picture,
    settle,
    sign,
)
from edge.web.printer_pages import CALIBRATORS, calibration, printers, tablet_printer
from edge.web.recall_pages import to_call, to_call_csv
from edge.web.routes import CLINICAL, OFFICE, STAFF
from edge.web.session import COOKIE, check_origin, session_token
from edge.web.slip_pages import move, slip, slip_picture
from edge.web.translations import Language
from edge.web.visit import Answer, Visit, draw, form_date, form_missing, page_or_refusal


def blueprint(
    backend: Backend, language_of: Callable[[], Language], languages: list[Language]
) -> Blueprint:
    """Make the pages of one node."""
    pages = Blueprint("pages", __name__)

    def staff_only(roles: frozenset[Role], view: Callable[..., Answer]) -> Callable[..., Answer]:
        def guarded(**values: str) -> Answer:
            check_origin()
            token = session_token()
            staff = backend.authenticator.who(token) if token else None
            if staff is None:
                return redirect("/sign-in", 303)  # type: ignore[return-value]
            if not staff.roles & roles:
                raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
            visit = Visit(
                backend, staff, language_of(), request.form.to_dict(), tablet_printer(backend)
            )
            return view(visit, **values)

        return guarded

    def page(path: str, roles: frozenset[Role], view: Callable[..., Answer], *methods: str) -> None:
        pages.add_url_rule(
            path,
            endpoint=view.__name__,
            view_func=staff_only(roles, view),
            methods=list(methods) or ["GET"],
        )

    page("/", STAFF, station, "GET", "POST")
    page("/register", CLINICAL, register, "GET", "POST")
    page("/people/<id_>", CLINICAL, person, "GET", "POST")
    page("/doses/<id_>", CLINICAL, done)
    page("/doses/<id_>/sign", CLINICAL, sign, "POST")
    page("/doses/<id_>/correct", CLINICAL, correct_dose, "GET", "POST")
    page("/people/<id_>/correct", CLINICAL, correct_person, "GET", "POST")
    page("/people/<id_>/certificate", CLINICAL, take_in, "POST")
    page("/certificates/<id_>/copy", CLINICAL, copy, "POST")
    page("/certificates/<id_>/qr.png", CLINICAL, qr_picture)
    page("/slips/<name>", STAFF, slip, "GET", "POST")
    page("/slips/<name>.png", STAFF, slip_picture)
    page("/papers/newest.png", CLINICAL, newest_paper)
    page("/print-jobs/<id_>/settle", STAFF, settle, "POST")
    page("/print-jobs/<id_>/move", STAFF, move, "POST")
    page("/printers", STAFF, printers, "GET", "POST")
    page("/printers/<name>/calibration", CALIBRATORS, calibration, "GET", "POST")
    page("/records", CLINICAL, records)
    page("/recall", CLINICAL, to_call)
    page("/recall.csv", CLINICAL, to_call_csv)
    page("/site", STAFF, site)
    page("/stock", STAFF, stock, "GET", "POST")
    page("/attention", OFFICE, attention, "GET", "POST")

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> Answer:
        language, form, problem, status = language_of(), request.form.to_dict(), None, 200
        if request.method == "POST":
            check_origin()
            try:
                token = backend.authenticator.sign_in(form.get("code", ""), form.get("pin", ""))
            except EdgeError as error:
                problem, status = serializers.problem(error, language), 403
            else:
                response = make_response(redirect("/", 303))
                response.set_cookie(
                    COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure
                )
                return response
        drawn = draw(
            "sign_in.html", language, backend, problem=problem, form=form, languages=languages
        )
        return make_response(drawn, status)

    @pages.post("/sign-out")
    def sign_out() -> Answer:
        check_origin()
        backend.authenticator.sign_out(session_token())
        response = make_response(redirect("/sign-in", 303))
        response.delete_cookie(COOKIE)
        return response

    @pages.post("/language")
    def choose_language() -> Answer:
        check_origin()
        response = make_response(redirect("/sign-in", 303))
        chosen = request.form.get("language", "")
        if chosen in {one.code for one in languages}:
            response.set_cookie("language", chosen, samesite="Strict", max_age=31_536_000)
        return response

    @pages.route("/verify", methods=["GET", "POST"])
    def verify() -> Answer:
        token = session_token()
        staff = backend.authenticator.who(token) if token else None
        may_register = bool(staff and staff.roles & CLINICAL)
        return verify_page(backend, language_of(), languages, may_register=may_register)

    @pages.get("/verify/offline")
    def verify_offline() -> Answer:
        return offline_page(backend, language_of())

    @pages.get("/verify/keys.json")
    def published_keys() -> Answer:
        return make_response({"keys": backend.published_keys()})

    @pages.get("/worker.js")
    def worker() -> Answer:
        """A worker governs only what lies beside it or below: so it stands at the top."""
        return send_from_directory(Path(__file__).parent / "static", "worker.js")

    return pages


def station(visit: Visit) -> Answer:
    """Find somebody, or take the next from the queue."""
    if not CLINICAL & visit.staff.roles:
        return redirect("/site", 303)  # type: ignore[return-value]
    text = visit.form.get("q", "").strip()
    with visit.backend.journal.reading() as db:
        found = views.find_people(db, text) if text else []
        waiting = views.queue(db)
        catalogue = visit.backend.site.catalogues.current(db)
    if len(found) == 1 and text.casefold() == found[0].code.casefold():
        return redirect(f"/people/{found[0].id}", 303)  # type: ignore[return-value]
    return visit.page(
        "station.html",
        q=text,
        found=found,
        waiting=waiting,
        programmes=catalogue.programmes,
        today=visit.backend.site.clock.today(),
    )


def register(visit: Visit) -> Answer:
    """Register somebody new."""
    problem, known, form = None, None, visit.form
    told = carried_certificate(visit)
    if request.method == "POST" and form.get("do") == "scan":
        form, told = prefilled(visit)
    elif request.method == "POST":
        try:
            id_ = visit.take(_registration(visit.form))
            if told is not None and told["doses"]:
                visit.take_next("evidence", _evidence(visit, id_))
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
            known = _perhaps_known(visit, error)
    with visit.backend.journal.reading() as db:
        programmes = visit.backend.site.catalogues.current(db).programmes
    drawn = visit.page(
        "register.html", problem=problem, programmes=programmes, known=known, filled=form, told=told
    )
    return page_or_refusal(problem, drawn)


def _evidence(visit: Visit, person: str) -> dict[str, Any]:
    certificate = visit.form.get("certificate", "")
    return {"type": "ReportDoses", "person": person, "certificate": certificate}


def _registration(form: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "RegisterPerson", "name": form.get("name", "")}
    document["gender"] = form.get("gender") or form_missing("gender")
    if form.get("birthDate"):
        document["birthDate"] = form_date(form["birthDate"], "birthDate")
    elif form.get("birthYear", "").strip():
        year = form["birthYear"].strip()
        document["birthYear"] = typed_number(year, 4) or 0
    for name in ("identity", "phone", "programme"):
        document[name] = form.get(name, "")[:200]
    document["address"] = {"district": form.get("district", "")[:120]}
    document["differentPerson"] = form.get("differentPerson") == "yes"
    return document


def _perhaps_known(visit: Visit, error: EdgeError) -> Any:
    if error.code not in ("person.perhaps-known", "person.already-registered"):
        return None
    with visit.backend.journal.reading() as db:
        identity = views.person_by_identity(db, visit.form.get("identity", "").strip())
        if identity is not None:
            return identity
        same = views.find_people(db, visit.form.get("name", ""), 1)
    return same[0] if same else None


def records(visit: Visit) -> Answer:
    """List the doses of today."""
    today = visit.backend.site.clock.today()
    with visit.backend.journal.reading() as db:
        found = views.recorded_on(db, today)
        catalogue = visit.backend.site.catalogues.current(db)
    return visit.page("records.html", records=found, today=today, vaccines=catalogue.vaccines)


def site(visit: Visit) -> Answer:
    """Show how the site, its printers and its line are."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
    return visit.page(
        "site.html",
        catalogue=catalogue,
        believed=visit.backend.site.clock.believed(),
        signing=visit.backend.signing(),
        sources=visit.backend.list_sources(),
        stick=visit.backend.stick_state(),
        facility_code=visit.backend.site.facility,
        today=visit.backend.site.clock.today(),
        may_set_up=bool(SLIP_ROLES["setup"] & visit.staff.roles),
    )


def stock(visit: Visit) -> Answer:
    """Show the lots, and take in a delivery."""
    problem = None
    if request.method == "POST":
        try:
            quantity = typed_number(visit.form.get("quantity", "").strip())
            visit.take(
                {
                    "type": "ReceiveStock",
                    "vaccine": visit.form.get("vaccine") or form_missing("vaccine"),
                    "lot": visit.form.get("lot", "").strip()[:20] or form_missing("lot"),
                    "expiry": form_date(visit.form.get("expiry", ""), "expiry"),
                    "quantity": quantity
                    if quantity is not None and 0 < quantity <= 100_000
                    else form_missing("quantity"),
                }
            )
            return redirect("/stock", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        lots = views.lots(db)
        vaccines = visit.backend.site.catalogues.current(db).vaccines
    today = visit.backend.site.clock.today()
    drawn = visit.page("stock.html", lots=lots, vaccines=vaccines, today=today, problem=problem)
    return page_or_refusal(problem, drawn)
