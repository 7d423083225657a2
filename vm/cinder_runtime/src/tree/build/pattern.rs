//! Patterns of `match`.

use cinder_syntax::ast::{Pattern, Singleton};
use cinder_text::Ranged;
use cinder_vm::{PyResult, Value};

use super::Builder;

impl Builder<'_> {
    fn patterns(&self, patterns: &[Pattern]) -> PyResult<Value> {
        self.list(patterns, |pattern| self.pattern(pattern))
    }

    pub(super) fn pattern(&self, pattern: &Pattern) -> PyResult<Value> {
        self.vm.check_native_stack()?;
        let range = pattern.range();
        match pattern {
            Pattern::MatchValue(node) => self.located("MatchValue", range, &[("value", self.expression(&node.value)?)]),
            Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    Singleton::None => Value::NONE,
                    Singleton::True => Value::TRUE,
                    Singleton::False => Value::FALSE,
                };
                self.located("MatchSingleton", range, &[("value", value)])
            }
            Pattern::MatchSequence(node) => {
                self.located("MatchSequence", range, &[("patterns", self.patterns(&node.patterns)?)])
            }
            Pattern::MatchMapping(node) => {
                let (keys, patterns) = (self.expressions(&node.keys)?, self.patterns(&node.patterns)?);
                let rest = self.optional_name(node.rest.as_ref());
                self.located("MatchMapping", range, &[("keys", keys), ("patterns", patterns), ("rest", rest)])
            }
            Pattern::MatchClass(node) => {
                let keywords = &node.arguments.keywords;
                let fields = [
                    ("cls", self.expression(&node.cls)?),
                    ("patterns", self.patterns(&node.arguments.patterns)?),
                    ("kwd_attrs", self.list(keywords, |keyword| Ok(self.name(keyword.attr.as_str())))?),
                    ("kwd_patterns", self.list(keywords, |keyword| self.pattern(&keyword.pattern))?),
                ];
                self.located("MatchClass", range, &fields)
            }
            Pattern::MatchStar(node) => {
                self.located("MatchStar", range, &[("name", self.optional_name(node.name.as_ref()))])
            }
            Pattern::MatchAs(node) => {
                let inner = node.pattern.as_deref().map_or(Ok(Value::NONE), |pattern| self.pattern(pattern))?;
                let name = self.optional_name(node.name.as_ref());
                self.located("MatchAs", range, &[("pattern", inner), ("name", name)])
            }
            Pattern::MatchOr(node) => self.located("MatchOr", range, &[("patterns", self.patterns(&node.patterns)?)]),
        }
    }
}
