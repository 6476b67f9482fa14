"""What fields and roles are called where people read them, and no name of the code."""

from __future__ import annotations

from collections.abc import Mapping

FIELD_WORDS: Mapping[str, str] = {
    "on": "Day",
    "lot": "Lot",
    "expiry": "Expiry date",
    "facility": "Facility",
    "vaccine": "Vaccine",
    "programme": "Programme",
    "vaccinator": "Vaccinator",
    "person": "Person",
    "dose": "Dose",
    "number": "Dose",
    "quantity": "Number of doses",
    "reason": "Reason",
    "printer": "Printer",
    "certificate": "Certificate",
    "code": "What was seen",
    "name": "Name",
    "gender": "Gender",
    "birthDate": "Date of birth",
    "birthYear": "Year of birth",
    "birthMonth": "Month of birth",
    "birthEarliest": "Date of birth",
    "birthLatest": "Date of birth",
    "age": "Age",
    "guardian": "Mother, father or guardian",
    "passportName": "Name as in the passport (family, given)",
    "identity": "Identity number",
    "phone": "Phone",
    "nationality": "Nationality",
    "email": "E-mail",
    "address": "Address",
    "consent": "May this person be sent messages?",
    "channel": "Channel",
    "language": "Language of messages",
    "address.addressLine1": "Address",
    "address.addressLine2": "Address",
    "address.district": "District",
    "address.state": "State",
    "address.pincode": "Postal code",
    "address.country": "Country",
    "override.reason": "Reason",
    "override.supervisor": "Supervisor",
    "override.pin": "PIN of the supervisor",
    "person.name": "Name",
    "person.gender": "Gender",
    "person.birthDate": "Date of birth",
    "person.birthYear": "Year of birth",
    "person.identity": "Identity number",
    "person.phone": "Phone",
    "person.born": "Born",
    "person.nationality": "Nationality",
    "person.email": "E-mail",
}
"""What a field is called on the screen."""

ROLE_WORDS: Mapping[str, str] = {
    "registrar": "registrar",
    "vaccinator": "vaccinator",
    "supervisor": "supervisor",
    "clinician": "clinician",
    "technician": "technician",
}
"""What a role is called on the screen."""

UNNAMED = "A field of this form"
"""What a field is called that has no word here."""
_NAMES, _LISTS, _FIELDS = ("name", "path"), ("roles", "allowed"), ("missing",)
"""Values of a sentence that name a field, those that list words, and those that list fields."""


def _field(name: str) -> str:
    """Name a field, or what it is a part of: ``age.count`` is of the age."""
    return FIELD_WORDS.get(name) or FIELD_WORDS.get(name.partition(".")[0], UNNAMED)


def in_words(values: Mapping[str, object]) -> dict[str, object]:
    """Give a sentence's values with fields, roles and kinds under words that can be translated."""
    found: dict[str, object] = {}
    for key, value in values.items():
        if key in _NAMES and isinstance(value, str):
            found[key] = Words((_field(value),))
        elif key in _LISTS and isinstance(value, str):
            found[key] = Words(tuple(ROLE_WORDS.get(word, word) for word in value.split(", ")))
        elif key in _FIELDS and isinstance(value, str):
            found[key] = Words(tuple(map(_field, value.split(", "))))
        else:
            found[key] = value
    return found


class Words(tuple[str, ...]):
    """Texts in a sentence that are themselves translated, with commas between them."""

    __slots__ = ()
