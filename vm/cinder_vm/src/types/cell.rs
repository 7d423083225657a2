//! `cell`: a variable shared by nested functions.

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::TypeDef;
use crate::vm::Vm;

/// Payload of a cell.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyCell {
    header: Header,
    /// `None` when the variable is unbound.
    pub contents: Slot<Option<Value>>,
}

crate::layout!(PyCell, "cell", exact cell);

impl Vm {
    /// New cell.
    pub fn new_cell(&self, contents: Option<Value>) -> PyResult<Value> {
        let header = object_header(BuiltinType::cell as u32);
        Ok(self.alloc(PyCell { header, contents: Slot::new(contents) })?.as_value())
    }
}

fn this(vm: &Vm, value: Value) -> Gc<PyCell> {
    vm.downcast::<PyCell>(value).expect("attribute of this class")
}

pub static CELL: TypeDef = TypeDef {
    slots: Slots {
        new: Some(|vm, _, args, keywords| {
            static NEW: NativeDef =
                NativeDef::function("cell", "contents=None, /", |vm, args| vm.new_cell(args.opt(0)));
            NEW.call(vm, args, keywords)
        }),
        repr: Some(|vm, cell| {
            let cell = this(vm, cell);
            let address = cell.as_ptr().addr();
            vm.new_str(&match cell.contents.get() {
                None => format!("<cell at {address:#x}: empty>"),
                Some(held) => {
                    let place = if held.is_ptr() { held.as_ptr::<u8>().addr() } else { held.bits() as usize };
                    format!("<cell at {address:#x}: {} object at {place:#x}>", vm.type_name(held))
                }
            })
        }),
        compare: Some(|vm, a, b, op| {
            let (Some(a), Some(b)) = (vm.downcast::<PyCell>(a), vm.downcast::<PyCell>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            match (a.contents.get(), b.contents.get()) {
                (Some(a), Some(b)) => vm.compare(a, b, op),
                (a, b) => {
                    let order = a.is_some().cmp(&b.is_some());
                    Ok(Value::from_bool(match op {
                        CompareOp::Lt => order.is_lt(),
                        CompareOp::Le => order.is_le(),
                        CompareOp::Eq => order.is_eq(),
                        CompareOp::Ne => order.is_ne(),
                        CompareOp::Gt => order.is_gt(),
                        CompareOp::Ge => order.is_ge(),
                    }))
                }
            }
        }),
        ..Slots::NONE
    },
    getset: &[GetSetDef::new(
        "cell_contents",
        |vm, cell| this(vm, cell).contents.get().ok_or_else(|| vm.value_error("cell is empty")),
        |vm, cell, contents| {
            let cell = this(vm, cell);
            cell.contents.set(&vm.heap, cell, contents);
            Ok(())
        },
    )],
    ..TypeDef::new("cell", <PyCell as Payload>::LAYOUT)
};
