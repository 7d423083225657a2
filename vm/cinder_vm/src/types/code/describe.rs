//! Code objects for those who look into them: comparison, `replace`, instructions for `dis`.
//!
//! The instructions are not CPython's. Offsets count two bytes for each 8-byte word, so `co_code`, `co_lines`, `co_positions` and `f_lasti` agree
//! with each other.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use cinder_bytecode::opcode::Imm;
use cinder_bytecode::{CodeObject, Constant, Instruction, LocalKind, Opcode};
use cinder_layout::Value;

use super::this;
use crate::native::{Arg, ArgsExt, PyResult};
use crate::types::bytes::PyBytes;
use crate::types::code::PyCode;
use crate::vm::Vm;

/// What takes part in comparisons: everything but the name of the file.
fn same(a: &CodeObject, b: &CodeObject) -> bool {
    a.instructions == b.instructions
        && a.name == b.name
        && a.first_line == b.first_line
        && a.flags == b.flags
        && (a.argument_count, a.positional_only_count, a.keyword_only_count)
            == (b.argument_count, b.positional_only_count, b.keyword_only_count)
        && a.locals == b.locals
        && a.names == b.names
        && a.exceptions == b.exceptions
        && a.lines == b.lines
        && a.constants.len() == b.constants.len()
        && a.constants.iter().zip(&b.constants).all(|(a, b)| match (a, b) {
            (Constant::Code(a), Constant::Code(b)) => same(a, b),
            (a, b) => a == b,
        })
}

pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: cinder_bytecode::CompareOp) -> PyResult<Value> {
    use cinder_bytecode::CompareOp;
    let (Some(left), Some(right)) = (vm.downcast::<PyCode>(a), vm.downcast::<PyCode>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq | CompareOp::Ne => {
            let equal = Arc::ptr_eq(left.object(), right.object()) || same(left.object(), right.object());
            Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let code = this(vm, value);
    let mut hasher = DefaultHasher::new();
    (&code.object().name, code.object().first_line, &code.object().instructions, &code.object().names)
        .hash(&mut hasher);
    let hash = hasher.finish() as i64;
    Ok(if hash == -1 { -2 } else { hash })
}

/// `code.replace(**changes)`: a new code object with other names, place, flags, constants.
pub(super) fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let code = this(vm, args.at(0));
    let mut object = CodeObject::clone(code.object());
    let changes = args.opt(1).and_then(|changes| vm.as_dict(changes));
    for number in 0..changes.map_or(0, |changes| changes.entry_count()) {
        let Some((name, value)) = changes.and_then(|changes| changes.entry(number)) else { continue };
        let name_text = vm.str_text(name);
        let text = |value: Value| -> PyResult<String> {
            if vm.is_str(value) {
                return Ok(vm.str_text(value).into_owned());
            }
            let found = vm.type_name(value);
            Err(vm.type_error(format!("replace() argument '{name_text}' must be str, not {found}")))
        };
        match &*name_text {
            "co_flags" => object.flags = vm.index_i64(value)? as u32 | (object.flags & !0x0fff_ffff),
            "co_firstlineno" => object.first_line = vm.index_i64(value)? as u32,
            "co_name" => object.name = text(value)?.into(),
            "co_qualname" => object.qualname = text(value)?.into(),
            "co_filename" => object.filename = text(value)?.into(),
            "co_consts" => {
                let items = tuple(vm, &name_text, value)?;
                if items.len() != object.constants.len() {
                    return Err(vm.value_error("code.replace() cannot change the number of constants"));
                }
                for (constant, item) in object.constants.iter_mut().zip(items) {
                    *constant = vm.describe_constant(*item)?;
                }
            }
            "co_names" => {
                let items = tuple(vm, &name_text, value)?;
                if items.len() != object.names.len() {
                    return Err(vm.value_error("code.replace() cannot change the number of names"));
                }
                for (old, item) in object.names.iter_mut().zip(items) {
                    *old = text(*item)?.into();
                }
            }
            "co_varnames" | "co_cellvars" | "co_freevars" => {
                rename_locals(vm, args.at(0), name, value, &mut object)?;
            }
            other => {
                // What stays as it is may be given.
                if !vm.eq(vm.getattr(args.at(0), name)?, value)? {
                    if other == "co_nlocals" {
                        return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
                    }
                    return Err(vm.not_implemented_error(format!("code.replace() cannot change {other}")));
                }
            }
        }
    }
    Ok(vm.new_code(Arc::new(object))?.as_value())
}

fn tuple<'a>(vm: &'a Vm, name: &str, value: Value) -> PyResult<&'a [Value]> {
    if vm.as_tuple(value).is_some() {
        return Ok(vm.tuple_items(value));
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!("replace() argument '{name}' must be tuple, not {found}")))
}

