"""Locks for a machine that runs one thread. Starting a thread is refused."""

error = RuntimeError
TIMEOUT_MAX = 9223372036.0


class lock:
    """A lock; waiting for one that is held could never end, so it is an error."""

    __slots__ = ("_held", "__weakref__")

    def __new__(cls):
        self = object.__new__(cls)
        self._held = False
        return self

    def acquire(self, blocking=True, timeout=-1):
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if not self._held:
            self._held = True
            return True
        if not blocking or timeout >= 0:
            return False
        raise RuntimeError("deadlock: the lock is held and there is no other thread")

    def release(self):
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False

    def locked(self):
        return self._held

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked

    def _at_fork_reinit(self):
        self._held = False

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()

    def __repr__(self):
        state = "locked" if self._held else "unlocked"
        return f"<{state} _thread.lock object at {id(self):#x}>"


LockType = lock


def allocate_lock():
    return lock()


allocate = allocate_lock


class RLock:
    """A lock that its owner may take again."""

    __slots__ = ("_count", "__weakref__")

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self._count = 0
        return self

    def acquire(self, blocking=True, timeout=-1):
        self._count += 1
        return True

    def release(self):
        if not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1

    def locked(self):
        return self._count > 0

    def _is_owned(self):
        return self._count > 0

    def _recursion_count(self):
        return self._count

    def _acquire_restore(self, state):
        self._count = state[0]

    def _release_save(self):
        state = (self._count, 1)
        self._count = 0
        return state

    def _at_fork_reinit(self):
        self._count = 0

    def __enter__(self):
        self._count += 1
        return True

    def __exit__(self, *exc_info):
        self.release()

    def __repr__(self):
        state = "locked" if self._count else "unlocked"
        return f"<{state} _thread.RLock object owner={1 if self._count else 0} count={self._count} at {id(self):#x}>"


class _local:
    """Attributes of the running thread."""


class _ThreadHandle:
    def __init__(self):
        self.ident = get_ident()

    def join(self, timeout=None):
        pass

    def is_done(self):
        return False

    def _set_done(self):
        pass


def get_ident():
    return 1


def get_native_id():
    return 1


def _count():
    return 0


def _get_main_thread_ident():
    return 1


def _is_main_interpreter():
    return True


def _make_thread_handle(ident):
    return _ThreadHandle()


def start_new_thread(function, args, kwargs={}, /):
    raise RuntimeError("can't start new thread")


start_new = start_new_thread


def start_joinable_thread(function, handle=None, daemon=True):
    raise RuntimeError("can't start new thread")


def daemon_threads_allowed():
    return True


def _shutdown():
    pass


def stack_size(size=0, /):
    return 0


def exit():
    raise SystemExit


exit_thread = exit


def interrupt_main(signum=2, /):
    raise KeyboardInterrupt


def set_name(name):
    pass


class _ExceptHookArgs(tuple):
    exc_type = property(lambda self: self[0])
    exc_value = property(lambda self: self[1])
    exc_traceback = property(lambda self: self[2])
    thread = property(lambda self: self[3])


def _excepthook(args, /):
    import sys
    sys.excepthook(*args[:3])
