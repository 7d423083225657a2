import __static__
from library import half


def use(n: int) -> str:
    return half(n)
