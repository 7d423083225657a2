//! Typed calls: from function descriptors to functions, and what happens when the target is not what the compiler saw.

use std::cell::{Cell, UnsafeCell};

use cinder_bytecode::{FunctionDescr, StaticSignature, code::flags};
use cinder_heap::Gc;
use cinder_layout::Value;

use super::Resolved;
use crate::native::PyResult;
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::types::static_method::PyStaticMethod;
use crate::types::type_::PyType;
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Where typed calls of one function find it. Lives as long as the machine.
pub struct FunctionCell {
    /// Machine code reads it and the JIT writes it.
    pub entry: UnsafeCell<cinder_layout::jit::EntryCell>,
    pub function: Cell<Gc<PyFunction>>,
    /// The code whose signature callers know.
    pub code: Cell<Gc<PyCode>>,
}

/// What a typed call reaches.
pub(crate) enum Target {
    /// A static function whose registers take the arguments as they are.
    Direct(Gc<PyFunction>),
    /// Anything else: called with objects, its result checked.
    Foreign(Value),
}

impl Vm {
    /// What a direct call reaches.
    ///
    /// Runs Python: an import, when the module is not loaded.
    pub(crate) fn resolve_function(&self, descr: &FunctionDescr, caller: Gc<PyCode>) -> PyResult<Target> {
        let found = self.load_static(&descr.module, &descr.qualname)?;
        Ok(self.target(found, &descr.signature, caller))
    }

    /// What a virtual call reaches for a receiver of this class.
    ///
    /// Errors: AttributeError for a receiver without the method (None).
    pub(crate) fn resolve_method(
        &self,
        descr: &FunctionDescr,
        receiver: Value,
        caller: Gc<PyCode>,
    ) -> PyResult<Target> {
        let name = self.intern(descr.qualname.rsplit('.').next().unwrap_or(&descr.qualname));
        let class = self.type_of(receiver);
        match self.type_lookup(class, name) {
            Some(found) => Ok(self.target(found, &descr.signature, caller)),
            None => Err(self.no_attribute(receiver, name)),
        }
    }

    /// What a virtual call reaches for receivers of exactly this class; `None` when the class has no such method.
    pub(crate) fn resolve_method_of(
        &self,
        descr: &FunctionDescr,
        class: Gc<PyType>,
        caller: Gc<PyCode>,
    ) -> Option<Target> {
        let name = self.intern(descr.qualname.rsplit('.').next().unwrap_or(&descr.qualname));
        self.type_lookup(class, name).map(|found| self.target(found, &descr.signature, caller))
    }

    /// A function that typed code may enter past its checks: static, with parameters and result in the representation the caller uses.
    fn target(&self, found: Value, signature: &StaticSignature, caller: Gc<PyCode>) -> Target {
        let inner = match self.downcast_exact::<PyStaticMethod>(found) {
            Some(method) if self.type_of(found) == self.types.static_method => method.callable.get(),
            _ => found,
        };
        let Some(function) = self.as_function(inner) else { return Target::Foreign(inner) };
        let code = function.code.get();
        let object = code.object();
        const ODD: u32 =
            flags::VARARGS | flags::VARKEYWORDS | flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        let Some(own) = object.static_signature.as_ref().filter(|_| object.flags & ODD == 0) else {
            return Target::Foreign(inner);
        };
        let kinds = |code: &PyCode, signature: &StaticSignature| -> Vec<_> {
            let types = &code.object().types;
            let all = signature.parameters.iter().chain([&signature.result]);
            all.map(|index| super::layout::kind_of(&types[*index as usize])).collect()
        };
        if kinds(&code, own) == kinds(&caller, signature) && self.prepare_code(code).is_ok() {
            Target::Direct(function)
        } else {
            Target::Foreign(inner)
        }
    }

    /// Types of a signature in `code`.
    pub(crate) fn signature_types(
        &self,
        code: Gc<PyCode>,
        signature: &StaticSignature,
    ) -> PyResult<(Vec<&'static Resolved>, &'static Resolved)> {
        let types = &code.object().types;
        let resolve = |index: u32| self.resolve_type(&types[index as usize]).map(|index| self.resolved(index));
        let parameters = signature.parameters.iter().map(|index| resolve(*index)).collect::<PyResult<_>>()?;
        Ok((parameters, resolve(signature.result)?))
    }

    /// Calls a target that is no direct one: boxes the arguments, checks and unboxes the result.
    ///
    /// Errors: StaticTypeError for a result of the wrong class (specification section 14).
    ///
    /// # Safety
    /// `args` are registers in the representation of the signature.
    pub(crate) unsafe fn call_foreign(
        &self,
        callable: Value,
        code: Gc<PyCode>,
        signature: &StaticSignature,
        args: *const u64,
        count: usize,
    ) -> PyResult<u64> {
        let (parameters, result) = self.signature_types(code, signature)?;
        let mut boxed: ValueVec<[Value; 8]> = ValueVec::new();
        for index in 0..count {
            // SAFETY: contract.
            let bits = unsafe { *args.add(index) };
            boxed.push(self.register_value(bits, parameters.get(index).copied().unwrap_or(&Resolved::Any))?);
        }
        let value = self.call(callable, &boxed)?;
        if !self.fits(value, result) {
            let (wanted, found) = (result.name(), self.type_name(value));
            let name = self
                .getattr_opt(callable, self.names.__qualname__)?
                .map_or_else(String::new, |name| self.str_text(name).into_owned());
            return Err(
                self.static_type_error(format!("unexpected return type from {name}, expected {wanted}, got {found}"))
            );
        }
        self.to_register(value, result)
    }

    /// Entry checks of a static function: types of the parameters, and unboxing in place. Source: specification section 13.3.
    ///
    /// # Safety
    /// `fp` is the frame of a call with objects as arguments.
    pub(crate) unsafe fn check_args(&self, code: Gc<PyCode>, fp: *mut u64) -> PyResult<()> {
        let object = code.object();
        let signature = object.static_signature.as_ref().expect("the verifier demands it");
        let (parameters, _) = self.signature_types(code, signature)?;
        for (register, wanted) in parameters.into_iter().enumerate() {
            // SAFETY: parameters are bound registers of the frame.
            let slot = unsafe { fp.add(register) };
            // SAFETY: as above; before this check they hold objects.
            let Some(value) = (unsafe { Value::from_bits(*slot) }) else { continue };
            if !self.fits(value, wanted) {
                let (wanted, found) = (wanted.name(), self.type_name(value));
                let (name, parameter) = (&object.name, &object.locals[register].name);
                return Err(self
                    .static_type_error(format!("{name} expected '{wanted}' for argument {parameter}, got '{found}'")));
            }
            // SAFETY: as above.
            unsafe { *slot = self.to_register(value, wanted)? };
        }
        Ok(())
    }

    /// The class whose instances TP_ALLOC makes.
    pub(crate) fn allocatable(&self, resolved: &Resolved) -> PyResult<Gc<PyType>> {
        resolved.class().ok_or_else(|| self.static_type_error("cannot allocate: not a class"))
    }
}
