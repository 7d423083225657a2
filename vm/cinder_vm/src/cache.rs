//! Shadowcode's records: what inline caches remember, and who must be told when a class changes.

use std::cell::RefCell;

/// One cache site of a code object's private copy.
///
/// A record is filled by the generic handler of its instruction and read by the quickened one. `shape` is 0,
/// which belongs to no object, when empty. The other words mean what the quickened opcode says.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct CacheRecord {
    /// Shape id (or dict version) the record is valid for.
    pub shape: u32,
    /// Byte offset, entry number, or shape after the store.
    pub slot: u32,
    /// A second guard: shape or version of the second fact.
    pub shape2: u32,
    /// Counter of misses, for back-off.
    pub misses: u32,
    /// Bits of the value the site found (method, class attribute, code), or 0. Kept alive by the code object.
    pub value: u64,
    /// Bits of the one object the record is valid for (a class, a module), or 0. Kept alive by the code object.
    pub guard: u64,
    /// The pristine ext word: name or operator, and site.
    pub ext: u64,
}

impl CacheRecord {
    pub(crate) fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        for bits in [self.value, self.guard] {
            // SAFETY: both words hold bits of values that this visit keeps alive, or zero.
            tracer.visit_option(unsafe { cinder_layout::Value::from_bits(bits) });
        }
    }

    /// Index of a name, constant or operator number: the pristine ext word's `imm`.
    #[inline(always)]
    pub(crate) fn imm(&self) -> u32 {
        self.ext as u32
    }
}

/// Cache records that rely on a class not changing. Changing the class clears them.
#[derive(Default)]
pub struct Dependents {
    /// Records to clear, each inside a code object's cache array (code objects are never freed while a class lists one of their records:
    /// the owner word keeps them alive through the class's trace).
    records: RefCell<Vec<(cinder_layout::Value, *mut CacheRecord)>>,
    /// How often the class has been invalidated; past a limit its facts are cached no more.
    invalidations: std::cell::Cell<u32>,
}

impl Dependents {
    const MAX_INVALIDATIONS: u32 = 1000;
    const MAX_RECORDS: usize = 1 << 14;

    /// Registers `record`, which lies in the cache array of code object `owner`. `false`: the class changes too often to be cached.
    pub fn register(&self, owner: cinder_layout::Value, record: *mut CacheRecord) -> bool {
        if self.invalidations.get() >= Self::MAX_INVALIDATIONS {
            return false;
        }
        let mut records = self.records.borrow_mut();
        if records.len() >= Self::MAX_RECORDS {
            records.sort_unstable_by_key(|(_, record)| record.addr());
            records.dedup_by_key(|(_, record)| record.addr());
            if records.len() >= Self::MAX_RECORDS {
                return false;
            }
        }
        records.push((owner, record));
        true
    }

    /// Empties every registered record.
    pub fn clear(&self) {
        let records = self.records.take();
        if !records.is_empty() {
            self.invalidations.set(self.invalidations.get() + 1);
        }
        for (_, record) in records {
            // SAFETY: the record's code object is alive (it was traced through this list) and the VM is on one thread.
            unsafe {
                (*record).shape = 0;
                (*record).shape2 = 0;
            }
        }
    }

    /// Empties the records whose instruction bears `name`; `name_of` tells the name that number `imm` of a code object means.
    ///
    /// This does not count as an invalidation: a site that meets it often gives up by itself.
    pub(crate) fn clear_name(
        &self,
        name: cinder_layout::Value,
        name_of: impl Fn(cinder_layout::Value, u32) -> Option<cinder_layout::Value>,
    ) {
        self.records.borrow_mut().retain(|(owner, record)| {
            // SAFETY: as in `clear`.
            unsafe {
                let concerns = name_of(*owner, (**record).imm()) == Some(name);
                if concerns {
                    (**record).shape = 0;
                    (**record).shape2 = 0;
                }
                !concerns
            }
        });
    }

