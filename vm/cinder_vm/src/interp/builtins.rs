//! Builtin functions that look at frames or run code: `exec`, `eval`, `compile`, `globals`, `locals`, `__build_class__`.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::compiler::{CompileMode, CompileRequest};
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::code::PyCode;
use crate::types::dict::PyDict;
use crate::vm::Vm;
use cinder_bytecode::code::flags;

/// Functions for the `builtins` module.
pub(crate) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("__build_class__", "func, name, /, *bases, **kwds", build_class)
        .doc("__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nInternal helper function used by the class statement."),
    NativeDef::function("globals", "", |vm, _| {
        vm.current_globals().ok_or_else(|| vm.system_error("globals does not exist"))
    })
    .doc("Return the dictionary containing the current scope's global variables.\n\nNOTE: Updates to this dictionary *will* affect name lookups in the current\nglobal scope and vice-versa."),
    NativeDef::function("locals", "", |vm, _| vm.current_locals()?.ok_or_else(|| vm.system_error("frame does not exist")))
        .doc("Return a dictionary containing the current scope's local variables.\n\nNOTE: Whether or not updates to this dictionary will affect name lookups in\nthe local scope and vice-versa is *implementation dependent* and not\ncovered by any backwards compatibility guarantees."),
    NativeDef::function("exec", "source, /, globals=None, locals=None, *, closure=None", exec)
        .doc("Execute the given source in the context of globals and locals.\n\nThe source may be a string representing one or more Python statements\nor a code object as returned by compile().\nThe globals must be a dictionary and locals can be any mapping,\ndefaulting to the current globals and locals.\nIf only globals is given, locals defaults to it.\nThe closure must be a tuple of cellvars, and can only be used\nwhen source is a code object requiring exactly that many cellvars."),
    NativeDef::function("eval", "source, /, globals=None, locals=None", eval)
        .doc("Evaluate the given source in the context of globals and locals.\n\nThe source may be a string representing a Python expression\nor a code object as returned by compile().\nThe globals must be a dictionary and locals can be any mapping,\ndefaulting to the current globals and locals.\nIf only globals is given, locals defaults to it."),
    NativeDef::function("compile", "source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1", compile)
        .doc("Compile source into a code object that can be executed by exec() or eval().\n\nThe source code may represent a Python module, statement or expression.\nThe filename will be used for run-time error messages.\nThe mode must be 'exec' to compile a module, 'single' to compile a\nsingle (interactive) statement, or 'eval' to compile an expression.\nThe flags argument, if present, controls which future statements influence\nthe compilation of the code.\nThe dont_inherit argument, if true, stops the compilation inheriting\nthe effects of any future statements in effect in the code calling\ncompile; if absent or false these statements do influence the compilation,\nin addition to any features explicitly specified."),
    NativeDef::function("print", "*args, sep=' ', end='\\n', file=None, flush=False", |vm, args| {
            print(vm, vm.tuple_items(args.at(0)), args)
        })
        .positional(0, |vm, args| print(vm, args, &[None; 5]))
        .doc("Prints the values to a stream, or to sys.stdout by default.\n\n  sep\n    string inserted between values, default a space.\n  end\n    string appended after the last value, default a newline.\n  file\n    a file-like object (stream); defaults to the current sys.stdout.\n  flush\n    whether to forcibly flush the stream."),
];

