//! `syslog`: messages to the system's log. Source: Modules/syslogmodule.c.
//!
//! Holds: the text that `openlog` was given stays in memory until `closelog`, since the C library only remembers where it is.

use std::cell::RefCell;
use std::ffi::CString;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{self, add_constants, constants, given};

pub(crate) static SYSLOG: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("openlog", "ident=None, logoption=0, facility=8", open),
        NativeDef::function("closelog", "", close),
        NativeDef::function("syslog", "*args", log),
        NativeDef::function("setlogmask", "maskpri, /", |vm, args| {
            let mask = args::c_int(vm, args.at(0))?;
            // SAFETY: sets a number of the C library.
            vm.new_int(unsafe { libc::setlogmask(mask) }.into())
        }),
        NativeDef::function("LOG_MASK", "pri, /", |vm, args| {
            vm.new_int(1i64.wrapping_shl(vm.index_i64(args.at(0))? as u32))
        }),
        NativeDef::function("LOG_UPTO", "pri, /", |vm, args| {
            vm.new_int(1i64.wrapping_shl(vm.index_i64(args.at(0))? as u32 + 1) - 1)
        }),
    ],
    setup: Some(|vm, dict| {
        add_constants(
            vm,
            dict,
            constants!(
                LOG_EMERG,
                LOG_ALERT,
                LOG_CRIT,
                LOG_ERR,
                LOG_WARNING,
                LOG_NOTICE,
                LOG_INFO,
                LOG_DEBUG,
                LOG_PID,
                LOG_CONS,
                LOG_NDELAY,
                LOG_ODELAY,
                LOG_NOWAIT,
                LOG_PERROR,
                LOG_KERN,
                LOG_USER,
                LOG_MAIL,
                LOG_DAEMON,
                LOG_AUTH,
                LOG_LPR,
                LOG_LOCAL0,
                LOG_LOCAL1,
                LOG_LOCAL2,
                LOG_LOCAL3,
                LOG_LOCAL4,
                LOG_LOCAL5,
                LOG_LOCAL6,
                LOG_LOCAL7,
                LOG_SYSLOG,
                LOG_CRON,
                LOG_UUCP,
                LOG_NEWS,
                LOG_AUTHPRIV,
            ),
        )
    }),
    ..ModuleDef::new("syslog")
};

/// The name that messages bear, while the log is open.
#[derive(Default)]
struct Open(RefCell<Option<CString>>);

fn open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let ident = match given(args.opt(0)) {
        Some(ident) => args::text(vm, ident, "openlog() argument 1")?,
        None => program_name(vm),
    };
    let options = args.opt(1).map_or(Ok(0), |options| args::c_int(vm, options))?;
    let facility = args.opt(2).map_or(Ok(libc::LOG_USER), |facility| args::c_int(vm, facility))?;
    let Ok(ident) = CString::new(ident) else { return Err(vm.value_error("embedded null character")) };
    let place = ident.as_ptr();
    let previous = vm.native_state(Open::default).0.replace(Some(ident));
    // SAFETY: the text stays where it is until the log is opened anew or closed.
    unsafe { libc::openlog(place, options, facility) };
    drop(previous);
    Ok(Value::NONE)
}

/// The last part of `sys.argv[0]`.
fn program_name(vm: &Vm) -> String {
    let argv = vm.sys_attribute("argv").and_then(|argv| vm.as_list(argv));
    let first = argv.and_then(|argv| argv.get(0)).filter(|first| vm.is_str(*first));
    let path = first.map(|first| vm.str_text(first).into_owned()).unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn close(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    // SAFETY: no text is remembered afterwards.
    unsafe { libc::closelog() };
    vm.native_state(Open::default).0.replace(None);
    Ok(Value::NONE)
}

fn log(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (priority, message) = match *vm.tuple_items(args.at(0)) {
        [message] => (libc::LOG_INFO, message),
        [priority, message] => (args::c_int(vm, priority)?, message),
        _ => return Err(vm.type_error("syslog.syslog requires 1 to 2 arguments")),
    };
    let message = args::text(vm, message, "syslog() argument")?.replace('\0', "");
    if vm.native_state(Open::default).0.borrow().is_none() {
        open(vm, &[None, None, None])?;
    }
    let message = CString::new(message).expect("no zero is left");
    vm.allow_threads(|| {
        // SAFETY: both are texts with an end.
        unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) };
    });
    Ok(Value::NONE)
}
