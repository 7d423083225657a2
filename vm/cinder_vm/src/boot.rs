//! Start-up: builtin classes, names and exceptions come into being.
//!
//! Problem: a class needs a dict, a tuple and a name, which are objects of classes.
//! Idea: shape ids of builtin classes are known before the classes are ([`BuiltinType`]), so objects can be allocated first and classes connected
//! afterwards. Collection is paused meanwhile. Native methods become objects here; nothing is parsed and no Python code runs.

use std::cell::{Cell, RefCell};

use cinder_heap::{Gc, Heap, HeapConfig, ShapeInfo, object_header};
use cinder_layout::{Header, Value};

use crate::late::Late;
use crate::names::Names;
use crate::object::layout::Layout;
use crate::object::shape::{ExtMode, Shape, ShapeId, Shapes};
use crate::types::exceptions::{EXCEPTION_CLASSES, Exceptions};
use crate::types::str_::Interned;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::types::{BuiltinType, DEFS, FIRST, INTERNAL, Types};
use crate::vm::{Config, Vm};

impl Vm {
    /// A new machine with its builtin classes, and an empty `sys.modules`.
    ///
    /// The machine lives as long as the process: objects and machine code hold its address.
    pub fn new(config: Config, heap_config: &HeapConfig) -> &'static Vm {
        let hash_key = hash_key(config.hash_seed);
        let vm: &'static Vm = Box::leak(Box::new(Vm {
            machine: crate::interp::new_machine(),
            stack_limit: Cell::new(native_stack_limit()),
            pending: Cell::new(None),
            heap: Heap::new(heap_config),
            shapes: Shapes::default(),
            types: Late::new(),
            exceptions: Late::new(),
            names: Late::new(),
            interned: Interned::default(),
            empty_tuple: Late::new(),
            modules: Late::new(),
            builtins: Late::new(),
            config,
            hash_key,
            repr_running: RefCell::default(),
            native_classes: RefCell::default(),
            native_exceptions: RefCell::default(),
            latin1: [const { Cell::new(None) }; 256],
            single_bytes: [const { Cell::new(None) }; 256],
            zero_floats: [const { Cell::new(None) }; 2],
            plain_metaclass: Cell::new((0, 0)),
            max_str_digits: Cell::new(crate::types::int::text::DEFAULT_MAX_DIGITS),
            signatures: RefCell::default(),
            dict_versions: Cell::new(0),
            bases: crate::types::type_::Bases::default(),
            lookups: crate::cache::Lookups::default(),
            sites: crate::cache::Sites::default(),
            sources: crate::exception::source::Sources::default(),
            statics: crate::classloader::Statics::default(),
            tracing: crate::trace::Tracing::default(),
            interp: crate::interp::State::new(),
            imports: crate::import::State::default(),
            recent_states: Default::default(),
            native_states: RefCell::default(),
            has_finalizers: Cell::new(false),
            jit: crate::jit::State::default(),
            threads: crate::thread::State::new(),
        }));
        let _pause = vm.heap.pause();
        vm.boot_types();
        vm.boot_exceptions();
        vm.boot_modules().expect("start-up fits into memory");
        vm.lookups.forget();
        vm.heap.add_roots(|tracer| vm.trace_roots(tracer));
        vm.heap.add_after_mark(|live| vm.forget_dead_subclasses(live));
        // Finalizers and callbacks run at the next turn of a loop or the next call.
        vm.heap.add_after_mark(|_| {
            if vm.heap.has_pending() {
                vm.attention().request();
            }
        });
        vm
    }

    /// Whether Python code may see the object: it is no buffer of the machine.
    pub fn is_python_object(&self, object: std::ptr::NonNull<Header>) -> bool {
        // SAFETY: the caller holds a live object.
        let shape = unsafe { object.as_ref() }.shape();
        let internal = BuiltinType::first_internal()..BuiltinType::first_internal() + INTERNAL.len() as u32;
        shape as usize >= FIRST && !internal.contains(&shape)
    }

    /// Visits what the machine itself holds.
    fn trace_roots(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        tracer.visit_option(self.pending.get());
        if self.modules.is_set() {
            tracer.visit_object(self.modules.header());
            tracer.visit_object(self.builtins.header());
        }
        for (_, class) in self.native_classes.borrow().values() {
            tracer.visit_object(class.header());
        }
        for (_, class) in self.native_exceptions.borrow().iter() {
            tracer.visit_object(class.header());
        }
        crate::value_vec::trace_spilled(tracer);
        self.statics.trace(tracer);
        self.trace_frames(tracer);
        self.trace_threads(tracer);
        self.jit.trace(tracer);
    }

    fn boot_types(&self) {
        // Internal buffers first: the dicts of classes need them.
        for (index, info) in INTERNAL.iter().enumerate() {
            self.heap.define_shape(BuiltinType::first_internal() + index as u32, *info);
        }
        let classes: Vec<Gc<PyType>> = DEFS.iter().map(|(def, _)| self.alloc_builtin_class(def)).collect();
        // Shape 0 belongs to no object, the next ones to the heap's own buffers; the table needs entries there all the same.
        let object = classes[0];
        for _ in 0..FIRST {
            self.shapes.add(Shape::root(object, object.layout, ExtMode::Absent, 0, 0), |_, _| {});
        }
        for (number, class) in classes.iter().enumerate() {
            let ext = if class.has(type_flags::HAS_DICT) { ExtMode::Slots } else { ExtMode::Absent };
            let shape = self.add_shape(Shape::root(*class, class.layout, ext, class.layout.size as u32, 0));
            assert_eq!(shape.id as usize, number + FIRST, "builtin shapes are numbered in row order");
            class.root_shape.set(shape.id);
        }
        for _ in INTERNAL {
            self.shapes.add(Shape::root(object, object.layout, ExtMode::Absent, 0, 0), |_, _| {});
        }
        for class in &classes {
            self.heap.make_immortal(class.header());
        }
        self.types.set(Types::from_slice(&classes));
        self.names.set(Names::new(self));
        self.empty_tuple.set(self.new_tuple(&[]).expect("start-up fits into memory"));
        for (number, (def, base)) in DEFS.iter().enumerate() {
            let base = if number == 0 { None } else { Some(classes[*base as usize - FIRST]) };
            self.connect_class(classes[number], base).expect("start-up fits into memory");
            self.fill_builtin_class(classes[number], def).expect("start-up fits into memory");
        }
    }

    /// A class record with name and dict, not yet connected to its base.
    fn alloc_builtin_class(&self, def: &'static TypeDef) -> Gc<PyType> {
        let name = def.name.rsplit('.').next().unwrap_or(def.name);
        self.alloc_class(name, def.flags | type_flags::IMMUTABLE, def.layout, Some(def))
            .expect("start-up fits into memory")
    }

    /// Allocates a class record. Bases, MRO, slots and shape are filled by the caller.
    pub(crate) fn alloc_class(
        &self,
        name: &str,
        flags: u32,
        layout: &'static Layout,
        def: Option<&'static TypeDef>,
    ) -> crate::native::PyResult<Gc<PyType>> {
        let dict = self.new_pydict()?;
        self.alloc(PyType::new(object_header(BuiltinType::type_ as u32), name, flags, layout, dict, def))
    }

    /// Sets base, bases and MRO of a builtin class with a single base.
    pub(crate) fn connect_class(&self, class: Gc<PyType>, base: Option<Gc<PyType>>) -> crate::native::PyResult<()> {
        let mut mro = vec![class.as_value()];
        if let Some(base) = base {
            class.base.set(Some(base));
            let bases = self.new_tuple(&[base.as_value()])?;
            self.heap.write_barrier(class.header());
            class.bases.set(bases);
            mro.extend_from_slice(self.tuple_items(base.mro.get()));
            self.add_subclass(base, class);
        } else {
            class.bases.set(*self.empty_tuple);
        }
        let mro = self.new_tuple(&mro)?;
        self.heap.write_barrier(class.header());
        class.mro.set(mro);
        Ok(())
    }

    fn boot_exceptions(&self) {
        let base = self.types.base_exception;
        let mut classes: Vec<Gc<PyType>> = Vec::with_capacity(EXCEPTION_CLASSES.len());
        for declared in EXCEPTION_CLASSES {
            let parent = if declared.base == "BaseException" {
                base
            } else {
                let at = EXCEPTION_CLASSES.iter().position(|c| c.name == declared.base).expect("bases come first");
                classes[at]
            };
            let class = self.make_exception_class(declared, parent, &classes).expect("start-up fits into memory");
            self.heap.make_immortal(class.header());
            classes.push(class);
        }
        let at = EXCEPTION_CLASSES.iter().position(|c| c.name == "MemoryError").expect("declared");
        let args = *self.empty_tuple;
        let instance = self.alloc_exception(classes[at].root_shape.get(), args, 8).expect("start-up fits into memory");
        self.heap.make_immortal(instance.header());
        self.exceptions.set(Exceptions::from_slice(base, &classes, instance.as_value()));
    }

    /// `sys.modules` with `builtins` in it.
    fn boot_modules(&self) -> crate::native::PyResult<()> {
        self.modules.set(self.new_pydict()?);
        let module = self.make_module(&crate::builtins::BUILTINS)?;
        self.builtins.set(self.module_dict(module).expect("make_module makes modules"));
        self.statics.builtins.set(Some(self.dict_copy(*self.builtins)?));
        self.dict_set_interned(*self.modules, self.names.builtins, module)
    }

    /// Adds a shape and tells the heap how to trace its objects.
    pub fn add_shape(&self, shape: Shape) -> &'static Shape {
        self.shapes.add(shape, |id, shape| self.register_shape(id, shape))
    }

    pub(crate) fn register_shape(&self, id: ShapeId, shape: &'static Shape) {
        let exact = shape.ext == ExtMode::Absent && shape.inline_capacity == 0 && shape.fixed_words() == 0;
        let mut info = if exact {
            ShapeInfo { trace: shape.layout.trace, ..ShapeInfo::leaf() }
        } else {
            ShapeInfo::new(trace_instance).with_data(std::ptr::from_ref(shape).expose_provenance())
        };
        info.owner = Some(shape.class.as_value());
        info.drop = shape.layout.drop;
        info.clear_weak = shape.layout.clear_weak;
        self.heap.define_shape(id, info);
    }
}

