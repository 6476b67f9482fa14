"""What a picture of several codes comes to: the gravest verdict first, no code left out."""

from __future__ import annotations

from itertools import permutations

import pytest
from photographs import saved, sheet

from edge.credentials.pictures import codes_in_picture
from edge.credentials.verdict import UnreadableError, Verdict, together


def test_the_order_in_which_codes_were_found_decides_nothing() -> None:
    found = [
        Verdict("valid", "shc", "", payload=b"b"),
        Verdict("valid", "shc", "", payload=b"a"),
        Verdict("valid", "hcert", "", payload=b"c"),
        Verdict("expired", "shc", ""),
        Verdict("unreadable", "", ""),
    ]
    wanted = [
        ("expired", b""),
        ("valid", b"c"),
        ("valid", b"a"),
        ("valid", b"b"),
        ("unreadable", b""),
    ]
    for order in permutations(found):
        whole = together(order, ["hcert", "shc"])
        assert [(one.verdict, one.payload) for one in whole.all_shown] == wanted


def test_of_certificates_of_different_worth_the_word_is_never_the_best() -> None:
    for word in ("invalid", "revoked", "unknown-issuer", "expired", "not-yet-valid", "valid-stale"):
        for pair in permutations((Verdict("valid", "hcert", ""), Verdict(word, "other", ""))):
            assert together(pair, ["hcert"]).verdict == word


@pytest.mark.slow
def test_every_code_of_a_sheet_is_read_and_a_sheet_of_too_many_is_refused_in_words() -> None:
    texts = [f"HC1:{number:03}{'A' * 40}" for number in range(25)]
    whole = codes_in_picture(saved(sheet(*texts[:24], across=6)))
    assert sorted(whole) == [text.encode() for text in texts[:24]]
    with pytest.raises(UnreadableError, match="too many"):
        codes_in_picture(saved(sheet(*texts, across=6)))
