//! Names of hosts, services and protocols.

use std::ffi::{CStr, CString};
use std::net::{Ipv4Addr, Ipv6Addr};

use cinder_vm::{Arg, ArgsExt, NativeDef, PyResult, Raised, Value, Vm};

use super::address::Address;
use super::raise_own;
use crate::args::{c_int, given, os_error};
use crate::os_path::decode;

fn gai_error(vm: &Vm, code: i32) -> Raised {
    if code == libc::EAI_SYSTEM {
        return os_error(vm, &std::io::Error::last_os_error(), None);
    }
    // SAFETY: a static text of the C library.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned();
    raise_own(vm, "gaierror", code, &text)
}

/// One answer of `getaddrinfo`.
struct Found {
    family: i32,
    kind: i32,
    proto: i32,
    name: Option<Vec<u8>>,
    address: Address,
}

/// Asks the system; other threads run meanwhile.
fn ask(vm: &Vm, host: Option<&CStr>, service: Option<&CStr>, hints: &libc::addrinfo) -> PyResult<Vec<Found>> {
    let pointer = |text: Option<&CStr>| text.map_or(std::ptr::null(), CStr::as_ptr);
    let (host, service) = (pointer(host), pointer(service));
    let mut list = std::ptr::null_mut();
    // SAFETY: terminated strings or null; the list is freed below.
    let code = vm.allow_threads(|| unsafe { libc::getaddrinfo(host, service, hints, &raw mut list) });
    if code != 0 {
        return Err(gai_error(vm, code));
    }
    let mut found = Vec::new();
    let mut at = list;
    // SAFETY: a list made by `getaddrinfo`, freed once after everything was copied.
    unsafe {
        while let Some(entry) = at.as_ref() {
            let mut address = Address::empty();
            let len = (entry.ai_addrlen as usize).min(size_of::<libc::sockaddr_storage>());
            address.mut_ptr().cast::<u8>().copy_from_nonoverlapping(entry.ai_addr.cast(), len);
            address.len = len as libc::socklen_t;
            let name = (!entry.ai_canonname.is_null()).then(|| CStr::from_ptr(entry.ai_canonname).to_bytes().to_vec());
            let (family, kind, proto) = (entry.ai_family, entry.ai_socktype, entry.ai_protocol);
            found.push(Found { family, kind, proto, name, address });
            at = entry.ai_next;
        }
        libc::freeaddrinfo(list);
    }
    Ok(found)
}

fn hints(family: i32, kind: i32, proto: i32, flags: i32) -> libc::addrinfo {
    // SAFETY: zeroed hints are valid.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    (hints.ai_family, hints.ai_socktype, hints.ai_protocol, hints.ai_flags) = (family, kind, proto, flags);
    hints
}

/// A host name as bytes: str by IDNA, bytes as they are.
fn host_bytes(vm: &Vm, host: Value) -> PyResult<CString> {
    let bytes = if vm.is_str(host) {
        let text = vm.str_text(host);
        if text.is_ascii() {
            text.as_bytes().to_vec()
        } else {
            let encoded = vm.encode_text(host, "idna", "strict")?;
            vm.with_bytes(encoded, <[u8]>::to_vec)?
        }
    } else if vm.type_of(host).slots().buffer.is_some() {
        vm.with_bytes(host, <[u8]>::to_vec)?
    } else {
        let found = vm.type_name(host);
        return Err(vm.type_error(format!("str, bytes or bytearray expected, not {found}")));
    };
    CString::new(bytes).map_err(|_| vm.type_error("host name must not contain null character"))
}

/// The address of a host in a family, port 0.
pub(super) fn resolve(vm: &Vm, host: Value, family: i32) -> PyResult<Address> {
    let name = host_bytes(vm, host)?;
    let text = name.to_str().unwrap_or("");
    if family == libc::AF_INET {
        match text {
            "" => return Ok(Address::v4(Ipv4Addr::UNSPECIFIED, 0)),
            "<broadcast>" => return Ok(Address::v4(Ipv4Addr::BROADCAST, 0)),
            _ => {}
        }
        if let Ok(address) = text.parse() {
            return Ok(Address::v4(address, 0));
        }
    } else {
        if text.is_empty() {
            return Ok(Address::v6(Ipv6Addr::UNSPECIFIED, 0, 0, 0));
        }
        if let Ok(address) = text.parse() {
            return Ok(Address::v6(address, 0, 0, 0));
        }
    }
    let found = ask(vm, Some(&name), None, &hints(family, libc::SOCK_DGRAM, 0, 0))?;
    match found.into_iter().find(|entry| entry.family == family) {
        Some(entry) => Ok(entry.address),
        None => Err(gai_error(vm, libc::EAI_NONAME)),
    }
}

