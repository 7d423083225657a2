//! Construction and methods of `complex`.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::{Complex, PyComplex, own, text};
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::types::type_::PyType;
use crate::vm::Vm;

static NEW: NativeDef = NativeDef::function("complex", "real=0, imag=0", |vm, args| {
    let (real, imag) = (args.opt(0), args.opt(1));
    let number = match (real, imag) {
        (None, None) => Complex { real: 0.0, imag: 0.0 },
        (Some(only), None) => single(vm, only)?,
        _ => parts(vm, real, imag)?,
    };
    vm.new_complex(number)
});

/// `real + imag * 1j`; parts that are complex themselves contribute both of theirs.
fn parts(vm: &Vm, real: Option<Value>, imag: Option<Value>) -> PyResult<Complex> {
    let (mut sum, real_is_complex) = match real {
        Some(real) => (real_part(vm, real)?, vm.complex_value(real).is_some()),
        None => (Complex { real: 0.0, imag: 0.0 }, false),
    };
    let Some(imag) = imag else { return Ok(sum) };
    let part = imag_part(vm, imag)?;
    if vm.complex_value(imag).is_some() {
        sum.real -= part.imag;
    }
    sum.imag = if real_is_complex || sum.imag != 0.0 { sum.imag + part.real } else { part.real };
    Ok(sum)
}

pub(super) fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    if let ([only], None) = (args, keyword_names)
        && class == vm.types.complex
        && vm.type_of(*only) == vm.types.complex
    {
        return Ok(*only);
    }
    let made = if let (&[only], Some(names)) = (args, keyword_names)
        && vm.tuple_items(names) == [vm.intern("real")]
    {
        // Named, the only argument may be no text.
        vm.new_complex(parts(vm, Some(only), None)?)?
    } else {
        NEW.call(vm, args, keyword_names)?
    };
    if class == vm.types.complex {
        return Ok(made);
    }
    let number = own(vm, made);
    Ok(vm.alloc_instance(class, 0, |header| PyComplex { header, number })?.as_value())
}

/// `complex(value)`.
fn single(vm: &Vm, value: Value) -> PyResult<Complex> {
    if let Some(source) = vm.as_str(value) {
        return text::parse(&source.to_text()).ok_or_else(|| vm.value_error("complex() arg is a malformed string"));
    }
    if let Some(number) = vm.to_complex(value)? {
        return Ok(number);
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!("complex() argument must be a string or a number, not {found}")))
}

fn real_part(vm: &Vm, value: Value) -> PyResult<Complex> {
    if !vm.is_str(value)
        && let Some(number) = vm.to_complex(value)?
    {
        return Ok(number);
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!("complex() argument 'real' must be a real number, not {found}")))
}

fn imag_part(vm: &Vm, value: Value) -> PyResult<Complex> {
    if let Some(number) = vm.complex_value(value) {
        return Ok(number);
    }
    match vm.real_number(value)? {
        Some(real) => Ok(Complex { real, imag: 0.0 }),
        None => {
            let found = vm.type_name(value);
            Err(vm.type_error(format!("complex() argument 'imag' must be a real number, not {found}")))
        }
    }
}

impl Vm {
    /// A number as complex: complex, `__complex__`, `__float__`, `__index__`; `None` for other objects.
    pub fn to_complex(&self, value: Value) -> PyResult<Option<Complex>> {
        if self.type_of(value) == self.types.complex {
            return Ok(self.complex_value(value));
        }
        if let Some(result) = self.call_special(value, self.names.__complex__, &[])? {
            return match self.complex_value(result) {
                Some(number) => Ok(Some(number)),
                None => {
                    let found = self.type_name(result);
                    Err(self.type_error(format!("__complex__ returned non-complex (type {found})")))
                }
            };
        }
        if let Some(number) = self.complex_value(value) {
            return Ok(Some(number));
        }
        Ok(self.real_number(value)?.map(|real| Complex { real, imag: 0.0 }))
    }
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("conjugate", "self, /", |vm, args| {
        let number = own(vm, args.at(0));
        vm.new_complex(Complex { real: number.real, imag: -number.imag })
    }),
    NativeDef::method("__complex__", "self, /", |vm, args| {
        if vm.type_of(args.at(0)) == vm.types.complex { Ok(args.at(0)) } else { vm.new_complex(own(vm, args.at(0))) }
    }),
    NativeDef::method("__getnewargs__", "self, /", |vm, args| {
        let number = own(vm, args.at(0));
        let real = vm.new_float(number.real)?;
        vm.new_tuple(&[real, vm.new_float(number.imag)?])
    }),
    NativeDef::method("__format__", "self, format_spec, /", |vm, args| vm.format_complex(args.at(0), args.at(1))),
    NativeDef::class_method("from_number", "cls, number, /", from_number),
];

pub(super) static GETSET: &[GetSetDef] = &[
    GetSetDef::member("real", |vm, value| vm.new_float(own(vm, value).real)),
    GetSetDef::member("imag", |vm, value| vm.new_float(own(vm, value).imag)),
];

fn from_number(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, value) = (args.at(0), args.at(1));
    let exact = class == vm.types.complex.as_value();
    if exact && vm.type_of(value) == vm.types.complex {
        return Ok(value);
    }
    let Some(number) = vm.to_complex(value)? else {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("must be real number, not {found}")));
    };
    let made = vm.new_complex(number)?;
    if exact { Ok(made) } else { vm.call(class, &[made]) }
}
