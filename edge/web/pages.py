"""Every page in one table: its path, its modules, who may see it, what draws it.

Every form carries the number of its request, made when the page was drawn, so that pressing a
button twice records once. Nobody's data is ever in an address.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, current_app, make_response, redirect

from edge.domain.catalogue import Staff
from edge.domain.errors import EdgeError, NotAllowed
from edge.domain.modules import (
    ALWAYS,
    APPOINTMENTS,
    CERTIFICATES,
    DESK,
    DISTRIBUTION,
    DOSES,
    HISTORY,
    PAPERS,
    PAYMENT,
    PEOPLE,
    RECORDING,
    REGISTRATION,
    REGISTRY,
    STOCK,
    VACCINATION,
    VERIFICATION,
    Needs,
    met,
)
from edge.web import (
    access_pages,
    appointment_pages,
    card_pages,
    certificate_pages,
    clock_pages,
    correction_pages,
    dose_pages,
    download_pages,
    duplicate_pages,
    import_pages,
    message_pages,
    pairing_pages,
    payment_pages,
    person_forms,
    person_pages,
    plan_pages,
    printer_pages,
    question_pages,
    recall_pages,
    recalled_pages,
    ribbon_pages,
    serializers,
    sign_in_method_pages,
    sign_in_pages,
    site_pages,
    slip_pages,
    staff_pages,
    station_pages,
    status_pages,
    trust_pages,
)
from edge.web.attention_pages import attention
from edge.web.context import Context
from edge.web.document_page_table import DOCUMENT_PAGES
from edge.web.kept_forms import KeptForm, kept_form
from edge.web.noting import (
    CERTIFICATE,
    LIST,
    OF_DOSE,
    PAPER,
    PERSON,
    SEARCH,
    TOLD,
    note_answer,
)
from edge.web.page import OpenPage, StaffPage
from edge.web.printer_pages import CALIBRATORS
from edge.web.route import CLINICAL, OFFICE, STAFF, SUPERVISORS
from edge.web.take_back_pages import take_back
from edge.web.visit import GIVING, Answer, Visit
from edge.web.visiting import visit_of

_GET, _POST, _BOTH = ("GET",), ("POST",), ("GET", "POST")


def _of_person(
    form: str,
    needs: Needs,
    view: Callable[..., Answer],
    again: Callable[..., Answer] = person_pages.person,
) -> StaffPage:
    """Make the route of a form on a person's page, or of one that ends there."""
    return StaffPage(
        f"/people/<id_>/{form}", needs, CLINICAL, view, _POST, again=again, sees=PERSON
    )


PERSON_FORMS = (
    _of_person("give", VACCINATION, person_forms.give, again=dose_pages.refused_dose),
    _of_person("leave", DESK, person_forms.leave),
    _of_person("arrive", DESK, person_forms.arrive),
    _of_person("ask-history", PEOPLE + REGISTRY, person_forms.ask_history),
    _of_person("number-anew", VACCINATION, person_forms.number_anew),
    _of_person("observe", HISTORY, person_forms.observe),
    _of_person("observe-no-more", HISTORY, person_forms.observe_no_more),
    _of_person("certificate", HISTORY, certificate_pages.take_in),
)
FROM_FORMS = tuple(
    StaffPage(form.path, form.needs, CLINICAL, person_forms.to_person, name=f"from_{form.endpoint}")
    for form in PERSON_FORMS
)
"""The same addresses asked for, where a form that was refused stands: back to the person."""

