//! Instances: allocation by class, and attributes in slots or a dictionary.
//!
//! Layout of an instance: payload struct (and inline items), fixed slots (`__slots__`, typed fields), the `ext` word, inline attribute slots. The
//! shape says how much of it there is. See [`super::shape`].

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, ValueBuf, object_header};
use cinder_layout::{Header, Value};

use super::shape::{ExtMode, Shape, SlotPlace};
use crate::native::PyResult;
use crate::types::dict::PyDict;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

/// Where objects of one shape have some attributes, for [`Vm::own_fields`].
pub struct FieldCache<const N: usize>(Cell<(u32, [u32; N])>);

impl<const N: usize> Default for FieldCache<N> {
    fn default() -> Self {
        // No object has shape 0.
        FieldCache(Cell::new((0, [0; N])))
    }
}

impl Vm {
    /// Allocates an instance of `class`, whose layout is `T` (or begins with it).
    ///
    /// `payload` receives the header to put first. `items_bytes` is the size of inline items, a multiple of 8.
    pub fn alloc_instance<T: HeapObject>(
        &self,
        class: Gc<PyType>,
        items_bytes: usize,
        payload: impl FnOnce(Header) -> T,
    ) -> PyResult<Gc<T>> {
        let object = self.alloc_unwatched(class, items_bytes, payload)?;
        if class.slots().finalize.is_some() {
            self.heap.register_finalizer(object.header());
            if class.has(type_flags::HEAP) {
                self.has_finalizers.set(true);
            }
        }
        Ok(object)
    }

    /// [`Vm::alloc_instance`] of a class whose instances register themselves for finalization when there is something to do.
    pub fn alloc_unwatched<T: HeapObject>(
        &self,
        class: Gc<PyType>,
        items_bytes: usize,
        payload: impl FnOnce(Header) -> T,
    ) -> PyResult<Gc<T>> {
        let shape = self.shapes.get(class.root_shape.get());
        let tail_bytes = shape.tail_words() * 8;
        let leaf = T::LEAF && tail_bytes == 0 && !class.has(type_flags::HEAP);
        let object = self
            .heap
            .alloc_as(payload(object_header(shape.id)), items_bytes + tail_bytes, leaf)
            .map_err(|error| self.out_of_memory(error))?;
        for (word, bits) in shape.raw_defaults.borrow().iter() {
            // SAFETY: a raw word of the fixed slots, which every instance has.
            unsafe { object.as_value().as_ptr::<u64>().add(*word as usize).write(*bits) };
        }
        Ok(object)
    }

