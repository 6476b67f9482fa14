"""Pages about certificates: judging one, taking an earlier one in, putting one right."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import make_response, redirect, request, send_from_directory

from edge.credentials.documents import KIND as DOCUMENT
from edge.credentials.health_links import KIND as LINK
from edge.credentials.verdict import Verdict
from edge.credentials.version_2 import KIND as CREDENTIAL
from edge.domain.births import told_span
from edge.domain.names.texts import tidied
from edge.domain.told_doses import doses_told
from edge.journal import views
from edge.services.certificates.code_order import captioned_formats, without_history
from edge.web.context import Context
from edge.web.document_words import published_documents
from edge.web.identity_scans import card_of, filled_by
from edge.web.paper_access import certificate_for
from edge.web.route import CLINICAL
from edge.web.slip_pages import page_of
from edge.web.uploads import asker_of
from edge.web.visit import Answer, Visit, draw
from edge.web.visiting import visit_of
from sync.web.uploads import bytes_of

_LARGEST_CARRIED = 48 * 1024


def verify(context: Context) -> Answer:
    """Judge what is shown; staff may go on to register its owner."""
    verdict, staff = None, context.staff()
    if request.method == "POST":
        picture = request.files.get("picture")
        payload = bytes_of(picture) if picture else b""
        # what is typed or pasted has blanks around it that are not the code's
        payload = payload or request.form.get("text", "").strip().encode()
        if payload:
            verdict = context.backend.verify(payload, asker_of(context.backend))
    shown = _looked_at(verdict, take_in=staff is not None and bool(staff.roles & CLINICAL))
    if staff is None:
        return draw("verify.html", context.language(), context.backend, **shown)
    return visit_of(context, staff).page("verify.html", **shown)


def show_certificate(visit: Visit, id_: str) -> Answer:
    """Show a certificate's codes as large as the tablet, for the person's own telephone."""
    found = certificate_for(visit.backend, id_, visit.staff)
    with visit.backend.journal.reading() as db:
        untold = without_history(db, visit.backend.site.catalogues.current(db), found)
    return visit.page(
        "show_certificate.html",
        certificate=found,
        codes=codes_shown(visit, found),
        untold=untold,
        back=page_of(found),
    )


def codes_shown(visit: Visit, issued: views.IssuedCertificate) -> list[tuple[str, str]]:
    """Give a certificate's formats and what each is for, the one that matters most first."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        found = captioned_formats(db, catalogue, issued)
    return [(name, visit.language.gettext(told)) for name, told in found]


def verified(visit: Visit, verdict: Verdict) -> Answer:
    """Show what a certificate is worth that was scanned in Find."""
    return visit.page("verify.html", **_looked_at(verdict, take_in=True))


def _looked_at(verdict: Verdict | None, *, take_in: bool) -> dict[str, Any]:
    """Give the verdict of each code, with what a form is to carry of it, for the page."""
    each = verdict.all_shown if verdict else ()
    return {"verdicts": [(found, _carried(found) if take_in else "") for found in each]}


def tells_of_nobody(verdict: Verdict) -> bool:
    """Say whether nothing in it can be taken into a registration."""
    return verdict.claims.get("kind") in (LINK, CREDENTIAL)


def _carried(verdict: Verdict) -> str:
    """Give what a good certificate of a vaccination holds, for the form that takes it in."""
    if not verdict.good or verdict.claims.get("kind") == DOCUMENT:
        return ""
    if tells_of_nobody(verdict):
        return ""
    if len(verdict.payload) > _LARGEST_CARRIED:
        return ""
    return base64.b64encode(verdict.payload).decode()


def prefilled(visit: Visit) -> tuple[Mapping[str, str], Any]:
    """Read a carried certificate into the registration form; with what it tells of doses."""
    verdict = _verdict_of(visit)
    if verdict is None or not verdict.good:
        return visit.form, None
    claims = verdict.claims
    names = [str(claims.get(name) or "") for name in ("givenName", "familyName")]
    born = str(claims.get("birthDate") or "")[:10]
    whole = len(born) == 10
    filled = {
        "name": tidied(str(claims.get("name") or " ".join(filter(None, names))), 120),
        "birthDate": born if whole else "",
        "birthYear": "" if whole else born[:4],
        "gender": str(claims.get("gender") or "").capitalize(),
        "certificate": visit.form.get("certificate", ""),
    }
    card = card_of(visit, verdict)
    if card is not None:
        filled |= filled_by(card)
    return filled, told_of(visit, verdict)


def told_of(visit: Visit, verdict: Verdict) -> dict[str, Any]:
    """Say what a certificate brings: the doses that belong to a programme here, and from where."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        alike = views.find_people(db, str(verdict.claims.get("name") or ""), 5)
    doses = doses_told(verdict.claims, catalogue, visit.backend.site.clock.today())
    span = told_span(str(verdict.claims.get("birthDate") or "")[:10])
    return {
        "verdict": verdict,
        "doses": doses,
        "vaccines": catalogue.vaccines,
        "alike": [person for person in alike if span is not None and span.overlaps(person.born)],
    }


def carried_certificate(visit: Visit) -> Any:
    """Give what the carried certificate of a form brings, or None."""
    verdict = _verdict_of(visit)
    return told_of(visit, verdict) if verdict is not None and verdict.good else None


def _verdict_of(visit: Visit) -> Verdict | None:
    try:
        payload = base64.b64decode(visit.form.get("certificate", ""), validate=True)
    except ValueError:
        return None
    return visit.backend.site.judge(payload) if payload else None


def take_in(visit: Visit, id_: str) -> Answer:
    """Take a carried certificate into a person's history."""
    visit.take(
        {"type": "ReportDoses", "person": id_, "certificate": visit.form.get("certificate", "")}
    )
    return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]


def verify_offline(context: Context) -> Answer:
    """Give the public page that verifies by itself once it is open."""
    return make_response(draw("offline.html", context.language(), context.backend))


def away(context: Context) -> Answer:
    """Give the words that a tablet shows while the site computer is away."""
    return make_response(draw("away.html", context.language(), context.backend))


def published_keys(context: Context) -> Answer:
    """Give the keys and rules that the page verifies with, and how documents are read."""
    found, language = context.backend.published(), context.language()
    kinds = [
        {**kind, "sentence": language.gettext(kind["sentence"])} for kind in found["rules"]["kinds"]
    ]
    return make_response(
        {
            "keys": found["keys"],
            "rules": {**found["rules"], "kinds": kinds},
            "documents": published_documents(context.backend, language),
        }
    )


def worker(context: Context) -> Answer:  # noqa: ARG001
    """Give that page's worker, which governs only what lies beside it or below: so it is on top."""
    return send_from_directory(Path(__file__).parent / "static", "worker.js")
