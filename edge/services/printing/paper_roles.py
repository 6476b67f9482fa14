"""Who may have a paper: by the role of its slip, and of a document's by its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Staff
from edge.journal import views
from edge.services.document_lookups import check_may, known_document
from edge.services.printing.queueing import CERTIFICATE_SLIP
from edge.services.printing.slip_roles import check_slip_role

if TYPE_CHECKING:
    from sqlite_utils import Database


def check_paper(db: Database, catalogue: Catalogue, slip: str, subject: str, staff: Staff) -> None:
    """Refuse a slip to those who may not have it: of a document to whoever may not read its type.

    Raises :class:`NotAllowed`.
    """
    issued = views.certificate(db, subject) if slip == CERTIFICATE_SLIP else None
    if issued is not None and issued.document:
        check_may(known_document(db, catalogue, issued.document)[1], "read", staff)
    else:
        check_slip_role(slip, staff.roles)