/// Host and service of an address by `getnameinfo`; the error is its number.
fn names_of(address: &Address, flags: i32) -> Result<(Vec<u8>, Vec<u8>), i32> {
    let (mut host, mut service) = ([0; 1025], [0; 32]);
    // SAFETY: pointers and lengths of live arrays, which the call terminates.
    unsafe {
        let code = libc::getnameinfo(
            address.ptr(),
            address.len,
            host.as_mut_ptr(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr(),
            service.len() as libc::socklen_t,
            flags,
        );
        if code != 0 {
            return Err(code);
        }
        Ok((CStr::from_ptr(host.as_ptr()).to_bytes().to_vec(), CStr::from_ptr(service.as_ptr()).to_bytes().to_vec()))
    }
}

/// The host in digits.
pub(super) fn numeric_host(address: &Address) -> String {
    match names_of(address, libc::NI_NUMERICHOST | libc::NI_NUMERICSERV) {
        Ok((host, _)) => String::from_utf8_lossy(&host).into_owned(),
        Err(_) => String::new(),
    }
}

fn getaddrinfo(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let host = given(args.opt(0)).map(|host| host_bytes(vm, host)).transpose()?;
    let service = match given(args.opt(1)) {
        None => None,
        Some(port) if vm.is_int(port) => {
            let number = vm.int_to_i64(port).map_or_else(
                || vm.str(port).map(|text| vm.str_text(text).into_owned()),
                |number| Ok(number.to_string()),
            )?;
            CString::new(number).ok()
        }
        Some(port) if vm.is_str(port) || vm.as_bytes(port).is_some() => Some(host_bytes(vm, port)?),
        Some(_) => return Err(vm.raise_text(vm.exceptions.OSError, "Int or String expected")),
    };
    let number = |index: usize| args.opt(index).map_or(Ok(0), |value| c_int(vm, value));
    let hints = hints(number(2)?, number(3)?, number(4)?, number(5)?);
    let found = ask(vm, host.as_deref(), service.as_deref(), &hints)?;
    let list = vm.new_list(&[])?;
    for entry in &found {
        let name = entry.name.as_deref().unwrap_or(b"");
        let items = [
            vm.new_int(entry.family.into())?,
            vm.new_int(entry.kind.into())?,
            vm.new_int(entry.proto.into())?,
            decode(vm, name)?,
            entry.address.value(vm)?,
        ];
        vm.list_append(list, vm.new_tuple(&items)?)?;
    }
    Ok(list)
}

fn getnameinfo(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (given_address, flags) = (args.at(0), c_int(vm, args.at(1))?);
    if vm.as_tuple(given_address).is_none() {
        return Err(vm.type_error("getnameinfo() argument 1 must be a tuple"));
    }
    let items = vm.tuple_items(given_address);
    if !(2..=4).contains(&items.len()) || !vm.is_str(items[0]) {
        return Err(vm.type_error("getnameinfo(): illegal sockaddr argument"));
    }
    let flow = items.get(2).map_or(Ok(0), |flow| vm.index_i64(*flow))?;
    if !(0..=0xf_ffff).contains(&flow) {
        return Err(vm.overflow_error("getnameinfo(): flowinfo must be 0-1048575."));
    }
    let host = host_bytes(vm, items[0])?;
    let port = CString::new(vm.index_i64(items[1])?.to_string()).expect("digits");
    let hint = hints(libc::AF_UNSPEC, libc::SOCK_DGRAM, 0, libc::AI_NUMERICHOST);
    let found = ask(vm, Some(&host), Some(&port), &hint)?;
    let [entry] = found.as_slice() else {
        return Err(vm.raise_text(vm.exceptions.OSError, "sockaddr resolved to multiple addresses"));
    };
    if entry.family == libc::AF_INET && items.len() != 2 {
        return Err(vm.raise_text(vm.exceptions.OSError, "IPv4 sockaddr must be 2 tuple"));
    }
    let address = entry.address;
    match vm.allow_threads(|| names_of(&address, flags)) {
        Ok((host, service)) => {
            let pair = [decode(vm, &host)?, decode(vm, &service)?];
            vm.new_tuple(&pair)
        }
        Err(code) => Err(gai_error(vm, code)),
    }
}

fn gethostbyname(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let address = resolve(vm, args.at(0), libc::AF_INET)?;
    vm.new_str(&numeric_host(&address))
}

/// `(name, aliases, addresses)`.
fn host_entry(vm: &Vm, name: &[u8], addresses: &[String]) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    for address in addresses {
        vm.list_append(list, vm.new_str(address)?)?;
    }
    let items = [decode(vm, name)?, vm.new_list(&[])?, list];
    vm.new_tuple(&items)
}

