//! What the compiler must know of a function: classes, fields, callees and layouts as plain data.
//!
//! Nothing is imported here: descriptors that name modules not loaded yet stay open, and machine code leaves their instructions to the interpreter.

use cinder_bytecode::{FastKind, FunctionDescr, Instruction, Opcode, Primitive, RegisterKind, TypeDescr, instruction};
use cinder_heap::{ByteBuf, Gc, ValueBuf};
use cinder_layout::jit::{
    AllocationFact, CallFact, CallTarget, CompileUnit, Containers, FieldFact, IndexIteratorFact, LengthFact, Met,
    RangeIteratorFact, SequenceFact, ShapeTarget, Slot, TypeFact, UnitFunction,
};
use cinder_layout::{Header, size_class};

use super::quietly;
use crate::classloader::Resolved;
use crate::classloader::calls::Target;
use crate::interp::dispatch::rec;
use crate::interp::handlers::operand;
use crate::types::BuiltinType;
use crate::types::array::PyStaticArray;
use crate::types::code::PyCode;
use crate::types::dict::PyDict;
use crate::types::function::PyFunction;
use crate::types::index_iterators::PyIndexIterator;
use crate::types::list::PyList;
use crate::types::range::PyRangeIterator;
use crate::types::tuple::PyTuple;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

/// Functions in a unit.
const MAX_FUNCTIONS: usize = 64;
/// Words of a callee that is offered for inlining.
const MAX_CALLEE_WORDS: usize = 120;
/// Shapes per cast.
const MAX_SHAPES: usize = 6;
/// Classes that are looked at for a virtual call, and methods that it tests for.
const MAX_CLASSES: usize = 64;
const MAX_TARGETS: usize = 4;

struct Facts<'vm> {
    vm: &'vm Vm,
    functions: Vec<Gc<PyFunction>>,
    classes: Vec<Gc<PyType>>,
}

/// The unit of a static function, its functions, and the classes whose change breaks it.
pub(super) fn build(vm: &Vm, function: Gc<PyFunction>) -> Option<(CompileUnit, Vec<Gc<PyFunction>>, Vec<Gc<PyType>>)> {
    let mut facts = Facts { vm, functions: vec![function], classes: Vec::new() };
    let mut functions = Vec::new();
    let mut at = 0;
    // Callees join the list while facts are gathered.
    while at < facts.functions.len() {
        let function = facts.functions[at];
        functions.push(facts.function(function)?);
        at += 1;
    }
    let has_singles = functions.iter().flat_map(|function| &function.code.types).any(is_single_array);
    let unit = CompileUnit { functions, containers: containers(vm, has_singles), helpers: super::helpers::table() };
    Some((unit, facts.functions, facts.classes))
}

/// Elements of such arrays are narrower than the registers they are loaded into.
fn is_single_array(descr: &TypeDescr) -> bool {
    match descr {
        TypeDescr::Class { args, .. } => args.contains(&TypeDescr::Primitive(Primitive::Single)),
        TypeDescr::Optional(inner) => is_single_array(inner),
        TypeDescr::Union(members) => members.iter().any(is_single_array),
        _ => false,
    }
}

fn containers(vm: &Vm, has_singles: bool) -> Containers {
    let list = SequenceFact {
        shape: Some(vm.types.list.root_shape.get()),
        length: LengthFact { in_storage: true, offset: ValueBuf::LEN_OFFSET, bytes: 4, shift: 0 },
        items: Some(PyList::ITEMS_OFFSET as i32),
        first: ValueBuf::VALUES_OFFSET,
        barrier_on_storage: true,
        capacity: Some(ValueBuf::CAPACITY_OFFSET),
    };
    let array = SequenceFact {
        shape: None,
        length: LengthFact { in_storage: false, offset: PyStaticArray::LEN_OFFSET, bytes: 8, shift: 0 },
        items: Some(PyStaticArray::DATA_OFFSET),
        first: ByteBuf::BYTES_OFFSET,
        barrier_on_storage: false,
        capacity: None,
    };
    let tuple = SequenceFact {
        shape: Some(vm.types.tuple.root_shape.get()),
        length: LengthFact { in_storage: false, offset: PyTuple::LEN_OFFSET as i32, bytes: 8, shift: 0 },
        items: None,
        first: PyTuple::ITEMS_OFFSET as i32,
        barrier_on_storage: false,
        capacity: None,
    };
    Containers {
        list: Some(list),
        checked_list: Some(SequenceFact { shape: None, ..list }),
        tuple: Some(tuple),
        array: (!has_singles).then_some(array),
        range_iterator: Some(RangeIteratorFact {
            shape: BuiltinType::range_iterator as u32,
            next: PyRangeIterator::NEXT_OFFSET as i32,
            step: PyRangeIterator::STEP_OFFSET as i32,
            left: PyRangeIterator::LEFT_OFFSET as i32,
        }),
        list_iterator: Some(index_iterator(BuiltinType::list_iterator)),
        tuple_iterator: Some(index_iterator(BuiltinType::tuple_iterator)),
        namespace: Some(PyDict::NAMESPACE),
        float_shape: BuiltinType::float as u32,
        ..Containers::default()
    }
}

