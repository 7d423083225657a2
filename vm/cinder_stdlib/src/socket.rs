//! `_socket`. Source: Modules/socketmodule.c.

mod address;
mod constants;
mod lookup;
mod message;
mod object;
mod transfer;

use std::cell::Cell;
use std::time::Duration;

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::args::{c_int, check_int, check_none, os_error};

pub(crate) use object::{Handle, handle_of};

/// How long a socket waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Timeout {
    /// For ever.
    Blocking,
    NonBlocking,
    After(Duration),
}

struct DefaultTimeout(Cell<Timeout>);

fn default_timeout(vm: &Vm) -> &'static Cell<Timeout> {
    &vm.native_state(|| DefaultTimeout(Cell::new(Timeout::Blocking))).0
}

fn timeout_argument(vm: &Vm, value: Value) -> PyResult<Timeout> {
    if value.is_none() {
        return Ok(Timeout::Blocking);
    }
    let seconds = vm.float_argument(value)?;
    if seconds < 0.0 {
        return Err(vm.value_error("Timeout value out of range"));
    }
    let time = crate::blocking::duration(vm, seconds)?;
    Ok(if time.is_zero() { Timeout::NonBlocking } else { Timeout::After(time) })
}

fn timeout_value(vm: &Vm, timeout: Timeout) -> PyResult<Value> {
    match timeout {
        Timeout::Blocking => Ok(Value::NONE),
        Timeout::NonBlocking => vm.new_float(0.0),
        Timeout::After(time) => vm.new_float(time.as_secs_f64()),
    }
}

/// An exception of one of this module's classes with a number and a text.
fn raise_own(vm: &Vm, class: &str, number: i32, text: &str) -> Raised {
    let made = (|| {
        let module = vm.import("_socket")?;
        let class = vm.getattr_text(module, class)?;
        let (number, text) = (vm.new_int(number.into())?, vm.new_str(text)?);
        vm.call(class, &[number, text])
    })();
    match made {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

fn byte_order(name: &'static str, vm: &Vm, value: Value, bits: u32) -> PyResult<u32> {
    if !vm.is_int(value) {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("an integer is required (got type {found})")));
    }
    let number = vm.int_to_i64(value).unwrap_or(i64::MAX);
    if number < 0 {
        return Err(
            vm.overflow_error(format!("{name}: can't convert negative Python int to C {bits}-bit unsigned integer"))
        );
    }
    if number >> bits != 0 {
        return Err(
            vm.overflow_error(format!("{name}: Python int too large to convert to C {bits}-bit unsigned integer"))
        );
    }
    Ok(number as u32)
}

fn if_name_error(vm: &Vm, text: &str) -> Raised {
    vm.raise_text(vm.exceptions.OSError, text)
}

fn if_nameindex(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    // SAFETY: the array ends with an entry of index 0 and is freed once.
    unsafe {
        let all = libc::if_nameindex();
        if all.is_null() {
            return Err(os_error(vm, &std::io::Error::last_os_error(), None));
        }
        let mut at = all;
        while (*at).if_index != 0 {
            let name = std::ffi::CStr::from_ptr((*at).if_name);
            let pair = [vm.new_uint((*at).if_index as usize)?, crate::os_path::decode(vm, name.to_bytes())?];
            vm.list_append(list, vm.new_tuple(&pair)?)?;
            at = at.add(1);
        }
        libc::if_freenameindex(all);
    }
    Ok(list)
}

fn socketpair(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let family = args.opt(0).map_or(Ok(libc::AF_UNIX), |family| c_int(vm, family))?;
    let kind = args.opt(1).map_or(Ok(libc::SOCK_STREAM), |kind| c_int(vm, kind))?;
    let proto = args.opt(2).map_or(Ok(0), |proto| c_int(vm, proto))?;
    let mut pair = [-1; 2];
    // SAFETY: room for two descriptors.
    let code = unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, proto, pair.as_mut_ptr()) };
    if code < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    let first = object::from_descriptor(vm, pair[0], family, kind, proto)?;
    let second = object::from_descriptor(vm, pair[1], family, kind, proto)?;
    vm.new_tuple(&[first, second])
}

