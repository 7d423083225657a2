//! `memoryview`: another object's bytes, seen as items.
//!
//! Problem: an exporter must not move its bytes while a view exists, but a view that nobody holds any more is found dead only by a collection.
//! Idea: each view, a slice of another too, takes the buffer of the exporter anew and gives it back once: by `release`, or by a hook after
//! marking that looks through the list of living views.
//! Holds: `owner` is set exactly while the buffer is taken; items are reached through `owner`'s buffer only then.

mod item;
mod methods;
mod slots;

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use cinder_heap::{Gc, HeapObject, Liveness, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::object::Payload;
use crate::types::BuiltinType;
use crate::types::type_::TypeDef;
use crate::vm::Vm;

use item::Format;

/// Payload of a view.
#[repr(C)]
pub struct PyMemoryView {
    header: Header,
    /// The exporter; `None` once released.
    owner: Slot<Option<Value>>,
    release: Option<fn(Value)>,
    /// The first item.
    data: *mut u8,
    pub(crate) readonly: bool,
    format: Format,
    /// Views that others hold of this one.
    exports: Cell<usize>,
    /// 0 until computed.
    hash: Cell<i64>,
    /// Items per dimension; none for a single item.
    shape: Box<[usize]>,
    /// Bytes from one item to the next, per dimension.
    strides: Box<[isize]>,
}

impl Trace for PyMemoryView {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.owner.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMemoryView {}

crate::layout!(PyMemoryView, "memoryview", exact memoryview);

pub static MEMORYVIEW: TypeDef = TypeDef {
    doc: "Create a new memoryview object which references the given object.",
    flags: crate::types::type_::type_flags::SEQUENCE | crate::types::type_::type_flags::HAS_WEAKREF,
    slots: slots::SLOTS,
    methods: methods::METHODS,
    getset: methods::GETSET,
    setup: Some(|vm, _| {
        let taken = vm.native_state(TakenViews::default);
        vm.heap.add_after_mark(move |live| release_dead(taken, live));
        Ok(())
    }),
    ..TypeDef::new("memoryview", <PyMemoryView as Payload>::LAYOUT)
};

/// A view that has taken a buffer which must be given back.
struct Taken {
    view: NonNull<Header>,
    owner: Value,
    release: fn(Value),
}

/// All of a machine.
#[derive(Default)]
struct TakenViews(RefCell<Vec<Taken>>);

/// Gives back the buffers of views that a collection found dead. Their owners are not swept yet.
fn release_dead(taken: &TakenViews, live: &Liveness<'_>) {
    taken.0.borrow_mut().retain(|entry| {
        let keep = live.is_live(entry.view);
        if !keep {
            (entry.release)(entry.owner);
        }
        keep
    });
}

/// How a view lies in the exporter's bytes.
struct Geometry {
    data: *mut u8,
    readonly: bool,
    format: Format,
    shape: Vec<usize>,
    strides: Vec<isize>,
}

/// Strides of items that lie one behind the other.
fn contiguous_strides(shape: &[usize], item_bytes: usize) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut step = item_bytes as isize;
    for (stride, len) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step *= *len as isize;
    }
    strides
}

impl PyMemoryView {
    fn item_count(&self) -> usize {
        self.shape.iter().product()
    }

    fn len_bytes(&self) -> usize {
        self.item_count() * self.format.item_bytes()
    }

    fn is_c_contiguous(&self) -> bool {
        self.lies(contiguous_strides(&self.shape, self.format.item_bytes()))
    }

    fn is_f_contiguous(&self) -> bool {
        let reversed: Vec<usize> = self.shape.iter().rev().copied().collect();
        let mut strides = contiguous_strides(&reversed, self.format.item_bytes());
        strides.reverse();
        self.lies(strides)
    }

    /// Whether the strides are these, where they matter.
    fn lies(&self, strides: Vec<isize>) -> bool {
        self.item_count() == 0
            || (0..strides.len()).all(|index| self.shape[index] <= 1 || self.strides[index] == strides[index])
    }

    /// Byte offsets of the items; the last index runs fastest, or the first for `columns_first`.
    fn offsets(&self, columns_first: bool) -> Vec<isize> {
        let mut offsets = vec![0];
        let mut dimensions: Vec<usize> = (0..self.shape.len()).collect();
        if columns_first {
            dimensions.reverse();
        }
        for dimension in dimensions {
            offsets = offsets
                .iter()
                .flat_map(|base| {
                    (0..self.shape[dimension] as isize).map(move |index| base + index * self.strides[dimension])
                })
                .collect();
        }
        offsets
    }

    /// Bytes of the item at a byte offset.
    ///
    /// # Safety
    /// The offset is one of an item, and the view is not released.
    unsafe fn item(&self, offset: isize) -> &[u8] {
        // SAFETY: contract.
        unsafe { std::slice::from_raw_parts(self.data.offset(offset), self.format.item_bytes()) }
    }

    /// All bytes in the given order.
    ///
    /// # Safety
    /// The view is not released.
    unsafe fn content(&self, columns_first: bool) -> Vec<u8> {
        if self.is_c_contiguous() && !columns_first {
            if self.len_bytes() == 0 {
                return Vec::new();
            }
            // SAFETY: contract; contiguous items are `len_bytes` bytes.
            return unsafe { std::slice::from_raw_parts(self.data, self.len_bytes()) }.to_vec();
        }
        let mut content = Vec::with_capacity(self.len_bytes());
        for offset in self.offsets(columns_first) {
            // SAFETY: contract.
            content.extend_from_slice(unsafe { self.item(offset) });
        }
        content
    }
}

