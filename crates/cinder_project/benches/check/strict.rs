//! Ordinary strict modules, in any amount: enumerations, data classes, decorators of other modules, tables that are computed at import time,
//! and functions that no import runs, in the shares that hand-written packages have.

/// Names and texts of `count` modules in packages of fifty; each imports up to three earlier ones.
pub(crate) fn modules(count: usize) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = (0..count).map(|number| (path(number), module(number))).collect();
    files.push(("tools.py".to_owned(), TOOLS.to_owned()));
    files.sort();
    files
}

/// What all modules use: a decorator that counts, one that takes options, and a class that collects its subclasses' names.
const TOOLS: &str = r#"
import __strict__

import functools
from typing import Any, Callable


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def limited(most: int, *, name: str = "") -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        function.limit = most
        function.label = name or function.__name__
        return function

    return decorate


class Described:
    fields: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.fields = tuple(name for name in vars(cls) if not name.startswith("_"))
"#;

fn package(number: usize) -> String {
    format!("part{}", number / 50)
}

fn path(number: usize) -> String {
    format!("{}/m{number}.py", package(number))
}

fn module(number: usize) -> String {
    let mut used: Vec<usize> = [number / 2, number.saturating_sub(1), number * 7 / 9].into();
    used.retain(|other| *other < number);
    used.dedup();
    let mut text = format!(
        "\"\"\"Orders of shop {number}.\n\nWhat customers bought, and what it cost.\n\"\"\"\n\nimport __strict__\n\nimport logging\nimport re\n\
         from dataclasses import dataclass, field\nfrom enum import Enum\nfrom typing import Iterable, Optional\n\n\
         from tools import Described, limited, traced\n"
    );
    for other in &used {
        text.push_str(&format!(
            "from {}.m{other} import Order{other}, RATES as RATES{other}, total_{other}\n",
            package(*other)
        ));
    }
    text.push_str(&head(number, used.first().copied()));
    text.push_str(&classes(number, used.first().copied()));
    text.push_str(&functions(number));
    for other in &used {
        text.push_str(&importing(number, *other));
    }
    text
}

fn head(number: usize, other: Option<usize>) -> String {
    let rates = other.map_or("{}".to_owned(), |other| format!("RATES{other}"));
    format!(
        r#"
__all__ = ["Kind{number}", "Order{number}", "RATES", "total_{number}"]

log = logging.getLogger(__name__)

LIMIT = {limit}
PATTERN = re.compile(r"^(?P<code>[A-Z]{{2}})-(?P<digits>\d+)$", re.VERBOSE)
RATES = {{**{rates}, "basic": 0, "reduced": 7, "full": 19 + {number} % 3}}
NAMES = sorted(name.title() for name in RATES)


class Kind{number}(Enum):
    """How an order came in."""

    LETTER = "letter"
    PHONE = "phone"
    NETWORK = "network"
"#,
        limit = 100 + number,
    )
}

fn classes(number: usize, other: Option<usize>) -> String {
    let base = other.map_or(String::new(), |other| format!("(Order{other})"));
    format!(
        r#"

@dataclass
class Line{number}:
    """One line of an order."""

    article: str
    amount: int = 1
    price: float = 0.0
    notes: list[str] = field(default_factory=list)

    def cost(self) -> float:
        return self.amount * self.price

    def is_large(self) -> bool:
        return self.amount > LIMIT


class Order{number}{base}:
    """What one customer bought, newest line first."""

    kind = Kind{number}.LETTER
    currency = "EUR"

    def __init__(self, owner: str, parent: Optional["Order{number}"] = None) -> None:
        self.owner = owner
        self.parent = parent
        self.lines: list[Line{number}] = []
        self.closed = False

    def __repr__(self) -> str:
        return f"<Order{number} {{self.owner!r}}: {{len(self.lines)}} lines>"

    def add(self, article: str, amount: int = 1, price: float = 0.0) -> Line{number}:
        # The new line goes to the front.
        line = Line{number}(article, amount, price)
        self.lines.insert(0, line)
        if line.is_large():
            log.info("%s ordered %d pieces of %s", self.owner, amount, article)
        return line

    @property
    def total(self) -> float:
        result = 0.0
        for line in self.lines:
            result += line.cost()
        return result

    @classmethod
    def parse(cls, text: str) -> "Order{number}":
        order = cls(text.partition(":")[0])
        for part in text.split(","):
            found = PATTERN.match(part.strip())
            if found is None:
                raise ValueError(f"not an article: {{part!r}}")
            order.add(found["code"], int(found["digits"]))
        return order

    def find(self, article: str) -> Optional[Line{number}]:
        for line in self.lines:
            if line.article == article:
                return line
        return None if self.parent is None else self.parent.find(article)


class Report{number}(Described):
    title = "Orders of shop {number}"
    width = 72

    def lines(self, orders: Iterable[Order{number}]) -> list[str]:
        found = [f"{{order.owner:<20}} {{order.total:>10.2f}}" for order in orders if order.lines]
        if not found:
            return [self.title, "none"]
        return [self.title, "-" * self.width, *found]
"#
    )
}

fn functions(number: usize) -> String {
    format!(
        r#"

def total_{number}(orders: Iterable[Order{number}], rate: str = "full") -> float:
    """The cost of all orders, with taxes.

    Unknown rates count as the full one.
    """
    percent = RATES.get(rate, RATES["full"])
    result = 0.0
    for order in orders:
        if order.closed:
            continue
        try:
            result += order.total * (100 + percent) / 100
        except (TypeError, OverflowError) as error:
            log.warning("order of %s has no total: %s", order.owner, error)
            raise
    return round(result, 2)


@traced
def merged(left: Order{number}, right: Order{number}) -> Order{number}:
    result = Order{number}(left.owner + right.owner)
    for order in (left, right):
        for line in reversed(order.lines):
            result.add(line.article, line.amount, line.price)
    return result


@limited(20, name="newest")
def newest(orders: Iterable[Order{number}], most: int = 10) -> list[Order{number}]:
    found = []
    for order in orders:
        if len(found) >= most:
            break
        if order.lines and not order.closed:
            found.append(order)
    else:
        log.debug("looked at every order")
    found.sort(key=lambda order: order.total, reverse=True)
    return found
"#
    )
}

fn importing(number: usize, other: usize) -> String {
    format!(
        r#"

def from_{other}(order: Order{other}, names: list[str]) -> Order{number}:
    result = Order{number}(order.owner)
    for name in names:
        line = order.find(name)
        if line is not None and line.amount != 0:
            result.add(line.article, line.amount, line.price)
    return result


def is_dearer_than_{other}(orders: list[Order{number}], others: list[Order{other}]) -> bool:
    return total_{number}(orders) > total_{other}(others, "reduced")
"#
    )
}
