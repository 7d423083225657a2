//! The abstract machine: runs module bodies, knows every value exactly or not at all.
//!
//! Problem: whether importing a module has effects depends on everything its body calls.
//! Idea: run it. There is one path, no joins and no fixpoints; an operation on an unknown value is a [`Violation`], not a guess. Two failures
//! are kept apart: exceptions of the program, which it may catch, and violations, which it may not.
//! Holds: always ends ([`Budget`]); changes nothing outside its own heap; touches an object only on behalf of the module that owns it.

mod attribute;
mod call;
mod class;
pub(crate) mod import;
mod iterate;
mod operate;
mod pattern;
mod run;
mod text;

use std::sync::Arc;

use cinder_db::{Db, File};
use cinder_text::TextRange;
use rustc_hash::FxHashMap;

pub(crate) use run::{Exit, Frame};
pub(crate) use text::{ascii, float_repr, str_repr};

use crate::code::{Name, Piece, Span};
use crate::heap::{Frozen, Heap};
use crate::object::{Body, Function, Object, Ty};
use crate::rules::Rule;
use crate::settings::StrictSettings;
use crate::value::{Fail, Obj, R, Raised, Value, Violation};

/// What one evaluation may use up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Instructions, and elements touched by bulk operations.
    pub(crate) steps: u64,
    /// So many more for each byte of the modules: what is written by programs is long, and takes as long as it is.
    pub(crate) steps_per_byte: u64,
    pub(crate) depth: u32,
    /// Elements of one container.
    pub(crate) elements: usize,
    /// Bytes of one string, bits of one number.
    pub(crate) size: usize,
    /// Rounds of one loop over conditions or user-defined iterators.
    pub(crate) rounds: u32,
}

pub(crate) const BUDGET: Budget =
    Budget { steps: 4_000_000, steps_per_byte: 32, depth: 990, elements: 1_000_000, size: 8_000_000, rounds: 10_000 };

/// Room for so many objects is kept for the next evaluation.
const MOST_SCRATCH: usize = 1 << 16;

thread_local! {
    /// Empty vectors in which evaluations grow their objects; several, because one evaluation may ask for another.
    static SCRATCH: std::cell::RefCell<Vec<Vec<Object>>> = const { std::cell::RefCell::new(Vec::new()) };
}

pub(crate) struct Machine<'db> {
    pub(crate) db: &'db dyn Db,
    pub(crate) settings: &'db StrictSettings,
    /// The number of the heap being filled.
    pub(crate) unit: u32,
    /// Files evaluated together.
    pub(crate) members: Vec<File>,
    pub(crate) objects: Vec<Object>,
    pub(crate) frozen: Frozen,
    pub(crate) modules: Vec<(u32, Obj)>,
    pub(crate) found: Vec<(u32, Violation, u32)>,
    /// The module whose body runs: it owns what is made, and changes only what it owns.
    pub(crate) owner: u32,
    pub(crate) contexts: Vec<Context>,
    /// Exceptions being handled, for a bare `raise`.
    pub(crate) handling: Vec<Raised>,
    pub(crate) steps: u64,
    /// How many there may be.
    pub(crate) most_steps: u64,
    pub(crate) depth: u32,
    /// Objects whose text is being made, so that cycles end.
    pub(crate) showing: Vec<Obj>,
    /// Modules by name, as found by this unit's members.
    pub(crate) located: FxHashMap<(u32, Name), import::Located>,
    /// Pending imports being looked at, so that cycles end.
    pub(crate) forcing: Vec<(Name, Name)>,
    /// Cells of `__class__` that wait for their class.
    pub(crate) pending_cells: Vec<(Name, Obj)>,
    /// How many tests could not be decided, and what the arms of those being followed have changed.
    pub(crate) forks: u32,
    pub(crate) journals: Vec<run::fork::Journal>,
    /// Frames (as many as there were) inside which the warning filters are put back in the end.
    pub(crate) filter_guards: Vec<usize>,
}

