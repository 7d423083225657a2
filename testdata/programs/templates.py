"""A small template engine: text with {{ values }}, {% for %}, {% if %}, filters and escaping, compiled to closures.

A page of a shop is rendered; the templates are also checked for the errors they should give.

    templates.py [ITEMS]
"""
import re
import sys
from dataclasses import dataclass, field

PAGE = """\
<h1>{{ title|upper }}</h1>
{% if items %}<ul>
{% for item in items %}  <li class="{% if loop.index % 2 %}odd{% else %}even{% endif %}">{{ loop.index }}. {{ item.name }}: \
{{ item.price|money }}{% if item.tags %} ({% for tag in item.tags %}{{ tag|escape_twice|lower }}\
{% if not loop.last %}, {% endif %}{% endfor %}){% endif %}{% if item.left == 0 %} SOLD OUT{% elif item.left < 3 %} only {{ item.left }} left{% endif %}</li>
{% endfor %}</ul>{% else %}<p>Nothing here.</p>{% endif %}
{# a comment, not shown #}{% set total = items|sum_of("price") %}<p>{{ items|length }} items, {{ total|money }}{{ note|default("") }}</p>
{{ raw|safe }}
"""

BROKEN = [
    "{% for x in y %}",
    "{% endif %}",
    "{% if x %}a{% endfor %}",
    "{{ x|nothing }}",
    "{{ }}",
    "{% while x %}",
    "{{ missing.name }}",
    "{% for x y %}{% endfor %}",
]

PIECES = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
ATOM = re.compile(r"""\s*(?:(?P<number>\d+)|"(?P<string>[^"]*)"|(?P<name>[A-Za-z_][\w.]*)|(?P<symbol>==|[|()<%,]))""")


class TemplateError(Exception):
    def __init__(self, message, line):
        super().__init__(message)
        self.line = line

    def __str__(self):
        return f"line {self.line}: {self.args[0]}"


class Safe(str):
    """Text that needs no escaping."""


def escape(text):
    return Safe(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))


def shown(value):
    return value if isinstance(value, Safe) else escape(str(value))


FILTERS = {}


def filter_named(name=None):
    def register(function):
        FILTERS[name or function.__name__] = function
        return function

    return register


@filter_named()
def upper(value):
    return value.upper()


@filter_named()
def lower(value):
    return type(value)(value.lower())


@filter_named()
def money(cents):
    return f"{cents // 100:,}.{cents % 100:02d}"


@filter_named()
def escape_twice(value):
    return escape(escape(value))


@filter_named("length")
def length_of(value):
    return len(value)


@filter_named()
def sum_of(values, name):
    return sum(getattr(v, name) for v in values)


@filter_named()
def default(value, other):
    return other if value is None else value


FILTERS["safe"] = Safe


class Context:
    """Names with their values: a stack of dictionaries."""

    def __init__(self, values):
        self.layers = [values]

    def __enter__(self):
        self.layers.append({})
        return self.layers[-1]

    def __exit__(self, *error):
        self.layers.pop()

    def __setitem__(self, name, value):
        self.layers[-1][name] = value

    def get(self, path):
        name, *rest = path.split(".")
        for layer in reversed(self.layers):
            if name in layer:
                value = layer[name]
                break
        else:
            return None
        for step in rest:
            value = value[step] if isinstance(value, dict) else getattr(value, step)
        return value


class Expression:
    """The expression of a tag, parsed to a closure over a context."""

    def __init__(self, text, line):
        self.line = line
        self.parts = []
        at, text = 0, text.strip()
        while at < len(text):
            match = ATOM.match(text, at)
            if match is None:
                raise TemplateError(f"cannot read {text[at:]!r}", line)
            self.parts.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.parts.reverse()

    def peek(self):
        return self.parts[-1] if self.parts else (None, None)

    def whole(self):
        closure = self.test()
        if self.parts:
            raise TemplateError(f"{self.peek()[1]!r} is too much", self.line)
        return closure

    def test(self):
        if self.peek() == ("name", "not"):
            self.parts.pop()
            inner = self.test()
            return lambda context: not inner(context)
        left = self.filtered()
        kind, symbol = self.peek()
        if kind != "symbol" or symbol not in ("==", "<", "%"):
            return left
        self.parts.pop()
        right = self.filtered()
        match symbol:
            case "==":
                return lambda context: left(context) == right(context)
            case "<":
                return lambda context: left(context) < right(context)
            case _:
                return lambda context: left(context) % right(context)

    def filtered(self):
        value = self.atom()
        while self.peek() == ("symbol", "|"):
            self.parts.pop()
            _, name = self.parts.pop() if self.parts else (None, "")
            function = FILTERS.get(name)
            if function is None:
                raise TemplateError(f"no filter {name!r}", self.line)
            arguments = []
            if self.peek() == ("symbol", "("):
                self.parts.pop()
                while self.peek() != ("symbol", ")"):
                    arguments.append(self.atom())
                    if self.peek() == ("symbol", ","):
                        self.parts.pop()
                self.parts.pop()
            value = self.apply(function, value, arguments)
        return value

    @staticmethod
    def apply(function, value, arguments):
        return lambda context: function(value(context), *[a(context) for a in arguments])

    def atom(self):
        kind, text = self.parts.pop() if self.parts else (None, None)
        match kind:
            case "number":
                number = int(text)
                return lambda context: number
            case "string":
                return lambda context: text
            case "name":
                return lambda context: context.get(text)
            case _:
                raise TemplateError("expression expected", self.line)


