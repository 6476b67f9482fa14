"""What can be read from the journal: each type of entry, and the rows it leaves behind.

The live path and ``journal rebuild`` go through the same function, so the tables are what the
journal says and nothing else. Types this version does not know leave no rows: they came from
newer software, stay in the journal, and count when that software rebuilds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from edge.journal.entry import Entry
from edge.journal.projections.appointments import (
    appointment_booked,
    appointment_cancelled,
    appointment_moved,
)
from edge.journal.projections.catalogue import campaign_applied, catalogue_recorded
from edge.journal.projections.certificates import certificate_issued, certificate_revoked
from edge.journal.projections.contact import contact_preference_recorded
from edge.journal.projections.documents import (
    document_corrected,
    document_recorded,
    document_revoked,
)
from edge.journal.projections.doses import (
    dose_corrected,
    dose_recorded,
    dose_withdrawn,
    stock_received,
)
from edge.journal.projections.enrolment_lists import (
    enrolments_withdrawn,
    list_told,
    piece_taken,
)
from edge.journal.projections.merging import distinguished, merge_undone, persons_merged
from edge.journal.projections.payments import (
    cash_counted,
    cash_handed_over,
    payment_recorded,
    payment_returned,
    voucher_settled,
)
from edge.journal.projections.people import (
    enrolment_changed,
    observation_recorded,
    person_arrived,
    person_corrected,
    person_left,
    person_registered,
    person_status_recorded,
)
from edge.journal.projections.staff import (
    pin_set,
    sign_in_method_added,
    sign_in_method_removed,
    staff_invitation_ended,
    staff_invitation_taken,
    staff_invited,
)

if TYPE_CHECKING:
    from sqlite_utils import Database

VERSION = 5
"""Of the rows: raised whenever an entry leaves others than before, so that they are made anew."""
TABLES: Mapping[str, str] = {
    "catalogue": "kind, code",
    "catalogue_once": "kind, code",
    "person": "id",
    "person_search": "place",
    "spelling": "word",
    "dose": "id",
    "certificate": "id",
    "credential": "certificate, format",
    "revocation": "key",
    "stock": "vaccine, lot",
    "queue": "person",
    "pin": "staff",
    "observation": "person, code",
    "merge": "id",
    "distinguished": "kind, one, other",
    "delivery_line": "id",
    "vaccine_name": "name, code",
    "document": "id",
    "document_key": "key, document",
    "enrolment_list": "name",
    "enrolment_piece": "list, hash",
    "enrolment_member": "list, person",
    "appointment": "id",
    "arrival": "position",
    "invitation": "id",
    "payment": "id",
    "cash_move": "entry, box",
    "contact_preference": "person",
    "sign_in_method": "id",
}
"""Every projected table, with the columns that order it."""


def project(db: Database, entry: Entry) -> None:
    """Bring the tables up to date with one entry."""
    make = _PROJECTIONS.get(entry.type)
    if make is not None:
        make(db, entry)


_PROJECTIONS: Mapping[str, Callable[[Database, Entry], None]] = {
    "CampaignApplied": campaign_applied,
    "CatalogueRecorded": catalogue_recorded,
    "PersonRegistered": person_registered,
    "EnrolmentChanged": enrolment_changed,
    "PersonArrived": person_arrived,
    "PersonLeft": person_left,
    "DoseGiven": dose_recorded,
    "DoseReported": dose_recorded,
    "CertificateIssued": certificate_issued,
    "CertificateRevoked": certificate_revoked,
    "PersonCorrected": person_corrected,
    "DoseCorrected": dose_corrected,
    "DoseWithdrawn": dose_withdrawn,
    "StockReceived": stock_received,
    "ObservationRecorded": observation_recorded,
    "PinSet": pin_set,
    "SignInMethodAdded": sign_in_method_added,
    "SignInMethodRemoved": sign_in_method_removed,
    "StaffInvited": staff_invited,
    "StaffInvitationTaken": staff_invitation_taken,
    "StaffInvitationEnded": staff_invitation_ended,
    "PersonStatusRecorded": person_status_recorded,
    "PersonsMerged": persons_merged,
    "MergeUndone": merge_undone,
    "PersonsDistinguished": distinguished,
    "DosesDistinguished": distinguished,
    "DocumentRecorded": document_recorded,
    "DocumentCorrected": document_corrected,
    "DocumentCertified": certificate_issued,
    "DocumentRevoked": document_revoked,
    "EnrolmentListTold": list_told,
    "EnrolmentPieceTaken": piece_taken,
    "EnrolmentsWithdrawn": enrolments_withdrawn,
    "ContactPreferenceRecorded": contact_preference_recorded,
    "AppointmentBooked": appointment_booked,
    "AppointmentMoved": appointment_moved,
    "AppointmentCancelled": appointment_cancelled,
    "PaymentRecorded": payment_recorded,
    "PaymentReturned": payment_returned,
    "VoucherSettled": voucher_settled,
    "CashCounted": cash_counted,
    "CashHandedOver": cash_handed_over,
}
