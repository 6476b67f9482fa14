"""What can go wrong between a slip and paper, in words."""

from __future__ import annotations


class PrinterError(Exception):
    """A code, a sentence template with its values, and whether trying again later can succeed."""

    def __init__(
        self, code: str, sentence: str, /, *, temporary: bool = False, **values: object
    ) -> None:
        self.code = code
        self.sentence = sentence
        self.values = values
        self.temporary = temporary
        super().__init__(sentence.format(**values))


class ConnectionFailed(PrinterError):
    """The printer cannot be reached, or stopped taking bytes; ``accepted`` counts those it took."""

    def __init__(self, code: str, sentence: str, /, accepted: int = 0, **values: object) -> None:
        super().__init__(code, sentence, temporary=True, **values)
        self.accepted = accepted