/// Other names for the locals that attribute `name` lists, in its order.
fn rename_locals(vm: &Vm, code: Value, name: Value, value: Value, object: &mut CodeObject) -> PyResult<()> {
    let new = tuple(vm, &vm.str_text(name), value)?;
    let parameters = object.parameter_count() as usize;
    let wanted = |index: usize, kind: LocalKind| match &*vm.str_text(name) {
        "co_cellvars" => kind == LocalKind::Cell,
        "co_freevars" => kind == LocalKind::Free,
        _ => index < parameters || matches!(kind, LocalKind::Local | LocalKind::Hidden),
    };
    let places: Vec<usize> =
        object.locals.iter().enumerate().filter(|(index, local)| wanted(*index, local.kind)).map(|x| x.0).collect();
    if places.len() != new.len() {
        return Err(vm.value_error("code: varnames is too small"));
    }
    let _ = code;
    for (place, item) in places.into_iter().zip(new) {
        if !vm.is_str(*item) {
            let found = vm.type_name(*item);
            return Err(vm.type_error(format!("name tuples must contain only strings, not '{found}'")));
        }
        object.locals[place].name = vm.str_text(*item).into();
    }
    Ok(())
}

impl Vm {
    /// The description of a value that may be a constant.
    ///
    /// Errors: TypeError for other values.
    pub fn describe_constant(&self, value: Value) -> PyResult<Constant> {
        self.check_native_stack()?;
        let all =
            |items: &[Value]| items.iter().map(|item| self.describe_constant(*item)).collect::<PyResult<Vec<_>>>();
        if value.is_none() {
            return Ok(Constant::None);
        }
        if value == Value::ELLIPSIS {
            return Ok(Constant::Ellipsis);
        }
        if let Some(truth) = value.as_bool() {
            return Ok(if truth { Constant::True } else { Constant::False });
        }
        if let Some(text) = self.as_str(value) {
            let points: Vec<u32> = text.iter().collect();
            return Ok(match points.iter().map(|point| char::from_u32(*point)).collect::<Option<String>>() {
                Some(text) => Constant::Str(text.into()),
                None => Constant::Surrogates(points.into()),
            });
        }
        if let Some(bytes) = self.downcast::<PyBytes>(value) {
            return Ok(Constant::Bytes(bytes.as_slice().into()));
        }
        if let Some(number) = self.int_to_big(value) {
            return Ok(Constant::Int(number));
        }
        if let Some(number) = self.float_value(value) {
            return Ok(Constant::Float(number));
        }
        if let Some(number) = self.complex_value(value) {
            return Ok(Constant::Complex(number.real, number.imag));
        }
        if let Some(code) = self.downcast::<PyCode>(value) {
            return Ok(Constant::Code(code.code.clone()));
        }
        if self.as_tuple(value).is_some() {
            return Ok(Constant::Tuple(all(self.tuple_items(value))?.into()));
        }
        if self.type_of(value) == self.types.frozen_set {
            let items = self.collect_list(value)?;
            let items: crate::value_vec::ValueVec<[Value; 8]> =
                (0..items.len() as i64).filter_map(|i| items.get(i)).collect();
            return Ok(Constant::FrozenSet(all(&items)?.into()));
        }
        let found = self.type_name(value);
        Err(self.type_error(format!("a code object cannot hold a {found} as constant")))
    }
}

