//! Functions of `sys`.

use std::sync::atomic::{AtomicI32, Ordering};

use cinder_vm::{Arg, ArgsExt, NativeDef, PyResult, Value, Vm};

use crate::args::given;
use crate::struct_sequence::struct_sequence;

struct_sequence!(ASYNCGEN_HOOKS, "sys.asyncgen_hooks", 0 firstiter, 1 finalizer);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("exit", "status=None, /", |vm, args| {
        let status = args.opt(0).unwrap_or(Value::NONE);
        // A tuple gives the arguments of SystemExit, as raising a class with a tuple does.
        let exception = match vm.as_tuple(status) {
            Some(_) => vm.new_exception(vm.exceptions.SystemExit, vm.tuple_items(status))?,
            None if status.is_none() => vm.new_exception(vm.exceptions.SystemExit, &[])?,
            None => vm.new_exception(vm.exceptions.SystemExit, &[status])?,
        };
        Err(vm.raise(exception))
    })
    .doc("Exit the interpreter by raising SystemExit(status)."),
    NativeDef::function("intern", "string, /", |vm, args| {
        let text = args.at(0);
        if vm.is_exact_str(text) {
            return Ok(vm.intern_value(text));
        }
        if vm.is_str(text) {
            return Err(vm.type_error(format!("can't intern {}", vm.type_name(text))));
        }
        Err(vm.type_error(format!("intern() argument must be str, not {}", vm.type_name(text))))
    }),
    NativeDef::function("_is_interned", "string, /", |vm, args| match vm.as_str(args.at(0)) {
        Some(text) => Ok(Value::from_bool(text.is_interned())),
        None => {
            let found = vm.type_name(args.at(0));
            Err(vm.type_error(format!("_is_interned() argument must be str, not {found}")))
        }
    }),
    NativeDef::function("_is_immortal", "op, /", |vm, args| {
        let value = args.at(0);
        let header = value.try_ptr::<cinder_layout::Header>();
        Ok(Value::from_bool(header.is_none_or(|header| vm.heap.is_immortal(header))))
    }),
    NativeDef::function("getrecursionlimit", "", |vm, _| vm.new_int(vm.recursion_limit().cast_signed())),
    NativeDef::function("setrecursionlimit", "limit, /", |vm, args| {
        let limit = crate::args::c_int(vm, args.at(0))?;
        if limit < 1 {
            return Err(vm.value_error("recursion limit must be greater or equal than 1"));
        }
        vm.set_recursion_limit(limit.unsigned_abs().into());
        Ok(Value::NONE)
    }),
    NativeDef::function("getdefaultencoding", "", |vm, _| Ok(vm.intern("utf-8"))),
    NativeDef::function("getfilesystemencoding", "", |vm, _| Ok(vm.intern("utf-8"))),
    NativeDef::function("getfilesystemencodeerrors", "", |vm, _| Ok(vm.intern("surrogateescape"))),
    NativeDef::function("getrefcount", "object, /", |vm, _| vm.new_int(2)),
    NativeDef::function("getsizeof", "object, default=None", getsizeof),
    NativeDef::function("exc_info", "", |vm, _| {
        let Some(exception) = vm.handled_exception() else { return vm.new_tuple(&[Value::NONE; 3]) };
        let traceback = vm.getattr(exception, vm.names.__traceback__)?;
        vm.new_tuple(&[vm.type_of(exception).as_value(), exception, traceback])
    }),
    NativeDef::function("exception", "", |vm, _| Ok(vm.handled_exception().unwrap_or(Value::NONE))),
    NativeDef::function("_getframe", "depth=0, /", |vm, args| {
        let depth = match args.opt(0) {
            Some(depth) => crate::args::c_int(vm, depth)?,
            None => 0,
        };
        match vm.frame_at(usize::try_from(depth).unwrap_or(0))? {
            Some(frame) => Ok(frame),
            None => Err(vm.value_error("call stack is not deep enough")),
        }
    }),
    NativeDef::function("_getframemodulename", "depth=0", |vm, args| {
        let depth = match args.opt(0) {
            Some(depth) => crate::args::c_int(vm, depth)?,
            None => 0,
        };
        let Some(frame) = vm.frame_at(usize::try_from(depth).unwrap_or(0))? else { return Ok(Value::NONE) };
        let globals = vm.getattr_text(frame, "f_globals")?;
        Ok(vm.as_dict(globals).and_then(|globals| globals.get_interned(vm.names.__name__)).unwrap_or(Value::NONE))
    }),
    NativeDef::function("displayhook", "object, /", displayhook),
    NativeDef::function("excepthook", "exctype, value, traceback, /", |vm, args| {
        print_exception(vm, args.at(1));
        Ok(Value::NONE)
    }),
    NativeDef::function("unraisablehook", "unraisable, /", |vm, args| {
        crate::unraisable::default_hook(vm, args.at(0))?;
        Ok(Value::NONE)
    }),
    NativeDef::function("breakpointhook", "*args, **kws", breakpoint_hook),
    NativeDef::function("audit", "event, /, *args", |_, _| Ok(Value::NONE)),
    NativeDef::function("addaudithook", "hook", |_, _| Ok(Value::NONE)),
    NativeDef::function("settrace", "function, /", set_trace),
    NativeDef::function("setprofile", "function, /", set_profile),
    NativeDef::function("gettrace", "", |vm, _| Ok(vm.trace_function().unwrap_or(Value::NONE))),
    NativeDef::function("getprofile", "", |vm, _| Ok(vm.profile_function().unwrap_or(Value::NONE))),
    NativeDef::function("getswitchinterval", "", |vm, _| vm.new_float(vm.switch_interval().as_secs_f64())),
    NativeDef::function("setswitchinterval", "interval, /", |vm, args| {
        let seconds = vm.float_argument(args.at(0))?;
        if seconds <= 0.0 {
            return Err(vm.value_error("switch interval must be strictly positive"));
        }
        vm.set_switch_interval(crate::blocking::duration(vm, seconds)?);
        Ok(Value::NONE)
    }),
    NativeDef::function("is_finalizing", "", |vm, _| Ok(Value::from_bool(vm.is_finalizing()))),
    NativeDef::function("_is_gil_enabled", "", |_, _| Ok(Value::TRUE)),
    NativeDef::function("is_stack_trampoline_active", "", |_, _| Ok(Value::FALSE)),
    NativeDef::function("_clear_type_cache", "", |_, _| Ok(Value::NONE)),
    NativeDef::function("_clear_type_descriptors", "type, /", clear_type_descriptors),
    NativeDef::function("_clear_internal_caches", "", |_, _| Ok(Value::NONE)),
    NativeDef::function("get_int_max_str_digits", "", |vm, _| vm.new_uint(vm.max_str_digits.get())),
    NativeDef::function("set_int_max_str_digits", "maxdigits", |vm, args| {
        let digits = vm.index_i64(args.at(0))?;
        if digits != 0 && digits < 640 {
            return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
        }
        vm.max_str_digits.set(usize::try_from(digits).unwrap_or(usize::MAX));
        Ok(Value::NONE)
    }),
    NativeDef::function("get_asyncgen_hooks", "", |vm, _| {
        let (first, last) = vm.interp.async_generator_hooks.get();
        let hooks = [first.unwrap_or(Value::NONE), last.unwrap_or(Value::NONE)];
        crate::struct_sequence::new(vm, &ASYNCGEN_HOOKS, &hooks)
    }),
    NativeDef::function("get_coroutine_origin_tracking_depth", "", |vm, _| {
        vm.new_uint(vm.interp.coroutine_origin_depth.get() as usize)
    }),
    NativeDef::function("set_coroutine_origin_tracking_depth", "depth", |vm, args| {
        let depth = vm.index_i64(args.at(0))?;
        if depth < 0 {
            return Err(vm.value_error("depth must be >= 0"));
        }
        vm.interp.coroutine_origin_depth.set(u32::try_from(depth).unwrap_or(u32::MAX));
        Ok(Value::NONE)
    }),
    NativeDef::function("set_asyncgen_hooks", "firstiter=None, finalizer=None", |vm, args| {
        for (name, hook) in [("firstiter", args.opt(0)), ("finalizer", args.opt(1))] {
            if let Some(hook) = hook.filter(|hook| !hook.is_none() && !vm.is_callable(*hook)) {
                let found = vm.type_name(hook);
                return Err(vm.type_error(format!("callable {name} expected, got {found}")));
            }
        }
        let sys = vm.modules.get_interned(vm.names.sys).and_then(|sys| vm.module_dict(sys));
        if let Some(sys) = sys {
            // The namespace keeps the hooks alive; the interpreter holds them without tracing.
            let pair = vm.new_tuple(&[args.opt(0).unwrap_or(Value::NONE), args.opt(1).unwrap_or(Value::NONE)])?;
            vm.set_item_text(sys, "_asyncgen_hooks", pair)?;
        }
        vm.interp.async_generator_hooks.set((given(args.opt(0)), given(args.opt(1))));
        Ok(Value::NONE)
    }),
    NativeDef::function("_setprofileallthreads", "function, /", |vm, args| {
        vm.set_profile_function(watcher(args), true);
        Ok(Value::NONE)
    }),
    NativeDef::function("_settraceallthreads", "function, /", |vm, args| {
        vm.set_trace_function(watcher(args), true);
        Ok(Value::NONE)
    }),
    NativeDef::function("_current_frames", "", |vm, _| {
        let dict = vm.new_dict()?;
        for (ident, frame) in vm.frames_of_threads()? {
            vm.dict_set(dict, vm.new_uint(ident as usize)?, frame.get())?;
        }
        Ok(dict)
    }),
    NativeDef::function("_current_exceptions", "", |vm, _| {
        let dict = vm.new_dict()?;
        for (ident, exception) in vm.exceptions_of_threads() {
            vm.dict_set(dict, vm.new_uint(ident as usize)?, exception.get())?;
        }
        Ok(dict)
    }),
    NativeDef::function("_get_cpu_count_config", "", |vm, _| match vm.config.cpu_count {
        Some(count) => vm.new_int(count.into()),
        None => vm.new_int(-1),
    }),
    NativeDef::function("_debugmallocstats", "", |_, _| Ok(Value::NONE)),
    NativeDef::function("getdlopenflags", "", |vm, _| vm.new_int(DLOPEN_FLAGS.load(Ordering::Relaxed).into())),
    NativeDef::function("setdlopenflags", "flags, /", |vm, args| {
        DLOPEN_FLAGS.store(crate::args::c_int(vm, args.at(0))?, Ordering::Relaxed);
        Ok(Value::NONE)
    }),
    NativeDef::function("getunicodeinternedsize", "*, _only_immortal=False", |vm, _| vm.new_int(0)),
    NativeDef::function("is_remote_debug_enabled", "", |_, _| Ok(Value::FALSE)),
    NativeDef::function("call_tracing", "func, args, /", |vm, args| {
        if vm.as_tuple(args.at(1)).is_none() {
            let found = vm.type_name(args.at(1));
            return Err(vm.type_error(format!("call_tracing() argument 2 must be tuple, not {found}")));
        }
        vm.call(args.at(0), vm.tuple_items(args.at(1)))
    }),
    NativeDef::function("getallocatedblocks", "", |vm, _| vm.new_int(0)),
];

