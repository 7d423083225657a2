//! `itertools`. Source: Modules/itertoolsmodule.c.
//!
//! Idea: every iterator here keeps a few values and numbers, so all classes share one payload; a class differs by what `new` stores and `next` does.

mod combine;

use std::cell::Cell;

use cinder_heap::{GcVec, HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::given;

/// Payload of every iterator of the module; what the fields hold is said at each class.
#[repr(C)]
pub(crate) struct PyTool {
    header: Header,
    a: Slot<Option<Value>>,
    b: Slot<Option<Value>>,
    c: Slot<Option<Value>>,
    n: Cell<i64>,
    m: Cell<i64>,
    step: Cell<i64>,
    items: GcVec,
    more: GcVec,
}

impl Trace for PyTool {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in [&self.a, &self.b, &self.c] {
            tracer.visit_option(slot.get());
        }
        self.items.trace(tracer);
        self.more.trace(tracer);
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyTool {}

cinder_vm::layout!(PyTool, "itertools");

fn alloc(vm: &Vm, class: Gc<PyType>) -> PyResult<Gc<PyTool>> {
    vm.alloc_instance(class, 0, |header| PyTool {
        header,
        a: Slot::new(None),
        b: Slot::new(None),
        c: Slot::new(None),
        n: Cell::new(0),
        m: Cell::new(0),
        step: Cell::new(0),
        items: GcVec::new(),
        more: GcVec::new(),
    })
}

fn tool(vm: &Vm, value: Value) -> Gc<PyTool> {
    vm.downcast::<PyTool>(value).expect("slot of this class")
}

fn push(vm: &Vm, owner: Gc<PyTool>, list: &GcVec, value: Value) -> PyResult<()> {
    list.push(&vm.heap, owner, value).map_err(|error| vm.out_of_memory(error))
}

/// Binds the arguments of a class call; the first slot is the class.
///
/// Keywords that the class does not take are for an `__init__` that a derived class has of its own.
fn bind(vm: &Vm, def: &'static NativeDef, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let takes_none = def.signature.ends_with('/') || def.signature == "cls, *iterables";
    let init = |class| vm.type_lookup(class, vm.names.__init__);
    let (args, names) = match names {
        Some(names) if takes_none && class.def.is_none() && init(class) != init(vm.types.object) => {
            (&args[..args.len() - vm.tuple_items(names).len()], None)
        }
        names => (args, names),
    };
    let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
    all.push(class.as_value());
    all.extend_from_slice(args);
    def.call(vm, &all, names)
}

fn made(vm: &Vm, args: &[Arg]) -> PyResult<Gc<PyTool>> {
    alloc(vm, vm.as_class(args.at(0)).expect("bound to its class"))
}

/// `tool_class!(NAME, "name", "signature", new, next, methods)`: one class of the module.
macro_rules! tool_class {
    ($name:ident, $text:literal, $signature:literal, $new:expr, $next:expr, $methods:expr $(, repr $repr:expr)?) => {
        pub(crate) static $name: TypeDef = TypeDef {
            flags: type_flags::BASE | type_flags::HAS_WEAKREF,
            slots: Slots {
                new: Some(|vm, class, args, names| {
                    static NEW: NativeDef = NativeDef::class_method($text, concat!("cls, ", $signature), $new);
                    bind(vm, &NEW, class, args, names)
                }),
                iter: Some(|_, value| Ok(value)),
                next: Some(|vm, value| $next(vm, tool(vm, value))),
                $(repr: Some($repr),)?
                ..Slots::NONE
            },
            methods: $methods,
            ..TypeDef::new(concat!("itertools.", $text), <PyTool as Payload>::LAYOUT)
        };
    };
}
use tool_class;

// `a`: iterator over iterables; `b`: iterator of the current one.
tool_class!(
    CHAIN,
    "chain",
    "*iterables",
    |vm, args| {
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        Ok(made.as_value())
    },
    chain_next,
    &[
        NativeDef::class_method("from_iterable", "cls, iterable, /", |vm, args| {
            let made = made(vm, args)?;
            let iterator = vm.iter(args.at(1))?;
            made.a.set(&vm.heap, made, Some(iterator));
            Ok(made.as_value())
        }),
        NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| vm
            .new_generic_alias(args.at(0), args.at(1))),
    ]
);

fn chain_next(vm: &Vm, tool: Gc<PyTool>) -> PyResult<Option<Value>> {
    loop {
        if let Some(current) = tool.b.get() {
            if let Some(item) = vm.next(current)? {
                return Ok(Some(item));
            }
            tool.b.init(None);
        }
        let Some(outer) = tool.a.get() else { return Ok(None) };
        match vm.next(outer) {
            Ok(Some(iterable)) => {
                let iterator = vm.iter(iterable)?;
                tool.b.set(&vm.heap, tool, Some(iterator));
            }
            Ok(None) => {
                tool.a.init(None);
                return Ok(None);
            }
            Err(raised) => {
                tool.a.init(None);
                return Err(raised);
            }
        }
    }
}

// `a`: the next number, `b`: the step; small ints are kept in `n` and `step` with `m` 1.
tool_class!(
    COUNT,
    "count",
    "start=0, step=1",
    |vm, args| {
        let made = made(vm, args)?;
        let start = args.opt(1).unwrap_or(Value::ZERO);
        let step = args.opt(2).unwrap_or(Value::ONE);
        for value in [start, step] {
            let class = vm.type_of(value);
            let slots = class.slots();
            if slots.index.is_none()
                && slots.float.is_none()
                && vm.type_lookup(vm.type_of(value), vm.intern("__complex__")).is_none()
            {
                return Err(vm.type_error("a number is required"));
            }
        }
        if start.is_int() && step.is_int() {
            made.m.set(1);
            made.n.set(start.as_int());
            made.step.set(step.as_int());
        } else {
            made.a.set(&vm.heap, made, Some(start));
            made.b.set(&vm.heap, made, Some(step));
        }
        Ok(made.as_value())
    },
    count_next,
    &[],
    repr | vm,
    value | {
        let tool = tool(vm, value);
        let (start, step) = if tool.m.get() == 1 {
            (vm.new_int(tool.n.get())?, vm.new_int(tool.step.get())?)
        } else {
            (tool.a.get().unwrap_or(Value::NONE), tool.b.get().unwrap_or(Value::NONE))
        };
        let text = if step == Value::ONE {
            format!("count({})", vm.repr_text(start)?)
        } else {
            format!("count({}, {})", vm.repr_text(start)?, vm.repr_text(step)?)
        };
        vm.new_str(&text)
    }
);

fn count_next(vm: &Vm, tool: Gc<PyTool>) -> PyResult<Option<Value>> {
    if tool.m.get() == 1 {
        let number = tool.n.get();
        match number.checked_add(tool.step.get()) {
            Some(next) => tool.n.set(next),
            None => {
                tool.m.set(0);
                let (now, step) = (vm.new_int(number)?, vm.new_int(tool.step.get())?);
                tool.b.set(&vm.heap, tool, Some(step));
                let next = vm.binary_op(now, step, cinder_bytecode::BinaryOp::Add)?;
                tool.a.set(&vm.heap, tool, Some(next));
            }
        }
        return vm.new_int(number).map(Some);
    }
    let (now, step) = (tool.a.get().expect("set when made"), tool.b.get().expect("set when made"));
    let next = vm.binary_op(now, step, cinder_bytecode::BinaryOp::Add)?;
    tool.a.set(&vm.heap, tool, Some(next));
    Ok(Some(now))
}

// `a`: iterator until it ends; `items`: what it gave; `n`: next of these.
tool_class!(
    CYCLE,
    "cycle",
    "iterable, /",
    |vm, args| {
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        Ok(made.as_value())
    },
    cycle_next,
    &[]
);

fn cycle_next(vm: &Vm, tool: Gc<PyTool>) -> PyResult<Option<Value>> {
    if let Some(iterator) = tool.a.get() {
        if let Some(item) = vm.next(iterator)? {
            push(vm, tool, &tool.items, item)?;
            return Ok(Some(item));
        }
        tool.a.init(None);
    }
    if tool.items.is_empty() {
        return Ok(None);
    }
    let index = tool.n.get() as usize;
    tool.n.set(((index + 1) % tool.items.len()) as i64);
    Ok(tool.items.get(index))
}

// `a`: the object; `n`: how often still, -1 for ever.
tool_class!(
    REPEAT,
    "repeat",
    "object, times=None",
    |vm, args| {
        let made = made(vm, args)?;
        made.a.set(&vm.heap, made, args.opt(1));
        made.n.set(match args.opt(2) {
            Some(times) => vm.index_i64(times)?.max(0),
            None => -1,
        });
        Ok(made.as_value())
    },
    |_: &Vm, tool: Gc<PyTool>| {
        match tool.n.get() {
            0 => Ok(None),
            left => {
                tool.n.set(if left < 0 { -1 } else { left - 1 });
                Ok(tool.a.get())
            }
        }
    },
    &[NativeDef::method("__length_hint__", "self, /", |vm, args| match tool(vm, args.at(0)).n.get() {
        -1 => Err(vm.type_error("len() of unsized object")),
        left => vm.new_int(left),
    }),],
    repr | vm,
    value | {
        let tool = tool(vm, value);
        let object = vm.repr_text(tool.a.get().expect("set when made"))?;
        vm.new_str(&match tool.n.get() {
            -1 => format!("repeat({object})"),
            left => format!("repeat({object}, {left})"),
        })
    }
);

// `a`: data; `b`: selectors.
tool_class!(
    COMPRESS,
    "compress",
    "data, selectors",
    |vm, args| {
        let made = made(vm, args)?;
        let (data, selectors) = (vm.iter(args.at(1))?, vm.iter(args.at(2))?);
        made.a.set(&vm.heap, made, Some(data));
        made.b.set(&vm.heap, made, Some(selectors));
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        let (data, selectors) = (tool.a.get().expect("set when made"), tool.b.get().expect("set when made"));
        loop {
            let Some(item) = vm.next(data)? else { return Ok(None) };
            let Some(selector) = vm.next(selectors)? else { return Ok(None) };
            if vm.truthy(selector)? {
                return Ok(Some(item));
            }
        }
    },
    &[]
);

/// `cls(function, iterable)`: `a` is the function, `b` the iterator.
fn function_and_iterator(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let made = made(vm, args)?;
    let iterator = vm.iter(args.at(2))?;
    made.a.set(&vm.heap, made, args.opt(1));
    made.b.set(&vm.heap, made, Some(iterator));
    Ok(made.as_value())
}

fn holds(vm: &Vm, tool: Gc<PyTool>, item: Value) -> PyResult<bool> {
    let predicate = tool.a.get().expect("set when made");
    if predicate.is_none() {
        return vm.truthy(item);
    }
    let answer = vm.call(predicate, &[item])?;
    vm.truthy(answer)
}

// `n` is 1 once the prefix is over.
tool_class!(
    DROPWHILE,
    "dropwhile",
    "predicate, iterable, /",
    function_and_iterator,
    |vm: &Vm, tool: Gc<PyTool>| {
        let iterator = tool.b.get().expect("set when made");
        loop {
            let Some(item) = vm.next(iterator)? else { return Ok(None) };
            if tool.n.get() == 1 || !holds(vm, tool, item)? {
                tool.n.set(1);
                return Ok(Some(item));
            }
        }
    },
    &[]
);

tool_class!(
    TAKEWHILE,
    "takewhile",
    "predicate, iterable, /",
    function_and_iterator,
    |vm: &Vm, tool: Gc<PyTool>| {
        if tool.n.get() == 1 {
            return Ok(None);
        }
        let Some(item) = vm.next(tool.b.get().expect("set when made"))? else { return Ok(None) };
        if holds(vm, tool, item)? {
            return Ok(Some(item));
        }
        tool.n.set(1);
        Ok(None)
    },
    &[]
);

tool_class!(
    FILTERFALSE,
    "filterfalse",
    "function, iterable, /",
    function_and_iterator,
    |vm: &Vm, tool: Gc<PyTool>| {
        let iterator = tool.b.get().expect("set when made");
        loop {
            let Some(item) = vm.next(iterator)? else { return Ok(None) };
            if !holds(vm, tool, item)? {
                return Ok(Some(item));
            }
        }
    },
    &[]
);

tool_class!(
    STARMAP,
    "starmap",
    "function, iterable, /",
    function_and_iterator,
    |vm: &Vm, tool: Gc<PyTool>| {
        let Some(args) = vm.next(tool.b.get().expect("set when made"))? else { return Ok(None) };
        let function = tool.a.get().expect("set when made");
        if vm.as_tuple(args).is_some() {
            return vm.call(function, vm.tuple_items(args)).map(Some);
        }
        let mut items = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        vm.for_each(args, |item| {
            items.push(item);
            Ok(())
        })?;
        vm.call(function, &items).map(Some)
    },
    &[]
);

// `a`: iterator; `n`: items given by it so far, `m`: number of the next wanted, `step`; `c`: stop or None.
tool_class!(
    ISLICE,
    "islice",
    "iterable, start, stop=None, step=None, /",
    |vm, args| {
        let message = "must be None or an integer: 0 <= x <= sys.maxsize.";
        let number = |value: Option<Value>, what: &str, default: i64| -> PyResult<i64> {
            let Some(value) = given(value) else { return Ok(default) };
            let number = if vm.type_of(value).slots().index.is_some() {
                vm.index(value).ok().and_then(|value| vm.int_to_i64(value))
            } else {
                None
            };
            match number {
                Some(number) if number >= 0 => Ok(number),
                _ => {
                    vm.pending.set(None);
                    Err(vm.value_error(format!("{what} {message}")))
                }
            }
        };
        let (start, stop) = if args.opt(3).is_none() && args.opt(4).is_none() {
            (0, number(args.opt(2), "Stop argument for islice()", i64::MAX)?)
        } else {
            (
                number(args.opt(2), "Indices for islice()", 0)?,
                number(args.opt(3), "Stop argument for islice()", i64::MAX)?,
            )
        };
        let step = match given(args.opt(4)) {
            None => 1,
            Some(step) => match vm.index(step).ok().and_then(|step| vm.int_to_i64(step)) {
                Some(step) if step >= 1 => step,
                _ => {
                    vm.pending.set(None);
                    return Err(vm.value_error("Step for islice() must be a positive integer or None."));
                }
            },
        };
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        made.m.set(start);
        made.step.set(step);
        if stop != i64::MAX {
            let stop = vm.new_int(stop)?;
            made.c.set(&vm.heap, made, Some(stop));
        }
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        let Some(iterator) = tool.a.get() else { return Ok(None) };
        let stop = tool.c.get().and_then(|stop| vm.int_to_i64(stop)).unwrap_or(i64::MAX);
        let wanted = tool.m.get().min(stop);
        while tool.n.get() < wanted {
            if vm.next(iterator)?.is_none() {
                tool.a.init(None);
                return Ok(None);
            }
            tool.n.set(tool.n.get() + 1);
        }
        if tool.n.get() >= stop {
            tool.a.init(None);
            return Ok(None);
        }
        let Some(item) = vm.next(iterator)? else {
            tool.a.init(None);
            return Ok(None);
        };
        tool.n.set(tool.n.get() + 1);
        tool.m.set(tool.m.get().saturating_add(tool.step.get()));
        Ok(Some(item))
    },
    &[]
);

// `a`: iterator; `b`: function or None; `c`: total so far; `n` is 1 when `c` is to be given first.
tool_class!(
    ACCUMULATE,
    "accumulate",
    "iterable, func=None, *, initial=None",
    |vm, args| {
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        made.b.set(&vm.heap, made, given(args.opt(2)));
        if let Some(initial) = given(args.opt(3)) {
            made.c.set(&vm.heap, made, Some(initial));
            made.n.set(1);
        }
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        if tool.n.replace(0) == 1 {
            return Ok(tool.c.get());
        }
        let Some(item) = vm.next(tool.a.get().expect("set when made"))? else { return Ok(None) };
        let total = match (tool.c.get(), tool.b.get()) {
            (None, _) => item,
            (Some(total), None) => vm.binary_op(total, item, cinder_bytecode::BinaryOp::Add)?,
            (Some(total), Some(function)) => vm.call(function, &[total, item])?,
        };
        tool.c.set(&vm.heap, tool, Some(total));
        Ok(Some(total))
    },
    &[]
);

// `a`: iterator; `b`: the item before.
tool_class!(
    PAIRWISE,
    "pairwise",
    "iterable, /",
    |vm, args| {
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        let Some(iterator) = tool.a.get() else { return Ok(None) };
        if tool.b.get().is_none() {
            let Some(first) = vm.next(iterator)? else {
                tool.a.init(None);
                return Ok(None);
            };
            tool.b.set(&vm.heap, tool, Some(first));
        }
        let Some(second) = vm.next(iterator)? else {
            tool.a.init(None);
            return Ok(None);
        };
        let first = tool.b.get().expect("set above");
        tool.b.set(&vm.heap, tool, Some(second));
        vm.new_tuple(&[first, second]).map(Some)
    },
    &[]
);

// `a`: iterator; `n`: size; `m` is 1 when strict.
tool_class!(
    BATCHED,
    "batched",
    "iterable, n, *, strict=False",
    |vm, args| {
        let size = vm.index_i64(args.at(2))?;
        if size < 1 {
            return Err(vm.value_error("n must be at least one"));
        }
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        made.n.set(size);
        made.m.set(match args.opt(3) {
            Some(strict) => vm.truthy(strict)?.into(),
            None => 0,
        });
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        let Some(iterator) = tool.a.get() else { return Ok(None) };
        let mut batch = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        while (batch.len() as i64) < tool.n.get() {
            match vm.next(iterator)? {
                Some(item) => batch.push(item),
                None => break,
            }
        }
        if (batch.len() as i64) < tool.n.get() {
            tool.a.init(None);
            if batch.is_empty() {
                return Ok(None);
            }
            if tool.m.get() == 1 {
                return Err(vm.value_error("batched(): incomplete batch"));
            }
        }
        vm.new_tuple(&batch).map(Some)
    },
    &[]
);

// `items`: iterators, an entry is None when that one has ended; `n`: how many still run; `a`: the fill value.
tool_class!(
    ZIP_LONGEST,
    "zip_longest",
    "*iterables, fillvalue=None",
    |vm, args| {
        let made = made(vm, args)?;
        for iterable in vm.tuple_items(args.at(1)) {
            let iterator = vm.iter(*iterable)?;
            push(vm, made, &made.items, iterator)?;
        }
        made.n.set(made.items.len() as i64);
        made.a.set(&vm.heap, made, Some(args.opt(2).unwrap_or(Value::NONE)));
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        if tool.n.get() == 0 {
            return Ok(None);
        }
        let fill = tool.a.get().expect("set when made");
        let mut row = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        for index in 0..tool.items.len() {
            let iterator = tool.items.get(index).expect("within the length");
            let item = if iterator.is_none() { None } else { vm.next(iterator)? };
            match item {
                Some(item) => row.push(item),
                None => {
                    if !iterator.is_none() {
                        tool.items.set(&vm.heap, index, Value::NONE);
                        tool.n.set(tool.n.get() - 1);
                        if tool.n.get() == 0 {
                            return Ok(None);
                        }
                    }
                    row.push(fill);
                }
            }
        }
        vm.new_tuple(&row).map(Some)
    },
    &[]
);

// `a`: iterator; `b`: key function or None; `items`: [current key, current item] once there is one; `n`: number of the running group;
// `m` is 1 at the end.
tool_class!(
    GROUPBY,
    "groupby",
    "iterable, key=None",
    |vm, args| {
        let made = made(vm, args)?;
        let iterator = vm.iter(args.at(1))?;
        made.a.set(&vm.heap, made, Some(iterator));
        made.b.set(&vm.heap, made, given(args.opt(2)));
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        tool.n.set(tool.n.get() + 1);
        let target = tool.c.get();
        // Skips what is left of the group before.
        loop {
            if (tool.items.is_empty() || target.is_some_and(|_| tool.step.get() == 0)) && !advance(vm, tool)? {
                return Ok(None);
            }
            let key = tool.items.get(0).expect("advanced");
            match target {
                Some(before) if vm.eq(before, key)? => {
                    tool.step.set(0);
                }
                _ => break,
            }
        }
        let key = tool.items.get(0).expect("advanced");
        tool.c.set(&vm.heap, tool, Some(key));
        let group = alloc(vm, vm.native_class(&GROUPER)?)?;
        group.a.set(&vm.heap, group, Some(tool.as_value()));
        group.b.set(&vm.heap, group, Some(key));
        group.n.set(tool.n.get());
        vm.new_tuple(&[key, group.as_value()]).map(Some)
    },
    &[]
);

/// Reads the next item and its key into `items`; `step` is 1 while the item has not been given. `false` at the end.
fn advance(vm: &Vm, tool: Gc<PyTool>) -> PyResult<bool> {
    let Some(item) = vm.next(tool.a.get().expect("set when made"))? else {
        tool.m.set(1);
        return Ok(false);
    };
    let key = match tool.b.get() {
        Some(function) => vm.call(function, &[item])?,
        None => item,
    };
    tool.items.truncate(0);
    push(vm, tool, &tool.items, key)?;
    push(vm, tool, &tool.items, item)?;
    tool.step.set(1);
    Ok(true)
}

// `a`: the groupby; `b`: the key; `n`: number of the group.
tool_class!(
    GROUPER,
    "_grouper",
    "parent, target, /",
    |vm, _| { Err(vm.type_error("cannot create 'itertools._grouper' instances")) },
    |vm: &Vm, group: Gc<PyTool>| {
        let parent = tool(vm, group.a.get().expect("set when made"));
        if parent.n.get() != group.n.get() {
            return Ok(None);
        }
        if parent.step.get() == 0 && !advance(vm, parent)? {
            return Ok(None);
        }
        let key = parent.items.get(0).expect("advanced");
        if !vm.eq(group.b.get().expect("set when made"), key)? {
            return Ok(None);
        }
        parent.step.set(0);
        Ok(parent.items.get(1))
    },
    &[]
);

// `a`: the shared buffer (another tool: `a` iterator, `items` what was read); `n`: next of these.
tool_class!(
    TEE,
    "_tee",
    "iterable, /",
    |vm, args| {
        let class = vm.as_class(args.at(0)).expect("bound to its class");
        new_tee(vm, class, args.at(1))
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        let shared = self::tool(vm, tool.a.get().expect("set when made"));
        let index = tool.n.get() as usize;
        if index >= shared.items.len() {
            let Some(iterator) = shared.a.get() else { return Ok(None) };
            if shared.n.replace(1) == 1 {
                return Err(vm.runtime_error("cannot re-enter the tee iterator"));
            }
            let item = vm.next(iterator);
            shared.n.set(0);
            let Some(item) = item? else {
                return Ok(None);
            };
            push(vm, shared, &shared.items, item)?;
        }
        tool.n.set(index as i64 + 1);
        Ok(shared.items.get(index))
    },
    &[NativeDef::method("__copy__", "self, /", |vm, args| copy_tee(vm, tool(vm, args.at(0))))]
);

fn copy_tee(vm: &Vm, tool: Gc<PyTool>) -> PyResult<Value> {
    let copy = alloc(vm, vm.native_class(&TEE)?)?;
    copy.a.set(&vm.heap, copy, tool.a.get());
    copy.n.set(tool.n.get());
    Ok(copy.as_value())
}

fn new_tee(vm: &Vm, class: Gc<PyType>, iterable: Value) -> PyResult<Value> {
    let iterator = vm.iter(iterable)?;
    if let Some(tee) = vm.downcast::<PyTool>(iterator).filter(|_| vm.type_of(iterator) == class) {
        return copy_tee(vm, tee);
    }
    let shared = alloc(vm, class)?;
    shared.a.set(&vm.heap, shared, Some(iterator));
    let tee = alloc(vm, class)?;
    tee.a.set(&vm.heap, tee, Some(shared.as_value()));
    Ok(tee.as_value())
}

fn tee(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let count = match args.opt(1) {
        Some(count) => vm.index_i64(count)?,
        None => 2,
    };
    if count < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    vm.check_native_bytes((count as usize).saturating_mul(size_of::<Value>()))?;
    let mut copies = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    if count > 0 {
        copies.push(new_tee(vm, vm.native_class(&TEE)?, args.at(0))?);
        for _ in 1..count {
            copies.push(copy_tee(vm, tool(vm, copies[0]))?);
        }
    }
    vm.new_tuple(&copies)
}

pub(crate) static ITERTOOLS: ModuleDef = ModuleDef {
    doc: "Functional tools for creating and using iterators.",
    functions: &[NativeDef::function("tee", "iterable, n=2, /", tee)],
    setup: Some(setup),
    ..ModuleDef::new("itertools")
};

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    for def in [
        &CHAIN,
        &COUNT,
        &CYCLE,
        &REPEAT,
        &COMPRESS,
        &DROPWHILE,
        &TAKEWHILE,
        &FILTERFALSE,
        &STARMAP,
        &ISLICE,
        &ACCUMULATE,
        &PAIRWISE,
        &BATCHED,
        &ZIP_LONGEST,
        &GROUPBY,
        &GROUPER,
        &TEE,
        &combine::PRODUCT,
        &combine::PERMUTATIONS,
        &combine::COMBINATIONS,
        &combine::COMBINATIONS_WITH_REPLACEMENT,
    ] {
        vm.add_class(dict, def)?;
    }
    Ok(())
}
