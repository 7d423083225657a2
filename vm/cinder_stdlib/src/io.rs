//! `_io`: files, buffers and text.
//!
//! Three layers as in CPython: [`file`] reads and writes a descriptor, [`buffered`] collects small pieces, [`text`] turns bytes into text. A layer
//! that finds a native one below talks to it in Rust; anything else is called through its Python methods.
//! Holds: no borrow of a buffer lasts while Python code may run.
//! Source: Modules/_io/.

mod base;
mod buffered;
mod bytes_io;
mod file;
mod string_io;
mod text;
mod writers;

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::args::{given, text as text_argument};

/// What `-X warn_default_encoding` says.
const NO_ENCODING: &str = "'encoding' argument not specified";

pub(crate) static IO: ModuleDef = ModuleDef {
    doc: "The io module provides the Python interfaces to stream handling.",
    functions: &[
        OPEN,
        NativeDef::function("open_code", "path", |vm, args| {
            vm.call(open_function(vm)?, &[args.at(0), vm.intern("rb")])
        }),
        NativeDef::function("text_encoding", "encoding, stacklevel=2, /", |vm, args| {
            if let Some(encoding) = given(args.opt(0)) {
                return Ok(encoding);
            }
            if vm.config.warns_of_encoding {
                let level = args.opt(1).map_or(Ok(2), |level| vm.index_i64(level))?;
                vm.warn_level(vm.exceptions.EncodingWarning, NO_ENCODING, level)?;
            }
            let flags = vm.getattr_text(vm.import("sys")?, "flags")?;
            let is_utf8_mode = vm.truthy(vm.getattr_text(flags, "utf8_mode")?)?;
            Ok(vm.intern(if is_utf8_mode { "utf-8" } else { "locale" }))
        }),
        // What few programs use is written in Python and loaded when it is asked for.
        NativeDef::function("__getattr__", "name, /", |vm, args| {
            let name = text_argument(vm, args.at(0), "__getattr__() argument")?;
            if !matches!(name.as_str(), "BufferedRWPair" | "IncrementalNewlineDecoder") {
                return Err(vm.attribute_error_text(format!("module '_io' has no attribute '{name}'")));
            }
            let module = vm.import("_io_pure")?;
            vm.getattr(module, args.at(0))
        }),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_io")
};

const OPEN: NativeDef = NativeDef::function(
    "open",
    "file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None",
    open,
)
.doc("Open file and return a stream.  Raise OSError upon failure.");

/// Bytes that buffers hold and that are read at once.
pub(crate) const BUFFER_BYTES: usize = 128 * 1024;

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    vm.set_item_text(dict, "DEFAULT_BUFFER_SIZE", vm.new_uint(BUFFER_BYTES)?)?;
    vm.set_item_text(dict, "BlockingIOError", vm.exceptions.BlockingIOError.as_value())?;
    let namespace = vm.new_pydict()?;
    vm.dict_set_interned(namespace, vm.names.__module__, vm.intern("io"))?;
    let bases = [vm.exceptions.OSError.as_value(), vm.exceptions.ValueError.as_value()];
    let unsupported = vm.new_class(vm.types.type_, vm.intern("UnsupportedOperation"), &bases, namespace, &[])?;
    vm.set_item_text(dict, "UnsupportedOperation", unsupported.as_value())?;
    for class in [
        base::class(vm, &base::IO_BASE)?,
        base::class(vm, &base::RAW_IO_BASE)?,
        base::class(vm, &base::BUFFERED_IO_BASE)?,
        base::class(vm, &base::TEXT_IO_BASE)?,
        base::class(vm, &file::FILE_IO)?,
        base::class(vm, &buffered::BUFFERED_READER)?,
        base::class(vm, &buffered::BUFFERED_WRITER)?,
        base::class(vm, &buffered::BUFFERED_RANDOM)?,
        base::class(vm, &bytes_io::BYTES_IO)?,
        base::class(vm, &string_io::STRING_IO)?,
        base::class(vm, &text::TEXT_IO_WRAPPER)?,
    ] {
        vm.set_item_text(dict, &class.name(), class.as_value())?;
    }
    Ok(())
}

fn open_function(vm: &Vm) -> PyResult<Value> {
    let module = vm.import("_io")?;
    vm.getattr(module, vm.names.open)
}

