//! Typed calls: from function descriptors to functions, and what happens when the target is not what the compiler saw.

use std::cell::{Cell, UnsafeCell};

use cinder_bytecode::{FunctionDescr, StaticSignature, TypeDescr, code::flags};
use cinder_heap::Gc;
use cinder_layout::Value;

use super::Resolved;
use super::native::PyNativeCallable;
use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::types::property::PyProperty;
use crate::types::static_method::PyStaticMethod;
use crate::types::type_::{PyType, type_flags};
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
    /// A symbol of a C library, which takes the arguments as they are.
    Native(Gc<PyNativeCallable>),
    /// A static coroutine function whose results are what the caller was promised: called with objects.
    Coroutine(Gc<PyFunction>),
    /// Anything else: called with objects, its result checked.
    Foreign(Value),
    /// As `Foreign`, but the receiver is bound already: it is called with the arguments after the first.
    Bound(Value),
    /// The result itself, to be checked: an attribute where a property was.
    Value(Value),
}

/// Which part of a class member a typed call names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Method,
    /// The getter of a property: `C.p.fget`.
    Getter,
}

/// Member name and part of a descriptor's dotted name.
fn member_of(qualname: &str) -> (&str, Part) {
    let (path, part) = match qualname.strip_suffix(GETTER) {
        Some(path) => (path, Part::Getter),
        None => (qualname, Part::Method),
    };
    (path.rsplit('.').next().unwrap_or(path), part)
}

/// How descriptors name the getter of a property.
pub(super) const GETTER: &str = ".fget";

/// `_check_awaited(value, type, name)`: the awaited value, if it is of the type with this number, which typed code was promised.
///
/// Errors: StaticTypeError in the words of section 14.
pub(super) const CHECK_AWAITED: NativeDef =
    NativeDef::function("_check_awaited", "value, type, name, /", |vm, args| {
        let index = vm.index_i64(args.at(1))?;
        let known = usize::try_from(index).ok().and_then(|index| vm.statics.types.borrow().get(index).copied());
        let Some(wanted) = known else { return Err(vm.value_error("no such type")) };
        if vm.fits(args.at(0), wanted) {
            return Ok(args.at(0));
        }
        let name = vm.str(args.at(2))?;
        let (name, wanted, found) = (vm.str_text(name), wanted.full_name(), vm.type_name(args.at(0)));
        Err(vm.static_type_error(format!("unexpected return type from {name}, expected {wanted}, got {found}")))
    });

impl Vm {
    /// What a direct call reaches.
    ///
    /// Runs Python: an import, when the module is not loaded.
    pub(crate) fn resolve_function(&self, descr: &FunctionDescr, caller: Gc<PyCode>) -> PyResult<Target> {
        let (path, part) = match descr.qualname.strip_suffix(GETTER) {
            Some(path) => (path, Part::Getter),
            None => (&*descr.qualname, Part::Method),
        };
        let found = self.load_static(&descr.module, path)?;
        Ok(match self.part_of(found, part) {
            Some(callable) => self.target(callable, &descr.signature, caller),
            None => Target::Foreign(found),
        })
    }

    /// The function behind a member: a getter, or what static and class methods wrap. `None`: the member is no property.
    fn part_of(&self, found: Value, part: Part) -> Option<Value> {
        match part {
            Part::Method if self.type_of(found) == self.types.class_method => {
                self.downcast::<PyStaticMethod>(found).map(|method| method.callable.get())
            }
            Part::Method => Some(found),
            Part::Getter => {
                let property = self.downcast_exact::<PyProperty>(found)?;
                Some(property.getter.get()).filter(|getter| !getter.is_none())
            }
        }
    }

