//! HMAC (RFC 2104) over any algorithm, as [`State`].

use super::{State, algorithm};

/// Inner and outer hash; both have absorbed their padded key.
pub(super) struct Hmac {
    inner: Box<dyn State>,
    outer: Box<dyn State>,
    name: &'static str,
}

/// `hmac-sha256` of `sha256`.
fn hmac_name(name: &str) -> &'static str {
    macro_rules! names {
        ($($name:literal)*) => {
            match name {
                $($name => concat!("hmac-", $name),)*
                _ => "hmac",
            }
        };
    }
    names!("md5" "sha1" "sha224" "sha256" "sha384" "sha512" "sha512_224" "sha512_256" "sha3_224" "sha3_256" "sha3_384" "sha3_512" "blake2b" "blake2s")
}

impl Hmac {
    /// `None` when no function of fixed output has this name.
    pub(super) fn new(name: &str, key: &[u8]) -> Option<Hmac> {
        let fresh = algorithm::by_name(name).filter(|state| state.digest_bytes() != 0)?;
        let block_bytes = fresh.block_bytes();
        let mut block = if key.len() > block_bytes {
            let mut state = fresh.boxed_clone();
            state.update(key);
            state.digest(0)
        } else {
            key.to_vec()
        };
        block.resize(block_bytes, 0);
        let padded = |pad: u8| {
            let mut state = fresh.boxed_clone();
            state.update(&block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>());
            state
        };
        Some(Hmac { inner: padded(0x36), outer: padded(0x5c), name: hmac_name(fresh.name()) })
    }
}

impl State for Hmac {
    fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    fn digest(&self, _: usize) -> Vec<u8> {
        let mut outer = self.outer.boxed_clone();
        outer.update(&self.inner.digest(0));
        outer.digest(0)
    }

    fn boxed_clone(&self) -> Box<dyn State> {
        Box::new(Hmac { inner: self.inner.boxed_clone(), outer: self.outer.boxed_clone(), name: self.name })
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn block_bytes(&self) -> usize {
        self.inner.block_bytes()
    }

    fn digest_bytes(&self) -> usize {
        self.inner.digest_bytes()
    }
}
