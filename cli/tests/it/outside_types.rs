//! Modules that are static because the configuration says so, with types that another checker found: they run in every mode, claims that are
//! wrong are refused where they matter, and modules that cannot be static are ordinary ones.

use crate::{Folder, stderr, stdout};

const ITEMS: &str = "class Item:
    def __init__(self, price: int) -> None:
        self.price: int = price
    def taxed(self, rate: int) -> int:
        return self.price * rate
    @property
    def double(self) -> int:
        return self.price * 2
def count(items: list[Item]) -> int:
    found = 0
    for item in items:
        item.price += 1
        found += item.price
    return found
";

const MAIN: &str = "import sys
from shop.items import Item, count
from shop.old import Thing
from shop.broken import Special, Typed
import shop.items as module

def price(items) -> int:
    first = items[0]
    first.price = first.price + 1
    return first.price + first.taxed(2) + first.double

def attempt(items) -> object:
    try:
        return price(items)
    except (TypeError, AttributeError) as error:
        return type(error).__name__, str(error)

def main() -> None:
    class Lookalike:
        price = 5
        double = 1
        def taxed(self, rate):
            return rate
    items = [Item(3), Item(4)]
    print(price(items), count(items), attempt([Lookalike()]), attempt(['text']))
    print(Special(5).price, Special(5).taxed('ab'), Typed(2).total(), Thing().anything)
    # Nobody asked for a module that is sealed.
    module.extra = 1
    Item.note = 'open'
    print(module.extra, Item.note)
    Item.taxed = lambda self, rate: 1000
    print(price(items))

main()
";

const BROKEN: &str = "from shop.items import Item
def wrong() -> int:
    x: int = None
    return x
class Special(Item):
    def taxed(self, rate):
        return rate * 2
class Typed(Item):
    def total(self) -> int:
        return self.price + 1
";

const FILES: [(&str, &str); 6] = [
    ("main.py", MAIN),
    ("shop/__init__.py", ""),
    ("shop/items.py", ITEMS),
    ("shop/old.py", "class Thing:\n    def __init__(self):\n        self.__dict__['anything'] = 'dict'\n"),
    ("shop/broken.py", BROKEN),
    ("pyproject.toml", "[tool.cinder.static]\nmodules = ['*']\nexclude = ['shop.old']\ntypes = 'build'\n"),
];

/// A type file that says of every occurrence of these names in `source` that it is an instance of the class.
fn type_file(source: &str, claims: &[(&str, &str)]) -> String {
    let entry = |(_, class): &(&str, &str)| format!("{{\"kind\": \"class\", \"qname\": \"{class}\", \"args\": []}}");
    let table: Vec<String> = claims.iter().map(entry).collect();
    let mut locations = Vec::new();
    for (number, (name, _)) in claims.iter().enumerate() {
        for (line_index, line) in source.lines().enumerate() {
            for (column, _) in line.match_indices(name) {
                let (row, end) = (line_index + 1, column + name.len());
                locations.push(format!(
                    "{{\"loc\": {{\"start_line\": {row}, \"start_col\": {column}, \"end_line\": {row}, \"end_col\": {end}}}, \"type\": {number}}}"
                ));
            }
        }
    }
    format!("{{\"type_table\": [{}], \"locations\": [{}]}}", table.join(","), locations.join(","))
}

const MODES: [&[(&str, &str)]; 4] = [
    &[("CINDER_JIT", "off")],
    &[("CINDER_JIT", "eager")],
    &[("CINDER_JIT", "eager"), ("CINDER_DEOPT", "always")],
    &[("CINDER_JIT", "eager"), ("CINDER_GC", "stress:7")],
];

fn runs(folder: &Folder, expected: &str) {
    for mode in MODES {
        let output = folder.cinder_with(&["run", "main.py"], mode);
        assert_eq!(stdout(&output), expected, "{mode:?}: {}", stderr(&output));
    }
}

const WITHOUT: &str = "20 10 9 ('AttributeError', \"'str' object has no attribute 'price'\")
5 abab 3 dict
1 open
1018
";

#[test]
fn types_from_outside_make_code_fast_and_wrong_ones_are_refused() {
    let types = type_file(MAIN, &[("first", "shop.items.Item")]);
    let items = type_file(ITEMS, &[("item", "shop.items.Item")]);
    let files = [("build/main.json", types.as_str()), ("build/shop.items.json", items.as_str())];
    let folder = Folder::new("outside-types", &[&FILES[..], &files].concat());
    let code = stdout(&folder.cinder(&["dump", "bytecode", "main.py", "--fn", "price"]));
    for expected in ["CAST r", "LOAD_FIELD", "STORE_FIELD", "INVOKE_METHOD"] {
        assert!(code.contains(expected), "{expected}:\n{code}");
    }
    assert!(!code.contains("LOAD_ATTR") && !code.contains("LOAD_METHOD r"), "{code}");
    let refused = "('TypeError', \"expected 'Item', got 'Lookalike'\") ('TypeError', \"expected 'Item', got 'str'\")";
    let expected = WITHOUT.replace("9 ('AttributeError', \"'str' object has no attribute 'price'\")", refused);
    runs(&folder, &expected);
    // The files are looked for in a folder `types`, too.
    let folder = Folder::new("outside-types-inner", &[&FILES[..], &[("build/types/main.json", &types)]].concat());
    runs(&folder, &expected);
}

