//! `_operator`: the operators of the language as functions. Source: Modules/_operator.c.

pub(crate) mod getter;

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

macro_rules! binary_functions {
    ($($name:literal $op:expr;)*) => {
        [$(NativeDef::function($name, "a, b, /", |vm, args| vm.binary_op(args.at(0), args.at(1), $op))),*]
    };
}

static ARITHMETIC: [NativeDef; 26] = binary_functions! {
    "add" BinaryOp::Add;
    "sub" BinaryOp::Subtract;
    "mul" BinaryOp::Multiply;
    "matmul" BinaryOp::MatrixMultiply;
    "truediv" BinaryOp::TrueDivide;
    "floordiv" BinaryOp::FloorDivide;
    "mod" BinaryOp::Remainder;
    "pow" BinaryOp::Power;
    "lshift" BinaryOp::LeftShift;
    "rshift" BinaryOp::RightShift;
    "and_" BinaryOp::And;
    "or_" BinaryOp::Or;
    "xor" BinaryOp::Xor;
    "iadd" BinaryOp::InplaceAdd;
    "isub" BinaryOp::InplaceSubtract;
    "imul" BinaryOp::InplaceMultiply;
    "imatmul" BinaryOp::InplaceMatrixMultiply;
    "itruediv" BinaryOp::InplaceTrueDivide;
    "ifloordiv" BinaryOp::InplaceFloorDivide;
    "imod" BinaryOp::InplaceRemainder;
    "ipow" BinaryOp::InplacePower;
    "ilshift" BinaryOp::InplaceLeftShift;
    "irshift" BinaryOp::InplaceRightShift;
    "iand" BinaryOp::InplaceAnd;
    "ior" BinaryOp::InplaceOr;
    "ixor" BinaryOp::InplaceXor;
};

macro_rules! comparisons {
    ($($name:literal $op:ident;)*) => {
        [$(NativeDef::function($name, "a, b, /", |vm, args| vm.compare(args.at(0), args.at(1), CompareOp::$op))),*]
    };
}

static COMPARISONS: [NativeDef; 6] = comparisons! {
    "lt" Lt;
    "le" Le;
    "eq" Eq;
    "ne" Ne;
    "gt" Gt;
    "ge" Ge;
};

static OTHERS: &[NativeDef] = &[
    NativeDef::function("neg", "a, /", |vm, args| vm.negative(args.at(0))),
    NativeDef::function("pos", "a, /", |vm, args| vm.positive(args.at(0))),
    NativeDef::function("inv", "a, /", |vm, args| vm.invert(args.at(0))),
    NativeDef::function("invert", "a, /", |vm, args| vm.invert(args.at(0))),
    NativeDef::function("abs", "a, /", |vm, args| vm.absolute(args.at(0))),
    NativeDef::function("index", "a, /", |vm, args| vm.index(args.at(0))),
    NativeDef::function("not_", "a, /", |vm, args| Ok(Value::from_bool(!vm.truthy(args.at(0))?))),
    NativeDef::function("truth", "a, /", |vm, args| Ok(Value::from_bool(vm.truthy(args.at(0))?))),
    NativeDef::function("is_", "a, b, /", |vm, args| Ok(Value::from_bool(vm.is(args.at(0), args.at(1))))),
    NativeDef::function("is_not", "a, b, /", |vm, args| Ok(Value::from_bool(!vm.is(args.at(0), args.at(1))))),
    NativeDef::function("is_none", "a, /", |_, args| Ok(Value::from_bool(args.at(0).is_none()))),
    NativeDef::function("is_not_none", "a, /", |_, args| Ok(Value::from_bool(!args.at(0).is_none()))),
    NativeDef::function("contains", "a, b, /", |vm, args| Ok(Value::from_bool(vm.contains(args.at(0), args.at(1))?))),
    NativeDef::function("getitem", "a, b, /", |vm, args| vm.getitem(args.at(0), args.at(1))),
    NativeDef::function("setitem", "a, b, c, /", |vm, args| {
        vm.setitem(args.at(0), args.at(1), args.opt(2)).map(|()| Value::NONE)
    }),
    NativeDef::function("delitem", "a, b, /", |vm, args| {
        vm.setitem(args.at(0), args.at(1), None).map(|()| Value::NONE)
    }),
    NativeDef::function("concat", "a, b, /", |vm, args| concat(vm, args, BinaryOp::Add)),
    NativeDef::function("iconcat", "a, b, /", |vm, args| concat(vm, args, BinaryOp::InplaceAdd)),
    NativeDef::function("countOf", "a, b, /", |vm, args| {
        let mut count = 0;
        vm.for_each(args.at(0), |item| {
            count += usize::from(vm.eq(item, args.at(1))?);
            Ok(())
        })?;
        vm.new_uint(count)
    }),
    NativeDef::function("indexOf", "a, b, /", |vm, args| {
        let iterator = vm.iter(args.at(0))?;
        let mut index = 0;
        while let Some(item) = vm.next(iterator)? {
            if vm.eq(item, args.at(1))? {
                return vm.new_uint(index);
            }
            index += 1;
        }
        Err(vm.value_error("sequence.index(x): x not in sequence"))
    }),
    NativeDef::function("length_hint", "obj, default=0, /", |vm, args| {
        let default = match args.opt(1) {
            Some(default) if !vm.is_int(default) => {
                let found = vm.type_name(default);
                return Err(vm.type_error(format!("'{found}' object cannot be interpreted as an integer")));
            }
            Some(default) => vm.index_ssize(default)?,
            None => 0,
        };
        // A negative default is given back as it is.
        let hint = vm.length_hint(args.at(0), usize::try_from(default).unwrap_or(usize::MAX))?;
        if hint == usize::MAX { vm.new_int(default) } else { vm.new_uint(hint) }
    }),
    NativeDef::function("call", "obj, /, *args, **kwargs", |vm, args| {
        let arguments = vm.tuple_items(args.at(1));
        match args.opt(2).and_then(|keywords| vm.as_dict(keywords)) {
            None => vm.call(args.at(0), arguments),
            Some(keywords) => getter::call_with_dict(vm, args.at(0), arguments, keywords),
        }
    }),
    NativeDef::function("_compare_digest", "a, b, /", crate::hash::compare_digest),
];

/// `a + b` of two sequences.
fn concat(vm: &Vm, args: &[Arg], op: BinaryOp) -> PyResult<Value> {
    let is_sequence = |value: Value| {
        let class = vm.type_of(value);
        class.slots().concat.is_some() || (class.slots().getitem.is_some() && vm.as_dict(value).is_none())
    };
    if !is_sequence(args.at(0)) || !is_sequence(args.at(1)) {
        let found = vm.type_name(args.at(0));
        return Err(vm.type_error(format!("'{found}' object can't be concatenated")));
    }
    vm.binary_op(args.at(0), args.at(1), op)
}

pub(crate) static OPERATOR: ModuleDef = ModuleDef {
    doc: "Operator interface.",
    functions: OTHERS,
    setup: Some(|vm, dict| {
        let module = vm.intern("_operator");
        for function in ARITHMETIC.iter().chain(&COMPARISONS) {
            let object = vm.new_native_function(function, None, module)?;
            vm.set_item_text(dict, function.name, object)?;
        }
        vm.add_class(dict, &getter::ITEMGETTER)?;
        vm.add_class(dict, &getter::ATTRGETTER)?;
        vm.add_class(dict, &getter::METHODCALLER).map(|_| ())
    }),
    ..ModuleDef::new("_operator")
};
