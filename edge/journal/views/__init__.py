"""Questions the tables answer, in the domain's words."""

from edge.journal.views.catalogue import catalogue_body, catalogue_item, vaccine_names
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
    all_doses,
    doses_between,
    history,
    overrides_of,
    recorded,
    recorded_on,
    taken_back,
)
from edge.journal.views.look_alikes import look_alikes
from edge.journal.views.people import (
    ids_of,
    observations,
    observed_by,
    people_after,
    person,
    person_by_code,
    person_by_identity,
    recorded_people,
    was_observed,
)
from edge.journal.views.queue import QueueRow, queue, waits_for
from edge.journal.views.search import NOBODY, Found, find_people, search_people
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
    "NOBODY",
    "DoseRecord",
    "Found",
    "IssuedCertificate",
    "QueueRow",
    "ReceivedLine",
    "WithdrawalRecord",
    "all_doses",
    "catalogue_body",
    "catalogue_item",
    "certificate",
    "certificates_of",
    "doses_between",
    "find_people",
    "history",
    "ids_of",
    "is_revoked",
    "lines_of_document",
    "lines_without_document",
    "look_alikes",
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
    "recorded_people",
    "replaced_by",
    "search_people",
    "taken_back",
    "vaccine_names",
    "vaccine_of_lot",
    "waits_for",
    "was_observed",
]
