//! Tree to instructions.
//!
//! Idea: names are resolved by `cinder_semantic`; comprehensions and type parameters run in the frame around them, with slots of their own;
//! `finally` bodies are repeated on each way out, as CPython does.
//! Holds: total for every tree without syntax errors; what the machine does not evaluate becomes [`Op::Unsupported`].

mod expression;
mod function;
mod pattern;
mod statement;

use std::sync::Arc;

use cinder_db::File;
use cinder_semantic::{Resolution, ScopeFlags, ScopeId, ScopeKind, SemanticIndex, mangle};
use cinder_syntax::ast::{self, StmtFunctionDef};
use cinder_text::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::code::{Body, Captured, Code, CodeKind, FunctionSpec, Name, Op, Params, Piece};

/// What a tree is lowered with.
pub(crate) struct Source<'a> {
    pub(crate) module: &'a ast::ModModule,
    pub(crate) text: &'a str,
    pub(crate) piece: Piece,
    /// For item trees: the file, and the number of a function whose body lies elsewhere.
    pub(crate) items: Option<(File, &'a dyn Fn(&StmtFunctionDef) -> Option<usize>)>,
    /// Annotations run when they are asked for (Python 3.14), not when they are met.
    pub(crate) has_lazy_annotations: bool,
    /// Whether the file has `from __future__ import annotations`.
    pub(crate) has_future_annotations: bool,
}

/// A module's own level.
pub(crate) fn lower_module(source: &Source<'_>) -> Code {
    let index = SemanticIndex::build(source.module);
    let mut lowerer = Lowerer::new(source, index, None, "");
    let scope = lowerer.index.module_scope();
    lowerer.enter(scope, CodeKind::Module, "<module>", "<module>", Params::default());
    lowerer.unit().doc = docstring(&source.module.body);
    lowerer.suite(&source.module.body);
    lowerer.finish_unit().0
}

/// One expression, for `eval`.
pub(crate) fn lower_eval(source: &Source<'_>) -> Code {
    let index = SemanticIndex::build(source.module);
    let mut lowerer = Lowerer::new(source, index, None, "");
    let scope = lowerer.index.module_scope();
    lowerer.enter(scope, CodeKind::Module, "<module>", "<module>", Params::default());
    if let [ast::Stmt::Expr(statement)] = &source.module.body[..] {
        lowerer.at(statement.value.range());
        lowerer.expression(&statement.value);
        lowerer.emit(Op::Return);
    }
    lowerer.finish_unit().0
}

/// The body of a function that stands by itself. `qualname` has the names of the classes around it.
pub(crate) fn lower_function<'a>(source: &'a Source<'a>, function: &'a StmtFunctionDef, qualname: &'a str) -> Code {
    let index = SemanticIndex::build(source.module);
    let mut classes = qualname.rsplit('.').skip(1);
    let class = classes.next().filter(|name| *name != "<locals>");
    let prefix = qualname.rsplit_once('.').map_or("", |(prefix, _)| prefix);
    let mut lowerer = Lowerer::new(source, index, class, prefix);
    let scope = lowerer.index.scope_of(ScopeKind::Function, function.range).unwrap_or(lowerer.index.module_scope());
    lowerer.function_code(function, scope, qualname)
}

/// What gives the annotations of a function of a module's tree.
pub(crate) fn lower_annotations<'a>(
    source: &'a Source<'a>,
    function: &'a StmtFunctionDef,
    qualname: &str,
) -> Option<Code> {
    let index = SemanticIndex::build(source.module);
    Lowerer::new(source, index, None, "").annotations_code(function, qualname)
}

pub(crate) fn docstring(body: &[ast::Stmt]) -> Option<Arc<str>> {
    match body.first() {
        Some(ast::Stmt::Expr(statement)) => {
            statement.value.as_string_literal_expr().map(|literal| literal.value.to_str().into())
        }
        _ => None,
    }
}

struct Lowerer<'a> {
    source: &'a Source<'a>,
    index: SemanticIndex,
    /// The class around a function that stands by itself.
    class: Option<&'a str>,
    prefix: String,
    units: Vec<Unit<'a>>,
    /// Names that occur often are stored once.
    names: std::cell::RefCell<FxHashSet<Name>>,
}

