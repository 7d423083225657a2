//! What is not written but known: types of variables, names of arguments, what functions return.

use cinder_db::{Db, File, parsed_module};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use cinder_text::{Ranged, TextRange, TextSize};

use crate::describe::{ParameterKind, constructor, signature};
use crate::native::{self, Level};
use crate::semantics::Semantics;
use crate::ty::{Place, Ty};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    Type,
    Parameter,
    /// How an operation is compiled.
    Native,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub offset: TextSize,
    pub label: String,
    pub kind: HintKind,
    /// What accepting the hint writes at its place.
    pub accepts: bool,
    /// More about it.
    pub tooltip: Option<String>,
}

/// Which hints are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HintOptions {
    pub variable_types: bool,
    pub return_types: bool,
    pub parameter_names: bool,
    pub native: bool,
}

/// Longer types hide more than they show.
const MAX_TYPE_CHARS: usize = 60;

/// The hints within a range, in order of place.
pub fn inlay_hints(db: &dyn Db, file: File, within: TextRange, options: HintOptions) -> Vec<Hint> {
    let semantics = Semantics::new(db);
    let mut walk = Walk { semantics: &semantics, file, within, options, hints: Vec::new() };
    walk.visit_body(parsed_module(db, file).suite());
    let mut hints = walk.hints;
    if options.native {
        for report in native::functions(db, file) {
            let marked =
                report.operations.into_iter().filter(|it| it.level != Level::Native && within.contains_range(it.range));
            hints.extend(marked.map(|operation| Hint {
                offset: operation.range.end(),
                label: operation.level.name().to_string(),
                kind: HintKind::Native,
                accepts: false,
                tooltip: Some(operation.reason.iter().chain(&operation.cure).cloned().collect::<Vec<_>>().join("; ")),
            }));
        }
    }
    hints.sort_by_key(|hint| hint.offset);
    hints
}

struct Walk<'a, 'db> {
    semantics: &'a Semantics<'db>,
    file: File,
    within: TextRange,
    options: HintOptions,
    hints: Vec<Hint>,
}

impl<'db> SourceOrderVisitor<'db> for Walk<'_, 'db> {
    fn visit_stmt(&mut self, stmt: &'db Stmt) {
        if self.within.intersect(stmt.range()).is_none() {
            return;
        }
        match stmt {
            Stmt::Assign(assign) if self.options.variable_types => {
                let is_obvious = is_obvious(&assign.value);
                for target in assign.targets.iter().filter(|_| !is_obvious) {
                    self.target(target);
                }
            }
            Stmt::For(loop_) if self.options.variable_types => self.target(&loop_.target),
            Stmt::With(with) if self.options.variable_types => {
                with.items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref())
                    .for_each(|target| self.target(target));
            }
            Stmt::FunctionDef(function) if self.options.return_types => self.returns(function),
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'db Expr) {
        if let (Expr::Call(call), true) = (expr, self.options.parameter_names) {
            self.arguments(call);
        }
        walk_expr(self, expr);
    }
}

impl<'db> Walk<'_, 'db> {
    fn push(&mut self, offset: TextSize, label: String, kind: HintKind, accepts: bool) {
        if self.within.contains_inclusive(offset) {
            self.hints.push(Hint { offset, label, kind, accepts, tooltip: None });
        }
    }

    fn target(&mut self, target: &'db Expr) {
        match target {
            Expr::Name(name) if name.id != "_" => {
                let Some(def) = self.semantics.def_with_range(self.file, name.range) else { return };
                // Something declared elsewhere needs no hint.
                let declared = self.semantics.bindings_at(self.file, name.range);
                if declared.iter().any(|def| def.kind() == Some(cinder_semantic::DefinitionKind::AnnotatedAssignment)) {
                    return;
                }
                let ty = match self.semantics.checked_type(self.file, target) {
                    Some(checked) => checked.to_string(),
                    None => match self.semantics.type_of_def(&def) {
                        Ty::Unknown | Ty::Variable(..) | Ty::Function(..) | Ty::Module(_) | Ty::None => return,
                        ty => ty.show(self.semantics.db),
                    },
                };
                if ty.chars().count() <= MAX_TYPE_CHARS && !ty.contains("Unknown") {
                    self.push(name.range.end(), format!(": {ty}"), HintKind::Type, false);
                }
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| self.target(item)),
            Expr::List(list) => list.elts.iter().for_each(|item| self.target(item)),
            Expr::Starred(starred) => self.target(&starred.value),
            _ => {}
        }
    }

    fn returns(&mut self, function: &'db StmtFunctionDef) {
        if function.returns.is_some() || function.name.as_str() == "__init__" {
            return;
        }
        let Some(ty) = self.semantics.inferred_return(Place { file: self.file, range: function.range }) else { return };
        let ty = ty.show(self.semantics.db);
        if ty.chars().count() <= MAX_TYPE_CHARS && !ty.contains("Unknown") {
            self.push(function.parameters.range.end(), format!(" -> {ty}"), HintKind::Type, true);
        }
    }

    fn arguments(&mut self, call: &'db ExprCall) {
        if call.arguments.args.is_empty() || self.within.intersect(call.range()).is_none() {
            return;
        }
        // Single arguments that say what they are need no name; look at the callee only if one might.
        if !call.arguments.args.iter().any(needs_name) {
            return;
        }
        let text = match self.semantics.expression(self.file, &call.func) {
            Ty::Function(function, receiver) => signature(self.semantics, function, receiver.is_some()),
            Ty::Class(class, _) => constructor(self.semantics, class),
            _ => return,
        };
        let parameters = text.parameters.iter().filter(|it| it.kind != ParameterKind::Mark);
        for (argument, parameter) in call.arguments.args.iter().zip(parameters) {
            if argument.is_starred_expr() || parameter.kind != ParameterKind::Ordinary {
                return;
            }
            if needs_name(argument) && !parameter.name.starts_with('_') && parameter.name.len() > 1 {
                self.push(argument.start(), format!("{}=", parameter.name), HintKind::Parameter, true);
            }
        }
    }
}

/// Literals and the like, which do not say what they are for.
fn needs_name(argument: &Expr) -> bool {
    match argument {
        Expr::UnaryOp(operation) => needs_name(&operation.operand),
        Expr::List(_) | Expr::Dict(_) | Expr::Set(_) | Expr::Tuple(_) | Expr::Lambda(_) => true,
        other => other.is_literal_expr(),
    }
}

/// Whether everybody sees the type: literals, constructor calls.
fn is_obvious(value: &Expr) -> bool {
    match value {
        Expr::Call(call) => crate::semantics::special_form(&call.func)
            .is_some_and(|name| name.chars().next().is_some_and(char::is_uppercase)),
        Expr::UnaryOp(operation) => is_obvious(&operation.operand),
        Expr::FString(_) | Expr::Lambda(_) => true,
        other => other.is_literal_expr(),
    }
}
