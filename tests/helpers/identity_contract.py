"""What any identity type must stand, as a class whose tests run on each."""

from __future__ import annotations

import re
from typing import get_args

from edge.domain.errors import BadInput
from edge.plugins.contract import Health, Need
from edge.plugins.identity.contract import IdentityType, ShownCard, TypedNumber

ODD = (
    "", " ", "-", "0", "00000000000", "99999999999999999999999999999999999999999999", "GRACE",
    "Grace Wanjiru", "' OR 1=1 --", "<script>", "{name}", "%s", "\x00", "did:a:b", "A" * 200,
    "1" * 200, "x-1:2", "²³", "१२३४", "\U0001f489", "P<UTO<<<<<<<<<<<", "\n\n", "12 34\n56",
)  # fmt: skip
"""What people type, and what nobody should."""
_DID_NUMBER = re.compile(r"([^\W_]|-)*")
_CANARY = "CANARY7Q4WZK"


class IdentityContract:
    """Inherit it with the fixtures ``kind`` (the type) and ``typed`` (a good number as typed)."""

    def test_it_says_what_it_needs_and_how_it_is(self, kind: IdentityType) -> None:
        assert kind.needs <= set(get_args(Need))
        assert isinstance(kind.health(), Health)
        assert isinstance(kind.reads_cards, bool)

    def test_a_good_number_has_one_spelling_that_a_did_may_have(
        self, kind: IdentityType, typed: str
    ) -> None:
        kept = kind.read(TypedNumber(typed, "KE", "UTO"))
        assert _DID_NUMBER.fullmatch(kept), kept
        assert kind.read(TypedNumber(kept, "KE", "UTO")) == kept or kept.isdecimal()
        assert kind.read(TypedNumber(typed, "KE", "UTO")) == kept

    def test_whatever_is_typed_is_a_number_or_is_refused_in_words(self, kind: IdentityType) -> None:
        for text in ODD:
            refused = _refused(kind, text)
            if refused is not None:
                assert refused.field == "identity", text
                assert refused.hint.format(**refused.values), text

    def test_an_error_does_not_repeat_the_number(self, kind: IdentityType) -> None:
        refused = _refused(kind, f"{_CANARY}-{_CANARY}-{_CANARY}")
        if refused is not None:
            told = f"{refused} {refused.hint} {refused.values} {refused.__context__!r}"
            assert _CANARY not in told

    def test_what_is_no_card_of_its_kind_is_none(self, kind: IdentityType) -> None:
        for text in ODD:
            assert kind.scan(ShownCard(text)) is None, text
            assert kind.scan(ShownCard(text, "x-other", {"identity": _CANARY})) is None, text


def _refused(kind: IdentityType, text: str) -> BadInput | None:
    """Give what a text is refused with; None where it is a number that a DID may have."""
    try:
        kept = kind.read(TypedNumber(text, "KE"))
    except BadInput as error:
        return error
    assert _DID_NUMBER.fullmatch(kept), kept
    return None
