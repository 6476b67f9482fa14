"""One connection: HTTP/1.1 by h11, and how long and how much of it is borne."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from functools import partial
from typing import cast

import h11

from sync.web.serving import refusals
from sync.web.serving.context import ServerContext
from sync.web.serving.refusals import RefusedRequest, ServerRefusal
from sync.web.serving.response_heads import BODILESS, head_of_answer, head_of_refusal
from sync.web.serving.timeouts import Phase, Timeouts
from sync.web.serving.wsgi import (
    NO_HEAD,
    BadForwarding,
    Exchange,
    Piece,
    environ,
    head_of,
    is_ambiguous,
    sender,
)

_BLOCK = 32 * 1024
_CRUMBS, _CRUMB = 2000, 32
"""Pieces of a body that may have any size; those behind them have so many bytes on average."""


class Connection(asyncio.BufferedProtocol):
    """Takes a whole request before a thread is asked to answer it, and none while it is sent."""

    def __init__(self, context: ServerContext, address: str) -> None:
        self.address, self.held = address, 0
        self.phase = Phase.HEADER
        self.opening: asyncio.Task[object] | None = None
        self._context = context
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=context.limits.header)
        self._wire, self._open = asyncio.Transport(), False
        self._head = NO_HEAD
        self._client, self._scheme = address, context.scheme
        self._body: io.BytesIO | None = None
        self._size = self._pieces = 0
        self._exchange: Exchange | None = None
        self._work: Callable[[], None] = lambda: None
        self._ending = False
        self._out, self._sent, self._last, self._full = memoryview(b""), 0, False, False
        self._timeouts = Timeouts(context.limits, context.now())

    # What the house asks of it

    @property
    def waits_for_us(self) -> bool:
        """Say whether its request is whole and not answered yet."""
        return self.phase is Phase.WORKING

    def drop(self) -> None:
        """End it at once, and give its place back."""
        if self._open:
            self._wire.abort()
        elif self.opening is not None:
            self.opening.cancel()
        self.gone()

    def give_way(self) -> None:
        """Give back its bytes: a body is refused, an answer is broken off."""
        if self.phase is Phase.BODY:
            self._refuse(refusals.FULL)
        else:
            self.drop()

    def end(self) -> None:
        """End it as soon as what it has asked for is answered."""
        self._ending = True
        if self.phase in (Phase.HEADER, Phase.BODY, Phase.IDLE, Phase.LINGER):
            self.drop()

    def check(self, now: float) -> None:
        """End it if it took its time; ``now`` as the house has it."""
        moved = self._size
        if self.phase is Phase.ANSWER:
            moved = self._sent - self._wire.get_write_buffer_size()
        if self._timeouts.is_over(self.phase, now, moved):
            self.drop()

    def _turn_to(self, phase: Phase) -> None:
        self.phase = phase
        self._timeouts.begin(self._context.now())

    def gone(self) -> None:
        """Put everything away that belongs to it."""
        phase, self.phase = self.phase, Phase.GONE
        if phase is Phase.GONE:
            return
        self._context.table.leave(self)
        self._body, self._out = None, memoryview(b"")
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()
            if phase is Phase.WORKING and not self._context.workers.withdraw(
                self._client, self._work
            ):
                return  # a thread is at work on it, and puts it away
            self._put_away(exchange)

    def _put_away(self, exchange: Exchange) -> None:
        if exchange.is_open:
            self._context.workers.put_away(exchange.close)

    # What asyncio tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with TLS if there is to be any."""
        self._wire, self._open = cast(asyncio.Transport, transport), True
        if self.phase is Phase.GONE:
            self._wire.abort()
        else:
            self._wire.set_write_buffer_limits(high=_BLOCK)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (asyncio's name)
        """Lend the buffer that is read into next."""
        return self._context.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take in what was read."""
        if self.phase in (Phase.LINGER, Phase.GONE):
            return
        self._http.receive_data(bytes(self._context.buffer[:nbytes]))
        if self.phase in (Phase.WORKING, Phase.ANSWER):
            self._wire.pause_reading()  # the next request: it stays where it is until it is due
            return
        if self.phase is Phase.IDLE:
            self._turn_to(Phase.HEADER)
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's name)
        """Put it away, and let go of the transport, whose buffers would wait for a collector."""
        self.gone()
        self._wire, self._open = asyncio.Transport(), False

    def pause_writing(self) -> None:
        """Have no more sent than the other end takes."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on with it."""
        self._full = False
        if self.phase is Phase.ANSWER:
            self._send()

    # A request comes

    def _read(self) -> None:
        try:
            while self.phase in (Phase.HEADER, Phase.BODY):
                event = self._http.next_event()
                if isinstance(event, h11.Request):
                    self._begin(event)
                elif isinstance(event, h11.Data):
                    self._gather(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    self._whole()
                else:
                    return
        except h11.RemoteProtocolError as error:
            large = error.error_status_hint == refusals.HEADER_TOO_LARGE.status
            self._refuse(refusals.HEADER_TOO_LARGE if large else refusals.MALFORMED)

    def _begin(self, request: h11.Request) -> None:
        self._turn_to(Phase.BODY)
        self._size = self._pieces = 0
        self._head = head = head_of(
            request.method, request.target, request.http_version, request.headers
        )
        context = self._context
        length = head.headers.get("content-length", "0")
        if head.method == "CONNECT":
            self._refuse(refusals.NO_TUNNEL)
        elif is_ambiguous(head):
            self._refuse(refusals.MALFORMED)
        elif int(length) > context.limits.body:
            self._refuse(refusals.TOO_LARGE)
        else:
            try:
                self._client, self._scheme = sender(
                    head, self.address, context.scheme, context.trusted
                )
            except BadForwarding:
                self._refuse(refusals.MALFORMED)
                return
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                self._wire.write(self._http.send(go_on) or b"")

    def _gather(self, data: bytes | bytearray) -> None:
        self._pieces += 1
        self._size += len(data)
        if self._size > self._context.limits.body:
            self._refuse(refusals.TOO_LARGE)
        elif self._pieces > _CRUMBS + self._size // _CRUMB:
            self._refuse(refusals.IN_CRUMBS)
        elif not self._context.table.hold(self, len(data)):
            self._refuse(refusals.FULL)
        else:
            self._body = self._body or io.BytesIO()
            self._body.write(data)

    def _whole(self) -> None:
        context, head = self._context, self._head
        gathered, self._body = self._body or io.BytesIO(), None
        body = io.BytesIO(gathered.getvalue())  # of its size: who reads it whole gets no copy
        del gathered
        made = environ(head, body, self._size, self._client, self._scheme, context.port)
        self._exchange = Exchange(context.application, made)
        self._work = partial(self._make, self._exchange)
        self._turn_to(Phase.WORKING)
        busy = partial(self._refuse, refusals.BUSY)
        if not context.workers.add(self._client, self._work, busy):
            busy()

    # An answer goes

    def _make(self, exchange: Exchange) -> None:
        """Make the next piece: the one thing here that is done in a thread."""
        self._context.soon(self._made, exchange, exchange.go_on())

    def _made(self, exchange: Exchange, piece: Piece) -> None:
        if self._exchange is not exchange:
            self._put_away(exchange)  # who asked has gone
            return
        if piece.failed:
            self._refuse(refusals.FAILED)
            return
        self._last, bare = piece.last, self._head.method == "HEAD"
        if piece.status is not None:
            self._context.table.release(self, self.held)  # of the body
            self._turn_to(Phase.ANSWER)
            self._sent = 0
            bare = bare or piece.status[0] in BODILESS
        if bare and not piece.last:
            self._last = True
            self._put_away(exchange)
        self._out = memoryview(b"" if bare else piece.data)
        if not self._context.table.hold(self, len(self._out)):
            self._refuse(refusals.FULL)
            return
        self.phase = Phase.ANSWER
        try:
            head = b"" if piece.status is None else self._http.send(head_of_answer(piece))
        except (h11.LocalProtocolError, ValueError):  # a header that HTTP does not have
            self._refuse(refusals.FAILED)
            return
        self._send(head or b"")

    def _send(self, data: bytes = b"") -> None:
        """Send what the other end takes; then have more made, or wait for the next request."""
        try:
            while self._out and not self._full:
                block, self._out = self._out[:_BLOCK], self._out[_BLOCK:]
                data += self._http.send(h11.Data(data=bytes(block))) or b""
                if not (self._last and not self._out):  # the end goes with the last block
                    self._write(data)
                    data = b""
            if not self._out:  # until then all of it is in memory
                self._context.table.release(self, self.held)
            if self._last and not self._out and self._http.our_state is h11.SEND_BODY:
                data += self._http.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError:  # more or less than the application had said
            self.drop()
            return
        self._write(data)
        if self._out or self._full:
            return
        if self._last:
            self._answered()
        else:
            self.phase = Phase.WORKING
            self._context.workers.go_on(self._client, self._work)

    def _write(self, data: bytes) -> None:
        if data:
            self._sent += len(data)
            self._wire.write(data)

    def _answered(self) -> None:
        self._exchange, self._head = None, NO_HEAD
        states = self._http.our_state, self._http.their_state
        if self._ending or states != (h11.DONE, h11.DONE):
            self._wire.close()  # when everything is sent; it is looked after until then
            return
        self._http.start_next_cycle()
        self._context.table.renew(self)
        waiting = bool(self._http.trailing_data[0])
        self._turn_to(Phase.HEADER if waiting else Phase.IDLE)
        if not self._wire.is_reading():
            self._wire.resume_reading()
        if waiting:
            self._read()

    def _refuse(self, refusal: ServerRefusal) -> None:
        """Say why not, and end.

        What is still sent is read and forgotten for a while, or the answer would not be heard.
        """
        head, exchange = self._head, self._exchange
        self._head, self._body, self._exchange, self._out = NO_HEAD, None, None, memoryview(b"")
        if exchange is not None:
            self._put_away(exchange)
        self._context.table.release(self, self.held)
        self._turn_to(Phase.LINGER)
        asked = RefusedRequest(head.path.decode("latin-1"), head.headers)
        media, body = self._context.words(refusal, asked)
        try:
            data = self._http.send(head_of_refusal(refusal, media, len(body))) or b""
            if head.method != "HEAD":
                data += self._http.send(h11.Data(data=body)) or b""
        except h11.LocalProtocolError:  # a part of an answer went before
            self.drop()
            return
        self._wire.write(data)
        if self._wire.can_write_eof():
            self._wire.write_eof()
        self._wire.resume_reading()