/// A frame as violations see it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) span: Span,
    /// Violations are recorded and execution goes on; otherwise they end the frame.
    pub(crate) is_collecting: bool,
    pub(crate) module: Obj,
    /// The class cell and first argument, for `super()`.
    pub(crate) class_cell: Option<Obj>,
    pub(crate) first: Option<Value>,
    /// The namespace, for `locals()` and `exec`.
    pub(crate) globals: Obj,
    pub(crate) names: Option<Value>,
}

impl<'db> Machine<'db> {
    pub(crate) fn new(db: &'db dyn Db, settings: &'db StrictSettings, unit: u32, members: Vec<File>) -> Self {
        Machine {
            db,
            settings,
            unit,
            members,
            objects: SCRATCH.with_borrow_mut(Vec::pop).unwrap_or_default(),
            frozen: Frozen::default(),
            modules: Vec::new(),
            found: Vec::new(),
            owner: unit,
            contexts: Vec::new(),
            handling: Vec::new(),
            steps: 0,
            most_steps: BUDGET.steps,
            depth: 0,
            showing: Vec::new(),
            located: FxHashMap::default(),
            forcing: Vec::new(),
            pending_cells: Vec::new(),
            forks: 0,
            journals: Vec::new(),
            filter_guards: Vec::new(),
        }
    }

    pub(crate) fn into_heap(mut self) -> Heap {
        // Exactly as large as needed: heaps stay, and the memory they grew in is used again.
        let heap = Heap::freeze(self.unit, &mut self.objects, self.modules, self.found, self.steps);
        if self.objects.capacity() <= MOST_SCRATCH {
            SCRATCH.with_borrow_mut(|vectors| vectors.push(self.objects));
        }
        heap
    }

    // Objects

    pub(crate) fn obj(&self, obj: Obj) -> &Object {
        if obj.heap == self.unit {
            return &self.objects[obj.index as usize];
        }
        let heap = self.frozen.get(obj.heap, || self.load_heap(obj.heap));
        heap.object(obj.index)
    }

    pub(crate) fn body(&self, obj: Obj) -> &Body {
        &self.obj(obj).body
    }

    pub(crate) fn alloc(&mut self, class: Obj, body: Body) -> Obj {
        let index = self.objects.len() as u32;
        self.objects.push(Object { owner: self.owner, class, attrs: None, body });
        Obj { heap: self.unit, index }
    }

    pub(crate) fn new_obj(&mut self, ty: Ty, body: Body) -> Value {
        Value::Obj(self.alloc(ty.obj(), body))
    }

    pub(crate) fn new_list(&mut self, items: Vec<Value>) -> Value {
        self.new_obj(Ty::List, Body::List(items))
    }

    pub(crate) fn new_dict(&mut self) -> Obj {
        self.alloc(Ty::Dict.obj(), Body::Dict(crate::dict::Dict::default()))
    }

    /// The object, to be changed on behalf of the running module.
    ///
    /// Errors: a violation when another module owns it.
    pub(crate) fn change(&mut self, obj: Obj) -> R<&mut Object> {
        if obj.heap != self.unit || self.objects[obj.index as usize].owner != self.owner {
            return Err(self.foreign_change(obj, Rule::ModifyImportValue));
        }
        self.touch(obj.index);
        Ok(&mut self.objects[obj.index as usize])
    }

    pub(crate) fn is_own(&self, obj: Obj) -> bool {
        obj.heap == self.unit && self.objects[obj.index as usize].owner == self.owner
    }

    pub(crate) fn foreign_change(&mut self, obj: Obj, rule: Rule) -> Fail {
        let owner = self.obj(obj).owner;
        let shown = self.show(&Value::Obj(obj));
        let (owner, current) = (self.module_name(owner), self.module_name(self.owner));
        self.violation(rule, &[&shown, &owner, &current], Value::None)
    }

