//! What a connection tells: the peer's certificates, ciphers, version and protocol.

use std::ffi::{c_int, c_uint};

use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::certificate::{self, Certificate};
use super::connection::own;
use super::context::VERIFY_PEER;
use super::library::{Cipher, Stack, X509, library};

/// The peer's certificate: None without one, its bytes for `der`, else a dict, which is empty where nobody has checked it.
pub(super) fn getpeercert(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = own(vm, args.at(0));
    let as_bytes = crate::args::flag(vm, args.opt(1), false)?;
    // SAFETY: a connection; the certificate's reference is ours.
    let (is_done, found, mode) = this.look(vm, |openssl, ssl| unsafe {
        let found = Certificate::adopt(openssl.SSL_get1_peer_certificate(ssl));
        let mode = openssl.SSL_CTX_get_verify_mode(openssl.SSL_get_SSL_CTX(ssl));
        (openssl.SSL_is_init_finished(ssl) != 0, found, mode)
    });
    if !is_done {
        return Err(vm.value_error("handshake not done yet"));
    }
    match found {
        None => Ok(Value::NONE),
        Some(found) if as_bytes => certificate::to_der(vm, found.raw()),
        Some(_) if mode & VERIFY_PEER == 0 => vm.new_dict(),
        Some(found) => certificate::to_dict(vm, found.raw()),
    }
}

/// References to the certificates of a chain; `None` for null.
///
/// # Safety
/// Null, or a stack of certificates that nobody changes meanwhile.
unsafe fn chain(stack: *const Stack) -> Option<Vec<Certificate>> {
    if stack.is_null() {
        return None;
    }
    // SAFETY: contract.
    Some(unsafe { library().items::<X509>(stack) }.map(|raw| unsafe { Certificate::share(raw) }).collect())
}

fn certificate_list(vm: &Vm, found: Option<Vec<Certificate>>) -> PyResult<Value> {
    let Some(found) = found else { return Ok(Value::NONE) };
    let list = vm.new_pylist()?;
    for certificate in found {
        let made = certificate::object(vm, certificate)?;
        vm.list_push(list, made)?;
    }
    Ok(list.as_value())
}

pub(super) fn get_verified_chain(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection.
    let found = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe { chain(openssl.SSL_get0_verified_chain(ssl)) });
    certificate_list(vm, found)
}

pub(super) fn get_unverified_chain(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = own(vm, args.at(0));
    // A server's chain lacks the client's own certificate, and is not kept with a session.
    // SAFETY: a connection; the reference to the first certificate is ours.
    let found = this.look(vm, |openssl, ssl| unsafe {
        let found = chain(openssl.SSL_get_peer_cert_chain(ssl));
        if !this.is_server {
            return found;
        }
        let own = Certificate::adopt(openssl.SSL_get1_peer_certificate(ssl))?;
        Some(std::iter::once(own).chain(found.unwrap_or_default()).collect())
    });
    certificate_list(vm, found)
}

pub(super) fn get_channel_binding(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    /// The longest message that ends a handshake.
    const MOST: usize = 128;
    let kind = args.opt(1).map_or(Ok("tls-unique".to_owned()), |kind| {
        crate::args::text(vm, kind, "get_channel_binding() argument 'cb_type'")
    })?;
    if kind != "tls-unique" {
        return Err(vm.value_error(format!("'{kind}' channel binding type not implemented")));
    }
    let this = own(vm, args.at(0));
    let mut room = [0u8; MOST];
    let place = room.as_mut_ptr().cast();
    // The first of the two last messages counts: the client's, or the server's when a session is taken up.
    // SAFETY: a connection, and room for so many bytes.
    let len = this.look(vm, |openssl, ssl| unsafe {
        let is_mine = (openssl.SSL_session_reused(ssl) != 0) == this.is_server;
        if is_mine {
            openssl.SSL_get_finished(ssl, place, MOST)
        } else {
            openssl.SSL_get_peer_finished(ssl, place, MOST)
        }
    });
    if len == 0 { Ok(Value::NONE) } else { vm.new_bytes(&room[..len.min(MOST)]) }
}

pub(super) fn version(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection; the text is a constant of the library.
    let found = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe {
        if openssl.SSL_is_init_finished(ssl) == 0 { None } else { openssl.text(openssl.SSL_get_version(ssl)) }
    });
    found.filter(|text| text != "unknown").map_or(Ok(Value::NONE), |text| vm.new_str(&text))
}

pub(super) fn selected_alpn_protocol(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection, places for the result, and bytes that are copied at once.
    let found = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe {
        let (mut data, mut len): (*const u8, c_uint) = (std::ptr::null(), 0);
        openssl.SSL_get0_alpn_selected(ssl, &raw mut data, &raw mut len);
        (!data.is_null()).then(|| std::slice::from_raw_parts(data, len as usize).to_vec())
    });
    let Some(found) = found else { return Ok(Value::NONE) };
    let found = vm.new_bytes(&found)?;
    vm.decode_bytes(found, "utf-8", "strict")
}

