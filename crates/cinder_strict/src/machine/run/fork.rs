//! Tests that cannot be decided although nothing is wrong with them.
//!
//! Problem: `if PATTERN.match(name):` has no effect, but the value is one of which only that is known. A violation would be a false alarm,
//! and going on behind the statement would miss the effects of both arms.
//! Idea: run both arms from the same heap. What they leave differently is unknown from there on, and harmless; an arm that raises is taken
//! for the one that is not meant. An arm that leaves by `continue` counts as one that falls through; when one leaves by `break`, the other
//! runs the rest of the loop's body once, and both go on behind the loop.
//! Only objects that an arm changes are copied, when it first changes them.
//! Holds: bounded: an evaluation forks at most [`FORKS`] times and nests [`NESTED`] deep; beyond that the test is a violation.

use rustc_hash::FxHashMap;

use super::{Exit, Flow, Frame};
use crate::code::{Op, Piece};
use crate::dict::Dict;
use crate::machine::Machine;
use crate::object::{Body, Object};
use crate::value::{Fail, Obj, R, Value};

/// Undecided tests that one evaluation follows both ways.
const FORKS: u32 = 20_000;

/// Undecided tests inside one another.
const NESTED: usize = 12;

/// Calls of a function inside itself after which an undecided test ends it.
const RECURSIONS: usize = 3;

/// What objects were like before an arm changed them.
#[derive(Default)]
pub(crate) struct Journal {
    /// Objects from here on are the arm's own.
    known: usize,
    before: FxHashMap<u32, Object>,
}

/// The objects of before the test as an arm left them. Those it made stay where they are, for modules that it imported may know them.
#[derive(Default)]
struct Branch {
    changed: FxHashMap<u32, Object>,
}

/// How an arm ended.
enum Outcome {
    /// It came to where both go on.
    Through,
    Returned(Value),
    Raised(Fail),
}

