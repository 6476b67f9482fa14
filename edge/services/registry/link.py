"""The site's line to the national registry: enrolment, passes, and how things stand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.journal_source import JournalSource
from edge.domain.errors import Conflict, EdgeError, Unavailable
from edge.followers.backoff import Backoff
from edge.journal.attention import count_to_put_right
from edge.journal.delivery import REGISTRY, REGISTRY_KEY, delivery, heard_by_stick
from edge.journal.journal import Journal
from edge.journal.letter_troubles import LetterTrouble, tell, troubles
from edge.journal.list_progress import ListProgress, list_progress
from edge.journal.settings import keep_setting, setting
from edge.journal.unit import Unit
from edge.services.registry.enrolment_lists import EnrolmentLists
from edge.services.registry.introduction import Introduction
from edge.services.registry.stick_memory import (
    diverged_by_stick,
    invited_code,
    keep_recipient,
)
from sync.protocol.errors import LineError, SyncError
from sync.protocol.histories import Histories, PersonQuery, check_answer, make_question
from sync.protocol.instants import read_instant
from sync.protocol.keys import node_id, public_key, public_text
from sync.protocol.questions import sign_question
from sync.site.asking import Asker
from sync.site.first_contact import known_registry, sealed_enrolment
from sync.site.follower import Follower, Pass
from sync.site.handshake import HandshakeEnvironment, Identity
from sync.site.inbox import Inbox
from sync.site.transports import LineOptions, Transport, transport

_ASKING = 15.0
"""Seconds that somebody with a person in front of them waits for the registry."""
_IDLE = 60.0
"""Seconds between questions whether there is anything new, while nothing is waiting here."""
_ASKED = "certificate.asked"
"""The setting that names the key whose request was sent last, and the day."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """How the site stands with the registry.

    ``state`` is ``none`` (no registry is set up), ``synced``, ``waiting``, ``unreachable``,
    ``refused`` or ``diverged``; ``synced`` only if receipts prove it. ``trouble`` is a sentence
    template with its values. ``last_receipt`` and ``by_stick``, when the last answer came by
    stick, are instants in ISO 8601, or empty. ``attention`` counts records that are delivered and
    cannot be counted as they are; ``letters`` are those of the nation that could not be taken
    here, ``lists`` those of the people whom it expects.
    """

    state: str
    recorded: int
    delivered: int
    last_receipt: str
    trouble: str = ""
    trouble_values: Mapping[str, Any] | None = None
    by_stick: str = ""
    attention: int = 0
    letters: tuple[LetterTrouble, ...] = ()
    lists: tuple[ListProgress, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkEnvironment:
    """What the line needs of the world: monotonic seconds, chance in [0, 1), nonces, and now.

    ``told_time`` is handed what time it is by the registry's clock.
    """

    elapsed: Callable[[], float]
    chance: Callable[[], float]
    nonce: Callable[[], str]
    now: Callable[[], datetime]
    told_time: Callable[[datetime], object] = str


class RegistryLink:
    """Delivers the journal to one registry, one pass at a time; ``url`` empty: to none."""

    def __init__(
        self,
        journal: Journal,
        url: str,
        key: Ed25519PrivateKey,
        introduction: Introduction,
        world: LinkEnvironment,
        *,
        line: LineOptions = LineOptions(),  # noqa: B008  (a frozen value)
        inbox: Inbox | None = None,
        lists: EnrolmentLists | None = None,
        connect: Callable[[str, LineOptions], Transport] = transport,
    ) -> None:
        self._journal = journal
        self._url = url
        self._key = key
        self._node = node_id(key.public_key())
        self._introduction = introduction
        self._world = world
        self._line = line
        self._inbox = inbox
        self._lists = lists
        self._connect = connect
        self._lock = threading.Lock()
        self._follower: Follower | None = None
        self._last: Pass | None = None
        self._backoff = Backoff(world.elapsed, world.chance)
        self._covered = -1
        self._asker: Asker | None = None
        self._told_at = ""

    def run(self) -> Pass:
        """Make one pass now, whenever the last one was."""
        with self._lock:
            try:
                self._follower = self._follower or self._enrolled()
                self._last = self._follower.run()
                if self._last.code == "node.unknown":  # a registry from before this site
                    self._follower = self._enrolled(again=True)
                    self._journal.run(_forget_asked)
                    self._last = self._follower.run()
                if self._last.state == "synced":
                    self._ask_certificate()
                    self._fetch_lists()
            except (SyncError, EdgeError) as error:  # the other end's, or our own: a full disk
                state = "unreachable" if error.temporary else "refused"
                self._last = Pass(
                    state,
                    trouble=error.sentence,
                    code=error.code,
                    values=error.values,
                    away=isinstance(error, LineError),
                )
            self._hear_time()
            self._pace(self._last)
            return self._last

    def run_when_due(self) -> Pass | None:
        """Make a pass if there is something to send or to hear, and nothing speaks against it."""
        idle = self._backoff.failures == 0 and self._covered == JournalSource(self._journal).last()
        return self.run() if self._backoff.due(_IDLE if idle else 0.0) else None

    def _hear_time(self) -> None:
        """Hand on what time it is by the registry, once for each answer."""
        told = self._follower.told_at if self._follower else ""
        if told and told != self._told_at:
            self._told_at = told
            self._world.told_time(read_instant(told))

    def _pace(self, done: Pass) -> None:
        """Choose the soonest moment of the next pass; a failure that came further is the first."""
        if done.state != "synced":
            self._backoff.failed(further=done.sent > 0, asked=done.come_back, away=done.away)
            return
        self._backoff.went_well(done.come_back or 0.0)
        with self._journal.reading() as db:
            self._covered = delivery(db, REGISTRY).delivered

    def state(self) -> SyncState:
        """Say how the site stands: from receipts, not from hopes."""
        with self._journal.reading() as db:
            held = delivery(db, REGISTRY)
            by_stick, diverged = heard_by_stick(db), diverged_by_stick(db)
            attention = count_to_put_right(db)
            letters, lists = troubles(db), list_progress(db)
        last = self._last
        if diverged and (last is None or last.state != "synced"):
            last = Pass("diverged", trouble=diverged.sentence, values=diverged.values)
        if not (self._url or by_stick or diverged):
            state = "none"
        elif last is not None and last.state in ("diverged", "refused"):
            state = last.state
        elif held.complete:
            state = "synced"
        elif last is not None and last.state == "unreachable":
            state = "unreachable"
        else:
            state = "waiting"
        trouble, values = (last.trouble, last.values) if last else ("", None)
        return SyncState(
            state=state,
            recorded=held.recorded,
            delivered=held.delivered,
            last_receipt=held.heard_at,
            trouble=trouble,
            trouble_values=values,
            by_stick=by_stick,
            attention=attention,
            letters=letters,
            lists=lists,
        )

    def history(self, people: Sequence[PersonQuery]) -> Histories:
        """Ask what other sites recorded of people; somebody waits for the answer.

        Raises :class:`Conflict` when this site has no registry, :class:`Unavailable` when there is
        no answer that is its own.
        """
        with self._journal.reading() as db:
            key = setting(db, REGISTRY_KEY)
        if not self._url:
            raise Conflict(
                "history.no-registry",
                "This site knows no registry that it could ask.",
                hint="Ask the person for the paper certificate.",
            )
        if not key:
            raise Unavailable(
                "history.not-reached-yet",
                "This site has not reached its registry yet.",
                hint="Ask the person for the paper certificate.",
            )
        nonce = self._world.nonce()
        patient = replace(self._line, idle=_ASKING)
        try:
            asker = self._asker_for(key)
            way = self._connect(self._url, patient)
            answer = asker.ask(way, "history", make_question(people, nonce))
            told = check_answer(answer, asker.node, nonce, asker.registry_key)
            asker.heard(told.at)
            return told
        except SyncError as error:
            raise Unavailable(
                "history.unavailable",
                "The registry did not give the history now.",
                hint="Go on without it, or ask again in a while.",
                reason=error.code,
            ) from error

    def _fetch_lists(self) -> None:
        """Fetch the pieces of the nation's lists that are missing here."""
        if self._lists is not None:
            with self._journal.reading() as db:
                asker = self._asker_for(setting(db, REGISTRY_KEY))
            self._lists.fetch(self._connect(self._url, self._line), asker)

    def _asker_for(self, key: str) -> Asker:
        """Give what asks beside a pass: the same each time, for it knows the latest instant."""
        asker = self._asker
        if asker is None or public_text(asker.registry_key) != key:
            asker = Asker(self._node, self._key, public_key(key))
            self._asker = asker
        return asker

    def _enrolled(self, *, again: bool = False) -> Follower:
        way = self._connect(self._url, self._line)
        identity = Identity(
            self._node,
            self._key,
            public_key(self._registry_key(way, again=again)),
            self._introduction.software,
        )
        ports = HandshakeEnvironment(self._world.elapsed, self._world.nonce)
        return Follower(JournalSource(self._journal), way, identity, ports, self._inbox)

    def _registry_key(self, way: Transport, *, again: bool) -> str:
        """Give the registry's key: proven before the enrolment, and never changed by an answer."""
        with self._journal.reading() as db:
            pinned = setting(db, REGISTRY_KEY)
        if pinned and not again:
            return pinned
        key, recipient = known_registry(way, pinned, self._introduction.fingerprint)
        introduced = sign_question(self._introduced(), "enrol", self._node, self._key)
        answer = way.ask("enrol", sealed_enrolment(introduced, recipient))
        if not isinstance(answer, dict) or not isinstance(answer.get("node"), str):
            sentence = answer.get("sentence", "") if isinstance(answer, dict) else ""
            raise SyncError(
                "registry.refused", "The registry refuses: {reason}", reason=str(sentence)[:300]
            )

        def pin(unit: Unit) -> None:
            keep_setting(unit.db, REGISTRY_KEY, key)
            keep_recipient(unit.db, recipient.document)

        self._journal.run(pin)
        return key

    def _introduced(self) -> dict[str, Any]:
        with self._journal.reading() as db:
            code = invited_code(db) or self._introduction.code
        return self._introduction.enrolment(self._key.public_key(), code)

    def _ask_certificate(self) -> None:
        """Send the request for the next signing certificate, once a day until one is here.

        It goes with an enrolment, signed by the node; a refusal that lasts is shown. Nobody signs
        that it has arrived, and a registry restored from a backup has lost it: so it is sent again.
        """
        pem, key = self._introduction.request()
        asked = f"{key} {self._world.now().date()}"
        with self._journal.reading() as db:
            before = setting(db, _ASKED)
        if not pem or before == asked:
            return
        with self._journal.reading() as db:
            asker = self._asker_for(setting(db, REGISTRY_KEY))
        # whom the registry knows needs no code, and this is not sealed
        document = {**self._introduced(), "code": "", "nonce": self._world.nonce(), "csr": pem}
        refused = ""
        try:
            answer = asker.ask(self._connect(self._url, self._line), "enrol", document)
            if "node" not in answer:
                return  # something else answered
        except SyncError as error:
            if error.temporary or error.code in ("registry.form", "question.other"):
                return
            refused = str(error.values.get("reason", error))
        trouble = LetterTrouble(
            "certificate",
            "",
            "The registry did not take the request for a signing certificate: {reason}",
            {"reason": refused[:300]},
        )

        def remember(unit: Unit) -> None:
            keep_setting(unit.db, _ASKED, asked)
            tell(unit, "certificate", trouble if refused else None)

        self._journal.run(remember)


def _forget_asked(unit: Unit) -> None:
    keep_setting(unit.db, _ASKED, "")
