//! `match`: values a pattern compares with are put on the stack first, then one instruction decides.

use std::sync::Arc;

use cinder_syntax::ast::{self, Singleton};
use cinder_text::Ranged;

use super::Lowerer;
use crate::code::{Name, Op, Pattern};
use crate::value::Value;

/// What lowering one pattern collects.
#[derive(Default)]
struct Parts {
    values: usize,
    captures: Vec<Name>,
}

impl Parts {
    fn capture(&mut self, name: &str) -> usize {
        let at = self.captures.iter().position(|known| &**known == name);
        at.unwrap_or_else(|| {
            self.captures.push(name.into());
            self.captures.len() - 1
        })
    }
}

impl<'a> Lowerer<'a> {
    pub(super) fn match_statement(&mut self, node: &'a ast::StmtMatch) {
        self.expression(&node.subject);
        let mut ends = Vec::new();
        let mut undecided = Vec::new();
        for case in &node.cases {
            let place = self.at(case.pattern.range());
            self.emit(Op::Dup);
            let mut parts = Parts::default();
            let pattern = self.pattern(&case.pattern, &mut parts);
            self.emit(Op::Match(Arc::new(pattern), parts.values as u32, parts.captures.len() as u32));
            let test = self.emit(Op::JumpIf { on: false, target: 0, unknown: 0 });
            undecided.push((test, parts.captures.len()));
            for name in parts.captures.iter().rev() {
                self.store(name);
            }
            let guard = case.guard.as_ref().map(|guard| {
                self.expression(guard);
                self.emit(Op::JumpIf { on: false, target: 0, unknown: 0 })
            });
            self.emit(Op::Pop);
            self.suite(&case.body);
            ends.push(self.emit(Op::Jump(0)));
            self.land(test);
            for _ in &parts.captures {
                self.emit(Op::Pop);
            }
            if let Some(guard) = guard {
                // A guard that cannot be decided counts as false.
                let here = self.here();
                self.aim(guard, here);
                self.aim_unknown(guard, here);
            }
            self.at(place);
        }
        self.emit(Op::Pop);
        ends.push(self.emit(Op::Jump(0)));
        // An undecidable match runs no case.
        for (test, captures) in undecided {
            let here = self.here();
            self.aim_unknown(test, here);
            for _ in 0..=captures {
                self.emit(Op::Pop);
            }
            ends.push(self.emit(Op::Jump(0)));
        }
        ends.into_iter().for_each(|at| self.land(at));
    }

    fn pattern(&mut self, node: &'a ast::Pattern, parts: &mut Parts) -> Pattern {
        match node {
            ast::Pattern::MatchValue(node) => Pattern::Value(self.value(&node.value, parts)),
            ast::Pattern::MatchSingleton(node) => Pattern::Singleton(match node.value {
                Singleton::None => Value::None,
                Singleton::True => Value::Bool(true),
                Singleton::False => Value::Bool(false),
            }),
            ast::Pattern::MatchSequence(node) => {
                Pattern::Sequence(node.patterns.iter().map(|inner| self.pattern(inner, parts)).collect())
            }
            ast::Pattern::MatchMapping(node) => {
                let keys = node.keys.iter().map(|key| self.value(key, parts)).collect();
                let patterns = node.patterns.iter().map(|inner| self.pattern(inner, parts)).collect();
                let rest = node.rest.as_ref().map(|name| parts.capture(name));
                Pattern::Mapping(keys, patterns, rest)
            }
            ast::Pattern::MatchClass(node) => {
                let class = self.value(&node.cls, parts);
                let positional = node.arguments.patterns.iter().map(|inner| self.pattern(inner, parts)).collect();
                let keywords = node.arguments.keywords.iter();
                let keywords = keywords
                    .map(|keyword| (Name::from(keyword.attr.as_str()), self.pattern(&keyword.pattern, parts)))
                    .collect();
                Pattern::Class(class, positional, keywords)
            }
            ast::Pattern::MatchStar(node) => Pattern::Star(node.name.as_ref().map(|name| parts.capture(name))),
            ast::Pattern::MatchAs(node) => {
                let inner = node.pattern.as_ref().map(|inner| Box::new(self.pattern(inner, parts)));
                Pattern::Bind(inner, node.name.as_ref().map(|name| parts.capture(name)))
            }
            ast::Pattern::MatchOr(node) => {
                Pattern::Or(node.patterns.iter().map(|inner| self.pattern(inner, parts)).collect())
            }
        }
    }

    fn value(&mut self, node: &'a ast::Expr, parts: &mut Parts) -> usize {
        self.expression(node);
        parts.values += 1;
        parts.values - 1
    }
}
