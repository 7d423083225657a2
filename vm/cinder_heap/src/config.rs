//! Settings, errors and figures of a heap.

use core::fmt;

/// How a heap behaves. [`HeapConfig::from_env`] reads the switches that users know.
#[derive(Clone, Debug)]
pub struct HeapConfig {
    /// Address space to reserve; halved until the system agrees.
    pub reserve_bytes: usize,
    /// Most memory for objects; allocation fails beyond it.
    pub limit_bytes: usize,
    /// Allocation between two minor collections; grows by itself up to 32 MiB.
    pub nursery_bytes: usize,
    /// Stress mode: collect at every n-th allocation, overwrite dead cells, look for missing barriers after minor collections.
    pub stress: Option<u32>,
    /// The n-th allocation fails, to test that running out of memory is handled.
    pub fail_at: Option<u64>,
}

impl Default for HeapConfig {
    fn default() -> HeapConfig {
        HeapConfig {
            reserve_bytes: 64 << 30,
            limit_bytes: usize::MAX,
            nursery_bytes: 16 << 20,
            stress: None,
            fail_at: None,
        }
    }
}

impl HeapConfig {
    /// The default, changed by `CINDER_GC`: items separated by commas, of `stress`, `stress:N`, `nursery:BYTES`, `limit:BYTES`.
    ///
    /// Errors: names the item it does not understand.
    pub fn parse(setting: &str) -> Result<HeapConfig, String> {
        let mut config = HeapConfig::default();
        for item in setting.split(',').filter(|item| !item.is_empty()) {
            let (name, number) = item.split_once(':').unwrap_or((item, ""));
            let parsed = number.parse::<usize>();
            match (name, parsed) {
                ("stress", _) if number.is_empty() => config.stress = Some(1),
                ("stress", Ok(n)) if n != 0 => config.stress = Some(u32::try_from(n).unwrap_or(u32::MAX)),
                ("nursery", Ok(bytes)) if bytes != 0 => config.nursery_bytes = bytes,
                ("limit", Ok(bytes)) => config.limit_bytes = bytes,
                _ => return Err(format!("CINDER_GC: `{item}` is not stress[:N], nursery:BYTES or limit:BYTES")),
            }
        }
        Ok(config)
    }

    /// [`HeapConfig::parse`] of the environment variable `CINDER_GC`, with `CINDER_ALLOC_FAIL=N` making the N-th allocation fail.
    pub fn from_env() -> Result<HeapConfig, String> {
        let mut config = HeapConfig::parse(&std::env::var("CINDER_GC").unwrap_or_default())?;
        if let Ok(number) = std::env::var("CINDER_ALLOC_FAIL") {
            config.fail_at =
                Some(number.parse().map_err(|_| format!("CINDER_ALLOC_FAIL: `{number}` is not a number"))?);
        }
        Ok(config)
    }
}

/// The heap's limit is reached, or the system has no memory: the caller raises `MemoryError`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct AllocError;

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of heap memory")
    }
}

impl std::error::Error for AllocError {}

/// How much to collect.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Collection {
    /// Objects allocated since the last collection.
    Minor,
    /// Everything that is not frozen.
    Full,
}

/// Figures since the heap was made.
#[derive(Copy, Clone, Debug, Default)]
pub struct HeapStats {
    pub minor_collections: u64,
    pub full_collections: u64,
    /// Bytes handed to the bump cursors and to large objects.
    pub allocated_bytes: u64,
    /// Bytes of cells that survived the last collection, frozen ones not counted.
    pub live_bytes: usize,
    /// Objects that survived the last collection, frozen ones not counted.
    pub live_objects: usize,
    /// Bytes of blocks in use.
    pub used_bytes: usize,
    /// Bytes outside the heap reported with [`crate::Heap::account_external`].
    pub external_bytes: usize,
    /// Nanoseconds spent in collections.
    pub pause_ns: u64,
    /// Nanoseconds of the longest collection.
    pub longest_pause_ns: u64,
}
