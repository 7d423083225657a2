# a function that keeps what it stored in a field may have free variables, too
import __static__
from typing import Optional


class Base:
    def __init__(self, n: int) -> None:
        self.n: int = n
        self.mark: Optional[int] = n

    def step(self, a: int) -> int:
        return self.n + a


class Derived(Base):
    def step(self, a: int) -> int:
        self.n, self.mark = a, None
        return 2 * super().step(a)

    def mark_and_step(self, a: int) -> int:
        if self.mark is not None:
            self.n = self.mark
        self.mark = None
        return super().step(a)


def outer(free: int) -> object:
    def inner(base: Base) -> int:
        base.n = 3
        if base.mark is not None:
            return base.mark + base.n + free
        return base.n + free

    return inner


print(Derived(1).step(5))  # expect: 20
print(Derived(4).mark_and_step(6))  # expect: 10
print(outer(2)(Base(7)), outer(2)(Derived(0)))  # expect: 12 5
