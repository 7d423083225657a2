# append and pop of exact lists, in hot loops: growth, emptying, wrong items, what the element type lets in
import __static__
from __static__ import CheckedList, box, clen, int64


class Item:
    def __init__(self, number: int64) -> None:
        self.number: int64 = number


class Sub(Item):
    pass


def fill(items: CheckedList[Item], n: int64) -> None:
    i: int64 = 0
    while i < n:
        items.append(Item(i))
        if i % 3 == 0:
            items.append(Sub(i))
        i += 1


def drain(items: CheckedList[Item]) -> int64:
    total: int64 = 0
    while clen(items) > 0:
        item: Item = items.pop()
        total = total * 3 % 1000003 + item.number
    return total


def rounds(n: int64) -> int64:
    items: CheckedList[Item] = []
    total: int64 = 0
    i: int64 = 0
    while i < n:
        fill(items, i % 40)
        total += drain(items)
        i += 1
    return total


def shuffle(n: int64) -> list[int]:
    left: list[int] = []
    right: list[int] = []
    i: int64 = 0
    while i < n:
        left.append(box(i))
        i += 1
    while clen(left) > 1:
        right.append(left.pop())
        left.pop()
        if clen(right) > 10:
            left.append(right.pop() + right.pop())
    return right


def pop_until_empty(items: CheckedList[Item]) -> str:
    count: int64 = 0
    try:
        while True:
            items.pop()
            count += 1
    except IndexError as error:
        return f"{box(count)} {error}"


def append_any(items: CheckedList[Item], value) -> str:
    try:
        items.append(value)
    except TypeError:
        return "TypeError"
    return "appended"


def display(a: Item, b: Item) -> int64:
    pair: CheckedList[Item] = [a, b]
    pair.append(a)
    total: int64 = 0
    for item in pair:
        total = total * 10 + item.number
    return total


def result_of_append(items: list[str]) -> str:
    return str(items.append("x")) + str(items)


def while_iterating(n: int64) -> int64:
    numbers: list[int] = [1]
    total: int64 = 0
    for number in numbers:
        total += int64(number)
        if clen(numbers) < n:
            numbers.append(number + 1)
    return total


print(box(rounds(300)))
print(shuffle(60))
items: CheckedList[Item] = []
fill(items, 30)
for attempt in range(3):
    print(pop_until_empty(items))
for attempt in range(4):
    print(append_any(items, Sub(1)), append_any(items, "text"), append_any(items, None), len(items))
print([box(display(Item(1), Item(2))) for _ in range(3)])
print(result_of_append(["y"]))
print(box(while_iterating(100)))
# expect: 100033555
# expect: [59, 57, 55, 53, 51, 49, 47, 45, 43, 314]
# expect: 40 pop from empty list
# expect: 0 pop from empty list
# expect: 0 pop from empty list
# expect: appended TypeError TypeError 1
# expect: appended TypeError TypeError 2
# expect: appended TypeError TypeError 3
# expect: appended TypeError TypeError 4
# expect: [121, 121, 121]
# expect: None['y', 'x']
# expect: 5050