/// `io.UnsupportedOperation(message)`.
pub(crate) fn unsupported(vm: &Vm, message: &str) -> Raised {
    let made = (|| {
        let module = vm.import("_io")?;
        let class = vm.getattr_text(module, "UnsupportedOperation")?;
        let text = vm.new_str(message)?;
        vm.call(class, &[text])
    })();
    match made {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

/// A mode as `open` takes it.
#[derive(Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    binary: bool,
}

fn parse_mode(vm: &Vm, mode: &str) -> PyResult<Mode> {
    let mut parsed = Mode::default();
    let mut text = false;
    for (at, letter) in mode.char_indices() {
        let flag = match letter {
            'x' => &mut parsed.creating,
            'r' => &mut parsed.reading,
            'w' => &mut parsed.writing,
            'a' => &mut parsed.appending,
            '+' => &mut parsed.updating,
            't' => &mut text,
            'b' => &mut parsed.binary,
            _ => return Err(vm.value_error(format!("invalid mode: '{mode}'"))),
        };
        *flag = true;
        if mode[..at].contains(letter) {
            return Err(vm.value_error(format!("invalid mode: '{mode}'")));
        }
    }
    if text && parsed.binary {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    let count =
        [parsed.creating, parsed.reading, parsed.writing, parsed.appending].iter().filter(|flag| **flag).count();
    if count != 1 {
        return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
    }
    Ok(parsed)
}

fn open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // The stream's name is what the path object stands for.
    let file = if vm.is_int(args.at(0)) { args.at(0) } else { crate::os_path::fspath(vm, args.at(0))? };
    let mode_text = match args.opt(1) {
        Some(mode) => text_argument(vm, mode, "open() argument 'mode'")?,
        None => "r".to_owned(),
    };
    let mode = parse_mode(vm, &mode_text)?;
    let mut buffering = match args.opt(2) {
        Some(number) => i64::from(crate::args::c_int(vm, number)?),
        None => -1,
    };
    let (encoding, errors, newline) = (given(args.opt(3)), given(args.opt(4)), given(args.opt(5)));
    if mode.binary {
        for (value, name) in [(encoding, "an encoding"), (errors, "an errors"), (newline, "a newline")] {
            if value.is_some() {
                return Err(vm.value_error(format!("binary mode doesn't take {name} argument")));
            }
        }
    }
    if mode.binary && buffering == 1 {
        vm.warn(
            vm.exceptions.RuntimeWarning,
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
        )?;
    }
    let closefd = match args.opt(6) {
        Some(flag) => vm.truthy(flag)?,
        None => true,
    };
    let letters =
        [(mode.creating, 'x'), (mode.reading, 'r'), (mode.writing, 'w'), (mode.appending, 'a'), (mode.updating, '+')];
    let raw_mode: String = letters.iter().filter(|(flag, _)| *flag).map(|(_, letter)| *letter).collect();
    let raw = file::open(vm, file, &raw_mode, closefd, given(args.opt(7)))?;
    let is_terminal = file::is_terminal(vm, raw);
    let mut line_buffering = false;
    if buffering == 1 && !mode.binary || buffering < 0 && is_terminal {
        buffering = -1;
        line_buffering = true;
    }
    if buffering == 0 {
        if mode.binary {
            return Ok(raw);
        }
        return Err(vm.value_error("can't have unbuffered text I/O"));
    }
    let size = usize::try_from(buffering).ok().filter(|size| *size > 1).unwrap_or(BUFFER_BYTES);
    let def = if mode.updating {
        &buffered::BUFFERED_RANDOM
    } else if mode.reading {
        &buffered::BUFFERED_READER
    } else {
        &buffered::BUFFERED_WRITER
    };
    let buffer = buffered::new(vm, def, raw, size)?;
    if mode.binary {
        return Ok(buffer);
    }
    let wrapper = text::new(vm, buffer, encoding, errors, newline, line_buffering)?;
    vm.set_own_attribute(wrapper, vm.names.mode, vm.new_str(&mode_text)?)?;
    Ok(wrapper)
}

/// Adds `open` to the builtins and makes the standard streams of `sys`.
pub(crate) fn make_streams(vm: &Vm, settings: &crate::Settings) -> PyResult<()> {
    let encoding = match settings.io_encoding.0.as_deref() {
        Some(name) => codec_name(vm, name)?,
        None => "utf-8".to_owned(),
    };
    // Bytes that are not UTF-8 go through as they are where the locale does not promise UTF-8 (PEP 538, PEP 540).
    let plain_errors = if crate::locale::is_plain(settings) { "surrogateescape" } else { "strict" };
    let open = open_function(vm)?;
    vm.dict_set_interned(*vm.builtins, vm.names.open, open)?;
    let sys = vm.modules.get_interned(vm.names.sys).and_then(|sys| vm.module_dict(sys)).expect("sys was made");
    for (fd, name, mode, errors) in
        [(0, "stdin", "r", plain_errors), (1, "stdout", "w", plain_errors), (2, "stderr", "w", "backslashreplace")]
    {
        let errors = match settings.io_encoding.1.as_deref() {
            Some(chosen) if fd != 2 => chosen,
            None if fd != 2 && settings.io_encoding.0.is_some() => "strict",
            _ => errors,
        };
        file::close_if_missing(fd);
        let stream = if file::is_open(fd) {
            let raw = file::from_descriptor(vm, fd, &format!("<{name}>"), mode)?;
            let def = if fd == 0 { &buffered::BUFFERED_READER } else { &buffered::BUFFERED_WRITER };
            let is_direct = fd != 0 && settings.is_unbuffered;
            let buffer = if is_direct { raw } else { buffered::new(vm, def, raw, BUFFER_BYTES)? };
            let lines = fd == 2 || file::is_terminal(vm, raw);
            let stream = text::new(
                vm,
                buffer,
                Some(vm.intern(&encoding)),
                Some(vm.intern(errors)),
                Some(vm.intern("\n")),
                lines,
            )?;
            if is_direct {
                text::set_write_through(vm, stream);
            }
            vm.set_own_attribute(stream, vm.names.mode, vm.intern(mode))?;
            stream
        } else {
            Value::NONE
        };
        vm.set_item_text(sys, name, stream)?;
        vm.set_item_text(sys, &format!("__{name}__"), stream)?;
    }
    Ok(())
}

/// The codec's own name for an encoding.
fn codec_name(vm: &Vm, encoding: &str) -> PyResult<String> {
    let lookup = vm.getattr_text(vm.import("codecs")?, "lookup")?;
    let codec = vm.call(lookup, &[vm.new_str(encoding)?])?;
    let name = vm.getattr_text(codec, "name")?;
    Ok(vm.str_text(vm.str(name)?).into_owned())
}

pub(crate) use base::store_into;
pub(crate) use writers::{flush_everything, flush_files, made_room};