/// A code object in the making.
struct Unit<'a> {
    scope: ScopeId,
    /// The scope in which names are looked up just now: `scope`, or one that runs in its frame.
    naming: ScopeId,
    kind: CodeKind,
    name: Name,
    qualname: Name,
    params: Params,
    ops: Vec<Op>,
    spans: Vec<TextRange>,
    range: TextRange,
    locals: Vec<Name>,
    slots: FxHashMap<(ScopeId, Name), u16>,
    cells: Vec<(Name, Option<u16>)>,
    cell_slots: FxHashMap<(ScopeId, Name), u16>,
    free: Vec<(ScopeId, Name)>,
    blocks: Vec<Block<'a>>,
    loops: u16,
    is_generator: bool,
    is_async: bool,
    doc: Option<Arc<str>>,
    /// How many `try` statements around that handle a failing import.
    import_guards: u32,
}

/// What a jump out of a statement has to leave.
#[derive(Clone)]
enum Block<'a> {
    /// A loop: where `continue` goes, the jumps of `break`, and whether an iterator lies on the stack.
    Loop {
        start: u32,
        breaks: Vec<usize>,
        has_iterator: bool,
    },
    Except,
    Handler {
        name: Option<Name>,
    },
    Finally(&'a [ast::Stmt]),
    FinallyHandler,
    With,
}

#[derive(Clone, Copy)]
enum Access {
    Fast(u16),
    Cell(u16),
    ClassCell(u16),
    Name,
    Global,
    Class,
}

/// Marks cells that the frame is given.
pub(crate) const FREE: u16 = 0x8000;

impl<'a> Lowerer<'a> {
    fn new(source: &'a Source<'a>, index: SemanticIndex, class: Option<&'a str>, prefix: &str) -> Self {
        Lowerer { source, index, class, prefix: prefix.to_string(), units: Vec::new(), names: Default::default() }
    }

