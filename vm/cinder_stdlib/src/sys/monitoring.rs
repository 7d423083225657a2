//! `sys.monitoring` (PEP 669): tools ask for events and are called.
//!
//! The state of the tools is in dicts of the module; the machine knows the union of their events and calls [`dispatch`], which finds out who wants to
//! hear.

use cinder_vm::trace::monitor;
use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

static MONITORING: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("use_tool_id", "tool_id, name, /", |vm, args| {
            let (tool, tools) = (tool(vm, args.at(0))?, state(vm, "_tools")?);
            if !vm.is_str(args.at(1)) {
                return Err(vm.value_error("tool name must be a str"));
            }
            if vm.dict_get(tools, tool)?.is_some() {
                let number = vm.repr_text(tool)?;
                return Err(vm.value_error(format!("tool {number} is already in use")));
            }
            vm.dict_insert(tools, tool, args.at(1))?;
            Ok(Value::NONE)
        }),
        NativeDef::function("free_tool_id", "tool_id, /", |vm, args| {
            let tool = tool(vm, args.at(0))?;
            clear(vm, tool)?;
            vm.dict_remove(state(vm, "_tools")?, tool)?;
            Ok(Value::NONE)
        }),
        NativeDef::function("clear_tool_id", "tool_id, /", |vm, args| {
            let tool = tool(vm, args.at(0))?;
            clear(vm, tool)?;
            Ok(Value::NONE)
        }),
        NativeDef::function("get_tool", "tool_id, /", |vm, args| {
            let tool = tool(vm, args.at(0))?;
            Ok(vm.dict_get(state(vm, "_tools")?, tool)?.unwrap_or(Value::NONE))
        }),
        NativeDef::function("register_callback", "tool_id, event, func, /", |vm, args| {
            let (tool, event) = (tool(vm, args.at(0))?, vm.index_i64(args.at(1))?);
            if event.count_ones() != 1 || event >= 1 << EVENT_BITS {
                return Err(vm.value_error("The callback can only be set for one event at a time"));
            }
            let key = vm.new_tuple(&[tool, vm.new_int(event)?])?;
            let callbacks = state(vm, "_callbacks")?;
            let old = vm.dict_remove(callbacks, key)?;
            if !args.at(2).is_none() {
                vm.dict_insert(callbacks, key, args.at(2))?;
            }
            Ok(old.unwrap_or(Value::NONE))
        }),
        NativeDef::function("get_events", "tool_id, /", |vm, args| {
            let tool = tool(vm, args.at(0))?;
            Ok(vm.dict_get(state(vm, "_events")?, tool)?.unwrap_or(Value::ZERO))
        }),
        NativeDef::function("set_events", "tool_id, event_set, /", |vm, args| {
            let tool = used_tool(vm, args.at(0))?;
            let events = event_set(vm, args.at(1), false)?;
            vm.dict_insert(state(vm, "_events")?, tool, events)?;
            changed(vm)
        }),
        NativeDef::function("get_local_events", "tool_id, code, /", |vm, args| {
            let key = local_key(vm, tool(vm, args.at(0))?, args.at(1))?;
            match vm.dict_get(state(vm, "_local")?, key)? {
                Some(entry) => Ok(vm.tuple_items(entry)[0]),
                None => Ok(Value::ZERO),
            }
        }),
        NativeDef::function("set_local_events", "tool_id, code, event_set, /", |vm, args| {
            let tool = used_tool(vm, args.at(0))?;
            let (key, events) = (local_key(vm, tool, args.at(1))?, event_set(vm, args.at(2), true)?);
            // The entry keeps the code alive, whose address is in the key.
            let entry = vm.new_tuple(&[events, args.at(1)])?;
            vm.dict_insert(state(vm, "_local")?, key, entry)?;
            changed(vm)
        }),
        NativeDef::function("restart_events", "", |vm, _| {
            vm.dict_clear(state(vm, "_disabled")?);
            Ok(Value::NONE)
        }),
        NativeDef::function("_dispatch", "*args", dispatch),
        NativeDef::function("_all_events", "", all_events),
    ],
    ..ModuleDef::new("sys.monitoring")
};

const EVENT_BITS: u32 = 19;
const CALL: i64 = monitor::CALL as i64;
const CALL_ENDS: i64 = (monitor::C_RETURN | monitor::C_RAISE) as i64;
const BRANCH: i64 = monitor::BRANCH as i64;
const BRANCHES: i64 = (monitor::BRANCH_LEFT | monitor::BRANCH_RIGHT) as i64;
/// Events from this bit on belong to no place of the code: they cannot be asked for of one function, nor disabled.
const FIRST_GLOBAL: i64 = monitor::RAISE as i64;

