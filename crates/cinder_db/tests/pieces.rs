//! Pieces of a file parse to the same trees as the file.

use cinder_db::items::number::node_id;
use cinder_db::testing::TestDb;
use cinder_db::{File, Grain, function_body, item_tree, module_items, parsed_module};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_body};
use cinder_syntax::ast::{AnyNodeRef, Stmt, StmtFunctionDef};
use cinder_text::{Ranged, TextRange};

/// A node's kind, its id and its place in the file.
type Node = (String, Option<u32>, TextRange);

struct Collect<'a> {
    lift: &'a dyn Fn(TextRange) -> TextRange,
    is_item: &'a dyn Fn(&StmtFunctionDef) -> bool,
    nodes: Vec<Node>,
}

impl<'a> SourceOrderVisitor<'a> for Collect<'_> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        let range = if node.is_stmt_class_def() { TextRange::default() } else { (self.lift)(node.range()) };
        self.nodes.push((format!("{:?}", node.kind()), node_id(node), range));
        TraversalSignal::Traverse
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            // Statements that hold functions end elsewhere in the item tree, so only what is inside them is compared.
            Stmt::FunctionDef(function) if (self.is_item)(function) => {
                self.nodes.push(("Function".to_string(), node_id(function), (self.lift)(function.name.range)));
                function.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.visit_parameters(&function.parameters);
                function.returns.iter().for_each(|returns| self.visit_annotation(returns));
            }
            Stmt::If(_) | Stmt::Try(_) | Stmt::With(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Match(_) => {}
            _ => cinder_syntax::ast::visitor::source_order::walk_stmt(self, stmt),
        }
    }
}

fn collect(
    body: &[Stmt],
    lift: &dyn Fn(TextRange) -> TextRange,
    is_item: &dyn Fn(&StmtFunctionDef) -> bool,
) -> Vec<Node> {
    let mut collect = Collect { lift, is_item, nodes: Vec::new() };
    walk_body(&mut collect, body);
    collect.nodes
}

/// All functions of a tree that are items, in order.
fn functions<'a>(body: &'a [Stmt], is_item: &dyn Fn(&StmtFunctionDef) -> bool) -> Vec<&'a StmtFunctionDef> {
    struct Find<'a, 'b>(Vec<&'a StmtFunctionDef>, &'b dyn Fn(&StmtFunctionDef) -> bool);
    impl<'a> SourceOrderVisitor<'a> for Find<'a, '_> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::FunctionDef(function) if (self.1)(function) => self.0.push(function),
                _ => cinder_syntax::ast::visitor::source_order::walk_stmt(self, stmt),
            }
        }
    }
    let mut find = Find(Vec::new(), is_item);
    walk_body(&mut find, body);
    find.0
}

#[track_caller]
fn agree(db: &TestDb, file: File) {
    let whole = parsed_module(db, file);
    if !whole.is_valid() {
        return;
    }
    let (tree, items) = (item_tree(db, file), module_items(db, file));
    let shown = file.path(db).to_string();
    assert!(tree.parsed().is_valid(), "{shown}: {:?}\n{}", tree.parsed().errors(), tree.text());

    let of_file = collect(whole.suite(), &|range| range, &|function| whole.function_index(function).is_some());
    let lift = |range| Grain::Module(file).lift(db, range);
    let of_tree = collect(tree.body(), &lift, &|function| tree.function_index(function).is_some());
    for (a, b) in of_file.iter().zip(&of_tree) {
        assert_eq!(a, b, "{shown}");
    }
    assert_eq!(of_file.len(), of_tree.len(), "{shown}");

    let definitions = functions(whole.suite(), &|function| whole.function_index(function).is_some());
    assert_eq!(definitions.len(), items.functions.len(), "{shown}");
    for (index, (definition, item)) in definitions.iter().zip(&items.functions).enumerate() {
        assert_eq!(whole.function_index(definition), Some(index), "{shown}");
        let name = format!("{shown} {}", item.qualname(db));
        let body = function_body(db, *item);
        assert!(body.parsed().is_valid(), "{name}: {:?}", body.parsed().errors());
        let function = body.function().unwrap_or_else(|| panic!("{name}: not a function\n{}", item.text(db)));
        let lift = |range| Grain::Function(*item).lift(db, range);
        assert_eq!(definition.range(), lift(function.range()), "{name}");
        let of_file = collect(&definition.body, &|range| range, &|_| false);
        assert_eq!(of_file, collect(&function.body, &lift, &|_| false), "{name}");
    }
}