STAFF_PAGES: tuple[StaffPage, ...] = (
    StaffPage("/", ALWAYS, STAFF, station_pages.station, _BOTH, sees=SEARCH),
    StaffPage("/register", REGISTRATION, CLINICAL, site_pages.register, _BOTH, sees=TOLD),
    StaffPage("/people/<id_>", PEOPLE, CLINICAL, person_pages.person, sees=PERSON),
    *PERSON_FORMS,
    *FROM_FORMS,
    StaffPage("/people/<id_>/plan", APPOINTMENTS, CLINICAL, plan_pages.plan, sees=PERSON),
    StaffPage(
        "/people/<id_>/book",
        APPOINTMENTS,
        CLINICAL,
        appointment_pages.book_appointment,
        _BOTH,
        sees=PERSON,
    ),
    StaffPage(
        "/appointments/<id_>/move",
        APPOINTMENTS,
        CLINICAL,
        appointment_pages.move_appointment,
        _BOTH,
        sees=TOLD,
    ),
    StaffPage(
        "/appointments/<id_>/cancel",
        APPOINTMENTS,
        CLINICAL,
        appointment_pages.cancel_appointment,
        _POST,
    ),
    StaffPage("/appointments", APPOINTMENTS, CLINICAL, appointment_pages.appointments, sees=LIST),
    StaffPage(
        "/appointments.csv", APPOINTMENTS, CLINICAL, appointment_pages.appointments_csv, sees=LIST
    ),
    StaffPage("/people/<id_>/card", HISTORY, CLINICAL, card_pages.card, _BOTH, sees=PERSON),
    StaffPage(
        "/people/<id_>/ask/<programme>/<vaccine>",
        VACCINATION,
        GIVING,
        question_pages.ask,
        sees=PERSON,
    ),
    StaffPage(
        "/people/<id_>/give/<programme>/<vaccine>",
        VACCINATION,
        GIVING,
        dose_pages.dose,
        sees=PERSON,
    ),
    StaffPage(
        "/people/<id_>/correct", DESK, CLINICAL, correction_pages.correct_person, _BOTH, sees=PERSON
    ),
    StaffPage(
        "/people/<id_>/status", DESK, CLINICAL, status_pages.person_status, _BOTH, sees=PERSON
    ),
    StaffPage(
        "/people/<id_>/messages",
        DISTRIBUTION,
        CLINICAL,
        message_pages.person_messages,
        _BOTH,
        sees=PERSON,
    ),
    StaffPage(
        "/people/<id_>/same", DESK, SUPERVISORS, duplicate_pages.same_person, _BOTH, sees=PERSON
    ),
    StaffPage("/duplicates", DESK, SUPERVISORS, duplicate_pages.duplicates, _BOTH, sees=LIST),
    StaffPage("/merges/<id_>/undo", DESK, SUPERVISORS, duplicate_pages.undo, _POST),
    StaffPage("/doses/<id_>", DOSES, CLINICAL, person_pages.done, sees=OF_DOSE),
    StaffPage("/doses/<id_>/sign", CERTIFICATES, CLINICAL, person_pages.sign, _POST),
    StaffPage("/doses/<id_>/take-back", VACCINATION, CLINICAL, take_back, _BOTH, sees=OF_DOSE),
    StaffPage(
        "/doses/<id_>/correct",
        VACCINATION,
        CLINICAL,
        correction_pages.correct_dose,
        _BOTH,
        sees=OF_DOSE,
    ),
    StaffPage(
        "/doses/<id_>/payment", PAYMENT, CLINICAL, payment_pages.payment, _BOTH, sees=OF_DOSE
    ),
    StaffPage("/cash", PAYMENT, CLINICAL, payment_pages.cash, _BOTH),
    StaffPage("/cash.csv", PAYMENT, CLINICAL, payment_pages.cash_table),
    *DOCUMENT_PAGES,
    StaffPage("/certificates/<id_>/copy", PAPERS, STAFF, person_pages.copy, _POST),
    StaffPage(
        "/certificates/<id_>/qr.png",
        PAPERS,
        STAFF,
        person_pages.qr_picture,
        sees=CERTIFICATE,
    ),
    StaffPage(
        "/certificates/<id_>/show",
        PAPERS,
        STAFF,
        certificate_pages.show_certificate,
        sees=CERTIFICATE,
    ),
    StaffPage("/slips/<name>", ALWAYS, STAFF, slip_pages.slip, _BOTH, sees=PAPER),
    StaffPage("/slips/<name>.png", ALWAYS, STAFF, slip_pages.slip_picture, sees=PAPER),
    StaffPage("/papers/newest.png", PEOPLE, CLINICAL, person_pages.newest_paper, sees=LIST),
    StaffPage("/print-jobs/<id_>/settle", ALWAYS, STAFF, person_pages.settle, _POST),
    StaffPage("/print-jobs/<id_>/move", ALWAYS, STAFF, slip_pages.move, _POST),
    StaffPage("/printers", ALWAYS, STAFF, printer_pages.printers, _BOTH),
    StaffPage(
        "/printers/<name>/calibration", ALWAYS, CALIBRATORS, printer_pages.calibration, _BOTH
    ),
    StaffPage("/vaccinator", VACCINATION, GIVING, ribbon_pages.choose_vaccinator, _BOTH),
    StaffPage("/vials/<code>", VACCINATION, GIVING, ribbon_pages.choose_lot, _BOTH),
    StaffPage("/recalled", DOSES, CLINICAL, recalled_pages.recalled, sees=LIST),
    StaffPage("/recalled.csv", DOSES, CLINICAL, recalled_pages.recalled_table, sees=LIST),
    StaffPage("/records", DOSES, CLINICAL, site_pages.records, sees=LIST),
    StaffPage("/recall", APPOINTMENTS, CLINICAL, recall_pages.to_call, sees=LIST),
    StaffPage("/recall/all", APPOINTMENTS, CLINICAL, recall_pages.to_call_whole, sees=LIST),
    StaffPage("/recall.csv", APPOINTMENTS, CLINICAL, recall_pages.to_call_csv, sees=LIST),
    StaffPage("/messages", DISTRIBUTION, OFFICE, message_pages.channels, _BOTH),
    StaffPage("/site", ALWAYS, STAFF, site_pages.site),
    StaffPage("/clock", ALWAYS, SUPERVISORS, clock_pages.clock, _BOTH, sees=LIST),
    StaffPage("/stock", STOCK, STAFF, site_pages.stock, _BOTH),
    StaffPage("/attention", REGISTRY, OFFICE, attention, _BOTH, sees=LIST),
    StaffPage("/imports", ALWAYS, OFFICE, import_pages.imports, _BOTH),
    StaffPage("/staff", ALWAYS, SUPERVISORS, staff_pages.staff_pins, _BOTH),
    StaffPage("/sign-in-methods", ALWAYS, STAFF, sign_in_method_pages.sign_in_methods, _BOTH),
    StaffPage("/tablets", ALWAYS, OFFICE, pairing_pages.tablets, _BOTH),
    StaffPage("/sessions", ALWAYS, SUPERVISORS, access_pages.signed_in, _BOTH),
    StaffPage("/access", PEOPLE, SUPERVISORS, access_pages.who_saw_whom, sees=LIST),
)
OPEN_PAGES: tuple[OpenPage, ...] = (
    OpenPage("/sign-out", ALWAYS, sign_in_pages.sign_out, _POST),
    OpenPage("/change", ALWAYS, sign_in_pages.change, _POST),
    OpenPage("/language", ALWAYS, sign_in_pages.choose_language, _POST),
    OpenPage("/invited", ALWAYS, sign_in_pages.invited, _BOTH),
    OpenPage("/my-certificate", DISTRIBUTION + CERTIFICATES, download_pages.own_certificate, _BOTH),
    OpenPage("/my-certificate/pdf", DISTRIBUTION + CERTIFICATES, download_pages.own_pdf, _POST),
    OpenPage("/verify", VERIFICATION, certificate_pages.verify, _BOTH),
    OpenPage("/verify/offline", VERIFICATION, certificate_pages.verify_offline),
    OpenPage("/away", ALWAYS, certificate_pages.away),
    OpenPage("/verify/keys.json", VERIFICATION, certificate_pages.published_keys),
    OpenPage("/worker.js", ALWAYS, certificate_pages.worker),
    OpenPage("/passkey.js", ALWAYS, sign_in_pages.passkey_script),
    OpenPage("/trust", ALWAYS, trust_pages.trust),
    OpenPage("/pair", ALWAYS, pairing_pages.pair, _BOTH),
)
PAGES: tuple[StaffPage | OpenPage, ...] = (*STAFF_PAGES, *OPEN_PAGES)