/// `args` are the bound parameters, of which the first is not looked at.
fn print(vm: &Vm, values: &[Value], args: &[Arg]) -> PyResult<Value> {
    let given = |index: usize| args.opt(index).filter(|value| !value.is_none());
    let text = |index: usize, name: &str, default: char| match given(index) {
        None => vm.str_of_char(default.into()),
        Some(text) if vm.is_str(text) => Ok(text),
        Some(other) => Err(vm.type_error(format!("{name} must be None or a string, not {}", vm.type_name(other)))),
    };
    let (separator, end) = (text(1, "sep", ' ')?, text(2, "end", '\n')?);
    let stream = match given(3) {
        Some(stream) => Some(stream),
        None => match vm.modules.get_interned(vm.names.sys) {
            Some(sys) => match vm.getattr_opt(sys, vm.names.stdout)? {
                None => return Err(vm.runtime_error("lost sys.stdout")),
                Some(stream) if stream.is_none() => return Ok(Value::NONE),
                stream => stream,
            },
            None => None,
        },
    };
    let write = |text: Value| match stream {
        Some(stream) => vm.call_method(stream, vm.names.write, &[text]).map(|_| ()),
        // Before `sys` is there.
        None => {
            let text = vm.str_text(text);
            // SAFETY: writing bytes of a str.
            unsafe { libc::write(1, text.as_ptr().cast(), text.len()) };
            Ok(())
        }
    };
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            write(separator)?;
        }
        write(vm.str(*value)?)?;
    }
    write(end)?;
    if let (Some(stream), Some(flush)) = (stream, args.opt(4))
        && vm.truthy(flush)?
    {
        vm.call_method(stream, vm.names.flush, &[])?;
    }
    Ok(Value::NONE)
}

fn build_class(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (body, name) = (args.at(0), args.at(1));
    if vm.as_function(body).is_none() {
        return Err(vm.type_error("__build_class__: func must be a function"));
    }
    if !vm.is_str(name) {
        return Err(vm.type_error("__build_class__: name is not a string"));
    }
    let mut keywords = Vec::new();
    if let Some(dict) = args.opt(3).and_then(|dict| vm.as_dict(dict)) {
        // The dict in `args` keeps the pairs alive.
        keywords.extend((0..dict.entry_count()).filter_map(|number| dict.entry(number)));
    }
    vm.build_class(body, name, vm.tuple_items(args.at(2)), &keywords)
}

/// Where `exec` and `eval` run: globals and locals, defaulting to those of the caller.
fn namespaces(vm: &Vm, args: &[Arg], function: &str) -> PyResult<(Gc<PyDict>, Value)> {
    let given = |index: usize| args.opt(index).filter(|value| !value.is_none());
    let (globals, locals) = match (given(1), given(2)) {
        (None, locals) => {
            let globals = vm.current_globals().ok_or_else(|| vm.system_error("globals and locals cannot be NULL"))?;
            let locals = match locals {
                Some(locals) => locals,
                None => vm.current_locals()?.expect("there is a frame"),
            };
            (globals, locals)
        }
        (Some(globals), locals) => (globals, locals.unwrap_or(globals)),
    };
    let Some(dict) = vm.as_dict(globals) else {
        let name = vm.type_name(globals);
        return Err(vm.type_error(if function == "eval" && vm.type_of(globals).slots().getitem.is_some() {
            "globals must be a real dict; try eval(expr, {}, mapping)".to_owned()
        } else if function == "eval" {
            "globals must be a dict".to_owned()
        } else {
            format!("exec() globals must be a dict, not {name}")
        }));
    };
    if vm.type_of(locals).slots().getitem.is_none() {
        let name = vm.type_name(locals);
        return Err(vm.type_error(if function == "eval" {
            "locals must be a mapping".to_owned()
        } else {
            format!("locals must be a mapping or None, not {name}")
        }));
    }
    Ok((dict, locals))
}