    /// What a virtual call reaches for a receiver of this class.
    ///
    /// Errors: AttributeError for a receiver without the method (None), and what descriptors raise.
    pub(crate) fn resolve_method(
        &self,
        descr: &FunctionDescr,
        receiver: Value,
        caller: Gc<PyCode>,
    ) -> PyResult<Target> {
        let (name, part) = member_of(&descr.qualname);
        let name = self.intern(name);
        let class = self.type_of(receiver);
        if class.has(type_flags::HAS_DICT)
            && part == Part::Method
            && let Some(own) = self.own_attribute(receiver, name)
        {
            return Ok(Target::Bound(own));
        }
        if let Some(target) = self.resolve_method_of(descr, class, caller) {
            return Ok(target);
        }
        let Some(found) = self.type_lookup(class, name) else {
            return Err(self.no_attribute(receiver, name));
        };
        if part == Part::Getter {
            return Ok(Target::Value(self.getattr(receiver, name)?));
        }
        let get = self.type_of(found).slots().descr_get;
        Ok(Target::Bound(match get {
            Some(get) => get(self, found, Some(receiver), class.as_value())?,
            None => found,
        }))
    }

    /// What a virtual call reaches for all receivers of exactly this class that do not hide it in their own dictionary; `None` when that depends
    /// on the receiver.
    pub(crate) fn resolve_method_of(
        &self,
        descr: &FunctionDescr,
        class: Gc<PyType>,
        caller: Gc<PyCode>,
    ) -> Option<Target> {
        let (name, part) = member_of(&descr.qualname);
        let found = self.type_lookup(class, self.intern(name))?;
        let function = match part {
            Part::Method => found,
            Part::Getter => self.part_of(found, part)?,
        };
        self.as_function(function)?;
        Some(self.target(function, &descr.signature, caller))
    }

    /// A function that typed code may enter past its checks: static, with parameters that take whatever the caller's signature promises, and a
    /// result the caller may rely on.
    fn target(&self, found: Value, signature: &StaticSignature, caller: Gc<PyCode>) -> Target {
        if let Some(native) = self.downcast::<PyNativeCallable>(found) {
            let declared = self.as_function(native.function.get()).map(|function| function.code.get());
            let fits = declared.is_some_and(|code| {
                let own = code.object().static_signature.as_ref();
                own.is_some_and(|own| self.is_compatible(&code, own, &caller, signature))
            });
            return if fits { Target::Native(native) } else { Target::Foreign(found) };
        }
        let inner = match self.downcast_exact::<PyStaticMethod>(found) {
            Some(method) if self.type_of(found) == self.types.static_method => method.callable.get(),
            _ => found,
        };
        let Some(function) = self.as_function(inner) else { return Target::Foreign(inner) };
        let code = function.code.get();
        let object = code.object();
        const ODD: u32 =
            flags::VARARGS | flags::VARKEYWORDS | flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        let Some(own) = object.static_signature.as_ref() else { return Target::Foreign(inner) };
        if !self.is_compatible(&code, own, &caller, signature) {
            return Target::Foreign(inner);
        }
        match object.flags & ODD {
            0 if self.prepare_code(code).is_ok() => Target::Direct(function),
            flags::COROUTINE => Target::Coroutine(function),
            _ => Target::Foreign(inner),
        }
    }

    /// Whether a callee with signature `own` may stand where callers know `signature`.
    fn is_compatible(
        &self,
        code: &PyCode,
        own: &StaticSignature,
        caller: &PyCode,
        signature: &StaticSignature,
    ) -> bool {
        let (callee, known) = (&code.object().types, &caller.object().types);
        own.parameters.len() == signature.parameters.len()
            && own.parameters.iter().zip(&signature.parameters).enumerate().all(|(at, (own, known_at))| {
                let (own, known) = (&callee[*own as usize], &known[*known_at as usize]);
                // The receiver is of the class the function was found in.
                own == known
                    || (at == 0 && matches!((own, known), (TypeDescr::Class { .. }, TypeDescr::Class { .. })))
                    || self.is_wider(own, known)
            })
            && {
                let (own, known) = (&callee[own.result as usize], &known[signature.result as usize]);
                own == known || self.is_wider(known, own)
            }
    }