/// One of the dicts: `_tools`, `_callbacks` by tool and event, `_events` by tool, `_local` by tool and code, `_disabled`.
fn state(vm: &Vm, name: &str) -> PyResult<Gc<PyDict>> {
    let sys = vm.import("sys")?;
    let found = vm.getattr_text(vm.getattr_text(sys, "monitoring")?, name)?;
    vm.as_dict(found).ok_or_else(|| vm.system_error(format!("sys.monitoring.{name} is not a dict")))
}

fn used_tool(vm: &Vm, value: Value) -> PyResult<Value> {
    let tool = tool(vm, value)?;
    if vm.dict_get(state(vm, "_tools")?, tool)?.is_none() {
        let number = vm.repr_text(tool)?;
        return Err(vm.value_error(format!("tool {number} is not in use")));
    }
    Ok(tool)
}

/// A set of events as it is kept: both ways of branches in place of BRANCH, and without the ends of calls, which come with CALL.
fn event_set(vm: &Vm, value: Value, is_local: bool) -> PyResult<Value> {
    let mut events = vm.index_i64(value)?;
    if !(0..1 << EVENT_BITS).contains(&events) {
        let kind = if is_local { "local event" } else { "event" };
        return Err(vm.value_error(format!("invalid {kind} set 0x{:x}", events as u32)));
    }
    if events & CALL_ENDS != 0 && events & (CALL_ENDS | CALL) != CALL_ENDS | CALL {
        return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    events &= !CALL_ENDS;
    if events & BRANCH != 0 {
        events = events & !BRANCH | BRANCHES;
    }
    if is_local && events >= FIRST_GLOBAL {
        return Err(vm.value_error(format!("invalid local event set 0x{events:x}")));
    }
    vm.new_int(events)
}

fn local_key(vm: &Vm, tool: Value, code: Value) -> PyResult<Value> {
    if vm.downcast::<cinder_vm::types::code::PyCode>(code).is_none() {
        return Err(vm.type_error("code must be a code object"));
    }
    vm.new_tuple(&[tool, vm.new_uint(vm.id(code) as usize)?])
}

/// Forgets what the tool asked for.
fn clear(vm: &Vm, tool: Value) -> PyResult<()> {
    vm.dict_remove(state(vm, "_events")?, tool)?;
    for name in ["_callbacks", "_local"] {
        let dict = state(vm, name)?;
        for number in 0..dict.entry_count() {
            if let Some((key, _)) = dict.entry(number)
                && vm.tuple_items(key).first() == Some(&tool)
            {
                vm.dict_remove_entry(dict, number);
            }
        }
    }
    changed(vm).map(|_| ())
}

/// Tells the machine which events anybody wants.
fn changed(vm: &Vm) -> PyResult<Value> {
    let mut all = 0;
    let events = state(vm, "_events")?;
    for number in 0..events.entry_count() {
        all |= events.entry(number).and_then(|(_, mask)| vm.int_to_i64(mask)).unwrap_or(0);
    }
    let local = state(vm, "_local")?;
    for number in 0..local.entry_count() {
        all |= local.entry(number).and_then(|(_, entry)| vm.int_to_i64(vm.tuple_items(entry)[0])).unwrap_or(0);
    }
    let sys = vm.import("sys")?;
    let function = vm.getattr_text(vm.getattr_text(sys, "monitoring")?, "_dispatch")?;
    // The ends of calls come with them.
    vm.set_monitor(function, (all | if all & CALL != 0 { CALL_ENDS } else { 0 }) as u32);
    Ok(Value::NONE)
}

/// `(event, code, place, ...)` happened.
fn dispatch(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let &[event, code, place, ..] = vm.tuple_items(args.at(0)) else { return Ok(Value::NONE) };
    let details = &vm.tuple_items(args.at(0))[1..];
    let bit = vm.int_to_i64(event).unwrap_or(0);
    let (events, local, callbacks) = (state(vm, "_events")?, state(vm, "_local")?, state(vm, "_callbacks")?);
    let disabled = state(vm, "_disabled")?;
    for number in 0..6 {
        let tool = vm.new_int(number)?;
        let mut mask = vm.dict_get(events, tool)?.and_then(|mask| vm.int_to_i64(mask)).unwrap_or(0);
        if let Some(entry) = vm.dict_get(local, local_key(vm, tool, code)?)? {
            mask |= vm.int_to_i64(vm.tuple_items(entry)[0]).unwrap_or(0);
        }
        // The ends of calls are told of with their beginnings.
        let asked = if bit & CALL_ENDS != 0 { CALL } else { bit };
        if mask & asked == 0 {
            continue;
        }
        let mut key = vm.new_tuple(&[tool, event])?;
        if bit & BRANCHES != 0 && vm.dict_get(callbacks, key)?.is_none() {
            key = vm.new_tuple(&[tool, vm.new_int(BRANCH)?])?;
        }
        let Some(callback) = vm.dict_get(callbacks, key)? else { continue };
        let here = vm.new_tuple(&[tool, event, vm.new_uint(vm.id(code) as usize)?, place])?;
        if vm.dict_get(disabled, here)?.is_some() {
            continue;
        }
        let answer = vm.call(callback, details)?;
        let sys = vm.import("sys")?;
        if answer == vm.getattr_text(vm.getattr_text(sys, "monitoring")?, "DISABLE")? {
            if bit >= FIRST_GLOBAL && bit & CALL_ENDS == 0 {
                vm.dict_remove(callbacks, key)?;
                let name = EVENTS.iter().find(|(_, known)| *known == bit).map_or("these", |(name, _)| name);
                return Err(vm.value_error(format!("Cannot disable {name} events. Callback removed.")));
            }
            vm.dict_insert(disabled, here, code)?;
        }
    }
    Ok(Value::NONE)
}

/// By name of the event the tools that want it, as bits.
fn all_events(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let (events, all) = (state(vm, "_events")?, vm.new_pydict()?);
    for (name, bit) in EVENTS.iter().filter(|(_, bit)| *bit != 0) {
        let mut tools = 0;
        for number in 0..6 {
            let mask = vm.dict_get(events, vm.new_int(number)?)?.and_then(|mask| vm.int_to_i64(mask)).unwrap_or(0);
            tools |= i64::from(mask & bit != 0) << number;
        }
        if tools != 0 {
            vm.set_item_text(all, name, vm.new_int(tools)?)?;
        }
    }
    Ok(all.as_value())
}

/// Names and bits of the events.
const EVENTS: &[(&str, i64)] = &[
    ("PY_START", 1),
    ("PY_RESUME", 1 << 1),
    ("PY_RETURN", 1 << 2),
    ("PY_YIELD", 1 << 3),
    ("CALL", 1 << 4),
    ("LINE", 1 << 5),
    ("INSTRUCTION", 1 << 6),
    ("JUMP", 1 << 7),
    ("BRANCH_LEFT", 1 << 8),
    ("BRANCH_RIGHT", 1 << 9),
    ("STOP_ITERATION", 1 << 10),
    ("RAISE", 1 << 11),
    ("EXCEPTION_HANDLED", 1 << 12),
    ("PY_UNWIND", 1 << 13),
    ("PY_THROW", 1 << 14),
    ("RERAISE", 1 << 15),
    ("C_RETURN", 1 << 16),
    ("C_RAISE", 1 << 17),
    ("BRANCH", 1 << 18),
    ("NO_EVENTS", 0),
];

const CONSTANTS: &[(&str, i64)] = &[("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)];

fn tool(vm: &Vm, value: Value) -> PyResult<Value> {
    match vm.index_i64(value)? {
        number @ 0..=5 => vm.new_int(number),
        number => Err(vm.value_error(format!("invalid tool {number} (must be between 0 and 5)"))),
    }
}

pub(super) fn add(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let module = vm.make_module(&MONITORING)?;
    let own = vm.module_dict(module).expect("make_module makes modules");
    let events = vm.new_module("events", None)?;
    for (name, number) in EVENTS {
        vm.setattr(events, vm.intern(name), Some(vm.new_int(*number)?))?;
    }
    vm.set_item_text(own, "events", events)?;
    for (name, number) in CONSTANTS {
        vm.set_item_text(own, name, vm.new_int(*number)?)?;
    }
    for name in ["DISABLE", "MISSING"] {
        vm.set_item_text(own, name, vm.new_plain_instance(vm.types.object)?)?;
    }
    for name in ["_tools", "_callbacks", "_events", "_local", "_disabled"] {
        vm.set_item_text(own, name, vm.new_dict()?)?;
    }
    vm.set_item_text(dict, "monitoring", module)
}