fn gethostbyname_ex(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = host_bytes(vm, args.at(0))?;
    let found = ask(vm, Some(&name), None, &hints(libc::AF_INET, libc::SOCK_STREAM, 0, libc::AI_CANONNAME))?;
    let own = found.iter().find_map(|entry| entry.name.clone()).unwrap_or_else(|| name.to_bytes().to_vec());
    let addresses: Vec<String> = found.iter().map(|entry| numeric_host(&entry.address)).collect();
    host_entry(vm, &own, &addresses)
}

fn gethostbyaddr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = host_bytes(vm, args.at(0))?;
    let found = ask(vm, Some(&name), None, &hints(libc::AF_UNSPEC, libc::SOCK_STREAM, 0, 0))?;
    let Some(entry) = found.first() else { return Err(gai_error(vm, libc::EAI_NONAME)) };
    let address = entry.address;
    match vm.allow_threads(|| names_of(&address, libc::NI_NAMEREQD)) {
        Ok((host, _)) => host_entry(vm, &host, &[numeric_host(&address)]),
        Err(_) => Err(raise_own(vm, "herror", 1, "Unknown host")),
    }
}

fn gethostname(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let mut room = [0; 1025];
    // SAFETY: pointer and length of a live array that stays terminated.
    unsafe {
        if libc::gethostname(room.as_mut_ptr(), room.len() - 1) < 0 {
            return Err(os_error(vm, &std::io::Error::last_os_error(), None));
        }
        decode(vm, CStr::from_ptr(room.as_ptr()).to_bytes())
    }
}

fn text_argument(vm: &Vm, value: Value, place: &str) -> PyResult<CString> {
    let text = crate::args::text(vm, value, place)?;
    CString::new(text).map_err(|_| vm.value_error("embedded null character"))
}

fn proto_argument(vm: &Vm, value: Option<Value>) -> PyResult<Option<CString>> {
    value.map(|value| text_argument(vm, value, "argument 2")).transpose()
}

fn getservbyname(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = text_argument(vm, args.at(0), "getservbyname() argument 1")?;
    let proto = proto_argument(vm, args.opt(1))?;
    // SAFETY: terminated strings or null; the entry is read at once.
    let port = unsafe {
        let entry = libc::getservbyname(name.as_ptr(), proto.as_ref().map_or(std::ptr::null(), |proto| proto.as_ptr()));
        entry.as_ref().map(|entry| u16::from_be(entry.s_port as u16))
    };
    match port {
        Some(port) => vm.new_uint(port.into()),
        None => Err(vm.raise_text(vm.exceptions.OSError, "service/proto not found")),
    }
}

fn getservbyport(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Ok(port) = u16::try_from(vm.index_i64(args.at(0))?) else {
        return Err(vm.overflow_error("getservbyport: port must be 0-65535."));
    };
    let proto = proto_argument(vm, args.opt(1))?;
    // SAFETY: as above.
    let name = unsafe {
        let proto = proto.as_ref().map_or(std::ptr::null(), |proto| proto.as_ptr());
        let entry = libc::getservbyport(i32::from(port.to_be()), proto);
        entry.as_ref().map(|entry| CStr::from_ptr(entry.s_name).to_bytes().to_vec())
    };
    match name {
        Some(name) => decode(vm, &name),
        None => Err(vm.raise_text(vm.exceptions.OSError, "port/proto not found")),
    }
}

fn getprotobyname(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = text_argument(vm, args.at(0), "getprotobyname() argument")?;
    // SAFETY: a terminated string; the entry is read at once.
    let number = unsafe { libc::getprotobyname(name.as_ptr()).as_ref().map(|entry| entry.p_proto) };
    match number {
        Some(number) => vm.new_int(number.into()),
        None => Err(vm.raise_text(vm.exceptions.OSError, "protocol not found")),
    }
}

