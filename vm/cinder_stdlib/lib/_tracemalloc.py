"""What `tracemalloc` asks of the memory allocator. The heap does not record where objects were allocated: tracing cannot be started."""


def start(nframe=1, /):
    """Raises RuntimeError: allocations are not recorded."""
    if not 1 <= nframe <= 65535:
        raise ValueError("the number of frames must be in range [1; 65535]")
    raise RuntimeError("tracemalloc is not there yet in cinder: its heap does not record where objects are allocated")


def stop():
    """Stop tracing Python memory allocations."""


def is_tracing():
    """Return True if the tracemalloc module is tracing Python memory allocations."""
    return False


def clear_traces():
    """Clear traces of memory blocks allocated by Python."""


def reset_peak():
    """Set the peak size of memory blocks traced by tracemalloc to the current size."""


def get_traced_memory():
    """Get the current size and peak size of memory blocks traced by tracemalloc: nothing is traced."""
    return 0, 0


def get_tracemalloc_memory():
    """Get the memory usage in bytes of the tracemalloc module."""
    return 0


def get_traceback_limit():
    """Get the maximum number of frames stored in the traceback of a trace."""
    return 1


def _get_traces():
    return []


def _get_object_traceback(obj, /):
    return None
