"""The threads in which an application works, and the queue in front of them."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class WorkerPool:
    """Gives each address its turn: who sends a hundred requests waits behind nobody but himself.

    All but the work is for the loop's thread, which ``soon`` brings a call to.
    """

    def __init__(
        self, threads: int, most: int, by_address: int, soon: Callable[[Work], None]
    ) -> None:
        self._most, self._by_address, self._soon = most, by_address, soon
        self._queues: OrderedDict[str, deque[tuple[Work, Work | None]]] = OrderedDict()
        self._putting_away: deque[Work] = deque()
        self._idle = threads
        self._handed: SimpleQueue[Work | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"request-{number}", daemon=True)
            for number in range(threads)
        ]
        self.waiting = 0

    def open(self) -> None:
        """Let the threads begin."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Let the threads end when they are done."""
        for _ in self._threads:
            self._handed.put(None)

    def add(self, address: str, work: Work, turned_away: Work) -> bool:
        """Queue work; False if there is too much of this address, or as much of every other.

        When all is full, the address with most of it gives its last: ``turned_away`` is called.
        """
        own = len(self._queues.get(address, ()))
        if own >= self._by_address:
            return False
        if self.waiting >= self._most:
            fullest = max(self._queues, key=lambda one: len(self._queues[one]))
            if len(self._queues[fullest]) <= own + 1 or not self._turn_away(fullest):
                return False
        self._queue(address, work, turned_away)
        return True

    def go_on(self, address: str, work: Work) -> None:
        """Queue more of what has begun: that is never turned away."""
        self._queue(address, work, None)

    def put_away(self, work: Work) -> None:
        """Have something put away before anything else is done: it may hold memory."""
        self._putting_away.append(work)
        self._hand_out()

    def withdraw(self, address: str, work: Work) -> bool:
        """Take back what no thread has begun; False if one has."""
        for place, (queued, _) in enumerate(self._queues.get(address, ())):
            if queued == work:
                self._take(address, place)
                return True
        return False

    def _turn_away(self, address: str) -> bool:
        queue = self._queues[address]
        for place in reversed(range(len(queue))):
            turned_away = queue[place][1]
            if turned_away is not None:
                self._take(address, place)
                turned_away()
                return True
        return False

    def _queue(self, address: str, work: Work, turned_away: Work | None) -> None:
        self._queues.setdefault(address, deque()).append((work, turned_away))
        self.waiting += 1
        self._hand_out()

    def _take(self, address: str, place: int) -> None:
        queue = self._queues[address]
        del queue[place]
        self.waiting -= 1
        if not queue:
            del self._queues[address]

    def _hand_out(self) -> None:
        while self._idle and (self._putting_away or self._queues):
            self._idle -= 1
            self._handed.put(self._putting_away.popleft() if self._putting_away else self._next())

    def _next(self) -> Work:
        address = next(iter(self._queues))
        work, _ = self._queues[address][0]
        self._take(address, 0)
        if address in self._queues:
            self._queues.move_to_end(address)
        return work

    def _work(self) -> None:
        while (work := self._handed.get()) is not None:
            try:
                work()
            finally:
                self._soon(self._free)

    def _free(self) -> None:
        self._idle += 1
        self._hand_out()
