"""Dumping the stacks of all threads.

The handlers of fatal signals are in _faults: they run when no Python code can.
"""

import os as _os
import sys as _sys
import _faults
import _thread

# Keeps the file open.
_enabled_file = None
_later = None
_registered = {}


def _descriptor(file):
    if file is None:
        file = _sys.stderr
        if file is None:
            raise RuntimeError("sys.stderr is None")
    if isinstance(file, int):
        if file < 0:
            raise ValueError("file is not a valid file descripter")
        return file
    number = file.fileno()
    if not isinstance(number, int) or number < 0:
        raise RuntimeError("file.fileno() is not a valid file descriptor")
    file.flush()
    return number


def _write(fd, text):
    _os.write(fd, text.encode("ascii", "backslashreplace"))


# Longer texts are cut.
_MAX_TEXT = 500


def _cut(text):
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "..."


def _dump(fd, all_threads, skip=0, shows_own=True):
    me = _thread.get_ident()
    frames = _sys._current_frames()
    order = [me] if not all_threads else [ident for ident in frames if ident != me] + [me] * shows_own
    lines = []
    for ident in order:
        kind = "Current thread" if ident == me and all_threads else "Thread" if all_threads else "Stack"
        head = f"{kind} 0x{ident:016x} (most recent call first):" if all_threads else "Stack (most recent call first):"
        if lines:
            lines.append("")
        lines.append(head)
        frame = frames.get(ident)
        if ident == me:
            for _ in range(skip):
                frame = frame.f_back if frame is not None else None
        depth = 0
        while frame is not None:
            if depth == 100:
                lines.append("  ...")
                break
            code = frame.f_code
            lines.append(f'  File "{_cut(code.co_filename)}", line {frame.f_lineno} in {_cut(code.co_name)}')
            frame = frame.f_back
            depth += 1
    _write(fd, "\n".join(lines) + "\n")


def dump_traceback(file=None, all_threads=True):
    """Write the stack of the calling thread, or of all threads, to a file."""
    _dump(_descriptor(file), all_threads, 2)


def dump_c_stack(file=None):
    """There are no stacks of C functions to show."""
    _write(_descriptor(file), "Current thread's C stack trace (most recent call first):\n  <not available>\n")


def enable(file=None, all_threads=True, c_stack=True):
    """Dump the stack when the process is about to die of a signal."""
    global _enabled_file
    fd = _descriptor(file)
    _enabled_file = file
    _faults.enable(fd)


def disable():
    global _enabled_file
    _enabled_file = None
    return _faults.disable()


is_enabled = _faults.is_enabled


def _format_timeout(seconds):
    micros = round(seconds * 1e6)
    whole, rest = divmod(micros, 1_000_000)
    text = f"Timeout ({whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return text + (f".{rest:06}" if rest else "") + ")!\n"


def dump_traceback_later(timeout, repeat=False, file=None, exit=False):
    """Dump the stacks of all threads after a time, unless cancelled before."""
    global _later
    if timeout <= 0:
        raise ValueError("timeout must be greater than 0")
    fd = _descriptor(file)
    cancel_dump_traceback_later()
    stop = _thread.allocate_lock()
    stop.acquire()

    def wait():
        while not stop.acquire(timeout=timeout):
            _write(fd, _format_timeout(timeout))
            _dump(fd, True, shows_own=False)
            if exit:
                _os._exit(1)
            if not repeat:
                break

    _later = (stop, file)
    _thread.start_new_thread(wait, ())


def cancel_dump_traceback_later():
    global _later
    if _later is not None:
        stop, _ = _later
        _later = None
        stop.release()


def register(signum, file=None, all_threads=True, chain=False):
    """Dump the stacks when a signal arrives."""
    import signal
    fd = _descriptor(file)
    previous = signal.getsignal(signum)

    def handler(number, frame):
        _dump(fd, all_threads, 2)
        if chain and callable(previous):
            previous(number, frame)

    if signum not in _registered:
        _registered[signum] = previous
    signal.signal(signum, handler)


def unregister(signum):
    import signal
    if signum not in _registered:
        return False
    previous = _registered.pop(signum)
    signal.signal(signum, previous if previous is not None else signal.SIG_DFL)
    return True


def _sigsegv(release_gil=False, /):
    _os.kill(_os.getpid(), 11)


def _sigabrt():
    _os.abort()


def _sigfpe():
    _os.kill(_os.getpid(), 8)


def _read_null():
    _os.kill(_os.getpid(), 11)


def _fatal_error_c_thread():
    _thread.start_new_thread(_faults.fatal_error, ("in new thread",))
    while True:
        _os.sched_yield()
