//! The compiler's tree to objects of `_ast`: statements.

mod expression;
mod pattern;
mod string;

use cinder_heap::Gc;
use cinder_syntax::ast::{self, ExceptHandler, Expr, Stmt, TypeParam};
use cinder_text::{LineIndex, Ranged, TextRange, TextSize};
use cinder_vm::interp::CompileMode;
use cinder_vm::types::dict::PyDict;
use cinder_vm::{PyResult, Value, Vm};

/// The tree of a text without syntax errors, as an instance of `_ast.Module`, `Expression` or `Interactive`.
///
/// Errors: memory; RecursionError for trees deeper than the native stack allows.
pub(crate) fn build_tree(vm: &Vm, source: &str, module: &ast::ModModule, mode: CompileMode) -> PyResult<Value> {
    let classes = vm.import("_ast")?;
    let classes = vm.module_dict(classes).ok_or_else(|| vm.system_error("_ast is not a module"))?;
    let builder = Builder { vm, source, lines: LineIndex::new(source), classes };
    match mode {
        CompileMode::Eval => {
            let body = match &module.body[..] {
                [Stmt::Expr(statement)] => builder.expression(&statement.value)?,
                _ => return Err(vm.system_error("an expression was parsed to something else")),
            };
            builder.node("Expression", &[("body", body)])
        }
        CompileMode::Single => builder.node("Interactive", &[("body", builder.statements(&module.body)?)]),
        CompileMode::Exec => {
            let body = builder.statements(&module.body)?;
            builder.node("Module", &[("body", body), ("type_ignores", vm.new_list(&[])?)])
        }
    }
}

struct Builder<'a> {
    vm: &'a Vm,
    source: &'a str,
    lines: LineIndex,
    /// Namespace of `_ast`.
    classes: Gc<PyDict>,
}

