//! Comprehensions, which run in the frame around them, and generator expressions, which do not.
//!
//! Holds: conditions jump forward to the end of their loop, whose one backward jump is its safepoint.

use super::{Label, Lowerer, Reg};
use cinder_bytecode::{Intrinsic, Opcode, flags};
use cinder_semantic::{Resolution, ScopeId, ScopeKind};
use cinder_syntax::ast::{self, Comprehension, Expr};
use cinder_text::{Ranged, TextRange, TextSize};

/// What is done with each item.
#[derive(Clone, Copy)]
enum Item<'a> {
    List(Reg, &'a Expr),
    Set(Reg, &'a Expr),
    Dict(Reg, &'a Expr, &'a Expr),
    /// `{**mapping for ..}`.
    Merge(Reg, &'a Expr),
    Yield(&'a Expr),
}

impl Item<'_> {
    /// From the item's beginning to its end.
    fn range(self) -> TextRange {
        match self {
            Item::List(_, value) | Item::Set(_, value) | Item::Merge(_, value) | Item::Yield(value) => value.range(),
            Item::Dict(_, key, value) => TextRange::new(key.start(), value.end()),
        }
    }
}

impl<'a> Lowerer<'a> {
    pub(super) fn list_comprehension(&mut self, node: &'a ast::ExprListComp, dst: Option<Reg>) -> Reg {
        let make = |register| Item::List(register, &node.elt);
        self.comprehension(ScopeKind::ListComp, node.range, &node.generators, Opcode::BUILD_LIST, make, dst)
    }

    pub(super) fn set_comprehension(&mut self, node: &'a ast::ExprSetComp, dst: Option<Reg>) -> Reg {
        let make = |register| Item::Set(register, &node.elt);
        self.comprehension(ScopeKind::SetComp, node.range, &node.generators, Opcode::BUILD_SET, make, dst)
    }

    pub(super) fn dict_comprehension(&mut self, node: &'a ast::ExprDictComp, dst: Option<Reg>) -> Reg {
        let make = |register| match &node.key {
            Some(key) => Item::Dict(register, key, &node.value),
            None => Item::Merge(register, &node.value),
        };
        self.comprehension(ScopeKind::DictComp, node.range, &node.generators, Opcode::BUILD_MAP, make, dst)
    }

    fn comprehension(
        &mut self,
        kind: ScopeKind,
        range: TextRange,
        clauses: &'a [Comprehension],
        build: Opcode,
        item: impl FnOnce(Reg) -> Item<'a>,
        dst: Option<Reg>,
    ) -> Reg {
        let scope = self.scope_at(kind, range);
        let mark = self.top;
        if !self.index.scope(scope).is_inlined() {
            return self.comprehension_function(scope, range, clauses, build, item, dst);
        }
        let result = self.accumulator(dst);
        let iterator = self.outermost_iterator(&clauses[0], range);
        self.range = Some(range);
        self.emit(build, result, result, 0);
        self.prepare_names(scope);
        self.with_naming(scope, |this| this.clauses(clauses, Some(iterator), item(result), range));
        self.settle(mark, result, dst)
    }

    /// The iterator of the first clause, which belongs to the scope outside.
    fn outermost_iterator(&mut self, clause: &'a Comprehension, range: TextRange) -> Reg {
        let mark = self.top;
        if !clause.is_async
            && let Some(constant) = self.constant_container(&clause.iter)
        {
            self.at(&clause.iter);
            let iterator = self.constant_value(constant, None);
            self.emit(Opcode::GET_ITER, iterator, iterator, 0);
            return iterator;
        }
        let iterable = self.value(&clause.iter);
        let iterator = self.finish(mark, None);
        self.at(&clause.iter);
        if clause.is_async {
            self.range = Some(range);
        }
        let op = if clause.is_async { Opcode::GET_AITER } else { Opcode::GET_ITER };
        self.emit(op, iterator, iterable, 0);
        iterator
    }

    /// Each run of a comprehension has variables of its own.
    fn prepare_names(&mut self, scope: ScopeId) {
        let entry = self.index.scope(scope);
        for symbol in &entry.symbols {
            let id = entry.symbol_id(&symbol.name).expect("the scope holds its own symbol");
            let Some(register) = self.registers.get(&(scope, id)).copied() else { continue };
            match symbol.resolution {
                Resolution::Cell => {
                    self.emit(Opcode::CLEAR, register, 0, 0);
                    self.emit(Opcode::MAKE_CELL, register, 0, 0);
                }
                Resolution::Local => self.emit(Opcode::CLEAR, register, 0, 0),
                _ => {}
            }
        }
    }

    fn clauses(&mut self, clauses: &'a [Comprehension], iterator: Option<Reg>, item: Item<'a>, range: TextRange) {
        let Some((clause, rest)) = clauses.split_first() else { return self.item(item, range) };
        let mark = self.top;
        let iterator = iterator.unwrap_or_else(|| self.outermost_iterator(clause, range));
        let inner = self.top;
        let next = self.label();
        let finish = if clause.is_async {
            self.begin_async_loop(iterator, &clause.target, range)
        } else {
            self.begin_loop(iterator, &clause.target, &clause.iter)
        };
        for test in &clause.ifs {
            self.condition(test, false, next);
        }
        super::grow(|| self.clauses(rest, None, item, range));
        self.top = inner;
        self.place(next);
        self.range = Some(item.range());
        self.end_loop(finish, clause.iter.range());
        self.top = mark;
    }

    fn item(&mut self, item: Item<'a>, range: TextRange) {
        let mark = self.top;
        match item {
            Item::List(list, value) => {
                let register = self.value(value);
                self.at(value);
                self.emit(Opcode::LIST_APPEND, list, register, 0);
            }
            Item::Set(set, value) => {
                let register = self.value(value);
                self.at(value);
                self.emit(Opcode::SET_ADD, set, register, 0);
            }
            Item::Dict(dict, key, value) => {
                let key_register = self.operand(key);
                let register = self.value(value);
                self.range = Some(TextRange::new(key.start(), value.end()));
                self.emit(Opcode::MAP_ADD, dict, key_register, register);
            }
            Item::Merge(dict, value) => {
                let register = self.value(value);
                self.at(value);
                self.emit(Opcode::DICT_UPDATE, dict, register, 0);
            }
            Item::Yield(value) => {
                let register = self.value(value);
                self.at(value);
                self.emit_yield(register, mark);
                self.reserve(mark + 1);
            }
        }
        self.range = Some(range);
        self.top = mark;
    }

    /// Yields to the caller: `out` becomes what is sent.
    pub(super) fn emit_yield(&mut self, value: Reg, out: Reg) {
        if self.flags & flags::ASYNC_GENERATOR != 0 {
            self.reserve(out + 1);
            self.emit(Opcode::CALL_INTRINSIC, out, value, Intrinsic::AsyncGenWrap.number().into());
            self.emit(Opcode::YIELD_VALUE, out, out, 0);
        } else {
            self.emit(Opcode::YIELD_VALUE, out, value, 0);
        }
    }

    pub(super) fn generator_expression(&mut self, node: &'a ast::ExprGenerator, dst: Option<Reg>) -> Reg {
        let scope = self.scope_at(ScopeKind::Generator, node.range);
        let range = self.with_parentheses(node);
        self.comprehension_call(scope, "<genexpr>", range, &node.generators[0], dst, |this| {
            this.clauses(&node.generators, Some(0), Item::Yield(&node.elt), range);
            this.return_none();
        })
    }

    /// The place of a generator expression: a call's only argument borrows the call's parentheses.
    fn with_parentheses(&self, node: &ast::ExprGenerator) -> TextRange {
        let (start, end) = (node.range.start(), node.range.end());
        if node.parenthesized {
            return node.range;
        }
        let open = self.source[..start.to_usize()].rfind('(');
        let close = self.source[end.to_usize()..].find(')');
        match (open, close) {
            (Some(open), Some(close)) => TextRange::new((open as u32).into(), end + TextSize::from(close as u32 + 1)),
            _ => node.range,
        }
    }

    /// A comprehension in an annotation scope of a class: a function of its own.
    fn comprehension_function(
        &mut self,
        scope: ScopeId,
        range: TextRange,
        clauses: &'a [Comprehension],
        build: Opcode,
        item: impl FnOnce(Reg) -> Item<'a>,
        dst: Option<Reg>,
    ) -> Reg {
        let name = match self.index.scope(scope).kind {
            ScopeKind::ListComp => "<listcomp>",
            ScopeKind::SetComp => "<setcomp>",
            _ => "<dictcomp>",
        };
        self.comprehension_call(scope, name, range, &clauses[0], dst, |this| {
            let result = this.alloc();
            this.emit(build, result, result, 0);
            this.clauses(clauses, Some(0), item(result), range);
            this.emit_return(result);
        })
    }

    /// Calls a function made of `body` with the outermost iterator as its argument.
    fn comprehension_call(
        &mut self,
        scope: ScopeId,
        name: &str,
        range: TextRange,
        outermost: &'a Comprehension,
        dst: Option<Reg>,
        body: impl FnOnce(&mut Self),
    ) -> Reg {
        let base = self.top;
        let places = self.function_places(None);
        let line = self.line_number(range.start());
        self.enter(scope, name, line, None);
        self.range = Some(range);
        body(self);
        let code = self.leave();
        self.range = Some(range);
        self.make_function(code, scope, places, None, base, None);
        self.top = base + super::call::HEADER;
        self.reserve(base + super::call::HEADER);
        self.outermost_iterator(outermost, range);
        let out = self.finish(base, dst);
        self.range = Some(range);
        self.emit(Opcode::CALL, out, base, 1);
        out
    }
}

/// A loop that [`Lowerer::begin_loop`] or its async twin opened.
pub(super) struct OpenLoop {
    pub(super) top: Label,
    pub(super) end: Label,
    /// Async loops: the handler that catches StopAsyncIteration, and the one in force outside.
    pub(super) stop: Option<(Label, Option<Label>)>,
}
