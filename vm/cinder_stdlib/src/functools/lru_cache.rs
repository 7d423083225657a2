//! The wrapper that `functools.lru_cache` makes.
//!
//! Idea: results lie in a dict by key. A bounded cache keeps them in nodes of a ring, most recent before the root, so that a hit moves its node
//! and the node behind the root is the one to give up.
//! Holds: every node in the ring lies in the dict under its key; the function, hashes and comparisons run Python code, so both are looked at
//! anew after each.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use crate::payload::construct;

/// A place in the ring; the root is its own neighbour when the cache is empty.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct Node {
    header: Header,
    before: Slot<Option<Gc<Node>>>,
    after: Slot<Option<Gc<Node>>>,
    key: Slot<Value>,
    result: Slot<Value>,
    hash: Cell<i64>,
}

cinder_vm::layout!(Node, "functools._lru_list_elem");

static NODE: TypeDef =
    TypeDef { flags: type_flags::NO_NEW, ..TypeDef::new("functools._lru_list_elem", <Node as Payload>::LAYOUT) };

/// Payload of a wrapper.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyLruCache {
    header: Header,
    function: Slot<Value>,
    info_class: Slot<Value>,
    cache: Slot<Gc<PyDict>>,
    root: Slot<Gc<Node>>,
    /// `None` is no limit.
    max_size: Cell<Option<usize>>,
    is_typed: Cell<bool>,
    hits: Cell<i64>,
    misses: Cell<i64>,
}

cinder_vm::layout!(PyLruCache, "functools._lru_cache_wrapper");

fn own(vm: &Vm, value: Value) -> Gc<PyLruCache> {
    vm.downcast::<PyLruCache>(value).expect("slot of this class")
}

fn new_node(vm: &Vm, key: Value, result: Value, hash: i64) -> PyResult<Gc<Node>> {
    vm.alloc_instance(vm.native_class(&NODE)?, 0, |header| Node {
        header,
        before: Slot::new(None),
        after: Slot::new(None),
        key: Slot::new(key),
        result: Slot::new(result),
        hash: Cell::new(hash),
    })
}

fn new_root(vm: &Vm) -> PyResult<Gc<Node>> {
    let root = new_node(vm, Value::NONE, Value::NONE, 0)?;
    root.before.set(&vm.heap, root, Some(root));
    root.after.set(&vm.heap, root, Some(root));
    Ok(root)
}

/// Takes a node out of the ring.
fn unlink(vm: &Vm, node: Gc<Node>) {
    if let (Some(before), Some(after)) = (node.before.get(), node.after.get()) {
        before.after.set(&vm.heap, before, Some(after));
        after.before.set(&vm.heap, after, Some(before));
    }
    node.before.init(None);
    node.after.init(None);
}

/// Makes a node the most recent one.
fn link(vm: &Vm, root: Gc<Node>, node: Gc<Node>) {
    let last = root.before.get().unwrap_or(root);
    last.after.set(&vm.heap, last, Some(node));
    node.before.set(&vm.heap, node, Some(last));
    node.after.set(&vm.heap, node, Some(root));
    root.before.set(&vm.heap, root, Some(node));
}

/// What stands between positional and keyword arguments in a key: an object that no argument is.
fn separator(vm: &Vm) -> PyResult<Value> {
    Ok(vm.native_class(&NODE)?.as_value())
}

/// The key of a call. A single argument of a type whose equality is simple is its own key.
fn key_of(vm: &Vm, is_typed: bool, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let names = names.map_or(&[][..], |names| vm.tuple_items(names));
    if let ([only], [], false) = (args, names, is_typed)
        && (vm.is_exact_str(*only) || vm.type_of(*only) == vm.types.int)
    {
        return Ok(*only);
    }
    let (positional, values) = args.split_at(args.len() - names.len());
    let mut parts = ValueVec::<[Value; 8]>::new();
    parts.extend_from_slice(positional);
    if !names.is_empty() {
        parts.push(separator(vm)?);
        for (name, value) in names.iter().zip(values) {
            parts.push(*name);
            parts.push(*value);
        }
    }
    if is_typed {
        for value in args {
            parts.push(vm.type_of(*value).as_value());
        }
    }
    vm.new_tuple(&parts)
}

fn add(count: &Cell<i64>) {
    count.set(count.get() + 1);
}

