//! `sendmsg` and `recvmsg`: several buffers, and data beside the data.

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::address::{Address, parse};
use super::object::handle;
use super::transfer::room;
use crate::args::{c_int, given};

/// The argument of `CMSG_LEN` and `CMSG_SPACE`.
pub(super) fn length(vm: &Vm, value: Value, name: &str) -> PyResult<u32> {
    match u32::try_from(vm.index_i64(value)?) {
        Ok(len) if len < i32::MAX as u32 - 64 => Ok(len),
        _ => Err(vm.overflow_error(format!("{name}() argument out of range"))),
    }
}

/// Aligned room for control messages.
fn control_room(len: usize) -> Vec<u64> {
    vec![0; len.div_ceil(8)]
}

struct Received {
    bytes: usize,
    flags: i32,
    sender: Address,
    /// Level, kind and content of each control message.
    control: Vec<(i32, i32, Vec<u8>)>,
}

fn receive(vm: &Vm, socket: Value, parts: &mut [libc::iovec], control_len: usize, flags: i32) -> PyResult<Received> {
    let own = handle(vm, socket);
    let mut sender = Address::empty();
    let mut control = control_room(control_len);
    // SAFETY: a zeroed header is valid.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = sender.mut_ptr().cast();
    header.msg_namelen = sender.len;
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if control_len > 0 {
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = control_len as _;
    }
    let at = &raw mut header;
    // SAFETY: everything the header names is live.
    let bytes = own.io(vm, false, || unsafe { libc::recvmsg(own.fd, at, flags) })?;
    sender.len = header.msg_namelen;
    let mut found = Vec::new();
    // SAFETY: the call left a well-formed list of control messages within the room; data behind its end is not read.
    unsafe {
        let end = control.as_ptr().cast::<u8>().add(header.msg_controllen as usize);
        let mut at = libc::CMSG_FIRSTHDR(&raw const header);
        while let Some(entry) = at.as_ref() {
            let data = libc::CMSG_DATA(at).cast_const();
            let told = entry.cmsg_len.saturating_sub(libc::CMSG_LEN(0) as usize);
            let len = told.min(end.addr().saturating_sub(data.addr()));
            found.push((entry.cmsg_level, entry.cmsg_type, std::slice::from_raw_parts(data, len).to_vec()));
            at = libc::CMSG_NXTHDR(&raw const header, at);
        }
    }
    Ok(Received { bytes, flags: header.msg_flags, sender, control: found })
}

fn control_argument(vm: &Vm, value: Option<Value>) -> PyResult<usize> {
    let len = value.map_or(Ok(0), |len| vm.index_i64(len))?;
    match usize::try_from(len) {
        Ok(len) if len <= i32::MAX as usize => Ok(len),
        _ => Err(vm.value_error("invalid ancillary data buffer length")),
    }
}

fn result(vm: &Vm, first: Value, received: &Received) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    for (level, kind, data) in &received.control {
        let items = [vm.new_int((*level).into())?, vm.new_int((*kind).into())?, vm.new_bytes(data)?];
        vm.list_append(list, vm.new_tuple(&items)?)?;
    }
    let items = [first, list, vm.new_int(received.flags.into())?, received.sender.value(vm)?];
    vm.new_tuple(&items)
}

pub(super) fn recvmsg(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut data = room(vm, args.at(1), "recvmsg()")?;
    let control = control_argument(vm, args.opt(2))?;
    let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
    let mut part = [libc::iovec { iov_base: data.as_mut_ptr().cast(), iov_len: data.capacity() }];
    let received = receive(vm, args.at(0), &mut part, control, flags)?;
    // SAFETY: the call wrote this many of the bytes reserved.
    unsafe { data.set_len(received.bytes.min(data.capacity())) };
    result(vm, vm.new_bytes(&data)?, &received)
}

pub(super) fn recvmsg_into(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut buffers = vm.heap.root_vec();
    vm.for_each(args.at(1), |buffer| {
        buffers.push(buffer);
        Ok(())
    })?;
    let mut rooms = Vec::new();
    for buffer in buffers.iter() {
        rooms.push(vec![0u8; vm.with_bytes(*buffer, <[u8]>::len)?]);
    }
    let control = control_argument(vm, args.opt(2))?;
    let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
    let mut parts: Vec<libc::iovec> =
        rooms.iter_mut().map(|room| libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() }).collect();
    let received = receive(vm, args.at(0), &mut parts, control, flags)?;
    let mut left = received.bytes;
    for (room, buffer) in rooms.iter().zip(buffers.iter()) {
        let here = room.len().min(left);
        left -= here;
        crate::io::store_into(vm, *buffer, &room[..here])?;
    }
    result(vm, vm.new_uint(received.bytes)?, &received)
}

/// Control messages of an iterable of `(level, kind, data)`, laid out as the system wants them.
fn control_messages(vm: &Vm, list: Value) -> PyResult<(Vec<u64>, usize)> {
    let mut entries = Vec::new();
    vm.for_each(list, |item| {
        let mut parts = cinder_vm::value_vec::ValueVec::<[Value; 4]>::new();
        vm.for_each(item, |part| {
            parts.push(part);
            Ok(())
        })?;
        let [level, kind, data] = *parts.as_slice() else {
            return Err(vm.type_error("[sendmsg() ancillary data items] must be a sequence of length 3"));
        };
        entries.push((c_int(vm, level)?, c_int(vm, kind)?, vm.with_bytes(data, <[u8]>::to_vec)?));
        Ok(())
    })?;
    // SAFETY: arithmetic.
    let space = |data: &[u8]| unsafe { libc::CMSG_SPACE(data.len() as u32) as usize };
    let total: usize = entries.iter().map(|(_, _, data)| space(data)).sum();
    let mut room = control_room(total);
    let mut at = room.as_mut_ptr().cast::<u8>();
    for (level, kind, data) in &entries {
        // SAFETY: the room has space for each entry, whose size is a multiple of the alignment.
        unsafe {
            let header = at.cast::<libc::cmsghdr>();
            (*header).cmsg_level = *level;
            (*header).cmsg_type = *kind;
            (*header).cmsg_len = libc::CMSG_LEN(data.len() as u32) as _;
            libc::CMSG_DATA(header).copy_from_nonoverlapping(data.as_ptr(), data.len());
            at = at.add(space(data));
        }
    }
    Ok((room, total))
}

pub(super) fn sendmsg(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let mut data = Vec::new();
    vm.for_each(args.at(1), |buffer| {
        data.push(vm.with_bytes(buffer, <[u8]>::to_vec)?);
        Ok(())
    })?;
    let (mut control, control_len) = match given(args.opt(2)) {
        Some(list) => control_messages(vm, list)?,
        None => (Vec::new(), 0),
    };
    let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
    let mut to = given(args.opt(4)).map(|address| parse(vm, own.family, address, "sendmsg")).transpose()?;
    let mut parts: Vec<libc::iovec> =
        data.iter_mut().map(|part| libc::iovec { iov_base: part.as_mut_ptr().cast(), iov_len: part.len() }).collect();
    // SAFETY: a zeroed header is valid.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    if let Some(to) = &mut to {
        header.msg_name = to.mut_ptr().cast();
        header.msg_namelen = to.len;
    }
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if control_len > 0 {
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = control_len as _;
    }
    let at = &raw const header;
    // SAFETY: everything the header names is live.
    let put = own.io(vm, true, || unsafe { libc::sendmsg(own.fd, at, flags) })?;
    vm.new_uint(put)
}
