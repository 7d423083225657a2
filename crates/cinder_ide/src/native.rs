//! Which code is native, which is guarded, which is dynamic, and why.
//!
//! Problem: static code is fast where the checker is certain and slow where it is not, and the source does not show which is which.
//! Idea: read the facts the code generator reads ([`cinder_static::typed`]): each call, attribute, subscript and operator of a function is *native* (its target
//! or machine operation is known), *guarded* (native after a check of the value) or *dynamic*. A dynamic one has a reason, found by looking at the
//! operand nobody knows the type of, and a cure.
//! Holds: nothing is guessed: what has no facts is dynamic, because that is how it is compiled.

use cinder_db::{Db, File, parsed_module};
use cinder_semantic::DefinitionKind;
use cinder_static::typed::{CallTarget, Convert, ExprFacts, ExprOp};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt, StmtFunctionDef};
use cinder_text::{Ranged, TextRange};

use crate::semantics::{Def, Semantics};
use crate::syntax::one_line;
use crate::ty::Place;

/// How an operation is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Native,
    Guarded,
    Dynamic,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Native => "native",
            Level::Guarded => "guarded",
            Level::Dynamic => "dynamic",
        }
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The whole expression.
    pub range: TextRange,
    pub level: Level,
    /// What is done, for example `INVOKE_METHOD` or `LOAD_FIELD`.
    pub what: String,
    /// Why it is not native.
    pub reason: Option<String>,
    /// What would make it native.
    pub cure: Option<String>,
}

/// A function with its operations, for a lens above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionReport {
    pub name: String,
    /// The name in the `def`.
    pub range: TextRange,
    pub operations: Vec<Operation>,
    /// Conversions of values where they enter or leave typed code: casts, boxes, unboxes.
    pub conversions: usize,
}

impl FunctionReport {
    pub fn count(&self, level: Level) -> usize {
        self.operations.iter().filter(|operation| operation.level == level).count()
    }

    /// The worst level of any operation.
    pub fn level(&self) -> Level {
        self.operations.iter().map(|operation| operation.level).max().unwrap_or(Level::Native)
    }

    /// The lens in one line.
    pub fn summary(&self) -> String {
        let total = self.operations.len();
        let mut parts = vec![match self.level() {
            Level::Native if total == 0 => "native".to_string(),
            Level::Native => format!("native: {total} of {total} operations"),
            level => format!("{}: {} of {total} operations native", level.name(), self.count(Level::Native)),
        }];
        for level in [Level::Guarded, Level::Dynamic] {
            if self.count(level) > 0 {
                parts.push(format!("{} {}", self.count(level), level.name()));
            }
        }
        if self.conversions > 0 {
            parts.push(format!(
                "{} {}",
                self.conversions,
                if self.conversions == 1 { "conversion" } else { "conversions" }
            ));
        }
        parts.join(", ")
    }

    /// The first operation that is dynamic, else the first that is guarded.
    pub fn worst(&self) -> Option<&Operation> {
        let of = |level| self.operations.iter().find(|operation| operation.level == level);
        of(Level::Dynamic).or_else(|| of(Level::Guarded))
    }
}

/// The functions of a static module in order of place; none for other modules.
pub fn functions(db: &dyn Db, file: File) -> Vec<FunctionReport> {
    let semantics = Semantics::new(db);
    if !semantics.is_static(file) {
        return Vec::new();
    }
    let mut walk = Functions(Vec::new());
    walk.visit_body(parsed_module(db, file).suite());
    walk.0.into_iter().map(|function| report(&semantics, file, function)).collect()
}

struct Functions<'a>(Vec<&'a StmtFunctionDef>);

impl<'a> SourceOrderVisitor<'a> for Functions<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::FunctionDef(function) = stmt {
            self.0.push(function);
        }
        walk_stmt(self, stmt);
    }
    fn visit_expr(&mut self, _: &'a Expr) {}
}

fn report<'db>(semantics: &Semantics<'db>, file: File, function: &'db StmtFunctionDef) -> FunctionReport {
    let mut walk = Walk { semantics, file, operations: Vec::new(), conversions: 0 };
    walk.visit_body(&function.body);
    walk.operations.sort_by_key(|operation| (operation.range.start(), operation.range.end()));
    FunctionReport {
        name: function.name.to_string(),
        range: function.name.range,
        operations: walk.operations,
        conversions: walk.conversions,
    }
}