impl Vm {
    /// The value as a view.
    pub(crate) fn as_memoryview(&self, value: Value) -> Option<Gc<PyMemoryView>> {
        self.downcast::<PyMemoryView>(value)
    }

    /// `memoryview(object)`.
    ///
    /// Errors: TypeError for objects without bytes; what the exporter raises.
    pub fn new_memoryview(&self, object: Value) -> PyResult<Value> {
        if let Some(view) = self.as_memoryview(object) {
            let view = living(self, view)?;
            let geometry = Geometry {
                data: view.data,
                readonly: view.readonly,
                format: view.format,
                shape: view.shape.to_vec(),
                strides: view.strides.to_vec(),
            };
            return self.derived_view(view, geometry);
        }
        let Some(buffer) = self.type_of(object).slots().buffer else {
            let found = self.type_name(object);
            return Err(self.type_error(format!("memoryview: a bytes-like object is required, not '{found}'")));
        };
        let taken = buffer(self, object)?;
        let format = Format::new(taken.format, taken.item_bytes);
        let shape = match taken.shape {
            Some(shape) => shape.to_vec(),
            None => vec![taken.len_bytes / taken.item_bytes.max(1)],
        };
        let strides = contiguous_strides(&shape, taken.item_bytes);
        let geometry = Geometry { data: taken.data, readonly: taken.readonly, format, shape, strides };
        self.make_view(taken.owner, taken.release, geometry)
    }

    /// A view of the same exporter with another geometry.
    fn derived_view(&self, view: Gc<PyMemoryView>, geometry: Geometry) -> PyResult<Value> {
        let owner = view.owner.get().expect("the view is not released");
        let buffer = self.type_of(owner).slots().buffer.expect("the exporter has bytes");
        let taken = buffer(self, owner)?;
        self.make_view(taken.owner, taken.release, geometry)
    }

    fn make_view(&self, owner: Value, release: Option<fn(Value)>, geometry: Geometry) -> PyResult<Value> {
        let made = self.alloc(PyMemoryView {
            header: object_header(BuiltinType::memoryview as u32),
            owner: Slot::new(Some(owner)),
            release,
            data: geometry.data,
            readonly: geometry.readonly,
            format: geometry.format,
            exports: Cell::new(0),
            hash: Cell::new(0),
            shape: geometry.shape.into(),
            strides: geometry.strides.into(),
        });
        match (made, release) {
            (Ok(view), Some(release)) => {
                let taken = self.native_state(TakenViews::default);
                taken.0.borrow_mut().push(Taken { view: view.header(), owner, release });
                Ok(view.as_value())
            }
            (Ok(view), None) => Ok(view.as_value()),
            (Err(raised), release) => {
                if let Some(release) = release {
                    release(owner);
                }
                Err(raised)
            }
        }
    }

    /// Whether the program can still reach a view of `owner`: by a local variable of a running function, or by an object of the heap.
    ///
    /// Words of native stacks do not count: they may be remains of calls that are over.
    pub fn is_view_named(&self, owner: Value) -> bool {
        let taken = self.native_state(TakenViews::default).0.borrow();
        let views: Vec<NonNull<Header>> =
            taken.iter().filter(|entry| entry.owner == owner).map(|entry| entry.view).collect();
        let is_view = |word: u64| views.iter().any(|view| Value::from_ptr(*view).bits() == word);
        let is_local = self.frames().any(|frame| {
            let locals = frame.code().object().locals.len();
            // SAFETY: the locals are the first registers of a window.
            (0..locals).any(|index| is_view(unsafe { *frame.0.add(index) }))
        });
        is_local
            || self
                .heap
                .objects()
                .into_iter()
                .any(|object| self.heap.referents(object).iter().any(|referent| views.contains(referent)))
    }

    /// `view.release()`.
    pub(crate) fn release_view(&self, view: Gc<PyMemoryView>) -> PyResult<()> {
        let Some(owner) = view.owner.get() else { return Ok(()) };
        let exports = view.exports.get();
        if exports > 0 {
            let plural = if exports == 1 { "" } else { "s" };
            return Err(self.buffer_error(format!("memoryview has {exports} exported buffer{plural}")));
        }
        view.owner.init(None);
        if let Some(release) = view.release {
            let mut taken = self.native_state(TakenViews::default).0.borrow_mut();
            if let Some(at) = taken.iter().rposition(|entry| entry.view == view.header()) {
                taken.swap_remove(at);
            }
            drop(taken);
            release(owner);
        }
        Ok(())
    }
}

/// The view, when it has not been released.
fn living(vm: &Vm, view: Gc<PyMemoryView>) -> PyResult<Gc<PyMemoryView>> {
    match view.owner.get() {
        Some(_) => Ok(view),
        None => Err(vm.value_error("operation forbidden on released memoryview object")),
    }
}

/// The view of a slot or method, when it has not been released.
fn own(vm: &Vm, value: Value) -> PyResult<Gc<PyMemoryView>> {
    living(vm, vm.as_memoryview(value).expect("slot of memoryview"))
}

/// Copy of a view's bytes in order of the items.
pub(crate) fn content(vm: &Vm, view: Gc<PyMemoryView>) -> PyResult<Vec<u8>> {
    let view = living(vm, view)?;
    // SAFETY: not released.
    Ok(unsafe { view.content(false) })
}
