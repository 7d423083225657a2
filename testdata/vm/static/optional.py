# Optional and narrowing at run time
import __static__
from __static__ import box, int64
from typing import Optional, final


@final
class Node:
    def __init__(self, value: int, next: Optional["Node"] = None) -> None:
        self.value: int = value
        self.next: Optional[Node] = next


def total(node: Optional[Node]) -> int:
    result = 0
    while node is not None:
        result = result + node.value
        node = node.next
    return result


def length(node: Optional[Node]) -> int64:
    if node is None:
        return 0
    return 1 + length(node.next)


def last(node: Node) -> Node:
    following = node.next
    if following is None:
        return node
    return last(following)


def describe(x: Optional[int]) -> str:
    if x:
        return "set"
    return "none or zero"


def either(a: Optional[str], b: str) -> str:
    return a or b


def kind(x: object) -> str:
    if isinstance(x, Node):
        return f"node {x.value}"
    if isinstance(x, (int, str)):
        return "atom"
    return "other"


def reverse(node: Optional[Node]) -> Optional[Node]:
    done: Optional[Node] = None
    while node is not None:
        rest = node.next
        node.next = done
        done = node
        node = rest
    return done


def build(n: int64) -> Optional[Node]:
    head: Optional[Node] = None
    while n > 0:
        head = Node(box(n), head)
        n -= 1
    return head


print(total(None), total(Node(1, Node(2))), box(length(Node(1, Node(2, Node(3))))))  # expect: 0 3 3
print(last(Node(1, Node(5))).value, describe(None), describe(0), describe(5))  # expect: 5 none or zero none or zero set
print(either(None, "b"), either("", "b"), either("a", "b"))  # expect: b b a
print(kind(Node(7)), kind(1), kind("s"), kind(1.5), kind(None))  # expect: node 7 atom atom other other
print(total(build(100)), box(length(build(500))), total(reverse(build(10))))  # expect: 5050 500 55