/// What hover says about how a function is compiled.
pub(crate) fn remark(semantics: &Semantics<'_>, def: &Def) -> Option<String> {
    let Def::Name(file, definition) = def else { return None };
    if !semantics.is_static(*file) {
        return None;
    }
    match definition.kind {
        DefinitionKind::Function => {
            let node = semantics.function_node(Place { file: *file, range: definition.node })?;
            let report = report(semantics, *file, node);
            let mut text = format!("static, {}", report.summary());
            if let Some(worst) = report.worst() {
                let code = one_line(semantics.db, *file, worst.range);
                text.push_str(&format!("; `{}` is {}", shortened(&code), worst.level.name()));
                for more in worst.reason.iter().chain(&worst.cure) {
                    text.push_str(&format!(": {more}"));
                }
            }
            Some(text)
        }
        DefinitionKind::Class => {
            let unit = semantics.unit(*file, definition.node)?;
            let node = semantics.class_node(Place { file: *file, range: definition.node })?;
            let class = unit.classes.get(&cinder_syntax::node_id(node)?)?;
            let slots: Vec<String> =
                class.fields.iter().map(|field| format!("{}: {} at {}", field.name, field.ty, field.offset)).collect();
            Some(match slots.is_empty() {
                true => "static class without slots of its own".to_string(),
                false => format!("static class; slots {}", slots.join(", ")),
            })
        }
        _ => None,
    }
}

fn shortened(code: &str) -> String {
    match code.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &code[..end]),
        None => code.to_string(),
    }
}

struct Walk<'a, 'db> {
    semantics: &'a Semantics<'db>,
    file: File,
    operations: Vec<Operation>,
    conversions: usize,
}

impl<'db> SourceOrderVisitor<'db> for Walk<'_, 'db> {
    fn visit_stmt(&mut self, stmt: &'db Stmt) {
        // Functions and classes inside have reports of their own.
        if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, stmt);
        }
    }

    fn visit_annotation(&mut self, _: &'db Expr) {}

    fn visit_expr(&mut self, expr: &'db Expr) {
        let facts = self.semantics.expression_facts(self.file, expr);
        if facts.is_some_and(|facts| facts.convert != Convert::None) {
            self.conversions += 1;
        }
        if let Some(operation) = self.operation(expr, facts) {
            self.operations.push(operation);
        }
        match expr {
            Expr::Lambda(_) => {}
            // Finding the method is part of the call.
            Expr::Call(call) => {
                match &*call.func {
                    Expr::Attribute(attribute) => self.visit_expr(&attribute.value),
                    callee => self.visit_expr(callee),
                }
                self.visit_arguments(&call.arguments);
            }
            _ => walk_expr(self, expr),
        }
    }
}

