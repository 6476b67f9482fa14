"""Questions the tables answer, in the domain's words."""

from edge.journal.views.catalogue import catalogue_body, vaccine_names
from edge.journal.views.certificates import (
    IssuedCertificate,
    certificate,
    certificates_of,
    is_revoked,
    replaced_by,
)
from edge.journal.views.doses import (
    DoseRecord,
    WithdrawalRecord,
    doses_between,
    history,
    overrides_of,
    recorded,
    recorded_on,
    taken_back,
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
    vaccine_of_lot,
)

__all__ = [
    "DoseRecord",
    "IssuedCertificate",
    "QueueRow",
    "ReceivedLine",
    "WithdrawalRecord",
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
    "replaced_by",
    "same_name_and_year",
    "taken_back",
    "vaccine_names",
    "vaccine_of_lot",
]
