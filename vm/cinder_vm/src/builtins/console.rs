//! `input` and `breakpoint`.

use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("breakpoint", "*args, **kws", breakpoint).doc("Call sys.breakpointhook(*args, **kws)."),
    NativeDef::function("input", "prompt='', /", input)
    .doc("Read a string from standard input.  The trailing newline is stripped.\n\nThe prompt string, if given, is printed to standard output without a\ntrailing newline before reading input.\n\nIf the user hits EOF (*nix: Ctrl-D, Windows: Ctrl-Z+Return), raise EOFError.\nOn *nix systems, readline is used if available."),
];

fn breakpoint(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let sys = vm.modules.get_interned(vm.names.sys);
    let hook = match sys {
        Some(sys) => vm.getattr_opt(sys, vm.intern("breakpointhook"))?,
        None => None,
    };
    let Some(hook) = hook else { return Err(vm.runtime_error("lost sys.breakpointhook")) };
    vm.call_packed(hook, args.at(0), args.opt(1))
}

/// A stream of `sys` that must be there.
fn stream(vm: &Vm, name: Value) -> PyResult<Value> {
    let found = match vm.modules.get_interned(vm.names.sys) {
        Some(sys) => vm.getattr_opt(sys, name)?,
        None => None,
    };
    match found.filter(|stream| !stream.is_none()) {
        Some(stream) => Ok(stream),
        None => Err(vm.runtime_error(format!("lost sys.{}", vm.str_text(name)))),
    }
}

fn input(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let source = stream(vm, vm.names.stdin)?;
    let target = stream(vm, vm.names.stdout)?;
    // A stream that cannot be flushed is none of this function's business.
    let flush = |stream: Value| {
        if let Err(raised) = vm.call_method(stream, vm.names.flush, &[]) {
            vm.take_exception(raised);
        }
    };
    if let Ok(errors) = stream(vm, vm.names.stderr) {
        flush(errors);
    }
    if let Some(prompt) = args.opt(0) {
        vm.call_method(target, vm.names.write, &[vm.str(prompt)?])?;
    }
    flush(target);
    let line = vm.call_method(source, vm.names.readline, &[])?;
    let Some(text) = vm.as_str(line) else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    if text.is_empty() {
        return Err(vm.eof_error("EOF when reading a line"));
    }
    let mut points: Vec<u32> = text.iter().collect();
    if points.last() == Some(&u32::from('\n')) {
        points.pop();
        return vm.new_str_points(&points);
    }
    Ok(line)
}
