//! Programs to type in: long files of ordinary annotated code, and small ones that use them.

/// What [`crate::KINDS`] replace by what is typed; each stands in the text once.
pub(crate) const COMMENT: &str = "# a remark";
pub(crate) const DOCSTRING: &str = "\"\"\"The long story.";
pub(crate) const IMPORT: &str = "from typing import List, Optional";
pub(crate) const BODY: &str = "        total: int = 0";
pub(crate) const CLASS_BODY: &str = "    limit: int = 3";
pub(crate) const SIGNATURE: &str = "def shared(amount: int";
pub(crate) const FIELD: &str = "        self.weight: int = 1";
pub(crate) const MODULE: &str = "LAST: int = 1";

/// The head of every program: imports, and what others use.
fn head(is_static: bool) -> String {
    let flag = if is_static { "import __static__\n" } else { "" };
    format!(
        "\"\"\"A long program.\"\"\"\n{flag}{IMPORT}\n\n{COMMENT}\n\n\n{SIGNATURE}) -> int:\n    {DOCSTRING}\n\n    It has two parts.\n    \"\"\"\n    return amount\n\n"
    )
}

/// A class in which most kinds of edits are made.
fn edited_class() -> String {
    format!(
        "\nclass Edited:\n    \"\"\"A class.\"\"\"\n\n{CLASS_BODY}\n\n    def __init__(self, name: str) -> None:\n        self.name: str = name\n{FIELD}\n\n    \
         def work(self, amount: int) -> int:\n{BODY}\n        for index in range(amount):\n            if index % 2 == 0:\n                total += self.weight\n        return int(total)\n\n"
    )
}

/// A class of two methods and a function, thirty lines.
fn piece(number: usize) -> String {
    format!(
        r#"
class Node{number}:
    """A part of the whole."""

    def __init__(self, size: int, name: str) -> None:
        self.size: int = size
        self.name: str = name
        self.next: Optional["Node{number}"] = None

    def grow(self, by: int) -> int:
        total = self.size
        for item in range(by):
            total = total + int(item)
            if total > 100:
                total = 100
        self.size = int(total) + shared(by)
        return self.size

    def label(self, prefix: str = "n") -> str:
        # What people see.
        text = prefix + self.name
        if self.size > 3:
            text = text + str(self.size)
        else:
            text = text.upper()
        return str(text)


def make{number}(count: int, name: str) -> Node{number}:
    node = Node{number}(count, name)
    node.next = node
    return node

"#
    )
}

/// Classes and functions, about `lines` lines.
pub(crate) fn pieces(lines: usize, is_static: bool) -> String {
    let mut text = head(is_static);
    let mut number = 0;
    while text.lines().count() * 2 < lines {
        text.push_str(&piece(number));
        number += 1;
    }
    text.push_str(&edited_class());
    while text.lines().count() < lines {
        text.push_str(&piece(number));
        number += 1;
    }
    text.push_str(&format!("\n{MODULE}\n"));
    text
}

/// One class of about `lines` lines.
pub(crate) fn one_class(lines: usize) -> String {
    let mut text = head(true);
    text.push_str(&edited_class());
    let mut number = 0;
    let mut body = String::new();
    while body.lines().count() < lines {
        body.push_str(&format!(
            r#"
    def step{number}(self, amount: int, name: str = "") -> int:
        total: int = 1
        for index in range(amount):
            if index % 2 == self.weight:
                total += index
        if amount > 3:
            self.step{number}(total, name)
        return int(total)
"#
        ));
        number += 1;
    }
    text.push_str(body.trim_start_matches('\n'));
    text.push_str(&format!("\n\n{MODULE}\n"));
    text
}

/// A program that calls what the long one declares.
pub(crate) fn user(number: usize) -> String {
    format!(
        "import __static__\nfrom long import Edited, shared\n\n\ndef use{number}(name: str) -> int:\n    edited = Edited(name)\n    return edited.work(shared({number}))\n"
    )
}
