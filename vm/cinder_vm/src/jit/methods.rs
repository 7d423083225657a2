//! Virtual calls of machine code whose receivers its facts do not list.
//!
//! Problem: a class has more subclasses than a call site can test, and more come after it was compiled.
//! Idea: a method's name with the representation of its signature is a *selector*; a cache by shape and selector, which machine code reads, tells the
//! entry cell. What it does not know is looked up here.
//! Holds: an entry is right for unchanged classes: any change of a class empties the cache. Shapes are never used twice.

use std::cell::{Cell, RefCell};

use cinder_bytecode::{FunctionDescr, RegisterKind};
use cinder_heap::Gc;
use cinder_layout::Value;
use cinder_layout::jit::{METHOD_ENTRIES, MethodEntry, method_key, method_place};
use rustc_hash::FxHashMap;

use crate::classloader::calls::Target;
use crate::classloader::layout::kind_of;
use crate::types::code::PyCode;
use crate::vm::Vm;

/// The method cache and what its selectors mean.
#[derive(Default)]
pub(crate) struct Methods {
    /// Empty until the JIT is plugged in.
    entries: RefCell<Box<[Cell<MethodEntry>]>>,
    is_used: Cell<bool>,
    selectors: RefCell<Vec<Selector>>,
    numbers: RefCell<FxHashMap<(Box<str>, Vec<RegisterKind>), u32>>,
}

/// A call that stands for all with the same name and representation.
struct Selector {
    descr: FunctionDescr,
    caller: Gc<PyCode>,
}

impl Methods {
    /// Makes the cache; answers its address, which stays.
    pub(super) fn make(&self) -> *const MethodEntry {
        *self.entries.borrow_mut() = vec![Cell::default(); METHOD_ENTRIES].into();
        self.entries.borrow().as_ptr().cast()
    }

    /// The selector of a call in `caller`.
    pub(super) fn selector(&self, descr: &FunctionDescr, caller: Gc<PyCode>) -> u32 {
        let types = &caller.object().types;
        let signature = &descr.signature;
        let all = signature.parameters.iter().chain([&signature.result]);
        let kinds = all.map(|index| kind_of(&types[*index as usize])).collect();
        let name = descr.qualname.rsplit('.').next().unwrap_or(&descr.qualname);
        *self.numbers.borrow_mut().entry((name.into(), kinds)).or_insert_with(|| {
            let mut selectors = self.selectors.borrow_mut();
            selectors.push(Selector { descr: descr.clone(), caller });
            // Number 0 would make a key of an empty entry for shape 0.
            selectors.len() as u32
        })
    }

    /// A class changed.
    pub(super) fn forget(&self) {
        if self.is_used.replace(false) {
            self.entries.borrow().iter().for_each(|entry| entry.set(MethodEntry::default()));
        }
    }

    pub(super) fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        self.selectors.borrow().iter().for_each(|selector| tracer.visit_object(selector.caller.header()));
    }

    /// Address of the cell that the receiver's class has for the selector; 0 for methods that are not called through cells.
    pub(super) fn find(&self, vm: &Vm, receiver: Value, selector: u32) -> u64 {
        let (descr, caller) = {
            let selectors = self.selectors.borrow();
            let found = &selectors[selector as usize - 1];
            (found.descr.clone(), found.caller)
        };
        if !receiver.is_ptr() {
            return 0;
        }
        let target = vm.resolve_method_of(&descr, vm.type_of(receiver), caller);
        let Some(Target::Direct(function)) = target else { return 0 };
        let Some(cell) = vm.function_cell(function) else { return 0 };
        let cell = cell.entry.get().expose_provenance() as u64;
        let shape = vm.shape_of(receiver).id;
        let entries = self.entries.borrow();
        let place = shape.wrapping_add(method_place(selector)) as usize % METHOD_ENTRIES;
        entries[place].set(MethodEntry { key: method_key(shape, selector), cell });
        self.is_used.set(true);
        cell
    }
}
