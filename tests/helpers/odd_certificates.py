"""Certificates that are rightly signed and odd somewhere: one value of their fields or their bytes is changed.

Made from a seed; the same seed gives the same certificates with the same signer.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import base45
import cbor2
from health_cards import card, immunization, observation, patient
from health_certificates import contents, parts, wrapped

from edge.credentials import cose, shc_text
from edge.credentials.document_signer import DocumentSigner

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
_NOW = int(AT.timestamp())
_ISSUED = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
TEXTS = (
    "", " ", "0", "1", "2", "x", "x" * 81, "x" * 301, "2026-11-20", "2026-11-26", "2026-11-27", "2026-02-30", "1899-12-31", "0001-01-01",
    "9999-12-31", "2026-11-20T10:00:00Z", "2026-11-20T25:00:00Z", "2026-11-20 10:00", "2026-11-20T10:00:00+14:00", "20261120",
    "2026-W01-1", "2026-11", "2026", "1996-XX-XX", "1996-00-00", "2030-01-01", "\u00a0", "\u200b1\ufeff", "\u0661\u0669\u0669\u0666",
    "\U0001f600" * 41, "é", "null", "XM0N24", "1D47.0", "YellowFeverX", "16541001", "J07BL01", " 2026-11-20 ", "1.3.0", "1.3", "\x1c1\x85",
)  # fmt: skip
NUMBERS = (
    0, 1, 2, -1, 1.0, 1.5, 0.0, -0.0, 2**31, 2**53, 2**53 + 1, 2**63, -(2**63), 10**15, 253402300000, 253402299999, 253402214400, _NOW - 1,
    _NOW, _NOW + 30, _NOW + 90, _NOW - 90, _NOW + 86400, float(_NOW), _NOW + 0.5, float("nan"), float("inf"), float("-inf"), 1e300,
)  # fmt: skip
PLAIN = (None, True, False, *TEXTS, *NUMBERS)
CBOR: tuple[Any, ...] = (
    *PLAIN, b"", b"\x01", cbor2.undefined, cbor2.CBORSimpleValue(99), cbor2.CBORTag(1, _NOW), cbor2.CBORTag(0, "2026-11-20T10:00:00Z"),
    cbor2.CBORTag(99, "2026-11-20"), cbor2.CBORTag(4, [1, 2]), [], {}, [None], [[]], [{}], [None, {}], {"a": 1}, {1: 2}, [1, 2],
)  # fmt: skip
JSON: tuple[Any, ...] = (
    "\ud800",
    *(value for value in PLAIN if value == value and value not in (float("inf"), float("-inf"))),
    [],
    {},
    [None],
    [{}],
    {"a": 1},
)


def dcc(group: str) -> dict[Any, Any]:
    claims = contents()
    inner = claims[-260][1]
    shared = {"tg": "840539006", "co": "XD", "is": "Ministry", "ci": "URN:UVCI:01:XD:2"}
    if group == "t":
        inner.pop("v")
        inner["t"] = [
            {
                **shared,
                "tt": "LP6464-4",
                "sc": "2026-11-20T10:00:00Z",
                "tr": "260415000",
                "tc": "Lab",
            }
        ]
    elif group == "r":
        inner.pop("v")
        inner["r"] = [{**shared, "fr": "2026-10-01", "df": "2026-11-01", "du": "2027-04-01"}]
    return claims


def icvp(edition: str) -> dict[Any, Any]:
    person = {"n": "Almaz Tesfaye", "dob": "1996-02-29", "s": "F"}
    event: dict[str, Any] = {"vp": "YellowFeverProduct1", "bo": "YF-1", "is": "XXD"}
    if edition == "2026":
        card_ = {**person, "v": "0.3.0", "vx": {**event, "dv": "2026-11-02"}}
    else:
        card_ = {
            **person,
            "v": {
                **event,
                "dt": "2026-11-02",
                **({"tg": "1D47", "dn": "1"} if edition == "2024" else {}),
            },
        }
    return {1: "XD", 6: _ISSUED, -260: {-6: card_}}


def ddcc() -> dict[Any, Any]:
    return {1: "XD", 4: _NOW + 10**6, 6: _ISSUED, "name": "Almaz", "birthDate": "1996-02-29", "vaccine": {"code": "XM68M6"},
            "brand": "B", "date": "2026-11-20", "dose": 1, "total_doses": 2, "country": "XD"}  # fmt: skip


CERTIFICATES: tuple[Callable[[], dict[Any, Any]], ...] = (
    *(lambda group=group: dcc(group) for group in "vtr"), *(lambda edition=edition: icvp(edition) for edition in ("2024", "2025", "2026")), ddcc,
    lambda: {1: "XD", 6: _ISSUED, -260: {5: [{"u": "shlink:/" + _coded({"url": "https://a.example", "label": "L", "exp": _NOW + 99})}]}},
)  # fmt: skip


def _coded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def _copied(value: Any) -> Any:
    """Copy maps and lists; what else there is never changes (``undefined`` cannot be copied)."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _changed(value: Any, values: tuple[Any, ...], random: Random) -> Any:
    """Change one to three values anywhere, or take one out, or put one in."""
    found = _copied(value)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        places = list(_places(found))
        if not places:
            return found
        holder, key = random.choice(places)
        match random.randrange(5):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.insert(random.randrange(len(holder) + 1), _copied(random.choice(values)))
            case 1:
                names = [name for other, name in places if isinstance(other, dict)]
                holder[random.choice(names)] = _copied(random.choice(values))
            case _:
                holder[key] = _copied(random.choice(values))
    return found


