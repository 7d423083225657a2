//! Addresses: between tuples and the system's structs.

use std::net::{Ipv4Addr, Ipv6Addr};

use cinder_vm::{PyResult, Value, Vm};

use super::lookup;

/// Any address, with the length that is in use.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub(super) storage: libc::sockaddr_storage,
    pub(super) len: libc::socklen_t,
}

impl Address {
    /// Room for a call to fill.
    pub(super) fn empty() -> Address {
        // SAFETY: a zeroed address is valid.
        let storage = unsafe { std::mem::zeroed() };
        Address { storage, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    fn of<T>(value: T) -> Address {
        let mut made = Address::empty();
        assert!(size_of::<T>() <= size_of::<libc::sockaddr_storage>());
        // SAFETY: the storage is large enough and aligned for every kind of address.
        unsafe { (&raw mut made.storage).cast::<T>().write(value) };
        made.len = size_of::<T>() as libc::socklen_t;
        made
    }

    pub(super) fn ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub(super) fn mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    pub(super) fn v4(address: Ipv4Addr, port: u16) -> Address {
        // SAFETY: a zeroed address is valid.
        let mut made: libc::sockaddr_in = unsafe { std::mem::zeroed() };
        made.sin_family = libc::AF_INET as libc::sa_family_t;
        made.sin_port = port.to_be();
        made.sin_addr.s_addr = u32::from(address).to_be();
        Address::of(made)
    }

    pub(super) fn v6(address: Ipv6Addr, port: u16, flow: u32, scope: u32) -> Address {
        // SAFETY: a zeroed address is valid.
        let mut made: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
        made.sin6_family = libc::AF_INET6 as libc::sa_family_t;
        made.sin6_port = port.to_be();
        made.sin6_flowinfo = flow.to_be();
        made.sin6_scope_id = scope;
        made.sin6_addr.s6_addr = address.octets();
        Address::of(made)
    }

    /// The address as `getpeername()` shows it.
    pub(super) fn value(&self, vm: &Vm) -> PyResult<Value> {
        if self.len == 0 {
            return Ok(Value::NONE);
        }
        match i32::from(self.storage.ss_family) {
            libc::AF_INET => {
                // SAFETY: the family says which struct it is.
                let own = unsafe { &*self.ptr().cast::<libc::sockaddr_in>() };
                let host = Ipv4Addr::from(u32::from_be(own.sin_addr.s_addr)).to_string();
                let pair = [vm.new_str(&host)?, vm.new_uint(u16::from_be(own.sin_port).into())?];
                vm.new_tuple(&pair)
            }
            libc::AF_INET6 => {
                // SAFETY: as above.
                let own = unsafe { &*self.ptr().cast::<libc::sockaddr_in6>() };
                let host = lookup::numeric_host(self);
                let items = [
                    vm.new_str(&host)?,
                    vm.new_uint(u16::from_be(own.sin6_port).into())?,
                    vm.new_uint(u32::from_be(own.sin6_flowinfo) as usize)?,
                    vm.new_uint(own.sin6_scope_id as usize)?,
                ];
                vm.new_tuple(&items)
            }
            libc::AF_UNIX => self.unix_value(vm),
            libc::AF_NETLINK => {
                // SAFETY: as above.
                let own = unsafe { &*self.ptr().cast::<libc::sockaddr_nl>() };
                let pair = [vm.new_uint(own.nl_pid as usize)?, vm.new_uint(own.nl_groups as usize)?];
                vm.new_tuple(&pair)
            }
            libc::AF_VSOCK => {
                // SAFETY: as above.
                let own = unsafe { &*self.ptr().cast::<libc::sockaddr_vm>() };
                let pair = [vm.new_uint(own.svm_cid as usize)?, vm.new_uint(own.svm_port as usize)?];
                vm.new_tuple(&pair)
            }
            family => {
                // SAFETY: the storage is at least as long as its data.
                let data = unsafe { std::slice::from_raw_parts(self.ptr().cast::<u8>().add(2), 14) };
                let pair = [vm.new_int(family.into())?, vm.new_bytes(data)?];
                vm.new_tuple(&pair)
            }
        }
    }

    fn unix_value(&self, vm: &Vm) -> PyResult<Value> {
        // SAFETY: the family says which struct it is.
        let own = unsafe { &*self.ptr().cast::<libc::sockaddr_un>() };
        let len = (self.len as usize).saturating_sub(std::mem::offset_of!(libc::sockaddr_un, sun_path));
        let path: Vec<u8> = own.sun_path.iter().take(len).map(|byte| *byte as u8).collect();
        if path.first() == Some(&0) {
            // A name in the abstract name space.
            return vm.new_bytes(&path);
        }
        let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
        crate::os_path::decode(vm, &path[..end])
    }
}

fn port(vm: &Vm, value: Value, caller: &str) -> PyResult<u16> {
    let number = vm.index(value)?;
    match vm.int_to_i64(number).and_then(|number| u16::try_from(number).ok()) {
        Some(port) => Ok(port),
        None => Err(vm.overflow_error(format!("{caller}(): port must be 0-65535."))),
    }
}

/// The address that an argument names, for a socket of this family. `caller` names the method in messages.
pub(super) fn parse(vm: &Vm, family: i32, value: Value, caller: &str) -> PyResult<Address> {
    match family {
        libc::AF_INET => {
            let items = pair_items(vm, value, "AF_INET", caller)?;
            let [host, number] = items else {
                return Err(vm.type_error("AF_INET address must be a pair (host, port)"));
            };
            let mut found = lookup::resolve(vm, *host, libc::AF_INET)?;
            let port = port(vm, *number, caller)?;
            // SAFETY: `resolve` gives an address of the family asked for.
            unsafe { (*found.mut_ptr().cast::<libc::sockaddr_in>()).sin_port = port.to_be() };
            Ok(found)
        }
        libc::AF_INET6 => {
            let items = pair_items(vm, value, "AF_INET6", caller)?;
            if !(2..=4).contains(&items.len()) {
                let text = "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])";
                return Err(vm.type_error(text));
            }
            let mut found = lookup::resolve(vm, items[0], libc::AF_INET6)?;
            let port = port(vm, items[1], caller)?;
            let flow = items.get(2).map_or(Ok(0), |flow| vm.index_i64(*flow))?;
            let scope = items.get(3).map_or(Ok(0), |scope| vm.index_i64(*scope))?;
            if !(0..=0xf_ffff).contains(&flow) {
                return Err(vm.overflow_error(format!("{caller}(): flowinfo must be 0-1048575.")));
            }
            // SAFETY: as above.
            let own = unsafe { &mut *found.mut_ptr().cast::<libc::sockaddr_in6>() };
            own.sin6_port = port.to_be();
            own.sin6_flowinfo = (flow as u32).to_be();
            if items.len() == 4 {
                own.sin6_scope_id = scope as u32;
            }
            Ok(found)
        }
        libc::AF_UNIX => unix(vm, value),
        libc::AF_NETLINK => {
            let items = pair_items(vm, value, "AF_NETLINK", caller)?;
            let [pid, groups] = items else {
                return Err(vm.type_error("AF_NETLINK address must be a pair (pid, groups)"));
            };
            // SAFETY: a zeroed address is valid.
            let mut made: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
            made.nl_family = libc::AF_NETLINK as libc::sa_family_t;
            made.nl_pid = vm.index_i64(*pid)? as u32;
            made.nl_groups = vm.index_i64(*groups)? as u32;
            Ok(Address::of(made))
        }
        libc::AF_VSOCK => {
            let items = pair_items(vm, value, "AF_VSOCK", caller)?;
            let [cid, number] = items else {
                return Err(vm.type_error("AF_VSOCK address must be a pair (CID, port)"));
            };
            // SAFETY: a zeroed address is valid.
            let mut made: libc::sockaddr_vm = unsafe { std::mem::zeroed() };
            made.svm_family = libc::AF_VSOCK as libc::sa_family_t;
            made.svm_cid = vm.index_i64(*cid)? as u32;
            made.svm_port = vm.index_i64(*number)? as u32;
            Ok(Address::of(made))
        }
        _ => Err(vm.raise_text(vm.exceptions.OSError, &format!("{caller}(): bad family"))),
    }
}

fn pair_items(vm: &Vm, value: Value, family: &str, caller: &str) -> PyResult<&'static [Value]> {
    if vm.as_tuple(value).is_none() {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("{caller}(): {family} address must be tuple, not {found}")));
    }
    Ok(vm.tuple_items(value))
}

fn unix(vm: &Vm, value: Value) -> PyResult<Address> {
    let path = if vm.is_str(value) {
        vm.encode_native(value, cinder_vm::codecs::Encoding::Utf8, "surrogateescape")?
    } else {
        vm.with_bytes(value, <[u8]>::to_vec)?
    };
    // SAFETY: a zeroed address is valid.
    let mut made: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    let is_abstract = path.first() == Some(&0);
    let room = made.sun_path.len();
    if path.len() > room || !is_abstract && path.len() >= room {
        return Err(vm.raise_text(vm.exceptions.OSError, "AF_UNIX path too long"));
    }
    made.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (to, from) in made.sun_path.iter_mut().zip(&path) {
        *to = *from as libc::c_char;
    }
    let mut address = Address::of(made);
    let extra = usize::from(!is_abstract && !path.is_empty());
    address.len = (std::mem::offset_of!(libc::sockaddr_un, sun_path) + path.len() + extra) as libc::socklen_t;
    Ok(address)
}