impl Builder<'_> {
    /// An instance of the class with this name.
    fn node(&self, class: &str, fields: &[(&str, Value)]) -> PyResult<Value> {
        let vm = self.vm;
        let found = self.classes.get_interned(vm.intern(class)).and_then(|class| vm.as_class(class));
        let Some(class) = found else { return Err(vm.attribute_error_text(format!("_ast has no class {class}"))) };
        let node = vm.new_plain_instance(class)?;
        for (name, value) in fields {
            vm.setattr(node, vm.intern(name), Some(*value))?;
        }
        Ok(node)
    }

    /// As [`Builder::node`], with its place.
    fn located(&self, class: &str, range: TextRange, fields: &[(&str, Value)]) -> PyResult<Value> {
        let node = self.node(class, fields)?;
        let ((line, column), (end_line, end_column)) = (self.place(range.start()), self.place(range.end()));
        for (name, number) in
            [("lineno", line), ("col_offset", column), ("end_lineno", end_line), ("end_col_offset", end_column)]
        {
            self.vm.setattr(node, self.vm.intern(name), Some(self.vm.new_int(number.into())?))?;
        }
        Ok(node)
    }

    /// Line from 1, column in bytes from 0.
    fn place(&self, offset: TextSize) -> (u32, u32) {
        let line = self.lines.line_of(offset);
        (line + 1, u32::from(offset) - u32::from(self.lines.line_start(self.source, line)))
    }

    /// The one instance of a class without fields.
    fn singleton(&self, class: &str) -> PyResult<Value> {
        let vm = self.vm;
        let all = self.classes.get_interned(vm.intern("_singletons")).and_then(|all| vm.as_dict(all));
        match all.and_then(|all| all.get_interned(vm.intern(class))) {
            Some(found) => Ok(found),
            None => self.node(class, &[]),
        }
    }

    fn list<T>(&self, items: &[T], make: impl Fn(&T) -> PyResult<Value>) -> PyResult<Value> {
        let list = self.vm.new_pylist()?;
        for item in items {
            self.vm.list_push(list, make(item)?)?;
        }
        Ok(list.as_value())
    }

    fn optional(&self, expression: Option<&Expr>) -> PyResult<Value> {
        expression.map_or(Ok(Value::NONE), |expression| self.expression(expression))
    }

    fn expressions(&self, list: &[Expr]) -> PyResult<Value> {
        self.list(list, |expression| self.expression(expression))
    }

    fn name(&self, name: &str) -> Value {
        self.vm.intern(name)
    }

    fn optional_name(&self, name: Option<&ast::Identifier>) -> Value {
        name.map_or(Value::NONE, |name| self.name(name.as_str()))
    }

    fn statements(&self, body: &[Stmt]) -> PyResult<Value> {
        self.vm.check_native_stack()?;
        self.list(body, |statement| self.statement(statement))
    }

    fn statement(&self, statement: &Stmt) -> PyResult<Value> {
        let range = statement.range();
        match statement {
            Stmt::FunctionDef(node) => self.function(node),
            Stmt::ClassDef(node) => self.class(node),
            Stmt::Return(node) => self.located("Return", range, &[("value", self.optional(node.value.as_deref())?)]),
            Stmt::Delete(node) => self.located("Delete", range, &[("targets", self.expressions(&node.targets)?)]),
            Stmt::TypeAlias(node) => {
                let (name, params) = (self.expression(&node.name)?, self.type_params(node.type_params.as_deref())?);
                let fields = [("name", name), ("type_params", params), ("value", self.expression(&node.value)?)];
                self.located("TypeAlias", range, &fields)
            }
            Stmt::Assign(node) => {
                let (targets, value) = (self.expressions(&node.targets)?, self.expression(&node.value)?);
                self.located("Assign", range, &[("targets", targets), ("value", value), ("type_comment", Value::NONE)])
            }
            Stmt::AugAssign(node) => {
                let (target, value) = (self.expression(&node.target)?, self.expression(&node.value)?);
                let op = self.singleton(operator_name(node.op))?;
                self.located("AugAssign", range, &[("target", target), ("op", op), ("value", value)])
            }
            Stmt::AnnAssign(node) => {
                let (target, annotation) = (self.expression(&node.target)?, self.expression(&node.annotation)?);
                let value = self.optional(node.value.as_deref())?;
                let simple = self.vm.new_int(node.simple.into())?;
                let fields = [("target", target), ("annotation", annotation), ("value", value), ("simple", simple)];
                self.located("AnnAssign", range, &fields)
            }
            Stmt::For(node) => {
                let fields = [
                    ("target", self.expression(&node.target)?),
                    ("iter", self.expression(&node.iter)?),
                    ("body", self.statements(&node.body)?),
                    ("orelse", self.statements(&node.orelse)?),
                    ("type_comment", Value::NONE),
                ];
                self.located(if node.is_async { "AsyncFor" } else { "For" }, range, &fields)
            }
            Stmt::While(node) => {
                let fields = [
                    ("test", self.expression(&node.test)?),
                    ("body", self.statements(&node.body)?),
                    ("orelse", self.statements(&node.orelse)?),
                ];
                self.located("While", range, &fields)
            }
            Stmt::If(node) => self.if_statement(node),
            Stmt::With(node) => {
                let items = self.list(&node.items, |item| {
                    let vars = self.optional(item.optional_vars.as_deref())?;
                    let fields = [("context_expr", self.expression(&item.context_expr)?), ("optional_vars", vars)];
                    self.node("withitem", &fields)
                })?;
                let fields = [("items", items), ("body", self.statements(&node.body)?), ("type_comment", Value::NONE)];
                self.located(if node.is_async { "AsyncWith" } else { "With" }, range, &fields)
            }
            Stmt::Match(node) => {
                let cases = self.list(&node.cases, |case| {
                    let fields = [
                        ("pattern", self.pattern(&case.pattern)?),
                        ("guard", self.optional(case.guard.as_deref())?),
                        ("body", self.statements(&case.body)?),
                    ];
                    self.node("match_case", &fields)
                })?;
                self.located("Match", range, &[("subject", self.expression(&node.subject)?), ("cases", cases)])
            }
            Stmt::Raise(node) => {
                let (exc, cause) = (self.optional(node.exc.as_deref())?, self.optional(node.cause.as_deref())?);
                self.located("Raise", range, &[("exc", exc), ("cause", cause)])
            }
            Stmt::Try(node) => {
                let fields = [
                    ("body", self.statements(&node.body)?),
                    ("handlers", self.list(&node.handlers, |handler| self.handler(handler))?),
                    ("orelse", self.statements(&node.orelse)?),
                    ("finalbody", self.statements(&node.finalbody)?),
                ];
                self.located(if node.is_star { "TryStar" } else { "Try" }, range, &fields)
            }
            Stmt::Assert(node) => {
                let (test, msg) = (self.expression(&node.test)?, self.optional(node.msg.as_deref())?);
                self.located("Assert", range, &[("test", test), ("msg", msg)])
            }
            Stmt::Import(node) => self.located("Import", range, &[("names", self.aliases(&node.names)?)]),
            Stmt::ImportFrom(node) => {
                let fields = [
                    ("module", self.optional_name(node.module.as_ref())),
                    ("names", self.aliases(&node.names)?),
                    ("level", self.vm.new_int(node.level.into())?),
                ];
                self.located("ImportFrom", range, &fields)
            }
            Stmt::Global(node) => self.located("Global", range, &[("names", self.names(&node.names)?)]),
            Stmt::Nonlocal(node) => self.located("Nonlocal", range, &[("names", self.names(&node.names)?)]),
            Stmt::Expr(node) => self.located("Expr", range, &[("value", self.expression(&node.value)?)]),
            Stmt::Pass(_) => self.located("Pass", range, &[]),
            Stmt::Break(_) => self.located("Break", range, &[]),
            Stmt::Continue(_) => self.located("Continue", range, &[]),
            Stmt::IpyEscapeCommand(_) => Err(self.vm.system_error("IPython commands are no Python")),
        }
    }

    fn names(&self, names: &[ast::Identifier]) -> PyResult<Value> {
        self.list(names, |name| Ok(self.name(name.as_str())))
    }

    fn aliases(&self, names: &[ast::Alias]) -> PyResult<Value> {
        self.list(names, |alias| {
            let fields =
                [("name", self.name(alias.name.as_str())), ("asname", self.optional_name(alias.asname.as_ref()))];
            self.located("alias", alias.range, &fields)
        })
    }

    /// `elif` is an `if` in the `else` of the one before.
    fn if_statement(&self, node: &ast::StmtIf) -> PyResult<Value> {
        let mut orelse = self.vm.new_list(&[])?;
        for clause in node.elif_else_clauses.iter().rev() {
            let body = self.statements(&clause.body)?;
            orelse = match &clause.test {
                None => body,
                Some(test) => {
                    let range = TextRange::new(clause.range.start(), node.range.end());
                    let fields = [("test", self.expression(test)?), ("body", body), ("orelse", orelse)];
                    self.vm.new_list(&[self.located("If", range, &fields)?])?
                }
            };
        }
        let (test, body) = (self.expression(&node.test)?, self.statements(&node.body)?);
        self.located("If", node.range, &[("test", test), ("body", body), ("orelse", orelse)])
    }

    fn handler(&self, handler: &ExceptHandler) -> PyResult<Value> {
        let ExceptHandler::ExceptHandler(node) = handler;
        let fields = [
            ("type", self.optional(node.type_.as_deref())?),
            ("name", self.optional_name(node.name.as_ref())),
            ("body", self.statements(&node.body)?),
        ];
        self.located("ExceptHandler", node.range, &fields)
    }

    /// Where `def`, `async def` or `class` stands: the compiler's range begins at the first decorator.
    fn header_range(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let mut offset = last.range.end().to_usize();
        let bytes = self.source.as_bytes();
        while let Some(byte) = bytes.get(offset) {
            match byte {
                b'#' => {
                    let rest = &bytes[offset..];
                    offset += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
                }
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'\\' | b')' => offset += 1,
                _ => break,
            }
        }
        TextRange::new((offset as u32).into(), range.end())
    }

    fn decorators(&self, decorators: &[ast::Decorator]) -> PyResult<Value> {
        self.list(decorators, |decorator| self.expression(&decorator.expression))
    }

    fn function(&self, node: &ast::StmtFunctionDef) -> PyResult<Value> {
        let fields = [
            ("name", self.name(node.name.as_str())),
            ("args", self.parameters(Some(&node.parameters))?),
            ("body", self.statements(&node.body)?),
            ("decorator_list", self.decorators(&node.decorator_list)?),
            ("returns", self.optional(node.returns.as_deref())?),
            ("type_comment", Value::NONE),
            ("type_params", self.type_params(node.type_params.as_deref())?),
        ];
        let class = if node.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
        self.located(class, self.header_range(node.range, &node.decorator_list), &fields)
    }

    fn class(&self, node: &ast::StmtClassDef) -> PyResult<Value> {
        let arguments = node.arguments.as_deref();
        let fields = [
            ("name", self.name(node.name.as_str())),
            ("bases", self.expressions(arguments.map_or(&[][..], |arguments| &arguments.args))?),
            ("keywords", self.keywords(arguments.map_or(&[][..], |arguments| &arguments.keywords))?),
            ("body", self.statements(&node.body)?),
            ("decorator_list", self.decorators(&node.decorator_list)?),
            ("type_params", self.type_params(node.type_params.as_deref())?),
        ];
        self.located("ClassDef", self.header_range(node.range, &node.decorator_list), &fields)
    }

    fn keywords(&self, keywords: &[ast::Keyword]) -> PyResult<Value> {
        self.list(keywords, |keyword| {
            let value = self.expression(&keyword.value)?;
            let fields = [("arg", self.optional_name(keyword.arg.as_ref())), ("value", value)];
            self.located("keyword", keyword.range, &fields)
        })
    }

    fn parameters(&self, parameters: Option<&ast::Parameters>) -> PyResult<Value> {
        let one = |parameter: &ast::Parameter| {
            let annotation = self.optional(parameter.annotation.as_deref())?;
            let fields = [
                ("arg", self.name(parameter.name.as_str())),
                ("annotation", annotation),
                ("type_comment", Value::NONE),
            ];
            self.located("arg", parameter.range, &fields)
        };
        let optional = |parameter: Option<&ast::Parameter>| parameter.map_or(Ok(Value::NONE), one);
        let plain = |list: &[ast::ParameterWithDefault]| self.list(list, |parameter| one(&parameter.parameter));
        let empty = ast::Parameters::default();
        let given = parameters.unwrap_or(&empty);
        let defaults = self.vm.new_pylist()?;
        for parameter in given.posonlyargs.iter().chain(&given.args) {
            if let Some(default) = &parameter.default {
                self.vm.list_push(defaults, self.expression(default)?)?;
            }
        }
        let fields = [
            ("posonlyargs", plain(&given.posonlyargs)?),
            ("args", plain(&given.args)?),
            ("vararg", optional(given.vararg.as_deref())?),
            ("kwonlyargs", plain(&given.kwonlyargs)?),
            ("kw_defaults", self.list(&given.kwonlyargs, |parameter| self.optional(parameter.default.as_deref()))?),
            ("kwarg", optional(given.kwarg.as_deref())?),
            ("defaults", defaults.as_value()),
        ];
        self.node("arguments", &fields)
    }

    fn type_params(&self, params: Option<&ast::TypeParams>) -> PyResult<Value> {
        self.list(params.map_or(&[][..], |params| &params.type_params), |param| {
            let (name, default) = match param {
                TypeParam::TypeVar(node) => (&node.name, &node.default),
                TypeParam::ParamSpec(node) => (&node.name, &node.default),
                TypeParam::TypeVarTuple(node) => (&node.name, &node.default),
            };
            let (name, default) = (self.name(name.as_str()), self.optional(default.as_deref())?);
            let range = param.range();
            match param {
                TypeParam::TypeVar(node) => {
                    let bound = self.optional(node.bound.as_deref())?;
                    self.located("TypeVar", range, &[("name", name), ("bound", bound), ("default_value", default)])
                }
                TypeParam::ParamSpec(_) => {
                    self.located("ParamSpec", range, &[("name", name), ("default_value", default)])
                }
                TypeParam::TypeVarTuple(_) => {
                    self.located("TypeVarTuple", range, &[("name", name), ("default_value", default)])
                }
            }
        })
    }
}

/// Class of an operator.
fn operator_name(op: ast::Operator) -> &'static str {
    use ast::Operator as O;
    match op {
        O::Add => "Add",
        O::Sub => "Sub",
        O::Mult => "Mult",
        O::MatMult => "MatMult",
        O::Div => "Div",
        O::Mod => "Mod",
        O::Pow => "Pow",
        O::LShift => "LShift",
        O::RShift => "RShift",
        O::BitOr => "BitOr",
        O::BitXor => "BitXor",
        O::BitAnd => "BitAnd",
        O::FloorDiv => "FloorDiv",
    }
}
