//! `termios`: terminals. Source: Modules/termios.c.

mod constants;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::args::{c_int, descriptor};

/// `termios.error`, which is no OSError.
fn failed(vm: &Vm) -> Raised {
    let number = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    let made = (|| {
        let module = vm.import("termios")?;
        let class = vm.getattr_text(module, "error")?;
        let pair = [vm.new_int(number.into())?, vm.new_str(&crate::args::error_text(number))?];
        vm.call(class, &pair)
    })();
    match made {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

fn check(vm: &Vm, code: i32) -> PyResult<Value> {
    if code < 0 { Err(failed(vm)) } else { Ok(Value::NONE) }
}

fn settings(vm: &Vm, fd: i32) -> PyResult<libc::termios> {
    // SAFETY: a zeroed `termios` is valid and is filled by the call.
    let (code, found) = unsafe {
        let mut found: libc::termios = std::mem::zeroed();
        (libc::tcgetattr(fd, &raw mut found), found)
    };
    check(vm, code)?;
    Ok(found)
}

fn tcgetattr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = settings(vm, descriptor(vm, args.at(0))?)?;
    let characters = vm.new_list(&[])?;
    let is_raw = found.c_lflag & libc::ICANON == 0;
    for (index, character) in found.c_cc.iter().enumerate() {
        // Without line editing these two are numbers.
        let item = if is_raw && (index == libc::VMIN || index == libc::VTIME) {
            vm.new_int((*character).into())?
        } else {
            vm.new_bytes(&[*character])?
        };
        vm.list_append(characters, item)?;
    }
    // SAFETY: plain queries on the struct.
    let speeds = unsafe { [libc::cfgetispeed(&raw const found), libc::cfgetospeed(&raw const found)] };
    let numbers = [found.c_iflag, found.c_oflag, found.c_cflag, found.c_lflag, speeds[0], speeds[1]];
    let list = vm.new_list(&[])?;
    for number in numbers {
        vm.list_append(list, vm.new_uint(number as usize)?)?;
    }
    vm.list_append(list, characters)?;
    Ok(list)
}

fn tcsetattr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (fd, when) = (descriptor(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let wrong = || vm.type_error("tcsetattr, arg 3: must be 7 element list");
    if !vm.is_instance(args.at(2), vm.types.list) || vm.len(args.at(2))? != 7 {
        return Err(wrong());
    }
    let mut items = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    vm.for_each(args.at(2), |item| {
        items.push(item);
        Ok(())
    })?;
    let mut new = settings(vm, fd)?;
    let number = |index: usize| Ok(vm.index_i64(items[index])? as libc::tcflag_t);
    (new.c_iflag, new.c_oflag, new.c_cflag, new.c_lflag) = (number(0)?, number(1)?, number(2)?, number(3)?);
    let (input, output) = (number(4)?, number(5)?);
    if !vm.is_instance(items[6], vm.types.list) || vm.len(items[6])? != new.c_cc.len() {
        let count = new.c_cc.len();
        return Err(vm.type_error(format!("tcsetattr: attributes[6] must be {count} element list")));
    }
    let mut index = 0;
    vm.for_each(items[6], |item| {
        new.c_cc[index] = if vm.is_int(item) {
            vm.index_i64(item)? as libc::cc_t
        } else {
            match vm.with_bytes(item, |bytes| (bytes.len() == 1).then(|| bytes[0]))? {
                Some(byte) => byte,
                None => {
                    return Err(vm.type_error("tcsetattr: elements of attributes must be characters or integers"));
                }
            }
        };
        index += 1;
        Ok(())
    })?;
    // SAFETY: the struct is a local.
    unsafe {
        check(vm, libc::cfsetispeed(&raw mut new, input))?;
        check(vm, libc::cfsetospeed(&raw mut new, output))?;
        check(vm, vm.allow_threads(|| libc::tcsetattr(fd, when, &raw const new)))
    }
}

fn window(vm: &Vm, fd: i32) -> PyResult<libc::winsize> {
    // SAFETY: a zeroed `winsize` is valid and is filled by the call.
    let (code, found) = unsafe {
        let mut found: libc::winsize = std::mem::zeroed();
        (libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut found), found)
    };
    check(vm, code)?;
    Ok(found)
}

macro_rules! with_number {
    ($name:literal, $signature:literal, $call:path) => {
        NativeDef::function($name, $signature, |vm, args| {
            let (fd, number) = (descriptor(vm, args.at(0))?, c_int(vm, args.at(1))?);
            // SAFETY: numbers only.
            check(vm, vm.allow_threads(|| unsafe { $call(fd, number) }))
        })
    };
}

pub(crate) static TERMIOS: ModuleDef = ModuleDef {
    doc: "This module provides an interface to the Posix calls for tty I/O control.",
    functions: &[
        NativeDef::function("tcgetattr", "fd, /", tcgetattr),
        NativeDef::function("tcsetattr", "fd, when, attributes, /", tcsetattr),
        with_number!("tcsendbreak", "fd, duration, /", libc::tcsendbreak),
        with_number!("tcflush", "fd, queue, /", libc::tcflush),
        with_number!("tcflow", "fd, action, /", libc::tcflow),
        NativeDef::function("tcdrain", "fd, /", |vm, args| {
            let fd = descriptor(vm, args.at(0))?;
            // SAFETY: numbers only.
            check(vm, vm.allow_threads(|| unsafe { libc::tcdrain(fd) }))
        }),
        NativeDef::function("tcgetwinsize", "fd, /", |vm, args| {
            let found = window(vm, descriptor(vm, args.at(0))?)?;
            let pair = [vm.new_int(found.ws_row.into())?, vm.new_int(found.ws_col.into())?];
            vm.new_tuple(&pair)
        }),
        NativeDef::function("tcsetwinsize", "fd, winsize, /", |vm, args| {
            let fd = descriptor(vm, args.at(0))?;
            let mut numbers = Vec::new();
            vm.for_each(args.at(1), |number| {
                numbers.push(vm.index_i64(number)?);
                Ok(())
            })?;
            let [rows, columns] = numbers[..] else {
                return Err(vm.type_error("tcsetwinsize, arg 2: must be a two-item sequence"));
            };
            let (Ok(rows), Ok(columns)) = (u16::try_from(rows), u16::try_from(columns)) else {
                return Err(vm.overflow_error("winsize value(s) out of range."));
            };
            let mut new = window(vm, fd)?;
            (new.ws_row, new.ws_col) = (rows, columns);
            // SAFETY: the struct is a local.
            check(vm, unsafe { libc::ioctl(fd, libc::TIOCSWINSZ, &raw const new) })
        }),
    ],
    setup: Some(|vm, dict| {
        let error = vm.new_exception_class("termios", "error", vm.exceptions.Exception)?;
        vm.set_item_text(dict, "error", error.as_value())?;
        crate::args::add_constants(vm, dict, constants::CONSTANTS)
    }),
    ..ModuleDef::new("termios")
};
