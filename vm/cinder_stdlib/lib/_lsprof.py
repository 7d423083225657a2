"""The profiler under `cProfile`: how often functions of Python are called, and how long they take.

Calls of native functions are not reported to profile functions, so their time counts as their caller's own.
"""

import sys as _sys
import time as _time
from collections import namedtuple as _namedtuple

profiler_entry = _namedtuple("profiler_entry", "code callcount reccallcount totaltime inlinetime calls", module="_lsprof")
profiler_subentry = _namedtuple("profiler_subentry", "code callcount reccallcount totaltime inlinetime", module="_lsprof")


class _Entry:
    """What is known of a function, or of its calls by one caller."""

    __slots__ = ("code", "calls", "recursive_calls", "total", "own", "depth", "callees")

    def __init__(self, code):
        self.code = code
        self.calls = self.recursive_calls = self.depth = 0
        self.total = self.own = 0
        self.callees = {}

    def enter(self):
        self.depth += 1

    def leave(self, elapsed, inner):
        self.depth -= 1
        self.calls += 1
        self.own += elapsed - inner
        if self.depth:
            self.recursive_calls += 1
        else:
            self.total += elapsed

    def values(self, unit):
        return self.code, self.calls, self.recursive_calls, self.total * unit, self.own * unit


class Profiler:
    """Profiler(timer=None, timeunit=None, subcalls=True, builtins=True)

    Builds a profiler object using the specified timer function. The default
    timer is a fast one based on the monotonic clock; 'timeunit' is how many
    seconds a unit of an integer timer is.
    """

    def __init__(self, timer=None, timeunit=0.0, subcalls=True, builtins=True):
        self._timer = _time.perf_counter_ns if timer is None else timer
        self._unit = 1e-9 if timer is None else (timeunit or 1.0)
        self._has_subcalls = subcalls
        self._entries = {}
        self._running = []
        self._is_enabled = False

    def enable(self, subcalls=True, builtins=True):
        """Start collecting profiling information."""
        if _sys.getprofile() is not None and not self._is_enabled:
            raise ValueError("Another profiling tool is already active")
        self._has_subcalls = subcalls
        self._is_enabled = True
        _sys.setprofile(self._event)

    def disable(self):
        """Stop collecting profiling information."""
        if self._is_enabled:
            _sys.setprofile(None)
            self._is_enabled = False
        now = self._timer()
        while self._running:
            self._leave(now)

    def clear(self):
        """Clear all profiling information collected so far."""
        self._entries.clear()
        self._running.clear()

    def _event(self, frame, event, argument):
        if event == "call":
            code = frame.f_code
            entry = self._entries.get(code)
            if entry is None:
                entry = self._entries[code] = _Entry(code)
            entry.enter()
            call = None
            if self._running and self._has_subcalls:
                callees = self._running[-1][0].callees
                call = callees.get(code)
                if call is None:
                    call = callees[code] = _Entry(code)
                call.enter()
            # Entry, entry of the caller, time spent in callees, start.
            self._running.append([entry, call, 0, self._timer()])
        elif event == "return" and self._running:
            now = self._timer()
            # Returns from functions that were called before profiling began are not ours.
            if self._running[-1][0].code is frame.f_code:
                self._leave(now)

    def _leave(self, now):
        entry, call, inner, start = self._running.pop()
        elapsed = now - start
        entry.leave(elapsed, inner)
        if call is not None:
            call.leave(elapsed, inner)
        if self._running:
            self._running[-1][2] += elapsed

    def getstats(self):
        """list of profiler_entry objects."""
        disable_code = Profiler.disable.__code__
        stats = []
        for code, entry in list(self._entries.items()):
            if not entry.calls:
                continue
            if code is disable_code:
                continue
            calls = [
                profiler_subentry(*call.values(self._unit))
                for called, call in entry.callees.items()
                if call.calls and called is not disable_code
            ]
            stats.append(profiler_entry(*entry.values(self._unit), calls or None))
        return stats
