//! `traceback`: where an exception has been.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};

use super::frame::PyFrame;
use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::TypeDef;
use crate::vm::Vm;

/// Payload of a traceback entry.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyTraceback {
    header: Header,
    pub frame: Slot<Value>,
    /// Entry further in, or None.
    pub next: Slot<Value>,
    /// Word index of the instruction.
    pub position: Cell<u32>,
    /// Line when it was given from outside; 0 = from the position.
    line: Cell<u32>,
    /// `tb_lasti` when it was given from outside.
    last: Cell<Option<i32>>,
}

crate::layout!(PyTraceback, "traceback", exact traceback);

impl PyTraceback {
    /// Source line, 0 when unknown.
    pub fn line(&self, vm: &Vm) -> u32 {
        if self.line.get() != 0 {
            return self.line.get();
        }
        let frame = vm.downcast::<PyFrame>(self.frame.get()).expect("a traceback holds a frame");
        let code = frame.code.get();
        code.object().place(self.position.get()).map_or(0, |place| place.line)
    }
}

impl Vm {
    pub(crate) fn new_traceback(&self, next: Value, frame: Value, position: u32) -> PyResult<Value> {
        let header = object_header(BuiltinType::traceback as u32);
        let entry = PyTraceback {
            header,
            frame: Slot::new(frame),
            next: Slot::new(next),
            position: Cell::new(position),
            line: Cell::new(0),
            last: Cell::new(None),
        };
        Ok(self.alloc(entry)?.as_value())
    }
}

fn this(vm: &Vm, value: Value) -> Gc<PyTraceback> {
    vm.downcast::<PyTraceback>(value).expect("attribute of this class")
}

fn set_next(vm: &Vm, traceback: Value, new: Option<Value>) -> PyResult<()> {
    let entry = this(vm, traceback);
    let Some(new) = new else { return Err(vm.type_error("can't delete tb_next attribute")) };
    let mut current = new;
    while !current.is_none() {
        let Some(next) = vm.downcast::<PyTraceback>(current) else {
            return Err(vm.type_error(format!("expected traceback object, got '{}'", vm.type_name(current))));
        };
        if next == entry {
            return Err(vm.value_error("traceback loop detected"));
        }
        current = next.next.get();
    }
    entry.next.set(&vm.heap, entry, new);
    Ok(())
}

pub static TRACEBACK: TypeDef = TypeDef {
    slots: Slots {
        new: Some(|vm, _, args, names| {
            static NEW: NativeDef =
                NativeDef::function("traceback", "tb_next, tb_frame, tb_lasti, tb_lineno", |vm, args| {
                    if vm.downcast::<PyFrame>(args.at(1)).is_none() {
                        let name = vm.type_name(args.at(1));
                        return Err(vm.type_error(format!("traceback() argument 'tb_frame' must be frame, not {name}")));
                    }
                    let (position, line) = (vm.index_i64(args.at(2))?, vm.index_i64(args.at(3))?);
                    let made = vm.new_traceback(Value::NONE, args.at(1), (position / 2).max(0) as u32)?;
                    this(vm, made).line.set(line as u32);
                    this(vm, made).last.set(Some(position as i32));
                    set_next(vm, made, Some(args.at(0)))?;
                    Ok(made)
                });
            NEW.call(vm, args, names)
        }),
        ..Slots::NONE
    },
    methods: &[crate::native::NativeDef::method("__dir__", "self, /", |vm, _| {
        vm.new_list(&["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|name| vm.intern(name)))
    })],
    getset: &[
        GetSetDef::member("tb_frame", |vm, traceback| Ok(this(vm, traceback).frame.get())),
        GetSetDef::new("tb_next", |vm, traceback| Ok(this(vm, traceback).next.get()), set_next),
        GetSetDef::member("tb_lasti", |vm, traceback| {
            let entry = this(vm, traceback);
            vm.new_int(entry.last.get().map_or(i64::from(entry.position.get()) * 2, i64::from))
        }),
        GetSetDef::read_only("tb_lineno", |vm, traceback| match this(vm, traceback).line(vm) {
            0 => Ok(Value::NONE),
            line => vm.new_int(line.into()),
        }),
    ],
    ..TypeDef::new("traceback", <PyTraceback as Payload>::LAYOUT)
};
