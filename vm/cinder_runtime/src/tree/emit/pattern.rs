//! Patterns of `match`.

use cinder_vm::{PyResult, Value};

use super::Emitter;

impl Emitter<'_> {
    pub(super) fn pattern(&mut self, node: Value) -> PyResult<()> {
        self.vm.check_native_stack()?;
        let class = self.kind(node, "pattern")?;
        let place = self.place(node, "pattern")?;
        let class = class.as_str();
        let is_grouped = class == "MatchOr" || (class == "MatchAs" && self.optional(node, "pattern")?.is_some());
        if is_grouped {
            self.push("(");
        }
        let start = self.text.len();
        match class {
            "MatchValue" => {
                let value = self.required(node, class, "value")?;
                self.pattern_value(value)?;
            }
            "MatchSingleton" => {
                let value = self.attribute(node, "value")?.unwrap_or(Value::NONE);
                if !value.is_none() && value.as_bool().is_none() {
                    return Err(self.vm.value_error("MatchSingleton can only contain True, False and None"));
                }
                self.constant(value)?;
            }
            "MatchSequence" => {
                let patterns = self.items(node, class, "patterns")?;
                self.push("[");
                self.separated(&patterns, Self::pattern)?;
                self.push("]");
            }
            "MatchMapping" => self.mapping(node, class)?,
            "MatchClass" => self.class_pattern(node, class)?,
            "MatchStar" => {
                self.push("*");
                self.capture(node)?;
            }
            "MatchAs" => {
                if let Some(inner) = self.optional(node, "pattern")? {
                    if self.optional(node, "name")?.is_none() {
                        return Err(self.vm.value_error("MatchAs must specify a target name if a pattern is given"));
                    }
                    self.pattern(inner)?;
                    self.push(" as ");
                }
                self.capture(node)?;
            }
            "MatchOr" => {
                let patterns = self.items(node, class, "patterns")?;
                if patterns.len() < 2 {
                    return Err(self.vm.value_error("MatchOr requires at least 2 patterns"));
                }
                for (index, pattern) in patterns.iter().enumerate() {
                    if index > 0 {
                        self.push(" | ");
                    }
                    self.pattern(*pattern)?;
                }
            }
            _ => return Err(self.vm.system_error(format!("unexpected pattern {class}"))),
        }
        self.note(start, place);
        if is_grouped {
            self.push(")");
        }
        Ok(())
    }

    /// The name a pattern binds, or `_`.
    fn capture(&mut self, node: Value) -> PyResult<()> {
        match self.optional(node, "name")? {
            None => self.push("_"),
            Some(name) => {
                let name = self.identifier(name)?;
                if name == "_" {
                    return Err(self.vm.value_error("can't capture name '_' in patterns"));
                }
                self.push(&name);
            }
        }
        Ok(())
    }

    /// Literals, sums of a number and an imaginary number, dotted names: without parentheses, which patterns do not allow.
    fn pattern_value(&mut self, node: Value) -> PyResult<()> {
        let class = self.kind(node, "expr")?;
        let place = self.place(node, "expr")?;
        let start = self.text.len();
        match class.as_str() {
            "UnaryOp" => {
                let operand = self.required(node, "UnaryOp", "operand")?;
                self.push("-");
                self.pattern_value(operand)?;
            }
            "BinOp" => {
                let (left, right) = (self.required(node, "BinOp", "left")?, self.required(node, "BinOp", "right")?);
                let op = self.required(node, "BinOp", "op")?;
                let symbol = self.operator(op)?;
                self.pattern_value(left)?;
                self.push(&format!(" {symbol} "));
                self.pattern_value(right)?;
            }
            "Constant" => {
                let value = self.required(node, "Constant", "value")?;
                let from = self.text.len();
                self.constant(value)?;
                // `(-1)` and `(1.0+2.0j)` lose their parentheses.
                if self.text[from..].starts_with('(') && self.vm.as_tuple(value).is_none() {
                    self.text.remove(from);
                    self.text.pop();
                }
            }
            "Attribute" | "JoinedStr" | "TemplateStr" => return self.expression(node),
            _ => return Err(self.vm.value_error("patterns may only match literals and attribute lookups")),
        }
        self.note(start, place);
        Ok(())
    }

    fn mapping(&mut self, node: Value, class: &str) -> PyResult<()> {
        let (keys, patterns) = (self.items(node, class, "keys")?, self.items(node, class, "patterns")?);
        if keys.len() != patterns.len() {
            return Err(self.vm.value_error("MatchMapping doesn't have the same number of keys as patterns"));
        }
        self.push("{");
        for (key, pattern) in keys.iter().zip(patterns.iter()) {
            self.pattern_value(*key)?;
            self.push(": ");
            self.pattern(*pattern)?;
            self.push(", ");
        }
        if let Some(rest) = self.optional(node, "rest")? {
            let rest = self.identifier(rest)?;
            self.push("**");
            self.push(&rest);
        }
        self.push("}");
        Ok(())
    }

    fn class_pattern(&mut self, node: Value, class: &str) -> PyResult<()> {
        let cls = self.required(node, class, "cls")?;
        let patterns = self.items(node, class, "patterns")?;
        let (names, keyword_patterns) =
            (self.items(node, class, "kwd_attrs")?, self.items(node, class, "kwd_patterns")?);
        if names.len() != keyword_patterns.len() {
            return Err(self
                .vm
                .value_error("MatchClass doesn't have the same number of keyword attributes as patterns"));
        }
        self.expression(cls)?;
        self.push("(");
        for pattern in &patterns {
            self.pattern(*pattern)?;
            self.push(", ");
        }
        for (name, pattern) in names.iter().zip(keyword_patterns.iter()) {
            let name = self.identifier(*name)?;
            self.push(&name);
            self.push("=");
            self.pattern(*pattern)?;
            self.push(", ");
        }
        self.push(")");
        Ok(())
    }
}