fn call(vm: &Vm, value: Value, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let own = own(vm, value);
    if own.max_size.get() == Some(0) {
        add(&own.misses);
        return vm.call_keywords(own.function.get(), args, names);
    }
    let key = key_of(vm, own.is_typed.get(), args, names)?;
    let hash = vm.hash(key)?;
    let found = vm.dict_get_hashed(own.cache.get(), key, hash)?;
    let is_bounded = own.max_size.get().is_some();
    if let Some(found) = found {
        add(&own.hits);
        if !is_bounded {
            return Ok(found);
        }
        let node = vm.downcast::<Node>(found).expect("a bounded cache holds nodes");
        // Another call may have given the node up meanwhile.
        if node.before.get().is_some() {
            unlink(vm, node);
            link(vm, own.root.get(), node);
        }
        return Ok(node.result.get());
    }
    add(&own.misses);
    let result = vm.call_keywords(own.function.get(), args, names)?;
    if !is_bounded {
        vm.dict_insert_hashed(own.cache.get(), key, hash, result)?;
        return Ok(result);
    }
    // The function may have called itself with the same arguments.
    if vm.dict_get_hashed(own.cache.get(), key, hash)?.is_none() {
        store(vm, own, key, hash, result)?;
    }
    Ok(result)
}

/// Puts a result into a bounded cache; the oldest one makes room.
fn store(vm: &Vm, own: Gc<PyLruCache>, key: Value, hash: i64, result: Value) -> PyResult<()> {
    let limit = own.max_size.get().unwrap_or(usize::MAX);
    let root = own.root.get();
    if own.cache.get().len() >= limit
        && let Some(oldest) = root.after.get().filter(|oldest| *oldest != root)
    {
        unlink(vm, oldest);
        vm.dict_remove(own.cache.get(), oldest.key.get())?;
    }
    let node = new_node(vm, key, result, hash)?;
    vm.dict_insert_hashed(own.cache.get(), key, hash, node.as_value())?;
    // What ran meanwhile may have emptied the cache; then the node belongs to nobody.
    if own.root.get() == root {
        link(vm, root, node);
    }
    Ok(())
}

fn clear(vm: &Vm, own: Gc<PyLruCache>) -> PyResult<()> {
    let (cache, root) = (vm.new_pydict()?, new_root(vm)?);
    own.cache.set(&vm.heap, own, cache);
    own.root.set(&vm.heap, own, root);
    own.hits.set(0);
    own.misses.set(0);
    Ok(())
}

fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    if !vm.is_callable(args.at(1)) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let max_size = match args.at(2) {
        size if size.is_none() => None,
        size if vm.is_int(size) => Some(usize::try_from(vm.index_i64(size)?).unwrap_or(0)),
        _ => return Err(vm.type_error("maxsize should be integer or None")),
    };
    let is_typed = vm.truthy(args.at(3))?;
    let (cache, root) = (vm.new_pydict()?, new_root(vm)?);
    let made = vm.alloc_instance(class, 0, |header| PyLruCache {
        header,
        function: Slot::new(args.at(1)),
        info_class: Slot::new(args.at(4)),
        cache: Slot::new(cache),
        root: Slot::new(root),
        max_size: Cell::new(max_size),
        is_typed: Cell::new(is_typed),
        hits: Cell::new(0),
        misses: Cell::new(0),
    })?;
    Ok(made.as_value())
}

fn info(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = own(vm, args.at(0));
    let max_size = own.max_size.get().map_or(Ok(Value::NONE), |size| vm.new_uint(size))?;
    let (hits, misses) = (vm.new_int(own.hits.get())?, vm.new_int(own.misses.get())?);
    let len = vm.new_uint(own.cache.get().len())?;
    vm.call(own.info_class.get(), &[hits, misses, max_size, len])
}

pub(super) static WRAPPER: TypeDef = TypeDef {
    doc: "Create a cached callable that wraps another function.",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF | type_flags::METHOD_DESCRIPTOR,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef =
                NativeDef::class_method("lru_cache", "cls, user_function, maxsize, typed, cache_info_type", new);
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(call),
        descr_get: Some(|vm, value, instance, _| match instance {
            Some(instance) => vm.new_method(value, instance),
            None => Ok(value),
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("cache_info", "self, /", info),
        NativeDef::method("cache_clear", "self, /", |vm, args| clear(vm, own(vm, args.at(0))).map(|()| Value::NONE)),
        NativeDef::method("__reduce__", "self, /", |vm, args| vm.getattr(args.at(0), vm.names.__qualname__)),
        NativeDef::method("__copy__", "self, /", |_, args| Ok(args.at(0))),
        NativeDef::method("__deepcopy__", "self, memo, /", |_, args| Ok(args.at(0))),
    ],
    getset: &[cinder_vm::types::object::DICT_GETSET],
    ..TypeDef::new("functools._lru_cache_wrapper", <PyLruCache as Payload>::LAYOUT)
};