/// Text of a source argument: str, or bytes in UTF-8.
fn source_text(vm: &Vm, source: Value, function: &str, kinds: &str, filename: &str) -> PyResult<String> {
    let text = if vm.is_str(source) {
        vm.str_text(source).into_owned()
    } else if let Some(buffer) = vm.type_of(source).slots().buffer {
        let view = buffer(vm, source)?;
        // SAFETY: the exporter keeps the bytes in place while the view is held, and they are copied before it is given up.
        let bytes = unsafe { std::slice::from_raw_parts(view.data, view.len_bytes) }.to_vec();
        if let Some(release) = view.release {
            release(view.owner);
        }
        vm.decode_source_from(&bytes, filename, "")?.into_owned()
    } else {
        return Err(vm.type_error(format!("{function}() arg 1 must be a {kinds}")));
    };
    if text.contains('\0') {
        return Err(vm.raise_text(vm.exceptions.SyntaxError, "source code string cannot contain null bytes"));
    }
    // Line ends are read as plain ones, in literals too.
    if text.contains('\r') {
        return Ok(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    Ok(text)
}

/// `__future__` features of the calling code.
fn inherited_flags(vm: &Vm) -> u32 {
    vm.current_frame().map_or(0, |frame| frame.code().flags & flags::FUTURE_ANNOTATIONS)
}

fn exec(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (globals, locals) = namespaces(vm, args, "exec")?;
    let closure = args.opt(3).filter(|closure| !closure.is_none());
    let code = match vm.downcast::<PyCode>(args.at(0)) {
        Some(code) => {
            let free =
                code.object().locals.iter().filter(|local| local.kind == cinder_bytecode::LocalKind::Free).count();
            let cells = closure.and_then(|closure| vm.as_tuple(closure));
            if free == 0 && closure.is_some() {
                return Err(vm.type_error("cannot use a closure with this code object"));
            }
            if free != 0 && cells.is_none_or(|cells| cells.len() != free) {
                return Err(vm.type_error(format!("code object requires a closure of exactly length {free}")));
            }
            code
        }
        None => {
            if closure.is_some() {
                return Err(vm.type_error("closure can only be used when source is a code object"));
            }
            let text = source_text(vm, args.at(0), "exec", "string, bytes or code object", "<string>")?;
            let request = CompileRequest {
                source: &text,
                filename: "<string>",
                mode: CompileMode::Exec,
                future_flags: inherited_flags(vm),
                optimize: 0,
                patches_static: false,
            };
            vm.compile(&request)?
        }
    };
    vm.exec_code_with(code, globals, Some(locals), closure)?;
    Ok(Value::NONE)
}

fn eval(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (globals, locals) = namespaces(vm, args, "eval")?;
    let code = match vm.downcast::<PyCode>(args.at(0)) {
        Some(code) => {
            if code.object().locals.iter().any(|local| local.kind == cinder_bytecode::LocalKind::Free) {
                return Err(vm.type_error("code object passed to eval() may not contain free variables"));
            }
            code
        }
        None => {
            let text = source_text(vm, args.at(0), "eval", "string, bytes or code object", "<string>")?;
            let request = CompileRequest {
                source: text.trim_start_matches([' ', '\t']),
                filename: "<string>",
                mode: CompileMode::Eval,
                future_flags: inherited_flags(vm),
                optimize: 0,
                patches_static: false,
            };
            vm.compile(&request)?
        }
    };
    vm.exec_code_with(code, globals, Some(locals), None)
}

fn compile(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let filename = if vm.is_str(args.at(1)) {
        args.at(1)
    } else {
        let os = vm.import("os")?;
        vm.call(vm.getattr_text(os, "fsdecode")?, &[args.at(1)])?
    };
    if !vm.is_str(args.at(2)) {
        let name = vm.type_name(args.at(2));
        return Err(vm.type_error(format!("compile() argument 'mode' must be str, not {name}")));
    }
    let mode = match &*vm.str_text(args.at(2)) {
        "exec" => CompileMode::Exec,
        "eval" => CompileMode::Eval,
        "single" => CompileMode::Single,
        "func_type" => return Err(vm.not_implemented_error("compile() mode 'func_type' is not supported")),
        _ => return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let given_flags = match args.opt(3) {
        Some(flags) => vm.index_i64(flags)? as u32,
        None => 0,
    };
    if given_flags & !compile_flag::KNOWN != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    let inherit = match args.opt(4) {
        Some(dont) => !vm.truthy(dont)?,
        None => true,
    };
    let optimize = match args.opt(5) {
        Some(level) => vm.index_i64(level)?,
        None => -1,
    };
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    if vm.downcast::<PyCode>(args.at(0)).is_some() {
        return Ok(args.at(0));
    }
    let filename = vm.str_text(filename);
    let mut request = CompileRequest {
        source: "",
        filename: &filename,
        mode,
        future_flags: given_flags & (flags::FUTURE_ANNOTATIONS | super::TOP_LEVEL_AWAIT)
            | if inherit { inherited_flags(vm) } else { 0 },
        optimize: optimize.max(0) as u8,
        patches_static: vm.statics.patches.get(),
    };
    let wants_tree = given_flags & compile_flag::ONLY_AST != 0;
    if is_tree(vm, args.at(0))? {
        if wants_tree {
            return Ok(args.at(0));
        }
        return Ok(vm.interp.compiler.compile_tree(vm, args.at(0), &request)?.as_value());
    }
    let text = source_text(vm, args.at(0), "compile", "string, bytes or AST object", &filename)?;
    request.source = if mode == CompileMode::Eval { text.trim_start_matches([' ', '\t']) } else { &text };
    if wants_tree {
        return vm.interp.compiler.parse_tree(vm, &request);
    }
    let is_open =
        mode == CompileMode::Single && given_flags & compile_flag::DONT_IMPLY_DEDENT != 0 && ends_in_block(&text);
    if given_flags & compile_flag::ALLOW_INCOMPLETE_INPUT == 0 && !is_open {
        return Ok(vm.compile(&request)?.as_value());
    }
    match vm.compile(&request) {
        Ok(code) if !is_open => Ok(code.as_value()),
        Ok(_) => Err(incomplete_input(vm, given_flags)),
        Err(raised) => {
            let exception = vm.take_exception(raised);
            if is_unfinished(vm, exception, &text)? {
                return Err(incomplete_input(vm, given_flags));
            }
            Err(vm.restore(exception))
        }
    }
}

/// Whether the last line is inside of a block that the next line could continue.
fn ends_in_block(text: &str) -> bool {
    !text.ends_with('\n')
        && text.lines().last().is_some_and(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty())
}

/// Whether a SyntaxError says that the text goes on.
fn is_unfinished(vm: &Vm, exception: Value, text: &str) -> PyResult<bool> {
    if !vm.is_instance(exception, vm.exceptions.SyntaxError) {
        return Ok(false);
    }
    let message = vm.getattr_text(exception, "msg")?;
    let message = if vm.is_str(message) { vm.str_text(message).into_owned() } else { String::new() };
    let open = ["was never closed", "unterminated triple-quoted", "unexpected EOF", "expected an indented block after"];
    if message.contains("expected an indented block after") {
        // Only when nothing follows the line that wants a block.
        return Ok(text.trim_end().ends_with(':')
            || text.lines().last().is_some_and(|line| line.trim_start().starts_with('#')));
    }
    if open.iter().any(|part| message.contains(part)) {
        return Ok(true);
    }
    let line = vm.getattr_text(exception, "lineno")?;
    let line = vm.int_to_i64(line).unwrap_or(0);
    // An error behind the last token: the text ends in the middle of something.
    Ok(line > text.trim_end().lines().count() as i64)
}

fn incomplete_input(vm: &Vm, given_flags: u32) -> crate::native::Raised {
    if given_flags & compile_flag::ALLOW_INCOMPLETE_INPUT == 0 {
        return vm.raise_text(vm.exceptions.SyntaxError, "unexpected EOF while parsing");
    }
    vm.raise_text(vm.exceptions._IncompleteInputError, "incomplete input")
}

/// Bits of the `flags` argument of `compile`. Source: Include/compile.h.
mod compile_flag {
    pub(super) const ONLY_AST: u32 = 0x400;
    pub(super) const DONT_IMPLY_DEDENT: u32 = 0x200;
    pub(super) const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;
    /// Those of `__future__` features, and `DONT_IMPLY_DEDENT`, `IGNORE_COOKIE`, `TYPE_COMMENTS`, `ALLOW_TOP_LEVEL_AWAIT`,
    /// `ALLOW_INCOMPLETE_INPUT`, `OPTIMIZED_AST`.
    pub(super) const KNOWN: u32 = 0x1fe0010 | 0x200 | ONLY_AST | 0x800 | 0x1000 | 0x2000 | 0x4000 | 0x8000;
}

/// Whether the value is an instance of `_ast.AST`; nothing is before the module is imported.
fn is_tree(vm: &Vm, value: Value) -> PyResult<bool> {
    let Some(module) = vm.modules.get_interned(vm.intern("_ast")) else { return Ok(false) };
    let class = vm.getattr_text(module, "AST")?;
    vm.isinstance(value, class)
}
