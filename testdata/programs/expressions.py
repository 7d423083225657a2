"""An interpreter for a small expression language: classes, generators, closures and exceptions at work.

A generator makes tokens, a recursive-descent parser makes a tree of node classes, and the tree is run in two ways:
by a `run` method per node, and compiled to closures. Both must agree.

    expressions.py [ROUNDS]
"""
import sys

PROGRAM = """
let fib = fn n -> if n < 2 then n else fib(n - 1) + fib(n - 2);
let compose = fn f g -> fn x -> f(g(x));
let twice = fn f -> compose(f, f);
let add = fn a -> fn b -> a + b;
let sum = fn lo hi -> if lo > hi then 0 else lo + sum(lo + 1, hi);
let safe = fn a b -> try a / b else 0 - 1;
let pick = fn n -> if n % 15 == 0 then "fizzbuzz" else if n % 5 == 0 then "buzz" else if n % 3 == 0 then "fizz" else n;
fib(12);
twice(twice(add(3)))(10);
sum(1, 40) * 2 - 7;
safe(10, 0) + safe(9, 3);
pick(9) + "-" + pick(10) + "-" + pick(45);
let x = 5; let y = x * x; (x + y) * (y - x);
twice(twice)(twice(add(1)))(0)
"""

BROKEN = ["1 +", "let = 3", "(1; 2)", "nope(1)", "1(2)", '"a" - 1', "fn x -> ", "3 $ 4", '"open', "(fn a b -> a)(1)"]


class LanguageError(Exception):
    """Any mistake in a program of the language."""


class SyntaxMistake(LanguageError):
    def __init__(self, message, at):
        super().__init__(f"{message} at {at}")
        self.at = at


class RunMistake(LanguageError):
    pass


def tokens(text):
    """Pairs of kind and text, with the position; ends with one `end`."""
    i = 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit():
            start = i
            while i < len(text) and text[i].isdigit():
                i += 1
            yield "number", text[start:i], start
        elif c.isalpha():
            start = i
            while i < len(text) and text[i].isalnum():
                i += 1
            word = text[start:i]
            yield ("keyword" if word in KEYWORDS else "name"), word, start
        elif c == '"':
            end = text.find('"', i + 1)
            if end < 0:
                raise SyntaxMistake("string without end", i)
            yield "string", text[i + 1:end], i
            i = end + 1
        elif text[i:i + 2] in ("->", "==", "<="):
            yield "symbol", text[i:i + 2], i
            i += 2
        elif c in "+-*/%<>=();,":
            yield "symbol", c, i
            i += 1
        else:
            raise SyntaxMistake(f"strange character {c!r}", i)
    yield "end", "", len(text)


KEYWORDS = frozenset(["let", "fn", "if", "then", "else", "try"])


class Function:
    """A function value: its parameters, and what it needs to run."""

    __slots__ = ("names", "call")

    def __init__(self, names, call):
        self.names = names
        self.call = call

    def __call__(self, values):
        if len(values) != len(self.names):
            raise RunMistake(f"{len(self.names)} arguments expected, {len(values)} given")
        return self.call(values)


class Scope:
    def __init__(self, parent=None, bound=()):
        self.parent = parent
        self.values = dict(bound)

    def __getitem__(self, name):
        scope = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.parent
        raise RunMistake(f"unknown name {name}")

    def __setitem__(self, name, value):
        self.values[name] = value


def divide(a, b):
    if b == 0:
        raise RunMistake("division by zero")
    return a // b


