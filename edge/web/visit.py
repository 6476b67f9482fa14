"""One request for a page, and what all pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from flask import (
    Response,
    current_app,
    has_request_context,
    make_response,
    render_template,
    request,
)

from edge.domain.catalogue import Programme, Role, Staff
from edge.domain.errors import BadInput, EdgeError
from edge.domain.lots import expiry_day
from edge.domain.modules import DESK, DOCUMENTS, PEOPLE, RECORDING, VACCINATION, met
from edge.domain.money import Money
from edge.domain.numbers import grouped
from edge.domain.people import Person
from edge.journal import views
from edge.services import commands
from edge.services.documents.reading import types_for
from edge.services.doses.overriding import may_decide
from edge.services.printing.slip_roles import slips_for
from edge.web import answers, calls, hand_over
from edge.web.asking import signature_of
from edge.web.backend import Backend
from edge.web.birth_words import age_words, birth_words
from edge.web.document_words import document_told
from edge.web.dose_words import called, place_in_course, to_give, which
from edge.web.guardian_words import RELATION_WORDS
from edge.web.identity_words import ShownIdentity, shown_identity
from edge.web.modular import is_routed
from edge.web.override_form import decided_objections, shown_override
from edge.web.ribbon import NO_CHOICE, Choice, Ribbon, ribbon
from edge.web.route import CLINICAL, OFFICE
from edge.web.translations import Language
from printers.proof import WRONG
from sync.protocol.counted import Counted
from sync.protocol.instants import local_day

GIVING: frozenset[Role] = frozenset({"vaccinator", "supervisor"})
"""Those who record doses, and so have a ribbon."""
_STOCK_ROLES: frozenset[Role] = frozenset({"supervisor", "technician"})
_SHORTEST = 3
Answer = Response | str


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page: who, in which language, what the form says.

    ``printer`` is the one chosen on this tablet; empty: the site's usual one. ``choice`` is what
    its ribbon was set to. ``unsaved``: the form came without a session, and only fills the page.
    """

    backend: Backend
    staff: Staff
    language: Language
    form: Mapping[str, str]
    printer: str = ""
    choice: Choice = NO_CHOICE
    unsaved: bool = False

    @property
    def ribbon(self) -> Ribbon | None:
        """Give this tablet's ribbon; none for somebody who records no doses."""
        site = self.backend.site
        if not GIVING & self.staff.roles or not met(VACCINATION, self.backend.running()):
            return None
        with self.backend.journal.reading() as db:
            catalogue, lots = site.catalogues.current(db), views.lots(db)
        today = site.clock.today()
        return ribbon(self.choice, catalogue, lots, self.staff, site.facility, today)

    @property
    def has_documents(self) -> bool:
        """Say whether there are kinds of documents that the reader may read or record."""
        if not met(DOCUMENTS, self.backend.running()):
            return False
        with self.backend.journal.reading() as db:
            catalogue = self.backend.site.catalogues.current(db)
        return bool(types_for(catalogue, self.staff))

    def page(self, name: str, **values: Any) -> str:
        """Draw a page with what all pages show."""
        backend = self.backend
        return draw(
            name,
            self.language,
            backend,
            staff=self.staff,
            may_stock=bool(_STOCK_ROLES & self.staff.roles),
            clinical=bool(CLINICAL & self.staff.roles),
            may_attend=bool(OFFICE & self.staff.roles),
            has_documents=self.has_documents,
            slips=slips_for(self.staff.roles, backend.running()),
            may_give=bool(GIVING & self.staff.roles) and met(VACCINATION, backend.running()),
            gives=bool(GIVING & self.staff.roles),
            ribbon=self.ribbon,
            sync=backend.sync_state(),
            clock=backend.site.clock.belief(),
            printers=backend.printer_states(),
            new_id=backend.site.ids.new,
            form=self.form,
            signs_with=backend.authenticator.methods(),
            unsaved=self.unsaved,
            wrong=WRONG,
            relations=RELATION_WORDS,
            asked_override=shown_override(values.get("problem"), self.form),
            **values,
        )

    def supervisors(self, problem: answers.ProblemAnswer | None = None) -> list[Staff]:
        """Name those who may decide here against a rule: what refused says in which role.

        A form that comes back for another reason, such as a wrong PIN, keeps the role.
        """
        told = problem.decides if problem and problem.overridable else self.form.get("decides")
        role: Role = "clinician" if told == "clinician" else "supervisor"
        with self.backend.journal.reading() as db:
            staff = self.backend.site.catalogues.current(db).staff.values()
        return [member for member in staff if may_decide(member, self.backend.site, role)]

    def take(self, document: dict[str, Any]) -> str:
        """Hand the form's request to the desk; give its number."""
        return self.take_next("id", document)

    def take_print(self, document: dict[str, Any]) -> str:
        """Hand over a request that may print, for the printer of this tablet."""
        return self.take({**document, "printer": self.printer})

    def take_next(self, number: str, document: dict[str, Any]) -> str:
        """Hand over a request whose number stands in another field of the form."""
        id_ = self.form.get(number, "")
        command = calls.convert(document, commands.Command)
        hand_over.take(self.backend, id_, command, self.staff)
        return id_