fn is_list(vm: &Vm, class: Gc<PyType>) -> bool {
    std::ptr::eq(class.layout, vm.types.list.layout)
}

fn index_iterator(class: BuiltinType) -> IndexIteratorFact {
    IndexIteratorFact {
        shape: class as u32,
        index: PyIndexIterator::INDEX_OFFSET as i32,
        sequence: PyIndexIterator::SEQUENCE_OFFSET as i32,
    }
}

/// What the interpreter's private copy of the code has become.
fn met(code: Gc<PyCode>, function: Gc<PyFunction>) -> Vec<(u32, Met)> {
    let mut found = Vec::new();
    for (word, _) in instruction::instructions(&code.object().instructions) {
        let ip = code.address_of(word as u32);
        // SAFETY: the code is ready, and has the same words as the original.
        let Some(op) = Opcode::from_number(unsafe { *ip } as u16) else { continue };
        // SAFETY: instructions with these opcodes have records.
        let rec = || unsafe { rec(ip) };
        let name = op.name();
        let met = match op {
            Opcode::FOR_ITER_RANGE => Met::RangeIterator,
            Opcode::FOR_ITER_LIST => Met::IndexIterator(FastKind::List),
            Opcode::FOR_ITER_TUPLE => Met::IndexIterator(FastKind::Tuple),
            Opcode::LOAD_SUBSCR_LIST | Opcode::LOAD_SUBSCR_LIST_K | Opcode::STORE_SUBSCR_LIST => {
                Met::Items(FastKind::List)
            }
            Opcode::LOAD_SUBSCR_TUPLE | Opcode::LOAD_SUBSCR_TUPLE_K => Met::Items(FastKind::Tuple),
            // A class has changed: the record is empty.
            Opcode::LOAD_ATTR_SLOT
            | Opcode::STORE_ATTR_SLOT
            | Opcode::LOAD_GLOBAL_MODULE
            | Opcode::LOAD_GLOBAL_BUILTIN
                if rec().shape == 0 =>
            {
                continue;
            }
            Opcode::LOAD_ATTR_SLOT | Opcode::STORE_ATTR_SLOT => {
                Met::Slot { shape: rec().shape, offset: rec().slot as i32 }
            }
            Opcode::LOAD_GLOBAL_MODULE => Met::Variable {
                globals: (function.globals.get().as_value().bits(), rec().shape),
                builtins: None,
                number: rec().slot,
            },
            Opcode::LOAD_GLOBAL_BUILTIN => Met::Variable {
                globals: (function.globals.get().as_value().bits(), rec().shape),
                builtins: Some((function.builtins.get().as_value().bits(), rec().shape2)),
                number: rec().slot,
            },
            _ if !name.starts_with("BINARY_") && !name.starts_with("COMPARE_") => continue,
            _ => match operands(rec().shape2) {
                Some(met) => met,
                None => continue,
            },
        };
        found.push((word as u32, met));
    }
    found
}

/// What the operands of an operator were, if they were always of one kind each.
fn operands(noted: u32) -> Option<Met> {
    let is_float = |kinds: u32| match kinds {
        operand::INT => Some(false),
        operand::FLOAT => Some(true),
        _ => None,
    };
    Some(Met::Numbers {
        left_is_float: is_float(noted & ((1 << operand::BITS) - 1))?,
        right_is_float: is_float(noted >> operand::BITS)?,
    })
}