def plus(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return f"{a}{b}"
    return a + b


OPERATORS = {
    "+": plus,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
}
LEVELS = [("==", "<", ">", "<="), ("+", "-"), ("*", "/", "%")]


def operate(symbol, a, b):
    try:
        return OPERATORS[symbol](a, b)
    except TypeError as error:
        raise RunMistake(f"{symbol} of {type(a).__name__} and {type(b).__name__}") from error


def apply(function, values):
    if not isinstance(function, Function):
        raise RunMistake(f"{function!r} is no function")
    return function(values)


class Node:
    """One expression. `run` evaluates it in a scope; `compiled` makes a closure that does."""

    count = 0

    def __init_subclass__(cls):
        fields = cls.fields = cls.fields.split()

        def __init__(self, *values):
            Node.count += 1
            for field, value in zip(fields, values, strict=True):
                setattr(self, field, value)

        cls.__init__ = __init__


class Constant(Node):
    fields = "value"

    def run(self, scope):
        return self.value

    def compiled(self):
        value = self.value
        return lambda scope: value


class Name(Node):
    fields = "name"

    def run(self, scope):
        return scope[self.name]

    def compiled(self):
        name = self.name
        return lambda scope: scope[name]


class Binary(Node):
    fields = "symbol left right"

    def run(self, scope):
        return operate(self.symbol, self.left.run(scope), self.right.run(scope))

    def compiled(self):
        symbol, left, right = self.symbol, self.left.compiled(), self.right.compiled()
        return lambda scope: operate(symbol, left(scope), right(scope))


class If(Node):
    fields = "test yes no"

    def run(self, scope):
        return self.yes.run(scope) if self.test.run(scope) else self.no.run(scope)

    def compiled(self):
        test, yes, no = self.test.compiled(), self.yes.compiled(), self.no.compiled()
        return lambda scope: yes(scope) if test(scope) else no(scope)


class Try(Node):
    fields = "body otherwise"

    def run(self, scope):
        try:
            return self.body.run(scope)
        except RunMistake:
            return self.otherwise.run(scope)

    def compiled(self):
        body, otherwise = self.body.compiled(), self.otherwise.compiled()

        def attempt(scope):
            try:
                return body(scope)
            except RunMistake:
                return otherwise(scope)

        return attempt


class Fn(Node):
    fields = "names body"

    def run(self, scope):
        return Function(self.names, lambda values: self.body.run(Scope(scope, zip(self.names, values))))

    def compiled(self):
        names, body = self.names, self.body.compiled()
        return lambda scope: Function(names, lambda values: body(Scope(scope, zip(names, values))))


class Call(Node):
    fields = "function arguments"

    def run(self, scope):
        return apply(self.function.run(scope), [a.run(scope) for a in self.arguments])

    def compiled(self):
        function, arguments = self.function.compiled(), [a.compiled() for a in self.arguments]
        return lambda scope: apply(function(scope), [a(scope) for a in arguments])


class Let(Node):
    fields = "name value"

    def run(self, scope):
        scope[self.name] = self.value.run(scope)

    def compiled(self):
        name, value = self.name, self.value.compiled()

        def bind(scope):
            scope[name] = value(scope)

        return bind


class Parser:
    def __init__(self, text):
        self.source = tokens(text)
        self.advance()

    def advance(self):
        self.kind, self.text, self.at = next(self.source)

    def accept(self, text):
        if self.text == text and self.kind in ("symbol", "keyword"):
            self.advance()
            return True
        return False

    def expect(self, text):
        if not self.accept(text):
            raise SyntaxMistake(f"{text!r} expected, {self.text or 'the end'!r} found", self.at)

    def name(self):
        if self.kind != "name":
            raise SyntaxMistake(f"name expected, {self.text!r} found", self.at)
        name = self.text
        self.advance()
        return name

    def program(self):
        """One node after the other."""
        while True:
            yield self.statement()
            if not self.accept(";"):
                break
        if self.kind != "end":
            raise SyntaxMistake(f"{self.text!r} is too much", self.at)

    def statement(self):
        if self.accept("let"):
            name = self.name()
            self.expect("=")
            return Let(name, self.expression())
        return self.expression()

    def expression(self):
        if self.accept("fn"):
            names = []
            while not self.accept("->"):
                names.append(self.name())
            return Fn(names, self.expression())
        if self.accept("if"):
            test = self.expression()
            self.expect("then")
            yes = self.expression()
            self.expect("else")
            return If(test, yes, self.expression())
        if self.accept("try"):
            body = self.expression()
            self.expect("else")
            return Try(body, self.expression())
        return self.level(0)

    def level(self, depth):
        if depth == len(LEVELS):
            return self.postfix()
        left = self.level(depth + 1)
        while self.kind == "symbol" and (symbol := self.text) in LEVELS[depth]:
            self.advance()
            left = Binary(symbol, left, self.level(depth + 1))
        return left

    def postfix(self):
        node = self.atom()
        while self.accept("("):
            arguments = []
            if not self.accept(")"):
                arguments.append(self.expression())
                while self.accept(","):
                    arguments.append(self.expression())
                self.expect(")")
            node = Call(node, arguments)
        return node

    def atom(self):
        match self.kind, self.text:
            case "number", digits:
                node = Constant(int(digits))
            case "string", text:
                node = Constant(text)
            case "name", name:
                node = Name(name)
            case "symbol", "(":
                self.advance()
                node = self.expression()
                self.expect(")")
                return node
            case _, text:
                raise SyntaxMistake(f"{text or 'the end'!r} starts no expression", self.at)
        self.advance()
        return node


def values_by_tree(nodes):
    scope = Scope()
    for node in nodes:
        value = node.run(scope)
        if value is not None:
            yield value


def values_by_closures(nodes):
    scope = Scope()
    for function in [node.compiled() for node in nodes]:
        value = function(scope)
        if value is not None:
            yield value


def run(rounds):
    """The values of the program, computed `rounds` times in both ways."""
    values = []
    for _ in range(rounds):
        nodes = list(Parser(PROGRAM).program())
        values = list(values_by_tree(nodes))
        if values != list(values_by_closures(nodes)):
            raise AssertionError("the two ways differ")
    return values


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print("expressions", rounds)
    for value in run(rounds):
        print("=", value)
    print("nodes", Node.count)
    for text in BROKEN:
        try:
            nodes = list(Parser(text).program())
            list(values_by_closures(nodes))
        except SyntaxMistake as error:
            print(f"{text:<18} syntax: {error}")
        except LanguageError as error:
            cause = f" ({type(error.__cause__).__name__})" if error.__cause__ else ""
            print(f"{text:<18} run: {error}{cause}")


if __name__ == "__main__":
    main()