    fn unit(&mut self) -> &mut Unit<'a> {
        self.units.last_mut().expect("lowering runs inside a unit")
    }

    fn enter(&mut self, scope: ScopeId, kind: CodeKind, name: &str, qualname: &str, params: Params) {
        let mut unit = Unit {
            scope,
            naming: scope,
            kind,
            name: name.into(),
            qualname: qualname.into(),
            params: Params::default(),
            ops: Vec::new(),
            spans: Vec::new(),
            range: TextRange::default(),
            locals: Vec::new(),
            slots: FxHashMap::default(),
            cells: Vec::new(),
            cell_slots: FxHashMap::default(),
            free: Vec::new(),
            blocks: Vec::new(),
            loops: 0,
            is_generator: false,
            is_async: false,
            doc: None,
            import_guards: 0,
        };
        for (slot, name) in params.slots().enumerate() {
            unit.locals.push(name.clone());
            // The scopes of a function that stands by itself know nothing of the class around it.
            let key = self.interned(self.without_class(name));
            let symbol = self.index.scope(scope).symbol(&key);
            if symbol.is_some_and(|symbol| symbol.resolution == Resolution::Cell) {
                unit.cell_slots.insert((scope, key.clone()), unit.cells.len() as u16);
                unit.cells.push((key, Some(slot as u16)));
            } else {
                unit.slots.insert((scope, key), slot as u16);
            }
        }
        unit.params = params;
        self.units.push(unit);
    }

    /// Ends the innermost unit: its code, and the variables it wants from outside.
    fn finish_unit(&mut self) -> (Code, Vec<(ScopeId, Name)>) {
        let end = if self.unit().kind == CodeKind::Annotations { None } else { Some(crate::value::Value::None) };
        if let Some(end) = end {
            self.emit(Op::Const(end));
            self.emit(Op::Return);
        }
        let mut unit = self.units.pop().expect("every unit that is entered is left once");
        // Code is kept as long as the functions made of it.
        unit.ops.shrink_to_fit();
        unit.spans.shrink_to_fit();
        unit.locals.shrink_to_fit();
        unit.cells.shrink_to_fit();
        let code = Code {
            name: unit.name,
            qualname: unit.qualname,
            kind: unit.kind,
            piece: self.source.piece,
            params: Arc::new(unit.params),
            is_generator: unit.is_generator,
            is_async: unit.is_async,
            ops: unit.ops,
            spans: unit.spans,
            locals: unit.locals,
            cells: unit.cells,
            free: unit.free.iter().map(|(_, name)| name.clone()).collect(),
            loops: unit.loops,
            doc: unit.doc,
        };
        (code, unit.free)
    }

    /// Sets the place of the instructions that follow, and gives the one before.
    fn at(&mut self, range: TextRange) -> TextRange {
        std::mem::replace(&mut self.unit().range, range)
    }

    fn emit(&mut self, op: Op) -> usize {
        let unit = self.unit();
        unit.ops.push(op);
        unit.spans.push(unit.range);
        unit.ops.len() - 1
    }

    fn here(&mut self) -> u32 {
        self.unit().ops.len() as u32
    }

    /// Lets the jump at `at` go here.
    fn land(&mut self, at: usize) {
        let here = self.here();
        self.aim(at, here);
    }

    fn aim(&mut self, at: usize, to: u32) {
        match &mut self.unit().ops[at] {
            Op::Jump(target) | Op::ForIter(target) | Op::SetupExcept(target) | Op::SetupWith(target) => *target = to,
            Op::JumpIfOrPop { target, .. } | Op::MatchExcept { target, .. } | Op::WithExcept(target) => *target = to,
            Op::JumpIf { target, .. } | Op::LoopTick(_, target) => *target = to,
            _ => {}
        }
    }

    /// Where the test at `at` goes on when it cannot be decided.
    fn aim_unknown(&mut self, at: usize, to: u32) {
        if let Op::JumpIf { unknown, .. } = &mut self.unit().ops[at] {
            *unknown = to;
        }
    }

    fn mangled(&mut self, name: &str) -> Name {
        let naming = self.unit().naming;
        let scope = self.index.scope(naming);
        match (scope.mangle(name), self.class) {
            (std::borrow::Cow::Owned(name), _) => self.interned(&name),
            (std::borrow::Cow::Borrowed(name), class) => self.interned(&mangle(class, name)),
        }
    }

    /// A private name without the class that stands before it in functions that stand by themselves.
    fn without_class<'n>(&self, name: &'n str) -> &'n str {
        let class = self.class.map(|class| class.trim_start_matches('_')).filter(|class| !class.is_empty());
        let rest = class.and_then(|class| name.strip_prefix('_')?.strip_prefix(class));
        rest.filter(|rest| rest.starts_with("__")).unwrap_or(name)
    }

    fn interned(&self, name: &str) -> Name {
        let mut names = self.names.borrow_mut();
        if let Some(known) = names.get(name) {
            return known.clone();
        }
        let new = Name::from(name);
        names.insert(new.clone());
        new
    }

    /// The scope whose frame runs the code of `scope`.
    fn home(&self, mut scope: ScopeId) -> ScopeId {
        loop {
            let entry = self.index.scope(scope);
            let is_inner = match entry.kind {
                ScopeKind::ListComp | ScopeKind::SetComp | ScopeKind::DictComp | ScopeKind::TypeParameters => true,
                ScopeKind::Annotation => !self.source.has_lazy_annotations,
                _ => false,
            };
            match entry.parent {
                Some(parent) if is_inner => scope = parent,
                _ => return scope,
            }
        }
    }

    fn access(&mut self, name: &str) -> (Access, Name) {
        let naming = self.unit().naming;
        let mangled = self.mangled(name);
        let Some(symbol) = self.index.lookup(naming, name) else { return (Access::Global, mangled) };
        let key = self.interned(symbol.name.as_str());
        let kind = self.unit().kind;
        let unit_scope = self.unit().scope;
        let is_own_level = naming == unit_scope;
        let sees_class = self.index.scope(naming).flags.contains(ScopeFlags::CAN_SEE_CLASS);
        let symbol_resolution = self.index.lookup(naming, name).map(|symbol| symbol.resolution);
        let access = match symbol_resolution {
            Some(Resolution::Local) if is_own_level && matches!(kind, CodeKind::Module | CodeKind::Class) => {
                Access::Name
            }
            Some(Resolution::Cell) if is_own_level && kind == CodeKind::Class => Access::Name,
            Some(Resolution::Local) => Access::Fast(self.slot(naming, &key)),
            Some(Resolution::Cell) => Access::Cell(self.own_cell(naming, &key)),
            Some(Resolution::Free { .. }) if name == "__class__" => Access::Class,
            Some(Resolution::Free { owner }) => self.free_access(owner, &key, is_own_level, sees_class),
            Some(Resolution::GlobalExplicit) => Access::Global,
            Some(Resolution::GlobalImplicit) | None => match kind {
                _ if name == "__class__" && kind == CodeKind::Function => Access::Class,
                CodeKind::Module | CodeKind::Class if is_own_level || sees_class => Access::Name,
                CodeKind::Annotations if sees_class => Access::Name,
                _ => Access::Global,
            },
        };
        (access, mangled)
    }

    fn free_access(&mut self, owner: ScopeId, key: &Name, is_own_level: bool, sees_class: bool) -> Access {
        let unit_scope = self.unit().scope;
        if self.home(owner) == unit_scope {
            let resolution = self.index.scope(owner).symbol(key).map(|symbol| symbol.resolution);
            return match resolution {
                Some(Resolution::Cell) => Access::Cell(self.own_cell(owner, key)),
                _ => Access::Fast(self.slot(owner, key)),
            };
        }
        let cell = self.free_cell(owner, key);
        let is_class = self.unit().kind == CodeKind::Class && is_own_level;
        if is_class || sees_class { Access::ClassCell(cell) } else { Access::Cell(cell) }
    }

    fn slot(&mut self, scope: ScopeId, key: &Name) -> u16 {
        let unit = self.unit();
        let next = unit.locals.len() as u16;
        let slot = *unit.slots.entry((scope, key.clone())).or_insert(next);
        if slot == next {
            unit.locals.push(key.clone());
        }
        slot
    }

    fn own_cell(&mut self, scope: ScopeId, key: &Name) -> u16 {
        let unit = self.unit();
        let next = unit.cells.len() as u16;
        let slot = *unit.cell_slots.entry((scope, key.clone())).or_insert(next);
        if slot == next {
            unit.cells.push((key.clone(), None));
        }
        slot
    }

    fn free_cell(&mut self, owner: ScopeId, key: &Name) -> u16 {
        let unit = self.unit();
        let wanted = (owner, key.clone());
        let at = unit.free.iter().position(|free| *free == wanted).unwrap_or_else(|| {
            unit.free.push(wanted);
            unit.free.len() - 1
        });
        at as u16 | FREE
    }

    /// Where this frame has the cells an inner code object wants.
    fn capture(&mut self, wanted: &[(ScopeId, Name)]) -> Vec<Captured> {
        wanted
            .iter()
            .map(|(owner, name)| {
                let home = self.home(*owner);
                Captured(if home == self.unit().scope {
                    self.own_cell(*owner, name)
                } else {
                    self.free_cell(*owner, name)
                })
            })
            .collect()
    }

    fn load(&mut self, name: &str) {
        let (access, name) = self.access(name);
        self.emit(match access {
            Access::Fast(slot) => Op::LoadFast(slot),
            Access::Cell(cell) => Op::LoadCell(cell),
            Access::ClassCell(cell) => Op::LoadClassCell(cell, name),
            Access::Name => Op::LoadName(name),
            Access::Global => Op::LoadGlobal(name),
            Access::Class => Op::LoadClass,
        });
    }

    fn store(&mut self, name: &str) {
        let (access, name) = self.access(name);
        self.emit(match access {
            Access::Fast(slot) => Op::StoreFast(slot),
            Access::Cell(cell) | Access::ClassCell(cell) => Op::StoreCell(cell),
            Access::Name => Op::StoreName(name),
            Access::Global | Access::Class => Op::StoreGlobal(name),
        });
    }

    fn delete(&mut self, name: &str) {
        let (access, name) = self.access(name);
        self.emit(match access {
            Access::Fast(slot) => Op::DeleteFast(slot),
            Access::Cell(cell) | Access::ClassCell(cell) => Op::DeleteCell(cell),
            Access::Name => Op::DeleteName(name),
            Access::Global | Access::Class => Op::DeleteGlobal(name),
        });
    }

    fn qualified(&mut self, name: &str) -> String {
        match self.units.last() {
            None if self.prefix.is_empty() => name.to_string(),
            None => format!("{}.{name}", self.prefix),
            Some(unit) => match unit.kind {
                CodeKind::Module => name.to_string(),
                CodeKind::Class | CodeKind::Annotations => format!("{}.{name}", unit.qualname),
                CodeKind::Function => format!("{}.<locals>.{name}", unit.qualname),
            },
        }
    }

    /// A function made of a finished unit.
    fn spec(&mut self, code: Code, wanted: &[(ScopeId, Name)]) -> FunctionSpec {
        let captured = self.capture(wanted);
        FunctionSpec {
            name: code.name.clone(),
            qualname: code.qualname.clone(),
            body: Body::Here(Arc::new(code)),
            defaults: 0,
            keyword_defaults: Vec::new(),
            captured,
            annotations: None,
            eager_annotations: false,
            sees_class: false,
        }
    }
}
