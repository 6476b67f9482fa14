"""A dictionary is made ready once for an effort, and a message has the same bytes all the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
import zstandard

from sync.protocol import frames


def message(length: int) -> bytes:
    """Give bytes as entries have them: of a seed, so that each run has the same."""
    chance = random.Random(length)
    parts: list[bytes] = []
    while sum(map(len, parts)) < length:
        parts.append(b'{"id":"%032x","type":"DoseGiven","body":' % chance.getrandbits(128))
    return b"".join(parts)[:length]


@pytest.mark.parametrize("coding", [frames.BEST, frames.QUICK], ids=["best", "quick"])
@pytest.mark.parametrize("length", [0, 40, 900, 12_000, 31_999, 32_000, 32_001, 70_000, 150_000])
def test_a_message_has_the_bytes_that_a_dictionary_made_for_it_alone_gives(
    length: int, coding: frames.Coding
) -> None:
    text = message(length)
    alone = zstandard.ZstdCompressor(
        level=coding.level,
        dict_data=frames.dictionary(coding.dictionary),
        write_checksum=False,
    )
    for _ in range(2):  # the second message finds the dictionary made ready
        assert frames.compress(text, coding) == alone.compress(text)


def test_small_messages_share_a_dictionary_that_is_ready_and_large_ones_have_it_made_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[object] = []
    real = zstandard.ZstdCompressor

    def compressor(**told: Any) -> zstandard.ZstdCompressor:
        used.append(told["dict_data"])
        return real(**told)

    monkeypatch.setattr(zstandard, "ZstdCompressor", compressor)
    for length in (16, 900, 32_001):
        frames.compress(message(length), frames.BEST)
    raw = frames.dictionary(frames.BEST.dictionary)
    first, second, large = used
    assert first is second
    assert first is not raw
    assert large is raw