impl Machine<'_> {
    /// To be called before an object of this heap changes.
    pub(crate) fn touch(&mut self, index: u32) {
        if let Some(journal) = self.journals.last_mut()
            && (index as usize) < journal.known
            && let Some(object) = self.objects.get(index as usize)
        {
            journal.before.entry(index).or_insert_with(|| object.clone());
        }
    }

    /// Runs both ways out of the test before `frame.pc`; `None` when the test has to be a violation.
    ///
    /// Errors: violations of either arm, where violations are not collected; the exception, when both arms raise.
    pub(super) fn fork(&mut self, frame: &mut Frame, target: u32, join: u32) -> R<Option<Flow>> {
        let start = frame.pc;
        let (target, join) = (target as usize, join as usize);
        if join < start || self.forks > FORKS || self.journals.len() >= NESTED || leaves_generator(frame, join) {
            return Ok(None);
        }
        self.forks += 1;
        let mut olds = FxHashMap::default();
        let result = self.both_arms(frame, target, join, &mut olds);
        // The outer arm changed what the inner ones changed.
        if let Some(outer) = self.journals.last_mut() {
            for (index, old) in olds {
                if (index as usize) < outer.known {
                    outer.before.entry(index).or_insert(old);
                }
            }
        }
        result.map(Some)
    }

    /// Whether the frame is that of a function that has called itself a few times.
    pub(super) fn is_recursive(&self, frame: &Frame) -> bool {
        let piece = frame.code.piece;
        let is_function = matches!(piece, Piece::Function(..)) && !frame.code.is_generator;
        is_function && self.contexts.iter().filter(|context| context.span.piece == piece).count() > RECURSIONS
    }

    fn both_arms(
        &mut self,
        frame: &mut Frame,
        target: usize,
        join: usize,
        olds: &mut FxHashMap<u32, Object>,
    ) -> R<Flow> {
        let start = frame.pc;
        let known = self.objects.len();
        let modules = self.modules.len();
        let mut first = frame.clone();
        let outcome = self.arm(&mut first, start..join, olds)?;
        // Modules that were imported stay imported; the second arm then goes on from what the first left.
        let is_shared = self.modules.len() != modules;
        let mut mine = if is_shared { Branch::default() } else { self.take_branch(olds) };
        frame.pc = target;
        let end = if matches!(outcome, Outcome::Through) { join.max(first.pc) } else { join };
        let other = self.arm(frame, start..end, olds)?;
        if let (Outcome::Through, Outcome::Through) = (&outcome, &other)
            && frame.pc > end
        {
            // The second arm left the loop: the first one runs the rest of the body.
            if !is_shared {
                let other = self.take_branch(olds);
                self.put_branch(std::mem::replace(&mut mine, other));
            }
            let rest = self.arm(&mut first, start..frame.pc, olds)?;
            if let Outcome::Through = rest {
                self.merge_heap(&mine, known, olds);
            } else if !is_shared {
                self.take_branch(olds);
                self.put_branch(mine);
            }
            merge_locals(frame, &first);
            return Ok(Flow::Next);
        }
        match (outcome, other) {
            (Outcome::Raised(_), Outcome::Raised(fail)) => Err(fail),
            (Outcome::Raised(_), Outcome::Through) => Ok(Flow::Next),
            (Outcome::Raised(_), Outcome::Returned(value)) => Ok(Flow::Exit(Exit::Return(value))),
            (outcome, Outcome::Raised(_)) => {
                if !is_shared {
                    self.take_branch(olds);
                    self.put_branch(mine);
                }
                *frame = first;
                Ok(match outcome {
                    Outcome::Returned(value) => Flow::Exit(Exit::Return(value)),
                    _ => Flow::Next,
                })
            }
            (Outcome::Through, Outcome::Through) => {
                self.merge_heap(&mine, known, olds);
                if frame.pc == first.pc {
                    merge_frame(frame, &first);
                } else if first.pc > join {
                    merge_locals(&mut first, frame);
                    *frame = first;
                } else {
                    merge_locals(frame, &first);
                }
                Ok(Flow::Next)
            }
            (Outcome::Returned(a), Outcome::Returned(b)) => {
                self.merge_heap(&mine, known, olds);
                Ok(Flow::Exit(Exit::Return(either(a, b))))
            }
            // One arm ends the function: what follows the statement belongs to the other.
            (Outcome::Returned(value), Outcome::Through) => {
                let rest = self.rest(frame, olds)?;
                self.merge_heap(&mine, known, olds);
                Ok(Flow::Exit(Exit::Return(rest.map_or(value.clone(), |rest| either(value, rest)))))
            }
            (Outcome::Through, Outcome::Returned(value)) => {
                if !is_shared {
                    let other = self.take_branch(olds);
                    self.put_branch(std::mem::replace(&mut mine, other));
                }
                let rest = self.rest(&mut first, olds)?;
                self.merge_heap(&mine, known, olds);
                Ok(Flow::Exit(Exit::Return(rest.map_or(value.clone(), |rest| either(value, rest)))))
            }
        }
    }

    /// Takes back what happened to the objects of before the test.
    fn take_branch(&mut self, olds: &FxHashMap<u32, Object>) -> Branch {
        let restore = |(index, old): (&u32, &Object)| {
            let object = self.objects.get_mut(*index as usize)?;
            Some((*index, std::mem::replace(object, old.clone())))
        };
        Branch { changed: olds.iter().filter_map(restore).collect() }
    }

    /// Does again what was taken back.
    fn put_branch(&mut self, branch: Branch) {
        for (index, object) in branch.changed {
            if let Some(place) = self.objects.get_mut(index as usize) {
                *place = object;
            }
        }
    }

    /// Runs the frame while it stays within a range of instructions.
    ///
    /// Errors: violations, and the end of the budget.
    fn arm(
        &mut self,
        frame: &mut Frame,
        range: std::ops::Range<usize>,
        olds: &mut FxHashMap<u32, Object>,
    ) -> R<Outcome> {
        self.journals.push(Journal { known: self.objects.len(), before: FxHashMap::default() });
        let outcome = self.journalled_arm(frame, range);
        if let Some(journal) = self.journals.pop() {
            for (index, old) in journal.before {
                olds.entry(index).or_insert(old);
            }
        }
        outcome
    }

    fn journalled_arm(&mut self, frame: &mut Frame, range: std::ops::Range<usize>) -> R<Outcome> {
        let (contexts, handling) = (self.contexts.len(), self.handling.len());
        let code = frame.code.clone();
        let is_collecting = self.is_collecting();
        let outcome = match self.run_within(frame, &code, is_collecting, range) {
            Ok(None) => Outcome::Through,
            Ok(Some(Exit::Return(value) | Exit::Yield(value))) => Outcome::Returned(value),
            Err(fail @ Fail::Raise(_)) => Outcome::Raised(fail),
            Err(fail) => return Err(fail),
        };
        self.contexts.truncate(contexts);
        self.handling.truncate(handling);
        Ok(outcome)
    }

    /// Runs the frame to its end; `None` when that raises.
    fn rest(&mut self, frame: &mut Frame, olds: &mut FxHashMap<u32, Object>) -> R<Option<Value>> {
        let end = frame.code.ops.len();
        match self.arm(frame, 0..end, olds)? {
            Outcome::Returned(value) => Ok(Some(value)),
            Outcome::Through => Ok(Some(Value::None)),
            Outcome::Raised(_) => Ok(None),
        }
    }

    /// The rest of `and`, `or` or a chained comparison after an undecided operand, which has been taken from the stack.
    ///
    /// A comparison that comes to its end lies behind `target`, where the operand that would have been the next link's is thrown away.
    pub(super) fn second_operand(&mut self, frame: &mut Frame, first: Value, target: u32) -> R<Flow> {
        let height = frame.stack.len();
        let range = frame.pc..target as usize;
        let end = range.end;
        if leaves_generator(frame, end) {
            frame.stack.push(first);
            frame.pc = end;
            return Ok(Flow::Next);
        }
        let value = match self.journalled_arm(frame, range)? {
            Outcome::Returned(value) => return Ok(Flow::Exit(Exit::Return(value))),
            Outcome::Through => {
                let second = frame.pop();
                if frame.pc == end {
                    frame.stack.truncate(height);
                }
                either(first, second)
            }
            Outcome::Raised(_) => {
                frame.stack.resize(height, Value::None);
                frame.pc = end;
                first
            }
        };
        frame.stack.push(value);
        Ok(Flow::Next)
    }

    /// Makes unknown what the other arm left differently in the first `known` objects.
    fn merge_heap(&mut self, other: &Branch, known: usize, olds: &FxHashMap<u32, Object>) {
        let mut indices: Vec<u32> = olds.keys().copied().filter(|index| (*index as usize) < known).collect();
        indices.sort_unstable();
        for index in indices {
            let at = index as usize;
            let Some(theirs) = other.changed.get(&index).or_else(|| olds.get(&index)) else { continue };
            if is_same(&self.objects[at], theirs) {
                continue;
            }
            merge_body(&mut self.objects[at].body, &theirs.body);
            let Some(attrs) = theirs.attrs.filter(|attrs| self.objects[at].attrs != Some(*attrs)) else { continue };
            let made = self
                .objects
                .get(attrs.index as usize)
                .filter(|_| attrs.heap == self.unit && attrs.index as usize >= known);
            if let Some(Body::Dict(theirs)) = made.map(|object| object.body.clone()) {
                let dict = self.attr_dict(Obj { heap: self.unit, index });
                if let Some(Body::Dict(mine)) = dict.and_then(|dict| self.own_mut(dict)).map(|object| &mut object.body)
                {
                    merge_dict(mine, &theirs);
                }
            }
        }
    }
}

