"""The tablet's pages: what each shows, and what its forms ask for.

Every form carries the number of its request, made when the page was drawn, so that pressing a
button twice records once. Nobody's data is ever in an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, redirect, render_template, request

from edge.domain.catalogue import Lot, Role, Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed, NotFound
from edge.domain.numbers import grouped
from edge.journal import print_jobs, views
from edge.services import commands
from edge.web import answers, api
from edge.web.door import Door
from edge.web.language import Language
from edge.web.routes import CLINICAL, STAFF
from edge.web.session import COOKIE, check_origin, session_token

_STOCK_ROLES: frozenset[Role] = frozenset({"supervisor", "technician"})
Answer = Response | str


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page: who, in which language, what the form says."""

    door: Door
    staff: Staff
    language: Language
    form: Mapping[str, str]

    def page(self, name: str, **values: Any) -> str:
        """Draw a page with what all pages show."""
        door = self.door
        return draw(
            name,
            self.language,
            door,
            staff=self.staff,
            may_stock=bool(_STOCK_ROLES & self.staff.roles),
            clinical=bool(CLINICAL & self.staff.roles),
            sync=door.sync_state(),
            printers=door.printer_states(),
            new_id=door.site.ids.new,
            form=self.form,
            **values,
        )

    def take(self, document: dict[str, Any]) -> str:
        """Hand the form's request to the desk; give its number."""
        id_ = self.form.get("id", "")
        command = msgspec.convert(document, commands.Command, strict=False)
        api.take(self.door, id_, command, self.staff)
        return id_


def draw(name: str, language: Language, door: Door, **values: Any) -> str:
    """Draw a template in a language."""
    return render_template(
        name,
        _=language.gettext,
        say=language.say,
        day=language.day,
        language=language,
        facility=_facility_name(door),
        grouped=grouped,
        **values,
    )


def _facility_name(door: Door) -> str:
    """Give the facility's name, or its code before there is a campaign."""
    try:
        with door.journal.reading() as db:
            facility = door.site.shelf.catalogue(db).facilities.get(door.site.facility)
    except EdgeError:
        facility = None
    return facility.name if facility else door.site.facility


def blueprint(
    door: Door, language_of: Callable[[], Language], languages: list[Language]
) -> Blueprint:
    """Make the pages of one node."""
    pages = Blueprint("pages", __name__)

    def staff_only(roles: frozenset[Role], view: Callable[..., Answer]) -> Callable[..., Answer]:
        def guarded(**values: str) -> Answer:
            check_origin()
            token = session_token()
            staff = door.gate.who(token) if token else None
            if staff is None:
                return redirect("/sign-in", 303)  # type: ignore[return-value]
            if not staff.roles & roles:
                raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
            return view(Visit(door, staff, language_of(), request.form.to_dict()), **values)

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
    page("/certificates/<id_>/copy", CLINICAL, copy, "POST")
    page("/certificates/<id_>/qr.png", CLINICAL, qr_picture)
    page("/certificates/<id_>/slip.png", CLINICAL, slip_picture)
    page("/papers/newest.png", CLINICAL, newest_paper)
    page("/print-jobs/<id_>/settle", CLINICAL, settle, "POST")
    page("/records", CLINICAL, records)
    page("/site", STAFF, site)
    page("/stock", STAFF, stock, "GET", "POST")

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> Answer:
        language, form, problem, status = language_of(), request.form.to_dict(), None, 200
        if request.method == "POST":
            check_origin()
            try:
                token = door.gate.sign_in(form.get("code", ""), form.get("pin", ""))
            except EdgeError as error:
                problem, status = api.problem(error, language), 403
            else:
                response = make_response(redirect("/", 303))
                response.set_cookie(
                    COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure
                )
                return response
        drawn = draw(
            "sign_in.html", language, door, problem=problem, form=form, languages=languages
        )
        return make_response(drawn, status)

    @pages.post("/sign-out")
    def sign_out() -> Answer:
        check_origin()
        door.gate.sign_out(session_token())
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
        verdict = None
        if request.method == "POST":
            picture = request.files.get("picture")
            payload = picture.read() if picture else b""
            payload = payload or request.form.get("text", "").encode()
            if payload:
                verdict = door.verify(payload)
        return draw("verify.html", language_of(), door, verdict=verdict, languages=languages)

    return pages


