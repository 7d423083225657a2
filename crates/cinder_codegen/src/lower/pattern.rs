//! `match`.
//!
//! Idea: what a pattern captures stays in temporaries until the whole pattern has matched; only then are names bound, before the guard.
//! The temporaries of a case are not reused within it, so a capture is just a register.

use super::{Label, Lowerer, Reg};
use cinder_bytecode::{BinaryOp, CompareOp, Constant, Opcode};
use cinder_syntax::ast::{self, Pattern, Singleton, name::Name};
use cinder_text::{Ranged, TextRange};
use num_bigint::BigInt;

/// Names a pattern binds, each with the register of its value.
type Captures<'a> = Vec<(&'a ast::Identifier, Reg)>;

impl<'a> Lowerer<'a> {
    pub(super) fn match_statement(&mut self, node: &'a ast::StmtMatch) {
        let subject = self.temporary(&node.subject);
        let end = self.label();
        let mark = self.top;
        for case in &node.cases {
            let fail = self.label();
            let mut captures = Captures::new();
            if is_wildcard(&case.pattern) && case.guard.is_none() {
                // Nothing is tested, but the line is passed: debuggers stop there.
                self.at(&case.pattern);
                self.emit(Opcode::NOP, 0, 0, 0);
            }
            self.pattern(&case.pattern, subject, fail, &mut captures);
            self.at(&case.pattern);
            for (name, register) in captures {
                self.store_name(&name.id, register);
            }
            self.top = mark;
            if let Some(guard) = &case.guard {
                self.condition(guard, false, fail);
            }
            self.conditional_statements(&case.body);
            self.range = None;
            self.jump(end);
            self.place(fail);
            self.top = mark;
        }
        self.place(end);
    }

