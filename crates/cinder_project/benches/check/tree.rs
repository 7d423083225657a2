//! Ordinary annotated static code, in any amount: classes with typed attributes and methods, functions with loops and tests, imports between
//! modules, comments and docstrings in the share that hand-written code has.

/// A line that each module has in the body of a method, once.
pub(crate) const EDITED_LINE: &str = "        total: int = 0";

/// Names and texts of `count` modules in packages of fifty; each imports up to three earlier ones.
pub(crate) fn modules(count: usize) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = (0..count).map(|number| (path(number), module(number))).collect();
    files.sort();
    files
}

fn package(number: usize) -> String {
    format!("part{}", number / 50)
}

fn path(number: usize) -> String {
    format!("{}/m{number}.py", package(number))
}

fn module(number: usize) -> String {
    let mut text = format!(
        "\"\"\"Accounts of branch {number}.\"\"\"\n\nimport __static__\n\nfrom typing import Final, List, Optional\n"
    );
    // Spread over the earlier modules, the same in every run.
    let mut used: Vec<usize> = [number / 2, number.saturating_sub(1), number * 7 / 9].into();
    used.retain(|other| *other < number);
    used.dedup();
    for other in &used {
        text.push_str(&format!("from {}.m{other} import Account{other}, largest{other}\n", package(*other)));
    }
    text.push_str(&format!("\nLIMIT{number}: Final[int] = {}\n", 100 + number));
    text.push_str(&class(number, used.first().copied()));
    text.push_str(&functions(number, &used));
    text
}

fn class(number: usize, other: Option<usize>) -> String {
    let partner = other.map_or(format!("\"Account{number}\""), |other| format!("Account{other}"));
    format!(
        r#"

class Entry{number}:
    """One line of an account."""

    def __init__(self, amount: int, text: str) -> None:
        self.amount: int = amount
        self.text: str = text
        self.next: Optional["Entry{number}"] = None

    def is_large(self) -> bool:
        return self.amount > LIMIT{number}


class Account{number}:
    """Entries of one customer, newest first."""

    def __init__(self, owner: str, partner: Optional[{partner}] = None) -> None:
        self.owner: str = owner
        self.partner: Optional[{partner}] = partner
        self.head: Optional[Entry{number}] = None
        self.count: int = 0

    def add(self, amount: int, text: str = "") -> Entry{number}:
        # The new entry goes to the front.
        entry = Entry{number}(amount, text)
        entry.next = self.head
        self.head = entry
        self.count += 1
        return entry

    def balance(self) -> int:
{EDITED_LINE}
        entry = self.head
        while entry is not None:
            total += entry.amount
            entry = entry.next
        return total

    def find(self, text: str) -> Optional[Entry{number}]:
        entry = self.head
        while entry is not None:
            if entry.text == text:
                return entry
            entry = entry.next
        return None

    def describe(self, width: int = 20) -> str:
        found = self.find(self.owner)
        if found is None:
            return self.owner.ljust(width)
        name = f"{{self.owner}}: {{found.amount}}"
        return name if found.is_large() else name.lower()
"#
    )
}

fn functions(number: usize, used: &[usize]) -> String {
    let mut text = format!(
        r#"

def largest{number}(accounts: List[Account{number}]) -> Optional[Account{number}]:
    """The account with the highest balance."""
    best: Optional[Account{number}] = None
    for item in accounts:
        account: Account{number} = item
        if best is None or account.balance() > best.balance():
            best = account
    return best


def merged{number}(left: Account{number}, right: Account{number}) -> Account{number}:
    result = Account{number}(left.owner + right.owner)
    for account in (left, right):
        entry = account.head
        while entry is not None:
            result.add(entry.amount, entry.text)
            entry = entry.next
    return result


def report{number}(accounts: List[Account{number}], skip: Optional[str] = None) -> List[str]:
    lines: List[str] = []
    for index, account in enumerate(accounts):
        if skip is not None and account.owner == skip:
            continue
        try:
            lines.append(str(index) + account.describe())
        except ValueError as error:
            lines.append(str(error))
    lines.sort(key=lambda line: len(line), reverse=True)
    return [line for line in lines if line]
"#
    );
    for other in used {
        text.push_str(&format!(
            r#"

def from_{other}(source: Account{other}, names: List[str]) -> Account{number}:
    target = Account{number}(source.owner)
    for name in names:
        entry = source.find(name)
        if entry is not None and entry.amount != 0:
            target.add(entry.amount, entry.text)
    return target


def has_larger_{other}(account: Account{number}, others: List[Account{other}]) -> bool:
    best = largest{other}(others)
    return best is not None and best.balance() > account.balance()
"#
        ));
    }
    text
}

/// A module of `count` methods, ten lines each.
pub(crate) fn long(count: usize) -> (String, String) {
    let mut text = String::from(
        "import __static__\nfrom typing import List, Optional\n\nclass Machine:\n    def __init__(self) -> None:\n        self.state: int = 0\n        self.names: List[str] = []\n        self.next: Optional[Machine] = None\n",
    );
    for number in 0..count {
        let line = if number == count / 2 { EDITED_LINE } else { "        total: int = 1" };
        text.push_str(&format!(
            r#"
    def step{number}(self, amount: int, name: str = "") -> int:
{line}
        for index in range(amount):
            if index % 2 == self.state:
                total += index
        following = self.next
        if following is not None:
            following.step{number}(total, name)
        return total
"#
        ));
    }
    ("long.py".to_owned(), text)
}