def blueprint(context: Context) -> Blueprint:
    """Make the pages of one node, each under the name of its view."""
    pages = Blueprint("pages", __name__)
    for page in STAFF_PAGES:
        view = partial(_for_staff, context, page)
        pages.add_url_rule(page.path, page.endpoint, view, methods=page.methods)
    ask = partial(sign_in_pages.sign_in, context, resume)
    pages.add_url_rule("/sign-in", "sign_in", ask, methods=_BOTH)
    pages.add_url_rule("/trust/<name>", "trust_file", partial(trust_pages.trust_file, context))
    for open_page in OPEN_PAGES:
        pages.add_url_rule(
            open_page.path,
            open_page.endpoint,
            partial(open_page.view, context),
            methods=open_page.methods,
        )
    return pages


def page_needs() -> dict[str, Needs]:
    """Give the modules that each page needs, by its endpoint."""
    return {f"pages.{page.endpoint}": page.needs for page in PAGES}


def resume(context: Context, staff: Staff, kept: KeptForm) -> Answer | None:
    """Show a form again that was sent without a session, with what was typed, and save nothing."""
    place = kept.place()
    found = {f"pages.{page.endpoint}": page for page in STAFF_PAGES}
    page = found.get(place[0]) if place else None
    if place is None or page is None or not staff.roles & page.roles:
        return None
    draw = page.again or (page.view if "GET" in page.methods else None)
    if draw is None:  # a button, and nothing that was typed
        return None
    visit = visit_of(context, staff, kept)
    with (
        contextlib.suppress(EdgeError),
        current_app.test_request_context(kept.path),  # a look at the page, not the form's request
    ):
        return _noted(visit, page, place[1], draw(visit, **place[1]))
    return None


def _for_staff(context: Context, page: StaffPage, **values: str) -> Answer:
    """Draw a page for somebody signed in whose role allows it."""
    staff = context.staff()
    if staff is None:
        kept = kept_form()
        code = sign_in_pages.left_idle(context)
        if page.path == "/" and not code and _only_verifies(context.backend.running()):
            return redirect("/verify", 303)  # type: ignore[return-value]
        return sign_in_pages.ask(context, code, kept) if kept else redirect("/sign-in", 303)  # type: ignore[return-value]
    if not staff.roles & page.roles:
        raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
    visit = visit_of(context, staff)
    try:
        answer = page.view(visit, **values)
    except EdgeError as error:
        if page.again is None:
            raise
        answer = page.again(visit, **values, problem=serializers.problem(error, visit.language))
    return _noted(visit, page, values, answer)


def _only_verifies(running: frozenset[str]) -> bool:
    return met(VERIFICATION, running) and not met(RECORDING, running)


def _noted(visit: Visit, page: StaffPage, values: Mapping[str, str], answer: Answer) -> Answer:
    """Note whom a page showed; one that sends its reader on shows nobody."""
    found = make_response(answer)
    if page.sees and not 300 <= found.status_code < 400:
        whose = values.get("id_", "")
        note_answer(visit.backend, visit.staff, page.sees, whose, page.path)
    return found
