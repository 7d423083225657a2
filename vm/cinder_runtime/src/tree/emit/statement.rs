//! Statements.

use cinder_vm::{PyResult, Value};

use super::Emitter;
use super::expression::Context;

impl Emitter<'_> {
    /// The statements of a list field, each on a line of its own.
    pub(super) fn statements(&mut self, node: Value, class: &str, field: &str) -> PyResult<usize> {
        self.vm.check_native_stack()?;
        let body = self.items(node, class, field)?;
        for statement in &body {
            if statement.is_none() {
                return Err(self.vm.value_error("None disallowed in statement list"));
            }
            self.line();
            self.statement(*statement)?;
        }
        Ok(body.len())
    }

    /// `:` and an indented block, which may not be empty.
    fn block(&mut self, node: Value, class: &str, field: &str) -> PyResult<()> {
        self.push(":");
        self.indent += 1;
        let count = self.statements(node, class, field)?;
        self.indent -= 1;
        if count == 0 {
            return Err(self.vm.value_error(format!("empty {field} on {class}")));
        }
        Ok(())
    }

    /// A block after `keyword` when the list is not empty.
    fn optional_block(&mut self, node: Value, class: &str, field: &str, keyword: &str) -> PyResult<()> {
        if self.items(node, class, field)?.is_empty() {
            return Ok(());
        }
        self.line();
        self.push(keyword);
        self.block(node, class, field)
    }

    fn statement(&mut self, node: Value) -> PyResult<()> {
        self.vm.check_native_stack()?;
        let class = self.kind(node, "stmt")?;
        let place = self.place(node, "stmt")?;
        let class = class.as_str();
        let mut start = self.text.len();
        match class {
            "FunctionDef" | "AsyncFunctionDef" | "ClassDef" => {
                start = self.decorators(node, class)?;
                self.definition(node, class)?;
            }
            "Return" => {
                self.push("return");
                if let Some(value) = self.optional(node, "value")? {
                    self.push(" ");
                    self.expression(value)?;
                }
            }
            "Delete" => {
                let targets = self.items(node, class, "targets")?;
                if targets.is_empty() {
                    return Err(self.vm.value_error("empty targets on Delete"));
                }
                self.push("del ");
                self.separated(&targets, |this, target| this.expression_in(target, Context::Del))?;
            }
            "Assign" => {
                let targets = self.items(node, class, "targets")?;
                if targets.is_empty() {
                    return Err(self.vm.value_error("empty targets on Assign"));
                }
                for target in &targets {
                    self.expression_in(*target, Context::Store)?;
                    self.push(" = ");
                }
                let value = self.required(node, class, "value")?;
                self.expression(value)?;
            }
            "TypeAlias" => {
                let name = self.required(node, class, "name")?;
                if self.kind(name, "expr")? != "Name" {
                    return Err(self.vm.type_error("TypeAlias with non-Name name"));
                }
                self.push("type ");
                self.expression_in(name, Context::Store)?;
                self.type_params(node, class)?;
                self.push(" = ");
                let value = self.required(node, class, "value")?;
                self.expression(value)?;
            }
            "AugAssign" => {
                let (target, op) = (self.required(node, class, "target")?, self.required(node, class, "op")?);
                self.expression_in(target, Context::Store)?;
                let op = self.operator(op)?;
                self.push(&format!(" {op}= "));
                let value = self.required(node, class, "value")?;
                self.expression(value)?;
            }
            "AnnAssign" => self.annotated(node, class)?,
            "For" | "AsyncFor" => {
                self.push(if class == "For" { "for " } else { "async for " });
                let (target, iter) = (self.required(node, class, "target")?, self.required(node, class, "iter")?);
                self.expression_in(target, Context::Store)?;
                self.push(" in ");
                self.expression(iter)?;
                self.block(node, class, "body")?;
                self.optional_block(node, class, "orelse", "else")?;
            }
            "While" | "If" => {
                self.push(if class == "While" { "while " } else { "if " });
                let test = self.required(node, class, "test")?;
                self.expression(test)?;
                self.block(node, class, "body")?;
                self.optional_block(node, class, "orelse", "else")?;
            }
            "With" | "AsyncWith" => {
                let items = self.items(node, class, "items")?;
                if items.is_empty() {
                    return Err(self.vm.value_error(format!("empty items on {class}")));
                }
                self.push(if class == "With" { "with " } else { "async with " });
                self.separated(&items, |this, item| this.with_item(item))?;
                self.block(node, class, "body")?;
            }
            "Match" => self.match_statement(node, class)?,
            "Raise" => {
                self.push("raise");
                let cause = self.optional(node, "cause")?;
                match self.optional(node, "exc")? {
                    Some(exception) => {
                        self.push(" ");
                        self.expression(exception)?;
                    }
                    None if cause.is_some() => return Err(self.vm.value_error("Raise with cause but no exception")),
                    None => {}
                }
                if let Some(cause) = cause {
                    self.push(" from ");
                    self.expression(cause)?;
                }
            }
            "Try" | "TryStar" => self.try_statement(node, class)?,
            "Assert" => {
                self.push("assert ");
                let test = self.required(node, class, "test")?;
                self.expression(test)?;
                if let Some(message) = self.optional(node, "msg")? {
                    self.push(", ");
                    self.expression(message)?;
                }
            }
            "Import" => {
                self.push("import ");
                self.aliases(node, class)?;
            }
            "ImportFrom" => {
                let level = self.number(node, "level")?.unwrap_or(0);
                if level < 0 {
                    return Err(self.vm.value_error("Negative ImportFrom level"));
                }
                self.push("from ");
                self.text.extend(std::iter::repeat_n('.', level as usize));
                if let Some(module) = self.optional(node, "module")? {
                    let module = self.identifier(module)?;
                    self.push(&module);
                }
                self.push(" import ");
                self.aliases(node, class)?;
            }
            "Global" | "Nonlocal" => {
                let names = self.items(node, class, "names")?;
                if names.is_empty() {
                    return Err(self.vm.value_error(format!("empty names on {class}")));
                }
                self.push(if class == "Global" { "global " } else { "nonlocal " });
                self.separated(&names, |this, name| {
                    let name = this.identifier(name)?;
                    this.push(&name);
                    Ok(())
                })?;
            }
            "Expr" => {
                let value = self.required(node, class, "value")?;
                self.expression(value)?;
            }
            "Pass" => self.push("pass"),
            "Break" => self.push("break"),
            "Continue" => self.push("continue"),
            _ => return Err(self.vm.system_error(format!("unexpected statement {class}"))),
        }
        self.note(start, place);
        Ok(())
    }

    fn annotated(&mut self, node: Value, class: &str) -> PyResult<()> {
        let target = self.required(node, class, "target")?;
        let annotation = self.required(node, class, "annotation")?;
        let is_name = match &*self.kind(target, "expr")? {
            "Name" => true,
            "Attribute" | "Subscript" => false,
            _ => return Err(self.vm.type_error("AnnAssign with simple non-Name target")),
        };
        let simple = self.number(node, "simple")?.unwrap_or(0) != 0;
        if simple && !is_name {
            return Err(self.vm.type_error("AnnAssign with simple non-Name target"));
        }
        let in_parentheses = is_name && !simple;
        if in_parentheses {
            self.push("(");
        }
        self.expression_in(target, Context::Store)?;
        self.push(if in_parentheses { "): " } else { ": " });
        self.expression(annotation)?;
        if let Some(value) = self.optional(node, "value")? {
            self.push(" = ");
            self.expression(value)?;
        }
        Ok(())
    }

    /// Decorators on lines of their own; gives where the definition starts.
    fn decorators(&mut self, node: Value, class: &str) -> PyResult<usize> {
        for decorator in &self.items(node, class, "decorator_list")? {
            let start = self.text.len();
            self.push("@(");
            self.expression(*decorator)?;
            self.push(")");
            let place = self.place(*decorator, "expr")?;
            self.note(start, place);
            self.line();
        }
        Ok(self.text.len())
    }

    fn definition(&mut self, node: Value, class: &str) -> PyResult<()> {
        let name = self.name_field(node, class, "name")?;
        self.push(match class {
            "FunctionDef" => "def ",
            "AsyncFunctionDef" => "async def ",
            _ => "class ",
        });
        self.push(&name);
        self.type_params(node, class)?;
        if class == "ClassDef" {
            let (bases, keywords) = (self.items(node, class, "bases")?, self.items(node, class, "keywords")?);
            if !(bases.is_empty() && keywords.is_empty()) {
                self.push("(");
                self.arguments(&bases, &keywords)?;
                self.push(")");
            }
        } else {
            let args = self.required(node, class, "args")?;
            self.push("(");
            self.parameters(args, true)?;
            self.push(")");
            if let Some(returns) = self.optional(node, "returns")? {
                self.push(" -> ");
                self.expression(returns)?;
            }
        }
        self.block(node, class, "body")
    }

    fn type_params(&mut self, node: Value, class: &str) -> PyResult<()> {
        let params = self.items(node, class, "type_params")?;
        if params.is_empty() {
            return Ok(());
        }
        self.push("[");
        self.separated(&params, |this, param| {
            let class = this.kind(param, "type_param")?;
            let place = this.place(param, "type_param")?;
            let start = this.text.len();
            let name = this.name_field(param, &class, "name")?;
            this.push(match class.as_str() {
                "ParamSpec" => "**",
                "TypeVarTuple" => "*",
                _ => "",
            });
            this.push(&name);
            if let Some(bound) = this.optional(param, "bound")? {
                this.push(": ");
                this.expression(bound)?;
            }
            if let Some(default) = this.optional(param, "default_value")? {
                this.push(" = ");
                this.expression(default)?;
            }
            this.note(start, place);
            Ok(())
        })?;
        self.push("]");
        Ok(())
    }

    fn with_item(&mut self, item: Value) -> PyResult<()> {
        let context = self.required(item, "withitem", "context_expr")?;
        // A tuple alone would be read as several items.
        self.push("(");
        self.expression(context)?;
        self.push(")");
        if let Some(vars) = self.optional(item, "optional_vars")? {
            self.push(" as ");
            self.expression_in(vars, Context::Store)?;
        }
        Ok(())
    }

    fn match_statement(&mut self, node: Value, class: &str) -> PyResult<()> {
        let subject = self.required(node, class, "subject")?;
        let cases = self.items(node, class, "cases")?;
        if cases.is_empty() {
            return Err(self.vm.value_error("empty cases on Match"));
        }
        self.push("match ");
        self.expression(subject)?;
        self.push(":");
        self.indent += 1;
        for case in &cases {
            self.line();
            self.push("case ");
            let pattern = self.required(*case, "match_case", "pattern")?;
            self.pattern(pattern)?;
            if let Some(guard) = self.optional(*case, "guard")? {
                self.push(" if ");
                self.expression(guard)?;
            }
            self.block(*case, "match_case", "body")?;
        }
        self.indent -= 1;
        Ok(())
    }

    fn try_statement(&mut self, node: Value, class: &str) -> PyResult<()> {
        let handlers = self.items(node, class, "handlers")?;
        let has_finally = !self.items(node, class, "finalbody")?.is_empty();
        if handlers.is_empty() && !has_finally {
            return Err(self.vm.value_error(format!("{class} has neither handlers nor finalbody")));
        }
        if handlers.is_empty() && !self.items(node, class, "orelse")?.is_empty() {
            return Err(self.vm.value_error(format!("{class} has orelse but no except handlers")));
        }
        self.push("try");
        self.block(node, class, "body")?;
        for handler in &handlers {
            self.kind(*handler, "excepthandler")?;
            let place = self.place(*handler, "excepthandler")?;
            self.line();
            let start = self.text.len();
            self.push(if class == "TryStar" { "except*" } else { "except" });
            let kind = self.optional(*handler, "type")?;
            if let Some(kind) = kind {
                self.push(" ");
                self.expression(kind)?;
            }
            if let Some(name) = self.optional(*handler, "name")? {
                let name = self.identifier(name)?;
                self.push(&format!(" as {name}"));
            }
            self.block(*handler, "ExceptHandler", "body")?;
            self.note(start, place);
        }
        self.optional_block(node, class, "orelse", "else")?;
        self.optional_block(node, class, "finalbody", "finally")
    }

    fn aliases(&mut self, node: Value, class: &str) -> PyResult<()> {
        let names = self.items(node, class, "names")?;
        if names.is_empty() {
            return Err(self.vm.value_error(format!("empty names on {class}")));
        }
        self.separated(&names, |this, alias| {
            let place = this.place(alias, "alias")?;
            let start = this.text.len();
            let name = this.name_field(alias, "alias", "name")?;
            this.push(&name);
            if let Some(other) = this.optional(alias, "asname")? {
                let other = this.identifier(other)?;
                this.push(&format!(" as {other}"));
            }
            this.note(start, place);
            Ok(())
        })
    }

    /// The contents of a parameter list; annotations are written when `annotated`.
    pub(super) fn parameters(&mut self, node: Value, annotated: bool) -> PyResult<()> {
        let positional_only = self.items(node, "arguments", "posonlyargs")?;
        let plain = self.items(node, "arguments", "args")?;
        let keyword_only = self.items(node, "arguments", "kwonlyargs")?;
        let defaults = self.items(node, "arguments", "defaults")?;
        let keyword_defaults = self.items(node, "arguments", "kw_defaults")?;
        let count = positional_only.len() + plain.len();
        if defaults.len() > count {
            return Err(self.vm.value_error("more positional defaults than args on arguments"));
        }
        if keyword_defaults.len() != keyword_only.len() {
            return Err(self.vm.value_error("length of kwonlyargs is not the same as kw_defaults on arguments"));
        }
        let mut is_first = true;
        for (index, parameter) in positional_only.iter().chain(plain.iter()).enumerate() {
            self.comma(&mut is_first);
            self.parameter(*parameter, "", annotated)?;
            if index + defaults.len() >= count {
                self.push("=");
                self.expression(defaults[index + defaults.len() - count])?;
            }
            if index + 1 == positional_only.len() {
                self.push(", /");
            }
        }
        match self.optional(node, "vararg")? {
            Some(vararg) => {
                self.comma(&mut is_first);
                self.parameter(vararg, "*", annotated)?;
            }
            None if !keyword_only.is_empty() => {
                self.comma(&mut is_first);
                self.push("*");
            }
            None => {}
        }
        for (parameter, default) in keyword_only.iter().zip(keyword_defaults.iter()) {
            self.comma(&mut is_first);
            self.parameter(*parameter, "", annotated)?;
            if !default.is_none() {
                self.push("=");
                self.expression(*default)?;
            }
        }
        if let Some(kwarg) = self.optional(node, "kwarg")? {
            self.comma(&mut is_first);
            self.parameter(kwarg, "**", annotated)?;
        }
        Ok(())
    }

    fn comma(&mut self, is_first: &mut bool) {
        if !std::mem::take(is_first) {
            self.push(", ");
        }
    }

    fn parameter(&mut self, node: Value, stars: &str, annotated: bool) -> PyResult<()> {
        let place = self.place(node, "arg")?;
        self.push(stars);
        let start = self.text.len();
        let name = self.name_field(node, "arg", "arg")?;
        self.push(&name);
        if let Some(annotation) = self.optional(node, "annotation")?
            && annotated
        {
            self.push(": ");
            self.expression_in(annotation, Context::Annotation)?;
        }
        self.note(start, place);
        Ok(())
    }
}
