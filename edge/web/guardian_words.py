"""What a mother, a father or a guardian is called on the screen."""

from __future__ import annotations

from collections.abc import Mapping

RELATION_WORDS: Mapping[str, str] = {
    "mother": "Mother",
    "father": "Father",
    "guardian": "Guardian",
}
