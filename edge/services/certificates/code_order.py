"""In which order a certificate's codes are shown, and what each is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.certificate import tells_history
from edge.domain.certificate_plan import NOTHING, CertificatePlan
from edge.domain.code_captions import caption
from edge.journal import views

if TYPE_CHECKING:
    from sqlite_utils import Database


def captioned_formats(
    db: Database, catalogue: Catalogue, issued: views.IssuedCertificate
) -> list[tuple[str, str]]:
    """Give a certificate's formats, each with what its code is for, in English.

    The one that matters most is first: the campaign says so by what it puts on paper.
    """
    order = _plan(db, catalogue, issued).in_order(issued.credentials)
    return [(name, caption(name, catalogue.captions)) for name in order]


def without_history(db: Database, catalogue: Catalogue, issued: views.IssuedCertificate) -> bool:
    """Say whether a code of all doses at once is asked for and could not be made."""
    wanted = _plan(db, catalogue, issued).formats
    return any(tells_history(name) and name not in issued.credentials for name in wanted)


def _plan(db: Database, catalogue: Catalogue, issued: views.IssuedCertificate) -> CertificatePlan:
    if issued.document:
        document = views.document(db, issued.document)
        type_ = catalogue.find_document(document.type) if document else None
        return type_.plan if type_ else NOTHING
    record = views.recorded(db, issued.dose)
    programme = catalogue.find_programme(record.dose.programme) if record else None
    return programme.certificates if programme else NOTHING
