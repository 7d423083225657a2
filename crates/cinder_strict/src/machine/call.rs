//! Calls, and what calls raise.

use std::sync::Arc;

use super::{BUDGET, Exit, Frame, Machine};
use crate::code::{Body as CodeBody, Code, Params, Piece};
use crate::object::{Body, Function, Generator, Ty};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value, Violation};

impl Machine<'_> {
    pub(crate) fn call(&mut self, callee: &Value, args: Args) -> R {
        match callee {
            Value::Native(native) => match (native.call)(self, args) {
                Err(Fail::Undecided) => Ok(Value::harmless(&format!("{}()", native.name))),
                result => result,
            },
            Value::Unknown(unknown) => {
                let name = self.show_call(&unknown.name, &args);
                if unknown.is_harmless {
                    return self.call_declared(&unknown.name.clone(), args.pos.len());
                }
                let shown = unknown.name.clone();
                Err(self.on_unknown(Rule::UnknownValueCall, &[&shown], callee, &name))
            }
            Value::Obj(obj) => self.call_object(*obj, callee, args),
            _ => self.not_callable(callee),
        }
    }

    /// Calls something of which only the effect is known.
    fn call_declared(&mut self, name: &str, given: usize) -> R {
        use crate::effects::Effect;
        let rule = match crate::effects::level_of(name) {
            Some(Effect::Io) => Rule::PerformsIo,
            Some(Effect::Environment) => Rule::ReadsEnvironment,
            Some(Effect::Nondeterministic) => Rule::Nondeterministic,
            Some(Effect::Process) => Rule::MutatesProcess,
            Some(Effect::Registers) => Rule::Registers,
            Some(Effect::Clock(least)) if given < least => Rule::Nondeterministic,
            Some(Effect::Clock(_)) => return Ok(Value::harmless(&format!("{name}()"))),
            Some(Effect::Pure) | None => return Ok(Value::harmless(&format!("{name}()"))),
        };
        Err(self.violation(rule, &[name], Value::harmless(&format!("{name}()"))))
    }

    fn not_callable(&mut self, callee: &Value) -> R {
        let name = self.type_name(callee);
        self.type_error(format!("'{name}' object is not callable"))
    }

    fn call_object(&mut self, obj: Obj, callee: &Value, mut args: Args) -> R {
        match self.body(obj) {
            Body::Function(function) => {
                let function = function.clone();
                self.call_function(&function, args)
            }
            Body::Method { function, receiver } => {
                let (function, receiver) = (function.clone(), receiver.clone());
                args.pos.insert(0, receiver);
                self.call(&function, args)
            }
            Body::Class(_) => self.call_class(obj, args),
            Body::StaticMethod(function) => {
                let function = function.clone();
                self.call(&function, args)
            }
            Body::Alias { origin, .. } => {
                let origin = origin.clone();
                let value = self.call(&origin, args)?;
                Ok(value)
            }
            _ => match self.special(callee, "__call__")? {
                Some(method) => self.call(&method, args),
                None => self.not_callable(callee),
            },
        }
    }

    /// The code of a function, asked for if it lies elsewhere.
    pub(crate) fn code_of(&mut self, body: &CodeBody) -> Option<Arc<Code>> {
        match body {
            CodeBody::Here(code) => Some(code.clone()),
            CodeBody::Item { file, index, .. } => crate::queries::item_code(self.db, *file, *index),
            CodeBody::Annotations { file, index } => crate::queries::annotations_code(self.db, *file, *index),
        }
    }

    /// A frame with the arguments in place.
    pub(crate) fn frame_of(&mut self, function: &Function, args: Args) -> R<Option<Frame>> {
        let Some(code) = self.code_of(&function.body) else { return Ok(None) };
        let mut frame = Frame::new(code.clone(), function.module, function.globals);
        self.bind(function, args, &mut frame.locals)?;
        frame.free = function.closure.clone();
        frame.class_cell = function.class_cell;
        frame.names = function.namespace.clone();
        frame.first = frame.locals.first().cloned().flatten().filter(|_| !code.params.positional.is_empty());
        self.prepare(&mut frame);
        Ok(Some(frame))
    }

    pub(crate) fn call_function(&mut self, function: &Arc<Function>, args: Args) -> R {
        let Some(mut frame) = self.frame_of(function, args)? else {
            return self.unsupported("call", &function.name);
        };
        if function.body.is_async() && !function.body.is_generator() {
            return Ok(self.new_obj(Ty::Coroutine, Body::Coroutine(function.qualname.clone())));
        }
        if function.body.is_generator() {
            let is_async = function.body.is_async();
            let ty = if is_async { Ty::AsyncGenerator } else { Ty::Generator };
            let generator = Generator {
                name: function.qualname.clone(),
                frame: Some(Box::new(frame)),
                is_started: false,
                is_async,
            };
            return Ok(self.new_obj(ty, Body::Generator(Box::new(generator))));
        }
        // Comprehension-like code has no name of its own and passes failures on.
        match self.enter(&mut frame, false) {
            Ok(Exit::Return(value) | Exit::Yield(value)) => Ok(value),
            Err(fail) => {
                // Made only now: most calls succeed.
                let parameters = function.body.params().positional.len();
                let pos = frame.locals.iter().take(parameters).flatten().cloned().collect::<Vec<_>>();
                let shown = self.show_call(&function.name, &Args::new(pos));
                Err(self.leave(fail, &function.name, &shown))
            }
        }
    }

    /// Runs a frame one level deeper.
    pub(crate) fn enter(&mut self, frame: &mut Frame, is_collecting: bool) -> R<Exit> {
        if self.depth >= BUDGET.depth {
            return self.raise(Ty::RecursionError, "maximum recursion depth exceeded");
        }
        self.depth += 1;
        let result = cinder_syntax::with_deep_stack(|| self.run(frame, is_collecting));
        self.depth -= 1;
        result
    }

    /// The failure as the caller sees it.
    pub(crate) fn leave(&mut self, fail: Fail, name: &str, shown: &str) -> Fail {
        match fail {
            Fail::Violation(mut violation) if is_declared_effect(&violation) => {
                // What a model declares happens where the model is called.
                violation.span = self.span();
                Fail::Violation(violation)
            }
            Fail::Violation(violation) => {
                let span = self.span();
                let origin = violation.origin;
                Violation {
                    rule: Rule::UnsafeCall,
                    fields: vec![name.into()],
                    span,
                    value: Value::unknown(shown),
                    blame: violation.blame,
                    cause: Some(Arc::new(*violation)),
                    origin,
                }
                .into()
            }
            Fail::Raise(mut raised) => {
                // The outermost call is always kept.
                if raised.trace.len() >= 40 {
                    raised.trace.pop();
                }
                let name = self.type_name(&raised.value);
                raised.trace.push((self.span(), name));
                Fail::Raise(raised)
            }
            Fail::Stop | Fail::Undecided => fail,
        }
    }

    fn show_call(&self, name: &str, args: &Args) -> String {
        let mut text = format!("{name}(");
        for value in args.pos.iter().take(8) {
            text.push_str(&self.show(value));
            text.push(',');
        }
        for (key, value) in args.kw.iter().take(8) {
            text.push_str(&format!("{key}={},", self.show(value)));
        }
        text.push(')');
        if text.len() > 200 {
            text.truncate(text.floor_char_boundary(200));
        }
        text
    }

    // Arguments

    fn bind(&mut self, function: &Function, args: Args, locals: &mut [Option<Value>]) -> R<()> {
        let params: Arc<Params> = function.body.params().clone();
        let name = &function.qualname;
        let count = params.positional.len();
        let given = args.pos.len();
        let mut pos = args.pos;
        let extra = if given > count { pos.split_off(count) } else { Vec::new() };
        for (slot, value) in pos.into_iter().enumerate() {
            locals[slot] = Some(value);
        }
        let rest_slot = count + params.keyword_only.len();
        if params.rest.is_some() {
            locals[rest_slot] = Some(Value::tuple(extra));
        } else if !extra.is_empty() {
            return self.type_error(format!("{name} takes {count} positional arguments but {given} were given"));
        }
        let mut keywords = Vec::new();
        for (key, value) in args.kw {
            let positional = params.positional.iter().position(|known| *known == key);
            let positional = positional.filter(|at| *at >= params.positional_only);
            let slot = positional.or_else(|| Some(count + params.keyword_only.iter().position(|known| *known == key)?));
            match slot {
                Some(slot) if locals[slot].is_some() => {
                    return self.type_error(format!("{name} got multiple values for argument '{key}'"));
                }
                Some(slot) => locals[slot] = Some(value),
                None if params.keywords.is_some() => keywords.push((key, value)),
                None => return self.type_error(format!("{name} got unexpected keyword argument {key}")),
            }
        }
        if params.keywords.is_some() {
            let slot = rest_slot + usize::from(params.rest.is_some());
            let dict = self.new_dict();
            if let Some(Body::Dict(content)) = self.own_mut(dict).map(|object| &mut object.body) {
                for (key, value) in keywords {
                    content.insert_str(&key, value);
                }
            }
            locals[slot] = Some(Value::Obj(dict));
        }
        self.fill_defaults(function, &params, locals)
    }

    fn fill_defaults(&mut self, function: &Function, params: &Params, locals: &mut [Option<Value>]) -> R<()> {
        let count = params.positional.len();
        let first_default = count.saturating_sub(function.defaults.len());
        let skipped = function.defaults.len().saturating_sub(count);
        for (slot, parameter) in params.positional.iter().enumerate() {
            if locals[slot].is_none() {
                let default = slot.checked_sub(first_default).and_then(|at| function.defaults.get(at + skipped));
                match default {
                    Some(value) => locals[slot] = Some(value.clone()),
                    None => {
                        let message = format!("{} missing required positional argument {parameter}", function.qualname);
                        return self.type_error(message);
                    }
                }
            }
        }
        for (at, parameter) in params.keyword_only.iter().enumerate() {
            if locals[count + at].is_none() {
                match function.keyword_defaults.iter().find(|(name, _)| name == parameter) {
                    Some((_, value)) => locals[count + at] = Some(value.clone()),
                    None => {
                        let message =
                            format!("{} missing required keyword-only argument {parameter}", function.qualname);
                        return self.type_error(message);
                    }
                }
            }
        }
        Ok(())
    }

    // Generators

    /// Resumes a generator. `Ok(Err(value))` is its end, with what it returned.
    pub(crate) fn resume(&mut self, generator: Obj, input: Result<Value, Value>) -> R<Result<Value, Value>> {
        if !self.is_own(generator) {
            return Err(self.foreign_change(generator, Rule::ForeignRebind));
        }
        let Some(Body::Generator(state)) = self.own_mut(generator).map(|object| &mut object.body) else {
            return self.type_error("not a generator");
        };
        if state.is_async {
            let name = state.name.clone();
            return Err(self.violation(Rule::CoroutineFunctionNotSupported, &[&name], Value::unknown(&name)));
        }
        let (was_started, name) = (state.is_started, state.name.clone());
        state.is_started = true;
        let Some(mut frame) = state.frame.take() else {
            return match input {
                Err(exception) => Err(self.raised(exception)),
                Ok(_) => Ok(Err(Value::None)),
            };
        };
        if self.settings.is_compatible {
            return Err(self.violation(Rule::CoroutineFunctionNotSupported, &[&name], Value::unknown(&name)));
        }
        let throw = match input {
            Ok(value) => {
                if was_started {
                    frame.stack.push(value);
                }
                None
            }
            Err(exception) => Some(exception),
        };
        if self.depth >= BUDGET.depth {
            return self.raise(Ty::RecursionError, "maximum recursion depth exceeded");
        }
        self.depth += 1;
        let result = cinder_syntax::with_deep_stack(|| match throw {
            Some(exception) => self.run_with(&mut frame, false, Some(exception)),
            None => self.run(&mut frame, false),
        });
        self.depth -= 1;
        match result {
            Ok(Exit::Yield(value)) => {
                if let Some(Body::Generator(state)) = self.own_mut(generator).map(|object| &mut object.body) {
                    state.frame = Some(frame);
                }
                Ok(Ok(value))
            }
            Ok(Exit::Return(value)) => Ok(Err(value)),
            Err(fail) => {
                let short = name.rsplit('.').next().unwrap_or_default().to_string();
                let fail = self.leave(fail, &short, &format!("{short}()"));
                if self.is_raised(&fail, Ty::StopIteration) {
                    return self.raise(Ty::RuntimeError, "generator raised StopIteration");
                }
                Err(fail)
            }
        }
    }

    /// Sends a value into an iterator, as `yield from` does.
    pub(crate) fn send(&mut self, iterator: &Value, value: Value) -> R<Result<Value, Value>> {
        if let Some(obj) = iterator.as_obj()
            && matches!(self.body(obj), Body::Generator(_))
        {
            return self.resume(obj, Ok(value));
        }
        match self.next(iterator) {
            Ok(Some(value)) => Ok(Ok(value)),
            Ok(None) => Ok(Err(Value::None)),
            Err(fail) => Err(fail),
        }
    }

    // Exceptions

    pub(crate) fn reraised(&mut self, value: Value) -> Fail {
        match self.handling.iter().rev().find(|raised| raised.value == value) {
            Some(raised) => Fail::Raise(Box::new(raised.clone())),
            None => self.raised(value),
        }
    }

    /// What `raise` raises: instances as they are, classes called.
    pub(crate) fn exception_instance(&mut self, value: Value) -> R {
        if value.is_unknown() {
            return Ok(value);
        }
        if let Some(class) = self.as_class(&value)
            && self.is_subclass(class, Ty::BaseException.obj())
        {
            return self.call(&value, Args::default());
        }
        if self.is_instance(&value, Ty::BaseException) || self.settings.is_compatible {
            return Ok(value);
        }
        self.type_error("exceptions must derive from BaseException")
    }

    /// Whether an `except` clause takes the exception.
    pub(crate) fn matches_exception(&mut self, value: &Value, kind: &Value, is_star: bool) -> R<bool> {
        if let Value::Tuple(kinds) = kind {
            for kind in kinds.iter() {
                if self.matches_exception(value, kind, is_star)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Value::Unknown(unknown) = kind {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__instancecheck__"], kind, &shown));
        }
        let Some(class) = self.as_class(kind) else {
            return self.type_error("catching classes that do not inherit from BaseException is not allowed");
        };
        if self.class_of(value).is_some_and(|found| self.is_subclass(found, class)) {
            return Ok(true);
        }
        if !is_star {
            // A metaclass may have its own idea; CPython does not ask it.
            return Ok(false);
        }
        let Some(group) = value.as_obj().filter(|_| self.is_instance(value, Ty::BaseExceptionGroup)) else {
            return Ok(false);
        };
        let members = match self.body(group) {
            Body::Exception(args) => args.get(1).cloned(),
            _ => None,
        };
        let Some(members) = members else { return Ok(false) };
        for member in self.iterate(&members)? {
            if self.matches_exception(&member, kind, true)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    // Context managers

    /// The bound `__exit__` and what `__enter__` gave.
    pub(crate) fn enter_manager(&mut self, manager: &Value) -> R<(Value, Value)> {
        if let Value::Unknown(unknown) = manager {
            let shown = unknown.name.clone();
            if unknown.is_harmless {
                return Ok((Value::None, Value::harmless(&shown)));
            }
            let result = format!("{shown}.__enter__()");
            let fail = self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__enter__"], manager, &result);
            self.soft(fail)?;
            return Ok((Value::None, Value::unknown(&result)));
        }
        let enter = self.special(manager, "__enter__")?;
        let exit = self.special(manager, "__exit__")?;
        let (Some(enter), Some(exit)) = (enter, exit) else {
            let name = self.type_name(manager);
            return self.type_error(format!("'{name}' object does not support the context manager protocol"));
        };
        let value = self.call(&enter, Args::default())?;
        Ok((exit, value))
    }

    /// Whether the manager swallows the exception.
    pub(crate) fn exit_manager(&mut self, exit: &Value, value: &Value) -> R<bool> {
        let class = self.class_of(value).map_or(Value::None, Value::Obj);
        let result = self.call(exit, Args::new([class, value.clone(), Value::None]))?;
        self.truth(&result)
    }
}

fn is_declared_effect(violation: &Violation) -> bool {
    let is_effect = matches!(
        violation.rule,
        Rule::PerformsIo | Rule::ReadsEnvironment | Rule::Nondeterministic | Rule::MutatesProcess | Rule::Registers
    );
    is_effect && matches!(violation.span.piece, Piece::Model(_))
}