@dataclass
class Loop:
    """What a template sees as `loop`."""

    count: int
    index: int = 0
    depth: int = field(default=1, kw_only=True)

    @property
    def last(self):
        return self.index == self.count


class Template:
    def __init__(self, source):
        self.pieces = self.split(source)
        self.tag = ""
        self.line = 1
        self.body = list(self.block(()))

    @staticmethod
    def split(source):
        line = 1
        for piece in PIECES.split(source):
            yield piece, line
            line += piece.count("\n")

    def render(self, **values):
        context = Context(values)
        return "".join(text for part in self.body for text in part(context))

    def block(self, ends):
        """The parts up to a tag of `ends`; `self.tag` is that tag afterwards."""
        for piece, self.line in self.pieces:
            if piece.startswith("{#"):
                continue
            if piece.startswith("{{"):
                yield self.value(piece[2:-2])
            elif piece.startswith("{%"):
                self.tag = piece[2:-2].strip()
                word = self.tag.split()[0]
                if word in ends:
                    return
                handler = getattr(self, "tag_" + word, None)
                if handler is None:
                    raise TemplateError(f"unexpected tag {word!r}", self.line)
                yield handler(self.tag[len(word):])
            elif piece:
                yield lambda context, piece=piece: (piece,)
        if ends:
            raise TemplateError(f"{ends[-1]!r} is missing", self.line)

    def value(self, text):
        closure = Expression(text, self.line).whole()
        return lambda context: (shown(closure(context)),)

    def tag_if(self, text):
        branches = []
        test = Expression(text, self.line).whole()
        while True:
            body = list(self.block(("elif", "else", "endif")))
            branches.append((test, body))
            if self.tag == "endif":
                break
            if self.tag == "else":
                branches.append((lambda context: True, list(self.block(("endif",)))))
                break
            test = Expression(self.tag[4:], self.line).whole()

        def render(context):
            for test, body in branches:
                if test(context):
                    for part in body:
                        yield from part(context)
                    return

        return render

    def tag_for(self, text):
        name, found, source = text.strip().partition(" in ")
        if not found:
            raise TemplateError("for needs in", self.line)
        values = Expression(source, self.line).whole()
        body = list(self.block(("endfor",)))

        def render(context):
            items = values(context) or ()
            loop = Loop(len(items), depth=len(context.layers))
            with context as scope:
                scope["loop"] = loop
                for loop.index, scope[name] in enumerate(items, 1):
                    for part in body:
                        yield from part(context)

        return render

    def tag_set(self, text):
        name, _, source = text.partition("=")
        closure = Expression(source, self.line).whole()

        def render(context):
            context[name.strip()] = closure(context)
            return ()

        return render


@dataclass(frozen=True)
class Item:
    name: str
    price: int
    left: int
    tags: tuple[str, ...] = ()


def stock(size):
    tags = ["New", "R&D", "<b>", "Old Stock", 'a "quote"']
    return [
        Item(f"Thing <{i}>" if i % 7 == 0 else f"Thing {i}", i * 1999 % 250000, i * 13 % 11,
             tuple(tags[j % 5] for j in range(i, i + i % 4)))
        for i in range(1, size + 1)
    ]


def run(size):
    """The page for so many items."""
    return Template(PAGE).render(title="the shop & co", items=stock(size), note=None, raw="<hr>")


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    page = run(size)
    lines = page.splitlines()
    print("templates", size)
    print("\n".join(lines[:14]))
    print("...")
    print("\n".join(lines[-3:]))
    print("characters", len(page), "check", sum(map(ord, page)) % 65521)
    print(run(0), end="")
    for source in BROKEN:
        try:
            print(repr(Template("first\n" + source).render(y=[1, 2])))
        except TemplateError as error:
            print(f"{source:<28} {error}")


if __name__ == "__main__":
    main()
