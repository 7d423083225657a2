//! The instruction loop.

pub(super) mod fork;
mod names;

use std::sync::Arc;

use cinder_text::TextRange;

use super::{BUDGET, Context, Machine};
use crate::code::{Captured, Code, FunctionSpec, Name, Op, Span};
use crate::lower::FREE;
use crate::object::{Body, Deferred, Function, Ty};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value};

/// A running, or suspended, code object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) code: Arc<Code>,
    pub(crate) pc: usize,
    pub(crate) stack: Vec<Value>,
    pub(crate) locals: Vec<Option<Value>>,
    pub(crate) cells: Vec<Obj>,
    pub(crate) free: Vec<Obj>,
    blocks: Vec<Block>,
    loops: Vec<u32>,
    pub(crate) module: Obj,
    pub(crate) globals: Obj,
    /// The namespace of a module, class or `exec` text.
    pub(crate) names: Option<Value>,
    pub(crate) class_cell: Option<Obj>,
    pub(crate) first: Option<Value>,
}

/// Most code needs no more stack than this.
const USUAL_STACK: usize = 8;

#[derive(Clone, Debug, PartialEq)]
struct Block {
    handler: u32,
    height: usize,
    handling: usize,
}

pub(crate) enum Exit {
    Return(Value),
    Yield(Value),
}

enum Flow {
    Next,
    Exit(Exit),
}

impl Frame {
    pub(crate) fn new(code: Arc<Code>, module: Obj, globals: Obj) -> Frame {
        let locals = vec![None; code.locals.len()];
        let loops = vec![0; code.loops as usize];
        Frame {
            code,
            pc: 0,
            stack: Vec::with_capacity(USUAL_STACK),
            locals,
            cells: Vec::new(),
            free: Vec::new(),
            blocks: Vec::new(),
            loops,
            module,
            globals,
            names: None,
            class_cell: None,
            first: None,
        }
    }

    /// Objects that it refers to.
    pub(crate) fn each_obj(&self, visit: &mut impl FnMut(Obj)) {
        let known = [self.module, self.globals];
        known.iter().chain(&self.cells).chain(&self.free).chain(&self.class_cell).copied().for_each(&mut *visit);
        let values = self.stack.iter().chain(self.locals.iter().flatten()).chain(&self.names).chain(&self.first);
        values.for_each(|value| value.each_obj(visit));
    }

    /// The cells that a function made here takes with it.
    pub(crate) fn captured(&self, captured: &[Captured]) -> Vec<Obj> {
        let cell = |at: u16| {
            if at & FREE != 0 { self.free.get((at & !FREE) as usize) } else { self.cells.get(at as usize) }
        };
        captured.iter().filter_map(|captured| cell(captured.0).copied()).collect()
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().expect("lowering balances the stack")
    }

    fn pop_many(&mut self, count: usize) -> Vec<Value> {
        let at = self.stack.len().saturating_sub(count);
        self.stack.split_off(at)
    }

    /// The value `depth` places below the top.
    fn peek(&self, depth: usize) -> &Value {
        &self.stack[self.stack.len() - depth]
    }
}