    /// The shape of a heap object.
    #[inline(always)]
    pub fn shape_of(&self, object: Value) -> &'static Shape {
        debug_assert!(object.is_ptr());
        // SAFETY: pointer-tagged values point to live objects, which begin with their header.
        self.shapes.get(unsafe { &*object.as_ptr::<Header>() }.shape())
    }

    /// Address of a word of the object.
    ///
    /// # Safety
    /// `offset` lies within the object.
    #[inline(always)]
    unsafe fn word(object: Value, offset: usize) -> *mut Option<Value> {
        // SAFETY: within the object (contract).
        unsafe { object.as_ptr::<u8>().add(offset).cast() }
    }

    /// Offset of the `ext` word.
    #[inline]
    fn ext_offset(&self, object: Value, shape: &Shape) -> usize {
        match shape.layout.variable {
            None => shape.ext_offset as usize,
            Some(bytes) => bytes(object.as_ptr()),
        }
    }

    fn ext(&self, object: Value, shape: &Shape) -> Option<Value> {
        debug_assert!(shape.ext != ExtMode::Absent);
        // SAFETY: a shape with `ext` was given to objects allocated with that word.
        unsafe { Self::word(object, self.ext_offset(object, shape)).read() }
    }

    fn set_ext(&self, object: Value, shape: &Shape, ext: Value) {
        self.barrier(object);
        // SAFETY: as in `ext`.
        unsafe { Self::word(object, self.ext_offset(object, shape)).write(Some(ext)) }
    }

    /// Write barrier for a heap object by value.
    #[inline]
    pub fn barrier(&self, object: Value) {
        if let Some(header) = object.try_ptr::<Header>() {
            self.heap.write_barrier(header);
        }
    }

    /// Writes a fixed slot (`__slots__`); `None` empties it.
    ///
    /// # Safety
    /// `offset` is a tagged word of the object.
    pub unsafe fn set_fixed_slot(&self, object: Value, offset: usize, value: Option<Value>) {
        self.barrier(object);
        // SAFETY: contract.
        unsafe { Self::word(object, offset).write(value) }
    }

    /// Reads a fixed slot.
    ///
    /// # Safety
    /// `offset` is a tagged word of the object.
    pub unsafe fn fixed_slot(&self, object: Value, offset: usize) -> Option<Value> {
        // SAFETY: contract.
        unsafe { Self::word(object, offset).read() }
    }

    fn overflow(&self, object: Value, shape: &Shape) -> Option<Gc<ValueBuf>> {
        // SAFETY: in slots mode `ext` is zero or an overflow buffer.
        self.ext(object, shape).map(|buffer| unsafe { Gc::from_value(buffer) })
    }

    /// The instance attribute with this interned name, from slots or dictionary; runs no Python code.
    pub fn own_attribute(&self, object: Value, name: Value) -> Option<Value> {
        if !object.is_ptr() {
            return None;
        }
        let shape = self.shape_of(object);
        match shape.ext {
            ExtMode::Absent => None,
            ExtMode::Slots => match shape.place(shape.slot(name)?) {
                SlotPlace::Inline(offset) => {
                    let offset = self.inline_offset(object, shape, offset);
                    // SAFETY: the shape's inline slots lie within its objects.
                    unsafe { Self::word(object, offset).read() }
                }
                SlotPlace::Overflow(index) => self.overflow(object, shape)?.get(index as usize),
            },
            ExtMode::Dict => self.dictionary_of(object, shape).get_interned(name),
        }
    }

    /// [`Vm::own_attribute`] of several names at once; `cache` remembers where objects of the shape met last have them.
    #[inline]
    pub fn own_fields<const N: usize>(
        &self,
        object: Value,
        names: &[Value; N],
        cache: &FieldCache<N>,
    ) -> [Option<Value>; N] {
        let (shape, offsets) = cache.0.get();
        if object.is_ptr() && self.shape_of(object).id == shape {
            // SAFETY: offsets of inline slots of this shape.
            return offsets.map(|offset| unsafe { Self::word(object, offset as usize).read() });
        }
        self.find_fields(object, names, cache)
    }

    #[cold]
    fn find_fields<const N: usize>(
        &self,
        object: Value,
        names: &[Value; N],
        cache: &FieldCache<N>,
    ) -> [Option<Value>; N] {
        if object.is_ptr() {
            let shape = self.shape_of(object);
            let mut offsets = [0; N];
            let all_inline = shape.ext == ExtMode::Slots
                && shape.layout.variable.is_none()
                && names.iter().zip(&mut offsets).all(|(name, place)| {
                    match shape.slot(*name).map(|slot| shape.place(slot)) {
                        Some(SlotPlace::Inline(offset)) => {
                            *place = offset;
                            true
                        }
                        _ => false,
                    }
                });
            if all_inline {
                cache.0.set((shape.id, offsets));
            }
        }
        names.map(|name| self.own_attribute(object, name))
    }

    /// Offset of an inline slot; objects of variable layout have theirs behind the items.
    fn inline_offset(&self, object: Value, shape: &Shape, offset: u32) -> usize {
        match shape.layout.variable {
            None => offset as usize,
            Some(_) => self.ext_offset(object, shape) + (offset as usize - shape.ext_offset as usize),
        }
    }

    fn dictionary_of(&self, object: Value, shape: &Shape) -> Gc<PyDict> {
        let dict = self.ext(object, shape).expect("dictionary mode has a dictionary");
        // SAFETY: in dictionary mode `ext` is a dict.
        unsafe { Gc::from_value(dict) }
    }

    /// Whether the object can have attributes of its own.
    pub fn has_instance_dict(&self, object: Value) -> bool {
        object.is_ptr() && self.shape_of(object).ext != ExtMode::Absent
    }

    /// Sets an instance attribute. `Ok(false)`: the object has no room for attributes.
    pub fn set_own_attribute(&self, object: Value, name: Value, value: Value) -> PyResult<bool> {
        if !self.has_instance_dict(object) {
            return Ok(false);
        }
        let shape = self.shape_of(object);
        if shape.ext == ExtMode::Dict {
            self.dict_set_interned(self.dictionary_of(object, shape), name, value)?;
            return Ok(true);
        }
        let (shape, slot) = match shape.slot(name) {
            Some(slot) => (shape, slot),
            None => match self.shapes.with_attribute(shape, name, |id, shape| self.register_shape(id, shape)) {
                Some(grown) => (grown, (grown.names.len() - 1) as u32),
                None => {
                    let dict = self.instance_dict(object)?.expect("the object has room for attributes");
                    self.dict_set_interned(dict, name, value)?;
                    return Ok(true);
                }
            },
        };
        match shape.place(slot) {
            SlotPlace::Inline(offset) => {
                self.barrier(object);
                let offset = self.inline_offset(object, shape, offset);
                // SAFETY: the shape's inline slots lie within its objects.
                unsafe { Self::word(object, offset).write(Some(value)) };
            }
            SlotPlace::Overflow(index) => self.set_overflow(object, shape, index as usize, value)?,
        }
        // SAFETY: a live object. The new shape has the same class, so the collector's owner does not change.
        unsafe { &*object.as_ptr::<Header>() }.set_shape(shape.id);
        Ok(true)
    }

    fn set_overflow(&self, object: Value, shape: &Shape, index: usize, value: Value) -> PyResult<()> {
        let buffer = self.overflow(object, shape);
        if let Some(buffer) = buffer {
            if index < buffer.len() {
                buffer.set(&self.heap, index, value);
                return Ok(());
            }
            if buffer.push_within_capacity(&self.heap, value) {
                return Ok(());
            }
        }
        let grown = self.heap.alloc_values((index + 1) * 2).map_err(|error| self.out_of_memory(error))?;
        if let Some(buffer) = buffer {
            grown.extend_within_capacity(&self.heap, buffer.values());
        }
        grown.push_within_capacity(&self.heap, value);
        self.set_ext(object, shape, grown.as_value());
        Ok(())
    }

    /// Deletes an instance attribute; whether it was there.
    pub fn delete_own_attribute(&self, object: Value, name: Value) -> PyResult<bool> {
        if self.own_attribute(object, name).is_none() {
            return Ok(false);
        }
        if self.leave_slot(object, name) {
            return Ok(true);
        }
        let Some(dict) = self.instance_dict(object)? else { return Ok(false) };
        match dict.find_interned(name) {
            Some(number) => Ok(self.dict_remove_entry(dict, number).is_some()),
            None => Ok(false),
        }
    }

    /// Moves the object to the shape without an attribute that it has. `false`: it should become a dictionary first.
    fn leave_slot(&self, object: Value, name: Value) -> bool {
        let shape = self.shape_of(object);
        let len = shape.names.len();
        if shape.ext != ExtMode::Slots || len > shape.inline_capacity as usize {
            return false;
        }
        let Some(slot) = shape.slot(name) else { return false };
        let register = |id, shape| self.register_shape(id, shape);
        let Some(without) = self.shapes.without_attribute(shape, slot, register) else { return false };
        let SlotPlace::Inline(first) = shape.place(0) else { return false };
        let (first, slot) = (self.inline_offset(object, shape, first), slot as usize);
        self.barrier(object);
        // SAFETY: the shape's inline slots, one behind the other, lie within its objects; nothing runs between the moves and the new shape.
        unsafe {
            let slots = Self::word(object, first);
            std::ptr::copy(slots.add(slot + 1), slots.add(slot), len - 1 - slot);
            slots.add(len - 1).write(None);
            (*object.as_ptr::<Header>()).set_shape(without.id);
        }
        true
    }

    /// `__dict__` of an instance: moves it to dictionary mode. `None` when it can have none.
    pub fn instance_dict(&self, object: Value) -> PyResult<Option<Gc<PyDict>>> {
        if !self.has_instance_dict(object) {
            return Ok(None);
        }
        let shape = self.shape_of(object);
        if shape.ext == ExtMode::Dict {
            return Ok(Some(self.dictionary_of(object, shape)));
        }
        let dict = self.new_pydict()?;
        self.dict_reserve(dict, shape.names.len())?;
        for (slot, name) in shape.names.iter().enumerate() {
            let value = match shape.place(slot as u32) {
                SlotPlace::Inline(offset) => {
                    let offset = self.inline_offset(object, shape, offset);
                    // SAFETY: the shape's inline slots lie within its objects.
                    unsafe { Self::word(object, offset).read() }
                }
                SlotPlace::Overflow(index) => {
                    self.overflow(object, shape).and_then(|buffer| buffer.get(index as usize))
                }
            };
            if let Some(value) = value {
                self.dict_append_interned(dict, *name, value)?;
            }
        }
        self.set_instance_dict(object, dict);
        Ok(Some(dict))
    }

    /// Replaces `__dict__`. The object can have attributes.
    pub fn set_instance_dict(&self, object: Value, dict: Gc<PyDict>) {
        let shape = self.shape_of(object);
        let dictionary = self.shapes.dictionary(shape, |id, shape| self.register_shape(id, shape));
        self.set_ext(object, shape, dict.as_value());
        // SAFETY: a live object of a shape with the same class and room.
        unsafe { &*object.as_ptr::<Header>() }.set_shape(dictionary.id);
        // What the inline slots still hold must not stay alive through them.
        for slot in 0..shape.inline_capacity {
            if let SlotPlace::Inline(offset) = shape.place(slot) {
                let offset = self.inline_offset(object, shape, offset);
                // SAFETY: the shape's inline slots lie within its objects.
                unsafe { Self::word(object, offset).write(None) };
            }
        }
    }

    /// Names and values of the instance's own attributes in order of creation; runs no Python code.
    pub fn own_attributes(&self, object: Value) -> crate::value_vec::ValueVec<[(Value, Value); 8]> {
        if !self.has_instance_dict(object) {
            return crate::value_vec::ValueVec::new();
        }
        let shape = self.shape_of(object);
        if shape.ext == ExtMode::Dict {
            let dict = self.dictionary_of(object, shape);
            return (0..dict.entry_count()).filter_map(|number| dict.entry(number)).collect();
        }
        shape.names.iter().filter_map(|name| self.own_attribute(object, *name).map(|value| (*name, value))).collect()
    }
}