def station(visit: Visit) -> Answer:
    """Find somebody, or take the next from the queue."""
    if not CLINICAL & visit.staff.roles:
        return redirect("/site", 303)  # type: ignore[return-value]
    text = visit.form.get("q", "").strip()
    with visit.door.journal.reading() as db:
        found = views.find_people(db, text) if text else []
        waiting = views.queue(db)
        catalogue = visit.door.site.shelf.catalogue(db)
    if len(found) == 1 and text.casefold() == found[0].code.casefold():
        return redirect(f"/people/{found[0].id}", 303)  # type: ignore[return-value]
    return visit.page(
        "station.html",
        q=text,
        found=found,
        waiting=waiting,
        programmes=catalogue.programmes,
        today=visit.door.site.clock.today(),
    )


def register(visit: Visit) -> Answer:
    """Register somebody new."""
    problem, known = None, None
    if request.method == "POST":
        try:
            id_ = visit.take(_registration(visit.form))
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = api.problem(error, visit.language)
            known = _perhaps_known(visit, error)
    with visit.door.journal.reading() as db:
        programmes = visit.door.site.shelf.catalogue(db).programmes
    return _page_or_refusal(
        problem, visit.page("register.html", problem=problem, programmes=programmes, known=known)
    )


def _registration(form: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "RegisterPerson", "name": form.get("name", "")}
    document["gender"] = form.get("gender") or _missing("gender")
    if form.get("birthDate"):
        document["birthDate"] = _date(form["birthDate"], "birthDate")
    elif form.get("birthYear", "").strip():
        year = form["birthYear"].strip()
        document["birthYear"] = int(year) if year.isdigit() and len(year) < 5 else 0
    for name in ("identity", "phone", "programme"):
        document[name] = form.get(name, "")[:200]
    document["address"] = {"district": form.get("district", "")[:120]}
    document["differentPerson"] = form.get("differentPerson") == "yes"
    return document


def _perhaps_known(visit: Visit, error: EdgeError) -> Any:
    if error.code not in ("person.perhaps-known", "person.already-registered"):
        return None
    with visit.door.journal.reading() as db:
        identity = views.person_by_identity(db, visit.form.get("identity", "").strip())
        if identity is not None:
            return identity
        same = views.find_people(db, visit.form.get("name", ""), 1)
    return same[0] if same else None


def person(visit: Visit, id_: str) -> Answer:
    """Show a person: who, what was given, what is due; give the dose."""
    problem = None
    if request.method == "POST":
        try:
            return _person_form(visit, id_)
        except EdgeError as error:
            problem = api.problem(error, visit.language)
    door = visit.door
    with door.journal.reading() as db:
        found = views.person(db, id_)
        if found is None:
            raise NotFound("person.unknown", "This person is not registered here.")
        doses = views.history(db, id_)
        catalogue = door.site.shelf.catalogue(db)
        lots = views.lots(db)
        certificates = {one.dose: one.id for one in views.certificates_of(db, id_)}
        waits = any(one.person.id == id_ for one in views.queue(db))
    today = door.site.clock.today()
    verdicts = [
        {
            "programme": catalogue.programmes[programme],
            "vaccine": catalogue.vaccines[vaccine],
            "number": number,
            "total": total,
            "objections": [api.problem(one, visit.language) for one in objections],
        }
        for programme, vaccine, number, total, objections in answers.verdict_answers(
            found, doses, catalogue, today
        )
    ]
    here = [
        one
        for one in catalogue.staff.values()
        if one.active and door.site.facility in one.facilities
    ]
    drawn = visit.page(
        "person.html",
        person=found,
        age=found.age_on(today),
        doses=doses,
        certificates=certificates,
        verdicts=verdicts,
        catalogue=catalogue,
        lots=_offered(lots, verdicts, visit.form.get("programme", ""), today),
        wanted=_wanted(verdicts, visit.form.get("programme", "")),
        vaccinators=[one for one in here if "vaccinator" in one.roles],
        supervisors=[one for one in here if "supervisor" in one.roles],
        today=today,
        waits=waits,
        problem=problem,
    )
    return _page_or_refusal(problem, drawn)


