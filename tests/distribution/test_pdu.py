"""Short messages are written and read as the standard has them, whatever the script."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.peers.gsm_modem import status_report, text_from
from edge.plugins.distribution.gsm.alphabet import from_septets, in_septets, packed, unpacked
from edge.plugins.distribution.gsm.pdu import (
    DeliveryStatus,
    IncomingText,
    PduError,
    read_pdu,
    submit_parts,
)

NUMBER = "+46708251358"


def test_a_message_known_from_the_literature_is_written_as_there() -> None:
    """dreamfabric.com/sms: hellohello to +46708251358; there without report and with four days."""
    (part,) = submit_parts(NUMBER, "hellohello", 0)
    assert part.digits == "0031000B916407281553F80000A90AE8329BFD4697D9EC37"
    assert part.length == len(part.digits) // 2 - 1


def test_a_message_known_from_the_literature_is_read_as_there() -> None:
    told = read_pdu("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")
    assert isinstance(told, IncomingText)
    assert told.text == "hellohello"
    assert told.address == "27838890001"


@pytest.mark.parametrize(
    ("text", "parts", "coding"),
    [
        ("a" * 160, 1, 0), ("a" * 161, 2, 0), ("€" * 80, 1, 0), ("€" * 81, 2, 0),
        ("a" * 306, 2, 0), ("a" * 307, 3, 0), ("é" * 160, 1, 0), ("ê" * 70, 1, 8),
        ("ê" * 71, 2, 8), ("ع" * 134, 2, 8), ("ع" * 135, 3, 8), ("😀" * 35, 1, 8), ("😀" * 36, 2, 8),
    ],
)  # fmt: skip
def test_a_text_takes_as_many_parts_as_it_must(text: str, parts: int, coding: int) -> None:
    made = submit_parts("+254712345678", text, 7)
    assert len(made) == parts
    for place, part in enumerate(made, start=1):
        tpdu = bytes.fromhex(part.digits)[1:]
        behind = tpdu[4 + (tpdu[2] + 1) // 2 :]
        assert behind[1] == coding
        assert len(behind) - 4 <= 140
        if parts > 1:
            assert list(behind[4:10]) == [5, 0, 3, 7, parts, place]


def joined(text: str) -> str:
    """Read the parts as a telephone does: as messages delivered, without their headers."""
    found = ""
    for part in submit_parts("+254712345678", text, 3):
        tpdu = bytes.fromhex(part.digits)[1:]
        address, rest = tpdu[2 : 4 + (tpdu[2] + 1) // 2], tpdu[4 + (tpdu[2] + 1) // 2 :]
        first = 0x44 if tpdu[0] & 0x40 else 0x04
        delivered = bytes((0, first)) + address + rest[:2] + bytes(7) + rest[3:]
        told = read_pdu(delivered.hex())
        assert isinstance(told, IncomingText)
        found += told.text
    return found


@given(st.text(max_size=400, alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_telephone_reads_what_was_written(text: str) -> None:
    assert joined(text) == text


@given(st.text(alphabet="@£$ aZ09{}[]~^|€\\\n", max_size=300), st.integers(0, 6))
def test_septets_come_back_behind_any_fill(text: str, fill: int) -> None:
    septets = [one for sign in in_septets(text) or [] for one in sign]
    assert from_septets(unpacked(packed(septets, fill), len(septets), fill)) == text


@given(st.binary(max_size=60))
def test_bytes_that_are_no_message_are_named_so_and_nothing_else_happens(data: bytes) -> None:
    with contextlib.suppress(PduError):
        assert isinstance(read_pdu(data.hex()), IncomingText | DeliveryStatus)


def test_a_report_names_the_part_and_the_number() -> None:
    (part,) = submit_parts("+254712345678", "x", 0)
    assert read_pdu(status_report(part.digits, 9, 0x41)) == DeliveryStatus(9, "+254712345678", 0x41)


def test_an_answer_in_any_script_is_read() -> None:
    told = read_pdu(text_from("+254712345678", "قف"))
    assert isinstance(told, IncomingText)
    assert (told.address, told.text) == ("+254712345678", "قف")