    /// Visits the code objects.
    pub fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        for (owner, _) in self.records.borrow().iter() {
            tracer.visit(*owner);
        }
    }
}

/// Class attributes found lately, by class and name: what uncached sites and special method calls ask again and again.
///
/// Classes are told apart by the shape of their fresh instances, whose ids are never used twice. Changing any class forgets everything. Values are not
/// kept alive: an entry is only read for a class that is alive and unchanged, so its attribute is alive.
pub(crate) struct Lookups {
    entries: Box<[std::cell::Cell<Lookup>]>,
    generation: std::cell::Cell<u32>,
}

#[derive(Clone, Copy, Default)]
struct Lookup {
    shape: u32,
    generation: u32,
    name: u64,
    /// Bits of the attribute, 0 when the class has none.
    found: u64,
}

impl Default for Lookups {
    fn default() -> Self {
        // Generation 0 is that of empty entries; nothing is remembered before the first `forget`.
        Lookups { entries: vec![std::cell::Cell::default(); Self::SIZE].into(), generation: std::cell::Cell::new(0) }
    }
}

impl Lookups {
    const SIZE: usize = 1 << 11;

    #[inline(always)]
    fn entry(&self, shape: u32, name: cinder_layout::Value) -> &std::cell::Cell<Lookup> {
        // Names are objects, 16 bytes apart at least.
        let index = (name.bits() >> 4) as usize ^ (shape as usize).wrapping_mul(0x9e5);
        &self.entries[index % Self::SIZE]
    }

    /// What was found; outer `None` when it is not known.
    #[inline(always)]
    pub(crate) fn find(&self, shape: u32, name: cinder_layout::Value) -> Option<Option<cinder_layout::Value>> {
        let entry = self.entry(shape, name).get();
        let is_hit = entry.shape == shape
            && entry.name == name.bits()
            && entry.generation == self.generation.get()
            && shape != 0;
        // SAFETY: `remember` stored the bits of a value that the unchanged class still holds, or zero.
        is_hit.then(|| unsafe { cinder_layout::Value::from_bits(entry.found) })
    }

    pub(crate) fn remember(&self, shape: u32, name: cinder_layout::Value, found: Option<cinder_layout::Value>) {
        let generation = self.generation.get();
        if generation != 0 && shape != 0 {
            let found = found.map_or(0, cinder_layout::Value::bits);
            self.entry(shape, name).set(Lookup { shape, generation, name: name.bits(), found });
        }
    }

    /// Attribute `name` of the class with this shape changed, and nothing else.
    pub(crate) fn forget_one(&self, shape: u32, name: cinder_layout::Value) {
        self.entry(shape, name).set(Lookup::default());
    }

    /// A number that every forgetting changes; 0 while nothing may be remembered.
    #[inline(always)]
    pub(crate) fn generation(&self) -> u32 {
        self.generation.get()
    }

    /// A class changed.
    pub(crate) fn forget(&self) {
        self.generation.set(self.generation.get().wrapping_add(1).max(1));
    }
}

/// Which instruction asks [`Sites`].
#[derive(Clone, Copy)]
pub(crate) enum SiteUse {
    Load = 0,
    Store = 1,
    Method = 2,
    /// Attributes of class objects, which are told apart as by [`Lookups`]: by the shape of their fresh instances.
    Class = 3,
    /// Attributes of modules: the number is the version of the module's dict, the data an entry's number.
    Module = 4,
    /// Globals and builtins: the number is the version of the globals; the data are an entry's number and, for a builtin, the version of the builtins.
    Global = 5,
}

/// What an attribute access does for objects of one shape: for instructions that meet too many shapes for a record of their own.
///
/// An entry is valid in the generation of [`Lookups`] it was made in, so any change of a class that may concern it forgets it. As there, values are
/// not kept alive: an entry is only read for an object of a shape, whose unchanged class holds the value. Shape ids are never used twice and names are immortal.
pub(crate) struct Sites {
    entries: Box<[std::cell::Cell<Site>; Self::SIZE]>,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Site {
    name: u64,
    shape: u32,
    generation: u32,
    /// Bits of the method found; else the `slot` and `shape2` of a record, in this order.
    pub(crate) data: u64,
    /// The quick form that reads these facts, or a generic one.
    pub(crate) op: cinder_bytecode::Opcode,
}

impl Site {
    #[inline(always)]
    pub(crate) fn slot(self) -> usize {
        self.data as u32 as usize
    }

