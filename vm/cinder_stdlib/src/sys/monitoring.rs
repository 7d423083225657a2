//! `sys.monitoring` (PEP 669): tools register here. Nothing is reported to them yet, and asking for events says so; `sys.settrace` reports calls,
//! lines, returns and exceptions.

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

static MONITORING: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("use_tool_id", "tool_id, name, /", |vm, args| {
            let (tool, tools) = (tool(vm, args.at(0))?, tools(vm)?);
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
            vm.dict_remove(tools(vm)?, tool)?;
            Ok(Value::NONE)
        }),
        NativeDef::function("clear_tool_id", "tool_id, /", |vm, args| tool(vm, args.at(0)).map(|_| Value::NONE)),
        NativeDef::function("get_tool", "tool_id, /", |vm, args| {
            let tool = tool(vm, args.at(0))?;
            Ok(vm.dict_get(tools(vm)?, tool)?.unwrap_or(Value::NONE))
        }),
        NativeDef::function("register_callback", "tool_id, event, func, /", |vm, args| {
            tool(vm, args.at(0))?;
            vm.index_i64(args.at(1))?;
            Ok(Value::NONE)
        }),
        NativeDef::function("get_events", "tool_id, /", |vm, args| tool(vm, args.at(0)).map(|_| Value::ZERO)),
        NativeDef::function("set_events", "tool_id, event_set, /", |vm, args| no_events(vm, args.at(0), args.at(1))),
        NativeDef::function("get_local_events", "tool_id, code, /", |vm, args| tool(vm, args.at(0)).map(|_| Value::ZERO)),
        NativeDef::function("set_local_events", "tool_id, code, event_set, /", |vm, args| {
            no_events(vm, args.at(0), args.at(2))
        }),
        NativeDef::function("restart_events", "", |_, _| Ok(Value::NONE)),
        NativeDef::function("_all_events", "", |vm, _: &[Arg]| vm.new_dict()),
    ],
    ..ModuleDef::new("sys.monitoring")
};

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

const CONSTANTS: &[(&str, i64)] =
    &[("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)];

fn tool(vm: &Vm, value: Value) -> PyResult<Value> {
    match vm.index_i64(value)? {
        number @ 0..=5 => vm.new_int(number),
        number => Err(vm.value_error(format!("invalid tool {number} (must be between 0 and 5)"))),
    }
}

/// Names of the tools in use.
fn tools(vm: &Vm) -> PyResult<Gc<PyDict>> {
    let sys = vm.import("sys")?;
    let module = vm.getattr_text(sys, "monitoring")?;
    let tools = vm.getattr_text(module, "_tools")?;
    vm.as_dict(tools).ok_or_else(|| vm.system_error("sys.monitoring._tools is not a dict"))
}

fn no_events(vm: &Vm, id: Value, events: Value) -> PyResult<Value> {
    tool(vm, id)?;
    match vm.index_i64(events)? {
        0 => Ok(Value::NONE),
        _ => Err(vm.not_implemented_error("sys.monitoring reports no events yet; use sys.settrace")),
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
    vm.set_item_text(own, "_tools", vm.new_dict()?)?;
    vm.set_item_text(dict, "monitoring", module)
}
