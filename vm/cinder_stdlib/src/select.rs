//! `select`: waiting for descriptors. Source: Modules/selectmodule.c.

mod constants;
mod epoll;
mod poll;

use std::time::Duration;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{descriptor, given, os_error};
use crate::blocking::{self, Deadline};

/// A time-out in seconds; `None` waits for ever.
fn seconds(vm: &Vm, value: Option<Value>) -> PyResult<Option<Duration>> {
    let Some(value) = given(value) else { return Ok(None) };
    if !vm.is_int(value) && vm.type_of(value).slots().float.is_none() && vm.type_of(value).slots().index.is_none() {
        return Err(vm.type_error("timeout must be a float or None"));
    }
    let seconds = vm.float_argument(value)?;
    if seconds < 0.0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    blocking::duration(vm, seconds).map(Some)
}

/// The objects of one list with their descriptors. The objects stay alive in `kept`.
fn collect(vm: &Vm, list: Value, kept: &mut cinder_heap::RootVec) -> PyResult<Vec<i32>> {
    let mut fds = Vec::new();
    if vm.type_of(list).slots().iter.is_none() && vm.type_of(list).slots().getitem.is_none() {
        return Err(vm.type_error("arguments 1-3 must be sequences"));
    }
    vm.for_each(list, |item| {
        let fd = descriptor(vm, item)?;
        if fd as usize >= libc::FD_SETSIZE {
            return Err(vm.value_error("filedescriptor out of range in select()"));
        }
        kept.push(item);
        fds.push(fd);
        Ok(())
    })?;
    Ok(fds)
}

fn select(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let deadline = Deadline::after(seconds(vm, args.opt(3))?);
    let mut kept = [vm.heap.root_vec(), vm.heap.root_vec(), vm.heap.root_vec()];
    let mut fds: [Vec<i32>; 3] = Default::default();
    for index in 0..3 {
        fds[index] = collect(vm, args.at(index), &mut kept[index])?;
    }
    let most = fds.iter().flatten().copied().max().unwrap_or(-1) + 1;
    // SAFETY: a zeroed set is an empty one.
    let mut sets: [libc::fd_set; 3] = unsafe { std::mem::zeroed() };
    let found = blocking::call(vm, || {
        for (set, fds) in sets.iter_mut().zip(&fds) {
            // SAFETY: the numbers are below FD_SETSIZE.
            unsafe {
                libc::FD_ZERO(set);
                fds.iter().for_each(|fd| libc::FD_SET(*fd, set));
            }
        }
        let mut time = deadline.left().map(|left| libc::timeval {
            tv_sec: left.as_secs().cast_signed(),
            tv_usec: left.subsec_nanos().div_ceil(1000).min(999_999).into(),
        });
        let time = time.as_mut().map_or(std::ptr::null_mut(), std::ptr::from_mut);
        let [read, write, error] = &mut sets;
        // SAFETY: the sets and the time are locals.
        unsafe { libc::select(most, read, write, error, time) as isize }
    })?;
    if let Err(error) = found {
        return Err(os_error(vm, &error, None));
    }
    let mut lists = [Value::NONE; 3];
    for index in 0..3 {
        let list = vm.new_list(&[])?;
        for (fd, object) in fds[index].iter().zip(kept[index].iter()) {
            // SAFETY: the set was filled by the call.
            if unsafe { libc::FD_ISSET(*fd, &raw const sets[index]) } {
                vm.list_append(list, *object)?;
            }
        }
        lists[index] = list;
    }
    vm.new_tuple(&lists)
}

pub(crate) static SELECT: ModuleDef = ModuleDef {
    doc: "This module supports asynchronous I/O on multiple file descriptors.",
    functions: &[
        NativeDef::function("select", "rlist, wlist, xlist, timeout=None, /", select),
        NativeDef::function("poll", "", |vm, _| poll::new(vm)),
    ],
    setup: Some(|vm, dict| {
        vm.set_item_text(dict, "error", vm.exceptions.OSError.as_value())?;
        crate::args::add_constants(vm, dict, constants::CONSTANTS)?;
        vm.add_class(dict, &epoll::EPOLL)?;
        Ok(())
    }),
    ..ModuleDef::new("select")
};