pub(super) fn varname(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let code = this(vm, args.at(0));
    let index = vm.index_i64(args.at(1))?;
    match usize::try_from(index).ok().and_then(|index| code.object().locals.get(index)) {
        Some(local) => Ok(vm.intern(&local.name)),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

/// Names of all instructions by number.
pub(super) fn opcodes(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let list = vm.new_pylist()?;
    for op in Opcode::all() {
        vm.list_push(list, vm.intern(op.name()))?;
    }
    vm.tuple_from(list.as_value())
}

/// The low half of each word, as bytes.
pub(super) fn code_bytes(vm: &Vm, code: Value) -> PyResult<Value> {
    let code = this(vm, code);
    let words = &code.object().instructions;
    vm.new_bytes(&words.iter().flat_map(|word| (*word as u16).to_le_bytes()).collect::<Vec<u8>>())
}

pub(super) fn line_table(vm: &Vm, code: Value) -> PyResult<Value> {
    let code = this(vm, code);
    let numbers = code.object().lines.iter().flat_map(|entry| [entry.start, entry.line]);
    vm.new_bytes(&numbers.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())
}

pub(super) fn exception_table(vm: &Vm, code: Value) -> PyResult<Value> {
    let code = this(vm, code);
    let numbers = code.object().exceptions.iter().flat_map(|entry| [entry.start, entry.end, entry.target]);
    vm.new_bytes(&numbers.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())
}

/// Tuples of word, words, number, name, argument, value, text, jump target and place, one for each instruction.
pub(super) fn instructions(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let code = this(vm, args.at(0));
    vm.prepare_code(code)?;
    let object = Arc::clone(code.object());
    let list = vm.new_pylist()?;
    for (index, instruction) in cinder_bytecode::instruction::instructions(&object.instructions) {
        vm.list_push(list, row(vm, code, &object, index, &instruction)?)?;
    }
    Ok(list.as_value())
}

fn row(
    vm: &Vm,
    code: cinder_heap::Gc<PyCode>,
    object: &CodeObject,
    index: usize,
    instruction: &Instruction,
) -> PyResult<Value> {
    let info = instruction.op.info();
    let target = instruction.jump_target();
    let text = cinder_bytecode::disassemble_instruction(object, instruction);
    let text = text.trim().strip_prefix(instruction.op.name()).unwrap_or(&text).trim();
    let number = |number: u32| vm.new_int(number.into());
    let operand = |kind: Imm, imm: u32| -> PyResult<Option<Value>> {
        Ok(match kind {
            Imm::Name => code.name_opt(imm),
            Imm::Const => code.constant_opt(imm),
            Imm::Jump => Some(number(imm * 2)?),
            _ => None,
        })
    };
    let value = match operand(info.imm, instruction.imm())? {
        Some(value) => value,
        None => operand(info.ext, instruction.ext)?.unwrap_or(Value::NONE),
    };
    let place = match object.place(index as u32).filter(|place| place.line != 0) {
        Some(place) => vm.new_tuple(&[
            number(place.line)?,
            number(place.end_line)?,
            number(place.column)?,
            number(place.end_column)?,
        ])?,
        None => vm.new_tuple(&[Value::NONE; 4])?,
    };
    vm.new_tuple(&[
        vm.new_uint(index)?,
        vm.new_uint(instruction.words())?,
        vm.new_int(instruction.op as i64)?,
        vm.intern(instruction.op.name()),
        vm.new_int(instruction.a.into())?,
        value,
        vm.new_str(text)?,
        target.map_or(Ok(Value::NONE), number)?,
        place,
    ])
}
