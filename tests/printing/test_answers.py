"""What a printer says is told apart by its fixed bits, however the line cuts it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from printers.answers import Answer, heard

WHOLE = {
    b"\x11": "flow",
    b"\x13": "flow",
    b"\x12": "real-time",
    b"\x7e": "real-time",
    b"\x14\x00\x00\x0f": "automatic",
    b"\x10\x00\x6c\x0f": "automatic",
    b"\x00": "byte",
    b"\x0c": "byte",
    b"7\x220042\x00": "block",
    b"_TM-T88IV\x00": "block",
}


def kinds(data: bytes) -> list[tuple[str, bytes]]:
    found, rest = heard(data)
    assert rest == b""
    return [(one.kind, one.data) for one in found]


def test_each_kind_is_known_by_its_bits() -> None:
    for data, kind in WHOLE.items():
        assert kinds(data) == [(kind, data[:-1] if kind == "block" else data)], data


@given(
    told=st.lists(st.sampled_from(sorted(WHOLE)), max_size=12),
    cuts=st.lists(st.integers(0, 80), max_size=6),
)
def test_where_the_line_cuts_what_is_said_does_not_matter(
    told: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(told)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    found: list[Answer] = []
    rest = b""
    for start, end in pairwise(places):
        more, rest = heard(rest + stream[start:end])
        found += more
    assert rest == b""
    assert [(one.kind, one.data) for one in found] == kinds(stream)


@given(st.binary(max_size=300))
def test_noise_never_raises_and_never_grows(noise: bytes) -> None:
    found, rest = heard(noise)
    assert sum(len(one.data) for one in found) + len(rest) <= len(noise)
    assert len(rest) < 96


def test_a_status_that_was_cut_off_does_not_swallow_the_next_answer() -> None:
    assert kinds(b"\x14\x00\x12") == [("byte", b"\x00"), ("real-time", b"\x12")]
