"""What is fuzzed: a reader of bytes that strangers send, what it may refuse with, and where it lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Target:
    """``read`` takes an input whole and returns, or raises one of ``refusals``, which have words.

    ``modules`` are the source files whose readers it reaches. ``seeds`` are right inputs, beside
    those of the folder of its name in the corpus; ``largest`` is the bytes that its door lets in.
    """

    name: str
    modules: tuple[str, ...]
    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = ()
    largest: int = 64 * 1024

    def all_seeds(self) -> list[bytes]:
        """Give the right inputs, and those of the corpus in the order of their names."""
        kept = sorted((CORPUS / self.name).glob("*"))
        return [*self.seeds, *(path.read_bytes() for path in kept)]