impl<'db> Walk<'_, 'db> {
    fn operation(&self, expr: &'db Expr, facts: Option<&'db ExprFacts>) -> Option<Operation> {
        let op = facts.map_or(&ExprOp::Python, |facts| &facts.op);
        let (level, what) = match op {
            ExprOp::Call(plan) => match &plan.target {
                CallTarget::Direct(_) => (Level::Native, "INVOKE_FUNCTION"),
                CallTarget::Virtual { .. } => (Level::Native, "INVOKE_METHOD"),
                CallTarget::Construct { .. } => (Level::Native, "TP_ALLOC"),
            },
            ExprOp::Field(_) | ExprOp::FieldKeep(..) => (Level::Native, "LOAD_FIELD"),
            ExprOp::Refined(_) => (Level::Native, "kept in a register"),
            ExprOp::Getter { .. } => (Level::Native, "getter call"),
            ExprOp::PrimBinary { .. } => (Level::Native, "PRIMITIVE_BINARY_OP"),
            ExprOp::PrimCompare(_) => (Level::Native, "PRIMITIVE_COMPARE_OP"),
            ExprOp::PrimUnary { .. } => (Level::Native, "PRIMITIVE_UNARY_OP"),
            ExprOp::PrimBool => (Level::Native, "primitive truth"),
            ExprOp::Sequence(fast) => match fast.exact {
                true => (Level::Native, "SEQUENCE_GET"),
                false => (Level::Guarded, "SEQUENCE_GET after a test of the class"),
            },
            ExprOp::FastLen(fast) => match fast.exact {
                true => (Level::Native, "FAST_LEN"),
                false => (Level::Guarded, "FAST_LEN after a test of the class"),
            },
            ExprOp::Append(fast) | ExprOp::Pop(fast) => match fast.exact {
                true => (Level::Native, "list operation"),
                false => (Level::Guarded, "list operation after a test of the class"),
            },
            ExprOp::Checked(_) | ExprOp::NewChecked(_) => (Level::Native, "checked container"),
            // Constants and forwarded arguments are no work.
            ExprOp::Const(_) | ExprOp::Forward(_) => return None,
            ExprOp::IsInstance(_) => (Level::Guarded, "a test whose answer is checked"),
            ExprOp::PythonThen(_) if is_work(expr) => (Level::Guarded, "an ordinary operation whose result is checked"),
            ExprOp::Python | ExprOp::PythonThen(_) => {
                if !is_work(expr) || self.is_module_attribute(expr) {
                    return None;
                }
                let (what, reason, cure) = self.why_dynamic(expr);
                let level = Level::Dynamic;
                return Some(Operation { range: expr.range(), level, what, reason: Some(reason), cure });
            }
        };
        let reason = (level == Level::Guarded).then(|| match op {
            ExprOp::PythonThen(_) | ExprOp::IsInstance(_) => {
                "nothing is known about the result before it is there".to_string()
            }
            _ => "a subclass of the container is possible".to_string(),
        });
        Some(Operation { range: expr.range(), level, what: what.to_string(), reason, cure: None })
    }

    /// `module.name` is part of the access to a global.
    fn is_module_attribute(&self, expr: &'db Expr) -> bool {
        let Expr::Attribute(attribute) = expr else { return false };
        let ty = self.semantics.expression_facts(self.file, &attribute.value).map(|facts| &facts.ty);
        matches!(ty, Some(cinder_types::Type::Module(_)))
    }

    fn is_dynamic(&self, expr: &'db Expr) -> bool {
        use cinder_types::Type;
        let ty = self.semantics.expression_facts(self.file, expr).map(|facts| &facts.ty);
        matches!(ty, None | Some(Type::Dynamic | Type::Unknown))
    }

    /// What is done, why it is dynamic, what would help.
    fn why_dynamic(&self, expr: &'db Expr) -> (String, String, Option<String>) {
        let text = |expr: &Expr| shortened(&one_line(self.semantics.db, self.file, expr.range()));
        let operand = |operand: &'db Expr, what: &str| {
            let reason = format!("the type of `{}` is not known", text(operand));
            (what.to_string(), reason, self.cure_for(operand))
        };
        match expr {
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(attribute) if self.is_dynamic(&attribute.value) => {
                    operand(&attribute.value, "CALL_METHOD")
                }
                callee if self.is_dynamic(callee) => operand(callee, "CALL"),
                callee => {
                    let reason = format!("`{}` cannot be called directly with these arguments", text(callee));
                    ("CALL".to_string(), reason, None)
                }
            },
            Expr::Attribute(attribute) if self.is_dynamic(&attribute.value) => operand(&attribute.value, "LOAD_ATTR"),
            Expr::Attribute(attribute) => {
                let reason = format!("`{}` is no typed slot of `{}`", attribute.attr, text(&attribute.value));
                let cure = format!("declare `{}` with a type in a static class", attribute.attr);
                ("LOAD_ATTR".to_string(), reason, Some(cure))
            }
            Expr::Subscript(subscript) if self.is_dynamic(&subscript.value) => {
                operand(&subscript.value, "BINARY_SUBSCR")
            }
            Expr::Subscript(subscript) => {
                let reason = format!("the index of `{}` is an object", text(&subscript.value));
                let cure = "use a primitive index, or a checked container".to_string();
                ("BINARY_SUBSCR".to_string(), reason, Some(cure))
            }
            Expr::BinOp(operation) => {
                let unknown = [&*operation.left, &*operation.right].into_iter().find(|it| self.is_dynamic(it));
                match unknown {
                    Some(unknown) => operand(unknown, "BINARY_OP"),
                    None => objects("BINARY_OP"),
                }
            }
            Expr::Compare(compare) => {
                let mut operands = std::iter::once(&*compare.left).chain(&compare.comparators);
                match operands.find(|it| self.is_dynamic(it)) {
                    Some(unknown) => operand(unknown, "COMPARE_OP"),
                    None => objects("COMPARE_OP"),
                }
            }
            _ => objects("UNARY_OP"),
        }
    }

    /// How to make the type of an operand known.
    fn cure_for(&self, operand: &'db Expr) -> Option<String> {
        let Expr::Name(name) = operand else {
            return Some("store it in a variable with a type, or use `cast`".to_string());
        };
        let defs = self.semantics.bindings_at(self.file, name.range);
        let kind = defs.last().and_then(Def::kind)?;
        Some(match kind {
            DefinitionKind::Parameter => format!("annotate the parameter `{}`", name.id),
            DefinitionKind::Import => format!("make the module that defines `{}` static", name.id),
            DefinitionKind::Function => format!("annotate what `{}` returns", name.id),
            _ if defs.iter().all(|def| def.file() != Some(self.file)) => {
                "use a builtin that is known to the checker".to_string()
            }
            _ => format!("declare `{}` with a type", name.id),
        })
    }
}

fn objects(what: &str) -> (String, String, Option<String>) {
    let cure = "use primitive types such as `int64` and `double`".to_string();
    (what.to_string(), "the operands are objects".to_string(), Some(cure))
}

/// Whether an expression does something that could be native.
fn is_work(expr: &Expr) -> bool {
    match expr {
        Expr::Call(_) | Expr::Subscript(_) | Expr::BinOp(_) => true,
        // Identity needs no types.
        Expr::Compare(compare) => {
            !compare.ops.iter().all(|op| matches!(op, cinder_syntax::ast::CmpOp::Is | cinder_syntax::ast::CmpOp::IsNot))
        }
        Expr::UnaryOp(operation) => {
            operation.op != cinder_syntax::ast::UnaryOp::Not && !operation.operand.is_literal_expr()
        }
        Expr::Attribute(_) => true,
        _ => false,
    }
}