impl Facts<'_> {
    fn function(&mut self, function: Gc<PyFunction>) -> Option<UnitFunction> {
        let vm = self.vm;
        let code = function.code.get();
        quietly(vm, vm.prepare_code(code))?;
        let object = code.object().clone();
        // SAFETY: ready code has as many constants as its description.
        let constants = unsafe { std::slice::from_raw_parts(code.constants.get(), object.constants.len()) }.to_vec();
        let types = object.types.iter().map(|descr| self.type_fact(descr)).collect();
        let fields =
            object.fields.iter().map(|field| self.field(&object.types[field.class as usize], &field.name)).collect();
        let uses = uses(code, object.functions.len());
        let calls = object.functions.iter().zip(uses).map(|(descr, used)| self.call(code, descr, used)).collect();
        Some(UnitFunction {
            code_word: code.as_value().bits(),
            callable: function.as_value().bits(),
            constants,
            types,
            fields,
            calls,
            met: met(code, function),
            code: object,
        })
    }

    fn resolved(&self, descr: &TypeDescr) -> Option<&'static Resolved> {
        let vm = self.vm;
        if !self.is_loaded(descr) {
            return None;
        }
        quietly(vm, vm.resolve_type(descr)).map(|index| vm.resolved(index))
    }

    /// Whether resolving the descriptor imports nothing.
    fn is_loaded(&self, descr: &TypeDescr) -> bool {
        match descr {
            TypeDescr::Class { module, args, .. } => {
                self.is_module_loaded(module) && args.iter().all(|arg| self.is_loaded(arg))
            }
            TypeDescr::Optional(inner) | TypeDescr::Awaitable(inner) => self.is_loaded(inner),
            TypeDescr::Union(members) => members.iter().all(|member| self.is_loaded(member)),
            TypeDescr::Dynamic | TypeDescr::None | TypeDescr::Primitive(_) | TypeDescr::Literal { .. } => true,
        }
    }

    fn is_module_loaded(&self, module: &str) -> bool {
        let vm = self.vm;
        let name = vm.intern(module);
        module == "builtins" || vm.statics.main_name.get() == Some(name) || vm.modules.get_interned(name).is_some()
    }

    fn type_fact(&mut self, descr: &TypeDescr) -> TypeFact {
        let mut fact = TypeFact::default();
        if let Some(resolved) = self.resolved(descr) {
            self.cast_facts(resolved, &mut fact);
            if let Some(class) = resolved.class() {
                fact.class = class.as_value().bits();
                fact.allocation = self.allocation(class);
                fact.is_list = is_list(self.vm, class);
                self.classes.push(class);
            }
        }
        fact
    }

    fn cast_facts(&mut self, resolved: &Resolved, fact: &mut TypeFact) {
        let vm = self.vm;
        match resolved {
            Resolved::Any | Resolved::Awaitable(_) => fact.cast_any = true,
            Resolved::None => fact.cast_none = true,
            Resolved::Primitive(_) | Resolved::Literal { .. } => {}
            Resolved::Optional(inner) => {
                fact.cast_none = true;
                self.cast_facts(inner, fact);
            }
            Resolved::Union(members) => members.iter().for_each(|member| self.cast_facts(member, fact)),
            Resolved::Class { class, exact } => {
                if *class == vm.types.object && !exact {
                    fact.cast_any = true;
                }
                fact.cast_int |= *class == vm.types.int || *class == vm.types.float;
                fact.cast_float |= *class == vm.types.float;
                let mut classes = if *exact { vec![*class] } else { self.subclasses(*class) };
                classes.truncate(MAX_SHAPES.saturating_sub(fact.cast_shapes.len()));
                fact.cast_shapes.extend(classes.iter().map(|class| class.root_shape.get()));
                self.classes.extend(classes);
            }
        }
    }

    /// The class and those derived from it, the class first.
    fn subclasses(&self, class: Gc<PyType>) -> Vec<Gc<PyType>> {
        let mut found = Vec::new();
        self.vm.for_each_subclass(class, &mut |class| found.push(class));
        found
    }

    fn allocation(&self, class: Gc<PyType>) -> Option<AllocationFact> {
        let vm = self.vm;
        // The fields of an empty list are zero.
        let payload = if is_list(vm, class) { size_of::<PyList>() } else { Header::BYTES };
        let is_plain = (is_list(vm, class) || std::ptr::eq(class.layout, vm.types.object.layout))
            && class.slots().finalize.is_none()
            && !class.has(type_flags::ABSTRACT)
            && class.has(type_flags::HEAP);
        let shape = vm.shapes.get(class.root_shape.get());
        let bytes = payload + shape.tail_words() * 8;
        if !is_plain || bytes > 1024 || !shape.raw_defaults.borrow().is_empty() {
            return None;
        }
        let words = Header::words_of(bytes);
        let size_class = size_class::of_bytes(bytes) as u8;
        Some(AllocationFact { header: Header::immediate(shape.id, words, size_class, 0), size_class, words })
    }

    fn field(&self, class: &TypeDescr, name: &str) -> Option<FieldFact> {
        let vm = self.vm;
        if vm.statics.generations.has_many(class) {
            return None;
        }
        let field = quietly(vm, vm.static_field(self.resolved(class)?.class()?, name))?;
        let slot = match field.kind {
            RegisterKind::Tagged => Slot::Tagged,
            RegisterKind::Int => Slot::Int { bytes: 8, signed: true },
            RegisterKind::Double => Slot::Double,
        };
        Some(FieldFact { offset: field.offset as i32, slot, always_set: false })
    }

    fn call(&mut self, caller: Gc<PyCode>, descr: &FunctionDescr, used: Uses) -> Option<CallFact> {
        match used {
            Uses { direct: true, is_virtual: false, .. } => {
                if !self.is_module_loaded(&descr.module) {
                    return None;
                }
                let target = quietly(self.vm, self.vm.resolve_function(descr, caller))?;
                let (cell, inline) = self.callee(target)?;
                Some(CallFact { target: CallTarget::Cell(cell), assumed: false, inline, selector: None })
            }
            Uses { direct: false, is_virtual: true, shape } => self.virtual_call(caller, descr, shape),
            _ => None,
        }
    }

    /// Methods of the receiver's class and the classes derived from it; first the one that the interpreter met last, then those of derived classes.
    fn virtual_call(&mut self, caller: Gc<PyCode>, descr: &FunctionDescr, met: u32) -> Option<CallFact> {
        let vm = self.vm;
        let types = &caller.object().types;
        let class = self.resolved(&types[descr.class? as usize])?.class()?;
        let mut found: Vec<(Gc<PyFunction>, Vec<u32>)> = Vec::new();
        for class in
            self.subclasses(class).into_iter().take(MAX_CLASSES).filter(|class| !class.has(type_flags::ABSTRACT))
        {
            let Some(Target::Direct(function)) = vm.resolve_method_of(descr, class, caller) else { continue };
            if !returns_at_all(&function.code.get().object().instructions) {
                continue;
            }
            self.classes.push(class);
            let shape = class.root_shape.get();
            match found.iter_mut().find(|(known, _)| *known == function) {
                Some((_, shapes)) => shapes.push(shape),
                None => found.push((function, vec![shape])),
            }
        }
        found.reverse();
        found.sort_by_key(|(_, shapes)| !shapes.contains(&met));
        found.truncate(MAX_TARGETS);
        let mut targets = Vec::new();
        for (function, mut shapes) in found {
            shapes.sort_unstable();
            if let Some((cell, inline)) = self.callee(Target::Direct(function)) {
                targets.push(ShapeTarget { shapes, cell, inline });
            }
        }
        let selector = Some(vm.jit.methods.selector(descr, caller));
        Some(CallFact { target: CallTarget::Shapes(targets), assumed: true, inline: None, selector })
    }

    /// Address of the cell, and the place in the unit when it may be inlined.
    fn callee(&mut self, target: Target) -> Option<(u64, Option<usize>)> {
        let Target::Direct(function) = target else { return None };
        let cell = self.vm.function_cell(function)?;
        // A replaced function is called through its cell only.
        let code = function.code.get();
        let is_original = cell.code.get().as_value() == code.as_value();
        let inline = if is_original && code.object().instructions.len() <= MAX_CALLEE_WORDS {
            self.join(function)
        } else {
            None
        };
        Some((cell.entry.get().expose_provenance() as u64, inline))
    }

    fn join(&mut self, function: Gc<PyFunction>) -> Option<usize> {
        if let Some(at) = self.functions.iter().position(|known| *known == function) {
            return Some(at);
        }
        if self.functions.len() == MAX_FUNCTIONS {
            return None;
        }
        self.functions.push(function);
        Some(self.functions.len() - 1)
    }
}