#[test]
fn types_that_are_missing_or_malformed_change_nothing() {
    runs(&Folder::new("outside-absent", &[&FILES[..], &[("build/README", "")]].concat()), WITHOUT);
    let broken = [("build/main.json", "{\"type_table\": 1"), ("build/shop.items.json", "\u{0}")];
    let folder = Folder::new("outside-broken", &[&FILES[..], &broken].concat());
    runs(&folder, WITHOUT);
    let output = stdout(&folder.cinder(&["check", "--output-format", "concise", "main.py", "shop/items.py"]));
    assert!(
        output.contains("main.py:1:1: warning[invalid-type-file] the types another checker found are not used: "),
        "{output}"
    );
    assert!(output.contains("shop/items.py:1:1: warning[invalid-type-file]"), "{output}");
    // Without the folder nothing is as it was meant to be.
    let folder = Folder::new("outside-nowhere", &FILES);
    let output = folder.cinder(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("build: no such folder; `types` names the folder"), "{}", stderr(&output));
    let output = folder.cinder(&["run", "main.py"]);
    assert_eq!(stdout(&output), WITHOUT);
    assert!(stderr(&output).contains("build: no such folder"), "{}", stderr(&output));
}

#[test]
fn names_are_told_on_the_command_line_too() {
    let folder = Folder::new("outside-options", &FILES[..5]);
    let shop = ["--static-modules", "shop", "--static-exclude=shop.old,shop.broken"];
    let output = folder.cinder(&[&["run"][..], &shop, &["main.py"]].concat());
    assert_eq!(stdout(&output), WITHOUT, "{}", stderr(&output));
    let output = folder.cinder(&["run", "--static-types", "nowhere", "main.py"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let output = folder.cinder(&["check", "--output-format", "concise", "--static-modules", "shop"]);
    let found = stdout(&output);
    assert!(found.contains("shop/broken.py:3:14: error[invalid-assignment] type mismatch: None cannot be"), "{found}");
    assert!(!found.contains("main.py"), "{found}");
    // Code that was kept while a module was an ordinary one is not used when it is static, nor the other way round.
    for _ in 0..2 {
        assert_eq!(stdout(&folder.cinder(&["run", "main.py"])), WITHOUT);
        assert_eq!(stdout(&folder.cinder(&[&["run"][..], &shop, &["main.py"]].concat())), WITHOUT);
    }
}

#[test]
fn our_own_types_are_read_back() {
    let flagged = format!("import __static__\n{ITEMS}");
    let folder = Folder::new("outside-own", &[("items.py", &flagged), ("build/README", "")]);
    let written = folder.cinder(&["dump", "types", "items.py"]);
    std::fs::write(folder.0.join("build/items.json"), &written.stdout).unwrap();
    let output = folder.cinder(&["check", "--static-types", "build", "items.py"]);
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(0)), "{}", stderr(&output));
    assert!(stdout(&written).contains("{\"args\":[],\"kind\":\"class\",\"qname\":\"items.Item\"}"));
    let output = folder.cinder(&["dump", "types", "build/README"]);
    assert_eq!(output.status.code(), Some(2));
}

/// A cycle of modules, one of which cannot be static: the others know it as an ordinary one, whoever is loaded first.
#[test]
fn modules_that_need_each_other_settle() {
    let a = "import b\nclass A:\n    def __init__(self) -> None:\n        self.n: int = 1\n    def other(self) -> object:\n        return b.B()\n";
    let b = "import a\nclass B:\n    def __init__(self) -> None:\n        self.n: int = 2\n    def other(self) -> 'a.A':\n        return a.A()\ndef f(x: int) -> int:\n    y: str = x\n    return x\n";
    let c = "import __static__\nimport b\nfrom a import A\nclass C(b.B):\n    def __init__(self) -> None:\n        super().__init__()\n        self.m: int = 3\ndef g(x: b.B) -> object:\n    return x.n\nprint(C().n, C().m, g(C()), g(b.B()), A().other().n, b.B().other().n)\n";
    let files = [("a.py", a), ("b.py", b), ("c.py", c), ("d.py", "import b\nimport c\nprint(b.f('s'))\n")];
    let folder = Folder::new("outside-cycle", &files);
    for (program, expected) in [("c.py", "2 3 2 2 2 1\n"), ("d.py", "2 3 2 2 2 1\ns\n")] {
        for mode in MODES {
            let output = folder.cinder_with(&["run", "--static-modules", "*", program], mode);
            assert_eq!(stdout(&output), expected, "{program} {mode:?}: {}", stderr(&output));
        }
    }
}
