"""Who may see a paper: by the role of its slip, and of a document's by its type."""

from __future__ import annotations

from edge.domain.catalogue import Staff
from edge.domain.errors import NotAllowed, NotFound
from edge.journal import views
from edge.services.documents.reading import document_file
from edge.services.printing.paper_roles import check_paper
from edge.services.printing.slip_roles import check_slip_there
from edge.web.backend import Backend
from edge.web.noting import showed, whose_slip
from edge.web.route import CLINICAL


def check_slip(backend: Backend, slip: str, subject: str, staff: Staff) -> None:
    """Refuse a slip that somebody may not see, and note whom it shows."""
    check_slip_there(slip, backend.running())
    with backend.journal.reading() as db:
        check_paper(db, backend.site.catalogues.current(db), slip, subject, staff)
    showed(whose_slip(backend, slip, subject))


def certificate_for(backend: Backend, number: str, staff: Staff) -> views.IssuedCertificate:
    """Find a certificate that somebody may see; raises :class:`NotFound`, :class:`NotAllowed`."""
    with backend.journal.reading() as db:
        found = views.certificate(db, number)
        if found is None:
            raise NotFound(
                "certificate.unknown",
                "There is no certificate with this number here.",
                hint="Check the number on the paper.",
                field="certificate",
            )
        if found.document:
            document_file(db, backend.site.catalogues.current(db), found.document, staff)
        elif not CLINICAL & staff.roles:
            raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
    return found