pub(super) fn compression(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection; the text is a constant of the library.
    let found = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe {
        let method = openssl.SSL_get_current_compression(ssl);
        let kind = if method.is_null() { 0 } else { openssl.COMP_get_type(method) };
        if kind == 0 { None } else { openssl.text(openssl.OBJ_nid2sn(kind)) }
    });
    found.map_or(Ok(Value::NONE), |text| vm.new_str(&text))
}

// ---- ciphers ----

/// # Safety
/// A cipher of the library; they live as long as it.
unsafe fn cipher_tuple(vm: &Vm, cipher: *const Cipher) -> PyResult<Value> {
    let openssl = library();
    // SAFETY: contract; the texts are constants.
    let (name, version, bits) = unsafe {
        let name = openssl.text(openssl.SSL_CIPHER_get_name(cipher));
        let version = openssl.text(openssl.SSL_CIPHER_get_version(cipher));
        (name, version, openssl.SSL_CIPHER_get_bits(cipher, std::ptr::null_mut()))
    };
    let optional = |text: Option<std::borrow::Cow<str>>| text.map_or(Ok(Value::NONE), |text| vm.new_str(&text));
    vm.new_tuple(&[optional(name)?, optional(version)?, vm.new_int(bits.into())?])
}

pub(super) fn cipher(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection.
    let found = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe { openssl.SSL_get_current_cipher(ssl) });
    // SAFETY: a cipher.
    if found.is_null() { Ok(Value::NONE) } else { unsafe { cipher_tuple(vm, found) } }
}

/// The ciphers of the server that the client offered, in the server's order.
pub(super) fn shared_ciphers(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection; ciphers live as long as the library.
    let found = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe {
        let (own, offered) = (openssl.SSL_get_ciphers(ssl), openssl.SSL_get_client_ciphers(ssl));
        if own.is_null() || offered.is_null() {
            return None;
        }
        let offered: Vec<*mut Cipher> = openssl.items(offered).collect();
        Some(openssl.items::<Cipher>(own).filter(|cipher| offered.contains(cipher)).collect::<Vec<_>>())
    });
    let Some(found) = found else { return Ok(Value::NONE) };
    let mut shared = ValueVec::<[Value; 8]>::new();
    for cipher in found {
        // SAFETY: a cipher.
        shared.push(unsafe { cipher_tuple(vm, cipher)? });
    }
    vm.new_list(&shared)
}

/// A list of dicts that describe ciphers.
///
/// # Safety
/// Null, or a stack of ciphers that lives meanwhile.
pub(super) unsafe fn cipher_dicts(vm: &Vm, stack: *const Stack) -> PyResult<Value> {
    let list = vm.new_pylist()?;
    // SAFETY: contract.
    for cipher in unsafe { library().items::<Cipher>(stack) } {
        // SAFETY: a cipher.
        let made = unsafe { cipher_dict(vm, cipher)? };
        vm.list_push(list, made)?;
    }
    Ok(list.as_value())
}

/// # Safety
/// A cipher of the library.
unsafe fn cipher_dict(vm: &Vm, cipher: *const Cipher) -> PyResult<Value> {
    let openssl = library();
    let dict = vm.new_pydict()?;
    let mut description = [0; 512];
    let mut algorithm_bits: c_int = 0;
    let set = |name: &str, value: Value| vm.set_item_text(dict, name, value);
    let optional = |text: Option<std::borrow::Cow<str>>| text.map_or(Ok(Value::NONE), |text| vm.new_str(&text));
    // SAFETY: contract; room of the size told; the texts are constants.
    unsafe {
        let long_name = |nid: c_int| if nid == 0 { None } else { openssl.text(openssl.OBJ_nid2ln(nid)) };
        set("id", vm.new_uint(openssl.SSL_CIPHER_get_id(cipher) as usize)?)?;
        set("name", optional(openssl.text(openssl.SSL_CIPHER_get_name(cipher)))?)?;
        set("protocol", optional(openssl.text(openssl.SSL_CIPHER_get_version(cipher)))?)?;
        openssl.SSL_CIPHER_description(cipher, description.as_mut_ptr(), description.len() as c_int);
        set("description", vm.new_str(certificate::until_end(&description).trim_end_matches('\n'))?)?;
        set("strength_bits", vm.new_int(openssl.SSL_CIPHER_get_bits(cipher, &raw mut algorithm_bits).into())?)?;
        set("alg_bits", vm.new_int(algorithm_bits.into())?)?;
        set("aead", Value::from_bool(openssl.SSL_CIPHER_is_aead(cipher) != 0))?;
        set("symmetric", optional(long_name(openssl.SSL_CIPHER_get_cipher_nid(cipher)))?)?;
        set("digest", optional(long_name(openssl.SSL_CIPHER_get_digest_nid(cipher)))?)?;
        set("kea", optional(long_name(openssl.SSL_CIPHER_get_kx_nid(cipher)))?)?;
        set("auth", optional(long_name(openssl.SSL_CIPHER_get_auth_nid(cipher)))?)?;
    }
    Ok(dict.as_value())
}
