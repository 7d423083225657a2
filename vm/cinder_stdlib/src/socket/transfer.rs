//! Sending and receiving bytes.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::address::{Address, parse};
use super::object::handle;
use crate::args::c_int;

fn flags(vm: &Vm, value: Option<Value>) -> PyResult<i32> {
    value.map_or(Ok(0), |flags| c_int(vm, flags))
}

/// Room for `len` bytes. Errors: ValueError for a negative length, MemoryError.
pub(super) fn room(vm: &Vm, value: Value, caller: &str) -> PyResult<Vec<u8>> {
    let Ok(len) = usize::try_from(vm.index_i64(value)?) else {
        return Err(vm.value_error(format!("negative buffersize in {caller}")));
    };
    let mut room = Vec::new();
    if room.try_reserve_exact(len).is_err() {
        return Err(vm.memory_error_text(""));
    }
    Ok(room)
}

/// Length of the part of a writable buffer that a call may fill.
fn part_len(vm: &Vm, buffer: Value, count: Option<Value>, caller: &str) -> PyResult<usize> {
    let len = vm.with_bytes(buffer, <[u8]>::len)?;
    let count = count.map_or(Ok(0), |count| vm.index_i64(count))?;
    match usize::try_from(count) {
        Err(_) => Err(vm.value_error(format!("negative buffersize in {caller}"))),
        Ok(0) => Ok(len),
        Ok(count) if count > len => Err(vm.value_error("nbytes is greater than the length of the buffer")),
        Ok(count) => Ok(count),
    }
}

/// Receives at most as many bytes as were reserved.
fn receive(vm: &Vm, socket: Value, room: &mut Vec<u8>, flags: i32) -> PyResult<()> {
    let own = handle(vm, socket);
    let (at, len) = (room.as_mut_ptr(), room.capacity());
    // SAFETY: this many bytes were reserved.
    let got = own.io(vm, false, || unsafe { libc::recv(own.fd, at.cast(), len, flags) })?;
    // SAFETY: the call wrote this many bytes.
    unsafe { room.set_len(got.min(len)) };
    Ok(())
}

/// The same with the sender.
fn receive_from(vm: &Vm, socket: Value, room: &mut Vec<u8>, flags: i32) -> PyResult<Address> {
    let own = handle(vm, socket);
    let mut sender = Address::empty();
    let (at, len) = (room.as_mut_ptr(), room.capacity());
    let (from, from_len) = (sender.mut_ptr(), &raw mut sender.len);
    let got = own.io(vm, false, || {
        // SAFETY: this many bytes were reserved; there is room for any address.
        unsafe {
            *from_len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            libc::recvfrom(own.fd, at.cast(), len, flags, from, from_len)
        }
    })?;
    // SAFETY: the call wrote this many bytes.
    unsafe { room.set_len(got.min(len)) };
    Ok(sender)
}

pub(super) fn recv(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (mut room, flags) = (room(vm, args.at(1), "recv")?, flags(vm, args.opt(2))?);
    if room.capacity() > 0 {
        receive(vm, args.at(0), &mut room, flags)?;
    }
    vm.new_bytes(&room)
}

pub(super) fn recvfrom(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (mut room, flags) = (room(vm, args.at(1), "recvfrom")?, flags(vm, args.opt(2))?);
    let sender = receive_from(vm, args.at(0), &mut room, flags)?;
    let pair = [vm.new_bytes(&room)?, sender.value(vm)?];
    vm.new_tuple(&pair)
}

pub(super) fn recv_into(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let len = part_len(vm, args.at(1), args.opt(2), "recv_into")?;
    let flags = flags(vm, args.opt(3))?;
    let mut room = Vec::with_capacity(len);
    if len > 0 {
        receive(vm, args.at(0), &mut room, flags)?;
    }
    room.truncate(len);
    crate::io::store_into(vm, args.at(1), &room)?;
    vm.new_uint(room.len())
}

pub(super) fn recvfrom_into(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let len = part_len(vm, args.at(1), args.opt(2), "recvfrom_into")?;
    let flags = flags(vm, args.opt(3))?;
    let mut room = Vec::with_capacity(len);
    let sender = receive_from(vm, args.at(0), &mut room, flags)?;
    room.truncate(len);
    crate::io::store_into(vm, args.at(1), &room)?;
    let pair = [vm.new_uint(room.len())?, sender.value(vm)?];
    vm.new_tuple(&pair)
}

pub(super) fn send(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let (bytes, flags) = (vm.with_bytes(args.at(1), <[u8]>::to_vec)?, flags(vm, args.opt(2))?);
    // SAFETY: pointer and length of live bytes.
    let put = own.io(vm, true, || unsafe { libc::send(own.fd, bytes.as_ptr().cast(), bytes.len(), flags) })?;
    vm.new_uint(put)
}

pub(super) fn sendall(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let (bytes, flags) = (vm.with_bytes(args.at(1), <[u8]>::to_vec)?, flags(vm, args.opt(2))?);
    let deadline = own.deadline();
    let mut rest = bytes.as_slice();
    loop {
        // SAFETY: pointer and length of live bytes.
        let call = || unsafe { libc::send(own.fd, rest.as_ptr().cast(), rest.len(), flags) };
        let put = own.io_until(vm, true, deadline, call)?;
        rest = &rest[put.min(rest.len())..];
        if rest.is_empty() {
            return Ok(Value::NONE);
        }
        vm.check_interrupts()?;
    }
}

pub(super) fn sendto(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let (flags, address) = match args.opt(3) {
        Some(address) => (c_int(vm, args.at(2))?, address),
        None => (0, args.at(2)),
    };
    let to = parse(vm, own.family, address, "sendto")?;
    let put = own.io(vm, true, || {
        // SAFETY: pointer and length of live bytes; a complete address.
        unsafe { libc::sendto(own.fd, bytes.as_ptr().cast(), bytes.len(), flags, to.ptr(), to.len) }
    })?;
    vm.new_uint(put)
}