    /// The object without asking who owns it: for the machine's own bookkeeping on objects of this heap.
    pub(crate) fn own_mut(&mut self, obj: Obj) -> Option<&mut Object> {
        if obj.heap != self.unit {
            return None;
        }
        self.touch(obj.index);
        self.objects.get_mut(obj.index as usize)
    }

    pub(crate) fn class_of(&self, value: &Value) -> Option<Obj> {
        Some(match value {
            Value::None => Ty::NoneType.obj(),
            Value::Ellipsis => Ty::EllipsisType.obj(),
            Value::NotImplemented => Ty::NotImplementedType.obj(),
            Value::Bool(_) => Ty::Bool.obj(),
            Value::Int(_) | Value::Big(_) => Ty::Int.obj(),
            Value::Float(_) => Ty::Float.obj(),
            Value::Complex(..) => Ty::Complex.obj(),
            Value::Str(_) => Ty::Str.obj(),
            Value::Bytes(_) => Ty::Bytes.obj(),
            Value::Tuple(_) => Ty::Tuple.obj(),
            Value::Native(native) if native.binds => Ty::MethodDescriptor.obj(),
            Value::Native(_) => Ty::NativeFunction.obj(),
            Value::Obj(obj) => self.obj(*obj).class,
            Value::Unknown(_) | Value::Lazy(_) => return None,
        })
    }

    pub(crate) fn class(&self, obj: Obj) -> Option<&crate::object::Class> {
        match self.body(obj) {
            Body::Class(class) => Some(class),
            _ => None,
        }
    }

    pub(crate) fn as_class(&self, value: &Value) -> Option<Obj> {
        let obj = value.as_obj()?;
        self.class(obj).map(|_| obj)
    }

    pub(crate) fn function(&self, value: &Value) -> Option<Arc<Function>> {
        match self.body(value.as_obj()?) {
            Body::Function(function) => Some(function.clone()),
            _ => None,
        }
    }

    pub(crate) fn class_name(&self, obj: Obj) -> Name {
        self.class(obj).map_or_else(|| "?".into(), |class| class.name.clone())
    }

    /// The name of the type of a value, as messages have it.
    pub(crate) fn type_name(&self, value: &Value) -> Name {
        match (value, self.class_of(value)) {
            (_, Some(class)) => self.class_name(class),
            _ => "unknown".into(),
        }
    }

    /// The class, if it is a subclass of `base`.
    pub(crate) fn is_subclass(&self, class: Obj, base: Obj) -> bool {
        class == base || self.class(class).is_some_and(|class| class.mro.contains(&Value::Obj(base)))
    }

    pub(crate) fn is_instance(&self, value: &Value, ty: Ty) -> bool {
        self.class_of(value).is_some_and(|class| self.is_subclass(class, ty.obj()))
    }