/// Which instructions mention a function.
#[derive(Clone, Copy, Default)]
struct Uses {
    direct: bool,
    is_virtual: bool,
    /// Shape of a receiver that the interpreter met; 0: it met none.
    shape: u32,
}

fn uses(code: Gc<PyCode>, functions: usize) -> Vec<Uses> {
    let mut uses = vec![Uses::default(); functions];
    for (word, Instruction { op, ext, .. }) in instruction::instructions(&code.object().instructions) {
        match op {
            Opcode::INVOKE_FUNCTION => uses[ext as usize].direct = true,
            Opcode::INVOKE_METHOD => {
                let used = &mut uses[ext as usize];
                used.is_virtual = true;
                // SAFETY: the code is ready, and the instruction has a record.
                used.shape = unsafe { rec(code.address_of(word as u32)) }.shape.max(used.shape);
            }
            _ => {}
        }
    }
    uses
}

/// Whether a function does anything but raise.
fn returns_at_all(words: &[u64]) -> bool {
    instruction::instructions(words).any(|(_, instruction)| {
        !matches!(
            instruction.op,
            Opcode::CHECK_ARGS | Opcode::LOAD_GLOBAL | Opcode::LOAD_CONST | Opcode::RAISE | Opcode::CALL
        )
    })
}
