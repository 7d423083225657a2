//! CALL_INTRINSIC: operations too rare for an opcode of their own.

use cinder_bytecode::Intrinsic as I;

use super::prelude::*;
use crate::types::type_::PyType;
use cinder_heap::Gc;

op!(CALL_INTRINSIC(ip, fp, vm, k, w) {
    if c(w) == I::AsyncGenWrap.number() as usize {
        return super::generators::WRAP_AND_YIELD(ip, fp, vm, k, w);
    }
    call_intrinsic(ip, fp, vm, k, w)
});

value_op!(call_intrinsic, 1, |vm, fp, w, k, ip| {
    let which = I::from_number(c(w) as u32).expect("the verifier knows the intrinsic");
    let argument = |index: usize| reg(fp, b(w) + index);
    match which {
        I::Print => {
            let sys =
                vm.modules.get_interned(vm.names.sys).ok_or_else(|| vm.runtime_error("lost sys.modules['sys']"))?;
            let Some(hook) = vm.getattr_opt(sys, vm.names.displayhook)? else {
                return Err(vm.runtime_error("lost sys.displayhook"));
            };
            vm.call(hook, &[argument(0)])
        }
        I::ImportStar => import_star(vm, fp, argument(0)),
        I::StopIterationError => stop_iteration_error(vm, fp, argument(0)),
        I::AsyncGenWrap => vm.wrap_async_value(argument(0)),
        I::TypeVar => typing(vm, "TypeVar", &[argument(0)], &[]),
        I::TypeVarWithBound => typing(vm, "TypeVar", &[argument(0)], &[("bound", argument(1))]),
        I::TypeVarWithConstraints => typing(vm, "TypeVar", &[argument(0)], &[("constraints", argument(1))]),
        I::ParamSpec => typing(vm, "ParamSpec", &[argument(0)], &[]),
        I::TypeVarTuple => typing(vm, "TypeVarTuple", &[argument(0)], &[]),
        I::SetTypeParamDefault => typing_function(vm, "_set_typeparam_default", &[argument(0), argument(1)]),
        I::SubscriptGeneric => typing_function(vm, "_subscript_generic", &[argument(0)]),
        I::TypeAlias => typing_function(vm, "_make_type_alias", &[argument(0), argument(1), argument(2)]),
        I::SetFunctionTypeParams => {
            vm.setattr(argument(0), vm.names.__type_params__, Some(argument(1)))?;
            Ok(argument(0))
        }
        I::PrepReraiseStar => {
            let raised = vm.sequence_values(argument(1))?;
            let raised: Vec<Value> = raised.to_vec();
            Ok(vm.prepare_reraise(argument(0), &raised)?.unwrap_or(Value::NONE))
        }
        I::ConditionalAnnotations => vm.new_set(&[]),
        I::SpreadPositional => spread_positional(vm, argument(0), argument(1)),
        I::SpreadNamed => spread_named(vm, argument(0), argument(1)),
    }
});

/// The items of `*x`, one for each of the parameters called `names`.
fn spread_positional(vm: &Vm, iterable: Value, names: Value) -> PyResult<Value> {
    let names = vm.tuple_items(names);
    let class = vm.type_of(iterable);
    if class.slots().iter.is_none() && class.slots().getitem.is_none() {
        return Err(vm.type_error(format!("argument after * must be an iterable, not {}", vm.type_name(iterable))));
    }
    let mut items = vm.heap.root_vec();
    vm.for_each(iterable, |item| {
        // The rest of the iterable, which may be endless, is not asked for.
        if items.len() == names.len() {
            return Err(vm.type_error(format!("too many values after *: {} expected", names.len())));
        }
        items.push(item);
        Ok(())
    })?;
    match names.get(items.len()) {
        Some(missing) => Err(missing_argument(vm, *missing)),
        None => vm.new_tuple(&items),
    }
}

/// The values of `**x` for the parameters that `expected` describes: a tuple of their names, one of the defaults of the last of them, and one of
/// the names of the other parameters.
fn spread_named(vm: &Vm, mapping: Value, expected: Value) -> PyResult<Value> {
    let &[names, defaults, others] = vm.tuple_items(expected) else {
        unreachable!("the compiler describes the parameters by three tuples");
    };
    let [names, defaults, others] = [names, defaults, others].map(|tuple| vm.tuple_items(tuple));
    let Some(dict) = vm.as_dict(mapping) else {
        return Err(vm.type_error(format!("argument after ** must be a dict, not {}", vm.type_name(mapping))));
    };
    let required = names.len() - defaults.len();
    let mut values = vm.heap.root_vec();
    let mut found = 0;
    for (number, name) in names.iter().enumerate() {
        let value = match vm.dict_get(dict, *name)? {
            Some(value) => {
                found += 1;
                value
            }
            None if number < required => return Err(missing_argument(vm, *name)),
            None => defaults[number - required],
        };
        values.push(value);
    }
    if found < dict.len() {
        for number in 0..dict.entry_count() {
            let Some((key, _)) = dict.entry(number) else { continue };
            if !vm.is_str(key) {
                return Err(vm.type_error("keywords must be strings"));
            }
            let key = vm.str_text(key);
            let is_in = |names: &[Value]| names.iter().any(|name| vm.str_text(*name) == key);
            if is_in(others) {
                return Err(vm.type_error(format!("got multiple values for argument '{key}'")));
            }
            if !is_in(names) {
                return Err(vm.type_error(format!("got an unexpected keyword argument '{key}'")));
            }
        }
    }
    vm.new_tuple(&values)
}