    /// The value inside an instance of a subclass of an immutable builtin, else the value itself.
    pub(crate) fn plain(&self, value: &Value) -> Value {
        match value {
            Value::Obj(obj) => match self.body(*obj) {
                Body::Scalar(inner) => inner.clone(),
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }

    // Places

    pub(crate) fn span(&self) -> Span {
        self.contexts.last().map_or(Span { piece: Piece::Text, range: TextRange::default() }, |context| context.span)
    }

    pub(crate) fn is_collecting(&self) -> bool {
        self.contexts.last().is_some_and(|context| context.is_collecting)
    }

    /// Whether a bundled model runs, which knows how to treat values of which nothing is known.
    pub(crate) fn is_in_model(&self) -> bool {
        matches!(self.span().piece, Piece::Model(_))
    }

    /// The module object whose code runs.
    pub(crate) fn current_module(&self) -> Option<Obj> {
        self.contexts.last().map(|context| context.module)
    }

    pub(crate) fn module_name(&self, number: u32) -> Name {
        if number == 0 {
            return "builtins".into();
        }
        let obj = match self.modules.iter().find(|(known, _)| *known == number) {
            Some((_, obj)) => Some(*obj),
            None => {
                let heap = self.heap_of_module(number);
                self.frozen.get(heap, || self.load_heap(heap)).module(number)
            }
        };
        match obj.map(|obj| self.body(obj)) {
            Some(Body::Module(module)) => module.name.clone(),
            _ => "?".into(),
        }
    }

    // Failures

    pub(crate) fn violation(&mut self, rule: Rule, fields: &[&str], value: Value) -> Fail {
        let fields = fields.iter().map(|field| Name::from(*field)).collect();
        let span = self.span();
        Violation { rule, fields, span, value, cause: None, origin: None, blame: None }.into()
    }

    /// A violation about an unknown value.
    ///
    /// Of a harmless one nothing is known either, but there is nothing to report.
    pub(crate) fn on_unknown(&mut self, rule: Rule, fields: &[&str], subject: &Value, result: &str) -> Fail {
        if subject.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            return Fail::Undecided;
        }
        let origin = subject.as_unknown().and_then(|unknown| unknown.origin);
        let blame = subject.as_unknown().and_then(|unknown| unknown.blame);
        let result = crate::value::clipped(result);
        let unknown = crate::value::Unknown { name: result.into(), origin, is_harmless: false, blame };
        let fields = fields.iter().map(|field| Name::from(*field)).collect();
        let span = self.span();
        Violation { rule, fields, span, value: Value::Unknown(Arc::new(unknown)), cause: None, origin, blame }.into()
    }

    pub(crate) fn unsupported<T>(&mut self, operation: &str, what: &str) -> R<T> {
        Err(self.violation(Rule::Unsupported, &[operation, what], Value::unknown(operation)))
    }

    /// As [`Machine::unsupported`], for a value whose contents the operation needs.
    pub(crate) fn unsupported_value<T>(&mut self, operation: &str, value: &Value) -> R<T> {
        if value.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            return Err(Fail::Undecided);
        }
        let shown = self.show(value);
        self.unsupported(operation, &shown)
    }

    /// Records the violation and goes on where violations are collected; fails with it elsewhere.
    pub(crate) fn soft(&mut self, fail: Fail) -> R<()> {
        match fail {
            Fail::Violation(violation) if self.is_collecting() => {
                self.record(*violation);
                Ok(())
            }
            Fail::Undecided => Ok(()),
            fail => Err(fail),
        }
    }

    /// The value a violation leaves, marked as its consequence.
    pub(crate) fn blamed(&self, value: Value, at: Option<u32>) -> Value {
        match value {
            Value::Unknown(unknown) if unknown.blame.is_none() && !unknown.is_harmless => {
                let mut unknown = crate::value::Unknown::clone(&unknown);
                unknown.blame = at;
                Value::Unknown(Arc::new(unknown))
            }
            value => value,
        }
    }

    /// Notes a violation for the module whose body runs. The same one at the same place is counted, and so are consequences of an earlier
    /// one. Gives the place of the violation that is to blame.
    pub(crate) fn record(&mut self, violation: Violation) -> Option<u32> {
        let owner = self.owner;
        if let Some(at) = violation.blame
            && !self.settings.is_compatible
        {
            if let Some((_, _, count)) = self.found.get_mut(at as usize) {
                *count += 1;
            }
            return Some(at);
        }
        let same = self.found.iter().enumerate().rev().take(64).find(|(_, (module, known, _))| {
            *module == owner
                && known.rule == violation.rule
                && known.span == violation.span
                && known.fields == violation.fields
        });
        match same.map(|(at, _)| at) {
            Some(at) => {
                self.found[at].2 += 1;
                Some(at as u32)
            }
            None if self.found.len() < 1_000 => {
                self.found.push((owner, violation, 1));
                Some(self.found.len() as u32 - 1)
            }
            None => None,
        }
    }