def certificate(signer: DocumentSigner, random: Random) -> bytes:
    """Give a health certificate with an odd value, an odd header, odd bytes or an odd code."""
    claims = _changed(random.choice(CERTIFICATES)(), CBOR, random)
    payload = cbor2.dumps(claims)
    match random.randrange(10):
        case 0:
            header = _changed(
                {1: -7, 4: signer.kid}, (*CBOR, -7, -37, -8, signer.kid, signer.kid.hex()), random
            )
            return parts(
                signer,
                payload=payload,
                header=header,
                unprotected=_changed({4: signer.kid, 1: -7}, CBOR, random),
            )
        case 1:
            spoilt = bytearray(payload)
            spoilt[random.randrange(len(spoilt))] = random.randrange(256)
            return parts(signer, payload=bytes(spoilt))
        case 2:
            message = bytearray(cose.sign(payload, signer))
            message[random.randrange(len(message))] ^= 1 << random.randrange(8)
            return wrapped(bytes(message))
        case 3:
            packed = bytearray(zlib.compress(cose.sign(payload, signer), random.randrange(10)))
            place = random.randrange(len(packed))
            packed = (
                packed[:place]
                if random.random() < 0.3
                else packed + random.randbytes(random.randrange(9))
            )
            return f"HC1:{base45.b45encode(bytes(packed)).decode()}".encode()
        case 4:
            text = parts(signer, payload=payload).decode()
            place = random.randrange(len(text))
            more = random.choice(
                (
                    "",
                    " ",
                    "\n",
                    "\r\n  ",
                    "\t",
                    "\u00a0",
                    "\u2028",
                    "\u200b",
                    "\ufeff",
                    "\0",
                    "a",
                    "Z",
                    "ß",
                    "ſ",
                    "\x1c",
                    ":",
                )
            )
            cut = random.randrange(2)
            return f"{text[:place]}{more}{text[place + cut :]}".encode()
    return parts(signer, payload=payload)


def health_card(signer: DocumentSigner, random: Random) -> bytes:
    """Give a SMART Health Card with an odd value in its bundle or around it."""
    resources = random.choice((
        [patient(), immunization()], [patient(), immunization(), immunization(lotNumber="B")], [patient(), observation()],
        [patient(), observation(), immunization()],
    ))  # fmt: skip
    text = shc_text.decode(card(signer, AT.replace(day=20), *resources).decode())
    head, body, _ = text.split(".")
    header = {"zip": "DEF", "alg": "ES256", "kid": signer.thumbprint}
    payload = json.loads(
        zlib.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), -15)
    )
    if random.random() < 0.1:
        header = _changed(header, JSON, random)
    written = json.dumps(_changed(payload, JSON, random), ensure_ascii=random.random() < 0.5)
    if random.random() < 0.1:
        place = random.randrange(len(written))
        written = (
            written[:place]
            + random.choice(("", " ", '"a":1,', ",", "\ufeff", "0", "1e400", "NaN", "\x01"))
            + written[place:]
        )
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(written.encode("utf-8", "surrogatepass")) + packer.flush()
    head, body = _url64(json.dumps(header).encode()), _url64(packed)
    signature = signer.sign(f"{head}.{body}".encode())
    jws = f"{head}.{body}.{_url64(signature)}"
    match random.randrange(8):
        case 0:
            return jws.encode()
        case 1:
            return json.dumps(
                _changed({"verifiableCredential": [jws]}, (jws, *JSON), random)
            ).encode()
        case 2:
            place = random.randrange(len(jws))
            jws = jws[:place] + random.choice("A-_.=+z") + jws[place + 1 :]
            return shc_text.encode(jws) if jws.isascii() and "+" not in jws else jws.encode()
    return shc_text.encode(jws)


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
