"""The QR codes of a certificate on its paper: each under its caption, named or in the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.code_captions import caption, family
from edge.domain.slip_template import SlipTemplate
from edge.slips.layout import Say, Values

_CODE, _CAPTION = "_code", "_caption"
_NAMED = "named"
"""Under which name an item of the list stands beside it; no template can say it."""


def code_values(codes: Mapping[str, bytes], own: Mapping[str, str], say: Say) -> dict[str, Any]:
    """Give what a slip may name of codes by format, the one that matters most first.

    All are in the list ``codes``; the first of each family is ``dcc_code``, ``divoc_code`` and so
    on as well. ``own`` are the campaign's captions.
    """
    found: dict[str, Any] = {"codes": []}
    for format_, payload in codes.items():
        told = say(caption(format_, own))
        item = {"code": payload, "caption": told}
        if (named := family(format_) + _CODE) not in found:
            found |= {named: payload, family(format_) + _CAPTION: told}
            item[_NAMED] = named
        found["codes"].append(item)
    return found


def left_to_list(template: SlipTemplate, values: Values) -> Values:
    """Leave those codes out of the list that the template has placed by their own name.

    So none is on paper twice and none is lost, whatever a country's template names.
    """
    codes = values.get("codes")
    if codes is None or isinstance(codes, str | bytes):
        return values
    placed = _placed(template, values)
    return {**values, "codes": [item for item in codes if item.get(_NAMED) not in placed]}


def _placed(template: SlipTemplate, values: Values) -> set[str]:
    return {
        block.words
        for block in template
        if block.kind == "qr" and (not block.when or values.get(block.when))
    }
