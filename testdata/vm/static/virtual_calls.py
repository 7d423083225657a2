# virtual calls with more classes than a call site tests for, with late classes and with methods that change
import __static__
from __static__ import CheckedList, box, cbool, clen, double, int64


class Node:
    def __init__(self, value: int64) -> None:
        self.value: int64 = value
        self.share: double = 0.75

    def weigh(self, factor: int64) -> int64:
        raise NotImplementedError

    def scaled(self, by: double) -> double:
        return self.share * by

    def is_heavy(self) -> cbool:
        return False

    def twice(self) -> int64:
        # Inlined with a virtual call inside.
        if self.is_heavy():
            return 2 * self.weigh(2)
        return self.weigh(1)


class A(Node):
    def weigh(self, factor: int64) -> int64:
        return self.value * factor


class B(Node):
    def weigh(self, factor: int64) -> int64:
        return self.value + factor

    def is_heavy(self) -> cbool:
        return True


class C(Node):
    def weigh(self, factor: int64) -> int64:
        return factor - self.value

    def scaled(self, by: double) -> double:
        return by


class D(A):
    def weigh(self, factor: int64) -> int64:
        return self.value * factor + 1


class E(B):
    def weigh(self, factor: int64) -> int64:
        return self.value - 2 * factor


class F(C):
    def weigh(self, factor: int64) -> int64:
        return 7 * factor


class G(A):
    pass


class H(F):
    def is_heavy(self) -> cbool:
        return self.value > 3


def total(nodes: CheckedList[Node], rounds: int64) -> int64:
    result: int64 = 0
    while rounds > 0:
        for node in nodes:
            result = (result * 5 + node.weigh(rounds) + node.twice()) % 1000003
        rounds -= 1
    return result


def stretch(nodes: CheckedList[Node], rounds: int64) -> double:
    result: double = 0.0
    while rounds > 0:
        for node in nodes:
            result = result * 0.5 + node.scaled(1.25)
        rounds -= 1
    return result


def nodes() -> CheckedList[Node]:
    made: CheckedList[Node] = [A(1), B(2), C(3), D(4)]
    made.append(E(5))
    made.append(F(6))
    made.append(G(7))
    made.append(H(8))
    return made


def attempt(node: Node) -> str:
    try:
        return str(box(node.weigh(1)))
    except NotImplementedError:
        return "not implemented"


ns = nodes()
print(box(total(ns, 400)), box(stretch(ns, 400)))
print([attempt(Node(1)) for _ in range(3)], attempt(ns[1]))


class Late(D):
    def weigh(self, factor: int64) -> int64:
        return 11

    def scaled(self, by: double) -> double:
        return 2.0 * by


ns.append(Late(9))
print(box(total(ns, 400)), box(stretch(ns, 400)))
# expect: 532726 2.2769607843137254
# expect: ['not implemented', 'not implemented', 'not implemented'] 3
# expect: 432810 3.6411448140900196