/// Traces the payload struct, then everything behind it that the shape does not call raw.
///
/// # Safety
/// `data` is the address of the object's shape.
unsafe fn trace_instance(object: std::ptr::NonNull<Header>, data: usize, tracer: &mut cinder_heap::Tracer<'_>) {
    // SAFETY: `register_shape` stored the address of a leaked shape.
    let shape = unsafe { &*std::ptr::with_exposed_provenance::<Shape>(data) };
    // SAFETY: the object has this layout.
    unsafe { (shape.layout.trace)(object, data, tracer) };
    let payload_bytes = match shape.layout.variable {
        Some(bytes) => bytes(object.as_ptr()),
        None => shape.layout.size,
    };
    let words = shape.tail_words();
    // SAFETY: the object was allocated with `words` words behind its payload (see `Shape::tail_words`).
    let first = unsafe { object.cast::<u8>().add(payload_bytes).cast::<Option<Value>>() };
    for index in 0..words {
        if !shape.is_raw_word((payload_bytes / 8 + index) as u32) {
            // SAFETY: `index < words`, and words that are not raw hold zero or a value.
            tracer.visit_option(unsafe { first.add(index).read() });
        }
    }
}

/// Key of the string hash: from the seed as CPython's `lcg_urandom`, random without one; seed 0 gives a zero key.
fn hash_key(seed: Option<u32>) -> (u64, u64) {
    let mut bytes = [0u8; 16];
    match seed {
        Some(0) => {}
        Some(seed) => {
            let mut x = seed;
            for byte in &mut bytes {
                x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
                *byte = (x >> 16) as u8;
            }
        }
        None => {
            // SAFETY: the buffer is 16 bytes long. On failure the key stays zero, which is a valid key.
            unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
        }
    }
    let [low, high] = [0, 8].map(|at| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")));
    (low, high)
}

/// Lowest address that code may use on this thread's stack: 256 KiB are left for native code that does not check.
pub(crate) fn native_stack_limit() -> usize {
    const RESERVE_BYTES: usize = 256 * 1024;
    // SAFETY: plain queries about the calling thread; `attr` is initialised by the first call and destroyed by the last.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attr) != 0 {
            return 0;
        }
        let (mut base, mut size) = (std::ptr::null_mut(), 0);
        libc::pthread_attr_getstack(&raw const attr, &raw mut base, &raw mut size);
        libc::pthread_attr_destroy(&raw mut attr);
        base.addr() + RESERVE_BYTES.min(size / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_starts_and_dicts_hold_what_they_are_given() {
        let vm = Vm::new(Config { hash_seed: Some(0), ..Config::default() }, &HeapConfig::default());
        let dict = vm.new_pydict().unwrap();
        for number in 0..1000 {
            let name = vm.intern(&format!("name{number}"));
            vm.dict_set_interned(dict, name, vm.new_int(number).unwrap()).unwrap();
        }
        for number in (0..1000).step_by(3) {
            vm.dict_remove_entry(dict, dict.find_interned(vm.intern(&format!("name{number}"))).unwrap());
        }
        let found = (0..1000).filter(|n| dict.get_interned(vm.intern(&format!("name{n}"))).is_some()).count();
        assert_eq!((found, dict.len()), (666, 666));
        assert_eq!(vm.type_name(Value::NONE), "NoneType");
        assert!(vm.is_subtype(vm.exceptions.ModuleNotFoundError, vm.exceptions.Exception));
    }
}
