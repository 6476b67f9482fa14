"""Questions the tables answer, in the domain's words."""

from edge.journal.views.catalogue import catalogue_body, vaccine_names
from edge.journal.views.certificates import (
    IssuedCertificate,
    certificate,
    certificates_of,
    is_revoked,
)
from edge.journal.views.doses import (
    DoseRecord,
    doses_between,
    history,
    overrides_of,
    recorded,
    recorded_on,
)
from edge.journal.views.people import (
    find_people,
    observations,
    observed_by,
    people_after,
    person,
    person_by_code,
    person_by_identity,
    same_name_and_year,
)
from edge.journal.views.queue import QueueRow, queue
from edge.journal.views.stock import (
    ReceivedLine,
    lines_of_document,
    lines_without_document,
    lot,
    lot_expiry,
    lots,
)

__all__ = [
    "DoseRecord",
    "IssuedCertificate",
    "QueueRow",
    "ReceivedLine",
    "catalogue_body",
    "certificate",
    "certificates_of",
    "doses_between",
    "find_people",
    "history",
    "is_revoked",
    "lines_of_document",
    "lines_without_document",
    "lot",
    "lot_expiry",
    "lots",
    "observations",
    "observed_by",
    "overrides_of",
    "people_after",
    "person",
    "person_by_code",
    "person_by_identity",
    "queue",
    "recorded",
    "recorded_on",
    "same_name_and_year",
    "vaccine_names",
]
