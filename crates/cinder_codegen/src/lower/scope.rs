//! Entering and leaving code objects: registers for names, closures, qualified names.

use super::{Lowerer, Reg, Unit, grow};
use cinder_bytecode::{CodeObject, LocalKind, Opcode, flags};
use cinder_semantic::{DefinitionKind, Resolution, Scope, ScopeFlags, ScopeId, ScopeKind, SymbolFlags, SymbolId};
use cinder_syntax::ast::{self, name::Name};
use cinder_text::TextRange;

pub(super) fn empty_unit<'a>(scope: ScopeId, kind: ScopeKind) -> Unit<'a> {
    Unit {
        scope,
        kind,
        name: "".into(),
        qualname: "".into(),
        first_line: 1,
        flags: 0,
        argument_count: 0,
        positional_only_count: 0,
        keyword_only_count: 0,
        docstring: None,
        locals: Vec::new(),
        registers: Default::default(),
        free: Default::default(),
        class_cells: Default::default(),
        walrus: Default::default(),
        parameter_count: 0,
        constants: Default::default(),
        names: Default::default(),
        instrs: Vec::new(),
        labels: Vec::new(),
        top: 0,
        register_count: 0,
        handler: None,
        outermost_handler: None,
        blocks: Vec::new(),
        naming: scope,
        range: None,
        expanded_at: None,
        conditional: false,
        annotations: Vec::new(),
        conditional_annotations: 0,
        static_attributes: Default::default(),
        private: None,
        typed: None,
        typed_function: None,
        static_signature: None,
        static_class: None,
        tables: Default::default(),
        raw: Default::default(),
        kinds: Vec::new(),
    }
}

/// The cells a class body makes itself, and the flag that asks for each.
const CLASS_CELLS: [(ScopeFlags, &str); 3] = [
    (ScopeFlags::NEEDS_CLASS_CELL, "__class__"),
    (ScopeFlags::NEEDS_CLASSDICT, "__classdict__"),
    (ScopeFlags::CONDITIONAL_ANNOTATIONS_CELL, "__conditional_annotations__"),
];