/// What `sys.setdlopenflags` said last. No extension module is loaded by them; programs set them, and put back what they found.
static DLOPEN_FLAGS: AtomicI32 = AtomicI32::new(libc::RTLD_NOW);

/// A trace or profile function, unless it is None.
fn watcher(args: &[Arg]) -> Option<Value> {
    args.opt(0).filter(|function| !function.is_none())
}

fn set_trace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.set_trace_function(watcher(args), false);
    Ok(Value::NONE)
}

fn set_profile(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.set_profile_function(watcher(args), false);
    Ok(Value::NONE)
}

fn getsizeof(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    if let Some(size) = vm.call_special(value, vm.intern("__sizeof__"), &[])? {
        return Ok(size);
    }
    let bytes = value.try_ptr::<cinder_layout::Header>().map_or(8, |header| vm.heap.size_of(header));
    vm.new_uint(bytes)
}

/// Prints the repr of an expression's value and keeps it in `builtins._`.
fn displayhook(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    if value.is_none() {
        return Ok(Value::NONE);
    }
    vm.dict_set_interned(*vm.builtins, vm.names.underscore, Value::NONE)?;
    let Some(stream) = vm.sys_attribute("stdout").filter(|stream| !stream.is_none()) else {
        return Err(vm.runtime_error("lost sys.stdout"));
    };
    let shown = vm.repr(value)?;
    if let Err(raised) = vm.call_method(stream, vm.names.write, &[shown]) {
        if !vm.pending_matches(vm.exceptions.UnicodeEncodeError) {
            return Err(raised);
        }
        vm.take_exception(raised);
        write_escaped(vm, stream, shown)?;
    }
    vm.call_method(stream, vm.names.write, &[vm.intern("\n")])?;
    vm.dict_set_interned(*vm.builtins, vm.names.underscore, value)?;
    Ok(Value::NONE)
}