def _wanted(verdicts: list[dict[str, Any]], chosen: str) -> str:
    """Name the programme a dose is most likely for: the one chosen, one that is due, any."""
    due = [one["programme"].id for one in verdicts if not one["objections"]]
    every = [one["programme"].id for one in verdicts]
    return chosen or next(iter(due + every), "")


def _offered(
    lots: list[Lot], verdicts: list[dict[str, Any]], chosen: str, today: date
) -> list[Lot]:
    """Order the lots that may be given: the vaccine of the series first, first to expire first."""
    wanted = _wanted(verdicts, chosen)
    own = next((one for one in verdicts if one["programme"].id == wanted), None)
    order = [own["vaccine"].code, *own["programme"].vaccines] if own else []

    def place(lot: Lot) -> tuple[int, date]:
        return (order.index(lot.vaccine) if lot.vaccine in order else len(order), lot.expiry)

    usable = [lot for lot in lots if lot.expiry >= today and lot.quantity > 0]
    return sorted(usable, key=place)


def _person_form(visit: Visit, id_: str) -> Answer:
    form = visit.form
    if form.get("do") == "leave":
        visit.take({"type": "Leave", "person": id_, "reason": form.get("reason", "")[:200]})
        return redirect("/", 303)  # type: ignore[return-value]
    if form.get("do") == "arrive":
        visit.take({"type": "Arrive", "person": id_, "programme": form.get("programme", "-")})
        return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
    vaccine, _, lot = form.get("lot", "").partition("|")
    if form.get("otherLot", "").strip():
        lot = form["otherLot"].strip()
    document: dict[str, Any] = {
        "type": "GiveDose",
        "person": id_,
        "programme": form.get("programme") or _missing("programme"),
        "vaccine": vaccine or _missing("lot"),
        "lot": lot[:20] or _missing("lot"),
        "vaccinator": form.get("vaccinator", ""),
    }
    if form.get("expiry"):
        document["expiry"] = _date(form["expiry"], "expiry")
    if form.get("on"):
        document["on"] = _date(form["on"], "on")
    if form.get("reason", "").strip():
        reason = form["reason"].strip()
        if len(reason) < 3:
            raise BadInput("override.reason", "The reason is too short.", field="override.reason")
        document["override"] = {
            "reason": reason[:200],
            "supervisor": form.get("supervisor", ""),
            "pin": form.get("pin", "")[:32],
        }
    return redirect(f"/doses/{visit.take(document)}", 303)  # type: ignore[return-value]


def done(visit: Visit, id_: str) -> Answer:
    """Show what became of a dose: the record, its certificate, its paper."""
    door = visit.door
    with door.journal.reading() as db:
        record = views.recorded(db, id_)
        if record is None:
            raise NotFound("dose.unknown", "There is no such dose here.")
        jobs = print_jobs.jobs_of(db, record.certificate) if record.certificate else []
        catalogue = door.site.shelf.catalogue(db)
    job = jobs[-1] if jobs else None
    moving = job is not None and job.state in ("queued", "sending", "sent")
    return visit.page(
        "done.html",
        record=record,
        job=job,
        moving=moving,
        papers=door.newest_paper() is not None,
        vaccine=catalogue.vaccines.get(record.dose.vaccine),
        overrides=_overrides(visit, id_),
    )