def signed_override(visit: Visit, reason: str) -> dict[str, Any]:
    """Give a supervisor's word against a rule as a field of a request; nothing is no word.

    The reason is for all that speaks against it, but for what has a reason of its own. Who is
    chosen on the form but has not signed has said nothing: the choice is never empty.
    """
    supervisor, signature = visit.form.get("supervisor", ""), signature_of(visit.form)
    if not (signature.secret or signature.passkey) and supervisor not in ("", visit.staff.code):
        return {}
    seen = decided_objections(visit.form)
    each = [told["reason"] or reason for told in seen] or [reason]
    if min(map(len, each)) < _SHORTEST:
        raise BadInput("override.reason", "The reason is too short.", field="override.reason")
    said = {"reason": (reason or each[0])[:200], "supervisor": supervisor}
    said |= {"pin": signature.secret, "passkey": signature.passkey, "step": signature.step}
    return {"override": {**said, "objections": seen}}


def draw(name: str, language: Language, backend: Backend, **values: Any) -> str:
    """Draw a template in a language."""
    return render_template(
        name,
        **words_of(language, backend),
        facility=_facility_name(backend),
        disk=backend.journal.room.state(),
        **values,
    )


def words_of(language: Language, backend: Backend) -> dict[str, Any]:
    """Give what every template says things with, also one that is drawn piece by piece.

    ``routed`` says of a path whether the ``modules`` that run have it: nothing leads elsewhere.
    """
    adapter = current_app.create_url_adapter(request) if has_request_context() else None
    running = backend.running()
    return {
        "routed": lambda path: adapter is not None and is_routed(adapter, path),
        "modules": running,
        "recording": met(RECORDING, running),
        "finding": met(PEOPLE, running),
        "queueing": met(DESK, running),
        "_": language.gettext,
        "say": language.say,
        "counted": Counted,
        "day": language.day,
        "day_of": lambda text: language.day(local_day(text, backend.site.clock.zone)),
        "age_of": lambda person: age_words(language, person, backend.site.clock.today()),
        "birth_of": partial(birth_words, language),
        "identity_of": partial(_identity, backend, language),
        "called": partial(called, language),
        "which": partial(which, language, partial(_programme, backend)),
        "place_in_course": partial(place_in_course, language, partial(_programme, backend)),
        "to_give": partial(to_give, language),
        "written": language.written,
        "money": language.money,
        "money_of": Money,
        "month": language.month,
        "document_told": partial(document_told, backend, language),
        "language": language,
        "grouped": grouped,
    }


def _identity(backend: Backend, language: Language, person: Person) -> ShownIdentity | None:
    """Say how an identity is shown where the campaign asks for any."""
    identities = backend.site.identities
    rules = identities.rules()
    shown = shown_identity(language, rules, person) if rules.types else None
    return shown and replace(shown, fails=identities.fails_check(person.identity))


def _programme(backend: Backend, id_: str) -> Programme | None:
    with backend.journal.reading() as db:
        return backend.site.catalogues.current(db).find_programme(id_)


def _facility_name(backend: Backend) -> str:
    """Give the facility's name, or its code before there is a campaign."""
    try:
        with backend.journal.reading() as db:
            facility = backend.site.catalogues.current(db).facilities.get(backend.site.facility)
    except EdgeError:
        facility = None
    return facility.name if facility else backend.site.facility


def page_or_refusal(problem: answers.ProblemAnswer | None, drawn: str) -> Answer:
    """Answer a page, as a refusal when there is a problem on it."""
    return make_response(drawn, 409 if problem else 200)


def form_date(text: str, field: str) -> str:
    """Read a date of a form; raises :class:`BadInput` naming the field."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise BadInput(
            "date.form", "The date must be written as year-month-day.", field=field
        ) from None


def form_expiry(text: str) -> str:
    """Read an expiry date of a form, a month too; raises :class:`BadInput`."""
    return expiry_day(text).isoformat()


def form_missing(field: str) -> str:
    """Refuse a form that lacks a field."""
    raise BadInput("form.missing", "{name} is missing.", field=field, name=field)