/// Writes a text of which the stream's encoding lacks characters: those are escaped.
fn write_escaped(vm: &Vm, stream: Value, text: Value) -> PyResult<()> {
    let encoding = vm.getattr_text(stream, "encoding")?;
    let bytes = vm.call_method(text, vm.intern("encode"), &[encoding, vm.intern("backslashreplace")])?;
    match vm.getattr_opt(stream, vm.intern("buffer"))? {
        Some(buffer) => vm.call_method(buffer, vm.names.write, &[bytes])?,
        None => {
            let text = vm.call_method(bytes, vm.intern("decode"), &[encoding, vm.names.strict])?;
            vm.call_method(stream, vm.names.write, &[text])?
        }
    };
    Ok(())
}

/// Prints a traceback to `sys.stderr`.
fn print_exception(vm: &Vm, exception: Value) {
    if vm.as_exception(exception).is_none() {
        let found = vm.type_name(exception);
        vm.write_stderr(&format!("TypeError: print_exception(): Exception expected for value, {found} found\n"));
    } else {
        vm.print_exception(exception);
    }
}

/// Takes `__dict__` and `__weakref__` from a class whose namespace a new class is made of.
fn clear_type_descriptors(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(class) = vm.as_class(args.at(0)) else {
        let found = vm.type_name(args.at(0));
        return Err(vm.type_error(format!("_clear_type_descriptors() argument must be type, not {found}")));
    };
    if class.has(cinder_vm::types::type_::type_flags::IMMUTABLE) {
        return Err(vm.type_error("argument is immutable"));
    }
    for name in [vm.names.__dict__, vm.names.__weakref__] {
        if let Some(number) = class.dict.get().find_interned(name) {
            vm.dict_remove_entry(class.dict.get(), number);
            vm.class_changed(class, name);
        }
    }
    Ok(Value::NONE)
}

