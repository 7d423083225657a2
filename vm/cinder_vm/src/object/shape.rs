//! Shapes: class and attribute layout of an object in one 32-bit number.
//!
//! Problem: an attribute access must know the object's class and where its attributes lie, at the price of one compare.
//! Idea: hidden classes. Each class has a tree of shapes, one edge per attribute added; equal shape id means same class, same layout.
//! Attributes lie in inline slots behind the payload struct and, when these are full, in a buffer that the `ext` word points to. Deleting an
//! attribute or asking for `__dict__` moves the object to the class's dictionary shape: `ext` then points to an exact dict.
//! Holds: a shape never changes its meaning; `slots` of a child extend its parent's. Source: Self maps, V8 hidden classes; design section 4 row 3.

use std::cell::{Cell, RefCell};

use cinder_layout::Value;
use rustc_hash::FxHashMap;

use super::layout::Layout;
use crate::types::type_::PyType;
use cinder_heap::Gc;

/// Index into [`Shapes`]; what the object header stores.
pub type ShapeId = u32;

/// Where an attribute lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotPlace {
    /// Byte offset from the start of the object.
    Inline(u32),
    /// Index into the overflow buffer.
    Overflow(u32),
}

/// How `ext` is used by objects of a shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExtMode {
    /// There is no `ext` word: no instance dictionary (builtins, `__slots__` classes, static classes).
    Absent,
    /// Zero, or a buffer of overflow slots.
    Slots,
    /// An exact dict holds the attributes.
    Dict,
}

/// One hidden class.
pub struct Shape {
    pub id: ShapeId,
    pub class: Gc<PyType>,
    pub layout: &'static Layout,
    pub ext: ExtMode,
    /// Byte offset of the `ext` word (of the first inline slot when `ext` is absent); 0 for variable layouts, where it is computed per object.
    pub ext_offset: u32,
    /// Inline attribute slots that every object of this shape has room for, in words.
    pub inline_capacity: u32,
    /// Attribute names in slot order (interned strings); empty in dictionary mode.
    pub names: Vec<Value>,
    /// Slot per name.
    index: FxHashMap<u64, u32>,
    pub parent: Option<ShapeId>,
    /// Bits of the words that hold raw numbers (typed fields of static classes), by word index from the start of the object.
    pub raw_words: Vec<u32>,
    /// What raw words of a new instance hold besides zero: words and bits. Only the root shape of a class has some.
    pub raw_defaults: RefCell<Vec<(u32, u64)>>,
    transitions: RefCell<FxHashMap<u64, ShapeId>>,
    /// Shape without the attribute in a slot, by slot number.
    removals: RefCell<FxHashMap<u32, ShapeId>>,
    /// Of a root shape: how many [`Shapes::without_attribute`] has made below it.
    removals_made: Cell<u32>,
    /// Dictionary-mode shape of the same root, made on demand.
    dict_shape: Cell<Option<ShapeId>>,
}

impl Shape {
    /// A shape without attributes.
    pub fn root(
        class: Gc<PyType>,
        layout: &'static Layout,
        ext: ExtMode,
        ext_offset: u32,
        inline_capacity: u32,
    ) -> Self {
        Shape {
            id: 0,
            class,
            layout,
            ext,
            ext_offset,
            inline_capacity,
            names: Vec::new(),
            index: FxHashMap::default(),
            parent: None,
            raw_words: Vec::new(),
            raw_defaults: RefCell::default(),
            transitions: RefCell::default(),
            removals: RefCell::default(),
            removals_made: Cell::new(0),
            dict_shape: Cell::new(None),
        }
    }

    /// Words between the payload struct and `ext`: slots of `__slots__` and typed slots of static classes.
    pub fn fixed_words(&self) -> usize {
        if self.layout.variable.is_some() { 0 } else { (self.ext_offset as usize).saturating_sub(self.layout.size) / 8 }
    }

    /// Words behind the payload struct and its items: fixed slots, `ext` and inline slots.
    pub fn tail_words(&self) -> usize {
        self.fixed_words() + if self.ext == ExtMode::Absent { 0 } else { 1 + self.inline_capacity as usize }
    }

    /// Whether word `word` of the object (counted from its start) holds a raw number.
    pub fn is_raw_word(&self, word: u32) -> bool {
        self.raw_words.contains(&word)
    }

    /// Slot number of the attribute with this interned name.
    #[inline]
    pub fn slot(&self, name: Value) -> Option<u32> {
        self.index.get(&name.bits()).copied()
    }

