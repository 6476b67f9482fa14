"""Every route of the API in one table: path, of which modules, who may, what goes in, what out.

The table is the policy (a route that is not in it does not exist), the routing, and the source of
the OpenAPI document.
"""

from __future__ import annotations

from edge.domain.modules import (
    ALWAYS,
    DESK,
    DOCUMENTS,
    DOSES,
    HISTORY,
    PAPERS,
    PAYMENT,
    PEOPLE,
    RECORDING,
    REGISTRATION,
    REGISTRY,
    STOCK,
    VERIFICATION,
)
from edge.services.commands import Command, RegisterPerson
from edge.web import (
    access_api,
    answers,
    api,
    calls,
    devices_api,
    documents_api,
    import_answers,
    office_api,
    payments_api,
    people_api,
    recalled_api,
    rehearsals,
    schedule_api,
)
from edge.web.access_answers import AccessAnswer, OpenSessionAnswer
from edge.web.appointment_routes import APPOINTMENT_ROUTES, VISIT_ROUTES
from edge.web.device_answers import DeviceAnswer, DeviceKeyAnswer
from edge.web.document_answers import DocumentAnswer, DocumentTypeAnswer
from edge.web.dose_answers import LotRecallAnswer, RehearsalAnswer
from edge.web.noting import CERTIFICATE, LIST, PAPER, PERSON, SEARCH, TOLD
from edge.web.payment_answers import CashBookAnswer
from edge.web.people_answers import FoundAnswer, LookAlikeAnswer
from edge.web.route import (
    CLINICAL,
    EVERYBODY,
    OFFICE,
    STAFF,
    SUPERVISORS,
    Route,
)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/ping", ALWAYS, EVERYBODY, api.ping, answers.PingAnswer),
    Route(
        "POST", "/session", ALWAYS, EVERYBODY, api.sign_in, answers.SessionAnswer, body=calls.SignIn
    ),
    Route("GET", "/session", ALWAYS, STAFF, api.session, answers.StaffAnswer),
    Route("DELETE", "/session", ALWAYS, STAFF, api.sign_out, answers.PingAnswer),
    Route(
        "POST",
        "/devices",
        ALWAYS,
        EVERYBODY,
        devices_api.pair,
        DeviceKeyAnswer,
        body=calls.PairRequest,
    ),
    Route("GET", "/devices", ALWAYS, OFFICE, devices_api.devices, list[DeviceAnswer]),
    Route("DELETE", "/devices/{id}", ALWAYS, OFFICE, devices_api.revoke, answers.PingAnswer),
    Route(
        "PUT", "/entries/{id}", RECORDING, STAFF, api.put_entry, answers.OutcomeAnswer, body=Command
    ),
    Route(
        "GET", "/entries/{id}", RECORDING, CLINICAL, api.get_entry, answers.OutcomeAnswer, sees=TOLD
    ),
    Route(
        "POST", "/rehearsals", RECORDING, STAFF, rehearsals.rehearse, RehearsalAnswer, body=Command
    ),
    Route(
        "POST",
        "/people/search",
        PEOPLE,
        CLINICAL,
        people_api.search,
        list[answers.PersonAnswer],
        body=calls.Search,
        sees=SEARCH,
    ),
    Route(
        "POST",
        "/people/find",
        PEOPLE,
        CLINICAL,
        people_api.find,
        FoundAnswer,
        body=calls.Search,
        sees=SEARCH,
    ),
    Route(
        "POST",
        "/people/alike",
        REGISTRATION,
        CLINICAL,
        people_api.alike,
        list[LookAlikeAnswer],
        body=RegisterPerson,
        sees=SEARCH,
    ),
    Route(
        "GET", "/people/{id}", PEOPLE, CLINICAL, api.person, answers.PersonFileAnswer, sees=PERSON
    ),
    Route(
        "POST",
        "/people/{id}/history",
        PEOPLE + REGISTRY,
        CLINICAL,
        api.history,
        answers.HistoryAnswer,
        body=calls.HistoryRequest,
        sees=PERSON,
    ),
    Route(
        "GET",
        "/people/{id}/schedule",
        HISTORY,
        CLINICAL,
        schedule_api.explain,
        list[answers.ExplanationAnswer],
        sees=PERSON,
    ),
    *VISIT_ROUTES,
    *APPOINTMENT_ROUTES,
    Route(
        "GET",
        "/lot-recalls",
        DOSES,
        CLINICAL,
        recalled_api.lot_recalls,
        list[LotRecallAnswer],
        sees=LIST,
    ),
    Route(
        "GET",
        "/payments",
        PAYMENT,
        CLINICAL,
        payments_api.payments,
        CashBookAnswer,
        query=("on",),
    ),
    Route("GET", "/queue", DESK, CLINICAL, api.queue, list[answers.WaitingAnswer], sees=LIST),
    Route(
        "GET",
        "/doses",
        DOSES,
        CLINICAL,
        api.doses,
        list[answers.RecordAnswer],
        query=("on",),
        sees=LIST,
    ),
    Route(
        "GET",
        "/certificates/{id}",
        PAPERS,
        STAFF,
        api.certificate,
        answers.CertificateAnswer,
        sees=CERTIFICATE,
    ),
    Route(
        "GET",
        "/certificates/{id}/qr.png",
        PAPERS,
        STAFF,
        api.certificate_qr,
        bytes,
        query=("format",),
        media="image/png",
        sees=CERTIFICATE,
    ),
    Route(
        "POST", "/prints", ALWAYS, STAFF, api.prints, answers.OutcomeAnswer, body=calls.AskedPrint
    ),
    Route(
        "GET",
        "/slips/{slip}.png",
        ALWAYS,
        STAFF,
        api.slip_png,
        bytes,
        query=("of",),
        media="image/png",
        sees=PAPER,
    ),
    Route(
        "GET",
        "/document-types",
        DOCUMENTS,
        STAFF,
        documents_api.document_types,
        list[DocumentTypeAnswer],
    ),
    Route(
        "POST",
        "/documents/search",
        DOCUMENTS,
        STAFF,
        documents_api.search_documents,
        list[DocumentAnswer],
        body=documents_api.DocumentSearch,
        sees=LIST,
    ),
    Route(
        "GET",
        "/documents/{id}",
        DOCUMENTS,
        STAFF,
        documents_api.document,
        DocumentAnswer,
        sees=TOLD,
    ),
    Route("GET", "/print-jobs/{id}", ALWAYS, STAFF, api.print_job, answers.PrintJobAnswer),
    Route("GET", "/stock", STOCK, STAFF, api.stock, list[answers.LotAnswer]),
    Route("GET", "/catalogue", ALWAYS, STAFF, api.catalogue, answers.CatalogueAnswer),
    Route("GET", "/status", ALWAYS, STAFF, api.status, answers.StatusAnswer),
    Route(
        "GET",
        "/attention",
        REGISTRY,
        OFFICE,
        api.attention,
        list[answers.AttentionAnswer],
        sees=LIST,
    ),
    Route(
        "POST",
        "/imports/{kind}",
        ALWAYS,
        OFFICE,
        office_api.import_table,
        import_answers.ImportAnswer,
        body=bytes,
        query=(
            "name",
            "programme",
            "document",
            "encoding",
            "dryRun",
            "different",
            "same",
            "again",
        ),
    ),
    Route("GET", "/sessions", ALWAYS, SUPERVISORS, access_api.sessions, list[OpenSessionAnswer]),
    Route(
        "DELETE",
        "/sessions/{name}",
        ALWAYS,
        SUPERVISORS,
        access_api.end_session,
        answers.PingAnswer,
    ),
    Route(
        "GET",
        "/access",
        PEOPLE,
        SUPERVISORS,
        access_api.seen,
        list[AccessAnswer],
        query=("person", "staff", "before"),
        sees=LIST,
    ),
    Route(
        "PUT",
        "/staff/{code}/pin",
        ALWAYS,
        frozenset({"supervisor"}),
        office_api.set_pin,
        answers.PingAnswer,
        body=calls.PinRequest,
    ),
    Route(
        "POST",
        "/verify",
        VERIFICATION,
        EVERYBODY,
        api.verify,
        answers.VerificationAnswer,
        body=bytes,
    ),
)
