//! What class creation and `super()` ask of frames and functions.

use cinder_bytecode::{Instruction, LocalKind, Opcode};
use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::bound_method::PyMethod;
use crate::types::cell::PyCell;
use crate::types::traceback::PyTraceback;
use crate::vm::Vm;

impl Vm {
    /// A bound method.
    pub fn new_bound_method(&self, function: Value, receiver: Value) -> PyResult<Value> {
        self.new_method(function, receiver)
    }

    pub fn is_bound_method(&self, value: Value) -> bool {
        self.downcast_exact::<PyMethod>(value).is_some()
    }

    pub fn is_traceback(&self, value: Value) -> bool {
        self.downcast_exact::<PyTraceback>(value).is_some()
    }

    /// Class and first argument of the running method, for `super()`.
    pub fn super_arguments(&self) -> PyResult<(Value, Option<Value>)> {
        let Some(frame) = self.current_frame() else { return Err(self.runtime_error("super(): no current frame")) };
        let code = frame.code();
        let object = code.object();
        if object.argument_count == 0 {
            return Err(self.runtime_error("super(): no arguments"));
        }
        let mut first = frame.register(0);
        if object.locals[0].kind == LocalKind::Cell
            && let Some(cell) = first.and_then(|first| self.downcast_exact::<PyCell>(first))
        {
            first = cell.contents.get();
        }
        let Some(first) = first else { return Err(self.runtime_error("super(): arg[0] deleted")) };
        let at = object.locals.iter().position(|local| local.kind == LocalKind::Free && &*local.name == "__class__");
        let Some(cell) = at.and_then(|at| frame.register(at)).and_then(|cell| self.downcast_exact::<PyCell>(cell))
        else {
            return Err(self.runtime_error("super(): __class__ cell not found"));
        };
        match cell.contents.get() {
            Some(class) => Ok((class, Some(first))),
            None => Err(self.runtime_error("super(): empty __class__ cell")),
        }
    }

    /// `__name__` of the globals of the running frame.
    pub fn current_module_name(&self) -> Option<Value> {
        self.current_frame()?.function().globals.get().get_interned(self.names.__name__)
    }

    pub fn is_python_function(&self, value: Value) -> bool {
        self.as_function(value).is_some()
    }

    /// Adds the names that a function assigns on its first parameter (`self.x = ..`).
    pub fn collect_self_attributes(&self, function: Value, names: &mut Vec<Value>) {
        let Some(function) = self.as_function(function) else { return };
        let code = function.code.get();
        let object = code.object();
        if object.argument_count == 0 {
            return;
        }
        let mut index = 0;
        while let Some(instruction) = Instruction::decode(&object.instructions, index) {
            if instruction.op == Opcode::STORE_ATTR && instruction.a == 0 {
                let name = self.intern(&object.names[instruction.ext as usize]);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            index += instruction.words();
        }
    }

    /// Fills a cell; `false` when the value is no cell.
    pub fn set_cell(&self, cell: Value, content: Value) -> bool {
        match self.downcast_exact::<PyCell>(cell) {
            Some(cell) => {
                cell.contents.set(&self.heap, cell, Some(content));
                true
            }
            None => false,
        }
    }

    /// Content of a cell; outer `None` when the value is no cell.
    pub fn cell_content(&self, cell: Value) -> Option<Option<Value>> {
        self.downcast_exact::<PyCell>(cell).map(|cell| cell.contents.get())
    }

    /// Runs a class body in `namespace`; returns what the body function returns (its `__class__` cell or None).
    pub fn run_class_body(&self, body: Value, namespace: Value) -> PyResult<Value> {
        match self.as_function(body) {
            Some(function) => self.call_in_namespace(function, Some(namespace)),
            None => Err(self.type_error("__build_class__: func must be a function")),
        }
    }

    /// Globals of the innermost Python frame.
    pub fn current_globals(&self) -> Option<Value> {
        Some(self.current_frame()?.function().globals.get().as_value())
    }

    /// `locals()` of the innermost Python frame.
    pub fn current_locals(&self) -> PyResult<Option<Value>> {
        self.current_frame().map(|frame| self.frame_locals(frame)).transpose()
    }

    /// Frame object `depth` levels up from the innermost Python frame; `None` when the chain is shorter.
    pub fn frame_at(&self, depth: usize) -> PyResult<Option<Value>> {
        self.frames().nth(depth).map(|frame| self.frame_object(frame)).transpose()
    }
}
