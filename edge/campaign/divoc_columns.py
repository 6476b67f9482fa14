"""The columns of DIVOC's tables (``interfaces/*.csv``), in their order."""

from __future__ import annotations

FACILITIES = [
    "facilityCode",
    "facilityName",
    "contact",
    "email",
    "operatingHourStart",
    "operatingHourEnd",
    "category",
    "type",
    "status",
    "addressLine1",
    "addressLine2",
    "district",
    "state",
    "pincode",
    "geoLocationLat",
    "geoLocationLon",
    "websiteURL",
    "adminName",
    "adminMobile",
]
VACCINATORS = [
    "code",
    "name",
    "nationalIdentifier",
    "mobileNumber",
    "email",
    "status",
    "facilityIds",
]
ENROLMENTS = [
    "phone",
    "identity",
    "nationality",
    "dob",
    "gender",
    "name",
    "email",
    "addressLine1",
    "addressLine2",
    "district",
    "state",
    "pincode",
    "doseNumber",
    "enrollmentScopeId",
]
APPOINTMENT = ["appointmentDate", "appointmentSlot"]
"""Columns that enrolments may have beside DIVOC's own: the fields of its ``appointments``."""
OF_REGISTRY = ["code", "yob", "osid", "appointmentStatus"]
"""What an enrolment of DIVOC's registry or of a scheduler has and the table has not."""
ENROLMENTS_WITHOUT_DOSE = [name for name in ENROLMENTS if name != "doseNumber"]
CERTIFICATES = [
    "preEnrollmentCode",
    "recipientName",
    "recipientMobileNumber",
    "recipientDOB",
    "recipientAge",
    "recipientGender",
    "recipientNationality",
    "recipientIdentity",
    "recipientAddressLine1",
    "recipientAddressLine2",
    "recipientDistrict",
    "recipientState",
    "recipientPincode",
    "vaccinationBatch",
    "vaccinationDate",
    "vaccinationDose",
    "vaccinationTotalDoses",
    "vaccinationEffectiveStart",
    "vaccinationEffectiveEnd",
    "vaccinationManufacturer",
    "vaccinationName",
    "vaccinatorName",
    "facilityName",
    "facilityAddressLine1",
    "facilityAddressLine2",
    "facilityDistrict",
    "facilityState",
    "facilityPincode",
]
