import __static__


def half(x: int) -> int:
    """Half of it."""
    return int(x)
