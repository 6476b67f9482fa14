"""How large a QR code becomes is counted, and is what the library would make of it."""

from __future__ import annotations

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.util import BitBuffer, QRData

from printers.qr import _bits, _code, most_dots

SEGMENTS = st.one_of(
    st.binary(max_size=300),
    st.text("0123456789", min_size=1, max_size=300).map(str.encode),
    st.text("ABCXYZ0189 $%*+-./:", min_size=1, max_size=300).map(str.encode),
)
LEVELS = [ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q]


def written(payload: bytes, level: int) -> int:
    """Give the version that the library finds by writing every bit; 0: it is too much."""
    code = qrcode.QRCode(error_correction=level)
    code.add_data(payload, optimize=20)
    try:
        return int(code.best_fit())
    except (DataOverflowError, ValueError):
        return 0


def counted(payload: bytes, level: int) -> int:
    code = _code(payload, level)
    return code.version if code else 0


@given(segments=st.lists(SEGMENTS, min_size=1, max_size=4), level=st.sampled_from(LEVELS))
def test_a_counted_code_is_as_large_as_the_library_would_make_it(
    segments: list[bytes], level: int
) -> None:
    payload = b"".join(segments)
    assert counted(payload, level) == written(payload, level)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("size", [229, 230, 231, 1364, 1365, 1368, 1663, 2330, 2331, 2953, 2954])
def test_where_the_size_of_a_length_or_the_largest_code_ends_it_is_the_same(
    size: int, level: int
) -> None:
    payload = b"\xff" * size
    assert counted(payload, level) == written(payload, level)


@pytest.mark.parametrize("length", range(1, 8))
@pytest.mark.parametrize("letter", ["7", "A", "a"])
def test_a_segment_has_as_many_bits_as_the_library_writes(letter: str, length: int) -> None:
    segment, bits = QRData(letter.encode() * length), BitBuffer()
    segment.write(bits)
    assert _bits(segment) == len(bits)


def test_what_no_code_holds_has_no_dots() -> None:
    assert most_dots(bytes(3000), 576) == 0