const SAMPLE: &str = r#"
"""Module."""
import os  # why \

class Point(Base):
    # where it is

    y: int = (1,  # one
              2)

    def __init__(self, x: int) -> None:
        self.x: int = x
        if x:
            self.name = find_name(x)
        self.x = 2
        def inner():
            self.hidden = 1

    @property
    # a comment between
    def name(self) -> (
        str  # text
    ):
        # nothing
        return f"{self.x}" \
            # after a backslash


    def walk(self) -> Iterator[int]:
        yield self.x

    class Inner:
	    def tabbed(self): return lambda: (yield)

if os.name == "nt":
    def reset():
        def deep():
            global count, other
            count = 0
else:
    async def reset(a, /, b=1, *c, d: int = 2, **e): pass; pass

x = 1; y = 2
\
def odd():
    def nested(): pass
    return 1
"#;

#[test]
fn pieces_agree_with_the_file() {
    let db = TestDb::with_files([("/src/a.py", SAMPLE)]);
    agree(&db, db.file("/src/a.py"));
    let crlf = TestDb::with_files([("/src/a.py", &*SAMPLE.replace('\n', "\r\n"))]);
    agree(&crlf, crlf.file("/src/a.py"));
}

#[test]
fn the_item_tree_keeps_what_others_see() {
    let db = TestDb::with_files([("/src/a.py", SAMPLE)]);
    let expected = r#""""Module."""
import os
class Point(Base):
    y: int = (1,
              2)
    def __init__(self, x: int) -> None: self.x: (int) = ...; self.name = ...
    @property
    def name(self) -> (
        str
    ): ... \

    def walk(self) -> Iterator[int]: yield
    class Inner:
	    def tabbed(self): ...
if os.name == "nt":
    def reset(): global count; global other
else:
    async def reset(a, /, b=1, *c, d: int = 2, **e): ...
x = 1; y = 2
\
def odd():
    def nested(): pass
    return 1
"#;
    assert_eq!(item_tree(&db, db.file("/src/a.py")).text(), expected);
    let items = &module_items(&db, db.file("/src/a.py")).functions;
    let names: Vec<(&str, u32)> = items.iter().map(|item| (&**item.qualname(&db), item.ordinal(&db))).collect();
    let expected = [
        ("Point.__init__", 0),
        ("Point.name", 0),
        ("Point.walk", 0),
        ("Point.Inner.tabbed", 0),
        ("reset", 0),
        ("reset", 1),
    ];
    assert_eq!(names, expected);
}

/// Every file below the folder that `CINDER_CORPUS` names; the bundled stubs without it.
#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is chosen by whoever runs the test")]
fn pieces_agree_on_a_corpus() {
    let mut db = TestDb::new();
    if let Ok(folder) = std::env::var("CINDER_CORPUS") {
        use cinder_db::System;
        let system = cinder_db::system::OsSystem::new("/".into());
        let options = cinder_db::system::WalkOptions { respect_ignore_files: false, skip_folders: Vec::new() };
        for path in system.walk(folder.as_ref(), &options).into_iter().flatten() {
            if path.extension().is_some_and(|extension| extension == "py") {
                let Ok(decoded) = cinder_syntax::decode_source(&system.read(&path).expect("found a moment ago"))
                    .map(|d| d.text.into_owned())
                else {
                    continue;
                };
                let file = db.write(&path.to_string_lossy(), &decoded);
                cinder_syntax::with_deep_stack(|| agree(&db, file));
            }
        }
        return;
    }
    use cinder_db::Db;
    for name in ["builtins", "typing", "asyncio/tasks", "tkinter/__init__"] {
        let path = cinder_db::FilePath::vendored(&format!("stdlib/{name}.pyi"));
        let file = db.files().file(&db, &path);
        agree(&db, file);
    }
}
