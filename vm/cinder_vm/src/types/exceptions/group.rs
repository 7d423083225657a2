//! Exception groups (PEP 654): construction, `split`, `subgroup`, `derive`, and matching for `except*`.

use crate::value_vec::ValueVec;
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::type_::PyType;
use crate::vm::Vm;

/// Checks the arguments of a group and chooses its class.
pub(super) fn actual_class(vm: &Vm, class: Gc<PyType>, args: &[Value]) -> PyResult<Gc<PyType>> {
    let [message, exceptions] = *args else {
        return Err(
            vm.type_error(format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", args.len()))
        );
    };
    if !vm.is_str(message) {
        let found = vm.type_name(message);
        return Err(vm.type_error(format!("BaseExceptionGroup.__new__() argument 1 must be str, not {found}")));
    }
    let items = sequence(vm, exceptions)?;
    if items.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut nested_base = false;
    for (index, item) in items.iter().enumerate() {
        if vm.as_exception(*item).is_none() {
            return Err(vm.value_error(format!("Item {index} of second argument (exceptions) is not an exception")));
        }
        nested_base |= !vm.is_instance(*item, vm.exceptions.Exception);
    }
    let e = &vm.exceptions;
    if class == e.BaseExceptionGroup {
        return Ok(if nested_base { class } else { e.ExceptionGroup });
    }
    if nested_base && vm.is_subtype(class, e.Exception) {
        let name = class.name();
        return Err(vm.type_error(if class == e.ExceptionGroup {
            "Cannot nest BaseExceptions in an ExceptionGroup".to_owned()
        } else {
            format!("Cannot nest BaseExceptions in '{name}'")
        }));
    }
    Ok(class)
}

fn sequence(vm: &Vm, value: Value) -> PyResult<ValueVec<[Value; 8]>> {
    if vm.type_of(value).slots().getitem.is_none() || vm.as_dict(value).is_some() {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let mut items = ValueVec::new();
    vm.for_each(value, |item| {
        items.push(item);
        Ok(())
    })?;
    Ok(items)
}

pub(super) fn fields(vm: &Vm, items: &[Value]) -> PyResult<ValueVec<[Value; 9]>> {
    let exceptions = vm.new_tuple(&sequence(vm, items[1])?)?;
    // How other sequences were shown is kept: they may change.
    let is_plain = vm.as_tuple(items[1]).is_some() || vm.is_instance(items[1], vm.types.list);
    let shown = if is_plain { Value::EMPTY } else { vm.repr(items[1])? };
    Ok(crate::values![items[0], exceptions, shown])
}

/// `ExceptionGroup('message', [..])`, as the group was made.
pub(super) fn repr(vm: &Vm, value: Value, args: &[Value]) -> PyResult<Value> {
    let message = vm.repr_text(vm.exception_field(value, "message").unwrap_or(Value::NONE))?;
    let name = vm.type_of(value).name();
    let exceptions = match vm.hidden_exception_field(value, SHOWN) {
        Some(shown) => vm.str_text(shown).into_owned(),
        None => {
            let members = vm.group_exceptions(value);
            let is_list = args.get(1).is_some_and(|given| vm.is_instance(*given, vm.types.list));
            vm.repr_text(if is_list { vm.new_list(members)? } else { vm.new_tuple(members)? })?
        }
    };
    vm.new_str(&format!("{name}({message}, {exceptions})"))
}

/// Index of the field in which [`fields`] keeps the text of the exceptions.
const SHOWN: usize = 2;

pub(super) fn text(vm: &Vm, value: Value) -> PyResult<Value> {
    let message = vm.exception_field(value, "message").unwrap_or(Value::NONE);
    let message = vm.str_text(vm.str(message)?).into_owned();
    let count = vm.group_exceptions(value).len();
    let plural = if count == 1 { "" } else { "s" };
    vm.new_str(&format!("{message} ({count} sub-exception{plural})"))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("derive", "self, excs, /", |vm, args| {
        let message = vm.exception_field(args.at(0), "message").unwrap_or(Value::NONE);
        vm.new_exception(vm.exceptions.BaseExceptionGroup, &[message, args.at(1)])
    }),
    NativeDef::method("split", "self, matcher_value, /", |vm, args| {
        let matcher = matcher(vm, args)?;
        let (matched, rest) = vm.split_group(args.at(0), &matcher)?;
        vm.new_tuple(&[matched.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE)])
    }),
    NativeDef::method("subgroup", "self, matcher_value, /", |vm, args| {
        let matcher = matcher(vm, args)?;
        Ok(vm.split_group(args.at(0), &matcher)?.0.unwrap_or(Value::NONE))
    }),
    NativeDef::class_method("__class_getitem__", "cls, object, /", |vm, args| {
        vm.new_generic_alias(args.at(0), args.at(1))
    }),
];

/// Chooses exceptions of a group.
enum Matcher {
    Class(Value),
    Predicate(Value),
}

fn matcher(vm: &Vm, args: &[Arg]) -> PyResult<Matcher> {
    let value = args.at(1);
    let is_exception_class =
        |value: Value| vm.as_class(value).is_some_and(|class| vm.is_subtype(class, vm.types.base_exception));
    if is_exception_class(value) {
        return Ok(Matcher::Class(value));
    }
    if let Some(tuple) = vm.as_tuple(value)
        && tuple.items().iter().all(|item| is_exception_class(*item))
    {
        return Ok(Matcher::Class(value));
    }
    if vm.is_callable(value) && vm.as_class(value).is_none() {
        return Ok(Matcher::Predicate(value));
    }
    Err(vm.type_error("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
}

impl Vm {
    /// The exceptions of a group.
    pub fn group_exceptions(&self, group: Value) -> &'static [Value] {
        self.exception_field(group, "exceptions").map_or(&[], |exceptions| self.tuple_items(exceptions))
    }

    /// Whether the value is an exception group.
    pub fn is_group(&self, value: Value) -> bool {
        self.is_instance(value, self.exceptions.BaseExceptionGroup)
    }

    fn matches(&self, exception: Value, matcher: &Matcher) -> PyResult<bool> {
        match matcher {
            Matcher::Class(class) => self.exception_matches(exception, *class),
            Matcher::Predicate(predicate) => {
                let result = self.call(*predicate, &[exception])?;
                self.truthy(result)
            }
        }
    }

    /// Whether the exception is an instance of the class, or of one of the classes in a tuple, by real type.
    pub fn exception_matches(&self, exception: Value, class: Value) -> PyResult<bool> {
        if let Some(tuple) = self.as_tuple(class) {
            for item in tuple.items() {
                if self.exception_matches(exception, *item)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        Ok(self.as_class(class).is_some_and(|class| self.is_instance(exception, class)))
    }

    /// The part of the group that matches and the rest; nested groups keep their structure.
    fn split_group(&self, group: Value, matcher: &Matcher) -> PyResult<(Option<Value>, Option<Value>)> {
        self.check_native_stack()?;
        if self.matches(group, matcher)? {
            return Ok((Some(group), None));
        }
        let (mut matched, mut rest): (ValueVec<[Value; 8]>, ValueVec<[Value; 8]>) = Default::default();
        for exception in self.group_exceptions(group) {
            if self.is_group(*exception) {
                let (inside, outside) = self.split_group(*exception, matcher)?;
                matched.extend(inside);
                rest.extend(outside);
            } else if self.matches(*exception, matcher)? {
                matched.push(*exception);
            } else {
                rest.push(*exception);
            }
        }
        Ok((self.derive_group(group, &matched)?, self.derive_group(group, &rest)?))
    }

    /// A group like `group` with other exceptions; `None` for none.
    fn derive_group(&self, group: Value, exceptions: &[Value]) -> PyResult<Option<Value>> {
        if exceptions.is_empty() {
            return Ok(None);
        }
        let list = self.new_list(exceptions)?;
        let derived = self.call_method(group, self.intern("derive"), &[list])?;
        if !self.is_group(derived) {
            return Err(self.type_error("derive must return an instance of BaseExceptionGroup"));
        }
        let (from, to) = (super::base::payload(self, group), super::base::payload(self, derived));
        to.traceback.set(&self.heap, to, from.traceback.get());
        to.context.set(&self.heap, to, from.context.get());
        to.cause.set(&self.heap, to, from.cause.get());
        to.suppress_context.set(from.suppress_context.get());
        // Notes that are no sequence are not taken over.
        let notes = self.getattr_opt(group, self.names.__notes__)?;
        if let Some(notes) =
            notes.filter(|notes| self.type_of(*notes).slots().getitem.is_some() && self.as_dict(*notes).is_none())
        {
            let mut items: ValueVec<[Value; 4]> = ValueVec::new();
            self.for_each(notes, |note| {
                items.push(note);
                Ok(())
            })?;
            let copy = self.new_list(&items)?;
            self.setattr(derived, self.names.__notes__, Some(copy))?;
        }
        Ok(Some(derived))
    }

    /// Splits by the group's own `split`, where a subclass has one.
    fn split_by_method(&self, group: Value, class: Value) -> PyResult<(Option<Value>, Option<Value>)> {
        let name = self.intern("split");
        let own = self.type_lookup(self.type_of(group), name);
        if own == self.type_lookup(self.exceptions.BaseExceptionGroup, name) {
            return self.split_group(group, &Matcher::Class(class));
        }
        let result = self.call_method(group, name, &[class])?;
        let kind = self.type_name(group);
        let Some(parts) = self.as_tuple(result) else {
            let found = self.type_name(result);
            return Err(self.type_error(format!("{kind}.split must return a tuple, not {found}")));
        };
        let &[matched, rest, ..] = parts.items() else {
            let len = parts.items().len();
            return Err(self.type_error(format!("{kind}.split must return a 2-tuple, got tuple of size {len}")));
        };
        let given = |part: Value| Some(part).filter(|part| !part.is_none());
        Ok((given(matched), given(rest)))
    }

    /// `except* class` on `exception`: (rest, matched), each `None` when empty. A naked exception that matches is wrapped in a group.
    pub fn match_group(&self, exception: Value, class: Value) -> PyResult<(Option<Value>, Option<Value>)> {
        if self.is_group(exception) {
            let (matched, rest) = self.split_by_method(exception, class)?;
            return Ok((rest, matched));
        }
        if !self.exception_matches(exception, class)? {
            return Ok((Some(exception), None));
        }
        let members = self.new_tuple(&[exception])?;
        let group = self.new_exception(self.exceptions.BaseExceptionGroup, &[self.names.empty, members])?;
        let (own, wrapped) = (super::base::payload(self, group), super::base::payload(self, exception));
        own.traceback.set(&self.heap, own, wrapped.traceback.get());
        Ok((None, Some(group)))
    }

    /// What an `except*` statement raises at its end (CPython `_PyExc_PrepReraiseStar`): `None` for nothing.
    pub fn prepare_reraise(&self, original: Value, raised: &[Value]) -> PyResult<Option<Value>> {
        let raised: ValueVec<[Value; 8]> = raised.iter().copied().filter(|value| !value.is_none()).collect();
        if raised.is_empty() {
            return Ok(None);
        }
        if !self.is_group(original) {
            return Ok(Some(raised[0]));
        }
        let (mut fresh, mut again): (ValueVec<[Value; 8]>, ValueVec<[Value; 8]>) = Default::default();
        for &exception in &raised {
            if self.same_origin(original, exception) { again.push(exception) } else { fresh.push(exception) }
        }
        let mut leaves: ValueVec<[Value; 16]> = ValueVec::new();
        for exception in &again {
            self.collect_leaves(*exception, &mut leaves);
        }
        let again = self.project_group(original, &leaves)?;
        if fresh.is_empty() {
            return Ok(again);
        }
        fresh.extend(again);
        if let [only] = *fresh.as_slice() {
            return Ok(Some(only));
        }
        let list = self.new_list(&fresh)?;
        self.new_exception(self.exceptions.BaseExceptionGroup, &[self.names.empty, list]).map(Some)
    }

    /// Whether the exception is a part of `original` that is re-raised: same traceback, cause, context and notes.
    fn same_origin(&self, original: Value, exception: Value) -> bool {
        if original == exception {
            return true;
        }
        if !self.is_group(exception) {
            return false;
        }
        let (a, b) = (super::base::payload(self, original), super::base::payload(self, exception));
        a.traceback.get() == b.traceback.get() && a.cause.get() == b.cause.get() && a.context.get() == b.context.get()
    }

    fn collect_leaves(&self, exception: Value, leaves: &mut ValueVec<[Value; 16]>) {
        let mut pending: ValueVec<[Value; 16]> = crate::values![exception];
        while let Some(exception) = pending.pop() {
            if self.is_group(exception) {
                pending.extend_from_slice(self.group_exceptions(exception));
            } else {
                leaves.push(exception);
            }
        }
    }

    /// The part of the group made of these leaves, structure kept.
    fn project_group(&self, group: Value, leaves: &[Value]) -> PyResult<Option<Value>> {
        if leaves.is_empty() {
            return Ok(None);
        }
        self.check_native_stack()?;
        let mut kept: ValueVec<[Value; 8]> = ValueVec::new();
        let exceptions = self.group_exceptions(group);
        for exception in exceptions {
            if self.is_group(*exception) {
                kept.extend(self.project_group(*exception, leaves)?);
            } else if leaves.contains(exception) {
                kept.push(*exception);
            }
        }
        if kept.as_slice() == exceptions { Ok(Some(group)) } else { self.derive_group(group, &kept) }
    }
}