impl<'a> Lowerer<'a> {
    /// Starts the code object of `scope`; `range` is where its definition begins.
    pub(super) fn enter(
        &mut self,
        scope: ScopeId,
        name: &str,
        first_line: u32,
        parameters: Option<&'a ast::Parameters>,
    ) {
        let entry = self.index.scope(scope);
        let mut unit = empty_unit(scope, entry.kind);
        unit.name = name.into();
        unit.qualname = self.qualified(entry, name);
        unit.first_line = first_line;
        unit.private = entry.private.clone();
        unit.range = None;
        if entry.kind != ScopeKind::Class {
            unit.flags |= flags::OPTIMIZED | flags::NEWLOCALS;
        }
        for (has, bit) in [
            (entry.flags.contains(ScopeFlags::NESTED) && entry.kind != ScopeKind::Class, flags::NESTED),
            (entry.flags.contains(ScopeFlags::VARARGS), flags::VARARGS),
            (entry.flags.contains(ScopeFlags::VARKEYWORDS), flags::VARKEYWORDS),
            (entry.flags.contains(ScopeFlags::METHOD), flags::METHOD),
            (self.index.future().annotations, flags::FUTURE_ANNOTATIONS),
        ] {
            unit.flags |= if has { bit } else { 0 };
        }
        if entry.kind.is_function_block() {
            let generator = entry.flags.contains(ScopeFlags::GENERATOR);
            let coroutine = entry.flags.contains(ScopeFlags::COROUTINE);
            unit.flags |= match (generator, coroutine) {
                (true, true) => flags::ASYNC_GENERATOR,
                (true, false) => flags::GENERATOR,
                (false, true) => flags::COROUTINE,
                (false, false) => 0,
            };
        }
        match self.next_function.take() {
            Some((typed, function)) => {
                unit.typed = Some(typed);
                unit.typed_function = function.is_static.then_some(function);
            }
            None => unit.typed = self.unit.typed,
        }
        self.outer.push(std::mem::replace(&mut self.unit, unit));
        self.begin_static_function();
        self.set_up_registers(parameters);
        let is_generator = self.flags & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR) != 0;
        if is_generator {
            self.guard_generator();
        }
    }

    /// Puts the handler around the body of a generator or coroutine that [`Lowerer::end_generator`] emits.
    pub(super) fn guard_generator(&mut self) {
        let handler = self.label();
        self.handler = Some(handler);
        self.outermost_handler = Some(handler);
    }

    /// Ends the innermost code object and returns to the one around it.
    pub(super) fn leave(&mut self) -> CodeObject {
        if let Some(handler) = self.outermost_handler {
            self.end_generator(handler);
        }
        let outer = self.outer.pop().expect("enter pushed the outer unit");
        let unit = std::mem::replace(&mut self.unit, outer);
        self.assemble(unit)
    }

    /// A `StopIteration` must not end a generator from within.
    pub(super) fn end_generator(&mut self, handler: super::Label) {
        self.handler = None;
        self.range = None;
        self.place(handler);
        let exception = self.alloc_run(2);
        self.emit(Opcode::PUSH_EXC, exception, 0, 0);
        self.emit(
            Opcode::CALL_INTRINSIC,
            exception,
            exception,
            Reg::from(cinder_bytecode::Intrinsic::StopIterationError.number()),
        );
        self.emit(Opcode::RERAISE, exception, 0, 0);
        self.top = exception;
    }

    fn qualified(&self, scope: &Scope, name: &str) -> Box<str> {
        let mut parent = &self.unit;
        let mut depth = self.outer.len();
        while parent.kind == ScopeKind::TypeParameters {
            depth -= 1;
            parent = &self.outer[depth];
        }
        let own = match scope.kind {
            ScopeKind::TypeVariable | ScopeKind::TypeAlias | ScopeKind::Function | ScopeKind::Class => {
                let mangled = cinder_semantic::mangle(parent.private.as_deref(), name);
                let declared = self.index.scope(parent.scope).symbol(&mangled);
                if matches!(scope.kind, ScopeKind::Function | ScopeKind::Class)
                    && declared.is_some_and(|symbol| symbol.resolution == Resolution::GlobalExplicit)
                {
                    return name.into();
                }
                name
            }
            _ => name,
        };
        match parent.kind {
            ScopeKind::Module => own.into(),
            ScopeKind::Class => format!("{}.{own}", parent.qualname).into(),
            _ => format!("{}.<locals>.{own}", parent.qualname).into(),
        }
    }

    /// Gives every name of the frame its register, and emits the making of cells.
    pub(super) fn set_up_registers(&mut self, parameters: Option<&'a ast::Parameters>) {
        let scope = self.unit.scope;
        self.add_parameters(scope, parameters);
        if self.kind.is_function_like() {
            self.add_symbols(scope, Resolution::Local, LocalKind::Local);
        }
        let inlined = self.inlined_scopes(scope);
        for inner in &inlined {
            self.add_symbols(*inner, Resolution::Local, LocalKind::Hidden);
        }
        if self.kind.is_function_like() {
            self.add_symbols(scope, Resolution::Cell, LocalKind::Cell);
        }
        for inner in &inlined {
            self.add_symbols(*inner, Resolution::Cell, LocalKind::Hidden);
        }
        self.add_class_cells(scope);
        // Free variables are the last of the named registers.
        self.add_typed_registers();
        let free = self.index.free_variables(scope);
        let first_free = self.named();
        for (name, _) in &free {
            let register = self.add_local(name, LocalKind::Free);
            self.free.insert(name.clone(), register);
        }
        self.note_walrus_targets();
        self.top = self.named();
        let end = self.top;
        self.reserve(end);
        if !free.is_empty() {
            self.emit_number(Opcode::COPY_FREE_VARS, first_free, 0, 0, free.len() as u32);
        }
        self.box_captured_parameters();
        for register in 0..first_free {
            if self.locals[register as usize].kind == LocalKind::Cell {
                self.emit(Opcode::MAKE_CELL, register, 0, 0);
            }
        }
        // Operands that name a cell's variable are 16 bits wide: those names come first.
        for register in 0..end as usize {
            if matches!(self.locals[register].kind, LocalKind::Cell | LocalKind::Free | LocalKind::Hidden) {
                let name = self.locals[register].name.clone();
                self.names.place(&name);
            }
        }
    }

    fn add_parameters(&mut self, scope: ScopeId, parameters: Option<&'a ast::Parameters>) {
        let add = |this: &mut Self, name: &str| {
            let entry = this.index.scope(scope);
            let mangled = entry.mangle(name);
            let id = entry.symbol_id(&mangled).expect("every parameter is a symbol");
            let kind =
                if entry.symbol_by_id(id).resolution == Resolution::Cell { LocalKind::Cell } else { LocalKind::Local };
            let shown = if name == ".format" && entry.kind == ScopeKind::Annotation { "format" } else { &*mangled };
            let register = this.add_local(shown, kind);
            this.registers.insert((scope, id), register);
        };
        if let Some(parameters) = parameters {
            self.unit.positional_only_count = parameters.posonlyargs.len() as u32;
            self.unit.argument_count = (parameters.posonlyargs.len() + parameters.args.len()) as u32;
            self.unit.keyword_only_count = parameters.kwonlyargs.len() as u32;
            for parameter in parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs) {
                add(self, &parameter.parameter.name.id);
            }
            for parameter in parameters.vararg.iter().chain(&parameters.kwarg) {
                add(self, &parameter.name.id);
            }
        } else {
            for name in [".0", ".format", ".defaults", ".kwdefaults"] {
                if self.index.scope(scope).symbol(name).is_some_and(|symbol| symbol.flags.contains(SymbolFlags::PARAM))
                {
                    add(self, name);
                    self.unit.argument_count += 1;
                    if name == ".format" {
                        self.unit.positional_only_count += 1;
                    }
                }
            }
        }
        self.unit.parameter_count = self.unit.named();
    }

    fn add_symbols(&mut self, scope: ScopeId, wanted: Resolution, kind: LocalKind) {
        let entry = self.index.scope(scope);
        let mut symbols: Vec<_> = entry.symbols.iter().collect();
        if wanted == Resolution::Cell {
            symbols.sort_by(|a, b| a.name.cmp(&b.name));
        }
        for symbol in symbols {
            let id = entry.symbol_id(&symbol.name).expect("the scope holds its own symbol");
            let implicit = entry.is_inlined() && symbol.name.as_str() == ".0";
            if symbol.resolution == wanted && !implicit && !self.registers.contains_key(&(scope, id)) {
                let register = self.add_local(&symbol.name, kind);
                self.registers.insert((scope, id), register);
            }
        }
    }

    fn add_class_cells(&mut self, scope: ScopeId) {
        if self.kind != ScopeKind::Class {
            return;
        }
        for (flag, name) in CLASS_CELLS {
            if self.index.scope(scope).flags.contains(flag) {
                let register = self.add_local(name, LocalKind::Cell);
                self.class_cells.insert(name, register);
            }
        }
    }

    /// Comprehensions whose code runs in the frame of `scope`, at any depth.
    fn inlined_scopes(&self, scope: ScopeId) -> Vec<ScopeId> {
        let mut found = Vec::new();
        let mut todo = vec![scope];
        while let Some(next) = todo.pop() {
            for child in self.index.scope(next).children.iter().rev() {
                if self.index.scope(*child).is_inlined() {
                    todo.push(*child);
                }
            }
            if next != scope {
                found.push(next);
            }
        }
        found
    }

    fn note_walrus_targets(&mut self) {
        let registers: Vec<Reg> = self
            .unit
            .registers
            .iter()
            .filter(|((scope, symbol), _)| {
                let symbol = self.index.scope(*scope).symbol_by_id(*symbol);
                symbol.definitions.iter().any(|id| self.index.definition(*id).kind == DefinitionKind::Named)
            })
            .map(|(_, register)| *register)
            .collect();
        self.unit.walrus.extend(registers);
        self.note_raw_walrus_targets();
    }

    /// The register that holds the cell of `name`, a variable of `owner`, in this frame.
    pub(super) fn cell_register(&self, owner: ScopeId, name: &Name) -> Reg {
        if self.index.frame_scope(owner) == self.unit.scope {
            if owner == self.unit.scope
                && let Some(register) = self.unit.class_cells.get(name.as_str())
            {
                return *register;
            }
            let id: SymbolId = self.index.scope(owner).symbol_id(name).expect("the owner binds the name");
            return self.unit.registers[&(owner, id)];
        }
        self.unit.free[name]
    }

    /// Puts a closure tuple for `scope` into `dst`; false when it needs none.
    pub(super) fn closure(&mut self, scope: ScopeId, dst: Reg) -> bool {
        let free = self.index.free_variables(scope);
        if free.is_empty() {
            return false;
        }
        let mark = self.top;
        let first = self.alloc_run(free.len() as u32);
        for (position, (name, owner)) in free.iter().enumerate() {
            let cell = self.cell_register(*owner, name);
            self.emit(Opcode::MOVE, first + position as Reg, cell, 0);
        }
        self.emit(Opcode::BUILD_TUPLE, dst, first, free.len() as Reg);
        self.top = mark;
        true
    }

    pub(super) fn with_naming<R>(&mut self, scope: ScopeId, body: impl FnOnce(&mut Self) -> R) -> R {
        let saved = std::mem::replace(&mut self.naming, scope);
        let result = grow(|| body(self));
        self.naming = saved;
        result
    }

    /// Where the `def` or `class` keyword stands: a statement's range begins at its first decorator.
    pub(super) fn header_range(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let mut offset = last.range.end().to_usize();
        let bytes = self.source.as_bytes();
        while let Some(byte) = bytes.get(offset) {
            match byte {
                b'#' => offset += memchr_newline(&bytes[offset..]),
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'\\' | b')' => offset += 1,
                _ => break,
            }
        }
        TextRange::new((offset as u32).into(), range.end())
    }
}

fn memchr_newline(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len())
}
