"""Takes the nation's letters: each kind has its handler, and a kind not known is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from edge.domain.errors import BadInput, EdgeError
from edge.journal import attention, letters
from edge.journal.journal import Journal
from edge.journal.letter_troubles import LetterTrouble, tell
from edge.journal.unit import Unit
from sync.protocol.letters import Letter
from sync.protocol.states import FeedHead

if TYPE_CHECKING:
    pass

Handler = Callable[[Unit, Letter], None]
"""Does what a letter says, inside the unit of work that moves the cursor; twice is as once."""

Prepare = Callable[[Letter], Handler]
"""Does what comes before that unit, twice as once, and gives the rest; raises :class:`EdgeError`
for a letter that cannot be taken here."""

Refused = Callable[[Unit, Letter, EdgeError], None]
"""Records that a letter could not be taken, and why; twice is as once."""

_log = logging.getLogger("divoc_edge.mail")


class PartialLetterError(BadInput):
    """A letter of which the good part is taken; the rest is told, for it can never be."""


class SiteInbox:
    """What this site was told; ``handlers`` and ``prepared`` by the kind of letter.

    Of a kind in ``replacing`` a later letter of the same name takes an earlier one's place.
    ``refused`` is told, by kind, of one that cannot be taken. ``after`` is told the kinds that were
    taken, once they are on the disk.
    """

    def __init__(
        self,
        journal: Journal,
        handlers: Mapping[str, Handler],
        prepared: Mapping[str, Prepare] | None = None,
        replacing: Collection[str] = (),
        refused: Mapping[str, Refused] | None = None,
        after: Callable[[frozenset[str]], None] = lambda _: None,
    ) -> None:
        self._journal = journal
        self._handlers = handlers
        self._prepared = prepared or {}
        self._replacing = replacing
        self._refused = refused or {}
        self._after = after

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of letters that are taken; any other is kept for newer software."""
        return frozenset({*self._handlers, *self._prepared})

    def cursor(self, feed: str) -> FeedHead:
        """Give the last letter taken of a feed."""
        with self._journal.reading() as db:
            return letters.cursor(db, feed)

    def take(self, told: Sequence[Letter]) -> None:
        """Do what the letters say, in order; the cursor moves with them, in the same step.

        A letter that must be prepared is a step of its own, for it may need what those in front
        of it have changed; letters between such are one.
        """
        for _, group in groupby(enumerate(told), key=self._step_of):
            self._step([(letter, self._handler(letter)) for _, letter in group])

    def _step_of(self, place: tuple[int, Letter]) -> int:
        return place[0] if place[1].kind in self._prepared else -1

    def _step(self, handled: Sequence[tuple[Letter, Handler]]) -> None:
        def work(unit: Unit) -> None:
            for letter, handler in handled:
                handler(unit, letter)
            letters.move_cursor(unit.db, handled[-1][0])

        self._journal.run(work)
        self._after(frozenset(letter.kind for letter, _ in handled))

    def again(self) -> None:
        """Try what was kept aside once more, oldest first: the reason may be gone by now.

        Newer software knows more kinds, another campaign has the programme that was missing, a
        disk has room again.
        """
        for letter in self._kept():
            handler = self._handler(letter)
            if handler is not keep and self._journal.run(partial(_try, letter, handler)):
                self._after(frozenset({letter.kind}))

    def _kept(self) -> list[Letter]:
        with self._journal.reading() as db:
            return letters.kept_letters(db)

    def _handler(self, letter: Letter) -> Handler:
        prepare = self._prepared.get(letter.kind)
        try:
            handler = prepare(letter) if prepare else self._handlers.get(letter.kind)
        except EdgeError as error:
            return _refused(error, self._refused.get(letter.kind))
        except Exception as error:
            # What nobody has thought of, too: the letters behind it are still to be taken.
            _log.error("a letter of the kind %s failed: %s", letter.kind, type(error).__name__)
            return _refused(_failed(error))
        if handler is None:
            return keep

        def taken(unit: Unit, letter: Letter) -> None:
            handler(unit, letter)
            _let_go(unit, letter, older=letter.kind in self._replacing)

        return taken


def _failed(error: Exception) -> EdgeError:
    return BadInput(
        "letter.failed",
        "The software failed at this letter ({reason}). It is tried again; call the help desk if"
        " that goes on.",
        reason=type(error).__name__,
    )


def _try(letter: Letter, handler: Handler, unit: Unit) -> bool:
    """Do what a letter says that is still kept; say whether it is no longer."""
    if not letters.is_kept(unit.db, letter):  # a later one took its place in the meantime
        return False
    handler(unit, letter)
    return not letters.is_kept(unit.db, letter)


def _let_go(unit: Unit, letter: Letter, *, older: bool) -> None:
    """Keep no longer what is taken now, nor what it replaces; say so for the last of a kind."""
    if not letters.let_go(unit.db, letter, older=older):
        tell(unit, letter.kind, None)


def let_go_withdrawn(unit: Unit, letter: Letter) -> None:
    """Keep a letter aside no longer that the nation has taken back, by its id."""
    withdrawn = letters.kept_under(unit.db, letter.feed, str(letter.body.get("letter", "")))
    if withdrawn is not None:
        _let_go(unit, withdrawn, older=False)


def pass_over(_unit: Unit, _letter: Letter) -> None:
    """Take a letter that another stands for: nothing is to be done."""


def _refused(error: EdgeError, record: Refused | None = None) -> Handler:
    """Keep a letter aside that cannot be taken yet, and say so; those behind it are taken."""
    mistakes = getattr(error, "mistakes", ())
    detail = str(mistakes[0]) if mistakes else ""

    def refuse(unit: Unit, letter: Letter) -> None:
        if isinstance(error, PartialLetterError):
            _let_go(unit, letter, older=False)
        else:
            keep(unit, letter)
        if record is not None:
            record(unit, letter, error)
        values = {name: str(value) for name, value in error.values.items()}
        tell(
            unit,
            letter.kind,
            LetterTrouble(letter.kind, letter.at, error.sentence, values, detail),
        )

    return refuse


def keep(unit: Unit, letter: Letter) -> None:
    """Keep a letter for newer software."""
    letters.keep_letter(unit.db, letter)


def take_verdict(unit: Unit, letter: Letter) -> None:
    """Keep what the registry makes of an entry, while it is anything but stored."""
    body = letter.body
    state = str(body.get("state", ""))
    entry = str(body.get("entry", ""))
    if state not in ("rejected", "held"):
        attention.forget_verdict(unit.db, entry)
        return
    field, sentence, waits = (str(body.get(name, "")) for name in ("field", "sentence", "waits"))
    attention.keep_verdict(
        unit.db, attention.Verdict(entry, state, field, sentence, letter.at, waits)
    )
