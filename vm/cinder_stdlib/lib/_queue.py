"""The queue that other code may fill at any moment: from finalizers, weak reference callbacks and signal handlers too.

Single operations of a deque cannot be interrupted. Who finds nothing leaves a closed lock behind and looks once more before waiting for it; who
puts something in opens the lock that waits longest. Nobody holds a lock while working, so nothing can be entered twice.
"""

from _collections import deque as _deque
from _thread import allocate_lock as _allocate_lock
from time import monotonic as _monotonic
from types import GenericAlias as _GenericAlias

__all__ = ["Empty", "SimpleQueue"]


class Empty(Exception):
    "Exception raised by Queue.get(block=0)/get_nowait()."


Empty.__module__ = "_queue"


class SimpleQueue:
    """Simple, unbounded, reentrant FIFO queue."""

    __slots__ = ("_items", "_waiting", "__weakref__")
    __class_getitem__ = classmethod(_GenericAlias)

    def __new__(cls):
        self = object.__new__(cls)
        self._items = _deque()
        self._waiting = _deque()
        return self

    def put(self, item, block=True, timeout=None):
        """Put the item on the queue. Never blocks; the other arguments are there for the sake of Queue.put()."""
        self._items.append(item)
        try:
            waiting = self._waiting.popleft()
        except IndexError:
            return
        waiting.release()

    def put_nowait(self, item):
        """Put an item into the queue without blocking."""
        self.put(item)

    def get(self, block=True, timeout=None):
        """Remove and return an item, waiting for one as long as the arguments say. Raises Empty when there is none."""
        end = None
        if block and timeout is not None:
            if timeout < 0:
                raise ValueError("'timeout' must be a non-negative number")
            end = _monotonic() + timeout
        while True:
            try:
                return self._items.popleft()
            except IndexError:
                pass
            if not block:
                raise Empty
            lock = _allocate_lock()
            lock.acquire()
            self._waiting.append(lock)
            try:
                if self._items:
                    continue
                if end is None:
                    lock.acquire()
                elif (left := end - _monotonic()) <= 0 or not lock.acquire(True, left):
                    if not self._items:
                        raise Empty
            finally:
                self._give_up(lock)

    def _give_up(self, lock):
        """Withdraws a lock. One that was opened meanwhile announced an item: that is for the next who waits."""
        try:
            self._waiting.remove(lock)
        except ValueError:
            if self._items:
                try:
                    self._waiting.popleft().release()
                except IndexError:
                    pass

    def get_nowait(self):
        """Remove and return an item from the queue without blocking."""
        return self.get(False)

    def empty(self):
        """Return True if the queue is empty, False otherwise."""
        return not self._items

    def qsize(self):
        """Return the approximate size of the queue."""
        return len(self._items)
