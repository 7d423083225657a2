//! The algorithms by name.

use sha2::digest::core_api::BlockSizeUser;
use sha2::digest::{Digest, ExtendableOutput, Update, XofReader};

use super::State;

/// A function of fixed output.
#[derive(Clone)]
struct Fixed<D> {
    name: &'static str,
    state: D,
}

impl<D: Digest + BlockSizeUser + Clone + 'static> State for Fixed<D> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.state, data);
    }

    fn digest(&self, _: usize) -> Vec<u8> {
        self.state.clone().finalize().to_vec()
    }

    fn boxed_clone(&self) -> Box<dyn State> {
        Box::new(self.clone())
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn block_bytes(&self) -> usize {
        D::block_size()
    }

    fn digest_bytes(&self) -> usize {
        <D as Digest>::output_size()
    }
}

/// A function of extendable output.
#[derive(Clone)]
struct Extendable<D> {
    name: &'static str,
    rate_bytes: usize,
    state: D,
}

impl<D: ExtendableOutput + Update + Clone + 'static> State for Extendable<D> {
    fn update(&mut self, data: &[u8]) {
        self.state.update(data);
    }

    fn digest(&self, len: usize) -> Vec<u8> {
        let mut output = vec![0; len];
        self.state.clone().finalize_xof().read(&mut output);
        output
    }

    fn boxed_clone(&self) -> Box<dyn State> {
        Box::new(self.clone())
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn block_bytes(&self) -> usize {
        self.rate_bytes
    }

    fn digest_bytes(&self) -> usize {
        0
    }
}

macro_rules! fixed_algorithms {
    ($($name:literal $digest:ty;)*) => {
        /// The fresh state of a function of fixed output.
        fn fixed(name: &str) -> Option<Box<dyn State>> {
            match name {
                $($name => Some(Box::new(Fixed { name: $name, state: <$digest>::new() })),)*
                _ => None,
            }
        }

        /// Derives a key with the function of this name; `None` when there is none.
        pub(super) fn pbkdf2(name: &str, password: &[u8], salt: &[u8], rounds: u64, key: &mut [u8]) -> Option<()> {
            match name {
                $($name => super::derive::pbkdf2::<$digest>(password, salt, rounds, key),)*
                _ => return None,
            }
            Some(())
        }
    };
}

fixed_algorithms! {
    "md5" md5::Md5;
    "sha1" sha1::Sha1;
    "sha224" sha2::Sha224;
    "sha256" sha2::Sha256;
    "sha384" sha2::Sha384;
    "sha512" sha2::Sha512;
    "sha512_224" sha2::Sha512_224;
    "sha512_256" sha2::Sha512_256;
    "sha3_224" sha3::Sha3_224;
    "sha3_256" sha3::Sha3_256;
    "sha3_384" sha3::Sha3_384;
    "sha3_512" sha3::Sha3_512;
}

/// Names of all algorithms that need no parameters.
pub(super) const NAMES: &[&str] = &[
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha512_224",
    "sha512_256",
    "sha3_224",
    "sha3_256",
    "sha3_384",
    "sha3_512",
    "shake_128",
    "shake_256",
    "blake2b",
    "blake2s",
];

/// A fresh state.
pub(super) fn by_name(name: &str) -> Option<Box<dyn State>> {
    match name {
        "shake_128" => {
            Some(Box::new(Extendable { name: "shake_128", rate_bytes: 168, state: sha3::Shake128::default() }))
        }
        "shake_256" => {
            Some(Box::new(Extendable { name: "shake_256", rate_bytes: 136, state: sha3::Shake256::default() }))
        }
        "blake2b" | "blake2s" => Some(super::blake2::unkeyed(name == "blake2b")),
        _ => fixed(name),
    }
}
