//! A zlib stream with an owner: the unsafe part of the module.

use std::ffi::CStr;
use std::mem::MaybeUninit;

use libz_rs_sys as z;

/// A deflating or inflating stream. The library keeps the address of the inner struct, so it lives in a box.
pub(super) struct Stream {
    inner: Box<z::z_stream>,
    is_deflate: bool,
}

/// What one call of the library did.
pub(super) struct Outcome {
    pub(super) code: i32,
    pub(super) consumed: usize,
}

const STRUCT_BYTES: i32 = size_of::<z::z_stream>() as i32;

impl Stream {
    /// Errors: the library's code.
    pub(super) fn deflate(level: i32, method: i32, wbits: i32, mem_level: i32, strategy: i32) -> Result<Stream, i32> {
        let mut inner = Box::<z::z_stream>::default();
        // SAFETY: the struct is fresh, the version text ends with zero.
        let code = unsafe {
            z::deflateInit2_(&raw mut *inner, level, method, wbits, mem_level, strategy, z::zlibVersion(), STRUCT_BYTES)
        };
        if code == z::Z_OK { Ok(Stream { inner, is_deflate: true }) } else { Err(code) }
    }

    /// Errors: the library's code.
    pub(super) fn inflate(wbits: i32) -> Result<Stream, i32> {
        let mut inner = Box::<z::z_stream>::default();
        // SAFETY: the struct is fresh, the version text ends with zero.
        let code = unsafe { z::inflateInit2_(&raw mut *inner, wbits, z::zlibVersion(), STRUCT_BYTES) };
        if code == z::Z_OK { Ok(Stream { inner, is_deflate: false }) } else { Err(code) }
    }

    /// Runs the library once: appends to `output` within its capacity.
    pub(super) fn step(&mut self, input: &[u8], output: &mut Vec<u8>, flush: i32) -> Outcome {
        let input = &input[..input.len().min(u32::MAX as usize)];
        let room = output.spare_capacity_mut();
        let room_len = room.len().min(u32::MAX as usize);
        self.inner.next_in = input.as_ptr().cast_mut();
        self.inner.avail_in = input.len() as u32;
        self.inner.next_out = room.as_mut_ptr().cast::<u8>();
        self.inner.avail_out = room_len as u32;
        let stream = &raw mut *self.inner;
        // SAFETY: the stream was initialised for this direction; input and room are live for their lengths.
        let code = unsafe { if self.is_deflate { z::deflate(stream, flush) } else { z::inflate(stream, flush) } };
        let written = room_len - self.inner.avail_out as usize;
        // SAFETY: the library wrote that many bytes into the room.
        unsafe { output.set_len(output.len() + written) };
        let consumed = input.len() - self.inner.avail_in as usize;
        self.inner.next_in = std::ptr::null_mut();
        self.inner.avail_in = 0;
        Outcome { code, consumed }
    }

    /// Sets the preset dictionary. Errors: the library's code.
    pub(super) fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<(), i32> {
        let (stream, data, len) = (&raw mut *self.inner, dictionary.as_ptr(), dictionary.len() as u32);
        // SAFETY: the stream was initialised for this direction; the data is live for its length.
        let code = unsafe {
            if self.is_deflate {
                z::deflateSetDictionary(stream, data, len)
            } else {
                z::inflateSetDictionary(stream, data, len)
            }
        };
        if code == z::Z_OK { Ok(()) } else { Err(code) }
    }

    /// A stream in the same state. Errors: the library's code.
    pub(super) fn try_clone(&mut self) -> Result<Stream, i32> {
        let mut copy = Box::new(MaybeUninit::<z::z_stream>::zeroed());
        let (target, source) = (copy.as_mut_ptr(), &raw mut *self.inner);
        // SAFETY: the source was initialised for this direction; the target is room for a stream.
        let code =
            unsafe { if self.is_deflate { z::deflateCopy(target, source) } else { z::inflateCopy(target, source) } };
        if code != z::Z_OK {
            return Err(code);
        }
        // SAFETY: the library has filled it.
        let inner = unsafe { copy.assume_init() };
        Ok(Stream { inner, is_deflate: self.is_deflate })
    }

    /// What the library says about its last error.
    pub(super) fn message(&self) -> Option<String> {
        if self.inner.msg.is_null() {
            return None;
        }
        // SAFETY: a message is a static text that ends with zero.
        let text = unsafe { CStr::from_ptr(self.inner.msg) };
        Some(text.to_string_lossy().into_owned())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let stream = &raw mut *self.inner;
        // SAFETY: the stream was initialised for this direction and ends here.
        unsafe {
            if self.is_deflate {
                z::deflateEnd(stream)
            } else {
                z::inflateEnd(stream)
            };
        }
    }
}

pub(super) fn adler32(start: u32, data: &[u8]) -> u32 {
    // SAFETY: the data is live for its length.
    unsafe { z::adler32_z(start.into(), data.as_ptr(), data.len()) as u32 }
}

pub(super) fn version() -> String {
    // SAFETY: the version is a static text that ends with zero.
    let text = unsafe { CStr::from_ptr(z::zlibVersion()) }.to_string_lossy();
    // The library says whose rewrite it is behind the version it is compatible with.
    text.split('-').next().unwrap_or_default().to_owned()
}