    /// Where slot `slot` lies.
    #[inline]
    pub fn place(&self, slot: u32) -> SlotPlace {
        if slot < self.inline_capacity {
            SlotPlace::Inline(self.ext_offset + 8 + slot * 8)
        } else {
            SlotPlace::Overflow(slot - self.inline_capacity)
        }
    }

    fn child(&self, name: Value) -> Shape {
        let mut names = self.names.clone();
        let mut index = self.index.clone();
        index.insert(name.bits(), names.len() as u32);
        names.push(name);
        Shape {
            id: 0,
            class: self.class,
            layout: self.layout,
            ext: ExtMode::Slots,
            ext_offset: self.ext_offset,
            inline_capacity: self.inline_capacity,
            names,
            index,
            parent: Some(self.id),
            raw_words: self.raw_words.clone(),
            raw_defaults: RefCell::default(),
            transitions: RefCell::default(),
            removals: RefCell::default(),
            removals_made: Cell::new(0),
            dict_shape: Cell::new(self.dict_shape.get()),
        }
    }
}

/// An object with more attributes than this is moved to dictionary mode: it is used as a table.
pub const MAX_SLOTS: usize = 128;

/// How often shapes of one class lose an attribute before its objects are taken for tables: the orders in which attributes come and go are without number, and shapes
/// are never freed.
const MAX_REMOVALS: u32 = 64;

/// Every shape of the process, by id. Shapes are never freed; names are interned and immortal, so no tracing is needed for them, and
/// classes are traced as roots of their shapes (a class with live shapes stays alive).
#[derive(Default)]
pub struct Shapes {
    table: RefCell<Vec<&'static Shape>>,
}

impl Shapes {
    /// Adds `shape` and gives it its id. `register` receives id and shape so that the heap learns how to trace it.
    pub fn add(&self, mut shape: Shape, register: impl FnOnce(ShapeId, &'static Shape)) -> &'static Shape {
        let id = self.table.borrow().len() as ShapeId;
        shape.id = id;
        let shape: &'static Shape = Box::leak(Box::new(shape));
        self.table.borrow_mut().push(shape);
        register(id, shape);
        shape
    }

    #[inline(always)]
    pub fn get(&self, id: ShapeId) -> &'static Shape {
        // SAFETY: headers only hold ids that `add` returned, and the table only grows; no borrow of the table outlives `add`.
        unsafe { (&*self.table.as_ptr()).get_unchecked(id as usize) }
    }

    pub fn len(&self) -> usize {
        self.table.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape after adding attribute `name` (interned), or `None` when the object should become a dictionary.
    pub fn with_attribute(
        &self,
        shape: &'static Shape,
        name: Value,
        register: impl FnOnce(ShapeId, &'static Shape),
    ) -> Option<&'static Shape> {
        if let Some(&id) = shape.transitions.borrow().get(&name.bits()) {
            return Some(self.get(id));
        }
        if shape.names.len() >= MAX_SLOTS {
            return None;
        }
        let child = self.add(shape.child(name), register);
        shape.transitions.borrow_mut().insert(name.bits(), child.id);
        Some(child)
    }

    /// The shape whose names are those of `shape` without the one in `slot`, in the same order, or `None` when the object should become a dictionary.
    pub fn without_attribute(
        &self,
        shape: &'static Shape,
        slot: u32,
        register: impl Fn(ShapeId, &'static Shape),
    ) -> Option<&'static Shape> {
        if let Some(&id) = shape.removals.borrow().get(&slot) {
            return Some(self.get(id));
        }
        let mut without = shape;
        while without.names.len() > slot as usize {
            without = self.get(without.parent?);
        }
        let mut root = without;
        while let Some(parent) = root.parent {
            root = self.get(parent);
        }
        if root.removals_made.get() >= MAX_REMOVALS {
            return None;
        }
        root.removals_made.update(|made| made + 1);
        for name in &shape.names[slot as usize + 1..] {
            without = self.with_attribute(without, *name, &register)?;
        }
        shape.removals.borrow_mut().insert(slot, without.id);
        Some(without)
    }

    /// The dictionary-mode shape that belongs to `shape`.
    pub fn dictionary(&self, shape: &'static Shape, register: impl FnOnce(ShapeId, &'static Shape)) -> &'static Shape {
        if shape.ext == ExtMode::Dict {
            return shape;
        }
        if let Some(id) = shape.dict_shape.get() {
            return self.get(id);
        }
        let mut made = Shape::root(shape.class, shape.layout, ExtMode::Dict, shape.ext_offset, shape.inline_capacity);
        made.raw_words = shape.raw_words.clone();
        let made = self.add(made, register);
        shape.dict_shape.set(Some(made.id));
        made
    }
}
