//! Keys from passwords: PBKDF2 (RFC 8018) and scrypt (RFC 7914).

use sha2::digest::Digest;
use sha2::digest::core_api::BlockSizeUser;

/// HMAC with the padded key already absorbed.
#[derive(Clone)]
struct Keyed<D> {
    inner: D,
    outer: D,
}

impl<D: Digest + BlockSizeUser + Clone> Keyed<D> {
    fn new(key: &[u8]) -> Keyed<D> {
        let mut block = if key.len() > D::block_size() { D::digest(key).to_vec() } else { key.to_vec() };
        block.resize(D::block_size(), 0);
        let padded = |pad: u8| {
            let block: Vec<u8> = block.iter().map(|byte| byte ^ pad).collect();
            D::new_with_prefix(block)
        };
        Keyed { inner: padded(0x36), outer: padded(0x5c) }
    }

    fn code(&self, parts: &[&[u8]]) -> sha2::digest::Output<D> {
        let mut inner = self.inner.clone();
        parts.iter().for_each(|part| inner.update(part));
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize()
    }
}

/// Fills `key`.
pub(super) fn pbkdf2<D: Digest + BlockSizeUser + Clone>(password: &[u8], salt: &[u8], rounds: u64, key: &mut [u8]) {
    let keyed = Keyed::<D>::new(password);
    for (index, block) in key.chunks_mut(<D as Digest>::output_size()).enumerate() {
        let number = (index as u32 + 1).to_be_bytes();
        let mut last = keyed.code(&[salt, &number]);
        let mut sum = last.clone();
        for _ in 1..rounds {
            last = keyed.code(&[&last]);
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        let len = block.len();
        block.copy_from_slice(&sum[..len]);
    }
}

/// The core of Salsa20 with eight rounds.
fn salsa8(block: &mut [u32; 16]) {
    let before = *block;
    let x = block;
    let mut step = |to: usize, a: usize, b: usize, by: u32| x[to] ^= x[a].wrapping_add(x[b]).rotate_left(by);
    for _ in 0..4 {
        for column in 0..4 {
            let at = |row: usize| (column + row) % 4 * 4 + column;
            step(at(1), at(0), at(3), 7);
            step(at(2), at(1), at(0), 9);
            step(at(3), at(2), at(1), 13);
            step(at(0), at(3), at(2), 18);
        }
        for row in 0..4 {
            let at = |column: usize| row * 4 + (row + column) % 4;
            step(at(1), at(0), at(3), 7);
            step(at(2), at(1), at(0), 9);
            step(at(3), at(2), at(1), 13);
            step(at(0), at(3), at(2), 18);
        }
    }
    block_add(x, &before);
}

fn block_add(block: &mut [u32; 16], other: &[u32; 16]) {
    block.iter_mut().zip(other).for_each(|(a, b)| *a = a.wrapping_add(*b));
}

/// scryptBlockMix: `2 r` blocks of 16 words.
fn block_mix(input: &[u32], output: &mut [u32], r: usize) {
    let mut x = [0; 16];
    x.copy_from_slice(&input[(2 * r - 1) * 16..]);
    for (index, block) in input.chunks_exact(16).enumerate() {
        x.iter_mut().zip(block).for_each(|(a, b)| *a ^= b);
        salsa8(&mut x);
        // Even blocks first, odd ones behind them.
        let place = index / 2 + (index % 2) * r;
        output[place * 16..][..16].copy_from_slice(&x);
    }
}

/// Fills `key`. `n` is a power of two; the caller has checked the memory that `n` and `r` ask for.
pub(super) fn scrypt(password: &[u8], salt: &[u8], n: usize, r: usize, p: usize, key: &mut [u8]) {
    let words = 32 * r;
    let mut blocks = vec![0; 128 * r * p];
    pbkdf2::<sha2::Sha256>(password, salt, 1, &mut blocks);
    let mut table = vec![0u32; words * n];
    for block in blocks.chunks_exact_mut(128 * r) {
        let mut x: Vec<u32> =
            block.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
        let mut y = vec![0; words];
        for row in table.chunks_exact_mut(words) {
            row.copy_from_slice(&x);
            block_mix(row, &mut x, r);
        }
        for _ in 0..n {
            let row = x[words - 16] as usize & (n - 1);
            x.iter_mut().zip(&table[row * words..]).for_each(|(a, b)| *a ^= b);
            block_mix(&x, &mut y, r);
            std::mem::swap(&mut x, &mut y);
        }
        block.chunks_exact_mut(4).zip(&x).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
    }
    pbkdf2::<sha2::Sha256>(password, &blocks, 1, key);
}