def _overrides(visit: Visit, dose: str) -> list[str]:
    with visit.door.journal.reading() as db:
        row = db.execute("SELECT overrides FROM dose WHERE id = ?", (dose,)).fetchone()
    found: list[str] = msgspec.json.decode(row[0]) if row else []
    return found


def copy(visit: Visit, id_: str) -> Answer:
    """Print a certificate again, as a copy."""
    visit.take({"type": "PrintCopy", "certificate": id_})
    with visit.door.journal.reading() as db:
        found = views.certificate(db, id_)
    return redirect(f"/doses/{found.dose}" if found else "/records", 303)  # type: ignore[return-value]


def settle(visit: Visit, id_: str) -> Answer:
    """Say whether a paper came out."""
    if not id_.isdigit():
        raise NotFound("print.unknown-job", "There is no such print.")
    came_out = visit.form.get("cameOut") == "yes"
    visit.take({"type": "SettlePrint", "printJob": int(id_), "cameOut": came_out})
    return redirect("/records", 303)  # type: ignore[return-value]


def qr_picture(visit: Visit, id_: str) -> Answer:
    """Draw a certificate's QR code."""
    with visit.door.journal.reading() as db:
        found = views.certificate(db, id_)
    if found is None:
        raise NotFound("certificate.unknown", "There is no certificate with this number here.")
    return Response(visit.door.qr_image(found), mimetype="image/png")


def slip_picture(visit: Visit, id_: str) -> Answer:
    """Draw a certificate's slip from the bytes the printer gets."""
    drawn = visit.door.slip_image(id_)
    if drawn is None:
        raise NotFound("certificate.unknown", "There is no certificate with this number here.")
    return Response(drawn, mimetype="image/png")


def newest_paper(visit: Visit) -> Answer:
    """Show what came out last of a printer in software."""
    paper = visit.door.newest_paper()
    if paper is None:
        raise NotFound("paper.none", "No paper has come out yet.")
    return Response(paper, mimetype="image/png")


def records(visit: Visit) -> Answer:
    """List the doses of today."""
    today = visit.door.site.clock.today()
    with visit.door.journal.reading() as db:
        found = views.recorded_on(db, today)
        catalogue = visit.door.site.shelf.catalogue(db)
    return visit.page("records.html", records=found, today=today, vaccines=catalogue.vaccines)


def site(visit: Visit) -> Answer:
    """Show how the site, its printers and its line are."""
    with visit.door.journal.reading() as db:
        catalogue = visit.door.site.shelf.catalogue(db)
    return visit.page("site.html", catalogue=catalogue, believed=visit.door.site.clock.believed())


def stock(visit: Visit) -> Answer:
    """Show the lots, and take in a delivery."""
    problem = None
    if request.method == "POST":
        try:
            quantity = visit.form.get("quantity", "")
            visit.take(
                {
                    "type": "ReceiveStock",
                    "vaccine": visit.form.get("vaccine") or _missing("vaccine"),
                    "lot": visit.form.get("lot", "").strip()[:20] or _missing("lot"),
                    "expiry": _date(visit.form.get("expiry", ""), "expiry"),
                    "quantity": int(quantity)
                    if quantity.isdigit() and 0 < int(quantity[:9]) <= 100_000
                    else _missing("quantity"),
                }
            )
            return redirect("/stock", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = api.problem(error, visit.language)
    with visit.door.journal.reading() as db:
        lots = views.lots(db)
        vaccines = visit.door.site.shelf.catalogue(db).vaccines
    today = visit.door.site.clock.today()
    drawn = visit.page("stock.html", lots=lots, vaccines=vaccines, today=today, problem=problem)
    return _page_or_refusal(problem, drawn)


def _page_or_refusal(problem: answers.ProblemAnswer | None, drawn: str) -> Answer:
    return make_response(drawn, 409 if problem else 200)


def _date(text: str, field: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadInput(
            "date.form", "The date must be written as year-month-day.", field=field
        ) from None


def _missing(field: str) -> str:
    raise BadInput("form.missing", "The field {name} is empty.", field=field, name=field)