/// Calls what PYTHONBREAKPOINT names, `pdb.set_trace` without it, nothing for `0` (PEP 553).
fn breakpoint_hook(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let ignores = vm
        .modules
        .get_interned(vm.names.sys)
        .map(|sys| vm.getattr_text(vm.getattr_text(sys, "flags")?, "ignore_environment"))
        .transpose()?;
    let ignores = ignores.map_or(Ok(false), |flag| vm.truthy(flag))?;
    let wanted =
        crate::host::variable("PYTHONBREAKPOINT").map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let wanted = if ignores || wanted.is_empty() { "pdb.set_trace" } else { &wanted };
    if wanted == "0" {
        return Ok(Value::NONE);
    }
    let (module, name) = wanted.rsplit_once('.').unwrap_or(("builtins", wanted));
    let ignored = |vm: &Vm| {
        let message = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{wanted}\"");
        vm.warn(vm.exceptions.RuntimeWarning, &message).map(|()| Value::NONE)
    };
    if module.is_empty() || name.is_empty() {
        return ignored(vm);
    }
    let found = vm.import(module).and_then(|_| match vm.modules.get_interned(vm.intern(module)) {
        Some(module) => vm.getattr_text(module, name),
        None => Err(vm.import_error_text(module)),
    });
    match found {
        Ok(hook) => vm.call_packed(hook, args.at(0), args.opt(1)),
        Err(raised)
            if vm.pending_matches(vm.exceptions.ImportError) || vm.pending_matches(vm.exceptions.AttributeError) =>
        {
            vm.take_exception(raised);
            ignored(vm)
        }
        Err(raised) => Err(raised),
    }
}