impl Machine<'_> {
    /// Makes the cells of a frame.
    pub(crate) fn prepare(&mut self, frame: &mut Frame) {
        let code = frame.code.clone();
        for (_, parameter) in &code.cells {
            let start = parameter.and_then(|slot| frame.locals[slot as usize].clone());
            let cell = self.alloc(Ty::Cell.obj(), Body::Cell(start));
            frame.cells.push(cell);
        }
    }

    /// Runs until the frame returns or yields.
    pub(crate) fn run(&mut self, frame: &mut Frame, is_collecting: bool) -> R<Exit> {
        self.run_with(frame, is_collecting, None)
    }

    /// As [`Machine::run`], but an exception is raised first at the place where the frame stopped.
    pub(crate) fn run_with(&mut self, frame: &mut Frame, is_collecting: bool, thrown: Option<Value>) -> R<Exit> {
        let code = frame.code.clone();
        let handling = self.handling.len();
        self.contexts.push(Context {
            span: Span { piece: code.piece, range: TextRange::default() },
            is_collecting,
            module: frame.module,
            class_cell: frame.class_cell,
            first: frame.first.clone(),
            globals: frame.globals,
            names: frame.names.clone(),
        });
        let caught = match thrown {
            Some(exception) => {
                if let Some(context) = self.contexts.last_mut() {
                    context.span.range = code.spans.get(frame.pc.saturating_sub(1)).copied().unwrap_or_default();
                }
                let fail = self.raised(exception);
                self.catch(frame, fail)
            }
            None => Ok(()),
        };
        let result = caught.and_then(|()| self.run_loop(frame, &code, is_collecting));
        self.contexts.pop();
        while self.filter_guards.last().is_some_and(|frames| *frames > self.contexts.len()) {
            self.filter_guards.pop();
        }
        self.handling.truncate(handling);
        result
    }

    fn run_loop(&mut self, frame: &mut Frame, code: &Code, is_collecting: bool) -> R<Exit> {
        let exit = self.run_within(frame, code, is_collecting, 0..code.ops.len())?;
        Ok(exit.unwrap_or(Exit::Return(Value::None)))
    }

    /// Runs the frame while it stays within a range of instructions; `None` when it leaves them.
    fn run_within(
        &mut self,
        frame: &mut Frame,
        code: &Code,
        is_collecting: bool,
        range: std::ops::Range<usize>,
    ) -> R<Option<Exit>> {
        loop {
            let at = frame.pc;
            if !range.contains(&at) {
                return Ok(None);
            }
            let op = &code.ops[at];
            self.charge(1)?;
            if let Some(context) = self.contexts.last_mut() {
                context.span.range = code.spans[at];
            }
            frame.pc = at + 1;
            let height = frame.stack.len();
            match self.step(frame, op) {
                Ok(Flow::Next) => {}
                Ok(Flow::Exit(exit)) => return Ok(Some(exit)),
                Err(fail @ Fail::Raise(_)) => self.catch(frame, fail)?,
                Err(Fail::Violation(violation)) if is_collecting => {
                    let value = violation.value.clone();
                    let at = self.record(*violation);
                    let value = self.blamed(value, at);
                    recover(frame, op, height, value);
                }
                Err(Fail::Undecided) => recover(frame, op, height, Value::harmless("<undecided>")),
                Err(fail) => return Err(fail),
            }
        }
    }

    /// Goes on in the handler of an exception.
    ///
    /// Errors: the failure, when the frame has no handler for it.
    fn catch(&mut self, frame: &mut Frame, fail: Fail) -> R<()> {
        let Fail::Raise(raised) = fail else { return Err(fail) };
        let Some(block) = frame.blocks.pop() else { return Err(Fail::Raise(raised)) };
        frame.stack.truncate(block.height);
        self.handling.truncate(block.handling);
        frame.stack.push(raised.value.clone());
        self.handling.push(*raised);
        frame.pc = block.handler as usize;
        Ok(())
    }

    fn step(&mut self, frame: &mut Frame, op: &Op) -> R<Flow> {
        match op {
            Op::Const(value) => frame.stack.push(value.clone()),
            Op::Pop => {
                frame.pop();
            }
            Op::Dup => {
                let top = frame.peek(1).clone();
                frame.stack.push(top);
            }
            Op::Dup2 => {
                let (a, b) = (frame.peek(2).clone(), frame.peek(1).clone());
                frame.stack.extend([a, b]);
            }
            Op::Swap => {
                let len = frame.stack.len();
                frame.stack.swap(len - 1, len - 2);
            }
            Op::Sink3 => {
                let len = frame.stack.len();
                frame.stack[len - 3..].rotate_right(1);
            }
            Op::LoadFast(_) | Op::StoreFast(_) | Op::DeleteFast(_) => self.fast(frame, op)?,
            Op::LoadCell(_) | Op::StoreCell(_) | Op::DeleteCell(_) | Op::LoadClassCell(..) | Op::FreshCell(_) => {
                self.cell(frame, op)?;
            }
            Op::LoadGlobal(name) => {
                let value = self.load_global(frame.globals, name)?;
                frame.stack.push(value);
            }
            Op::LoadName(name) => {
                let value = self.load_name(frame, name)?;
                frame.stack.push(value);
            }
            Op::StoreGlobal(name) => {
                let value = frame.pop();
                self.store_global(frame.globals, name, value)?;
            }
            Op::DeleteGlobal(name) => self.delete_global(frame.globals, name)?,
            Op::StoreName(name) => {
                let value = frame.pop();
                self.store_name(frame, name, value)?;
            }
            Op::DeleteName(name) => self.delete_name(frame, name)?,
            Op::LoadClass => {
                let cell = frame.class_cell.map(|cell| self.body(cell).clone());
                match cell {
                    Some(Body::Cell(Some(value))) => frame.stack.push(value),
                    _ => return self.raise(Ty::NameError, "name '__class__' is not defined"),
                }
            }
            Op::NewTypeVar(name, kind) => {
                let ty = [Ty::TypeVar, Ty::TypeVarTuple, Ty::ParamSpec][usize::from(*kind)];
                let value = self.new_type_var(ty, name)?;
                frame.stack.push(value);
            }
            Op::LoadAttr(name) => {
                let object = frame.pop();
                let value = self.get_attr(&object, name)?;
                frame.stack.push(value);
            }
            Op::LoadMethod(name) => {
                let object = frame.pop();
                let (callee, receiver) = match self.find_method(&object, name) {
                    Some(function) => (function, object),
                    None => (self.get_attr(&object, name)?, Value::NotImplemented),
                };
                frame.stack.extend([callee, receiver]);
            }
            Op::CallMethod { count, names } => {
                let mut pos = frame.pop_many(*count as usize);
                let (receiver, callee) = (frame.pop(), frame.pop());
                let mut kw = Vec::new();
                if let Some(names) = names {
                    let values = pos.split_off(pos.len() - names.len());
                    kw = names.iter().cloned().zip(values).collect();
                }
                if receiver != Value::NotImplemented {
                    pos.insert(0, receiver);
                }
                let value = self.call(&callee, Args { pos, kw })?;
                frame.stack.push(value);
            }
            Op::StoreAttr(name) => {
                let object = frame.pop();
                let value = frame.pop();
                self.set_attr(&object, name, value)?;
            }
            Op::DeleteAttr(name) => {
                let object = frame.pop();
                self.delete_attr(&object, name)?;
            }
            Op::LoadItem => {
                let (index, object) = (frame.pop(), frame.pop());
                let value = self.get_item(&object, &index)?;
                frame.stack.push(value);
            }
            Op::StoreItem => {
                let (index, object, value) = (frame.pop(), frame.pop(), frame.pop());
                self.set_item(&object, index, value)?;
            }
            Op::DeleteItem => {
                let (index, object) = (frame.pop(), frame.pop());
                self.delete_item(&object, &index)?;
            }
            Op::Binary(operator) | Op::InPlace(operator) => {
                let (right, left) = (frame.pop(), frame.pop());
                let is_in_place = matches!(op, Op::InPlace(_));
                let value = self.binary(*operator, &left, &right, is_in_place)?;
                frame.stack.push(value);
            }
            Op::Unary(operator) => {
                let operand = frame.pop();
                let value = self.unary(*operator, &operand)?;
                frame.stack.push(value);
            }
            Op::Compare(operator) => {
                let (right, left) = (frame.pop(), frame.pop());
                let value = self.compare(*operator, &left, &right)?;
                frame.stack.push(value);
            }
            Op::Tuple(_) | Op::List(_) | Op::Set(_) | Op::Dict(_) | Op::Slice(_) | Op::ListToTuple => {
                self.display(frame, op)?;
            }
            Op::ListAppend(_) | Op::SetAdd(_) | Op::DictPut(_) => self.grow(frame, op)?,
            Op::ListExtend(_) | Op::SetUpdate(_) | Op::DictMerge(_) | Op::KeywordMerge(_) => self.grow(frame, op)?,
            Op::Format { conversion, has_spec } => {
                let spec = if *has_spec { frame.pop() } else { Value::str("") };
                let value = frame.pop();
                let text = self.interpolate(&value, *conversion, &spec)?;
                frame.stack.push(text);
            }
            Op::Join(count) => {
                let parts = frame.pop_many(*count as usize);
                let value = self.join_parts(&parts)?;
                frame.stack.push(value);
            }
            Op::Template(count) => {
                let parts = frame.pop_many(*count as usize);
                let object = self.new_obj(Ty::Template, Body::Scalar(Value::tuple(parts)));
                frame.stack.push(object);
            }
            Op::Call { count, names } => {
                let mut pos = frame.pop_many(*count as usize);
                let callee = frame.pop();
                let mut kw = Vec::new();
                if let Some(names) = names {
                    let values = pos.split_off(pos.len() - names.len());
                    kw = names.iter().cloned().zip(values).collect();
                }
                let value = match &callee {
                    Value::Native(native) if native.name == "locals" && frame.names.is_none() => {
                        self.locals_of(frame)?
                    }
                    _ => self.call(&callee, Args { pos, kw })?,
                };
                frame.stack.push(value);
            }
            Op::CallSpread => {
                let (keywords, arguments) = (frame.pop(), frame.pop());
                let callee = frame.pop();
                let pos = self.iterate(&arguments)?;
                let kw = self.keyword_list(&keywords);
                let value = self.call(&callee, Args { pos, kw })?;
                frame.stack.push(value);
            }
            Op::Function(spec) => {
                let value = self.make_function(frame, spec);
                frame.stack.push(value);
            }
            Op::Class(spec) => {
                let (keywords, bases) = (frame.pop(), frame.pop());
                let value = self.make_class(frame, spec, bases, &keywords)?;
                frame.stack.push(value);
            }
            Op::TypeAlias(name, spec) => {
                let function = self.make_function(frame, spec);
                if let Some(value) = self.function(&function) {
                    let alias = self.new_obj(Ty::TypeAliasType, Body::TypeAlias { name: name.clone(), value });
                    frame.stack.push(alias);
                }
            }
            Op::Annotations(spec) => {
                let function = self.make_function(frame, spec);
                self.store_name(frame, &"__annotate_func__".into(), function)?;
            }
            Op::Jump(target) => frame.pc = *target as usize,
            Op::JumpIf { on, target, unknown } => {
                let value = frame.pop();
                if is_harmless(&value) {
                    if let Some(flow) = self.fork(frame, *target, *unknown)? {
                        return Ok(flow);
                    }
                    // What the function does was seen in its outer calls, with values of which as little is known.
                    if self.is_recursive(frame) {
                        return Ok(Flow::Exit(Exit::Return(Value::harmless("<either>"))));
                    }
                }
                match self.test(&value)? {
                    Some(truth) if truth == *on => frame.pc = *target as usize,
                    Some(_) => {}
                    // Reported; what is in the arms is looked at all the same.
                    None if !self.settings.is_compatible
                        && let Some(flow) = self.fork(frame, *target, *unknown)? =>
                    {
                        return Ok(flow);
                    }
                    None => frame.pc = *unknown as usize,
                }
            }
            Op::Filter { target, depth } => {
                let value = frame.pop();
                if is_harmless(&value) {
                    // Nobody knows which elements there will be. A generator may give this one.
                    if let Some(at) = frame.stack.len().checked_sub(usize::from(*depth)).filter(|_| *depth > 0) {
                        frame.stack[at] = Value::harmless("<comprehension>");
                    }
                    return Ok(Flow::Next);
                }
                match self.test(&value)? {
                    Some(true) => {}
                    _ => frame.pc = *target as usize,
                }
            }
            Op::JumpIfOrPop { on, target } => {
                let value = frame.peek(1).clone();
                if is_harmless(&value) {
                    let first = frame.pop();
                    return self.second_operand(frame, first, *target);
                }
                match self.test(&value)? {
                    Some(truth) if truth != *on => {
                        frame.pop();
                    }
                    _ => frame.pc = *target as usize,
                }
            }
            Op::GetIter => {
                let object = frame.pop();
                let value = self.get_iter_soft(&object)?;
                frame.stack.push(value);
            }
            Op::ForIter(end) => {
                let iterator = frame.peek(1).clone();
                match self.next(&iterator)? {
                    Some(value) => frame.stack.push(value),
                    None => {
                        frame.pop();
                        frame.pc = *end as usize;
                    }
                }
            }
            Op::Unpack(count) => {
                let value = frame.pop();
                let items = self.unpack(&value, *count as usize, None)?;
                frame.stack.extend(items.into_iter().rev());
            }
            Op::UnpackRest(before, after) => {
                let value = frame.pop();
                let items = self.unpack(&value, *before as usize, Some(*after as usize))?;
                frame.stack.extend(items.into_iter().rev());
            }
            Op::SetupExcept(handler) => self.set_up(frame, *handler, 0),
            Op::SetupWith(handler) => self.set_up(frame, *handler, 1),
            Op::PopBlock => {
                frame.blocks.pop();
            }
            Op::PopExcept => {
                frame.pop();
                self.handling.pop();
            }
            Op::MatchExcept { target, is_star } => {
                let kind = frame.pop();
                let value = frame.peek(1).clone();
                if !self.matches_exception(&value, &kind, *is_star)? {
                    frame.pc = *target as usize;
                }
            }
            Op::Raise(count) => return self.raise_op(frame, *count),
            Op::Reraise => {
                let value = frame.pop();
                return Err(self.reraised(value));
            }
            Op::WithEnter => {
                let manager = frame.pop();
                let (exit, value) = self.enter_manager(&manager)?;
                frame.stack.extend([exit, value]);
            }
            Op::WithExit => {
                let exit = frame.pop();
                if !exit.is_none() {
                    self.call(&exit, Args::new([Value::None, Value::None, Value::None]))?;
                }
            }
            Op::WithExcept(end) => {
                let value = frame.pop();
                let exit = frame.pop();
                if exit.is_none() || !self.exit_manager(&exit, &value)? {
                    return Err(self.reraised(value));
                }
                self.handling.pop();
                frame.pc = *end as usize;
            }
            Op::Import(spec) => {
                let value = self.import(frame, spec)?;
                frame.stack.push(value);
            }
            Op::ImportFrom(spec) => {
                let value = self.import_from(frame, spec)?;
                frame.stack.push(value);
            }
            Op::ImportStar(spec) => self.import_star(frame, spec)?,
            Op::LoopStart(counter) => frame.loops[*counter as usize] = 0,
            Op::LoopTick(counter, end) => {
                let rounds = &mut frame.loops[*counter as usize];
                *rounds += 1;
                if *rounds > BUDGET.rounds {
                    frame.pc = *end as usize;
                    let fail = self.violation(Rule::TooManyIterations, &[], Value::None);
                    self.soft(fail)?;
                }
            }
            Op::Return => return Ok(Flow::Exit(Exit::Return(frame.pop()))),
            Op::Yield => return Ok(Flow::Exit(Exit::Yield(frame.pop()))),
            Op::YieldFrom => {
                let sent = frame.pop();
                let iterator = frame.pop();
                match self.send(&iterator, sent)? {
                    Ok(value) => {
                        // On resumption the sent value is pushed and the instruction runs again.
                        frame.stack.push(iterator);
                        frame.pc -= 1;
                        return Ok(Flow::Exit(Exit::Yield(value)));
                    }
                    Err(result) => frame.stack.push(result),
                }
            }
            Op::Await => {
                let value = frame.pop();
                let shown = self.show(&value);
                return self.unsupported("await", &shown);
            }
            Op::Match(pattern, values, captures) => {
                let values = frame.pop_many(*values as usize);
                let subject = frame.pop();
                let mut bound = vec![Value::None; *captures as usize];
                let matched = self.match_pattern(pattern, &subject, &values, &mut bound)?;
                frame.stack.extend(bound);
                frame.stack.push(Value::Bool(matched));
            }
            Op::Unsupported(what) => return self.unsupported(what, ""),
        }
        Ok(Flow::Next)
    }

    fn set_up(&mut self, frame: &mut Frame, handler: u32, above: usize) {
        let block = Block { handler, height: frame.stack.len() - above, handling: self.handling.len() };
        frame.blocks.push(block);
    }

    /// The truth of a value; `None` when it cannot be decided, which has been recorded.
    pub(crate) fn test(&mut self, value: &Value) -> R<Option<bool>> {
        match self.truth(value) {
            Ok(truth) => Ok(Some(truth)),
            Err(fail @ Fail::Violation(_)) => self.soft(fail).map(|()| None),
            Err(fail) => Err(fail),
        }
    }

    fn display(&mut self, frame: &mut Frame, op: &Op) -> R<()> {
        let value = match op {
            Op::Tuple(count) => {
                let items = frame.pop_many(*count as usize);
                self.check_nesting(&items)?;
                Value::tuple(items)
            }
            Op::List(count) => {
                let items = frame.pop_many(*count as usize);
                self.new_list(items)
            }
            Op::Set(count) => {
                let items = frame.pop_many(*count as usize);
                self.new_set(Ty::Set, items)?
            }
            Op::Dict(count) => {
                let items = frame.pop_many(2 * *count as usize);
                let dict = self.new_dict();
                let mut items = items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    self.dict_put(dict, key, value, true)?;
                }
                Value::Obj(dict)
            }
            Op::Slice(_) => {
                let parts = frame.pop_many(3);
                let parts: [Value; 3] = parts.try_into().unwrap_or([Value::None, Value::None, Value::None]);
                self.new_obj(Ty::Slice, Body::Slice(Box::new(parts)))
            }
            _ => {
                let list = frame.pop();
                match list.as_obj().map(|obj| self.body(obj).clone()) {
                    Some(Body::List(items)) => {
                        self.check_nesting(&items)?;
                        Value::tuple(items)
                    }
                    _ => list,
                }
            }
        };
        frame.stack.push(value);
        Ok(())
    }

    /// Puts the top values into a container further down.
    fn grow(&mut self, frame: &mut Frame, op: &Op) -> R<()> {
        let value = frame.pop();
        match op {
            Op::ListAppend(depth) => {
                let list = frame.peek(usize::from(*depth)).as_obj();
                if let Some(Body::List(items)) = list.and_then(|list| self.own_mut(list)).map(|object| &mut object.body)
                {
                    items.push(value);
                }
            }
            Op::SetAdd(depth) => {
                let set = frame.peek(usize::from(*depth)).as_obj();
                if let Some(set) = set {
                    self.set_put(set, value, true)?;
                }
            }
            Op::DictPut(depth) => {
                let key = frame.pop();
                let dict = frame.peek(usize::from(*depth) - 1).as_obj();
                if let Some(dict) = dict {
                    self.dict_put(dict, key, value, true)?;
                }
            }
            Op::ListExtend(depth) => {
                let more = self.iterate(&value)?;
                self.check_len(more.len())?;
                let list = frame.peek(usize::from(*depth)).as_obj();
                if let Some(Body::List(items)) = list.and_then(|list| self.own_mut(list)).map(|object| &mut object.body)
                {
                    items.extend(more);
                }
            }
            Op::SetUpdate(depth) => {
                let more = self.iterate(&value)?;
                if let Some(set) = frame.peek(usize::from(*depth)).as_obj() {
                    for item in more {
                        self.set_put(set, item, true)?;
                    }
                }
            }
            Op::DictMerge(depth) | Op::KeywordMerge(depth) => {
                let Some(dict) = frame.peek(usize::from(*depth)).as_obj() else { return Ok(()) };
                let is_call = matches!(op, Op::KeywordMerge(_));
                if is_call && value.is_unknown() {
                    let shown = self.show(&value);
                    return Err(match is_harmless(&value) {
                        true => self.violation(Rule::DroppedKeywords, &[&shown], value),
                        false => self.on_unknown(Rule::DroppedKeywords, &[&shown], &value, &shown),
                    });
                }
                let pairs = self.mapping_items(&value)?;
                for (key, value) in pairs {
                    if is_call && !self.is_instance(&key, Ty::Str) {
                        return self.type_error("keywords must be strings");
                    }
                    self.dict_put(dict, key, value, true)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn keyword_list(&self, keywords: &Value) -> Vec<(Name, Value)> {
        match keywords.as_obj().map(|obj| self.body(obj)) {
            Some(Body::Dict(dict)) => dict
                .iter()
                .filter_map(|(key, value)| match self.plain(key) {
                    Value::Str(name) => Some((name, value.clone())),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn make_function(&mut self, frame: &mut Frame, spec: &FunctionSpec) -> Value {
        let annotations_value = if spec.eager_annotations { Some(frame.pop()) } else { None };
        let values = frame.pop_many(spec.keyword_defaults.len());
        let keyword_defaults = spec.keyword_defaults.iter().cloned().zip(values).collect();
        let defaults = frame.pop_many(spec.defaults);
        let closure = frame.captured(&spec.captured);
        // The deferred annotations see the frame the function is made in.
        let annotate = spec.annotations.as_ref().map(|annotations| Deferred {
            spec: annotations.clone(),
            closure: frame.captured(&annotations.captured),
            namespace: if annotations.sees_class { frame.names.clone() } else { None },
        });
        let function = Function {
            name: spec.name.clone(),
            qualname: spec.qualname.clone(),
            body: spec.body.clone(),
            module: frame.module,
            globals: frame.globals,
            defaults,
            keyword_defaults,
            closure,
            class_cell: frame.class_cell,
            namespace: if spec.sees_class { frame.names.clone() } else { None },
            annotate,
            annotations_value,
            doc: None,
        };
        self.new_obj(Ty::Function, Body::Function(Arc::new(function)))
    }

    fn raise_op(&mut self, frame: &mut Frame, count: u8) -> R<Flow> {
        if count == 0 {
            return match self.handling.last().cloned() {
                Some(raised) => Err(Fail::Raise(Box::new(raised))),
                None => self.raise(Ty::RuntimeError, "no active exceptions"),
            };
        }
        let cause = if count == 2 { Some(frame.pop()) } else { None };
        let value = frame.pop();
        let value = self.exception_instance(value)?;
        if let Some(cause) = cause {
            let cause = if cause.is_none() { cause } else { self.exception_instance(cause)? };
            self.set_hidden(&value, "__cause__", cause);
        }
        if let Some(context) = self.handling.last().map(|raised| raised.value.clone())
            && context != value
        {
            self.set_hidden(&value, "__context__", context);
        }
        Err(self.raised(value))
    }
}

fn is_harmless(value: &Value) -> bool {
    value.as_unknown().is_some_and(|unknown| unknown.is_harmless)
}

/// Puts the stack of a frame in order after a violation, as if the instruction had given an unknown.
fn recover(frame: &mut Frame, op: &Op, height: usize, value: Value) {
    match op {
        Op::ForIter(end) => {
            frame.stack.truncate(height - 1);
            frame.pc = *end as usize;
        }
        Op::WithExcept(end) => {
            frame.stack.truncate(height - 2);
            frame.pc = *end as usize;
        }
        Op::JumpIfOrPop { target, .. } => {
            frame.stack.truncate(height);
            frame.pc = *target as usize;
        }
        Op::MatchExcept { target, .. } => {
            frame.stack.truncate(height - 1);
            frame.pc = *target as usize;
        }
        Op::WithEnter => {
            frame.stack.truncate(height - 1);
            frame.stack.extend([Value::None, value]);
        }
        Op::LoadMethod(_) => {
            frame.stack.truncate(height - 1);
            frame.stack.extend([value, Value::NotImplemented]);
        }
        Op::JumpIf { unknown: target, .. } | Op::Filter { target, .. } => {
            frame.stack.truncate(height - 1);
            frame.pc = *target as usize;
        }
        op => {
            let (taken, left) = op.effect();
            frame.stack.truncate(height.saturating_sub(taken));
            let value = match (op, &value) {
                (Op::Unpack(_) | Op::UnpackRest(..), value) => value.renamed("<failed unpack>"),
                _ => value,
            };
            frame.stack.extend(std::iter::repeat_n(value, left));
        }
    }
}
