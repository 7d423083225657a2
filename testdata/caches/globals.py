"""Names: globals, builtins, module attributes, constants of classes; one global changes now and then."""
import math

LIMIT = 10
counter = 0


class Settings:
    step = 2


def read(turns):
    global counter
    total = 0
    for turn in range(turns):
        total += LIMIT + len(str(turn)) + Settings.step
        total += int(math.pi)
        if turn % 500 == 0:
            counter += 1
        total += counter
    return total


def operators(turns):
    numbers, table = [1, 2, 3], {"a": 1}
    for turn in range(turns):
        numbers[1] = numbers[0] + turn
        table["a"] = table["a"] + 1
        x = turn * 1.5
        first, second = turn, x
        if turn < 10 or x > 2.0:
            x = turn // 3
        for item in numbers:
            x += item


read(3000)
operators(2000)
