"""What a certificate states, under the names that the tables of the formats ask for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from edge.credentials.code_systems import CVX, ICD11
from edge.domain.certificate import Claims, OtherDose
from edge.domain.names.icao_letters import in_latin_letters
from edge.domain.names.passports import machine_readable, name_parts

_GENDERS: Mapping[str, str] = {"Male": "male", "Female": "female", "Other": "other"}
_LONGEST = 80
_ALPHA_2 = 2
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bb\u02bc"), "'")


def facts(claims: Claims) -> dict[str, Any]:
    """Give a certificate's facts; dates in ISO 8601, no identity number: paper says little."""
    family, given = name_parts(claims.name)
    travels = claims.passport_name or claims.name
    state = claims.nationality if len(claims.nationality) == _ALPHA_2 else claims.country
    standard = [machine_readable(part, state) for part in name_parts(travels)]
    codes = claims.codes
    born = claims.birth_date.isoformat() if claims.birth_date else str(claims.birth_year or "")
    return {
        "latinName": latin(travels, state),
        "familyName": family[:_LONGEST],
        "givenName": given[:_LONGEST],
        "familyNameMrz": standard[0],
        "givenNameMrz": standard[1],
        "birthDate": born,
        "gender": _GENDERS.get(claims.gender, ""),
        "nationality": claims.nationality,
        "disease": codes.get("disease", ""),
        "prophylaxis": codes.get("prophylaxis", ""),
        "product": codes.get("product", ""),
        "holder": codes.get("manufacturer", ""),
        "icvpProduct": codes.get("icvp", ""),
        "coding": _coding(claims),
        "others": [_other(dose) for dose in claims.others],
        "dose": max(claims.dose, 1),  # these formats begin with one: a dose zero is among them
        "totalDoses": _total(claims),
        "date": claims.on.isoformat(),
        "validFrom": claims.valid_from.isoformat() if claims.valid_from else "",
        "lot": claims.lot,
        "facility": claims.facility[:_LONGEST],
        "country": claims.country,
        "issuer": claims.issuer_name[:_LONGEST],
        "participant": claims.participant,
        "uvci": f"URN:UVCI:01:{claims.country}:{claims.certificate_id}",
    }


def _total(claims: Claims) -> int:
    """Give of how many doses it is: 3/3 for a booster after two doses, 2/1 after a single one.

    Commission Implementing Decision (EU) 2021/2301: only a course of one dose keeps its number,
    so that its booster is not taken for the second dose of a course of two.
    """
    return 1 if claims.total_doses == 1 else max(claims.total_doses, claims.dose)


def latin(name: str, state: str = "") -> str:
    """Write a name in Latin letters, as WHO asks for; a name in Latin letters stays as it is.

    Other letters are written as a passport of the ``state`` would.
    """
    composed = unicodedata.normalize("NFC", name).translate(_APOSTROPHES)
    if all(ord(character) < 0x250 for character in composed):
        return composed
    plain = re.sub(r"[^A-Z '.,-]", "", in_latin_letters(composed, state))
    return " ".join(word.title() for word in plain.split())


def _other(dose: OtherDose) -> dict[str, Any]:
    return {
        "coding": _coding(dose),
        "date": dose.on.isoformat(),
        "lot": dose.lot,
        "facility": dose.facility[:_LONGEST],
    }


def _coding(dose: Claims | OtherDose) -> dict[str, str]:
    if dose.codes.get("cvx"):
        return {"system": CVX, "code": dose.codes["cvx"]}
    return {"system": ICD11, "code": dose.icd11}
