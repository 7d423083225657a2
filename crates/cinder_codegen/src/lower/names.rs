//! Loading, storing and deleting names.

use super::{Lowerer, Reg};
use cinder_bytecode::Opcode;
use cinder_semantic::{Resolution, ScopeFlags, ScopeKind, SymbolId};
use cinder_syntax::ast::name::Name;

/// Where a name lives, seen from the code being generated.
pub(super) enum Place {
    Register(Reg),
    Cell(Reg),
    Global,
    /// The frame's namespace, then globals and builtins.
    Namespace,
    /// The class namespace, then a cell.
    NamespaceOrCell(Reg),
    /// An annotation scope's class namespace (in a cell), then globals.
    ClassOrGlobal(Reg),
    /// The same, then a cell.
    ClassOrCell(Reg, Reg),
}

impl Lowerer<'_> {
    /// `name` with private names mangled.
    pub(super) fn mangled(&self, name: &str) -> Name {
        Name::new(self.index.scope(self.naming).mangle(name))
    }

    fn in_class_body(&self) -> bool {
        self.kind == ScopeKind::Class
    }

    fn in_inlined(&self) -> bool {
        self.naming != self.unit.scope
    }

    pub(super) fn place_of(&self, mangled: &Name) -> Place {
        let scope = self.index.scope(self.naming);
        let Some(id) = scope.symbol_id(mangled) else {
            // Names the compiler itself invents, like a class body's `__name__`.
            return if self.kind.is_function_like() { Place::Global } else { Place::Namespace };
        };
        match scope.symbol_by_id(id).resolution {
            Resolution::Local if scope.kind.is_function_like() => Place::Register(self.own_register(id)),
            // A `global` statement anywhere names the module's variable, which matters where its namespace is another dict.
            Resolution::Local if scope.kind == ScopeKind::Module && self.global_names.contains(mangled) => {
                Place::Global
            }
            Resolution::Local => Place::Namespace,
            Resolution::Cell => Place::Cell(self.own_register(id)),
            Resolution::GlobalExplicit => Place::Global,
            Resolution::GlobalImplicit => self.implicit_global(scope.flags),
            Resolution::Free { owner } => self.free_place(owner, mangled, scope.flags),
        }
    }

    fn own_register(&self, id: SymbolId) -> Reg {
        self.unit.registers[&(self.naming, id)]
    }

    fn implicit_global(&self, flags: ScopeFlags) -> Place {
        if flags.contains(ScopeFlags::CAN_SEE_CLASS)
            && let Some(classdict) = self.classdict()
        {
            return Place::ClassOrGlobal(classdict);
        }
        if self.kind.is_function_like() || self.in_class_body() && self.in_inlined() {
            Place::Global
        } else {
            Place::Namespace
        }
    }

    /// The cell with the namespace of the class around an annotation scope; a scope that does not look for names in it has none.
    fn classdict(&self) -> Option<Reg> {
        self.unit.free.get(&Name::new_static("__classdict__")).copied()
    }

    fn free_place(&self, owner: cinder_semantic::ScopeId, mangled: &Name, flags: ScopeFlags) -> Place {
        if self.index.frame_scope(owner) == self.unit.scope {
            let Some(id) = self.index.scope(owner).symbol_id(mangled) else {
                // A cell that every class body has, seen from a comprehension in it.
                return self.unit.class_cells.get(mangled.as_str()).map_or(Place::Global, |cell| Place::Cell(*cell));
            };
            let Some(register) = self.unit.registers.get(&(owner, id)).copied() else {
                return self.unit.class_cells.get(mangled.as_str()).map_or(Place::Global, |cell| Place::Cell(*cell));
            };
            let is_cell = self.index.scope(owner).symbol_by_id(id).resolution == Resolution::Cell;
            return if is_cell { Place::Cell(register) } else { Place::Register(register) };
        }
        let cell = self.unit.free[mangled];
        if self.in_class_body() && !self.in_inlined() {
            return Place::NamespaceOrCell(cell);
        }
        let sees_class = flags.contains(ScopeFlags::CAN_SEE_CLASS) && mangled.as_str() != "__classdict__";
        // A type parameter stands between the class and the annotation, so the class cannot hide it.
        if sees_class
            && self.index.scope(owner).kind != ScopeKind::TypeParameters
            && self.index.scope(owner).kind != ScopeKind::Class
            && let Some(classdict) = self.classdict()
        {
            return Place::ClassOrCell(classdict, cell);
        }
        Place::Cell(cell)
    }

    /// The value of a name: a local's own register when it has one and `dst` is open.
    pub(super) fn load_name(&mut self, name: &str, dst: Option<Reg>) -> Reg {
        let mangled = self.mangled(name);
        let place = self.place_of(&mangled);
        if let Place::Register(register) = place {
            // Parameters of an expanded call are temporaries, and bound.
            if self.is_named(register) {
                self.emit_name(Opcode::CHECK_BOUND, register, 0, 0, &mangled);
            }
            if let Some(dst) = dst {
                self.move_to(dst, register);
            }
            return dst.unwrap_or(register);
        }
        let mark = self.top;
        let out = self.finish(mark, dst);
        self.load_place(&place, &mangled, out);
        out
    }

    fn load_place(&mut self, place: &Place, name: &Name, out: Reg) {
        match *place {
            Place::Register(_) => unreachable!("handled by load_name"),
            Place::Cell(cell) => {
                let name = self.names.place(name);
                self.emit(Opcode::LOAD_DEREF, out, cell, name);
            }
            Place::Global => self.emit_name(Opcode::LOAD_GLOBAL, out, 0, 0, name),
            Place::Namespace => self.emit_name(Opcode::LOAD_NAME, out, 0, 0, name),
            Place::NamespaceOrCell(cell) => {
                let temp = self.alloc();
                self.emit(Opcode::LOAD_LOCALS, temp, 0, 0);
                self.emit_name(Opcode::LOAD_FROM_DICT_OR_DEREF, out, temp, cell, name);
                self.top = temp;
            }
            Place::ClassOrGlobal(class) => {
                let temp = self.load_classdict(class);
                self.emit_name(Opcode::LOAD_FROM_DICT_OR_GLOBALS, out, temp, 0, name);
                self.top = temp;
            }
            Place::ClassOrCell(class, cell) => {
                let temp = self.load_classdict(class);
                self.emit_name(Opcode::LOAD_FROM_DICT_OR_DEREF, out, temp, cell, name);
                self.top = temp;
            }
        }
    }

    fn load_classdict(&mut self, cell: Reg) -> Reg {
        let temp = self.alloc();
        let name = self.names.place("__classdict__");
        self.emit(Opcode::LOAD_DEREF, temp, cell, name);
        temp
    }

    /// The register of a name that is a plain local, for writing to it directly.
    pub(super) fn local_register(&self, name: &str) -> Option<Reg> {
        match self.place_of(&self.mangled(name)) {
            Place::Register(register) => Some(register),
            _ => None,
        }
    }

    pub(super) fn store_name(&mut self, name: &str, value: Reg) {
        let mangled = self.mangled(name);
        match self.place_of(&mangled) {
            Place::Register(register) => self.move_to(register, value),
            Place::Cell(cell) | Place::NamespaceOrCell(cell) | Place::ClassOrCell(_, cell) => {
                self.emit(Opcode::STORE_DEREF, cell, value, 0);
            }
            Place::Global | Place::ClassOrGlobal(_) => self.emit_name(Opcode::STORE_GLOBAL, value, 0, 0, &mangled),
            Place::Namespace => self.emit_name(Opcode::STORE_NAME, value, 0, 0, &mangled),
        }
    }

    pub(super) fn delete_name(&mut self, name: &str) {
        let mangled = self.mangled(name);
        match self.place_of(&mangled) {
            Place::Register(register) => {
                self.emit_name(Opcode::CHECK_BOUND, register, 0, 0, &mangled);
                self.emit(Opcode::CLEAR, register, 0, 0);
            }
            Place::Cell(cell) | Place::NamespaceOrCell(cell) | Place::ClassOrCell(_, cell) => {
                self.emit_name(Opcode::DELETE_DEREF, cell, 0, 0, &mangled);
            }
            Place::Global | Place::ClassOrGlobal(_) => self.emit_name(Opcode::DELETE_GLOBAL, 0, 0, 0, &mangled),
            Place::Namespace => self.emit_name(Opcode::DELETE_NAME, 0, 0, 0, &mangled),
        }
    }

    /// Forgets the name of an `except` clause; it may be gone already.
    pub(super) fn forget_name(&mut self, name: &str) {
        if let Some(register) = self.local_register(name) {
            return self.emit(Opcode::CLEAR, register, 0, 0);
        }
        let temp = self.alloc();
        self.load_none(temp);
        self.store_name(name, temp);
        self.delete_name(name);
        self.top = temp;
    }
}
