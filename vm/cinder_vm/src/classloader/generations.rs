//! Static classes of which there are several under one name.
//!
//! Problem: typed code names a class and reads fields by offset. When a module is loaded again, or a program builds a class under the name of another,
//! instances of the older class are still about: in fields and frames that are trusted, since a type is trusted by its name.
//! Idea: classes are counted by name as they get their layout. From the second on, the *module* counts as loaded again: names are looked up anew, so later
//! calls reach the new functions; and fields of its classes are found by the class of each instance, and only when they are declared there
//! as the code expects. Instructions that know an offset are turned back into those that look, and machine code is dropped.
//! Holds: an offset is used without a look only while all instances that can be met have the one layout.
//!
//! Source: specification sections 13.1 and 19.2 (descriptors of a module that was replaced).

use std::cell::{Cell, RefCell};

use cinder_bytecode::{FieldDescr, Opcode, TypeDescr};
use cinder_heap::Gc;
use cinder_layout::Value;
use rustc_hash::FxHashSet;

use super::StaticField;
use super::layout::kind_of;
use crate::native::PyResult;
use crate::types::code::PyCode;
use crate::types::type_::PyType;
use crate::vm::Vm;

/// Which names of static classes were given out.
#[derive(Default)]
pub(crate) struct Generations {
    made: RefCell<FxHashSet<(Box<str>, Box<str>)>>,
    /// Modules with several classes of one name.
    again: RefCell<FxHashSet<Box<str>>>,
    /// Counts what was forgotten: descriptors resolved before are looked up again.
    pub(super) number: Cell<u32>,
}

impl Generations {
    /// Whether fields of the class are found by the class of each instance.
    pub(crate) fn has_many(&self, class: &TypeDescr) -> bool {
        match class {
            TypeDescr::Class { module, .. } if self.number.get() != 0 => self.again.borrow().contains(&**module),
            TypeDescr::Optional(inner) => self.has_many(inner),
            _ => false,
        }
    }
}

impl Vm {
    /// A static class gets its layout.
    pub(super) fn note_static_class(&self, home: &str, qualname: &str) {
        let is_main = home == "__main__";
        let home: Box<str> = match self.statics.main_name.get().filter(|_| is_main) {
            Some(name) => (&*self.str_text(name)).into(),
            None => home.into(),
        };
        let generations = &self.statics.generations;
        if !generations.made.borrow_mut().insert((home.clone(), qualname.into())) {
            generations.again.borrow_mut().insert(home);
            self.forget_static_names();
        }
    }

    /// Has everything that was found by name looked up again.
    pub(super) fn forget_static_names(&self) {
        let number = &self.statics.generations.number;
        number.set(number.get().wrapping_add(1).max(1));
        for header in self.heap.objects() {
            if let Some(code) = self.downcast_exact::<PyCode>(Value::from_ptr(header)) {
                code.forget_layouts();
            }
        }
        self.forget_static_targets();
    }

    /// The field that an instruction means, for an instance of a class whose name several classes have.
    ///
    /// Errors: StaticTypeError when the instance's class declares no such field, or another type for it.
    pub(crate) fn field_of_instance(
        &self,
        instance: Value,
        descr: &FieldDescr,
        wanted: &TypeDescr,
        is_store: bool,
    ) -> PyResult<StaticField> {
        let class = self.type_of(instance);
        let field = self.static_field(class, &descr.name)?;
        let (wide, narrow) = if is_store { (&field.declared, wanted) } else { (wanted, &field.declared) };
        if field.kind == kind_of(wanted) && (wide == narrow || self.is_wider(wide, narrow)) {
            return Ok(field);
        }
        let (class, name) = (class.name(), &descr.name);
        Err(self.static_type_error(format!("'{class}' object declares another type for attribute '{name}'")))
    }

    /// Name of the module that a class says it is from.
    pub(super) fn home_of(&self, class: Gc<PyType>) -> Option<String> {
        let home = class.dict.get().get_interned(self.names.__module__).filter(|home| self.is_str(*home))?;
        Some(self.str_text(home).into_owned())
    }
}

/// The general form of an instruction that knows a layout.
pub(crate) fn without_layout(op: u16) -> Option<Opcode> {
    const QUICK: [(Opcode, Opcode); 5] = [
        (Opcode::LOAD_FIELD_TAGGED, Opcode::LOAD_FIELD),
        (Opcode::LOAD_FIELD_RAW, Opcode::LOAD_FIELD),
        (Opcode::STORE_FIELD_TAGGED, Opcode::STORE_FIELD),
        (Opcode::STORE_FIELD_RAW, Opcode::STORE_FIELD),
        (Opcode::TP_ALLOC_CLASS, Opcode::TP_ALLOC),
    ];
    QUICK.iter().find(|(quick, _)| *quick as u16 == op).map(|(_, general)| *general)
}