    #[inline(always)]
    pub(crate) fn shape2(self) -> u32 {
        (self.data >> 32) as u32
    }
}

impl Default for Sites {
    fn default() -> Self {
        let empty = Site { name: 0, shape: 0, generation: 0, data: 0, op: cinder_bytecode::Opcode::NOP };
        let entries = Box::new(std::array::from_fn(|_| std::cell::Cell::new(empty)));
        Sites { entries }
    }
}

impl Sites {
    const SIZE: usize = 1 << 12;

    /// The first of the two places of an entry; the other differs in the lowest bit. Two, since two facts of a hot loop in one place would push
    /// each other out for ever.
    #[inline(always)]
    fn place(used: SiteUse, shape: u32, name: u64) -> usize {
        let index = (name >> 4) as usize ^ (shape as usize).wrapping_mul(0x9e5) ^ (used as usize) << 8;
        index % Self::SIZE
    }

    /// What is known about objects of shape `shape`, which is one of an object.
    #[inline(always)]
    pub(crate) fn find(&self, used: SiteUse, shape: u32, name: u64, generation: u32) -> Option<Site> {
        let place = Self::place(used, shape, name);
        let found = |place: usize| {
            // SAFETY: one thread, and nothing is written while the reference lives.
            let site = unsafe { &*self.entries[place].as_ptr() };
            (site.shape == shape && site.name == name && site.generation == generation && Self::belongs(used, site.op))
                .then_some(*site)
        };
        match found(place) {
            None => found(place ^ 1),
            site => site,
        }
    }

    /// Whether instructions of kind `used` leave entries with this form.
    #[inline(always)]
    fn belongs(used: SiteUse, op: cinder_bytecode::Opcode) -> bool {
        use cinder_bytecode::Opcode as O;
        match used {
            SiteUse::Load => {
                matches!(op, O::LOAD_ATTR_SLOT | O::LOAD_ATTR_OVERFLOW | O::LOAD_ATTR_VALUE | O::LOAD_ATTR)
            }
            SiteUse::Store => {
                matches!(op, O::STORE_ATTR_SLOT | O::STORE_ATTR_ADD | O::LOAD_ATTR_OVERFLOW | O::STORE_ATTR)
            }
            SiteUse::Method => matches!(op, O::LOAD_METHOD_VALUE | O::LOAD_METHOD),
            SiteUse::Class => matches!(op, O::LOAD_ATTR_CLASS),
            SiteUse::Module => matches!(op, O::LOAD_ATTR_MODULE),
            SiteUse::Global => matches!(op, O::LOAD_GLOBAL_MODULE | O::LOAD_GLOBAL_BUILTIN),
        }
    }

    /// What is known of one name has changed, and nothing else.
    pub(crate) fn forget_one(&self, used: SiteUse, shape: u32, name: u64) {
        let place = Self::place(used, shape, name);
        for entry in [&self.entries[place], &self.entries[place ^ 1]] {
            let site = entry.get();
            if site.shape == shape && site.name == name {
                entry.set(Site { shape: 0, ..site });
            }
        }
    }

    pub(crate) fn remember(
        &self,
        used: SiteUse,
        shape: u32,
        name: u64,
        generation: u32,
        op: cinder_bytecode::Opcode,
        data: u64,
    ) {
        if generation != 0 && shape != 0 {
            let place = Self::place(used, shape, name);
            // What is there goes to the other place, so the older of two is lost.
            self.entries[place ^ 1].set(self.entries[place].get());
            self.entries[place].set(Site { name, shape, generation, data, op });
        }
    }
}