    /// Notes a violation that ends nothing: the program goes on as it would.
    pub(crate) fn record_aside(&mut self, violation: Violation) {
        // The place is the module's own level; the call chain becomes the cause.
        let mut violation = violation;
        for context in self.contexts.iter().rev().skip(1) {
            if self.contexts.last().is_some_and(|last| last.is_collecting) {
                break;
            }
            let outer = Violation {
                rule: violation.rule,
                fields: violation.fields.clone(),
                span: context.span,
                value: Value::None,
                cause: Some(Arc::new(violation)),
                origin: None,
                blame: None,
            };
            violation = outer;
            if context.is_collecting {
                break;
            }
        }
        self.record(violation);
    }

    pub(crate) fn raise<T>(&mut self, ty: Ty, message: impl Into<String>) -> R<T> {
        let message: String = message.into();
        self.raise_with(ty, vec![Value::Str(message.into())])
    }

    pub(crate) fn raise_with<T>(&mut self, ty: Ty, args: Vec<Value>) -> R<T> {
        let value = self.new_obj(ty, Body::Exception(args));
        Err(self.raised(value))
    }

    pub(crate) fn raised(&mut self, value: Value) -> Fail {
        let name = self.type_name(&value);
        let trace = vec![(self.span(), name)];
        Fail::Raise(Box::new(Raised { value, trace }))
    }

    pub(crate) fn type_error<T>(&mut self, message: impl Into<String>) -> R<T> {
        self.raise(Ty::TypeError, message)
    }

    /// Whether the failure is an exception of this class.
    pub(crate) fn is_raised(&self, fail: &Fail, ty: Ty) -> bool {
        matches!(fail, Fail::Raise(raised) if self.is_instance(&raised.value, ty))
    }

    /// Uses up steps.
    ///
    /// Errors: stops the evaluation when there are none left; that is reported once, at the module's own level.
    pub(crate) fn charge(&mut self, steps: usize) -> R<()> {
        self.steps += steps as u64;
        if self.steps <= self.most_steps {
            return Ok(());
        }
        self.budget_exceeded("steps");
        Err(Fail::Stop)
    }

    pub(crate) fn budget_exceeded(&mut self, what: &str) {
        let place = self.contexts.iter().rev().find(|context| context.is_collecting).or(self.contexts.first());
        let span = place.map_or(self.span(), |context| context.span);
        let fields = vec![what.into()];
        let rule = Rule::BudgetExceeded;
        self.record(Violation { rule, fields, span, value: Value::None, cause: None, origin: None, blame: None });
    }

    /// Refuses containers that are too large.
    pub(crate) fn check_len(&mut self, len: usize) -> R<()> {
        if len <= BUDGET.elements {
            return self.charge(len / 4);
        }
        Err(self.violation(Rule::BudgetExceeded, &["elements"], Value::unknown("<too large>")))
    }

    /// Refuses tuples inside tuples beyond any use, since values are dropped by recursion and compared part by part, however often a part occurs.
    pub(crate) fn check_nesting(&mut self, items: &[Value]) -> R<()> {
        let mut left = BUDGET.elements;
        if nesting_fits(items, 200, &mut left) {
            return self.charge((BUDGET.elements - left) / 64);
        }
        Err(self.violation(Rule::BudgetExceeded, &["nesting"], Value::unknown("<nested too deeply>")))
    }

    /// Refuses strings and numbers that are too large.
    pub(crate) fn check_size(&mut self, size: usize) -> R<()> {
        if size <= BUDGET.size {
            return self.charge(size / 64);
        }
        Err(self.violation(Rule::BudgetExceeded, &["size"], Value::unknown("<too large>")))
    }
}

/// Whether tuples nest no deeper than `depth` and have no more than `left` elements in all.
fn nesting_fits(items: &[Value], depth: u32, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(items.len()) else { return false };
    *left = rest;
    items.iter().all(|item| match item {
        Value::Tuple(inner) => depth > 0 && nesting_fits(inner, depth - 1, left),
        _ => true,
    })
}