    /// Tests `subject` against a pattern; goes on when it matches, else to `fail`.
    fn pattern(&mut self, pattern: &'a Pattern, subject: Reg, fail: Label, captures: &mut Captures<'a>) {
        super::grow(|| match pattern {
            Pattern::MatchValue(node) => {
                let value = self.value(&node.value);
                self.at(node);
                let result = self.alloc();
                self.emit_number(Opcode::COMPARE_OP, result, subject, value, CompareOp::Eq.number().into());
                self.jump_if(result, false, fail);
            }
            Pattern::MatchSingleton(node) => {
                self.at(node);
                let constant = match node.value {
                    Singleton::None => Constant::None,
                    Singleton::True => Constant::True,
                    Singleton::False => Constant::False,
                };
                let value = self.constant_value(constant, None);
                self.emit(Opcode::IS_OP, value, subject, value);
                self.jump_if(value, false, fail);
            }
            Pattern::MatchSequence(node) => self.sequence_pattern(node, subject, fail, captures),
            Pattern::MatchMapping(node) => self.mapping_pattern(node, subject, fail, captures),
            Pattern::MatchClass(node) => self.class_pattern(node, subject, fail, captures),
            Pattern::MatchStar(node) => self.error("starred pattern outside a sequence", node.range),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, subject, fail, captures);
                }
                if let Some(name) = &node.name {
                    self.capture(name, subject, captures);
                }
            }
            Pattern::MatchOr(node) => self.or_pattern(node, subject, fail, captures),
        });
    }

    fn capture(&mut self, name: &'a ast::Identifier, register: Reg, captures: &mut Captures<'a>) {
        if captures.iter().any(|(earlier, _)| earlier.id == name.id) {
            self.error(format!("multiple assignments to name '{}' in pattern", name.id), name.range);
        }
        captures.push((name, register));
    }

    fn test(&mut self, op: Opcode, subject: Reg, fail: Label) {
        let result = self.alloc();
        self.emit(op, result, subject, 0);
        self.jump_if(result, false, fail);
    }

    fn length_test(&mut self, subject: Reg, op: CompareOp, length: usize, fail: Label) {
        let result = self.alloc();
        self.emit(Opcode::GET_LEN, result, subject, 0);
        let wanted = self.constants.place(Constant::Int(BigInt::from(length)));
        self.compare_with_constant(result, result, wanted, op);
        self.jump_if(result, false, fail);
    }

    fn compare_with_constant(&mut self, out: Reg, left: Reg, constant: u32, op: CompareOp) {
        if constant <= u32::from(u16::MAX) {
            return self.emit_number(Opcode::COMPARE_OP_K, out, left, constant, op.number().into());
        }
        let right = self.alloc();
        self.emit_number(Opcode::LOAD_CONST, right, 0, 0, constant);
        self.emit_number(Opcode::COMPARE_OP, out, left, right, op.number().into());
    }

    fn sequence_pattern(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) {
        let patterns = &node.patterns;
        let star = patterns.iter().position(Pattern::is_match_star);
        self.at(node);
        self.test(Opcode::MATCH_SEQUENCE, subject, fail);
        match star {
            None => self.length_test(subject, CompareOp::Eq, patterns.len(), fail),
            Some(_) if patterns.len() > 1 => self.length_test(subject, CompareOp::Ge, patterns.len() - 1, fail),
            Some(_) => {}
        }
        if patterns.iter().all(is_wildcard) {
            return;
        }
        match star {
            Some(star) if is_wildcard(&patterns[star]) => self.items_around_star(node, star, subject, fail, captures),
            _ => self.unpacked_items(node, star, subject, fail, captures),
        }
    }

    /// `[a, *_, b]`: single items by index, so that the middle is never copied.
    fn items_around_star(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        star: usize,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) {
        let count = node.patterns.len();
        for (position, pattern) in node.patterns.iter().enumerate() {
            if is_wildcard(pattern) {
                continue;
            }
            self.at(node);
            let item = self.alloc();
            if position < star {
                self.load_constant(item, Constant::Int(BigInt::from(position)));
            } else {
                // Counted from the end by the length, since a sequence need not know negative indices.
                self.emit(Opcode::GET_LEN, item, subject, 0);
                let back = self.alloc();
                self.load_constant(back, Constant::Int(BigInt::from(count - position)));
                self.emit_number(Opcode::BINARY_OP, item, item, back, BinaryOp::Subtract.number().into());
            }
            self.emit(Opcode::LOAD_SUBSCR, item, subject, item);
            self.pattern(pattern, item, fail, captures);
        }
    }

    fn unpacked_items(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        star: Option<usize>,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) {
        let patterns = &node.patterns;
        let first = self.alloc_run(patterns.len() as u32);
        match star {
            None => self.emit(Opcode::UNPACK_SEQUENCE, first, subject, patterns.len() as Reg),
            Some(star) => {
                let after = (patterns.len() - star - 1) as u32;
                self.emit_number(Opcode::UNPACK_EX, first, subject, star as Reg, after);
            }
        }
        for (position, pattern) in patterns.iter().enumerate() {
            let item = first + position as Reg;
            match pattern {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        self.capture(name, item, captures);
                    }
                }
                _ => self.pattern(pattern, item, fail, captures),
            }
        }
    }

    fn mapping_pattern(
        &mut self,
        node: &'a ast::PatternMatchMapping,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) {
        self.at(node);
        self.test(Opcode::MATCH_MAPPING, subject, fail);
        let count = node.keys.len();
        if count == 0 && node.rest.is_none() {
            return;
        }
        if count > 0 {
            self.length_test(subject, CompareOp::Ge, count, fail);
        }
        let first_key = self.top;
        for key in &node.keys {
            self.temporary(key);
        }
        self.at(node);
        let keys = self.alloc();
        self.emit(Opcode::BUILD_TUPLE, keys, first_key, count as Reg);
        let values = self.alloc();
        self.emit(Opcode::MATCH_KEYS, values, subject, keys);
        self.emit_jump(Opcode::JUMP_IF_NONE, values, 0, 0, fail);
        let first = self.alloc_run(count as u32);
        if count > 0 {
            self.emit(Opcode::UNPACK_SEQUENCE, first, values, count as Reg);
        }
        for (position, pattern) in node.patterns.iter().enumerate() {
            self.pattern(pattern, first + position as Reg, fail, captures);
        }
        if let Some(rest) = &node.rest {
            self.at(node);
            let dict = self.alloc();
            self.emit(Opcode::BUILD_MAP, dict, dict, 0);
            self.emit(Opcode::DICT_UPDATE, dict, subject, 0);
            for position in 0..count as Reg {
                self.emit(Opcode::DELETE_SUBSCR, dict, first_key + position, 0);
            }
            self.capture(rest, dict, captures);
        }
    }

    fn class_pattern(
        &mut self,
        node: &'a ast::PatternMatchClass,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) {
        let arguments = &node.arguments;
        let first = self.alloc();
        self.at(node);
        self.emit(Opcode::MOVE, first, subject, 0);
        self.temporary(&node.cls);
        self.at(node);
        let names = arguments.keywords.iter().map(|keyword| Constant::Str(keyword.attr.id.as_str().into())).collect();
        self.constant_value(Constant::Tuple(names), None);
        let values = self.alloc();
        self.emit(Opcode::MATCH_CLASS, values, first, arguments.patterns.len() as Reg);
        self.emit_jump(Opcode::JUMP_IF_NONE, values, 0, 0, fail);
        let count = arguments.patterns.len() + arguments.keywords.len();
        let items = self.alloc_run(count as u32);
        if count > 0 {
            self.emit(Opcode::UNPACK_SEQUENCE, items, values, count as Reg);
        }
        let patterns = arguments.patterns.iter().chain(arguments.keywords.iter().map(|keyword| &keyword.pattern));
        for (position, pattern) in patterns.enumerate() {
            if !is_wildcard(pattern) {
                self.pattern(pattern, items + position as Reg, fail, captures);
            }
        }
    }

    fn or_pattern(&mut self, node: &'a ast::PatternMatchOr, subject: Reg, fail: Label, captures: &mut Captures<'a>) {
        let matched = self.label();
        let mut shared: Vec<(Name, &'a ast::Identifier, Reg)> = Vec::new();
        let mark = self.top;
        // Every alternative delivers its captures in the registers set aside here; the first says how many.
        let names = captured_names(&node.patterns[0]);
        for name in names {
            let register = self.alloc();
            shared.push((name.id.clone(), name, register));
        }
        let inner = self.top;
        for (position, alternative) in node.patterns.iter().enumerate() {
            let last = position + 1 == node.patterns.len();
            let next = if last { fail } else { self.label() };
            let mut own = Captures::new();
            self.pattern(alternative, subject, next, &mut own);
            self.deliver(&shared, &own, node.range);
            if !last {
                self.range = None;
                self.jump(matched);
                self.place(next);
            }
            self.top = inner;
        }
        self.place(matched);
        debug_assert!(self.top >= mark);
        for (_, name, register) in shared {
            self.capture(name, register, captures);
        }
    }

    fn deliver(&mut self, shared: &[(Name, &'a ast::Identifier, Reg)], own: &Captures<'a>, range: TextRange) {
        let same =
            own.len() == shared.len() && own.iter().all(|(name, _)| shared.iter().any(|(id, ..)| *id == name.id));
        if !same {
            return self.error("alternative patterns bind different names", range);
        }
        for (name, register) in own {
            let (.., place) = shared.iter().find(|(id, ..)| *id == name.id).expect("the sets are equal");
            self.at(*name);
            self.move_to(*place, *register);
        }
    }
}

fn is_wildcard(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(node) => node.pattern.is_none() && node.name.is_none(),
        Pattern::MatchStar(node) => node.name.is_none(),
        _ => false,
    }
}

/// The names a pattern binds, in order.
fn captured_names(pattern: &Pattern) -> Vec<&ast::Identifier> {
    let mut names = Vec::new();
    let mut todo = vec![pattern];
    while let Some(pattern) = todo.pop() {
        match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(node) => todo.extend(&node.patterns),
            Pattern::MatchMapping(node) => {
                names.extend(&node.rest);
                todo.extend(&node.patterns);
            }
            Pattern::MatchClass(node) => {
                todo.extend(&node.arguments.patterns);
                todo.extend(node.arguments.keywords.iter().map(|keyword| &keyword.pattern));
            }
            Pattern::MatchStar(node) => names.extend(&node.name),
            Pattern::MatchAs(node) => {
                names.extend(&node.name);
                todo.extend(node.pattern.as_deref());
            }
            Pattern::MatchOr(node) => todo.extend(node.patterns.first()),
        }
    }
    names.sort_by_key(|name| name.start());
    names
}