pub(crate) static SOCKET: ModuleDef = ModuleDef {
    doc: "Implementation module for socket operations.",
    functions: &[
        NativeDef::function("getdefaulttimeout", "", |vm, _| timeout_value(vm, default_timeout(vm).get())),
        NativeDef::function("setdefaulttimeout", "timeout, /", |vm, args| {
            default_timeout(vm).set(timeout_argument(vm, args.at(0))?);
            Ok(Value::NONE)
        }),
        NativeDef::function("socketpair", "family=AF_UNIX, type=SOCK_STREAM, proto=0, /", socketpair),
        NativeDef::function("close", "fd, /", |vm, args| {
            let fd = c_int(vm, args.at(0))?;
            // SAFETY: numbers only.
            check_none(vm, vm.allow_threads(|| unsafe { libc::close(fd) }))
        }),
        NativeDef::function("dup", "integer, /", |vm, args| {
            let fd = c_int(vm, args.at(0))?;
            // SAFETY: numbers only.
            check_int(vm, unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) })
        }),
        NativeDef::function("htons", "integer, /", |vm, args| {
            vm.new_uint((byte_order("htons", vm, args.at(0), 16)? as u16).to_be() as usize)
        }),
        NativeDef::function("ntohs", "integer, /", |vm, args| {
            vm.new_uint((byte_order("ntohs", vm, args.at(0), 16)? as u16).to_be() as usize)
        }),
        NativeDef::function("htonl", "integer, /", |vm, args| {
            vm.new_uint(byte_order("htonl", vm, args.at(0), 32)?.to_be() as usize)
        }),
        NativeDef::function("ntohl", "integer, /", |vm, args| {
            vm.new_uint(byte_order("ntohl", vm, args.at(0), 32)?.to_be() as usize)
        }),
        NativeDef::function("if_nameindex", "", if_nameindex),
        NativeDef::function("if_nametoindex", "oname, /", |vm, args| {
            let name = crate::os_path::path_bytes(vm, args.at(0))?;
            // SAFETY: a terminated name.
            match unsafe { libc::if_nametoindex(name.as_ptr()) } {
                0 => Err(if_name_error(vm, "no interface with this name")),
                index => vm.new_uint(index as usize),
            }
        }),
        NativeDef::function("if_indextoname", "if_index, /", |vm, args| {
            let Ok(index) = u32::try_from(vm.index_i64(args.at(0))?) else {
                return Err(vm.overflow_error("Python int too large to convert to C int"));
            };
            let mut room = [0; libc::IF_NAMESIZE];
            // SAFETY: the room is as large as the call demands.
            unsafe {
                if libc::if_indextoname(index, room.as_mut_ptr()).is_null() {
                    return Err(os_error(vm, &std::io::Error::last_os_error(), None));
                }
                crate::os_path::decode(vm, std::ffi::CStr::from_ptr(room.as_ptr()).to_bytes())
            }
        }),
        NativeDef::function("CMSG_LEN", "length, /", |vm, args| {
            let len = message::length(vm, args.at(0), "CMSG_LEN")?;
            // SAFETY: arithmetic.
            vm.new_uint(unsafe { libc::CMSG_LEN(len) } as usize)
        }),
        NativeDef::function("CMSG_SPACE", "length, /", |vm, args| {
            let len = message::length(vm, args.at(0), "CMSG_SPACE")?;
            // SAFETY: arithmetic.
            vm.new_uint(unsafe { libc::CMSG_SPACE(len) } as usize)
        }),
        NativeDef::function("sethostname", "name, /", |vm, args| {
            let name = crate::os_path::path_bytes(vm, args.at(0))?;
            // SAFETY: pointer and length of a live string.
            check_none(vm, unsafe { libc::sethostname(name.as_ptr(), name.as_bytes().len()) })
        }),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_socket")
};

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    crate::args::add_functions(vm, dict, "_socket", lookup::FUNCTIONS)?;
    vm.set_item_text(dict, "error", vm.exceptions.OSError.as_value())?;
    vm.set_item_text(dict, "timeout", vm.exceptions.TimeoutError.as_value())?;
    for name in ["herror", "gaierror"] {
        let class = vm.new_exception_class("socket", name, vm.exceptions.OSError)?;
        vm.set_item_text(dict, name, class.as_value())?;
    }
    let class = vm.add_class(dict, &object::SOCKET)?;
    vm.set_item_text(dict, "SocketType", class.as_value())?;
    vm.set_item_text(dict, "has_ipv6", Value::TRUE)?;
    let more = [
        ("INADDR_ANY", 0),
        ("INADDR_BROADCAST", 0xffff_ffff),
        ("INADDR_LOOPBACK", 0x7f00_0001),
        ("INADDR_UNSPEC_GROUP", 0xe000_0000),
        ("INADDR_ALLHOSTS_GROUP", 0xe000_0001),
        ("INADDR_MAX_LOCAL_GROUP", 0xe000_00ff),
        ("INADDR_NONE", 0xffff_ffff),
        ("IPPORT_RESERVED", 1024),
        ("IPPORT_USERRESERVED", 5000),
        ("IPV6_JOIN_GROUP", i64::from(libc::IPV6_ADD_MEMBERSHIP)),
        ("IPV6_LEAVE_GROUP", i64::from(libc::IPV6_DROP_MEMBERSHIP)),
        ("NI_MAXSERV", 32),
        ("EAI_ADDRFAMILY", -9),
        ("ETHERTYPE_ARP", 0x0806),
        ("ETHERTYPE_IP", 0x0800),
        ("ETHERTYPE_IPV6", 0x86dd),
        ("ETHERTYPE_VLAN", 0x8100),
        ("AF_QIPCRTR", 42),
    ];
    crate::args::add_constants(vm, dict, &more)?;
    crate::args::add_constants(vm, dict, constants::CONSTANTS)
}