fn missing_argument(vm: &Vm, name: Value) -> crate::native::Raised {
    vm.type_error(format!("missing argument {}", vm.str_text(name)))
}

/// Makes a type parameter with lazily evaluated bound or constraints; `_typing` knows how.
fn typing(vm: &Vm, class: &str, args: &[Value], lazy: &[(&str, Value)]) -> PyResult<Value> {
    let mut all = vec![vm.intern(class)];
    all.extend_from_slice(args);
    vm.call_with(typing_attribute(vm, "_make_type_param")?, &all, lazy)
}

fn typing_function(vm: &Vm, name: &str, args: &[Value]) -> PyResult<Value> {
    vm.call(typing_attribute(vm, name)?, args)
}

fn typing_attribute(vm: &Vm, name: &str) -> PyResult<Value> {
    let import =
        vm.builtins.get_interned(vm.names.__import__).ok_or_else(|| vm.import_error_text("__import__ not found"))?;
    let module = vm.call(import, &[vm.intern("_typing")])?;
    vm.getattr(module, vm.intern(name))
}

/// A StopIteration (or StopAsyncIteration in an async generator) that would leave a generator becomes a RuntimeError.
fn stop_iteration_error(vm: &Vm, fp: Fp, exception: Value) -> PyResult<Value> {
    use cinder_bytecode::code::flags;
    let code_flags = frame(fp).code().flags;
    let is = |class: Gc<PyType>| vm.is_instance(exception, class);
    let text = if is(vm.exceptions.StopIteration) {
        match code_flags {
            f if f & flags::ASYNC_GENERATOR != 0 => "async generator raised StopIteration",
            f if f & flags::COROUTINE != 0 => "coroutine raised StopIteration",
            _ => "generator raised StopIteration",
        }
    } else if code_flags & flags::ASYNC_GENERATOR != 0 && is(vm.exceptions.StopAsyncIteration) {
        "async generator raised StopAsyncIteration"
    } else {
        return Ok(exception);
    };
    let made = vm.new_exception(vm.exceptions.RuntimeError, &[vm.new_str(text)?])?;
    vm.set_cause(made, exception);
    if let Some(payload) = vm.as_exception(made) {
        payload.context.set(&vm.heap, payload, exception);
    }
    Ok(made)
}

fn import_star(vm: &Vm, fp: Fp, module: Value) -> PyResult<Value> {
    let running = frame(fp);
    let namespace = running.namespace().unwrap_or(running.function().globals.get().as_value());
    let all = vm.getattr_opt(module, vm.names.__all__)?;
    let (names, skip_private) = match all {
        Some(all) => (all, false),
        None => {
            let Some(dict) = vm.getattr_opt(module, vm.names.__dict__)? else {
                return Err(vm.import_error_text("from-import-* object has no __dict__ and no __all__"));
            };
            (vm.call_method(dict, vm.names.keys, &[])?, true)
        }
    };
    let names = vm.sequence_values(names)?;
    for name in names.iter() {
        if !vm.is_str(*name) {
            let found = vm.type_name(*name);
            let place = if skip_private { "Key in" } else { "Item in" };
            let of = if skip_private { "__dict__" } else { "__all__" };
            let module = vm.getattr(module, vm.names.__name__)?;
            let module = vm.str_text(module);
            return Err(vm.type_error(format!("{place} {module}.{of} must be str, not {found}")));
        }
        if skip_private && vm.str_text(*name).starts_with('_') {
            continue;
        }
        let value = vm.getattr(module, *name)?;
        vm.setitem(namespace, *name, Some(value))?;
    }
    Ok(Value::NONE)
}

impl Vm {
    /// The items of any iterable.
    pub(crate) fn sequence_values(&self, iterable: Value) -> PyResult<cinder_heap::RootVec> {
        let mut items = self.heap.root_vec();
        self.for_each(iterable, |item| {
            items.push(item);
            Ok(())
        })?;
        Ok(items)
    }
}
