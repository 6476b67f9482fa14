"""What DIVOC's signature leaves open: which of the fields that share a predicate stands where.

An exchange of such fields is only called one where nothing else explains what is there. Whatever
is merely odd, as dates and numbers of other issuers often are, is a caution for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from edge.credentials import divoc
from edge.credentials.verdict import YES, CheckError
from sync.protocol.list_keys import divoc_key, number_keys

_NOT_BOUND = "not bound by this kind of signature"
_DATES_DIFFER = "not bound, and the dates differ"
_ENDS_EARLY = "not bound, and it ends before the dose"
_NUMBERS_DIFFER = "not bound, and the number stands in another field"
CAUTIONS: Mapping[str, str] = {
    _NOT_BOUND: (
        "The signature is right and the issuer is trusted. This kind of signature does not keep"
        " dose and total, or lot, vaccine and manufacturer apart."
    ),
    _DATES_DIFFER: (
        "The signature is right and the issuer is trusted. It begins to count on {start}, another"
        " day than that of the dose; this kind of signature does not keep the dates apart."
    ),
    _ENDS_EARLY: (
        "The signature is right and the issuer is trusted. It ends before the dose that it tells"
        " of, or before it begins; this kind of signature does not keep the dates apart."
    ),
    _NUMBERS_DIFFER: (
        "The signature is right and the issuer is trusted. Its address ends with what stands as"
        " lot, vaccine or manufacturer; this kind of signature does not keep these and the number"
        " apart."
    ),
}
"""What a reader is told of genuine paper, by the outcome of the check."""
_BESIDE_NUMBER = ("batch", "vaccine", "manufacturer", "icd11Code")
"""What DIVOC's contexts give the predicate of the certificate's number."""
_ADDRESSES = ("infoUrl", "feedbackUrl")
_ENDING = re.compile(r"[^/?=#]*\Z")


def check_fields(document: Mapping[str, Any]) -> str:
    """Tell whether fields that share a predicate stand where they were signed.

    Where a digest is carried it decides. Else raises :class:`CheckError` for what is proven.
    """
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    carried = divoc.carried_binding(evidence)
    if carried is not None:
        if carried != divoc.binding(subject, evidence):
            raise CheckError("fields", "Fields of this certificate have been swapped.")
        return YES
    if _is_number_elsewhere(evidence) and _is_number_proven(evidence):
        raise CheckError("fields", "The number of the certificate has been swapped.")
    dates = [str(evidence.get(name) or "") for name in ("date", "effectiveStart", "effectiveUntil")]
    if _dates_swapped(*dates):
        raise CheckError("fields", "The dates of this certificate have been swapped.")
    if _is_number_elsewhere(evidence):
        return _NUMBERS_DIFFER
    day, start, until = (date[:10] for date in dates)
    if day and start and day != start:
        return _DATES_DIFFER
    return _ENDS_EARLY if until and until < max(day, start) else _NOT_BOUND


def swapped_keys(document: Mapping[str, Any]) -> list[bytes]:
    """Give what more to look for in revocation lists: no exchange of fields hides a certificate.

    The number may be the one that the signed address ends with, the dose may stand as the total.
    """
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    method, code = document["proof"]["verificationMethod"], str(subject.get("refId") or "")
    numbers = {str(evidence.get("certificateId") or ""), _last(evidence.get("id"))} - {""}
    told = [evidence.get(name) for name in ("dose", "totalDoses")]
    doses = {"" if dose is None else str(dose) for dose in told}
    rows = [divoc_key(number, dose, code) for number in sorted(numbers) for dose in sorted(doses)]
    return [*rows, *(key for number in sorted(numbers) for key in number_keys(method, number))]


def _last(address: Any) -> str:
    """Give what an address ends with, which in DIVOC's is the number of the certificate."""
    found = _ENDING.search(address) if isinstance(address, str) else None
    return found[0] if found else ""


def _is_number_elsewhere(evidence: Mapping[str, Any]) -> bool:
    """Say whether what the signed address ends with stands beside the number, and not as it."""
    last, number = _last(evidence.get("id")), str(evidence.get("certificateId") or "")
    others = [str(evidence.get(name)) for name in _BESIDE_NUMBER]
    return bool(last and number and number != last and last in others)


def _is_number_proven(evidence: Mapping[str, Any]) -> bool:
    """Say whether only an exchange explains it.

    DIVOC writes the number at the end of every address. An issuer may end one with the lot or the
    vaccine, and not two that are made for the certificate with what has digits, and none with the
    number that it gives as its own.
    """
    last, number = _last(evidence.get("id")), str(evidence.get("certificateId"))
    ends = [_last(evidence.get(name)) for name in _ADDRESSES]
    return last in ends and number not in ends and any(map(str.isdigit, last))


def _dates_swapped(day: str, start: str, until: str) -> bool:
    """Say whether only an exchange explains the dates.

    DIVOC gives the dose a time of day and the limits none, and starts on the day of the dose. So
    the dose and the end are exchanged where the end alone has a time and lies, as the start does,
    before the dose; start and end are exchanged where the end is the day of the dose, before the
    start. All else another issuer may have written.
    """
    if not (day and start and until):
        return False
    first, last = start[:10], until[:10]
    if "T" not in day and "T" not in start and "T" in until:
        return first == last < day
    if "T" in day and "T" not in start + until:
        return last == day[:10] < first
    return False