// ---- texts and bytes of addresses ----

fn inet_aton(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = crate::args::text(vm, args.at(0), "inet_aton() argument 1")?;
    match old_style(&text) {
        Some(address) => vm.new_bytes(&address.to_be_bytes()),
        None => Err(vm.raise_text(vm.exceptions.OSError, "illegal IP address string passed to inet_aton")),
    }
}

/// One to four numbers in C's notation; the last fills what is left of the address.
fn old_style(text: &str) -> Option<u32> {
    // What follows a blank is not looked at.
    let text = text.split_ascii_whitespace().next().filter(|_| !text.starts_with(char::is_whitespace))?;
    let parts: Vec<u32> = text
        .split('.')
        .map(|part| {
            let (digits, radix) = match part {
                _ if part.starts_with("0x") || part.starts_with("0X") => (&part[2..], 16),
                _ if part.len() > 1 && part.starts_with('0') => (&part[1..], 8),
                _ => (part, 10),
            };
            if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() }
        })
        .collect::<Option<_>>()?;
    let (last, before) = parts.split_last()?;
    if parts.len() > 4 || before.iter().any(|part| *part > 255) {
        return None;
    }
    let bits = 32 - 8 * before.len() as u32;
    if bits < 32 && last >> bits != 0 {
        return None;
    }
    let head = before.iter().fold(0u64, |all, part| all << 8 | u64::from(*part));
    Some(((head << bits) | u64::from(*last)) as u32)
}

fn inet_ntoa(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let bytes = vm.with_bytes(args.at(0), <[u8]>::to_vec)?;
    match <[u8; 4]>::try_from(bytes) {
        Ok(bytes) => vm.new_str(&Ipv4Addr::from(bytes).to_string()),
        Err(_) => Err(vm.raise_text(vm.exceptions.OSError, "packed IP wrong length")),
    }
}

fn inet_pton(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let family = c_int(vm, args.at(0))?;
    let text = crate::args::text(vm, args.at(1), "inet_pton() argument 2")?;
    let illegal = || vm.raise_text(vm.exceptions.OSError, "illegal IP address string passed to inet_pton");
    match family {
        libc::AF_INET => match text.parse::<Ipv4Addr>() {
            Ok(address) => vm.new_bytes(&address.octets()),
            Err(_) => Err(illegal()),
        },
        libc::AF_INET6 => match text.parse::<Ipv6Addr>() {
            Ok(address) => vm.new_bytes(&address.octets()),
            Err(_) => Err(illegal()),
        },
        _ => Err(crate::args::os_error_number(vm, libc::EAFNOSUPPORT, None)),
    }
}

fn inet_ntop(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let family = c_int(vm, args.at(0))?;
    let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let wrong = || vm.value_error("invalid length of packed IP address string");
    match family {
        libc::AF_INET => match <[u8; 4]>::try_from(bytes) {
            Ok(bytes) => vm.new_str(&Ipv4Addr::from(bytes).to_string()),
            Err(_) => Err(wrong()),
        },
        libc::AF_INET6 => match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => vm.new_str(&numeric_host(&Address::v6(bytes.into(), 0, 0, 0))),
            Err(_) => Err(wrong()),
        },
        _ => Err(vm.value_error(format!("unknown address family {family}"))),
    }
}

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getaddrinfo", "host, port, family=0, type=0, proto=0, flags=0", getaddrinfo),
    NativeDef::function("getnameinfo", "sockaddr, flags, /", getnameinfo),
    NativeDef::function("gethostbyname", "name, /", gethostbyname),
    NativeDef::function("gethostbyname_ex", "name, /", gethostbyname_ex),
    NativeDef::function("gethostbyaddr", "name, /", gethostbyaddr),
    NativeDef::function("gethostname", "", gethostname),
    NativeDef::function("getservbyname", "servicename, protocolname=None, /", getservbyname),
    NativeDef::function("getservbyport", "port, protocolname=None, /", getservbyport),
    NativeDef::function("getprotobyname", "name, /", getprotobyname),
    NativeDef::function("inet_aton", "ip_addr, /", inet_aton),
    NativeDef::function("inet_ntoa", "packed_ip, /", inet_ntoa),
    NativeDef::function("inet_pton", "af, ip, /", inet_pton),
    NativeDef::function("inet_ntop", "af, packed_ip, /", inet_ntop),
];