/// Whether nothing happened to the object; code is compared by place.
fn is_same(a: &Object, b: &Object) -> bool {
    a.attrs == b.attrs
        && match (&a.body, &b.body) {
            (Body::Function(a), Body::Function(b)) => std::sync::Arc::ptr_eq(a, b),
            (Body::Code(a), Body::Code(b)) => std::sync::Arc::ptr_eq(a, b),
            (a, b) => a == b,
        }
}

fn merge_body(mine: &mut Body, theirs: &Body) {
    match (mine, theirs) {
        (Body::Dict(mine), Body::Dict(theirs)) => merge_dict(mine, theirs),
        (Body::Class(mine), Body::Class(theirs)) => merge_dict(&mut mine.dict, &theirs.dict),
        (Body::Cell(mine), Body::Cell(theirs)) => {
            if let (Some(a), Some(b)) = (mine.clone(), theirs.clone()) {
                *mine = Some(either(a, b));
            } else if mine.is_none() {
                *mine = theirs.as_ref().map(|_| Value::harmless("<either>"));
            }
        }
        // Which elements a list or set has is then a guess; nothing but their number can surprise.
        _ => {}
    }
}

fn merge_dict(mine: &mut Dict, theirs: &Dict) {
    let mut changes: Vec<(u64, Value, Value)> = Vec::new();
    for (hash, key, theirs) in theirs.entries() {
        let value = match mine.get(hash, key) {
            Some(mine) if mine == theirs => continue,
            // One arm has looked at the import.
            Some(Value::Lazy(_)) => theirs.clone(),
            Some(_) if matches!(theirs, Value::Lazy(_)) => continue,
            Some(mine) => either(mine.clone(), theirs.clone()),
            None => Value::harmless("<either>"),
        };
        changes.push((hash, key.clone(), value));
    }
    for (hash, key, value) in changes {
        mine.insert(hash, key, value);
    }
}

/// Whether an arm would leave a generator, which cannot be done twice.
fn leaves_generator(frame: &Frame, join: usize) -> bool {
    let leaves = |op: &Op| matches!(op, Op::Yield | Op::YieldFrom | Op::Await | Op::Return);
    frame.code.is_generator && frame.code.ops[frame.pc..join.min(frame.code.ops.len())].iter().any(leaves)
}

fn merge_frame(frame: &mut Frame, other: &Frame) {
    merge_locals(frame, other);
    for (mine, theirs) in frame.stack.iter_mut().zip(&other.stack) {
        if mine != theirs {
            *mine = either(mine.clone(), theirs.clone());
        }
    }
}

fn merge_locals(frame: &mut Frame, other: &Frame) {
    for (mine, theirs) in frame.locals.iter_mut().zip(&other.locals) {
        match (&*mine, theirs) {
            (Some(a), Some(b)) if a != b => *mine = Some(either(a.clone(), b.clone())),
            (None, Some(_)) => *mine = Some(Value::harmless("<either>")),
            _ => {}
        }
    }
}

/// What is known of a value that is one of two.
fn either(a: Value, b: Value) -> Value {
    if a == b {
        return a;
    }
    for value in [&a, &b] {
        // Nothing is known of one of them, and perhaps it may not be used.
        if value.as_unknown().is_some_and(|unknown| !unknown.is_harmless) {
            return value.clone();
        }
    }
    Value::harmless("<either>")
}