    /// Whether `wide` takes every value of type `narrow`. What cannot be resolved is not wider.
    pub(super) fn is_wider(&self, wide: &TypeDescr, narrow: &TypeDescr) -> bool {
        let primitive = |descr: &TypeDescr| matches!(descr, TypeDescr::Primitive(_));
        match (wide, narrow) {
            _ if primitive(wide) || primitive(narrow) => wide == narrow,
            (TypeDescr::Dynamic, _) => true,
            (_, TypeDescr::Dynamic) => false,
            (TypeDescr::Optional(wide), TypeDescr::Optional(narrow))
            | (TypeDescr::Awaitable(wide), TypeDescr::Awaitable(narrow)) => {
                wide == narrow || self.is_wider(wide, narrow)
            }
            (TypeDescr::Optional(_), TypeDescr::None) => true,
            (TypeDescr::Optional(wide), narrow) => self.is_wider(wide, narrow),
            (TypeDescr::Class { exact, .. }, TypeDescr::Class { exact: narrow_exact, .. }) => {
                let class = |descr: &TypeDescr| match self.resolve_type(descr) {
                    Ok(index) => self.resolved(index).class(),
                    Err(raised) => {
                        self.take_exception(raised);
                        None
                    }
                };
                let (Some(wide), Some(narrow)) = (class(wide), class(narrow)) else { return false };
                if *exact { *narrow_exact && wide == narrow } else { self.is_subtype(narrow, wide) }
            }
            _ => false,
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

    /// Calls a target that is no direct one: boxes the arguments, checks and unboxes the result. `descr` names it in messages, `signature` is what
    /// the caller knows, with types of `code`.
    ///
    /// Errors: StaticTypeError for a result of the wrong class (specification section 14).
    ///
    /// # Safety
    /// `args` are registers in the representation of the signature.
    pub(crate) unsafe fn call_foreign(
        &self,
        target: &Target,
        descr: Option<&FunctionDescr>,
        code: Gc<PyCode>,
        signature: &StaticSignature,
        args: *const u64,
        count: usize,
    ) -> PyResult<u64> {
        let (parameters, result) = self.signature_types(code, signature)?;
        if let Target::Native(native) = target {
            // SAFETY: contract; the signature is the declared one, whose parameters are raw integers.
            return unsafe { self.call_native(*native, result, args, count) };
        }
        let mut boxed: ValueVec<[Value; 8]> = ValueVec::new();
        for index in 0..count {
            // SAFETY: contract.
            let bits = unsafe { *args.add(index) };
            boxed.push(self.register_value(bits, parameters.get(index).copied().unwrap_or(&Resolved::Any))?);
        }
        let value = match target {
            Target::Direct(function) => self.call(function.as_value(), &boxed)?,
            Target::Coroutine(function) => return Ok(self.call(function.as_value(), &boxed)?.bits()),
            Target::Native(native) => self.call(native.as_value(), &boxed)?,
            Target::Foreign(callable) => self.call(*callable, &boxed)?,
            Target::Bound(callable) => self.call(*callable, boxed.get(1..).unwrap_or_default())?,
            Target::Value(value) => *value,
        };
        if let Resolved::Awaitable(awaited) = result {
            let name = self.target_name(target, descr, boxed.first().copied())?;
            return Ok(self.checked_awaitable(value, *awaited, &name)?.bits());
        }
        if !self.fits(value, result) {
            let name = self.target_name(target, descr, boxed.first().copied())?;
            let (wanted, found) = (result.full_name(), self.type_name(value));
            return Err(
                self.static_type_error(format!("unexpected return type from {name}, expected {wanted}, got {found}"))
            );
        }
        match self.to_register(value, result) {
            Ok(bits) => Ok(bits),
            Err(raised) if self.pending_matches(self.exceptions.OverflowError) => {
                self.take_exception(raised);
                let name = self.target_name(target, descr, boxed.first().copied())?;
                let wanted = match result {
                    Resolved::Primitive(kind) => kind.text().to_owned(),
                    other => other.name(),
                };
                let (found, shown) = (self.type_name(value), self.repr_text(value)?);
                let message = format!(
                    "unexpected return type from {name}, expected {wanted}, got out-of-range {found} ({shown})"
                );
                Err(self.raise_text(self.exceptions.OverflowError, &message))
            }
            Err(raised) => Err(raised),
        }
    }

    /// What a foreign override of a coroutine function gave, so that what awaiting it gives is checked.
    fn checked_awaitable(&self, value: Value, awaited: u32, name: &str) -> PyResult<Value> {
        if matches!(self.resolved(awaited), Resolved::Any) {
            return Ok(value);
        }
        let wrapper = self.static_name("_awaited")?.ok_or_else(|| self.runtime_error("__static__ is incomplete"))?;
        let name = self.new_str(name)?;
        self.call(wrapper, &[value, self.new_int(i64::from(awaited))?, name])
    }

    /// `C.f` for the class whose member answered the call, `f` for functions of modules.
    fn target_name(&self, target: &Target, descr: Option<&FunctionDescr>, receiver: Option<Value>) -> PyResult<String> {
        let Some(descr) = descr else {
            let callable = match target {
                Target::Direct(function) | Target::Coroutine(function) => function.as_value(),
                Target::Native(native) => native.as_value(),
                Target::Foreign(value) | Target::Bound(value) | Target::Value(value) => *value,
            };
            let name = self.getattr_opt(callable, self.names.__qualname__)?;
            return Ok(name.map_or_else(String::new, |name| self.str_text(name).into_owned()));
        };
        let (name, _) = member_of(&descr.qualname);
        let path = descr.qualname.strip_suffix(GETTER).unwrap_or(&descr.qualname);
        let Some((known, _)) = path.rsplit_once('.') else { return Ok(name.to_owned()) };
        let interned = self.intern(name);
        let owner = receiver.filter(|_| descr.class.is_some()).and_then(|receiver| {
            let class = self.type_of(receiver);
            let own = self.tuple_items(class.mro.get()).iter().find_map(|base| {
                let base = self.as_class(*base)?;
                base.dict.get().get_interned(interned).is_some().then_some(base)
            });
            own.map(|owner| owner.name())
        });
        let owner = owner.unwrap_or_else(|| known.rsplit('.').next().unwrap_or(known).to_owned());
        Ok(format!("{owner}.{name}"))
    }

    /// Makes every typed call look its target up again: a function of a static module or a method of a static class was replaced.
    pub(crate) fn forget_static_targets(&self) {
        for (_, site) in self.statics.direct_sites.take() {
            let site = std::ptr::with_exposed_provenance_mut::<u64>(site);
            // SAFETY: the site lies in the private instructions of a code object that the list kept alive.
            unsafe { crate::interp::dispatch::rewrite(site, cinder_bytecode::Opcode::INVOKE_FUNCTION) };
        }
        self.jit_targets_changed();
    }

    /// Entry checks of a static function: types of the parameters, and unboxing in place. Source: specification section 13.3.
    ///
    /// # Safety
    /// `fp` is the frame of a call with objects as arguments.
    pub(crate) unsafe fn check_args(&self, code: Gc<PyCode>, fp: *mut u64) -> PyResult<()> {
        let object = code.object();
        let signature = object.static_signature.as_ref().expect("the verifier demands it");
        let generation = self.statics.generations.number.get();
        let again;
        let parameters = match code.parameter_types() {
            Some((known_in, known)) if *known_in == generation => &**known,
            Some(_) => {
                again = self.signature_types(code, signature)?.0;
                &*again
            }
            None => code.set_parameter_types(generation, self.signature_types(code, signature)?.0),
        };
        for (register, wanted) in parameters.iter().enumerate() {
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
