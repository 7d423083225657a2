//! Calling.

use crate::value_vec::ValueVec;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;

impl Vm {
    /// Calls with positional arguments.
    #[inline]
    pub fn call(&self, callable: Value, args: &[Value]) -> PyResult<Value> {
        self.call_keywords(callable, args, None)
    }

    /// Calls; the last arguments are the values of `keyword_names` (a tuple of str).
    ///
    /// Errors: TypeError `'X' object is not callable`; RecursionError near the end of the native stack.
    pub fn call_keywords(&self, callable: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
        match self.type_of(callable).slots().call {
            Some(call) => {
                self.check_native_stack()?;
                call(self, callable, args, keyword_names)
            }
            None => Err(self.type_error(format!("'{}' object is not callable", self.type_name(callable)))),
        }
    }

    /// Calls with keyword arguments given as text.
    pub fn call_with(&self, callable: Value, args: &[Value], keywords: &[(&str, Value)]) -> PyResult<Value> {
        let mut all: ValueVec<[Value; 8]> = args.into();
        all.extend(keywords.iter().map(|(_, value)| *value));
        let names: ValueVec<[Value; 8]> = keywords.iter().map(|(name, _)| self.intern(name)).collect();
        let names = if names.is_empty() { None } else { Some(self.new_tuple(&names)?) };
        self.call_keywords(callable, &all, names)
    }

    /// `callable(*args, **keywords)` with a tuple and a dict of a native function's `*args, **kwargs`.
    pub fn call_packed(&self, callable: Value, args: Value, keywords: Option<Value>) -> PyResult<Value> {
        let mut all: ValueVec<[Value; 8]> = self.tuple_items(args).into();
        let mut names: ValueVec<[Value; 8]> = ValueVec::new();
        if let Some(dict) = keywords.and_then(|keywords| self.as_dict(keywords)) {
            for number in 0..dict.entry_count() {
                if let Some((name, value)) = dict.entry(number) {
                    names.push(name);
                    all.push(value);
                }
            }
        }
        let names = if names.is_empty() { None } else { Some(self.new_tuple(&names)?) };
        self.call_keywords(callable, &all, names)
    }

    /// `receiver.name(*args)`.
    pub fn call_method(&self, receiver: Value, name: Value, args: &[Value]) -> PyResult<Value> {
        const FEW: usize = 6;
        if args.len() < FEW
            && let Some(found) = self.unbound_method(receiver, name)
        {
            let mut all = [receiver; FEW];
            all[1..=args.len()].copy_from_slice(args);
            return self.call(found, &all[..=args.len()]);
        }
        let method = self.getattr(receiver, name)?;
        self.call(method, args)
    }

    /// [`Vm::call_method`]; the last arguments are the values of `keyword_names`.
    pub fn call_method_keywords(
        &self,
        receiver: Value,
        name: Value,
        args: &[Value],
        keyword_names: Option<Value>,
    ) -> PyResult<Value> {
        let Some(found) = self.unbound_method(receiver, name) else {
            let method = self.getattr(receiver, name)?;
            return self.call_keywords(method, args, keyword_names);
        };
        let mut all: ValueVec<[Value; 8]> = crate::values![receiver];
        all.extend_from_slice(args);
        self.call_keywords(found, &all, keyword_names)
    }

    /// Whether `callable(x)` holds.
    pub fn is_callable(&self, value: Value) -> bool {
        self.type_of(value).slots().call.is_some()
    }

    /// RecursionError when the native stack is nearly used up. Every recursive helper calls it.
    #[inline]
    pub fn check_native_stack(&self) -> PyResult<()> {
        let here = std::hint::black_box(0u8);
        if (&raw const here).addr() > self.stack_limit.get() { Ok(()) } else { self.stack_limit_hit() }
    }
}
